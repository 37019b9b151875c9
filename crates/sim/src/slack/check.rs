//! Holds blocks and views against the table in `rules`, and says what is wrong in Slack's manner:
//! `[ERROR] must be less than 76 characters [json-pointer:/blocks/0/text/text]`.

use super::element_rules::ELEMENTS;
use super::rules::{Rule, Shape, Surface, Words};
use serde_json::{Map, Value};

/// Collects what is wrong.
pub(super) struct Check {
    pub(super) surface: Surface,
    pub(super) wrong: Vec<String>,
}

impl Check {
    pub(super) fn new(surface: Surface) -> Self {
        Self { surface, wrong: Vec::new() }
    }

    pub(super) fn say(&mut self, at: &str, what: &str) {
        self.wrong.push(format!("[ERROR] {what} [json-pointer:{at}]"));
    }

    /// One block or element: its kind is known, stands in the right place, and each field fits.
    pub(super) fn thing(&mut self, at: &str, value: &Value, known: &[Shape], allowed: &[&str]) {
        let Some(map) = value.as_object() else { return self.say(at, "must be an object") };
        let kind = map.get("type").and_then(Value::as_str).unwrap_or_default();
        if kind.is_empty() {
            return self.say(at, "missing required field: type");
        }
        let shape = known.iter().find(|shape| shape.kind == kind);
        let fits = allowed.is_empty() || allowed.contains(&kind);
        let Some(shape) = shape.filter(|shape| fits && shape.on.contains(&self.surface)) else {
            return self.say(&format!("{at}/type"), &format!("unsupported type: {kind}"));
        };
        self.fields(at, map, shape.required, shape.optional);
        self.both_or_neither(at, kind, map);
    }

    /// The required fields are there, the others are known, and each one fits.
    pub(super) fn fields(
        &mut self,
        at: &str,
        map: &Map<String, Value>,
        required: &[(&str, Rule)],
        optional: &[(&str, Rule)],
    ) {
        for (name, _) in required {
            if map.get(*name).is_none_or(Value::is_null) {
                self.say(at, &format!("missing required field: {name}"));
            }
        }
        for (name, value) in map {
            let rule = required.iter().chain(optional).find(|(known, _)| known == name);
            match rule {
                Some((_, rule)) if !value.is_null() => {
                    self.rule(&format!("{at}/{name}"), value, *rule);
                }
                None if name != "type" && name != "block_id" => {
                    self.say(at, &format!("invalid additional property: {name}"));
                }
                _ => {}
            }
        }
        if let Some(id) = map.get("block_id") {
            self.rule(&format!("{at}/block_id"), id, Rule::Id);
        }
    }

    fn rule(&mut self, at: &str, value: &Value, rule: Rule) {
        match rule {
            Rule::Any => {}
            Rule::Bool => {
                if !value.is_boolean() {
                    self.say(at, "must be a boolean");
                }
            }
            Rule::Str(most) => self.length(at, value, 0, most),
            Rule::Word(most) => self.length(at, value, 1, most),
            Rule::Id => self.length(at, value, 1, 255),
            Rule::OneOf(words) => {
                if !value.as_str().is_some_and(|word| words.contains(&word)) {
                    self.say(at, &format!("must be a valid enum value: {}", words.join(", ")));
                }
            }
            Rule::Whole(least, most) => {
                if !value.as_i64().is_some_and(|n| (least..=most).contains(&n)) {
                    self.say(at, &format!("must be an integer from {least} to {most}"));
                }
            }
            Rule::Web => self.address(at, value),
            Rule::Plain(most) => self.text(at, value, most, &["plain_text"]),
            Rule::Text(most) => self.text(at, value, most, &["plain_text", "mrkdwn"]),
            Rule::Texts(count, most) => self.each(at, value, 1, count, |check, at, item| {
                check.text(at, item, most, &["plain_text", "mrkdwn"]);
            }),
            Rule::Part(kinds) => self.thing(at, value, ELEMENTS, kinds),
            Rule::Parts(kinds, count) => self.each(at, value, 1, count, |check, at, item| {
                check.thing(at, item, ELEMENTS, kinds);
            }),
            Rule::Choice(words) => self.option(at, value, words),
            Rule::Choices(words, count) => self.each(at, value, 1, count, |check, at, item| {
                check.option(at, item, words);
            }),
            Rule::Groups => self.each(at, value, 1, 100, Self::group),
            Rule::Confirm => self.confirm(at, value),
            Rule::Filter => self.filter(at, value),
        }
    }

    fn length(&mut self, at: &str, value: &Value, least: usize, most: usize) {
        let Some(text) = value.as_str() else { return self.say(at, "must be a string") };
        let count = text.chars().count();
        if count < least {
            self.say(at, "must be more than 0 characters");
        } else if count > most {
            self.say(at, &format!("must be less than {} characters", most + 1));
        }
    }

    fn address(&mut self, at: &str, value: &Value) {
        self.length(at, value, 1, 3000);
        if value.as_str().is_some_and(|text| url::Url::parse(text).is_err()) {
            self.say(at, "must be a valid URL");
        }
    }

    fn text(&mut self, at: &str, value: &Value, most: usize, kinds: &[&str]) {
        self.thing(at, value, ELEMENTS, kinds);
        // Over 3,000 is said by the text object's own rule.
        if let Some(text) = value.get("text").filter(|_| most < 3000) {
            self.length(&format!("{at}/text"), text, 0, most);
        }
    }

    pub(super) fn each(
        &mut self,
        at: &str,
        value: &Value,
        least: usize,
        most: usize,
        look: impl Fn(&mut Self, &str, &Value),
    ) {
        let Some(items) = value.as_array() else { return self.say(at, "must be an array") };
        if items.len() < least {
            self.say(at, &format!("no fewer than {least} items allowed"));
        } else if items.len() > most {
            self.say(at, &format!("no more than {most} items allowed"));
        }
        for (index, item) in items.iter().enumerate() {
            look(self, &format!("{at}/{index}"), item);
        }
    }

    pub(super) fn option(&mut self, at: &str, value: &Value, words: Words) {
        let Some(map) = value.as_object() else { return self.say(at, "must be an object") };
        let text = match words {
            Words::PlainOnly => Rule::Plain(75),
            Words::AlsoMrkdwn => Rule::Text(75),
        };
        self.fields(
            at,
            map,
            &[("text", text), ("value", Rule::Word(150))],
            &[("description", text), ("url", Rule::Web)],
        );
    }

    fn group(&mut self, at: &str, value: &Value) {
        let Some(map) = value.as_object() else { return self.say(at, "must be an object") };
        let options = Rule::Choices(Words::PlainOnly, 100);
        self.fields(at, map, &[("label", Rule::Plain(75)), ("options", options)], &[]);
    }

    fn confirm(&mut self, at: &str, value: &Value) {
        let Some(map) = value.as_object() else { return self.say(at, "must be an object") };
        self.fields(
            at,
            map,
            &[
                ("title", Rule::Plain(100)),
                ("text", Rule::Text(300)),
                ("confirm", Rule::Plain(30)),
                ("deny", Rule::Plain(30)),
            ],
            &[("style", Rule::OneOf(&["primary", "danger"]))],
        );
    }

    fn filter(&mut self, at: &str, value: &Value) {
        const SORTS: &[&str] = &["im", "mpim", "private", "public"];
        let Some(map) = value.as_object() else { return self.say(at, "must be an object") };
        let bool = Rule::Bool;
        let flags = [("exclude_external_shared_channels", bool), ("exclude_bot_users", bool)];
        self.fields(at, map, &[], &[("include", Rule::Any), flags[0], flags[1]]);
        if map.is_empty() {
            self.say(at, "must have at least one of: include, exclude_external_shared_channels, exclude_bot_users");
        }
        if let Some(include) = map.get("include") {
            self.each(&format!("{at}/include"), include, 1, SORTS.len(), |check, at, item| {
                check.rule(at, item, Rule::OneOf(SORTS));
            });
        }
    }

    /// What the table cannot say: fields of which one is needed, or that shut each other out.
    fn both_or_neither(&mut self, at: &str, kind: &str, map: &Map<String, Value>) {
        let has = |name: &str| map.get(name).is_some_and(|value| !value.is_null());
        match kind {
            "section" if !has("text") && !has("fields") => {
                self.say(at, "missing required field: text or fields");
            }
            "image" if has("image_url") == has("slack_file") => {
                self.say(at, "must have exactly one of: image_url, slack_file");
            }
            "static_select" | "multi_static_select" if has("options") == has("option_groups") => {
                self.say(at, "must have exactly one of: options, option_groups");
            }
            "rich_text" => self.rich_text(at, map),
            "table" => self.table(at, map),
            "radio_buttons" | "static_select" | "checkboxes" | "multi_static_select" => {
                self.initial_is_offered(at, map);
            }
            _ => {}
        }
    }

    fn initial_is_offered(&mut self, at: &str, map: &Map<String, Value>) {
        let offered = super::state::offered(map);
        let initial = map
            .get("initial_option")
            .into_iter()
            .chain(map.get("initial_options").and_then(Value::as_array).into_iter().flatten());
        for option in initial.filter(|option| !option.is_null()) {
            if !offered.iter().any(|known| super::state::same_option(known, option)) {
                self.say(at, "initial option does not match any of the options");
            }
        }
    }
}

/// What is wrong with the answer to an option load (reference section 7); empty when it is good.
pub(super) fn option_answer(answer: &Value) -> Vec<String> {
    let mut check = Check::new(Surface::Modal);
    match (answer.get("options"), answer.get("option_groups")) {
        // No options at all is an answer: "no results".
        (Some(options), None) => check.each("/options", options, 0, 100, |check, at, item| {
            check.option(at, item, Words::PlainOnly);
        }),
        (None, Some(groups)) => check.each("/option_groups", groups, 0, 100, Check::group),
        (Some(_), Some(_)) | (None, None) => {
            check.say("", "must have exactly one of: options, option_groups");
        }
    }
    check.wrong
}
