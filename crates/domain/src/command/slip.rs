//! Options that were written wrongly: `rep=404less`, `repo = 404less`, `--branch dev`, `*plan:* ask`.
//!
//! An option that is taken for prose starts work on another repository or branch than was typed, so a
//! slip starts nothing and is answered with the correction. A false alarm costs its author one click
//! or the two characters `--`. Some slips are certain from the text alone. Others are prose unless
//! the key accepts the value (`repo: 404less` but not `repo: the word`), which only someone who knows
//! the repositories can say: see [`Reading::settle`](super::Reading::settle).

use super::parse::CommandError;
use super::quote;
use super::scan::{Token, TokenKind, Verbatim, after};
use super::table::{self, OptionKey};
use super::typo::{self, Name};
use crate::command::Options;
use crate::invisible::is_invisible;
use std::ops::Range;

/// What stands between the key and its value instead of a plain `=`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Sign {
    /// `=`, or another sign that means the same: `＝`, `:=`, `=>`, `->`.
    Equals,
    /// A colon of any width.
    Colon,
    /// Nothing but the dashes of a command line before the key: `--repo 404less`.
    Dashes,
    /// Nothing but a space.
    Space,
    /// Something else that is neither a letter nor a space: `repo/404less`, `repo(404less)`.
    Other,
}

/// What is around the key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Around {
    Nothing,
    /// The dashes or the slash of a command.
    Dashes,
    /// Marks that make text bold, italic or struck through.
    Emphasis,
    /// Brackets or quotes.
    Brackets,
    /// Backticks.
    Code,
    /// Anything else: `$repo=404less`.
    Other,
}

/// A stretch of prose that may be an option.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Slip {
    /// All of it, from the marks before the key to the end of the value.
    at: Range<usize>,
    /// Where the value begins.
    value_at: usize,
    /// Where the value ends; what follows within `at` are marks that are dropped.
    value_end: usize,
    key: &'static OptionKey,
    value: String,
    name: Name,
    sign: Sign,
    around: Around,
    /// The quotation that its value stands in, if its key stands in it too.
    quoted: Option<Range<usize>>,
    /// Its sign is `==`, which also compares.
    compares: bool,
    /// There is no space between the key, the sign and the value.
    glued: bool,
    /// The value stands alone on the next line.
    broken: bool,
    /// Only options and other slips stand before it.
    first: bool,
    /// Only options and other slips stand after it.
    last: bool,
    /// It is the first, or the last, thing on its line.
    line_start: bool,
    line_end: bool,
    /// The word before it; empty at the start of the text.
    before: String,
    /// The word after it; empty at the end of the text.
    after: String,
}

/// A slip that is prose unless its value is accepted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Doubt<'a> {
    /// The key, such as `repo`.
    pub key: &'a str,
    /// Its value, as typed.
    pub value: &'a str,
    /// Stands at the start or the end of the text, where options are typed.
    pub at_an_end: bool,
}

/// Words before `repo NAME` or after it that make a sentence of it.
const BEFORE_A_NAME: &[&str] = &[
    "a", "an", "and", "any", "as", "at", "by", "each", "every", "for", "from", "in", "into", "its",
    "my", "new", "of", "old", "on", "or", "other", "our", "own", "per", "that", "the", "their",
    "this", "to", "two", "upstream", "with", "within", "your",
];
const AFTER_A_BRANCH: &[&str] = &[
    "breaks",
    "broken",
    "build",
    "builds",
    "but",
    "differs",
    "diverged",
    "for",
    "from",
    "gets",
    "lags",
    "never",
    "no",
    "not",
    "of",
    "protection",
    "still",
    "tests",
];
const AFTER_A_NAME: &[&str] = &[
    "and", "are", "can", "cannot", "does", "doesn't", "fails", "had", "has", "have", "in", "is",
    "lacks", "misses", "must", "needs", "on", "or", "should", "that", "to", "uses", "was", "were",
    "where", "which", "will", "with", "without",
];

impl Slip {
    /// Certain from the text alone.
    pub(super) fn is_certain(&self) -> bool {
        let meant = typo::meant(self.key, &self.value);
        let an_end = self.first || self.last;
        let known = self.name != Name::Near;
        meant
            && !self.broken
            && match (self.sign, self.around) {
                (_, Around::Brackets | Around::Code | Around::Other)
                | (Sign::Space | Sign::Other, _) => false,
                (Sign::Equals, _) if self.compares && self.key.name != "repo" => {
                    self.first && known
                }
                (Sign::Equals, _) if self.glued => an_end,
                (Sign::Equals | Sign::Dashes, _) => self.first && known,
                (Sign::Colon, _) => self.glued && an_end && self.name == Name::Exact,
            }
    }

    /// A slip if the key accepts the value; `None` when no value makes it one.
    pub(super) fn doubt(&self) -> Option<Doubt<'_>> {
        let (key, value) = (self.key.name, self.value.as_str());
        let is_free_text = key == "title";
        let possible = if is_free_text {
            let quoted = value.len() < self.value_end - self.value_at;
            let is_set = match self.sign {
                Sign::Equals | Sign::Dashes => self.first || self.last || quoted,
                Sign::Colon => quoted,
                Sign::Space | Sign::Other => false,
            };
            is_set && !self.broken && (self.around != Around::Code || self.quoted.is_some())
        } else if self.compares && key != "repo" {
            // `deploy if branch == main` is a condition.
            self.first
        } else {
            match self.sign {
                Sign::Space => self.is_spoken_as_an_option(),
                Sign::Other => self.name != Name::Near && self.is_apart(),
                Sign::Equals | Sign::Colon | Sign::Dashes => true,
            }
        };
        let stands_alone = match self.around {
            Around::Other => self.first || self.is_own_line(),
            // `repo=` in code, and then words.
            Around::Code => self.quoted.is_some() || self.glued,
            Around::Nothing | Around::Dashes | Around::Emphasis | Around::Brackets => true,
        };
        let stands_alone = stands_alone && (!self.broken || self.is_own_line());
        let accepted = (self.key.set)(&mut Options::default(), value);
        let at_an_end = (self.first || self.last)
            && (self.sign != Sign::Space && (self.sign != Sign::Other || self.glued));
        (possible && stands_alone && accepted).then_some(Doubt { key, value, at_an_end })
    }

    fn is_own_line(&self) -> bool {
        self.line_start && self.line_end
    }

    /// Words around it make a sentence of it.
    fn continues(&self) -> bool {
        BEFORE_A_NAME.contains(&self.before.as_str())
            || AFTER_A_NAME.contains(&self.after.as_str())
            || (self.key.name == "branch" && AFTER_A_BRANCH.contains(&self.after.as_str()))
    }

    /// Where options are typed, and not part of a sentence.
    fn is_apart(&self) -> bool {
        let last = self.last && self.glued;
        (self.first || last || self.is_own_line()) && !self.continues()
    }

    /// `repo 404less fix it`, `fix it plan ask`: not part of a sentence.
    fn is_spoken_as_an_option(&self) -> bool {
        if self.name == Name::Near {
            return false;
        }
        let continues = self.continues();
        let alone = self.is_own_line() && (!self.first || !self.last);
        match self.key.name {
            "repo" => (self.first || self.last || self.line_start || self.line_end) && !continues,
            "branch" => alone || (self.first && !self.last && !continues),
            // `turn the ping off` and `ping thread` are English, at either end.
            "ping" => alone || (self.first && table::begins_with_a_key(&self.after)),
            // `plan auto scaling` and `quiet no longer works` are English.
            _ => {
                let is_english = !matches!(self.value.to_ascii_lowercase().as_str(), "ask" | "yes");
                let before_an_option = table::begins_with_a_key(&self.after);
                let stands_first = self.first && (self.line_end || !is_english || before_an_option);
                self.last || self.is_own_line() || stands_first
            }
        }
    }

    /// What is quoted, or code, is prose, unless nothing but the option is, or everything: `"repo=404less"
    /// fix it`, `"repo=404less fix it"`.
    fn is_outside_quotes(&self, text: &str, pieces: &[Token]) -> bool {
        let Some(quoted) = &self.quoted else { return true };
        let is_set =
            |piece: &Token| matches!(&piece.kind, TokenKind::Set { key, .. } if *key == self.key);
        let is_option = self.at.end >= quoted.end || text.trim().len() == quoted.len();
        let is_shown = text[..self.at.start].trim_end().ends_with(':');
        let apart = self.first || (self.is_own_line() && !is_shown);
        let is_subject = AFTER_A_NAME.contains(&self.after.as_str());
        apart && is_option && !is_subject && !pieces.iter().any(is_set)
    }

    /// Quotes, backticks or brackets open before its key and close behind the whole text, of which it
    /// and what follows it have been corrected up to `pos`.
    fn encloses_all(&self, text: &str, pos: usize) -> bool {
        if let Some(quoted) = &self.quoted {
            return quoted.end > pos;
        }
        let pairs = [('(', ')'), ('[', ']'), ('{', '}')];
        let end = text.trim_end();
        pairs.iter().any(|(open, close)| {
            text[self.at.clone()].starts_with(*open)
                && end.ends_with(*close)
                && end.matches(*close).count() == 1
                && end.len() > pos
        })
    }

    fn overlaps(&self, other: &Self) -> bool {
        self.at.start < other.at.end && other.at.start < self.at.end
    }
}

/// The correction of those slips that are certain, or that `accepts` says are some; `None` without.
pub(super) fn correction(
    text: &str,
    slips: &[Slip],
    accepts: impl Fn(Doubt<'_>) -> bool,
) -> Option<CommandError> {
    let mut found: Vec<&Slip> = Vec::new();
    for slip in slips {
        let is_slip = slip.is_certain() || slip.doubt().is_some_and(&accepts);
        if is_slip && found.last().is_none_or(|last| !last.overlaps(slip)) {
            found.push(slip);
        }
    }
    let first = found.first()?;
    let mut corrected = String::with_capacity(text.len());
    let mut pos = 0;
    for slip in &found {
        corrected.push_str(&text[pos..slip.at.start]);
        corrected.push_str(slip.key.name);
        corrected.push('=');
        // Another `=` in front of the value would be a slip again.
        let value = text[slip.value_at..slip.value_end].trim_start_matches('=');
        let is_name = slip.key.name != "title";
        corrected.push_str(&if is_name { typo::plain_width(value) } else { value.into() });
        pos = slip.at.end;
        if text[pos..].starts_with(|c: char| !c.is_whitespace()) {
            corrected.push(' ');
        }
    }
    let rest = &text[pos..];
    corrected.push_str(if first.encloses_all(text, pos) {
        let closing = |c: char| quote::is_mark(c) || matches!(c, '`' | ')' | ']' | '}');
        rest.trim_end().trim_end_matches(closing)
    } else {
        rest
    });
    let corrected = corrected.trim().to_owned();
    // Nobody is helped by an offer of what they typed.
    (corrected != text.trim()).then(|| CommandError::Word {
        typed: text[first.at.start..first.value_at].trim_end().to_owned(),
        meant: format!("{}=", first.key.name),
        corrected,
    })
}

/// All that may be slips, in the order of the text. Takes linear time: no key, sign or value is read
/// further than its longest.
pub(super) fn find(text: &str, pieces: &[Token], verbatim: &Verbatim) -> Vec<Slip> {
    let prose: Vec<Range<usize>> = pieces
        .iter()
        .filter(|piece| matches!(piece.kind, TokenKind::Text))
        .map(|piece| piece.at.clone())
        .collect();
    let mut slips: Vec<Slip> =
        prose.iter().flat_map(|at| in_prose(text, at.clone(), verbatim)).collect();
    place(text, pieces, &mut slips);
    slips.retain(|slip| slip.is_outside_quotes(text, pieces));
    slips
}

fn in_prose(text: &str, prose: Range<usize>, verbatim: &Verbatim) -> Vec<Slip> {
    let mut slips = Vec::new();
    let start = prose.start;
    let mut quoted_until = start;
    // A piece begins where an option ended or the text begins: both start a word.
    let mut word_start = true;
    for (at, c) in text[prose].char_indices().map(|(at, c)| (start + at, c)) {
        if at < quoted_until {
            continue;
        }
        let after_a_slip = slips.last().is_some_and(|last: &Slip| last.at.end == at);
        if (word_start || after_a_slip)
            && let Some(mut slip) = slip_at(text, at)
        {
            slip.quoted = quotation(&slip, text, verbatim);
            slips.push(slip);
        }
        word_start = c.is_whitespace() || is_invisible(c);
        quoted_until = after(at, c, verbatim);
    }
    slips
}

/// The quotation or code that opens before the slip's key and closes behind its value begins.
fn quotation(slip: &Slip, text: &str, verbatim: &Verbatim) -> Option<Range<usize>> {
    let marks = text[slip.at.clone()].char_indices().take_while(|(_, c)| opens(*c));
    let starts =
        marks.filter(|(_, c)| quote::is_mark(*c) || *c == '`').map(|(at, _)| slip.at.start + at);
    let mut spans = starts.filter_map(|start| Some(start..*verbatim.get(&start)?));
    spans.find(|span| span.end > slip.value_at)
}

fn slip_at(text: &str, start: usize) -> Option<Slip> {
    let rest = &text[start..];
    let key_text = rest.trim_start_matches(opens);
    let word = typo::leading_name(key_text)?;
    let behind = &key_text[word.len()..];
    let marks = &rest[..rest.len() - key_text.len()];
    let around = around(marks);
    // Most words are followed by a letter of the next one, and are no key.
    let mut next = behind.trim_start_matches(is_gap).chars();
    if next.next().is_none_or(char::is_alphanumeric)
        && typo::name(word, around == Around::Dashes).is_none()
    {
        return None;
    }
    let closed = if marks.is_empty() { behind } else { behind.trim_start_matches(closes) };
    let (spaced, broken_before) = past_the_gap(closed);
    let (sign, sign_len) = sign(spaced);
    // The code may end with the sign: `repo=`404less.
    let surrounds = |c: char| surrounds_a_value(c) || (c == '`' && around == Around::Code);
    let signed = spaced[sign_len..].trim_start_matches(surrounds);
    let (value_text, broken_behind) = past_the_gap(signed);
    let value_text = value_text.trim_start_matches(surrounds);
    let gap = closed.len() != spaced.len() || signed.len() != value_text.len();
    let sign = match sign {
        Some(sign) => sign,
        None if !gap && value_text.starts_with(quote::is_mark) => Sign::Other,
        None if !gap => return None,
        None if around == Around::Dashes => Sign::Dashes,
        None => Sign::Space,
    };
    let (key, name) = typo::name(word, sign != Sign::Space)?;
    let (mut value, mut len) = quote::read(value_text);
    // A bare value stands in the text as it is; one in quotes does not.
    let quoted = !value_text.starts_with(value.as_str());
    let mut value_at = text.len() - value_text.len();
    if !quoted && key.name != "title" {
        (value_at, value, len) = without_neighbours(value_at, &value, len);
    }
    let bare = if quoted { value.as_str() } else { value.trim_end_matches(ends_a_value) };
    let kept = if quoted { len } else { bare.len() };
    let end = value_at + len;
    (!bare.is_empty()).then(|| Slip {
        at: start..end,
        value_at,
        value_end: value_at + kept,
        key,
        value: if key.name == "title" { bare.to_owned() } else { typo::plain_width(bare).into() },
        name,
        sign,
        around,
        quoted: None,
        compares: spaced.starts_with("==") && sign_len == 2,
        glued: !gap,
        broken: broken_before || broken_behind,
        first: false,
        last: false,
        line_start: is_line_start(text, start),
        line_end: is_line_end(text, end),
        before: last_word(&text[..start]),
        after: first_word(&text[end..]),
    })
}

/// A bare value without a quote that does not close at the end of the word, and up to a comma within it,
/// which no repository or branch has: `404less，fix it`, `404less,branch:dev`. Where it begins, and its
/// length with the comma.
fn without_neighbours(at: usize, word: &str, len: usize) -> (usize, String, usize) {
    let bare = word.trim_start_matches(quote::is_mark);
    let skipped = word.len() - bare.len();
    let ends =
        |c: char| matches!(c, ',' | ';' | '，' | '、' | '；' | '。' | '】' | '」' | '』' | '）');
    match bare.char_indices().find(|(at, c)| *at > 0 && ends(*c)) {
        Some((end, c)) => (at + skipped, bare[..end].to_owned(), end + c.len_utf8()),
        None => (at + skipped, bare.to_owned(), len - skipped),
    }
}

/// What follows white space, of which one line break may be a part.
fn past_the_gap(text: &str) -> (&str, bool) {
    let spaced = text.trim_start_matches(is_gap);
    match spaced.strip_prefix('\n').map(|next| next.trim_start_matches(is_gap)) {
        Some(next) if !next.starts_with('\n') => (next, true),
        Some(_) | None => (spaced, false),
    }
}

/// The sign that `text` begins with, and its length.
fn sign(text: &str) -> (Option<Sign>, usize) {
    let dashes = text.trim_start_matches(typo::is_dash);
    if let Some(rest) = dashes.strip_prefix('>') {
        return (Some(Sign::Equals), text.len() - rest.len());
    }
    let rest = text.trim_start_matches(is_sign);
    let signs = &text[..text.len() - rest.len()];
    // `repo::a` is a path in code.
    let kind = if signs == "::" && !rest.starts_with(is_gap) {
        None
    } else if signs.contains(is_equals) {
        Some(Sign::Equals)
    } else {
        (!signs.is_empty()).then_some(Sign::Colon)
    };
    // A dash alone is prose, unless it stands apart: `repo - 404less`.
    match kind {
        None if dashes.len() < text.len() && dashes.starts_with(is_gap) => {
            (Some(Sign::Colon), text.len() - dashes.len())
        }
        Some(kind) => (Some(kind), signs.len()),
        None if signs == "::" => (None, 0),
        None => match other(text) {
            0 => (None, 0),
            len => (Some(Sign::Other), len),
        },
    }
}

/// The length of what stands between a key and its value, whatever it is; 0 where a sentence ends or
/// words in quotes begin.
fn other(text: &str) -> usize {
    const LONGEST: usize = 3;
    let mut signs = text.char_indices();
    let is_one = |c: char| !c.is_alphanumeric() && !c.is_whitespace() && !quote::is_mark(c);
    let end = signs.find(|(_, c)| !is_one(*c)).map_or(text.len(), |(at, _)| at);
    let run = &text[..end];
    let ends_a_sentence =
        text[end..].starts_with(char::is_whitespace) && run.contains(['.', '!', '?', '…', ')']);
    if run.chars().count() > LONGEST || ends_a_sentence { 0 } else { end }
}

fn is_equals(c: char) -> bool {
    matches!(c, '=' | '＝' | '﹦' | '≔' | '≈' | '→' | '⇒' | '➜' | '➡' | '>')
}

fn is_sign(c: char) -> bool {
    is_equals(c) || matches!(c, ':' | '：' | '﹕' | '︰' | '∶' | '꞉' | '|' | '~')
}

/// White space within a line.
fn is_gap(c: char) -> bool {
    (c.is_whitespace() && c != '\n') || is_invisible(c)
}

fn is_emphasis(c: char) -> bool {
    matches!(c, '*' | '_' | '~')
}

/// Anything that may stand before a key.
fn opens(c: char) -> bool {
    !c.is_alphanumeric() && !c.is_whitespace() && !is_invisible(c)
}

fn is_bracket(c: char) -> bool {
    quote::is_mark(c)
        || matches!(c, '(' | ')' | '[' | ']' | '{' | '}' | '<' | '>' | '（' | '）' | '［' | '］')
        || matches!(c, '【' | '】' | '「' | '」' | '『' | '』' | '《' | '》')
}

fn closes(c: char) -> bool {
    is_emphasis(c) || is_bracket(c) || c == '`'
}

/// What may stand around a value. Quotes are read with it.
fn surrounds_a_value(c: char) -> bool {
    is_emphasis(c) || (is_bracket(c) && !quote::is_mark(c) && c != '>')
}

fn ends_a_value(c: char) -> bool {
    closes(c) || matches!(c, '.' | ',' | ';' | ':' | '!' | '?')
}

fn around(marks: &str) -> Around {
    if marks.is_empty() {
        Around::Nothing
    } else if marks.chars().all(|c| typo::is_dash(c) || c == '/') {
        Around::Dashes
    } else if marks.chars().all(|c| is_emphasis(c) || typo::is_dash(c)) {
        Around::Emphasis
    } else if marks.contains('`') {
        Around::Code
    } else if marks.chars().all(|c| is_bracket(c) || is_emphasis(c) || typo::is_dash(c)) {
        Around::Brackets
    } else {
        Around::Other
    }
}

fn is_line_start(text: &str, at: usize) -> bool {
    text[..at].trim_end_matches(is_gap).chars().next_back().is_none_or(|c| c == '\n')
}

fn is_line_end(text: &str, at: usize) -> bool {
    text[at..].trim_start_matches(is_gap).chars().next().is_none_or(|c| c == '\n')
}

/// Longer than any word that is looked for.
const WORD_MAX: usize = 16;

fn last_word(text: &str) -> String {
    let word: Vec<char> =
        text.trim_end().chars().rev().take_while(|c| !c.is_whitespace()).take(WORD_MAX).collect();
    word.into_iter().rev().collect::<String>().to_lowercase()
}

fn first_word(text: &str) -> String {
    let word: String =
        text.trim_start().chars().take_while(|c| !c.is_whitespace()).take(WORD_MAX).collect();
    word.to_lowercase()
}

/// Finds out which slips stand at the start or the end of the text, with only options and other slips
/// outside them.
fn place(text: &str, pieces: &[Token], slips: &mut [Slip]) {
    let options = || pieces.iter().filter(|piece| matches!(piece.kind, TokenKind::Set { .. }));
    // What follows `--` is outside, as what follows the text is.
    let before_dashes = pieces.iter().filter(|piece| !matches!(piece.kind, TokenKind::Literal));
    let end = before_dashes.map(|piece| piece.at.end).max().unwrap_or(0);
    let is_blank = |at: Range<usize>| {
        text.get(at)
            .is_some_and(|between| between.chars().all(|c| c.is_whitespace() || is_invisible(c)))
    };
    let mut open = 0;
    let mut set = options().peekable();
    for slip in slips.iter_mut() {
        while let Some(option) = set.next_if(|option| option.at.end <= slip.at.start) {
            if !is_blank(open..option.at.start) {
                break;
            }
            open = option.at.end;
        }
        if slip.at.start >= open && !is_blank(open..slip.at.start) {
            break;
        }
        slip.first = slip.at.start >= open;
        if slip.first && typo::meant(slip.key, &slip.value) {
            open = slip.at.end;
        }
    }
    let mut open = end;
    let mut set: Vec<&Token> = options().collect();
    for slip in slips.iter_mut().rev() {
        while set.last().is_some_and(|option| option.at.start >= slip.at.end) {
            let Some(option) = set.pop() else { break };
            if !is_blank(option.at.end..open) {
                return;
            }
            open = option.at.start;
        }
        if slip.at.end > open {
            continue;
        }
        if !is_blank(slip.at.end..open) {
            break;
        }
        slip.last = true;
        if typo::meant(slip.key, &slip.value) {
            open = slip.at.start;
        }
    }
}
