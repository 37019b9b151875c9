//! All documents as lines of JSON, from one store into another.
//!
//! ```text
//! {"export":"jules-slack","format":1}
//! {"key":"task/7f3k9x2q","json":{"v":1,…},"wake_at":"2026-01-01T00:00:00Z"}
//! …
//! {"end":true}
//! ```
//!
//! A body goes as the JSON that it is, byte for byte, or else as base64. Sealed secrets stay sealed:
//! they are bound to the document's key, which moves along, so the same sealing key opens them there.
//! No line says how many there are, so neither side holds more than a page; the last line tells a whole
//! file from one that was cut between two lines.

mod copied;
mod export;
mod import;

pub use copied::Copied;
pub use export::{Export, ExportError, export};
pub use import::{Import, ImportError, Imported};

use super::Doc;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use std::borrow::Cow;

/// The format that is written. A file with a higher one is for a newer program.
const FORMAT: u32 = 1;

/// What the first line says the file is.
const PROGRAM: &str = "jules-slack";

/// How every export begins, whatever its format.
pub const BEGINNING: &[u8] = br#"{"export":"jules-slack""#;

/// The first line.
#[derive(Serialize, Deserialize)]
struct Head {
    export: String,
    format: u32,
}

/// The last line.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct EndLine {
    end: bool,
}

/// A document's line. A newer format may have more fields; this one has no others.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Line<'a> {
    key: Cow<'a, str>,
    #[serde(borrow, default, skip_serializing_if = "Option::is_none")]
    json: Option<&'a RawValue>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    base64: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    wake_at: Option<Timestamp>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    expires_at: Option<Timestamp>,
}

impl<'a> Line<'a> {
    fn of(key: &'a str, doc: &'a Doc) -> Self {
        let json = as_json(&doc.body);
        Self {
            key: Cow::Borrowed(key),
            base64: json.is_none().then(|| STANDARD.encode(&doc.body)),
            json,
            wake_at: doc.wake_at,
            expires_at: doc.expires_at,
        }
    }

    /// The document; `None` when its body is missing, there twice, or no base64.
    fn doc(&self) -> Option<Doc> {
        let body = match (self.json, &self.base64) {
            (Some(json), None) => Bytes::copy_from_slice(json.get().as_bytes()),
            (None, Some(base64)) => Bytes::from(STANDARD.decode(base64).ok()?),
            (Some(_), Some(_)) | (None, None) => return None,
        };
        Some(Doc { body, wake_at: self.wake_at, expires_at: self.expires_at })
    }
}

/// The body as JSON, if it can stand in a line and comes out of it with every byte.
fn as_json(body: &[u8]) -> Option<&RawValue> {
    let json: &RawValue = serde_json::from_slice(body).ok()?;
    let fits = json.get().len() == body.len() && !body.contains(&b'\n') && body != b"null";
    fits.then_some(json)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn any_document_comes_back_from_its_line(
            key in "\\PC{0,30}",
            body in prop_oneof![
                prop::collection::vec(any::<u8>(), 0..40),
                "[ \\n]{0,2}\\{\"v\": [0-9]{1,30},\\n?\"a\":\"\\PC*\"\\}?[ \\n]{0,2}".prop_map(String::into_bytes),
                Just(b"null".to_vec()),
            ],
            wake in prop::option::of(0..4_000_000_000_000_000_i64),
        ) {
            let wake_at = wake.map(|time| Timestamp::from_microsecond(time).unwrap());
            let doc = Doc { body: body.into(), wake_at, expires_at: None };
            let line = serde_json::to_string(&Line::of(&key, &doc)).unwrap();
            prop_assert!(!line.contains('\n'), "{line}");
            let read: Line<'_> = serde_json::from_str(&line).unwrap();
            prop_assert_eq!(&*read.key, &*key);
            prop_assert_eq!(read.doc(), Some(doc));
        }
    }

    #[test]
    fn every_export_begins_alike() {
        for format in [FORMAT, 99] {
            let head = Head { export: PROGRAM.to_owned(), format };
            assert!(serde_json::to_vec(&head).unwrap().starts_with(BEGINNING));
        }
    }

    #[test]
    fn what_we_store_is_readable_in_the_file() {
        let body = Bytes::from_static(br#"{"v":1,"amount":1.0}"#);
        let doc = Doc { body, wake_at: None, expires_at: None };
        let line = serde_json::to_string(&Line::of("task/a", &doc)).unwrap();
        assert_eq!(line, r#"{"key":"task/a","json":{"v":1,"amount":1.0}}"#);
    }
}
