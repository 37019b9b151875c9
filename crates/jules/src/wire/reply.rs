//! A reply as bytes, and the few kinds of value that stand in all of them.

use crate::Trouble;
use crate::paging::{Page, PageToken};
use jiff::Timestamp;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Deserializer};
use serde_json::value::RawValue;

/// Reads a reply that must be a JSON object.
///
/// # Errors
/// [`Trouble::Unreadable`] for anything else: nothing at all, `null`, a list, a web page, half an
/// object. (An empty *object* is a proper reply: an empty list has no other form.)
pub(crate) fn object<T: DeserializeOwned>(body: &[u8]) -> Result<T, Trouble> {
    // Without this check serde would take `[]` for an object whose fields are all absent.
    match body.trim_ascii_start().first() {
        None => Err(Trouble::Unreadable("it is empty")),
        Some(b'{') => serde_json::from_slice(body)
            .map_err(|_| Trouble::Unreadable("it is broken or of another shape")),
        Some(_) => Err(Trouble::Unreadable("it is not a JSON object")),
    }
}

/// Checks the reply to a call that returns nothing: zero bytes or an object (reference §3.5).
///
/// # Errors
/// [`Trouble::Unreadable`] for anything else: then someone else has answered, not Jules.
pub(crate) fn nothing(body: &[u8]) -> Result<(), Trouble> {
    #[derive(Deserialize)]
    struct Anything {}
    if body.trim_ascii().is_empty() { Ok(()) } else { object::<Anything>(body).map(|_| ()) }
}

/// The entries of a list, each on its own; `None` is one that could not be read.
pub(super) struct Entries<T>(Vec<Option<T>>);

impl<T> Default for Entries<T> {
    fn default() -> Self {
        Self(Vec::new())
    }
}

impl<'de, T: DeserializeOwned> Deserialize<'de> for Entries<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let raw: Option<Vec<Box<RawValue>>> = Option::deserialize(deserializer)?;
        let read = |entry: Box<RawValue>| serde_json::from_str(entry.get()).ok();
        Ok(Self(raw.unwrap_or_default().into_iter().map(read).collect()))
    }
}

impl<T> Entries<T> {
    /// What could be read, turned into something of ours.
    pub(super) fn convert<U>(self, convert: impl Fn(T) -> Option<U>) -> Vec<U> {
        self.0.into_iter().flatten().filter_map(convert).collect()
    }

    /// The same as a page, which counts what was left out.
    pub(super) fn into_page<U>(
        self,
        next: Option<String>,
        convert: impl Fn(T) -> Option<U>,
    ) -> Page<U> {
        let all = self.0.len();
        let items = self.convert(convert);
        let next = text(next).map(PageToken);
        Page { passed_over: all - items.len(), items, next }
    }
}

/// The text, unless it is empty: to Jules that is the same as absent.
pub(super) fn text(text: Option<String>) -> Option<String> {
    text.filter(|text| !text.is_empty())
}

/// The last segments of `id`, then of `name`: where an id may stand.
///
/// Jules writes `sessions/1` and `1` as a name, with `id` or without.
pub(super) fn ids(id: Option<String>, name: Option<String>) -> impl Iterator<Item = String> {
    [id, name].into_iter().flatten().filter_map(|text| {
        text.rsplit('/').next().filter(|segment| !segment.is_empty()).map(str::to_owned)
    })
}

/// A time as RFC 3339, with a fraction of any length; what is finer than a nanosecond is cut off.
/// `None` for what is no time: better none than no session.
pub(super) fn time(text: Option<String>) -> Option<Timestamp> {
    let text = text?;
    text.parse().ok().or_else(|| {
        let (before, rest) = text.split_once('.')?;
        let end = rest.find(|c: char| !c.is_ascii_digit())?;
        format!("{before}.{}{}", rest.get(..end.min(9))?, &rest[end..]).parse().ok()
    })
}

/// A page for people: only `https`, and in the form that URLs have.
pub(super) fn page_url(text: Option<String>) -> Option<String> {
    let url = url::Url::parse(&text?).ok()?;
    (url.scheme() == "https").then(|| url.into())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::wire::{activity, session};
    use proptest::prelude::*;

    fn at(text: &str) -> Option<i128> {
        time(Some(text.to_owned())).map(Timestamp::as_nanosecond)
    }

    #[test]
    fn times_of_any_fraction_are_read() {
        let second = 1_704_314_630 * 1_000_000_000;
        assert_eq!(at("2024-01-03T20:43:50Z"), Some(second));
        assert_eq!(at("2024-01-03T20:43:50.5Z"), Some(second + 500_000_000));
        assert_eq!(at("2024-01-03T20:43:50.801654Z"), Some(second + 801_654_000));
        assert_eq!(at("2024-01-03T20:43:50.485451923Z"), Some(second + 485_451_923));
        assert_eq!(at("2024-01-03T20:43:50.4854519239999Z"), Some(second + 485_451_923));
        assert_eq!(at("2024-01-03T21:43:50+01:00"), Some(second));
        for text in ["", "yesterday", "2024-01-03", "2024-01-03T20:43:50.", "2024-01-03T20:43:50.Z"]
        {
            assert_eq!(at(text), None, "{text:?}");
        }
    }

    #[test]
    fn an_empty_object_is_a_reply_and_nothing_else_is() {
        assert!(object::<session::SessionPage>(b" {}").is_ok());
        for body in ["", " ", "null", "[]", "\"\"", "<html>", "{", "{\"sessions\":[", "{} {}"] {
            assert!(object::<session::SessionPage>(body.as_bytes()).is_err(), "{body:?}");
        }
    }

    #[test]
    fn no_reply_may_be_zero_bytes_or_an_object() {
        for body in ["", "\n", "{}", " {\"later\":1} "] {
            assert_eq!(nothing(body.as_bytes()), Ok(()), "{body:?}");
        }
        for body in ["null", "[]", "<html>", "{"] {
            assert!(nothing(body.as_bytes()).is_err(), "{body:?}");
        }
    }

    #[test]
    fn only_https_is_a_page_for_people() {
        let page = |text: &str| page_url(Some(text.to_owned()));
        assert_eq!(page("https://x.org/1").as_deref(), Some("https://x.org/1"));
        assert_eq!(
            page("https://x.org/<!channel>").as_deref(),
            Some("https://x.org/%3C!channel%3E")
        );
        for text in ["http://x.org", "javascript:alert(1)", "x.org", ""] {
            assert_eq!(page(text), None, "{text:?}");
        }
    }

    proptest! {
        #[test]
        fn any_bytes_are_read_or_refused(body: Vec<u8>) {
            let _ = object::<session::SessionPage>(&body);
            let _ = object::<activity::ActivityPage>(&body);
        }

        #[test]
        fn any_text_is_a_time_or_none(text in ".{0,40}") {
            let _ = at(&text);
        }

        #[test]
        fn a_time_of_jules_is_read_to_the_nanosecond(seconds in 0i64..4_000_000_000, nanos in 0i32..1_000_000_000) {
            let given = Timestamp::new(seconds, nanos).unwrap();
            prop_assert_eq!(time(Some(given.to_string())), Some(given));
        }
    }
}
