//! Whether Socket Mode can connect. The ticket isn't used: a connection would get a share of the running
//! bot's deliveries.

use super::check::way_to;
use super::slack::{NO_WAY, connector};
use super::{Check, Environment};
use slack::connections_open::ConnectionsOpen;
use slack::error::CallError;
use std::sync::Arc;

const NAME: &str = "socket mode";

const MAKE_TOKEN: &str = "Create an app-level token with the scope connections:write on your app's page at \
                          https://api.slack.com/apps: Basic Information, App-Level Tokens.";
const SWITCH_ON: &str =
    "Turn on Socket Mode on your app's page at https://api.slack.com/apps: Socket Mode.";

pub(super) async fn look(case: Arc<Environment>) -> Vec<Check> {
    let Some(token) = &case.parts.app_token else {
        return vec![if case.is_http() {
            Check::ok(NAME, "off: SLACK_APP_TOKEN is not set")
        } else {
            Check::settings_first(NAME)
        }];
    };
    let drawn = match connector(&case) {
        Ok(connector) => ConnectionsOpen::new(connector, token).draw().await,
        Err(reason) => return vec![Check::failure(NAME, reason, "Fix that first.")],
    };
    vec![match drawn {
        Ok(_) => Check::ok(NAME, "this app can connect"),
        Err(error) => refused(&error),
    }]
}

fn refused(error: &CallError) -> Check {
    match error {
        CallError::MissingRights { code, needed } if code == "missing_scope" => {
            let scope = needed.as_deref().unwrap_or("connections:write");
            Check::failure(NAME, format!("SLACK_APP_TOKEN lacks the scope {scope}"), MAKE_TOKEN)
        }
        CallError::MissingRights { code, .. } | CallError::DeadInstallation(code) => {
            Check::failure(NAME, format!("Slack refuses SLACK_APP_TOKEN: {code}"), MAKE_TOKEN)
        }
        CallError::RateLimited { after } => Check::warning(
            NAME,
            format!("Slack is rate-limiting this app for {} s", after.as_secs()),
            "Run this again later.",
        ),
        // Slack's code for this is not published; all that is left once the token is accepted is
        // whether the app has Socket Mode switched on.
        CallError::State(code) => {
            Check::failure(NAME, format!("Slack refuses a connection: {code}"), SWITCH_ON)
        }
        CallError::Unreachable(why) => Check::failure(NAME, error.to_string(), way_to(why, NO_WAY)),
        CallError::Unknown(_)
        | CallError::Unclear(_)
        | CallError::TooLarge
        | CallError::Place(_)
        | CallError::Content { .. }
        | CallError::UntrustedUrl => Check::failure(NAME, error.to_string(), NO_WAY),
    }
}
