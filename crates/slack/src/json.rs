//! Reading JSON as Slack writes it.
//!
//! Slack cuts texts, previews for example, in the middle of an emoji. What is left is half a surrogate
//! pair, `"x\ud83d"`, which is valid JSON and no valid text, so serde_json refuses the whole document.

use serde_json::Value;
use std::borrow::Cow;

/// What stands for half a character (U+FFFD), as JSON.
const REPLACEMENT: &str = "\\ufffd";

/// The length of `\uXXXX`.
const UNIT: usize = 6;

/// Reads `text`, with U+FFFD for each half of a surrogate pair.
///
/// # Errors
/// When it is not JSON.
pub fn parse(text: &str) -> serde_json::Result<Value> {
    // Nearly all of it is whole, and isn't searched.
    serde_json::from_str(text).or_else(|error| match whole(text) {
        Cow::Owned(whole) => serde_json::from_str(&whole),
        Cow::Borrowed(_) => Err(error),
    })
}

/// `json` without halves of surrogate pairs.
fn whole(json: &str) -> Cow<'_, str> {
    let mut kept = String::new();
    let (mut from, mut at) = (0, 0);
    while let Some(found) = json[at..].find('\\') {
        at += found;
        match (unit(json, at), unit(json, at + UNIT)) {
            (Some(0xD800..0xDC00), Some(0xDC00..0xE000)) => at += 2 * UNIT,
            (Some(0xD800..0xE000), _) => {
                kept.push_str(&json[from..at]);
                kept.push_str(REPLACEMENT);
                at += UNIT;
                from = at;
            }
            (Some(_), _) => at += UNIT,
            // An escape is two characters, and the second may be a backslash.
            (None, _) => at += 1 + json[at + 1..].chars().next().map_or(0, char::len_utf8),
        }
    }
    if from == 0 {
        return Cow::Borrowed(json);
    }
    kept.push_str(&json[from..]);
    Cow::Owned(kept)
}

/// The UTF-16 unit that is written at `at` as `\uXXXX`.
fn unit(json: &str, at: usize) -> Option<u16> {
    let digits = json.get(at..at + UNIT)?.strip_prefix("\\u")?;
    let are_digits = digits.bytes().all(|byte| byte.is_ascii_hexdigit());
    u16::from_str_radix(digits, 16).ok().filter(|_| are_digits)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn halves_of_pairs_are_replaced_and_pairs_are_kept() {
        for (json, text) in [
            (r#""x\ud83d""#, "x\u{fffd}"),
            (r#""\ud83d\ude00""#, "😀"),
            (r#""\uD83D\uDE00""#, "😀"),
            (r#""\ude00\ud83d""#, "\u{fffd}\u{fffd}"),
            (r#""\ud83d\ud83d\ude00""#, "\u{fffd}😀"),
            (r#""\ud83d\n""#, "\u{fffd}\n"),
            (r#""\ud83d\u65e5""#, "\u{fffd}日"),
            (r#""\\ud83d\ud83d""#, "\\ud83d\u{fffd}"),
            (r#""\\\ud83d\\""#, "\\\u{fffd}\\"),
            (r#""日\ud83d日""#, "日\u{fffd}日"),
        ] {
            assert_eq!(parse(json).unwrap(), text, "{json}");
        }
        assert_eq!(parse(r#"{"a\ud800":["\udfff"]}"#).unwrap()["a\u{fffd}"][0], "\u{fffd}");
    }

    #[test]
    fn what_is_no_json_is_none_with_half_a_pair_in_it_either() {
        for json in
            [r#""\ud83d"#, r#""\ud83"#, r#""\ud83d\"#, "\\ud83d", r#"{"a":"\ud83d",}"#, "\\"]
        {
            assert!(parse(json).is_err(), "{json}");
        }
    }

    proptest! {
        #[test]
        fn any_units_are_read(units: Vec<u16>) {
            let json: String = units.iter().map(|unit| format!("\\u{unit:04x}")).collect();
            let read = parse(&format!("\"{json}\"")).unwrap();
            prop_assert_eq!(read, String::from_utf16_lossy(&units));
        }

        #[test]
        fn anything_else_is_read_as_ever(text: String) {
            let json = serde_json::to_string(&text).unwrap();
            prop_assert_eq!(whole(&json), json.as_str());
            prop_assert_eq!(parse(&text).is_ok(), serde_json::from_str::<Value>(&text).is_ok());
        }
    }
}
