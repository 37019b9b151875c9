//! The manifest of an installation with any address.

use jules_slack::manifest::{Way, json, link};
use url::Url;

/// An address. The manifest stays one, and names exactly that address.
pub(super) fn manifest(data: &[u8]) {
    let Ok(url) = Url::parse(&String::from_utf8_lossy(data)) else { return };
    if !matches!(url.scheme(), "http" | "https") {
        return;
    }
    let manifest = json(Way::Address(&url)).expect("is YAML");
    let wanted = format!("{}/slack/events", url.as_str().trim_end_matches('/'));
    for place in [
        "/features/slash_commands/0/url",
        "/settings/event_subscriptions/request_url",
        "/settings/interactivity/request_url",
        "/settings/interactivity/message_menu_options_url",
    ] {
        assert_eq!(manifest.pointer(place).and_then(|url| url.as_str()), Some(wanted.as_str()));
    }
    let link = Url::parse(&link(Way::Address(&url)).expect("is YAML")).expect("is an address");
    assert_eq!(link.query_pairs().count(), 2);
}
