//! Near misses: words that are one slip away from a key or a sub-command.
//!
//! A slip costs a task on the wrong repository; a false alarm costs somebody the two characters
//! `--`. So one slip is enough (a letter too many, too few, wrong, or two swapped), but words that
//! are keys or tasks in their own right are not slips, the value has to make sense for the key, and
//! only the two ends of the text are looked at.

use super::parse::Misspelt;
use super::scan::{Kind, Piece};
use super::table::{KEYS, Key, VERBS};
use crate::domain::command::Options;
use std::collections::BTreeMap;

/// Names one letter away from a key that people write for their own sake: `repr=compact`.
const HONEST_KEYS: &[&str] = &[
    "brunch", "lan", "pan", "play", "ranch", "redo", "rego", "repl", "repr", "repro", "reps",
    "tile",
];

/// Whole prompts one letter away from a sub-command.
const HONEST_TASKS: &[&str] = &["find", "lint"];

/// The longest name looked at, in bytes.
const NAME_MAX: usize = 24;

/// Keys and sub-commands shorter than this have too many honest neighbours: `pr` and `p=1`.
const SHORTEST: usize = 4;

/// The dashes that a command line, or a phone in its place, puts before an option.
pub(super) fn is_dash(c: char) -> bool {
    matches!(c, '-' | '–' | '—')
}

/// The key that `name` is a slip of: `rep=`, `--repo=`, and `repo:` when written with a colon.
pub(super) fn key(name: &str, colon: bool) -> Option<&'static Key> {
    if name.len() > NAME_MAX {
        return None;
    }
    let name = name.trim_start_matches(is_dash).to_lowercase();
    KEYS.iter().find(|key| {
        let slip = key.also.contains(&name.as_str())
            || (one_slip(&name, key.name) && !HONEST_KEYS.contains(&name.as_str()));
        // With a colon only the very key: `note: …` and `plane:` are prose.
        name == key.name || (!colon && slip)
    })
}

/// Whether `value` makes sense for a key that was almost typed. A number alone does not: `tite=3`.
pub(super) fn meant(key: &Key, value: &str) -> bool {
    let slashes = value.starts_with('/');
    !slashes && value.chars().any(char::is_alphabetic) && (key.set)(&mut Options::default(), value)
}

fn one_slip(typed: &str, word: &str) -> bool {
    word.len() >= SHORTEST && strsim::osa_distance(typed, word) == 1
}

/// Near misses at the very start and end, with only options and other near misses outside them.
pub(super) fn at_the_ends(text: &str, pieces: &[Piece]) -> Option<Misspelt> {
    let outer = |piece: &&Piece| match piece.kind {
        Kind::Set { .. } | Kind::Near { .. } => true,
        Kind::Text => text[piece.at.clone()].trim().is_empty(),
        Kind::Literal => false,
    };
    let near = |piece: &Piece| match piece.kind {
        Kind::Near { key, head } => Some((piece.at.start, (key, head))),
        Kind::Set { .. } | Kind::Text | Kind::Literal => None,
    };
    let front = pieces.iter().take_while(outer).filter_map(near);
    let back = pieces.iter().rev().take_while(outer).filter_map(near);
    let found: BTreeMap<usize, (&Key, usize)> = front.chain(back).collect();

    let (&first, &(key, head)) = found.first_key_value()?;
    let mut corrected = String::with_capacity(text.len());
    let mut pos = 0;
    for (at, (key, head)) in &found {
        corrected.push_str(&text[pos..*at]);
        corrected.push_str(key.name);
        corrected.push('=');
        pos = at + head;
    }
    corrected.push_str(&text[pos..]);
    Some(Misspelt::Word {
        typed: text[first..first + head].to_owned(),
        meant: format!("{}=", key.name),
        corrected: corrected.trim().to_owned(),
    })
}

/// A prompt of one word that is a slip of a sub-command: nobody starts a task with `lsit`.
pub(super) fn verb(prompt: &str) -> Option<Misspelt> {
    if prompt.len() > NAME_MAX {
        return None;
    }
    let typed = prompt.to_lowercase();
    let verb = VERBS.iter().find(|verb| one_slip(&typed, verb.word))?;
    (!HONEST_TASKS.contains(&typed.as_str())).then(|| Misspelt::Word {
        typed: prompt.to_owned(),
        meant: verb.word.to_owned(),
        corrected: verb.word.to_owned(),
    })
}
