//! The three `filter` grammars (reference §1.4). Nothing beyond what was seen to work is accepted.

use super::reply::Refusal;
use jiff::Timestamp;

fn malformed(text: &str) -> Refusal {
    Refusal::invalid("filter", format!("Invalid filter: {text}"))
}

/// Splits on the word `OR` between terms.
fn terms(text: &str) -> impl Iterator<Item = &str> {
    text.split(" OR ").map(str::trim)
}

/// `field op value` with or without spaces around the operator.
fn term(text: &str, op: char) -> Option<(&str, &str)> {
    let (name, value) = text.split_once(op)?;
    Some((name.trim(), value.trim()))
}

/// Which sessions a list shows, by `archived`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Archived {
    no: bool,
    yes: bool,
}

impl Archived {
    /// `archived = true`, `archived = false`, or both with `OR`; without a filter the archived
    /// ones are left out.
    pub(super) fn parse(text: Option<&str>) -> Result<Self, Refusal> {
        let Some(text) = text.filter(|t| !t.is_empty()) else {
            return Ok(Self { no: true, yes: false });
        };
        let mut shown = Self { no: false, yes: false };
        for part in terms(text) {
            match term(part, '=') {
                Some(("archived", "true")) => shown.yes = true,
                Some(("archived", "false")) => shown.no = true,
                _ => return Err(malformed(text)),
            }
        }
        Ok(shown)
    }

    pub(super) fn shows(self, archived: bool) -> bool {
        if archived { self.yes } else { self.no }
    }
}

/// `create_time > "…"`: exclusive, quoted, with or without spaces. Activities only.
pub(super) fn created_after(text: Option<&str>) -> Result<Option<Timestamp>, Refusal> {
    let Some(text) = text.filter(|t| !t.is_empty()) else { return Ok(None) };
    let Some(("create_time", quoted)) = term(text, '>') else { return Err(malformed(text)) };
    let inner = quoted.strip_prefix('"').and_then(|q| q.strip_suffix('"'));
    let at = inner.and_then(|t| t.parse::<Timestamp>().ok()).ok_or_else(|| malformed(text))?;
    Ok(Some(at))
}

/// `name=sources/a OR name="sources/b"`: the names asked for.
pub(super) fn names(text: Option<&str>) -> Result<Option<Vec<String>>, Refusal> {
    let Some(text) = text.filter(|t| !t.is_empty()) else { return Ok(None) };
    let name = |part| {
        let Some(("name", value)) = term(part, '=') else { return Err(malformed(text)) };
        let bare = match value.strip_prefix('"') {
            Some(rest) => rest.strip_suffix('"').ok_or_else(|| malformed(text))?,
            None => value,
        };
        if bare.is_empty() || bare.contains([' ', '"']) {
            return Err(malformed(text));
        }
        Ok(bare.to_owned())
    };
    terms(text).map(name).collect::<Result<Vec<_>, _>>().map(Some)
}
