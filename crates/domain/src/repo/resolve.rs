//! Which connected repository, and which of its branches, a typed name means.
//!
//! The mistake to avoid is work on the wrong repository, so nothing is a hit unless it is the
//! whole name. What merely looks alike goes into the refusal, best first.

use super::{Branch, RepoQuery, RepoRef, Source};
use std::cmp::Reverse;

/// How many near names a refusal carries at most: enough to find the slip, few enough to read.
pub const NEAREST: usize = 5;

/// How alike two names must be to be worth offering, in thousandths (1000 is equal). Unrelated
/// names score up to about 600 by Jaro-Winkler.
const ALIKE: u32 = 700;

/// Which sources a typed repository fits.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Resolution<'s> {
    /// Exactly one.
    One(&'s Source),
    /// A bare name that several owners have: ask. In the order of the sources.
    Several(Vec<&'s Source>),
    /// None.
    None {
        /// At most [`NEAREST`] that come near, best first; may be empty.
        nearest: Vec<&'s Source>,
    },
}

/// How a typed branch fits a source.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum BranchFit {
    /// Jules lists it, or reports it as the default.
    Listed(Branch),
    /// Jules tells no branches of this source: take it as it was typed.
    Unlisted(Branch),
    /// Jules lists branches and this is none of them, or no branch can have that name.
    Unknown {
        /// At most [`NEAREST`] that come near, best first; may be empty.
        nearest: Vec<Branch>,
    },
}

/// The sources that `typed` means. `owner/repo` and source names fit one repository, a bare name
/// every owner that has it; letter case does not count (GitHub's own rule).
#[must_use]
pub fn resolve<'s>(typed: &RepoQuery, sources: &'s [Source]) -> Resolution<'s> {
    let mut fits: Vec<&Source> = Vec::new();
    for source in sources.iter().filter(|source| fits_source(typed, source)) {
        // One repository listed under two source names would be a choice between equal labels.
        if !fits.iter().any(|known| known.repo.same(&source.repo)) {
            fits.push(source);
        }
    }
    match fits.as_slice() {
        [] => Resolution::None { nearest: nearest_sources(typed, sources) },
        [one] => Resolution::One(one),
        [_, _, ..] => Resolution::Several(fits),
    }
}

/// Whether `typed` means this source.
#[must_use]
pub fn fits_source(typed: &RepoQuery, source: &Source) -> bool {
    match typed {
        RepoQuery::Name(name) => source.repo.repo.eq_ignore_ascii_case(name),
        RepoQuery::Full(repo) => source.repo.same(repo),
        RepoQuery::Source(name) => {
            source.name.0.eq_ignore_ascii_case(&name.0)
                || in_source_name(&name.0).is_some_and(|repo| source.repo.same(&repo))
        }
    }
}

/// The repository in a name of the usual shape, `sources/github/{owner}/{repo}`: someone may type
/// it although Jules lists that repository under another name (the reference shows both shapes).
fn in_source_name(name: &str) -> Option<RepoRef> {
    let mut parts = name.split('/').skip(2);
    let (owner, repo, end) = (parts.next()?, parts.next()?, parts.next());
    end.is_none().then(|| RepoRef { owner: owner.to_owned(), repo: repo.to_owned() })
}

fn nearest_sources<'s>(typed: &RepoQuery, sources: &'s [Source]) -> Vec<&'s Source> {
    let (whole, name) = match typed {
        RepoQuery::Name(name) => (name.to_lowercase(), name.to_lowercase()),
        RepoQuery::Full(repo) => (repo.to_string().to_lowercase(), repo.repo.to_lowercase()),
        RepoQuery::Source(source) => {
            let name = source.0.to_lowercase();
            let path = name.splitn(3, '/').nth(2).unwrap_or(&name).to_owned();
            let last = path.rsplit('/').next().unwrap_or(&path).to_owned();
            (path, last)
        }
    };
    nearest(sources, |source| {
        let listed = source.repo.to_string().to_lowercase();
        // The owner is the part that people leave out or get wrong, so the name counts as well.
        alike(&whole, &listed).max(alike(&name, &source.repo.repo.to_lowercase()))
    })
}

/// The branch that `typed` means. Branches are told apart by letter case (git's own rule), so a
/// variant in another case is only offered, first.
#[must_use]
pub fn resolve_branch(typed: &str, source: &Source) -> BranchFit {
    let branch = Branch::parse(typed);
    // An empty list tells no more than a missing one: every repository with a commit has a branch.
    let listed = source.branches.as_deref().unwrap_or_default();
    let known =
        |branch: &Branch| listed.contains(branch) || source.default_branch.as_ref() == Some(branch);
    match branch {
        Some(branch) if known(&branch) => BranchFit::Listed(branch),
        Some(branch) if listed.is_empty() => BranchFit::Unlisted(branch),
        _ => BranchFit::Unknown { nearest: nearest_branches(typed, listed) },
    }
}

fn nearest_branches(typed: &str, listed: &[Branch]) -> Vec<Branch> {
    let typed = typed.trim().to_lowercase();
    let last = typed.rsplit('/').next().unwrap_or(&typed).to_owned();
    let found = nearest(listed, |branch| {
        let branch = branch.0.to_lowercase();
        let end = branch.rsplit('/').next().unwrap_or(&branch);
        // `login` for `feature/login`: the last part alone is next best to the whole.
        alike(&typed, &branch).max(alike(&last, end).saturating_sub(1))
    });
    found.into_iter().cloned().collect()
}

/// The best-scored of `all`, best first, equals in their own order.
fn nearest<T>(all: &[T], score: impl Fn(&T) -> u32) -> Vec<&T> {
    let mut scored: Vec<(Reverse<u32>, &T)> = all
        .iter()
        .map(|one| (Reverse(score(one)), one))
        .filter(|(Reverse(score), _)| *score >= ALIKE)
        .collect();
    scored.sort_by_key(|(score, _)| *score);
    scored.into_iter().take(NEAREST).map(|(_, one)| one).collect()
}

/// How alike two lower-case names are, 0 to 1000. One within the other counts as close: people
/// type `less` for `404less`, and `404less-frontend` for it too.
fn alike(typed: &str, listed: &str) -> u32 {
    let within = |short: &str, long: &str| short.len() >= 2 && long.contains(short);
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "a similarity is between 0 and 1"
    )]
    let similar = (strsim::jaro_winkler(typed, listed) * 1000.0) as u32;
    if within(typed, listed) || within(listed, typed) { similar.max(900) } else { similar }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::repo::SourceName;
    use crate::repo::source::listed as source;

    fn sources() -> Vec<Source> {
        ["AshikNesin/404less", "acme/api", "acme/web-frontend", "beta/API", "acme/api-docs"]
            .map(source)
            .to_vec()
    }

    /// `=x` one, `?x,y` several, `~x,y` none but near.
    fn told(typed: &str) -> String {
        let names = |all: &[&Source]| {
            all.iter().map(|source| source.repo.to_string()).collect::<Vec<_>>().join(",")
        };
        match resolve(&RepoQuery::parse(typed).unwrap(), &sources()) {
            Resolution::One(one) => format!("={}", one.repo),
            Resolution::Several(all) => format!("?{}", names(&all)),
            Resolution::None { nearest } => format!("~{}", names(&nearest)),
        }
    }

    #[test]
    fn which_repository_a_name_means() {
        for (typed, means) in [
            ("404less", "=AshikNesin/404less"),
            ("404LESS", "=AshikNesin/404less"),
            ("ashiknesin/404Less", "=AshikNesin/404less"),
            ("https://github.com/ashiknesin/404less/pull/3", "=AshikNesin/404less"),
            ("sources/github/AshikNesin/404less", "=AshikNesin/404less"),
            ("api", "?acme/api,beta/API"),
            ("beta/api", "=beta/API"),
            ("less", "~AshikNesin/404less"),
            ("404les", "~AshikNesin/404less"),
            ("frontend", "~acme/web-frontend"),
            ("acme/404less", "~AshikNesin/404less"),
            ("acme/apo", "~acme/api,acme/api-docs,beta/API,acme/web-frontend"),
            ("sources/github/acme/apo", "~acme/api,acme/api-docs,beta/API,acme/web-frontend"),
            ("zzz", "~"),
        ] {
            assert_eq!(told(typed), means, "{typed:?}");
        }
    }

    #[test]
    fn a_repository_listed_twice_is_one() {
        let mut sources = sources();
        sources.push(Source {
            name: SourceName("sources/github-acme-api".into()),
            ..source("acme/API")
        });
        let by_name = RepoQuery::parse("acme/api").unwrap();
        assert_eq!(resolve(&by_name, &sources), Resolution::One(&sources[1]));
        let other_name = RepoQuery::parse("sources/github-acme-api").unwrap();
        assert_eq!(resolve(&other_name, &sources), Resolution::One(&sources[5]));
    }

    #[test]
    fn which_branch_a_name_means() {
        let branch = |name: &str| Branch(name.to_owned());
        let known = ["dev", "develop", "feature/login", "Release"].map(branch).to_vec();
        let told = Source { branches: Some(known), ..source("acme/api") };
        let silent = Source { branches: None, ..source("acme/api") };
        let empty = Source { branches: Some(vec![]), ..source("acme/api") };

        assert_eq!(resolve_branch("develop", &told), BranchFit::Listed(branch("develop")));
        assert_eq!(resolve_branch("refs/heads/dev", &told), BranchFit::Listed(branch("dev")));
        assert_eq!(resolve_branch("main", &told), BranchFit::Listed(branch("main")));
        assert_eq!(resolve_branch("main", &silent), BranchFit::Listed(branch("main")));
        assert_eq!(resolve_branch("release", &silent), BranchFit::Unlisted(branch("release")));
        assert_eq!(resolve_branch("release", &empty), BranchFit::Unlisted(branch("release")));
        assert_eq!(resolve_branch("no branch", &silent), BranchFit::Unknown { nearest: vec![] });

        for (typed, first) in
            [("release", "Release"), ("login", "feature/login"), ("devlop", "develop")]
        {
            let BranchFit::Unknown { nearest } = resolve_branch(typed, &told) else {
                panic!("{typed} was taken")
            };
            assert_eq!(nearest.first(), Some(&branch(first)), "{typed:?}");
        }
    }
}
