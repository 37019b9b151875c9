//! Finding the secrets inside a document's JSON, whatever its type was, and sealing each where it
//! stands.
//!
//! Written once here so that no record can forget it: a field is sealed because it is a
//! [`Secret`](domain::secret::Secret), not because someone listed it. It works on the text:
//! within a JSON string a quotation mark is escaped, so `"$secret"` with both of them is a string of its
//! own, and with a colon behind it a field's name, never something that a person wrote.

use super::seal::{SealError, Sealer};
use domain::secret::{LOST_MARK, SECRET_MARK};
use memchr::memmem;
use serde_json::Deserializer;
use std::borrow::Cow;
use std::ops::Range;

/// The one field of a sealed secret, `{"$sealed":"…"}`.
const SEALED_MARK: &str = "$sealed";

/// The names of fields that are looked for, all of which begin with a `$`.
const MARKS: [&str; 3] = [SEALED_MARK, SECRET_MARK, LOST_MARK];

/// Why a document could not be sealed or opened.
#[derive(Debug, thiserror::Error)]
pub(super) enum WalkError {
    /// Sealing itself.
    #[error(transparent)]
    Seal(#[from] SealError),
    /// The document looks sealed before it was; storing it would not give it back as it was.
    #[error("it holds a field `{SEALED_MARK}`, which is the store's own")]
    Forged,
}

/// Replaces each `{"$secret":"…"}` by `{"$sealed":"…"}`, and what could not be opened by what it was.
///
/// `place` is the document's key: a sealed secret that is copied into another document does not open there.
pub(super) fn seal<'j>(
    json: &'j str,
    sealer: &Sealer,
    place: &str,
) -> Result<Cow<'j, str>, WalkError> {
    let marked: Vec<Field> = fields(json).collect();
    if marked.iter().any(|field| field.mark == SEALED_MARK) {
        return Err(WalkError::Forged);
    }
    replaced(json, marked, |mark, text| {
        let sealed = if mark == SECRET_MARK {
            sealer.seal(text.as_bytes(), place.as_bytes())?
        } else {
            // What didn't open is kept as it was.
            text
        };
        Ok(object(SEALED_MARK, sealed))
    })
}

/// The way back.
pub(super) fn open<'j>(
    json: &'j str,
    sealer: &Sealer,
    place: &str,
) -> Result<Cow<'j, str>, WalkError> {
    replaced(json, sealed_fields(json), |_, sealed| {
        Ok(object(SECRET_MARK, opened(&sealed, sealer, place)?))
    })
}

/// The way back as far as it goes: one that does not open stays sealed, as `{"$lost":"…"}`. Gives why the first of them
/// does not, too.
pub(super) fn open_what_opens<'j>(
    json: &'j str,
    sealer: &Sealer,
    place: &str,
) -> (Cow<'j, str>, Option<SealError>) {
    let mut lost = None;
    let read = replaced(json, sealed_fields(json), |_, sealed| {
        Ok(match opened(&sealed, sealer, place) {
            Ok(plain) => object(SECRET_MARK, plain),
            Err(error) => {
                lost.get_or_insert(error);
                object(LOST_MARK, sealed)
            }
        })
    });
    (read.unwrap_or(Cow::Borrowed(json)), lost)
}

/// What is not secret: in place of each sealed secret stands `null`.
pub(super) fn without_secrets(json: &str) -> Cow<'_, str> {
    let open = replaced(json, sealed_fields(json), |_, _| Ok("null".to_owned()));
    open.unwrap_or(Cow::Borrowed(json))
}

fn opened(sealed: &str, sealer: &Sealer, place: &str) -> Result<String, SealError> {
    let plain = sealer.open(sealed, place.as_bytes())?;
    String::from_utf8(plain).map_err(|_| SealError::Broken)
}

/// An object with this one field.
fn object(mark: &str, text: String) -> String {
    let text = serde_json::Value::String(text).to_string();
    ["{\"", mark, "\":", &text, "}"].concat()
}

/// Whether a secret in it was sealed with a key that doesn't seal any more.
pub(super) fn is_old(json: &str, sealer: &Sealer) -> bool {
    lone(json, sealed_fields(json)).any(|one| !sealer.is_current(&one.text))
}

/// How many secrets are sealed in it.
pub(super) fn count(json: &str) -> usize {
    lone(json, sealed_fields(json)).count()
}

/// The JSON with something else in place of each object that has one of these fields alone, made from its mark and
/// its text.
fn replaced(
    json: &str,
    fields: impl IntoIterator<Item = Field>,
    mut change: impl FnMut(&'static str, String) -> Result<String, WalkError>,
) -> Result<Cow<'_, str>, WalkError> {
    let (mut new, mut done) = (String::new(), 0);
    for Lone { object, mark, text } in lone(json, fields) {
        let changed = change(mark, text)?;
        // For one secret this is all, and nothing is copied as the text grows.
        new.reserve(json.len() - done + changed.len());
        new.push_str(&json[done..object.start]);
        new.push_str(&changed);
        done = object.end;
    }
    if done == 0 {
        return Ok(Cow::Borrowed(json));
    }
    new.push_str(&json[done..]);
    Ok(Cow::Owned(new))
}

/// An object that has one field, with a text.
struct Lone {
    /// Where the object stands, its braces included.
    object: Range<usize>,
    mark: &'static str,
    text: String,
}

/// The objects that have one of these fields, with a text, and no other.
fn lone(json: &str, fields: impl IntoIterator<Item = Field>) -> impl Iterator<Item = Lone> {
    fields.into_iter().filter_map(move |Field { mark, at }| {
        let start = json[..at.start].trim_ascii_end().strip_suffix('{')?.len();
        let mut value = Deserializer::from_str(&json[at.end..]).into_iter::<String>();
        let text = value.next()?.ok()?;
        let behind = at.end + value.byte_offset();
        let left = json[behind..].trim_ascii_start().strip_prefix('}')?.len();
        Some(Lone { object: start..json.len() - left, mark, text })
    })
}

/// A field whose name is one of [`MARKS`].
struct Field {
    mark: &'static str,
    /// From its first quotation mark to behind its colon.
    at: Range<usize>,
}

/// The fields of sealed secrets.
fn sealed_fields(json: &str) -> impl Iterator<Item = Field> {
    fields(json).filter(|field| field.mark == SEALED_MARK)
}

/// The fields with one of the marks, found in one pass over the text, in which there are few or none.
fn fields(json: &str) -> impl Iterator<Item = Field> {
    memmem::find_iter(json.as_bytes(), "\"$").filter_map(move |start| {
        let named = &json[start + 1..];
        let mark = MARKS.into_iter().find(|mark| named.starts_with(*mark))?;
        let behind = named[mark.len()..].strip_prefix('"')?;
        // Otherwise it is the end of a longer string: `"…\"$secret"`.
        json[..start].trim_ascii_end().ends_with(['{', ',']).then_some(())?;
        let value = behind.trim_ascii_start().strip_prefix(':')?;
        Some(Field { mark, at: start..json.len() - value.len() })
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use serde_json::{Value, json};

    fn sealer() -> Sealer {
        Sealer::new(&[7; 32], &[])
    }

    fn sealed(plain: &Value) -> Result<Value, WalkError> {
        let plain = plain.to_string();
        let sealed = seal(&plain, &sealer(), "team/T1")?;
        Ok(serde_json::from_str(&sealed).expect("is JSON still"))
    }

    fn opened(sealed: &str, place: &str) -> Result<Value, WalkError> {
        let opened = open(sealed, &sealer(), place)?;
        Ok(serde_json::from_str(&opened).expect("is JSON still"))
    }

    #[test]
    fn a_secret_is_found_at_any_depth_and_nothing_else_is_touched() {
        let plain = json!({
            "name": "{\"$secret\":\"forged\"}",
            "odd": ["\"$secret\"", "\"$secret", { "\"$secret": "a" }, "$secret", { "$secret": 1 }],
            "teams": [{ "token": { "$secret": "xoxb-1" } }, null, 3],
            "both": { "$secret": "kept", "other": 1 },
            "other": { "a": 1, "$secret": "kept" },
            "quoted": { "$secret": "\"}\\" },
        });
        let sealed = sealed(&plain).expect("seals");
        for kept in ["name", "odd", "both", "other"] {
            assert_eq!(sealed[kept], plain[kept]);
        }
        assert!(sealed["teams"][0]["token"]["$sealed"].is_string());
        assert!(sealed["quoted"]["$sealed"].is_string());
        assert_eq!(count(&sealed.to_string()), 2);
        assert!(!sealed.to_string().contains("xoxb-1"));
        assert_eq!(opened(&sealed.to_string(), "team/T1").expect("opens"), plain);
        let spread = serde_json::to_string_pretty(&sealed).expect("is JSON");
        assert_eq!(opened(&spread, "team/T1").expect("opens, however it is laid out"), plain);
    }

    #[test]
    fn a_sealed_secret_opens_in_its_own_document_only() {
        let sealed = sealed(&json!({ "token": { "$secret": "xoxb-1" } })).expect("seals");
        let moved = opened(&sealed.to_string(), "team/T2");
        assert!(matches!(moved, Err(WalkError::Seal(SealError::Broken))));
    }

    #[test]
    fn what_does_not_open_stays_as_it_is_and_the_rest_is_read() {
        let plain = json!({ "a": { "$secret": "1" }, "b": [{ "$secret": "2" }], "c": 3 });
        let sealed = sealed(&plain).expect("seals").to_string();
        let (read, lost) = open_what_opens(&sealed, &sealer(), "team/T1");
        assert_eq!(serde_json::from_str::<Value>(&read).expect("is JSON"), plain);
        assert!(lost.is_none());
        for (other, place) in [(Sealer::new(&[8; 32], &[]), "team/T1"), (sealer(), "team/T2")] {
            let (read, lost) = open_what_opens(&sealed, &other, place);
            assert!(lost.is_some());
            let shown: Value = serde_json::from_str(&read).expect("is JSON");
            assert!(shown["a"][LOST_MARK].is_string() && shown["b"][0][LOST_MARK].is_string());
            assert_eq!(shown["c"], 3);
            // Written by one who can't open it, it opens for one who can.
            let written = seal(&read, &other, place).expect("seals");
            let sealed: Value = serde_json::from_str(&sealed).expect("is JSON");
            assert_eq!(serde_json::from_str::<Value>(&written).expect("is JSON"), sealed);
        }
    }

    #[test]
    fn secrets_and_what_did_not_open_are_sealed_at_once() {
        let plain = json!({
            "a": { "$secret": "1" }, "$b": { "$lost": "0.AA" }, "c": { "$lost": 1 }, "d": { "$secret": "2" },
            "e": { "$lost": "0.BB" }, "$secrets": { "$los": "f" },
        });
        let mut sealed = sealed(&plain).expect("seals");
        assert_eq!(opened(&sealed["a"].to_string(), "team/T1").expect("opens"), plain["a"]);
        assert_eq!(opened(&sealed["d"].to_string(), "team/T1").expect("opens"), plain["d"]);
        sealed["a"] = plain["a"].clone();
        sealed["d"] = plain["d"].clone();
        let mut kept = plain;
        kept["$b"] = json!({ "$sealed": "0.AA" });
        kept["e"] = json!({ "$sealed": "0.BB" });
        assert_eq!(sealed, kept);
    }

    #[test]
    fn without_secrets_the_rest_is_read() {
        let plain = json!({ "a": { "$secret": "1" }, "b": [{ "$secret": "2" }], "c": 3 });
        let sealed = sealed(&plain).expect("seals").to_string();
        let read: Value = serde_json::from_str(&without_secrets(&sealed)).expect("is JSON");
        assert_eq!(read, json!({ "a": null, "b": [null], "c": 3 }));
    }

    #[test]
    fn what_looks_sealed_already_is_not_stored() {
        for forged in
            [json!({ "by_name": { "$sealed": "0.AAAA" } }), json!({ "a": 1, "$sealed": 2 })]
        {
            assert!(matches!(sealed(&forged), Err(WalkError::Forged)), "{forged}");
        }
    }

    fn any_json() -> impl Strategy<Value = Value> {
        let leaf = prop_oneof![
            Just(Value::Null),
            any::<i64>().prop_map(Value::from),
            any_text().prop_map(Value::from),
            any_text().prop_map(|text| json!({ "$secret": text })),
        ];
        leaf.prop_recursive(4, 32, 4, |inner| {
            prop_oneof![
                prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
                prop::collection::btree_map(any_name(), inner, 0..4)
                    .prop_map(|fields| Value::Object(fields.into_iter().collect())),
            ]
        })
    }

    fn any_text() -> impl Strategy<Value = String> {
        prop_oneof![".*", "[{}:,\\\\\" ]{0,4}(\\$secret|\\$sealed)?[{}:,\\\\\" ]{0,4}"]
    }

    fn any_name() -> impl Strategy<Value = String> {
        prop_oneof!["[a-z$\"\\\\]{1,7}", Just("$secret".to_owned())]
    }

    /// The secrets of a value, found by walking it.
    fn secrets(value: &Value) -> usize {
        match value {
            Value::Object(fields) if fields.len() == 1 && value["$secret"].is_string() => 1,
            Value::Object(fields) => fields.values().map(secrets).sum(),
            Value::Array(items) => items.iter().map(secrets).sum(),
            Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => 0,
        }
    }

    proptest! {
        #[test]
        fn opening_undoes_sealing(plain in any_json()) {
            let sealed = sealed(&plain).expect("seals");
            prop_assert_eq!(secrets(&sealed), 0, "{}", sealed);
            prop_assert_eq!(count(&sealed.to_string()), secrets(&plain));
            prop_assert_eq!(opened(&sealed.to_string(), "team/T1").expect("opens"), plain);
        }

        #[test]
        fn what_is_no_json_is_no_trouble(text in "([{}:,\\\\\" a]|\"\\$sealed\"){0,12}") {
            count(&text);
            open(&text, &sealer(), "team/T1").ok();
            seal(&text, &sealer(), "team/T1").ok();
        }
    }
}
