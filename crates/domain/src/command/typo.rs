//! Near misses: words that are one slip away from a key or a sub-command, and other forms of a sub-command.
//!
//! A slip costs a task on the wrong repository; a false alarm costs someone the two characters
//! `--`. So one slip is enough (a letter too many, too few, wrong, or two swapped), but words that
//! are keys or tasks in their own right are not slips, the value has to make sense for the key, and
//! only the two ends of the text are looked at.

use super::lone;
use super::parse::CommandError;
use super::table::{KEYS, OptionKey, VERBS};
use crate::command::Options;
use std::borrow::Cow;

/// Names one letter away from a key that people write for their own sake: `repr=compact`.
const HONEST_KEYS: &[&str] = &[
    "brunch", "lan", "pan", "play", "ranch", "redo", "rego", "repl", "repr", "repro", "reps",
    "tile",
];

/// Whole prompts one letter away from a sub-command.
const HONEST_TASKS: &[&str] = &["find", "lint"];

/// The longest name looked at, in bytes.
const NAME_MAX: usize = 36;

/// The longest sub-command, or word for one, in characters: `permissions`.
const VERB_MAX: usize = 11;

/// Keys and sub-commands shorter than this have too many honest neighbours: `pr` and `p=1`.
const SHORTEST: usize = 4;

/// The dashes that a command line, or a phone or an input method in its place, puts before an option.
pub(super) fn is_dash(c: char) -> bool {
    matches!(c, '-' | '‐'..='―' | '−' | '﹘' | '﹣' | '－')
}

/// Full-width letters, digits and signs, which input methods for Chinese and Japanese write, as plain
/// ones.
pub(super) fn plain_width(text: &str) -> Cow<'_, str> {
    const FULL: std::ops::RangeInclusive<char> = '！'..='～';
    if !text.contains(|c| FULL.contains(&c)) {
        return text.into();
    }
    let plain = |c: char| {
        let ascii = u32::from(c) - u32::from('！') + u32::from('!');
        char::from_u32(ascii).unwrap_or(c)
    };
    text.chars().map(|c| if FULL.contains(&c) { plain(c) } else { c }).collect()
}

/// How close a word is to the name of a key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Name {
    /// The name.
    Exact,
    /// Another word for it.
    Also,
    /// One letter away.
    Near,
}

/// The word that `text` begins with, if it may name a key.
pub(super) fn leading_name(text: &str) -> Option<&str> {
    let is_part = |c: char| c.is_alphabetic() || matches!(c, '-' | '_');
    let len = text.find(|c| !is_part(c)).unwrap_or(text.len());
    let name = text[..len].trim_end_matches(['-', '_']);
    // `repo-shop`, `plan_ask`: a sign of its own.
    let head = name.split(['-', '_']).next().unwrap_or(name);
    let is_key = |word: &str| KEYS.iter().any(|key| key.name.eq_ignore_ascii_case(word));
    let name = if is_key(head) { head } else { name };
    (!name.is_empty() && name.len() <= NAME_MAX).then_some(name)
}

/// The key that a word names, or nearly names where `slips` are looked for.
pub(super) fn name(word: &str, slips: bool) -> Option<(&'static OptionKey, Name)> {
    let word = &*plain_width(word);
    for key in KEYS {
        if key.name.eq_ignore_ascii_case(word) {
            return Some((key, Name::Exact));
        }
        if key.also.iter().any(|also| also.eq_ignore_ascii_case(word)) {
            return Some((key, Name::Also));
        }
    }
    let word = slips.then(|| word.to_lowercase())?;
    let key = KEYS.iter().find(|key| one_slip(&word, key.name))?;
    (!HONEST_KEYS.contains(&word.as_str())).then_some((key, Name::Near))
}

/// Whether `value` makes sense for a key that was almost typed. A number alone does not: `tite=3`.
pub(super) fn meant(key: &OptionKey, value: &str) -> bool {
    let slashes = value.starts_with('/');
    !slashes && value.chars().any(char::is_alphabetic) && (key.set)(&mut Options::default(), value)
}

/// `word` is one of ours, in plain letters.
fn one_slip(typed: &str, word: &str) -> bool {
    // Nearly everything is longer, and the distance is dear.
    let length = || typed.chars().take(word.len() + 2).count();
    let can_be = word.len() >= SHORTEST && length().abs_diff(word.len()) <= 1;
    can_be && strsim::osa_distance(typed, word) == 1
}

/// Shorter words have no forms: `his`.
const SHORTEST_WITH_FORMS: usize = 3;

/// Whether `word` is this stem and a `y`, which other endings replace.
fn ends_in_y(stem: &str, word: &str) -> bool {
    word.strip_suffix('y') == Some(stem)
}

/// `statuses`, `keys`, `retries`: `word` and the ending of a plural.
fn is_plural(typed: &str, word: &str) -> bool {
    let ends = |ending: &str| typed.strip_suffix(ending);
    word.len() >= SHORTEST_WITH_FORMS
        && (ends("s") == Some(word)
            || ends("es") == Some(word)
            || ends("ies").is_some_and(|stem| ends_in_y(stem, word)))
}

/// `stopping`, `approved`, `retried`, or a plural of `word`.
fn is_form(typed: &str, word: &str) -> bool {
    let last = word.chars().last();
    let is_stem = |stem: &str| {
        let is_doubled = last.is_some_and(|last| stem.strip_suffix(last) == Some(word));
        stem == word || is_doubled || word.strip_suffix('e') == Some(stem)
    };
    is_plural(typed, word)
        || (word.len() >= SHORTEST_WITH_FORMS
            && (["ed", "ing"].iter().any(|end| typed.strip_suffix(*end).is_some_and(is_stem))
                || typed.strip_suffix("ied").is_some_and(|stem| ends_in_y(stem, word))))
}

/// A prompt of one word that is a slip or a form of a sub-command, or of another agent's: nobody starts a
/// task with `lsit` or `statuses`.
pub(super) fn verb(prompt: &str) -> Option<CommandError> {
    if prompt.len() > NAME_MAX {
        return None;
    }
    let typed = lone::bare(prompt);
    // Counted once, and not for each word that it may come near.
    if typed.chars().count() > VERB_MAX + 1 || HONEST_TASKS.contains(&typed.as_str()) {
        return None;
    }
    let near = || VERBS.iter().find(|verb| verb.is_near(&typed, one_slip));
    let form = || VERBS.iter().find(|verb| verb.is_form(&typed, is_form));
    if let Some(verb) = near().or_else(form) {
        return Some(CommandError::Word {
            typed: prompt.to_owned(),
            meant: verb.word.to_owned(),
            corrected: verb.word.to_owned(),
        });
    }
    let of_others = |other: &&str| {
        is_form(&typed, other) || (other.len() > SHORTEST && one_slip(&typed, other))
    };
    // These may begin work, so `logging` may be some.
    let is_alone = |word: &&str| is_plural(&typed, word);
    let no_task = lone::OTHERS.iter().any(of_others) || lone::ALONE.iter().any(is_alone);
    no_task.then(|| CommandError::NoTask { typed: prompt.to_owned() })
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::cell::Cell;

    #[test]
    fn no_word_is_longer_than_the_longest() {
        let longest = Cell::new(0);
        let look = |_: &str, word: &str| {
            longest.set(longest.get().max(word.len()));
            false
        };
        for verb in VERBS {
            assert!(!verb.is_near("", look));
        }
        assert!(lone::OTHERS.iter().copied().all(|other| !look("", other)));
        assert_eq!(longest.get(), VERB_MAX);
    }

    #[test]
    fn a_slip_of_the_longest_word_is_one_still() {
        for slip in ["permissionss", "premissions", "ermissions", "(permissionss)"] {
            assert!(verb(slip).is_some(), "{slip}");
        }
        assert!(verb("permissionsss").is_none());
    }
}
