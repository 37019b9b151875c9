//! What the app has in Slack apart from starting a task by its command, mostly as its manifest tells
//! Slack: the page offers no more.

use crate::manifest::{self, Way};
use serde_json::Value;

/// A shortcut of the app.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Shortcut {
    pub(super) name: String,
    pub(super) about: String,
    pub(super) callback_id: String,
}

/// The app's ways in, apart from a command with a task.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Offers {
    /// In the menu of a message.
    pub(super) on_messages: Vec<Shortcut>,
    /// Anywhere.
    pub(super) anywhere: Vec<Shortcut>,
    pub(super) home: bool,
    pub(super) messages: bool,
    /// It hears of mentions.
    pub(super) mentions: bool,
    /// Its command can follow a session that began in Jules.
    pub(super) follows: bool,
}

impl Offers {
    /// Those of this program's manifest.
    ///
    /// # Errors
    /// When the build made no JSON of the manifest, which a test rules out.
    pub(super) fn of_the_app() -> anyhow::Result<Self> {
        let commands = domain::command::help().commands;
        let follows = commands.iter().any(|row| row.usage.starts_with("follow"));
        Ok(Self { follows, ..Self::read(&manifest::json(Way::Socket)?) })
    }

    fn read(manifest: &Value) -> Self {
        let features = &manifest["features"];
        let all = |value: &Value| value.as_array().cloned().unwrap_or_default();
        let events = all(&manifest["settings"]["event_subscriptions"]["bot_events"]);
        let shortcuts = |kind: &str| {
            let all = all(&features["shortcuts"]);
            all.iter().filter(|one| one["type"] == kind).map(shortcut).collect()
        };
        Self {
            on_messages: shortcuts("message"),
            anywhere: shortcuts("global"),
            home: features["app_home"]["home_tab_enabled"] == true,
            messages: features["app_home"]["messages_tab_enabled"] == true,
            mentions: events.iter().any(|event| event == "app_mention"),
            follows: false,
        }
    }
}

fn shortcut(one: &Value) -> Shortcut {
    let text = |name: &str| one[name].as_str().unwrap_or_default().to_owned();
    Shortcut { name: text("name"), about: text("description"), callback_id: text("callback_id") }
}

#[cfg(test)]
mod tests {
    use super::{Offers, Shortcut};
    use serde_json::json;

    #[test]
    fn the_page_offers_what_the_manifest_has() {
        assert_eq!(Offers::read(&json!({})), Offers::default());
        let shortcut = |kind: &str, name: &str| json!({ "type": kind, "name": name, "description": "d", "callback_id": "c" });
        let manifest = json!({
            "features": {
                "app_home": { "home_tab_enabled": true, "messages_tab_enabled": true },
                "shortcuts": [shortcut("message", "Send to Jules"), shortcut("global", "New")],
            },
            "settings": { "event_subscriptions": { "bot_events": ["app_mention"] } },
        });
        let named = |name: &str| {
            vec![Shortcut { name: name.into(), about: "d".into(), callback_id: "c".into() }]
        };
        let wanted = Offers {
            on_messages: named("Send to Jules"),
            anywhere: named("New"),
            home: true,
            messages: true,
            mentions: true,
            follows: false,
        };
        assert_eq!(Offers::read(&manifest), wanted);
        assert!(Offers::of_the_app().unwrap().messages);
    }
}
