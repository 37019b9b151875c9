//! Which addresses become links, and whether a link says where it leads.

use super::cut::cut;
use super::tree::{Inline, Line, Style};
use url::Url;

/// A longer address is shown as text: Slack takes 3,000 characters in a link (slack-platform.md §8).
const LONGEST: usize = 2000;

/// What is shown of a link's label.
pub(super) const LONGEST_LABEL: usize = 300;

/// An address that may be linked: `https`, without user and password.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SafeUrl(String);

impl SafeUrl {
    pub(super) fn parse(url: &str) -> Option<Self> {
        let is_honest = |url: &Url| {
            url.scheme() == "https" && url.username().is_empty() && url.password().is_none()
        };
        let parsed = String::from(Url::parse(url).ok().filter(is_honest)?);
        // A bare host stays as it was written.
        let bare = parsed.strip_suffix('/').filter(|bare| *bare == url).map(str::to_owned);
        Some(Self(bare.unwrap_or(parsed))).filter(|url| url.0.len() <= LONGEST)
    }

    pub(super) fn as_str(&self) -> &str {
        &self.0
    }
}

/// A link of ours with this label, or with its address where that is empty. Where the address can't be
/// linked the label remains.
pub(crate) fn link(url: &str, label: &str) -> Line {
    let label = Line::one(&cut(label, LONGEST_LABEL));
    let Some(url) = SafeUrl::parse(url) else { return label };
    Line(vec![Inline::Link { url, text: label.words(), style: Style::default() }])
}

/// A link with someone else's label. An address that can't be linked is shown, and so is the host it
/// leads to where the label looks like another address.
pub(super) fn labelled(url: &str, label: Line) -> Line {
    let words = label.words();
    let words = words.trim();
    let Some(safe) = SafeUrl::parse(url) else { return unlinked(url, label, words) };
    let host = other_host(&safe, words);
    if words.is_empty() || words == url.trim() {
        return Line(vec![Inline::Link {
            url: safe,
            text: String::new(),
            style: Style::default(),
        }]);
    }
    let mut line = Line::default();
    for one in label.0 {
        line.push(match one {
            Inline::Text(text, style) => Inline::Link { url: safe.clone(), text, style },
            other => other,
        });
    }
    match host {
        Some(host) => line.and(format!(" ({host})")),
        None => line,
    }
}

/// The label and the address as words, each once.
fn unlinked(url: &str, label: Line, words: &str) -> Line {
    let address = Line::one(url);
    let bare = address.words();
    if words.is_empty() {
        address
    } else if bare.is_empty() || words == bare.trim_start_matches("mailto:") {
        label
    } else {
        label.and(" (").and(address).and(")")
    }
}

/// The host an address leads to, if the label names another one.
fn other_host(url: &SafeUrl, label: &str) -> Option<String> {
    let url = Url::parse(url.as_str()).ok()?;
    let host = url.host_str()?;
    let label: String = label.chars().map(|c| if is_dot(c) { '.' } else { c }).collect();
    let misleads = |word: &str| {
        let bare = word.split_once("://").map_or(word, |(_, bare)| bare);
        let named = bare.split(['/', '?', '#', ':', '\\']).next().unwrap_or_default();
        is_host(named) && !named.eq_ignore_ascii_case(host)
    };
    let mut words = label.split(|c: char| c.is_whitespace() || "()[]<>\"',;".contains(c));
    words.any(misleads).then(|| host.to_owned())
}

/// The characters that a browser reads as a dot, or that look like one in a host.
fn is_dot(c: char) -> bool {
    matches!(c, '\u{3002}' | '\u{ff0e}' | '\u{ff61}' | '\u{2024}')
}

/// Whether a word could be a host: something, a dot, a letter.
fn is_host(word: &str) -> bool {
    let after_dot =
        word.trim_end_matches('.').rsplit_once('.').filter(|(name, _)| !name.is_empty());
    after_dot.is_some_and(|(_, end)| end.starts_with(char::is_alphabetic))
}
