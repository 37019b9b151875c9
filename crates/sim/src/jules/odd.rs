//! Ready-made oddities: things no client knows, things that are missing, and nasty text
//! (reference §7.2, F8, F9, F15).

use super::fault::Fault;
use serde_json::{Map, Value, json};

/// Calls `change` with every object of the reply that has `key`.
fn each_with(key: &'static str, change: fn(&mut Map<String, Value>)) -> Fault {
    Fault::rewrite(move |json| walk(json, key, change))
}

fn walk(json: &mut Value, key: &str, change: fn(&mut Map<String, Value>)) {
    match json {
        Value::Object(map) => {
            map.values_mut().for_each(|inner| walk(inner, key, change));
            if map.contains_key(key) {
                change(map);
            }
        }
        Value::Array(items) => items.iter_mut().for_each(|inner| walk(inner, key, change)),
        _ => {}
    }
}

/// The keys that say what kind an activity is.
const KINDS: [&str; 7] = [
    "agentMessaged",
    "userMessaged",
    "planGenerated",
    "planApproved",
    "progressUpdated",
    "sessionCompleted",
    "sessionFailed",
];

/// Sessions in a state that nobody has heard of.
#[must_use]
pub fn unknown_state() -> Fault {
    each_with("state", |session| {
        session.insert("state".into(), json!("AWAITING_THE_MUSE"));
    })
}

/// Activities of a kind that nobody has heard of.
#[must_use]
pub fn unknown_activity_kind() -> Fault {
    each_with("originator", |activity| {
        activity.retain(|key, _| !KINDS.contains(&key.as_str()));
        activity.insert("haikuComposed".into(), json!({ "lines": ["old pond", "frog", "plop"] }));
    })
}

/// Activities with no kind at all, only a description, as the documentation has one.
#[must_use]
pub fn no_activity_kind() -> Fault {
    each_with("originator", |activity| {
        activity.retain(|key, _| !KINDS.contains(&key.as_str()));
        activity.insert("description".into(), json!("Session started"));
    })
}

/// Activities with a second kind beside their own.
#[must_use]
pub fn two_activity_kinds() -> Fault {
    each_with("originator", |activity| {
        activity.insert("progressUpdated".into(), json!({ "title": "Also this" }));
        activity.insert("agentMessaged".into(), json!({ "agentMessage": "And this." }));
    })
}

/// Activities with an artifact that nobody has heard of.
#[must_use]
pub fn unknown_artifact() -> Fault {
    each_with("originator", |activity| {
        activity.insert("artifacts".into(), json!([{ "hologram": { "depth": 3 } }]));
    })
}

/// Sessions with an output that nobody has heard of, before the others.
#[must_use]
pub fn unknown_output() -> Fault {
    each_with("prompt", |session| {
        let outputs = session.entry("outputs").or_insert_with(|| json!([]));
        if let Value::Array(outputs) = outputs {
            outputs.insert(0, json!({ "deployment": { "url": "https://example.com" } }));
        }
    })
}

/// Sources that are not on GitHub.
#[must_use]
pub fn unknown_source_kind() -> Fault {
    each_with("githubRepo", |source| {
        if let Some(repo) = source.remove("githubRepo") {
            source.insert("forgeRepo".into(), repo);
        }
    })
}

/// A field that nobody has heard of, in every object.
#[must_use]
pub fn extra_fields() -> Fault {
    fn add(json: &mut Value) {
        match json {
            Value::Object(map) => {
                map.values_mut().for_each(add);
                map.insert("somethingNew".into(), json!({ "a": [1, "two", null] }));
            }
            Value::Array(items) => items.iter_mut().for_each(add),
            _ => {}
        }
    }
    Fault::rewrite(add)
}

/// Replies without these fields, wherever they stand (F9).
#[must_use]
pub fn without(fields: &'static [&'static str]) -> Fault {
    fn strip(json: &mut Value, fields: &[&str]) {
        match json {
            Value::Object(map) => {
                map.retain(|key, _| !fields.contains(&key.as_str()));
                map.values_mut().for_each(|inner| strip(inner, fields));
            }
            Value::Array(items) => items.iter_mut().for_each(|inner| strip(inner, fields)),
            _ => {}
        }
    }
    Fault::rewrite(move |json| strip(json, fields))
}

/// Texts that break what is built carelessly (F15): Slack's own markup, code fences, control
/// characters, writing from right to left, and 100 KB of words.
#[must_use]
pub fn nasty_texts() -> Vec<String> {
    vec![
        "<!channel> <!here> <!everyone> please look".into(),
        "ask <@U012AB3CD> in <#C012AB3CD|general> or <!subteam^S012AB3CD>".into(),
        "<https://evil.example|https://github.com/your/repo>".into(),
        "a & b < c > d &amp; &lt;!channel&gt;".into(),
        "```\nfenced ``` twice\n```\nand `one` more ``` ".into(),
        "- one\n- two\n  - nested\n\n# Heading\n**bold** _it_ ~no~ *star*".into(),
        "👩🏽‍💻 👍🏿 :tada: :not_an_emoji: e\u{301}".into(),
        "\u{202e}txt.exe\u{202c} ‏שלום‏ مرحبا".into(),
        "nul \u{0} bell \u{7} escape \u{1b}[31m red \u{fffe} end".into(),
        "\n\n   \n".into(),
        "word ".repeat(20_480),
    ]
}
