//! Our own sentences: a literal with a little markup, and parts that go in as elements.

use super::tree::{Inline, Line, Style};

/// A line of ours. In the literal `*` begins and ends bold, a backtick code, `:eyes:` is an emoji, and
/// each `{}` is the next part, which nothing is parsed in. That there are as many parts as places is
/// checked when it compiles.
macro_rules! say {
    ($words:literal $(, $part:expr)* $(,)?) => {{
        const _: () = assert!(
            $crate::rich_text::holes($words) == <[&str]>::len(&[$(stringify!($part)),*]),
            "as many parts as places"
        );
        $crate::rich_text::Line::ours(
            $words,
            [$($crate::rich_text::Line::from($part)),*],
        )
    }};
}
pub(crate) use say;

/// How many `{}` are in the words.
pub(crate) const fn holes(words: &str) -> usize {
    let bytes = words.as_bytes();
    let (mut at, mut count) = (0, 0);
    while at + 1 < bytes.len() {
        if bytes[at] == b'{' && bytes[at + 1] == b'}' {
            count += 1;
        }
        at += 1;
    }
    count
}

impl Line {
    /// The words with the parts in their places.
    pub(crate) fn ours(words: &'static str, parts: impl IntoIterator<Item = Self>) -> Self {
        let mut parts = parts.into_iter();
        let (mut line, mut style, mut rest) = (Self::default(), Style::default(), words);
        while let Some(at) = rest.find(['*', '`', '{', ':']) {
            let (before, here) = rest.split_at(at);
            line.push(Inline::Text(before.to_owned(), style));
            rest = &here[1..];
            match here.as_bytes()[0] {
                b'`' => style.code = !style.code,
                b'*' if !style.code => style.bold = !style.bold,
                b'{' if rest.starts_with('}') => {
                    line.append(parts.next().unwrap_or_default().in_style(style));
                    rest = &rest[1..];
                }
                b':' if !style.code && emoji(rest).is_some() => {
                    let name = emoji(rest).unwrap_or_default();
                    line.push(Inline::Emoji(name));
                    rest = &rest[name.len() + 1..];
                }
                _ => line.push(Inline::Text(here[..1].to_owned(), style)),
            }
        }
        line.push(Inline::Text(rest.to_owned(), style));
        line
    }
}

/// The name before the next colon, if it can be that of an emoji.
fn emoji(rest: &'static str) -> Option<&'static str> {
    let (name, _) = rest.split_once(':')?;
    let fits = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_';
    let begins = name.starts_with(|c: char| c.is_ascii_lowercase());
    Some(name).filter(|name| begins && name.bytes().all(fits))
}
