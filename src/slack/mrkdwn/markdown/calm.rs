//! Somebody else's words amid our markup.
//!
//! mrkdwn has no escape for `*`, `_`, `~` and backticks (slack-platform.md §15), so where they could
//! open or close something, a letter that looks the same stands in for them.

use crate::domain::invisible::is_invisible;
use url::Url;

/// Keeps a word that would ping everybody from being read as one (a word joiner).
const JOINER: char = '\u{2060}';

/// `text` without what nobody sees, and without a mark, a backtick or a mention that Slack could
/// act on. Marks within words (`snake_case`) and between spaces (`2 * 3`) do nothing and stay.
pub(super) fn calm(text: &str) -> String {
    let seen = |c: &char| !is_invisible(*c) && (!c.is_control() || c.is_whitespace());
    let mut out = String::with_capacity(text.len());
    let mut before = None;
    let mut chars = text.chars().filter(seen).peekable();
    while let Some(c) = chars.next() {
        let after = chars.peek().copied();
        let both = |is: fn(char) -> bool| before.is_some_and(is) && after.is_some_and(is);
        let idle = both(char::is_alphanumeric) || both(char::is_whitespace);
        out.push(match c {
            '`' => '\u{2cb}',
            '*' if !idle => '\u{2217}',
            '_' if !idle => '\u{2cd}',
            '~' if !idle => '\u{223c}',
            c if c.is_whitespace() => ' ',
            c => c,
        });
        before = Some(c);
    }
    for word in ["here", "channel", "everyone"] {
        out = out.replace(&format!("@{word}"), &format!("@{JOINER}{word}"));
    }
    out
}

/// The host an address leads to, if the label names another one.
pub(super) fn other_host(url: &str, label: &str) -> Option<String> {
    let url = Url::parse(url).ok()?;
    let host = url.host_str()?;
    let misleads = |word: &str| {
        let bare = word.split_once("://").map_or(word, |(_, bare)| bare);
        let named = bare.split(['/', '?', '#']).next().unwrap_or_default();
        is_host(named) && !named.eq_ignore_ascii_case(host)
    };
    let words = label.split(|c: char| c.is_whitespace() || "()[]<>\"',;".contains(c));
    words.into_iter().any(misleads).then(|| host.to_owned())
}

/// Whether a word could be a host: something, a dot, a letter.
fn is_host(word: &str) -> bool {
    let after_dot = word.rsplit_once('.').filter(|(name, _)| !name.is_empty());
    after_dot.is_some_and(|(_, end)| end.starts_with(char::is_alphabetic))
}
