//! Reading single fields of a payload that may be shaped otherwise than documented.

use domain::secret::Secret;
use serde_json::Value;

/// What stands at `place`, a path such as `/team/id` or `/authorizations/0/team_id`. Unlike a JSON
/// pointer it knows no escapes, and allocates nothing.
pub(super) fn at<'a>(payload: &'a Value, place: &str) -> Option<&'a Value> {
    let (mut within, mut rest) = (payload, place);
    while let Some(path) = rest.strip_prefix('/') {
        let (name, further) =
            path.split_at(path.bytes().position(|b| b == b'/').unwrap_or(path.len()));
        within = match within {
            Value::Object(fields) => fields.get(name)?,
            Value::Array(items) => items.get(name.parse::<usize>().ok()?)?,
            _ => return None,
        };
        rest = further;
    }
    Some(within)
}

/// The text at the first of `places` that holds one that is not empty.
pub(super) fn text<'a>(payload: &'a Value, places: &[&str]) -> Option<&'a str> {
    places.iter().filter_map(|place| at(payload, place)?.as_str()).find(|text| !text.is_empty())
}

/// The same as a `String`.
pub(super) fn owned(payload: &Value, places: &[&str]) -> Option<String> {
    text(payload, places).map(str::to_owned)
}

/// The same, as something not to be shown.
pub(super) fn secret(payload: &Value, place: &str) -> Option<Secret> {
    text(payload, &[place]).map(Secret::new)
}

/// The id at the first of `places` that holds a text; `None` when that one is no id.
pub(super) fn id<T, E>(
    payload: &Value,
    places: &[&str],
    parse: impl Fn(&str) -> Result<T, E>,
) -> Option<T> {
    text(payload, places).and_then(|text| parse(text).ok())
}

/// A flag. Slash commands, being forms, write theirs as the texts `"true"` and `"false"`.
pub(super) fn flag(payload: &Value, place: &str) -> Option<bool> {
    match at(payload, place)? {
        Value::Bool(flag) => Some(*flag),
        Value::String(text) => text.parse().ok(),
        _ => None,
    }
}
