//! Words that many sentences share, and other people's words in ours.

use crate::rich_text::{Line, Rich, cut, link, markdown, say};
use domain::repo::{Branch, RepoRef};

/// How much of a repository's and a branch's name a line shows, and of other words.
pub(super) const NAME: usize = 140;
pub(super) const WORDS: usize = 300;

pub(super) fn jules() -> Line {
    link("https://jules.google.com", "jules.google.com")
}

pub(super) fn jules_settings() -> Line {
    link("https://jules.google.com/settings#api", "jules.google.com/settings")
}

pub(super) fn invite() -> Line {
    say!("Type `/invite @jules` there")
}

/// Someone else's words in a sentence of ours, cut to fit.
pub(super) fn harmless(text: &str) -> Line {
    Line::one(&cut(text, WORDS))
}

/// Someone's own words as a quote, at most about `most` characters of them.
pub(super) fn quoted(text: &str, most: usize) -> Rich {
    Rich::typed(text.trim()).cut(most, more).quoted()
}

/// Jules' words as a quote. Only the beginning was kept of what is long.
pub(super) fn quoted_markdown(text: &str) -> Rich {
    markdown(text).quoted()
}

/// What a cut leaves out.
pub(super) fn more(missing: usize) -> Line {
    say!("… {} more characters", thousands(missing))
}

/// What a cut leaves out, and where it is.
pub(super) fn more_in_jules(missing: usize, url: &str) -> Line {
    say!("… {} more characters. {}", thousands(missing), link(url, "Read the rest in Jules"))
}

/// A number as people write it.
fn thousands(number: usize) -> String {
    let digits = number.to_string();
    let mut out = String::new();
    for (nth, digit) in digits.chars().enumerate() {
        if nth > 0 && (digits.len() - nth).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out
}

/// What is typed, or a name.
pub(super) fn code(text: &str) -> Line {
    Line::code(&cut(text, NAME))
}

pub(super) fn name(repo: &RepoRef) -> Line {
    code(&repo.to_string())
}

pub(super) fn branch_name(branch: &Branch) -> Line {
    code(&branch.0)
}
