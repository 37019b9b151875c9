//! One pass over the text that tells options from prose and code.

use super::quote;
use super::table::{KEYS, OptionKey};
use crate::invisible::is_invisible;
use std::collections::HashMap;
use std::ops::Range;

/// A stretch of the text. The pieces of a text follow one another without a gap.
pub(super) struct Token {
    pub(super) at: Range<usize>,
    pub(super) kind: TokenKind,
}

pub(super) enum TokenKind {
    /// Prose, code and white space.
    Text,
    /// An option.
    Set { key: &'static OptionKey, value: String },
    /// `--` and everything after it; `at` is what comes after.
    Literal,
}

/// Where code and quoted words begin and end: nothing within them is an option.
pub(super) type Verbatim = HashMap<usize, usize>;

/// Takes the text apart, in linear time.
pub(super) fn scan(text: &str, verbatim: &Verbatim) -> Vec<Token> {
    let mut pieces = Vec::new();
    let (mut from, mut pos) = (0, 0);
    let mut word_start = true;
    let mut only_options = true;
    while let Some(c) = text[pos..].chars().next() {
        if word_start
            && only_options
            && let Some(len) = dashes(&text[pos..])
        {
            pieces.push(Token { at: from..pos, kind: TokenKind::Text });
            pieces.push(Token { at: pos + len..text.len(), kind: TokenKind::Literal });
            return pieces;
        }
        if word_start && let Some((kind, len)) = pair(&text[pos..]) {
            pieces.push(Token { at: from..pos, kind: TokenKind::Text });
            pieces.push(Token { at: pos..pos + len, kind });
            pos += len;
            from = pos;
            word_start = false;
            continue;
        }
        // A zero-width space pasted before an option must not hide it.
        word_start = c.is_whitespace() || is_invisible(c);
        only_options &= word_start;
        pos = after(pos, c, verbatim);
    }
    pieces.push(Token { at: from..text.len(), kind: TokenKind::Text });
    pieces
}

/// Where the text continues behind `c`, which stands at `pos`: code and quoted words are passed over.
pub(super) fn after(pos: usize, c: char, verbatim: &Verbatim) -> usize {
    let may_open = c == '`' || quote::is_mark(c);
    let span = if may_open { verbatim.get(&pos).copied() } else { None };
    span.unwrap_or(pos + c.len_utf8())
}

/// The length of a `--` that is a word of its own. Phones make one long dash of it.
fn dashes(text: &str) -> Option<usize> {
    let len = ["--", "—", "–"].iter().find(|dash| text.starts_with(**dash))?.len();
    text[len..].chars().next().is_none_or(char::is_whitespace).then_some(len)
}

/// The option that `text` begins with, and its length.
fn pair(text: &str) -> Option<(TokenKind, usize)> {
    let name_end = text.find(|c: char| !c.is_ascii_alphabetic())?;
    let (name, rest) = text.split_at(name_end);
    let is_pair = rest.starts_with('=') && !rest.starts_with("==");
    let key = KEYS.iter().find(|key| is_pair && key.name.eq_ignore_ascii_case(name))?;
    let (value, len) = quote::read(&rest[1..]);
    Some((TokenKind::Set { key, value }, name_end + 1 + len))
}

/// Where code and quoted words begin and end.
pub(super) fn verbatim(text: &str) -> Verbatim {
    let mut verbatim = code_spans(text);
    for quoted in quote::spans(text, &verbatim) {
        verbatim.insert(quoted.start, quoted.end);
    }
    verbatim
}

/// Where code spans begin and end: a run of backticks up to the next run of the same length, on
/// the same line unless it is a fence of three or more. A run without its partner is text.
fn code_spans(text: &str) -> Verbatim {
    let mut runs: Vec<(Range<usize>, usize)> = Vec::new();
    let mut line = 0;
    for (at, c) in text.char_indices() {
        match (c, runs.last_mut()) {
            ('`', Some((run, _))) if run.end == at => run.end = at + 1,
            ('`', _) => runs.push((at..at + 1, line)),
            ('\n', _) => line += 1,
            _ => {}
        }
    }
    let mut spans = HashMap::new();
    // Backwards, so that the next run of each length is at hand.
    let mut next: HashMap<usize, (usize, usize)> = HashMap::new();
    for (run, line) in runs.into_iter().rev() {
        let len = run.len();
        if let Some((end, end_line)) = next.insert(len, (run.end, line))
            && (len >= 3 || end_line == line)
        {
            spans.insert(run.start, end);
        } else {
            // The whole run, so that its second backtick does not open a shorter one.
            spans.insert(run.start, run.end);
        }
    }
    spans
}

/// The text without its options. No words are glued and no line breaks eaten, except that a line
/// of nothing but options goes whole.
pub(super) fn prose(text: &str, pieces: &[Token]) -> String {
    let mut out = String::with_capacity(text.len());
    let mut after_option = false;
    for piece in pieces {
        let mut words = match piece.kind {
            TokenKind::Text => &text[piece.at.clone()],
            TokenKind::Set { .. } => {
                after_option = true;
                continue;
            }
            TokenKind::Literal => continue,
        };
        if after_option {
            words = words.trim_start_matches(is_gap);
            if words.starts_with('\n') {
                out.truncate(out.trim_end_matches(is_gap).len());
            }
            if words.starts_with('\n') && (out.is_empty() || out.ends_with('\n')) {
                words = &words[1..];
            }
        }
        after_option &= words.is_empty();
        out.push_str(words);
    }
    tidy(&out)
}

/// White space within a line.
fn is_gap(c: char) -> bool {
    c.is_whitespace() && c != '\n'
}

/// A prompt without white space around it; empty when there is nothing to see in it.
pub(super) fn tidy(prompt: &str) -> String {
    if prompt.chars().all(|c| c.is_whitespace() || is_invisible(c)) {
        return String::new();
    }
    prompt.trim().to_owned()
}
