//! The Jules key, and whether there is anything to work on.

use super::check::way_to;
use super::{Check, Environment};
use jules::{Error, Http, JulesClient, Timeouts, Trouble};
use std::sync::Arc;

const NAME: &str = "jules";

const NEW_KEY: &str =
    "Create one at https://jules.google.com/settings#api, and set JULES_API_KEY to it.";
const NO_WAY: &str =
    "Check this machine's network, its proxy (HTTPS_PROXY), and JULES_API_URL if it is set.";

pub(super) async fn look(case: Arc<Environment>) -> Vec<Check> {
    // Each workspace brings its own key then.
    if case.parts.is_oauth_alone {
        return Vec::new();
    }
    let (Some(key), Some(url)) = (&case.parts.jules_key, case.parts.jules_url.clone()) else {
        return vec![Check::settings_first(NAME)];
    };
    let client = Http::new(Timeouts::default()).and_then(|http| JulesClient::new(http, url, key));
    let client = match client {
        Ok(client) => client,
        Err(setup) => return vec![Check::failure(NAME, setup.to_string(), NEW_KEY)],
    };
    match client.source_page(None).await {
        Ok(page) => vec![
            Check::ok(NAME, "Jules accepts JULES_API_KEY"),
            repositories(page.items.len(), page.next.is_some()),
        ],
        Err(error) => vec![refused(&error)],
    }
}

fn repositories(count: usize, has_more: bool) -> Check {
    const NAME: &str = "repositories";
    match (count, has_more) {
        (0, false) => Check::warning(
            NAME,
            "no repository is connected to this Jules account",
            "Connect one at https://jules.google.com.",
        ),
        (1, false) => Check::ok(NAME, "1 connected"),
        (count, false) => Check::ok(NAME, format!("{count} connected")),
        (count, true) => Check::ok(NAME, format!("more than {count} connected")),
    }
}

fn refused(error: &Error) -> Check {
    match error {
        Error::Auth => Check::failure(NAME, "Jules refuses JULES_API_KEY", NEW_KEY),
        Error::Forbidden => Check::failure(
            NAME,
            "Jules doesn't let JULES_API_KEY list repositories",
            "Check at https://jules.google.com whether the account may use the API, or use another \
             account's key.",
        ),
        Error::RateLimited { .. } => Check::warning(
            NAME,
            "Jules is rate-limiting this account",
            "Run this again in a minute.",
        ),
        Error::NotFound => {
            Check::failure(NAME, "there is no Jules API at JULES_API_URL", "Leave it out.")
        }
        Error::Transient(Trouble::NoConnection(why)) => {
            Check::failure(NAME, error.to_string(), way_to(why, NO_WAY))
        }
        Error::Transient(_) => Check::failure(NAME, error.to_string(), NO_WAY),
        Error::CreateRefused
        | Error::WrongState
        | Error::Invalid(_)
        | Error::AmbiguousWrite(_)
        | Error::Decode(_)
        | Error::TooLarge { .. } => Check::failure(
            NAME,
            error.to_string(),
            "Something other than Jules may have responded. Check JULES_API_URL and the proxy.",
        ),
    }
}
