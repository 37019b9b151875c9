//! Links out of the page.

use maud::{Markup, html};
use std::borrow::Cow;
use url::Url;
use url::form_urlencoded::byte_serialize;

/// A link that opens in another tab.
pub(super) fn drawn(url: &str, label: &Markup) -> Markup {
    html! { a href=(target(url)) target="_blank" rel="noopener noreferrer" { (label) } }
}

/// Where a link leads here: what exists only in the simulation is shown by the demo itself.
pub(super) fn target(url: &str) -> Cow<'_, str> {
    if let Some(message) = message(url) {
        return Cow::Owned(message);
    }
    if session(url).is_none() && !is_pull_request(url) {
        return Cow::Borrowed(url);
    }
    let to: String = byte_serialize(url.as_bytes()).collect();
    Cow::Owned(format!("/elsewhere?to={to}"))
}

/// The id of the session whose page this is.
pub(super) fn session(url: &str) -> Option<String> {
    let url = Url::parse(url).ok()?;
    let here = url.host_str() == Some("jules.google.com");
    let id = url.path().strip_prefix("/session/").filter(|_| here)?;
    Some(id.trim_end_matches('/').to_owned())
}

/// The page's own address for a message's permalink.
fn message(url: &str) -> Option<String> {
    let url = Url::parse(url).ok()?;
    let here = url.host_str() == Some("acme.slack.com") && url.path().starts_with("/archives/");
    let query = url.query().map(|query| format!("?{query}")).unwrap_or_default();
    here.then(|| format!("{}{query}", url.path()))
}

fn is_pull_request(url: &str) -> bool {
    Url::parse(url)
        .is_ok_and(|url| url.host_str() == Some("github.com") && url.path().contains("/pull/"))
}

#[cfg(test)]
mod tests {
    use super::target;

    #[test]
    fn what_is_only_simulated_is_shown_here() {
        for (url, there) in [
            ("https://acme.slack.com/archives/C0DEV/p17200", "/archives/C0DEV/p17200"),
            (
                "https://acme.slack.com/archives/C1/p2?thread_ts=1.1",
                "/archives/C1/p2?thread_ts=1.1",
            ),
            (
                "https://jules.google.com/session/7",
                "/elsewhere?to=https%3A%2F%2Fjules.google.com%2Fsession%2F7",
            ),
            ("https://docs.rs/maud", "https://docs.rs/maud"),
            ("https://acme.slack.com/help", "https://acme.slack.com/help"),
        ] {
            assert_eq!(target(url), there);
        }
    }
}
