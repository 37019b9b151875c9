//! What was filled into a form (`view.state.values`), by block and action.

use super::json;
use domain::ids::ChannelId;
use serde_json::Value;

/// The inputs of a form: what a person left in each. [Slack: view interactions payload]
///
/// An input that was not touched is there with `null` in it, or not there at all; both read as
/// empty.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Values(Value);

/// The option that is selected.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Selected<'a> {
    /// What we gave the option to be known by.
    pub value: &'a str,
    /// What the person read; empty when Slack does not repeat it.
    pub label: &'a str,
}

impl Values {
    pub(super) fn of(payload: &Value, place: &str) -> Self {
        Self(json::at(payload, place).cloned().unwrap_or_default())
    }

    /// The text of a text input, line breaks and all.
    #[must_use]
    pub fn text(&self, block_id: &str, action_id: &str) -> Option<&str> {
        json::text(self.input(block_id, action_id)?, &["/value"])
    }

    /// The option of a select or of radio buttons.
    #[must_use]
    pub fn selected(&self, block_id: &str, action_id: &str) -> Option<Selected<'_>> {
        let option = self.input(block_id, action_id)?.get("selected_option")?;
        Some(Selected {
            value: json::text(option, &["/value"])?,
            label: json::text(option, &["/text/text"]).unwrap_or_default(),
        })
    }

    /// The values of the boxes that are checked, in Slack's order.
    #[must_use]
    pub fn checked(&self, block_id: &str, action_id: &str) -> Vec<&str> {
        self.input(block_id, action_id)
            .and_then(|input| input.get("selected_options")?.as_array())
            .into_iter()
            .flatten()
            .filter_map(|option| json::text(option, &["/value"]))
            .collect()
    }

    /// The conversation of a `conversations_select` or `channels_select`.
    #[must_use]
    pub fn conversation(&self, block_id: &str, action_id: &str) -> Option<ChannelId> {
        let input = self.input(block_id, action_id)?;
        json::id(input, &["/selected_conversation", "/selected_channel"], ChannelId::parse)
    }

    fn input(&self, block_id: &str, action_id: &str) -> Option<&Value> {
        self.0.get(block_id)?.get(action_id)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn values(input: &Value) -> Values {
        Values::of(&json!({"values": {"block": {"action": input}}}), "/values")
    }

    #[test]
    fn each_kind_of_input_is_read() {
        let text = values(&json!({"type": "plain_text_input", "value": "one\ntwo"}));
        assert_eq!(text.text("block", "action"), Some("one\ntwo"));

        let option = json!({"text": {"type": "plain_text", "text": "Main"}, "value": "main"});
        let select = values(&json!({"selected_option": option}));
        assert_eq!(
            select.selected("block", "action"),
            Some(Selected { value: "main", label: "Main" })
        );

        let boxes = values(&json!({"selected_options": [option, {"value": "b"}]}));
        assert_eq!(boxes.checked("block", "action"), ["main", "b"]);

        for field in ["selected_conversation", "selected_channel"] {
            let place = values(&json!({ field: "C1" })).conversation("block", "action");
            assert_eq!(place.unwrap().as_str(), "C1");
        }
    }

    #[test]
    fn untouched_missing_and_odd_inputs_are_empty() {
        for input in [
            json!({"value": null, "selected_option": null, "selected_options": null}),
            json!({"value": "", "selected_option": {}, "selected_options": [null, {}]}),
            json!({"value": 5, "selected_option": 5, "selected_options": 5}),
            json!([]),
            Value::Null,
        ] {
            let values = values(&input);
            assert_eq!(values.text("block", "action"), None, "{input}");
            assert_eq!(values.selected("block", "action"), None, "{input}");
            assert_eq!(values.checked("block", "action"), [""; 0], "{input}");
            assert_eq!(values.conversation("block", "action"), None, "{input}");
            assert_eq!(values.text("block", "other"), None);
            assert_eq!(values.text("other", "action"), None);
        }
    }
}
