//! The manifest of the Slack app, for this installation.
//!
//! `manifest.yml` is the one source: the form for a public address, with a stand-in for it. The two
//! forms differ by that address and one switch, so they are made by lines, which keeps the comments.

use serde_json::Value;
use url::Url;

/// The form for a public address.
const SOURCE: &str = include_str!("../manifest.yml");

/// The same as JSON, which the build makes of it.
const JSON: &str = include_str!(concat!(env!("OUT_DIR"), "/manifest.json"));

/// What stands in the source where an installation has its own address.
pub(crate) const STAND_IN: &str = "https://jules.example.com";

/// How Slack reaches the app.
#[derive(Debug, Clone, Copy)]
pub enum Way<'a> {
    /// Through connections that the app opens: no address. [Slack: Socket Mode]
    Socket,
    /// At this address.
    Address(&'a Url),
}

/// The manifest in YAML, with a word on each scope.
#[must_use]
pub fn yaml(way: Way<'_>) -> String {
    let about_the_source = |line: &&str| line.starts_with('#');
    let lines = SOURCE.lines().skip_while(about_the_source);
    let lines: Vec<String> = match way {
        // Slack refuses no address here, but none would ever be called (slack-platform.md §19).
        Way::Socket => lines
            .filter(|line| !line.contains(STAND_IN))
            .map(|line| line.replace("socket_mode_enabled: false", "socket_mode_enabled: true"))
            .collect(),
        Way::Address(url) => {
            let address = url.as_str().trim_end_matches('/');
            lines.map(|line| line.replace(STAND_IN, address)).collect()
        }
    };
    lines.join("\n") + "\n"
}

/// The same in JSON.
///
/// # Errors
/// When the build made no JSON of it, which a test rules out.
pub fn json(way: Way<'_>) -> Result<Value, serde_json::Error> {
    let mut manifest = serde_json::from_str(JSON)?;
    match way {
        Way::Socket => {
            leave_out_addresses(&mut manifest);
            manifest["settings"]["socket_mode_enabled"] = Value::Bool(true);
        }
        Way::Address(url) => set_address(&mut manifest, url.as_str().trim_end_matches('/')),
    }
    Ok(manifest)
}

/// The bot's scopes, those among them that may be declined too: what an installation asks for.
///
/// # Errors
/// As [`json`].
pub fn scopes() -> Result<Vec<String>, serde_json::Error> {
    let manifest: Value = serde_json::from_str(JSON)?;
    let all = manifest["oauth_config"]["scopes"]["bot"].as_array().into_iter().flatten();
    Ok(all.filter_map(|scope| scope.as_str().map(str::to_owned)).collect())
}

fn is_address(value: &Value) -> bool {
    value.as_str().is_some_and(|text| text.contains(STAND_IN))
}

fn leave_out_addresses(part: &mut Value) {
    match part {
        Value::Object(fields) => {
            let is_left = |field: &Value| match field {
                Value::Array(items) => items.is_empty() || !items.iter().all(is_address),
                _ => !is_address(field),
            };
            fields.retain(|_, field| is_left(field));
            fields.values_mut().for_each(leave_out_addresses);
        }
        Value::Array(items) => {
            items.retain(|item| !is_address(item));
            items.iter_mut().for_each(leave_out_addresses);
        }
        Value::String(_) | Value::Number(_) | Value::Bool(_) | Value::Null => {}
    }
}

fn set_address(part: &mut Value, address: &str) {
    match part {
        Value::Object(fields) => {
            fields.values_mut().for_each(|field| set_address(field, address));
        }
        Value::Array(items) => items.iter_mut().for_each(|item| set_address(item, address)),
        Value::String(text) => *text = text.replace(STAND_IN, address),
        Value::Number(_) | Value::Bool(_) | Value::Null => {}
    }
}

/// The link that opens Slack's page for a new app with the manifest filled in. [Slack: "Sharing
/// manifests"]
///
/// # Errors
/// As [`json`].
pub fn link(way: Way<'_>) -> Result<String, serde_json::Error> {
    let manifest = json(way)?.to_string();
    let query = url::form_urlencoded::Serializer::new(String::new())
        .append_pair("new_app", "1")
        .append_pair("manifest_json", &manifest)
        .finish();
    // Slack's page reads `%20`; not every page takes `+` for a space.
    Ok(format!("https://api.slack.com/apps?{}", query.replace('+', "%20")))
}

/// Every scope that the bot token needs: those that the manifest asks for, but the optional ones.
///
/// # Errors
/// As [`json`].
pub fn needed_scopes() -> Result<Vec<String>, serde_json::Error> {
    let manifest = json(Way::Socket)?;
    let scopes = &manifest["oauth_config"]["scopes"];
    let listed = |kind: &str| {
        let scopes = scopes[kind].as_array().into_iter().flatten();
        scopes.filter_map(|scope| scope.as_str().map(str::to_owned)).collect::<Vec<_>>()
    };
    let optional = listed("bot_optional");
    Ok(listed("bot").into_iter().filter(|scope| !optional.contains(scope)).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_two_forms_differ_by_addresses_and_one_switch() {
        let url = Url::parse("https://bot.example.org/jules/").unwrap();
        let (address, socket) = (yaml(Way::Address(&url)), yaml(Way::Socket));
        assert!(!address.contains("example.com") && !socket.contains("https://"), "{socket}");
        assert!(address.contains(" https://bot.example.org/jules/slack/events\n"), "{address}");
        let differ = |one: &str, other: &str| -> Vec<String> {
            let rest = one.lines().filter(|line| !other.lines().any(|known| known == *line));
            rest.map(|line| line.trim().to_owned()).collect()
        };
        assert_eq!(differ(&socket, &address), ["socket_mode_enabled: true"]);
        assert!(differ(&address, &socket).iter().all(
            |line| line.contains("https://bot.example") || line == "socket_mode_enabled: false"
        ));
    }

    #[test]
    fn both_forms_say_the_same_in_yaml_and_in_json() {
        let url = Url::parse("https://bot.example.org/jules/").unwrap();
        for way in [Way::Socket, Way::Address(&url)] {
            let of_yaml: Value = serde_norway::from_str(&yaml(way)).unwrap();
            assert_eq!(json(way).unwrap(), of_yaml, "{way:?}");
        }
    }

    #[test]
    fn the_link_carries_the_whole_manifest() {
        let link = Url::parse(&link(Way::Socket).unwrap()).unwrap();
        let pairs: Vec<_> = link.query_pairs().collect();
        assert_eq!((&*pairs[0].0, &*pairs[0].1), ("new_app", "1"));
        assert_eq!(pairs[1].0, "manifest_json");
        let carried: Value = serde_json::from_str(&pairs[1].1).unwrap();
        assert_eq!(carried, json(Way::Socket).unwrap());
    }
}
