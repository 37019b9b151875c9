//! Values: a word, or words in quotes.
//!
//! Phones turn quotes into curly ones, and not always into the matching pair; so the proper closing
//! quote is looked for first and then any of its kind.

use super::VALUE_MAX;
use super::scan::{Verbatim, after};
use std::ops::Range;

/// Opening quotes with the closing one that belongs to them and all that may stand in for it.
const QUOTES: &[(char, char, &str)] = &[
    ('"', '"', DOUBLE),
    ('“', '”', DOUBLE),
    ('„', '“', DOUBLE),
    ('‟', '”', DOUBLE),
    ('”', '”', DOUBLE),
    ('«', '»', DOUBLE),
    ('»', '«', DOUBLE),
    ('＂', '＂', DOUBLE),
    ('\'', '\'', SINGLE),
    ('‘', '’', SINGLE),
    ('‚', '‘', SINGLE),
    ('‛', '’', SINGLE),
    ('’', '’', SINGLE),
    ('‹', '›', SINGLE),
    ('›', '‹', SINGLE),
    ('`', '`', "`"),
];
const DOUBLE: &str = "\"“”„‟«»＂″";
const SINGLE: &str = "'‘’‚‛‹›′";

/// Reads the value that `text` begins with: what it says, and how many bytes it takes, a comma or
/// semicolon after it included.
pub(super) fn read(text: &str) -> (String, usize) {
    quoted(text).unwrap_or_else(|| bare(text))
}

fn bare(text: &str) -> (String, usize) {
    let end = text.find(char::is_whitespace).unwrap_or(text.len());
    (text[..end].trim_end_matches([',', ';']).to_owned(), end)
}

fn quoted(text: &str) -> Option<(String, usize)> {
    let first = text.chars().next()?;
    let (open, close, kin) = QUOTES.iter().find(|(open, ..)| *open == first)?;
    let inner = &text[open.len_utf8()..];
    let (value, len) =
        until(inner, |c| c == *close).or_else(|| until(inner, |c| kin.contains(c)))?;
    Some((value, open.len_utf8() + len))
}

/// What stands before the closing quote, and where the next word may begin. The quote closes only
/// at the end of a word, so `title="the "new" API"` is less of a trap; `\` keeps it from closing.
fn until(text: &str, closes: impl Fn(char) -> bool) -> Option<(String, usize)> {
    let mut value = String::new();
    let mut chars = text.char_indices().peekable();
    // Linear time for a text full of opening quotes: no value is longer.
    for _ in 0..=VALUE_MAX {
        let (at, c) = chars.next()?;
        match c {
            '\n' => return None,
            '\\' => {
                let next = chars.next_if(|(_, next)| *next == '\\' || closes(*next));
                value.push(next.map_or(c, |(_, next)| next));
            }
            _ if closes(c) => match word_end(&text[at + c.len_utf8()..]) {
                Some(extra) => return Some((value, at + c.len_utf8() + extra)),
                None => value.push(c),
            },
            _ => value.push(c),
        }
    }
    None
}

/// How many commas and semicolons end the word here; `None` when it goes on.
fn word_end(text: &str) -> Option<usize> {
    let rest = text.trim_start_matches([',', ';']);
    let ends = rest.chars().next().is_none_or(char::is_whitespace);
    ends.then(|| text.len() - rest.len())
}

/// How a single quote begins a word although it closes nothing later: `'90s`, `'em`.
const SHORTENED: &[&str] = &["em", "til", "tis", "twas", "cause", "cos", "n", "round"];

/// Where words in quotation marks begin and end, outside code: what is quoted is prose, however it
/// looks. A mark that finds no partner in its paragraph is an ordinary character.
pub(super) fn spans(text: &str, code: &Verbatim) -> Vec<Range<usize>> {
    let mut spans = Vec::new();
    let (mut double, mut single): (Option<usize>, Option<usize>) = (None, None);
    let mut before: Option<char> = None;
    let mut pos = 0;
    while let Some(c) = text[pos..].chars().next() {
        let next = after(pos, c, code);
        let rest = &text[next..];
        if is_mark(c) {
            let open = if SINGLE.contains(c) { &mut single } else { &mut double };
            let ends_a_word = before.is_some_and(|c| !c.is_whitespace())
                && !rest.starts_with(char::is_alphanumeric);
            match *open {
                Some(start) if ends_a_word => {
                    spans.push(start..next);
                    *open = None;
                }
                _ if begins_a_quote(before, c, rest) => *open = Some(pos),
                _ => {}
            }
        }
        if c == '\n' && rest.trim_start_matches([' ', '\t']).starts_with('\n') {
            (double, single) = (None, None);
        }
        before = Some(c);
        pos = next;
    }
    spans
}

fn begins_a_quote(before: Option<char>, mark: char, rest: &str) -> bool {
    let begins_a_word = before.is_none_or(|c| !c.is_alphanumeric())
        && rest.chars().next().is_some_and(|c| !c.is_whitespace());
    let is_apostrophe = SINGLE.contains(mark) && {
        let word = rest.split(|c: char| !c.is_alphanumeric()).next().unwrap_or_default();
        let is_short = |short: &&str| short.eq_ignore_ascii_case(word);
        word.starts_with(|c: char| c.is_ascii_digit()) || SHORTENED.iter().any(is_short)
    };
    begins_a_word && !is_apostrophe
}

/// Whether `c` may open or close a quote.
pub(super) fn is_mark(c: char) -> bool {
    // Nearly all are letters or spaces, and each is looked at several times.
    !c.is_alphanumeric() && c != ' ' && (DOUBLE.contains(c) || SINGLE.contains(c))
}

/// Writes a value so that [`read`] gives it back whatever follows after a space: as it is where
/// that works, else in quotes.
pub(super) fn write(value: &str) -> String {
    let whole = bare(value) == (value.to_owned(), value.len());
    // A leading quote might find its partner in what follows; `repo==x` is a comparison.
    let special = |c: char| c == '=' || QUOTES.iter().any(|(open, ..)| *open == c);
    if whole && value.chars().next().is_some_and(|c| !special(c)) {
        return value.to_owned();
    }
    let mut quoted = String::from('"');
    for c in value.chars() {
        if matches!(c, '"' | '\\') {
            quoted.push('\\');
        }
        quoted.push(c);
    }
    quoted.push('"');
    quoted
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_as_people_type_them() {
        for (text, value, len) in [
            ("404less and", "404less", 7),
            ("404less, and", "404less", 8),
            ("", "", 0),
            (" x", "", 0),
            ("\"two words\" and", "two words", 11),
            ("\"two words\", and", "two words", 12),
            ("'two words'", "two words", 11),
            ("“two words”", "two words", 15),
            ("“two words\"", "two words", 13),
            ("“two words“", "two words", 15),
            ("”two words”", "two words", 15),
            ("„two words“", "two words", 15),
            ("„two words”", "two words", 15),
            ("«two words»", "two words", 13),
            ("»two words«", "two words", 13),
            ("‘two words’", "two words", 15),
            ("‘Ann’s words’", "Ann’s words", 19),
            ("'Ann's words'", "Ann's words", 13),
            ("`two words`", "two words", 11),
            (r#""a \"b\" c""#, r#"a "b" c"#, 11),
            (r#""C:\new \\ x""#, r"C:\new \ x", 13),
            ("\"\"", "", 2),
            // Not closed, or not on the line, or not at the end of a word: just a character.
            ("\"two words", "\"two", 4),
            ("\"two\nwords\"", "\"two", 4),
            ("\"two\"words x", "\"two\"words", 10),
            ("'tis", "'tis", 4),
        ] {
            assert_eq!(read(text), (value.to_owned(), len), "{text:?}");
        }
    }

    #[test]
    fn what_is_written_is_read_again() {
        for value in
            ["x", "two words", "a\"b", "\"a", "a\\", "\\\" \\", "=x", "a,", "", "“a b", "`a"]
        {
            let text = write(value);
            assert_eq!(read(&text), (value.to_owned(), text.len()), "{text}");
        }
    }
}
