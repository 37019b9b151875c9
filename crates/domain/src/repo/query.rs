//! A repository as someone typed or pasted it.
//!
//! People copy what is in front of them: a name, `owner/repo`, the address in the browser, the
//! line that `git clone` wants, the source name from an API answer. All of them are read here,
//! once, and nothing is looked up.

use super::{RepoRef, SourceName};
use crate::invisible::visible_in_name;
use std::fmt;

/// What someone typed for a repository. Letter case is kept and does not count.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RepoQuery {
    /// `404less`: fits every owner that has a repository of that name.
    Name(String),
    /// `AshikNesin/404less`, or any GitHub address of it.
    Full(RepoRef),
    /// `sources/…`: the resource name that the API uses.
    Source(SourceName),
}

/// The text names no GitHub repository.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum RepoQueryError {
    /// Nothing is left after trimming.
    #[error("no repository was named")]
    Empty,
    /// An address of another host; Jules knows GitHub only (Jules: `Source.githubRepo`).
    #[error("only repositories on github.com can be connected to Jules")]
    OtherHost,
    /// Characters or a shape that no GitHub repository has.
    #[error("not the name of a GitHub repository")]
    Shape,
}

impl RepoQuery {
    /// Reads `404less`, `AshikNesin/404less`, any `github.com` address of it (web, `git clone`
    /// over HTTPS or SSH, a page inside it, with query and fragment) or `sources/…`. Quotes,
    /// brackets and punctuation around it, and characters nobody sees, do not count.
    ///
    /// # Errors
    /// [`RepoQueryError`] when it can be none of these.
    pub fn parse(typed: &str) -> Result<Self, RepoQueryError> {
        let typed = bare(typed);
        let typed = typed.as_str();
        if typed.is_empty() {
            return Err(RepoQueryError::Empty);
        }
        if after(typed, "sources/").is_some() {
            return source(typed);
        }
        match github_path(typed)? {
            Some(path) => page(path),
            None => {
                name(after(typed, "github/").filter(|rest| rest.contains('/')).unwrap_or(typed))
            }
        }
    }
}

/// Prints what [`RepoQuery::parse`] reads as the same thing again.
impl fmt::Display for RepoQuery {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Name(name) => f.write_str(name),
            Self::Full(repo) => repo.fmt(f),
            Self::Source(name) => name.fmt(f),
        }
    }
}

/// Without the quotes, brackets and punctuation around it, and without what nobody sees.
pub(super) fn bare(typed: &str) -> String {
    visible_in_name(typed)
        .trim_start_matches(|c: char| "<([{\"'`“”„‘’‚«»".contains(c))
        .trim_end_matches(|c: char| ">)]}\"'`“”‘’«».,;:!?/".contains(c))
        .to_owned()
}

/// What follows `prefix`, whose letter case does not count.
fn after<'t>(text: &'t str, prefix: &str) -> Option<&'t str> {
    let head = text.get(..prefix.len())?;
    head.eq_ignore_ascii_case(prefix).then(|| &text[prefix.len()..])
}

/// The path within github.com; `None` when `typed` is no address at all.
pub(super) fn github_path(typed: &str) -> Result<Option<&str>, RepoQueryError> {
    let (host, path) = match typed.split_once("://") {
        // `user:password@host:port` may stand before the path.
        Some((_, rest)) => rest.split_once('/').unwrap_or((rest, "")),
        // `git@github.com:owner/repo.git` is what GitHub shows for SSH; the colon ends the host.
        None => typed.split_once(['/', ':']).unwrap_or((typed, "")),
    };
    let address = typed.contains("://") || host.contains('@');
    let host = host.rsplit('@').next().unwrap_or(host);
    let host = host.split(':').next().unwrap_or(host);
    if after(host, "www.").unwrap_or(host).eq_ignore_ascii_case("github.com") {
        return Ok(Some(path));
    }
    // An owner has no dot, so `gitlab.com/a/b` can only be another host.
    let elsewhere = address || (host.contains('.') && path.contains('/'));
    if elsewhere { Err(RepoQueryError::OtherHost) } else { Ok(None) }
}

/// The repository that a page of github.com belongs to: the first two parts of its path.
fn page(path: &str) -> Result<RepoQuery, RepoQueryError> {
    let path = path.split(['?', '#']).next().unwrap_or(path);
    let mut parts = path.split('/').filter(|part| !part.is_empty());
    match (parts.next(), parts.next()) {
        (Some(owner), Some(repo)) => full(owner, repo),
        _ => Err(RepoQueryError::Shape),
    }
}

/// `repo` or `owner/repo`.
fn name(typed: &str) -> Result<RepoQuery, RepoQueryError> {
    let stem = without_git(typed);
    match typed.split_once('/') {
        Some((owner, repo)) => full(owner, repo),
        // GitHub would take `--` and `_` for a name, but alone they are punctuation.
        None if is_repo(stem) && stem.contains(|c: char| c.is_ascii_alphanumeric()) => {
            Ok(RepoQuery::Name(stem.to_owned()))
        }
        None => Err(RepoQueryError::Shape),
    }
}

pub(super) fn full(owner: &str, repo: &str) -> Result<RepoQuery, RepoQueryError> {
    let repo = without_git(repo);
    if is_owner(owner) && is_repo(repo) {
        Ok(RepoQuery::Full(RepoRef { owner: owner.to_owned(), repo: repo.to_owned() }))
    } else {
        Err(RepoQueryError::Shape)
    }
}

/// A source name is opaque: only what could leave a URL's path is refused.
fn source(typed: &str) -> Result<RepoQuery, RepoQueryError> {
    let plain = typed.bytes().all(|b| b.is_ascii_alphanumeric() || b"._-/".contains(&b))
        && typed.split('/').all(|part| !matches!(part, "" | "." | ".."));
    if plain {
        Ok(RepoQuery::Source(SourceName(typed.to_owned())))
    } else {
        Err(RepoQueryError::Shape)
    }
}

/// GitHub lets no repository end in `.git`.
fn without_git(repo: &str) -> &str {
    match repo.len().checked_sub(4).and_then(|at| repo.split_at_checked(at)) {
        Some((stem, end)) if end.eq_ignore_ascii_case(".git") && !stem.is_empty() => stem,
        _ => repo,
    }
}

/// GitHub user and organisation names: letters, digits and `-`, at most 39; `_` in the names of
/// managed users.
fn is_owner(text: &str) -> bool {
    (1..=39).contains(&text.len())
        && !text.starts_with('-')
        && text.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_'))
}

/// GitHub repository names: letters, digits, `-`, `_` and `.`, at most 100.
fn is_repo(text: &str) -> bool {
    (1..=100).contains(&text.len())
        && !matches!(text, "." | "..")
        && text.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_' | b'.'))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn full(owner: &str, repo: &str) -> Result<RepoQuery, RepoQueryError> {
        Ok(RepoQuery::Full(RepoRef { owner: owner.to_owned(), repo: repo.to_owned() }))
    }

    #[test]
    fn every_way_to_write_one_repository() {
        for typed in [
            "AshikNesin/404less",
            " AshikNesin/404less/ ",
            "“AshikNesin/404less”",
            "<AshikNesin/404less>",
            "AshikNesin/404less.",
            "AshikNesin/404less.git",
            "Ashik\u{200b}Nesin/404less",
            "github/AshikNesin/404less",
            "github.com/AshikNesin/404less",
            "GitHub.com/AshikNesin/404less",
            "www.github.com/AshikNesin/404less/",
            "http://github.com/AshikNesin/404less",
            "https://github.com/AshikNesin/404less",
            "https://www.github.com/AshikNesin/404less.git",
            "https://user:token@github.com/AshikNesin/404less",
            "https://github.com/AshikNesin/404less/tree/feature/x",
            "https://github.com/AshikNesin/404less/pull/3#discussion_r1",
            "https://github.com/AshikNesin/404less/issues?q=is%3Aopen+label:a",
            "https://github.com/AshikNesin/404less?tab=readme-ov-file",
            "https://github.com/AshikNesin/404less#readme",
            "https://github.com//AshikNesin/404less",
            "git@github.com:AshikNesin/404less.git",
            "ssh://git@github.com/AshikNesin/404less.git",
            "ssh://git@github.com:22/AshikNesin/404less.git",
            "git+https://github.com/AshikNesin/404less.git",
            "git://github.com/AshikNesin/404less.GIT",
        ] {
            assert_eq!(RepoQuery::parse(typed), full("AshikNesin", "404less"), "{typed:?}");
        }
    }

    #[test]
    fn names_alone_and_names_with_dots() {
        for name in ["404less", "next.js", ".github", "a_b-c", "2048", "github", "sources"] {
            assert_eq!(RepoQuery::parse(name), Ok(RepoQuery::Name(name.to_owned())), "{name:?}");
        }
        assert_eq!(RepoQuery::parse("vercel/next.js"), full("vercel", "next.js"));
        assert_eq!(RepoQuery::parse("github/docs"), full("github", "docs"));
        assert_eq!(RepoQuery::parse("octo_corp/api"), full("octo_corp", "api"));
    }

    #[test]
    fn source_names_are_kept_whole() {
        for name in ["sources/github/AshikNesin/404less", "sources/github-myorg-myrepo"] {
            assert_eq!(RepoQuery::parse(name), Ok(RepoQuery::Source(SourceName(name.to_owned()))));
        }
    }

    #[test]
    fn what_is_no_repository() {
        for (typed, why) in [
            ("", RepoQueryError::Empty),
            ("\u{200b} “” ", RepoQueryError::Empty),
            ("https://gitlab.com/a/b", RepoQueryError::OtherHost),
            ("gitlab.com/a/b", RepoQueryError::OtherHost),
            ("git@bitbucket.org:a/b.git", RepoQueryError::OtherHost),
            ("https://github.com.evil.example/a/b", RepoQueryError::OtherHost),
            ("https://evil.example/github.com/a/b", RepoQueryError::OtherHost),
            ("https://github.com@evil.example/a/b", RepoQueryError::OtherHost),
            ("https://github.com", RepoQueryError::Shape),
            ("https://github.com/AshikNesin", RepoQueryError::Shape),
            ("a/b/c", RepoQueryError::Shape),
            ("two words", RepoQueryError::Shape),
            ("a=b", RepoQueryError::Shape),
            ("--", RepoQueryError::Shape),
            ("größe", RepoQueryError::Shape),
            ("-a/b", RepoQueryError::Shape),
            ("a/..?x", RepoQueryError::Shape),
            ("sources/../keys", RepoQueryError::Shape),
            ("sources/a?b", RepoQueryError::Shape),
        ] {
            assert_eq!(RepoQuery::parse(typed), Err(why), "{typed:?}");
        }
    }
}
