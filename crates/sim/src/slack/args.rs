//! The arguments of a call, from a JSON body, a form or the query.
//!
//! Slack takes all three for methods that write, and only form and query for methods that read. In a
//! form `blocks`, `metadata` and `view` are JSON inside a string, and truth is written in many ways.

use super::answer::{Fields, Refusal};
use serde_json::{Value, json};
use url::form_urlencoded;

/// The arguments of one call by name.
#[derive(Debug, Clone, Default)]
pub(super) struct Args {
    pub(super) given: Fields,
    /// A JSON body without a charset, about which Slack warns.
    pub(super) no_charset: bool,
}

impl Args {
    /// Reads query and body. A JSON body of a method that reads is passed over, as Slack does.
    pub(super) fn read(
        query: &str,
        content_type: &str,
        body: &[u8],
        takes_json: bool,
    ) -> Result<Self, Refusal> {
        let mut args = Self::default();
        args.form(query.as_bytes());
        let kind = content_type.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
        if body.is_empty() {
            return Ok(args);
        }
        match kind.as_str() {
            "application/x-www-form-urlencoded" => args.form(body),
            "application/json" if takes_json => {
                let value: Value =
                    serde_json::from_slice(body).map_err(|_| Refusal::new("invalid_json"))?;
                let Value::Object(map) = value else {
                    return Err(Refusal::new("json_not_object"));
                };
                args.given.extend(map);
                args.no_charset = !content_type.to_ascii_lowercase().contains("charset");
            }
            "application/json" => {}
            _ => return Err(Refusal::new("invalid_form_data")),
        }
        Ok(args)
    }

    fn form(&mut self, bytes: &[u8]) {
        for (name, value) in form_urlencoded::parse(bytes) {
            self.given.insert(name.into_owned(), json!(value));
        }
    }

    /// A text argument; numbers count as their digits, empty as not given.
    pub(super) fn text(&self, name: &str) -> Option<String> {
        let value = self.given.get(name)?;
        let text = match value.as_str() {
            Some(text) => text.to_owned(),
            None if value.is_number() => value.to_string(),
            None => return None,
        };
        Some(text).filter(|text| !text.is_empty())
    }

    /// A text argument that must be there.
    pub(super) fn need(&self, name: &str) -> Result<String, Refusal> {
        self.text(name).ok_or_else(|| Refusal::lacks(name))
    }

    /// True when given as `true`, `"true"`, `1` or `"1"` (clients differ).
    pub(super) fn flag(&self, name: &str) -> bool {
        self.given.get(name).is_some_and(|value| {
            value.as_bool() == Some(true)
                || value.as_i64() == Some(1)
                || matches!(value.as_str(), Some("true" | "1"))
        })
    }

    /// A page size between 1 and `most`.
    pub(super) fn limit(&self, usual: usize, most: usize) -> Result<usize, Refusal> {
        let Some(text) = self.text("limit") else { return Ok(usual) };
        match text.parse::<usize>() {
            Ok(limit) if limit > 0 => Ok(limit.min(most)),
            _ => Err(Refusal::new("invalid_limit")),
        }
    }

    /// Structured data, given as itself or as JSON in a string. `Err` with `code` when that string is
    /// no JSON.
    pub(super) fn data(&self, name: &str, code: &str) -> Result<Option<Value>, Refusal> {
        let Some(value) = self.given.get(name) else { return Ok(None) };
        match value.as_str() {
            Some("") => Ok(None),
            Some(text) => serde_json::from_str(text).map(Some).map_err(|_| Refusal::new(code)),
            None if value.is_null() => Ok(None),
            None => Ok(Some(value.clone())),
        }
    }
}
