//! Whether a key accepts a value, by what is known of the repositories: the difference between a slip
//! (`repo: 404less`) and prose (`repo: the word`).

use super::Facts;
use crate::command::{Command, Doubt, Options, Reading};
use crate::repo::{self, BranchFit, Known, Resolution, Source, Wish, find};

/// Whether `doubt` is a slip in what was typed.
pub(super) fn accepts(doubt: Doubt<'_>, reading: &Reading, facts: &Facts<'_>) -> bool {
    match (doubt.key, facts.sources) {
        ("repo", Some(sources)) => is_listed(doubt.value, sources),
        ("branch", Some(sources)) => {
            let meant = meant(reading, facts);
            sources
                .iter()
                .filter(|source| meant.is_none_or(|meant| meant.name == source.name))
                .any(|source| may_have_branch(doubt.value, source))
        }
        // Before the list was read, a value where options are typed is one as far as anyone can tell.
        ("repo" | "branch", None) => doubt.at_an_end,
        // The grammar has checked the modes and the title.
        (_, _) => true,
    }
}

fn is_listed(typed: &str, sources: &[Source]) -> bool {
    match find(typed, sources) {
        Resolution::One(_) | Resolution::Several(_) => true,
        Resolution::None { .. } => false,
    }
}

/// Plain words that are branches wherever they name one.
const USUAL_BRANCHES: &[&str] = &[
    "beta",
    "canary",
    "dev",
    "develop",
    "development",
    "gh-pages",
    "main",
    "master",
    "next",
    "nightly",
    "prod",
    "production",
    "stable",
    "staging",
    "trunk",
];

/// Whether a source has this branch. The list of sources comes without most branches, so where they are
/// not known, a name that is no plain word counts as one.
fn may_have_branch(typed: &str, source: &Source) -> bool {
    match repo::resolve_branch(typed, source) {
        BranchFit::Listed(_) => true,
        BranchFit::Unlisted(_) => {
            let marks = |c: char| c.is_ascii_digit() || matches!(c, '/' | '-' | '_' | '.' | '#');
            USUAL_BRANCHES.contains(&typed) || typed.contains(marks)
        }
        BranchFit::Unknown { .. } => false,
    }
}

/// The source that the text names, or the one that is taken where it names none.
fn meant<'s>(reading: &Reading, facts: &Facts<'s>) -> Option<&'s Source> {
    let sources = facts.sources?;
    let typed = match reading.unsettled() {
        Ok(Command::Start(request)) => request.options.repo.as_deref(),
        _ => None,
    };
    match typed {
        Some(typed) => match find(typed, sources) {
            Resolution::One(source) => Some(source),
            Resolution::Several(_) | Resolution::None { .. } => None,
        },
        None => {
            let text = match reading.unsettled() {
                Ok(Command::Start(request)) => request.prompt.as_str(),
                _ => "",
            };
            let wish = Wish {
                options: &Options::default(),
                text,
                fixed: None,
                defaults: facts.defaults(),
            };
            let known = Known { sources: facts.sources, ..Known::default() };
            let presumed = repo::presumed(&wish, &known)?;
            sources.iter().find(|source| source.name == presumed.source)
        }
    }
}
