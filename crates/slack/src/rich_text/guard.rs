//! Prepares Markdown for a reader that knows only CommonMark's rules, and undoes it afterwards.
//!
//! Three things go wrong with those rules. In East Asian text there are no spaces around emphasis, so
//! the marks of `**標題：**正文` stay closed to it. The `__` in `https://x.test/__init__.py` is emphasis.
//! And a line such as `[ERROR]: failed` defines a link and is never shown. So characters that the text
//! doesn't have stand in for marks, or keep them apart from what is next to them.

use linkify::{LinkFinder, LinkKind};
use std::borrow::Cow;

/// Punctuation that hardly anyone writes.
const APART: [char; 4] = ['\u{2e18}', '\u{2e2e}', '\u{2e31}', '\u{2058}'];

/// What stands in for the marks in an address: characters that mean nothing.
const STAND_INS: [(char, char); 3] = [('*', '\u{f0001}'), ('_', '\u{f0002}'), ('~', '\u{f0003}')];

/// How a text was changed.
pub(super) struct Guard {
    apart: Option<char>,
    has_stand_ins: bool,
}

impl Guard {
    /// The text for the reader, and how to undo it.
    pub(super) fn of(text: &str) -> (Cow<'_, str>, Self) {
        let apart = APART.into_iter().find(|c| !text.contains(*c));
        let has_stand_ins = !STAND_INS.iter().any(|(_, c)| text.contains(*c));
        let guard = Self { apart, has_stand_ins };
        let text = if has_stand_ins { addresses(text) } else { Cow::Borrowed(text) };
        match apart {
            Some(apart) => (Cow::Owned(definitions(&emphasis(&text, apart), apart)), guard),
            None => (text, guard),
        }
    }

    /// Words of the reader's as they were in the text.
    pub(super) fn undo(&self, words: &str) -> String {
        let back = |c: char| {
            let stood = STAND_INS.iter().find(|(_, stand_in)| *stand_in == c);
            stood.filter(|_| self.has_stand_ins).map_or(c, |(mark, _)| *mark)
        };
        words.chars().filter(|c| Some(*c) != self.apart).map(back).collect()
    }
}

/// Marks in bare addresses mean nothing. Those at an address' end belong to the text around it.
fn addresses(text: &str) -> Cow<'_, str> {
    let has_mark = |c: char| STAND_INS.iter().any(|(mark, _)| *mark == c);
    if !text.contains("://") || !text.contains(has_mark) {
        return Cow::Borrowed(text);
    }
    let mut finder = LinkFinder::new();
    finder.kinds(&[LinkKind::Url]);
    let mut out = String::with_capacity(text.len());
    for span in finder.spans(text) {
        let words = span.as_str();
        let address = span.kind().map_or("", |_| words.trim_end_matches(has_mark));
        let stand_in = |c: char| {
            let known = STAND_INS.iter().find(|(mark, _)| *mark == c);
            known.map_or(c, |(_, stand_in)| *stand_in)
        };
        out.extend(address.chars().map(stand_in));
        out.push_str(&words[address.len()..]);
    }
    Cow::Owned(out)
}

/// Puts something next to the marks of emphasis that East Asian letters or punctuation keep closed, as
/// "markdown-cjk-friendly" has it: there East Asian letters around marks count like spaces, and East
/// Asian punctuation inside of them like letters.
fn emphasis(text: &str, apart: char) -> String {
    let mut out = String::with_capacity(text.len());
    let mut before: Option<char> = None;
    let mut rest = text;
    while let Some(mark) = rest.chars().next() {
        if mark == '\\' {
            let escaped: String = rest.chars().take(2).collect();
            before = escaped.chars().last();
            rest = &rest[escaped.len()..];
            out.push_str(&escaped);
            continue;
        }
        let run = if matches!(mark, '*' | '~') {
            &rest[..rest.len() - rest.trim_start_matches(mark).len()]
        } else {
            &rest[..mark.len_utf8()]
        };
        rest = &rest[run.len()..];
        let after = rest.chars().next();
        match (before, after) {
            (Some(left), Some(right)) if matches!(mark, '*' | '~') => {
                let is_word = |c: char| !c.is_whitespace() && !is_punctuation(c);
                let opens = is_word(left) && is_punctuation(right);
                let closes = is_punctuation(left) && is_word(right);
                let is_asian = is_east_asian(left) || is_east_asian(right);
                if opens && is_asian {
                    out.push(apart);
                }
                out.push_str(run);
                if closes && is_asian {
                    out.push(apart);
                }
            }
            _ => out.push_str(run),
        }
        before = run.chars().last();
    }
    out
}

/// Keeps what only looks like the definition of a link from vanishing: `[ERROR]: failed`.
fn definitions(text: &str, apart: char) -> String {
    let mut out = String::with_capacity(text.len());
    for line in text.split_inclusive('\n') {
        let begin = line.len() - line.trim_start_matches([' ', '\t', '>', '-', '*', '+']).len();
        let looks = line[begin..].strip_prefix('[').and_then(|rest| rest.split_once("]:"));
        let is_address = |to: &str| to.trim().is_empty() || to.contains(['/', '#', '@']);
        out.push_str(&line[..begin]);
        if looks.is_some_and(|(_, to)| !is_address(to)) {
            out.push(apart);
        }
        out.push_str(&line[begin..]);
    }
    out
}

/// About what CommonMark calls punctuation, symbols among it.
fn is_punctuation(c: char) -> bool {
    c.is_ascii_punctuation() || (!c.is_ascii() && !c.is_alphanumeric() && !c.is_whitespace())
}

/// Letters and punctuation that are written without spaces, and Korean.
pub(super) fn is_east_asian(c: char) -> bool {
    matches!(
        c,
        '\u{1100}'..='\u{11ff}'
            | '\u{2e80}'..='\u{a4cf}'
            | '\u{a960}'..='\u{a97f}'
            | '\u{ac00}'..='\u{d7ff}'
            | '\u{f900}'..='\u{faff}'
            | '\u{fe30}'..='\u{fe4f}'
            | '\u{ff00}'..='\u{ffef}'
            | '\u{20000}'..='\u{3ffff}'
    )
}
