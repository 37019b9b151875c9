//! Finding the secrets inside a JSON value, whatever its type was, and sealing each where it stands.
//!
//! Written once here so that no record can forget it: a field is sealed because it is a
//! [`Secret`](crate::domain::secret::Secret), not because somebody listed it.

use super::seal::{SealError, Sealer};
use crate::domain::secret::SECRET_MARK;
use serde_json::{Map, Value};

/// The one field of a sealed secret, `{"$sealed":"…"}`.
const SEALED_MARK: &str = "$sealed";

/// Why a value could not be sealed or opened.
#[derive(Debug, thiserror::Error)]
pub(super) enum WalkError {
    /// Sealing itself.
    #[error(transparent)]
    Seal(#[from] SealError),
    /// The value looks sealed before it was; storing it would not give it back as it was.
    #[error("it holds a field `{SEALED_MARK}`, which is the store's own")]
    Forged,
}

/// Replaces each `{"$secret":"…"}` by `{"$sealed":"…"}`. `place` is the document's key: a sealed
/// secret that is copied into another document does not open there.
pub(super) fn seal(value: &mut Value, sealer: &Sealer, place: &str) -> Result<(), WalkError> {
    if let Some(plain) = lone(value, SECRET_MARK) {
        *value = marked(SEALED_MARK, sealer.seal(plain.as_bytes(), place.as_bytes())?);
        return Ok(());
    }
    if value.get(SEALED_MARK).is_some() {
        return Err(WalkError::Forged);
    }
    children(value).try_for_each(|child| seal(child, sealer, place))
}

/// The way back.
pub(super) fn open(value: &mut Value, sealer: &Sealer, place: &str) -> Result<(), WalkError> {
    if let Some(sealed) = lone(value, SEALED_MARK) {
        let plain = sealer.open(sealed, place.as_bytes())?;
        let plain = String::from_utf8(plain).map_err(|_| SealError::Broken)?;
        *value = marked(SECRET_MARK, plain);
        return Ok(());
    }
    children(value).try_for_each(|child| open(child, sealer, place))
}

/// How many secrets are sealed in it.
pub(super) fn count(value: &Value) -> usize {
    if lone(value, SEALED_MARK).is_some() {
        return 1;
    }
    match value {
        Value::Array(items) => items.iter().map(count).sum(),
        Value::Object(fields) => fields.values().map(count).sum(),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => 0,
    }
}

/// The text in an object whose only field is `mark`.
fn lone<'v>(value: &'v Value, mark: &str) -> Option<&'v str> {
    let fields = value.as_object().filter(|fields| fields.len() == 1)?;
    fields.get(mark)?.as_str()
}

fn marked(mark: &str, text: String) -> Value {
    Value::Object(Map::from_iter([(mark.to_owned(), Value::String(text))]))
}

fn children(value: &mut Value) -> Box<dyn Iterator<Item = &mut Value> + '_> {
    match value {
        Value::Array(items) => Box::new(items.iter_mut()),
        Value::Object(fields) => Box::new(fields.values_mut()),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {
            Box::new(std::iter::empty())
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use serde_json::json;

    fn sealer() -> Sealer {
        Sealer::new(&[7; 32], &[])
    }

    #[test]
    fn a_secret_is_found_at_any_depth_and_nothing_else_is_touched() {
        let plain = json!({
            "name": "{\"$secret\":\"forged\"}",
            "teams": [{ "token": { "$secret": "xoxb-1" } }, null, 3],
            "both": { "$secret": "kept", "other": 1 },
        });
        let mut value = plain.clone();
        seal(&mut value, &sealer(), "team/T1").expect("seals");
        assert_eq!(value["name"], plain["name"]);
        assert_eq!(value["both"], plain["both"]);
        assert!(value["teams"][0]["token"]["$sealed"].is_string());
        assert!(!value.to_string().contains("xoxb-1"));
        open(&mut value, &sealer(), "team/T1").expect("opens");
        assert_eq!(value, plain);
    }

    #[test]
    fn a_sealed_secret_opens_in_its_own_document_only() {
        let mut value = json!({ "token": { "$secret": "xoxb-1" } });
        seal(&mut value, &sealer(), "team/T1").expect("seals");
        let moved = open(&mut value, &sealer(), "team/T2");
        assert!(matches!(moved, Err(WalkError::Seal(SealError::Broken))));
    }

    #[test]
    fn what_looks_sealed_already_is_not_stored() {
        let mut value = json!({ "by_name": { "$sealed": "0.AAAA" } });
        assert!(matches!(seal(&mut value, &sealer(), "k"), Err(WalkError::Forged)));
    }

    fn any_json() -> impl Strategy<Value = Value> {
        let leaf = prop_oneof![
            Just(Value::Null),
            any::<i64>().prop_map(Value::from),
            ".*".prop_map(Value::from),
            ".*".prop_map(|text| json!({ "$secret": text })),
        ];
        leaf.prop_recursive(4, 32, 4, |inner| {
            prop_oneof![
                prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
                prop::collection::btree_map("[a-z$]{1,7}", inner, 0..4)
                    .prop_map(|fields| Value::Object(fields.into_iter().collect())),
            ]
        })
    }

    proptest! {
        #[test]
        fn opening_undoes_sealing(plain in any_json()) {
            let mut value = plain.clone();
            seal(&mut value, &sealer(), "k").expect("seals");
            prop_assert!(!value.to_string().contains("$secret\":\""), "{}", value);
            open(&mut value, &sealer(), "k").expect("opens");
            prop_assert_eq!(value, plain);
        }
    }
}
