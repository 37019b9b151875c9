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

fn is_pull_request(url: &str) -> bool {
    Url::parse(url)
        .is_ok_and(|url| url.host_str() == Some("github.com") && url.path().contains("/pull/"))
}
