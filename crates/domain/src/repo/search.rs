//! What a select offers while someone is still typing.
//!
//! Runs on every key stroke within Slack's three seconds, over thousands of names, so it is one
//! pass without a table of distances. Slips are not forgiven here: the next letter mends them.

use super::{Branch, RepoQuery, Source};

/// How well one typed word fits a name; the lower the better.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Fit {
    /// The name itself, whole or without its owner.
    Exact,
    /// The name begins with it.
    Prefix,
    /// `owner/name` begins with it.
    WholePrefix,
    /// A part of the name (after `-`, `_`, `.` or `/`) begins with it.
    Part,
    /// It stands somewhere inside.
    Inside,
    /// Its letters stand inside in this order.
    Letters,
}

/// The sources that fit `query`, at most `limit`, best first, equals in their own order. Every word
/// must fit, in any order; letter case does not count; a pasted GitHub address finds its
/// repository; an empty query offers everything.
#[must_use]
pub fn search<'s>(query: &str, sources: &'s [Source], limit: usize) -> Vec<&'s Source> {
    let words = repository_words(query);
    best(sources, limit, |source, name| rank(&words, lower_case(source, name)))
}

/// As [`search`], but a name has to contain each word: a list is an answer, and people who
/// read one don't continue typing.
#[must_use]
pub(crate) fn search_within<'s>(query: &str, sources: &'s [Source]) -> Vec<&'s Source> {
    let words = repository_words(query);
    best(sources, usize::MAX, |source, name| {
        rank(&words, lower_case(source, name)).filter(|(fit, _)| *fit != Fit::Letters)
    })
}

fn repository_words(query: &str) -> Vec<String> {
    let address = RepoQuery::parse(query).ok().filter(|_| query.contains('/'));
    match address {
        Some(RepoQuery::Full(repo)) => vec![repo.to_string().to_lowercase()],
        Some(RepoQuery::Name(_) | RepoQuery::Source(_)) | None => words(query),
    }
}

/// Writes the name of a source into the buffer.
fn lower_case<'n>(source: &Source, name: &'n mut String) -> &'n str {
    name.push_str(&source.repo.owner);
    name.push('/');
    name.push_str(&source.repo.repo);
    name.make_ascii_lowercase();
    name
}

/// The branches that fit `query`, at most `limit`: as [`search`], where the part after the last `/`
/// counts as the name.
#[must_use]
pub fn search_branches<'b>(query: &str, branches: &'b [Branch], limit: usize) -> Vec<&'b Branch> {
    let words = words(query);
    best(branches, limit, |branch, name| {
        name.extend(branch.0.chars().flat_map(char::to_lowercase));
        rank(&words, name)
    })
}

fn words(query: &str) -> Vec<String> {
    query.split_whitespace().map(str::to_lowercase).collect()
}

/// Ranks all, with one buffer for all their lower-case names.
fn best<T>(
    all: &[T],
    limit: usize,
    rank: impl Fn(&T, &mut String) -> Option<(Fit, usize)>,
) -> Vec<&T> {
    let mut name = String::new();
    let mut found: Vec<((Fit, usize), &T)> = all
        .iter()
        .filter_map(|one| {
            name.clear();
            Some((rank(one, &mut name)?, one))
        })
        .collect();
    found.sort_by_key(|(rank, _)| *rank);
    found.into_iter().take(limit).map(|(_, one)| one).collect()
}

/// The worst fit of all words decides, then the sum of all; `None` when a word does not fit.
fn rank(words: &[String], name: &str) -> Option<(Fit, usize)> {
    let mut rank = (Fit::Exact, 0);
    for word in words {
        let fit = fit(word, name)?;
        rank = (rank.0.max(fit), rank.1 + fit as usize);
    }
    Some(rank)
}

/// How a lower-case word fits a lower-case `owner/name`.
fn fit(word: &str, name: &str) -> Option<Fit> {
    let last = name.rsplit('/').next().unwrap_or(name);
    if word == last || word == name {
        return Some(Fit::Exact);
    }
    if last.starts_with(word) {
        return Some(Fit::Prefix);
    }
    if name.starts_with(word) {
        return Some(Fit::WholePrefix);
    }
    let mut inside = name.match_indices(word).peekable();
    if inside.peek().is_some() {
        let part = inside.any(|(at, _)| name[..at].ends_with(['/', '-', '_', '.']));
        return Some(if part { Fit::Part } else { Fit::Inside });
    }
    let mut letters = name.chars();
    word.chars().all(|c| letters.any(|other| other == c)).then_some(Fit::Letters)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::repo::source::listed;

    fn sources(paths: &[&str]) -> Vec<Source> {
        paths.iter().map(|path| listed(path)).collect()
    }

    fn found(query: &str, paths: &[&str]) -> Vec<String> {
        search(query, &sources(paths), 100).iter().map(|source| source.repo.to_string()).collect()
    }

    #[test]
    fn best_first() {
        let best_to_worst = [
            "acme/API",
            "acme/api-docs",
            "apiary/site",
            "acme/web-api",
            "acme/rapid",
            "acme/a-prime",
        ];
        let mut shuffled = best_to_worst;
        shuffled.reverse();
        assert_eq!(found("api", &shuffled), best_to_worst);
    }

    #[test]
    fn words_in_any_order_and_any_case() {
        let all = ["acme/web-api", "beta/web-api", "acme/site"];
        assert_eq!(found("API acme", &all), ["acme/web-api"]);
        assert_eq!(found("web", &all), ["acme/web-api", "beta/web-api"]);
        assert_eq!(found("  ", &all), all);
        assert_eq!(found("zebra", &all), Vec::<String>::new());
        assert_eq!(search("", &sources(&all), 2).len(), 2);
    }

    #[test]
    fn a_list_has_only_what_contains_the_words() {
        let all =
            sources(&["bobalover/boba", "acme/boba-web", "ACME-Labs/Mobile-App", "x/b-o-b-a"]);
        let within = |query| {
            let found = search_within(query, &all).into_iter();
            found.map(|source| source.repo.to_string()).collect::<Vec<_>>()
        };
        assert_eq!(within("boba"), ["bobalover/boba", "acme/boba-web"]);
        assert_eq!(within("WEB acme"), ["acme/boba-web"]);
        assert_eq!(within("").len(), 4);
        assert_eq!(search("boba", &all, 9).len(), 4, "type-ahead forgives more");
    }

    #[test]
    fn a_pasted_address_finds_its_repository() {
        let all = ["acme/web-api", "acme/api"];
        assert_eq!(found("https://github.com/Acme/API/pull/7", &all)[0], "acme/api");
        assert_eq!(found("acme/", &all), all);
    }

    #[test]
    fn branches_by_their_last_part() {
        let branches = ["main", "feature/login", "logs", "fix/Übung"].map(|b| Branch(b.to_owned()));
        let found = |query| {
            let found = search_branches(query, &branches, 10);
            found.into_iter().map(|branch| branch.0.as_str()).collect::<Vec<_>>()
        };
        assert_eq!(found("log"), ["feature/login", "logs"]);
        assert_eq!(found("login feature"), ["feature/login"]);
        assert_eq!(found("übung"), ["fix/Übung"]);
        assert_eq!(found(""), ["main", "feature/login", "logs", "fix/Übung"]);
    }
}
