//! Repositories by their names: `acme/*`, `acme/payments*`, `!acme/secrets`.

use crate::repo::RepoRef;
use serde::{Deserialize, Serialize};
use std::fmt;

/// A pattern for `owner/repo`, in which `*` stands for any characters but `/`. A `!` in front leaves out what
/// it fits. Letter case doesn't count, as on GitHub.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct RepoPattern(String);

impl RepoPattern {
    /// Reads a pattern; `None` for what can't fit any repository.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let (owner, repo) = text.strip_prefix('!').unwrap_or(text).split_once('/')?;
        let is_part = |part: &str| {
            let is_name = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.' | '*');
            !part.is_empty() && part.chars().all(is_name)
        };
        (is_part(owner) && is_part(repo)).then(|| Self(text.to_owned()))
    }

    /// Whether it leaves out what it fits.
    #[must_use]
    pub fn excludes(&self) -> bool {
        self.0.starts_with('!')
    }

    /// Whether it fits a repository.
    #[must_use]
    pub fn fits(&self, repo: &RepoRef) -> bool {
        let pattern = self.0.trim_start_matches('!').to_ascii_lowercase();
        pattern.split_once('/').is_some_and(|(owner, name)| {
            fits(owner.as_bytes(), repo.owner.to_ascii_lowercase().as_bytes())
                && fits(name.as_bytes(), repo.repo.to_ascii_lowercase().as_bytes())
        })
    }
}

impl fmt::Display for RepoPattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Whether a pattern fits all of a text. A `*` that took too little takes one more, and only the last one
/// that was met has to: so many stars cost no more than the two lengths multiplied.
fn fits(pattern: &[u8], text: &[u8]) -> bool {
    let (mut at, mut read) = (0, 0);
    let mut star: Option<(usize, usize)> = None;
    while read < text.len() {
        match pattern.get(at) {
            Some(b'*') => {
                star = Some((at, read));
                at += 1;
            }
            Some(c) if *c == text[read] => {
                at += 1;
                read += 1;
            }
            Some(_) | None => match star {
                Some((after, taken)) => {
                    star = Some((after, taken + 1));
                    (at, read) = (after + 1, taken + 1);
                }
                None => return false,
            },
        }
    }
    pattern[at..].iter().all(|c| *c == b'*')
}
