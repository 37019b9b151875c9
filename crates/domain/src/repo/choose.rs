//! Which repository and branch a request means: the one precedence, for every lane.
//!
//! Typed option → the channel's binding → the only connected source → a person. And for the branch: typed
//! option → the one in the repository's address → the binding's → the default that Jules reports. The
//! quick lane asks with what is cached, and the slow lane asks Jules for what is missing and then asks
//! here again, so that both come to the same answer.

use super::target::{Candidate, FixedSource, Resolved, Target, TargetReason};
use super::{
    Branch, BranchFit, BranchPath, RepoQuery, Resolution, Source, resolve, resolve_branch,
};
use crate::binding::Binding;
use crate::command::{Options, PlanMode, PrMode};

/// What a request says about its repository.
#[derive(Debug, Clone, Copy)]
pub struct Wish<'a> {
    /// The options as typed.
    pub options: &'a Options,
    /// The repository, if it was certain when the request was acknowledged.
    pub fixed: Option<&'a FixedSource>,
    /// What the channel is bound to.
    pub binding: Option<&'a Binding>,
}

/// What is known of the connected repositories.
#[derive(Debug, Clone, Copy, Default)]
pub struct Known<'a> {
    /// The list as it was read last; `None` before it was read.
    pub sources: Option<&'a [Source]>,
    /// The source that a typed name stands for, as Jules said for this request.
    pub found: Option<&'a Source>,
    /// A source as Jules told it for this request, with its branches.
    pub asked: Option<&'a Source>,
}

/// What a request comes to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Choice {
    /// It is settled, one way or the other.
    Settled(Resolved),
    /// Jules has to be asked.
    Ask(Missing),
    /// Nothing decides: a person has to.
    Person,
}

/// What Jules has to be asked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Missing {
    /// Which repository has the name that was typed.
    Repository(String),
    /// More about this one.
    Source {
        /// The repository, which is certain.
        source: FixedSource,
        /// The branches that are near, if the list says that the typed one doesn't exist. It may have been
        /// pushed a minute ago.
        nearest: Option<Vec<Branch>>,
    },
}

/// What the request comes to, by what is known.
#[must_use]
pub fn choose(wish: &Wish<'_>, known: &Known<'_>) -> Choice {
    if let Some(fixed) = wish.fixed {
        return match known.source(fixed) {
            Some(source) => branch_of(source, fixed.why, wish.options, known),
            None => Choice::Ask(Missing::Source { source: fixed.clone(), nearest: None }),
        };
    }
    if let Some(typed) = &wish.options.repo {
        return typed_repo(typed, wish.options, known);
    }
    if let Some(binding) = wish.binding {
        return bound_repo(binding, wish.options, known);
    }
    match known.sources {
        Some([]) => Choice::Settled(Resolved::NoSources),
        Some([only]) => branch_of(only, TargetReason::OnlySource, wish.options, known),
        Some([_, _, ..]) | None => Choice::Person,
    }
}

impl<'a> Known<'a> {
    /// What is known of a source, by its resource name.
    fn source(&self, fixed: &FixedSource) -> Option<&'a Source> {
        let is_it = |source: &&Source| source.name == fixed.source;
        let told = self.asked.filter(is_it).or_else(|| self.found.filter(is_it));
        told.or_else(|| self.sources.and_then(|sources| sources.iter().find(is_it)))
    }
}

/// What a typed name means among the listed sources; what names no repository fits none.
#[must_use]
pub fn find<'s>(typed: &str, sources: &'s [Source]) -> Resolution<'s> {
    match RepoQuery::parse(typed) {
        Ok(typed) => resolve(&typed, sources),
        Err(_) => Resolution::None { nearest: Vec::new() },
    }
}

fn typed_repo(typed: &str, options: &Options, known: &Known<'_>) -> Choice {
    let sources = known.sources.unwrap_or_default();
    let named = match (known.found, find(typed, sources)) {
        (Some(found), _) => Ok(found),
        // It may have been connected a minute ago.
        (None, Resolution::None { .. }) => {
            return Choice::Ask(Missing::Repository(typed.to_owned()));
        }
        (None, listed) => listed.settled(sources),
    };
    match named {
        Ok(source) => {
            let asked = known.asked.filter(|asked| asked.name == source.name);
            branch_of(asked.unwrap_or(source), TargetReason::Asked, options, known)
        }
        Err(resolved) => Choice::Settled(resolved),
    }
}

fn bound_repo(binding: &Binding, options: &Options, known: &Known<'_>) -> Choice {
    let bound = binding.branch.as_ref().filter(|_| options.branch.is_none());
    let mut options = options.clone();
    binding.complete(&mut options);
    let fixed = FixedSource {
        source: binding.source.clone(),
        repo: binding.repo.clone(),
        why: TargetReason::Binding,
    };
    match (bound, known.source(&fixed)) {
        (Some(branch), _) => {
            Choice::Settled(Resolved::Target(Target::new(fixed, branch.clone(), &options)))
        }
        (None, Some(source)) => branch_of(source, TargetReason::Binding, &options, known),
        (None, None) => Choice::Ask(Missing::Source { source: fixed, nearest: None }),
    }
}

/// Typed option → the one in the address → the default that Jules reports.
fn branch_of(source: &Source, why: TargetReason, options: &Options, known: &Known<'_>) -> Choice {
    let fixed = FixedSource { source: source.name.clone(), repo: source.repo.clone(), why };
    let is_asked = known.asked.is_some_and(|asked| asked.name == source.name);
    let certain =
        |branch, fixed| Choice::Settled(Resolved::Target(Target::new(fixed, branch, options)));
    if let Some(typed) = &options.branch {
        return match resolve_branch(typed, source) {
            BranchFit::Listed(branch) => certain(branch, fixed),
            // A source that lists no branches at all is taken at the person's word: Jules refuses the
            // task if that branch doesn't exist.
            BranchFit::Unlisted(branch) if is_asked => certain(branch, fixed),
            BranchFit::Unknown { nearest } if is_asked => {
                Choice::Settled(Resolved::UnknownBranch { repo: fixed.repo, nearest })
            }
            BranchFit::Unlisted(_) => Choice::Ask(Missing::Source { source: fixed, nearest: None }),
            BranchFit::Unknown { nearest } => {
                Choice::Ask(Missing::Source { source: fixed, nearest: Some(nearest) })
            }
        };
    }
    if let Some(path) = address(options, why) {
        // The list comes without most branches, so only Jules can say which one an address names.
        return match (is_asked, path.branch(source)) {
            (true, Some(branch)) => certain(branch, fixed),
            (true, None) => {
                Choice::Settled(Resolved::UnknownPath { repo: fixed.repo, path: path.0 })
            }
            (false, _) => Choice::Ask(Missing::Source { source: fixed, nearest: None }),
        };
    }
    match &source.default_branch {
        Some(branch) => certain(branch.clone(), fixed),
        None => Choice::Settled(Resolved::NoDefaultBranch(fixed.repo)),
    }
}

/// The branch in the repository's address, if that is where the repository comes from.
fn address(options: &Options, why: TargetReason) -> Option<BranchPath> {
    let typed = options.repo.as_deref().filter(|_| why == TargetReason::Asked);
    typed.and_then(BranchPath::parse)
}

impl Target {
    /// A branch of a repository, with the modes that the request asks for.
    #[must_use]
    pub fn new(source: FixedSource, branch: Branch, options: &Options) -> Self {
        let FixedSource { source, repo, why } = source;
        Self {
            source,
            repo,
            branch,
            why,
            plan: options.plan.unwrap_or(PlanMode::Auto),
            pr: options.pr.unwrap_or(PrMode::Auto),
        }
    }
}

impl<'s> Resolution<'s> {
    /// What it comes to where the list of `sources` is current: what it doesn't have isn't connected.
    ///
    /// # Errors
    /// Why it is not one source.
    pub fn settled(self, sources: &[Source]) -> Result<&'s Source, Resolved> {
        match self {
            Self::One(source) => Ok(source),
            Self::Several(fits) => {
                Err(Resolved::Several(fits.into_iter().map(Candidate::of).collect()))
            }
            Self::None { .. } if sources.is_empty() => Err(Resolved::NoSources),
            Self::None { nearest } => {
                let nearest = nearest.into_iter().map(|source| source.repo.clone()).collect();
                Err(Resolved::UnknownRepo(nearest))
            }
        }
    }
}

impl Candidate {
    fn of(source: &Source) -> Self {
        Self { source: source.name.clone(), repo: source.repo.clone() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ids::{ChannelId, TeamId, UserId};
    use crate::repo::source::listed as source;
    use jiff::Timestamp;

    fn bound(path: &str, branch: Option<&str>) -> Binding {
        let Source { name, repo, .. } = source(path);
        Binding {
            team: TeamId::parse("T1").unwrap(),
            channel: ChannelId::parse("C1").unwrap(),
            source: name,
            repo,
            branch: branch.map(|branch| Branch(branch.to_owned())),
            plan: Some(PlanMode::Ask),
            pr: None,
            quiet: None,
            ping: None,
            context: None,
            by: UserId::parse("U1").unwrap(),
            at: Timestamp::UNIX_EPOCH,
        }
    }

    /// `!` settled, `?` ask Jules, `…` a person.
    fn told(choice: Choice) -> String {
        match choice {
            Choice::Settled(Resolved::Target(target)) => {
                format!("!{}#{} {:?}", target.repo, target.branch.0, target.why)
            }
            Choice::Settled(Resolved::Several(fits)) => format!("!several {}", fits.len()),
            Choice::Settled(Resolved::UnknownRepo(_)) => "!no repository".to_owned(),
            Choice::Settled(Resolved::UnknownBranch { .. }) => "!no branch".to_owned(),
            Choice::Settled(Resolved::UnknownPath { path, .. }) => format!("!no path {path}"),
            Choice::Settled(Resolved::NoDefaultBranch(repo)) => format!("!no default {repo}"),
            Choice::Settled(Resolved::NoSources) => "!no sources".to_owned(),
            Choice::Ask(Missing::Repository(typed)) => format!("?{typed}"),
            Choice::Ask(Missing::Source { source, .. }) => {
                format!("?{} {:?}", source.repo, source.why)
            }
            Choice::Person => "…".to_owned(),
        }
    }

    #[test]
    fn one_precedence() {
        let listed = ["acme/api", "beta/api", "acme/web"].map(source);
        let pinned = bound("acme/web", Some("trunk"));
        let open = bound("acme/web", None);
        let unlisted = bound("acme/new", None);
        for (repo, branch, binding, quick) in [
            (Some("web"), None, None, "!acme/web#main Asked"),
            (Some("web"), None, Some(&pinned), "!acme/web#main Asked"),
            (Some("beta/api"), None, Some(&open), "!beta/api#main Asked"),
            (Some("api"), None, Some(&open), "!several 2"),
            (Some("shop"), None, Some(&open), "?shop"),
            (Some("web"), Some("main"), None, "!acme/web#main Asked"),
            (Some("web"), Some("v2"), None, "?acme/web Asked"),
            (Some("https://github.com/acme/web/tree/v2"), None, None, "?acme/web Asked"),
            (None, None, Some(&pinned), "!acme/web#trunk Binding"),
            (None, None, Some(&open), "!acme/web#main Binding"),
            (None, Some("v2"), Some(&pinned), "?acme/web Binding"),
            (None, None, Some(&unlisted), "?acme/new Binding"),
            (None, None, None, "…"),
        ] {
            let options = Options {
                repo: repo.map(str::to_owned),
                branch: branch.map(str::to_owned),
                ..Options::default()
            };
            let wish = Wish { options: &options, fixed: None, binding };
            let known = Known { sources: Some(&listed), ..Known::default() };
            assert_eq!(told(choose(&wish, &known)), quick, "{repo:?} {branch:?}");
        }
    }

    #[test]
    fn what_jules_was_asked_settles_it() {
        let listed = [source("acme/web")];
        let with = |branches: Option<&[&str]>| Source {
            branches: branches.map(|names| names.iter().map(|n| Branch((*n).to_owned())).collect()),
            ..source("acme/web")
        };
        let (v2, silent) = (with(Some(&["main", "v2"])), with(None));
        let address = "https://github.com/acme/web/tree/v2/src";
        for (repo, branch, asked, slow) in [
            ("web", Some("v2"), &v2, "!acme/web#v2 Asked"),
            ("web", Some("v3"), &v2, "!no branch"),
            ("web", Some("v3"), &silent, "!acme/web#v3 Asked"),
            (address, None, &v2, "!acme/web#v2 Asked"),
            (address, None, &silent, "!no path v2/src"),
        ] {
            let options = Options {
                repo: Some(repo.to_owned()),
                branch: branch.map(str::to_owned),
                ..Options::default()
            };
            let wish = Wish { options: &options, fixed: None, binding: None };
            let known = Known { sources: Some(&listed), found: None, asked: Some(asked) };
            assert_eq!(told(choose(&wish, &known)), slow, "{repo} {branch:?}");
            // The same where the list doesn't have it yet.
            let found = Known { sources: None, found: Some(&listed[0]), asked: Some(asked) };
            assert_eq!(told(choose(&wish, &found)), slow, "{repo} {branch:?}");
        }
        let settled = |typed, sources: &[Source]| match find(typed, sources).settled(sources) {
            Ok(source) => format!("!{}", source.repo),
            Err(resolved) => told(Choice::Settled(resolved)),
        };
        assert_eq!(settled("web", &listed), "!acme/web");
        assert_eq!(settled("shop", &listed), "!no repository");
        assert_eq!(settled("shop", &[]), "!no sources");
    }

    #[test]
    fn nothing_connected_and_one_connected() {
        let (options, one) = (Options::default(), [source("acme/web")]);
        let wish = Wish { options: &options, fixed: None, binding: None };
        for (sources, expected) in [
            (Some([].as_slice()), "!no sources"),
            (Some(&one), "!acme/web#main OnlySource"),
            (None, "…"),
        ] {
            let known = Known { sources, ..Known::default() };
            assert_eq!(told(choose(&wish, &known)), expected);
        }
    }

    #[test]
    fn what_was_certain_stays() {
        let listed = [source("acme/web"), source("acme/new")];
        let Source { name, repo, .. } = source("acme/new");
        let fixed = FixedSource { source: name, repo, why: TargetReason::Binding };
        let (options, binding) = (Options::default(), bound("acme/web", Some("trunk")));
        let wish = Wish { options: &options, fixed: Some(&fixed), binding: Some(&binding) };
        let known = |sources| Known { sources, ..Known::default() };
        assert_eq!(told(choose(&wish, &known(Some(&listed)))), "!acme/new#main Binding");
        assert_eq!(told(choose(&wish, &known(Some(&listed[..1])))), "?acme/new Binding");
        assert_eq!(told(choose(&wish, &known(None))), "?acme/new Binding");
    }
}
