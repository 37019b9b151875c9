//! What a Web API method gives back: fields beside `ok: true`, or a refusal with its code.

use serde_json::{Map, Value, json};

/// The fields beside `ok: true`.
pub(super) type Fields = Map<String, Value>;

/// The outcome of a method.
pub(super) type Answer = Result<Fields, Refusal>;

/// `ok: false` with HTTP 200, as Slack refuses (reference section 13).
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Refusal {
    pub(super) code: String,
    pub(super) more: Fields,
}

impl Refusal {
    pub(super) fn new(code: &str) -> Self {
        Self { code: code.to_owned(), more: Fields::new() }
    }

    /// With `response_metadata.messages`, which say what is wrong and where.
    pub(super) fn because(code: &str, messages: &[String]) -> Self {
        let mut refusal = Self::new(code);
        refusal.more.insert("response_metadata".to_owned(), json!({ "messages": messages }));
        refusal
    }

    /// `invalid_arguments` for a required argument that is not there.
    pub(super) fn lacks(argument: &str) -> Self {
        let message = format!("[ERROR] missing required field: {argument}");
        Self::because("invalid_arguments", &[message])
    }

    /// `missing_scope`, naming what is needed and what was granted.
    pub(super) fn scope(needed: &str, granted: &[String]) -> Self {
        let mut refusal = Self::new("missing_scope");
        refusal.more.insert("needed".to_owned(), json!(needed));
        refusal.more.insert("provided".to_owned(), json!(granted.join(",")));
        refusal
    }
}

/// The fields of a JSON object.
pub(super) fn fields(value: Value) -> Fields {
    if let Value::Object(map) = value { map } else { Fields::new() }
}

/// The body Slack would send.
pub(super) fn body(answer: Answer) -> Value {
    let (ok, mut map) = match answer {
        Ok(map) => (true, map),
        Err(refusal) => {
            let mut map = refusal.more;
            map.insert("error".to_owned(), json!(refusal.code));
            (false, map)
        }
    };
    map.insert("ok".to_owned(), json!(ok));
    Value::Object(map)
}
