//! Which repository and branch a request means: the one precedence, for every lane.
//!
//! Typed option → the only issue or pull request of a connected repository whose address is in the text →
//! the channel's binding → my default → the workspace's → the only connected source → a person. And for the
//! branch: typed option → the one in the repository's address → the binding's → the default that Jules
//! reports. The quick lane asks with what is cached, and the slow lane asks Jules for what is missing and
//! then asks here again, so that both come to the same answer. What would be meant if Jules doesn't have
//! a repository any more goes with it ([`FixedSource`]), since the slow lane is told nothing else.

use super::target::{Candidate, FixedSource, Resolved, Skipped, Target, TargetReason};
use super::{
    Branch, BranchFit, BranchPath, IssueLink, Links, RepoQuery, RepoRef, Resolution, Source,
    SourceName, resolve, resolve_branch,
};
use crate::binding::Binding;
use crate::command::{Options, PlanMode, PrMode};
use crate::tenant::{Defaults, Preferences, RepoChoice};

/// What a request says about its repository.
#[derive(Debug, Clone, Copy)]
pub struct Wish<'a> {
    /// The options as typed.
    pub options: &'a Options,
    /// The words for Jules, where addresses are looked for.
    pub text: &'a str,
    /// The repository, if it was certain when the request was acknowledged.
    pub fixed: Option<&'a FixedSource>,
    /// What the channel is bound to, and the defaults.
    pub defaults: Defaults<'a>,
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
    /// The sources that Jules doesn't have, as it said for this request.
    pub gone: &'a [SourceName],
}

/// What a request comes to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Choice {
    /// It is settled, one way or the other.
    Settled(Resolved),
    /// Jules has to be asked.
    Ask(Missing),
    /// Nothing decides: a person has to. The repositories that the text has addresses of are offered.
    Person(Vec<Candidate>),
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
        let order = std::iter::once(fixed).chain(&fixed.otherwise).cloned().collect();
        return first_of(order, wish.options, known)
            .unwrap_or_else(|gone| left(gone, &wish.options.or(&fixed.with), known));
    }
    if let Some(typed) = &wish.options.repo {
        let modes = wish.defaults.without_channel().modes();
        return typed_repo(typed, &wish.options.or(&modes), known);
    }
    let links = Links::of(wish.text);
    let link = linked(&links, known);
    if link.is_unclear {
        return Choice::Person(Vec::new());
    }
    match first_of(order(link.decides, wish), wish.options, known) {
        Ok(choice) => choice,
        Err(_) => nothing_decides(&links, wish, known),
    }
}

/// The repository that a form is filled with: the first in the order, unless the list says that Jules
/// doesn't have it.
#[must_use]
pub(crate) fn presumed(wish: &Wish<'_>, known: &Known<'_>) -> Option<FixedSource> {
    let link = linked(&Links::of(wish.text), known);
    let may_be = |one: &FixedSource| {
        !one.why.may_be_skipped() || known.sources.is_none() || known.source(one).is_some()
    };
    order(link.decides, wish).into_iter().find(may_be)
}

/// The connected repositories that a text has addresses of, in its order.
#[must_use]
pub fn mentioned<'s>(text: &str, sources: &'s [Source]) -> Vec<&'s Source> {
    connected(&Links::of(text), sources)
}

fn connected<'s>(links: &Links, sources: &'s [Source]) -> Vec<&'s Source> {
    let connected = |repo| sources.iter().find(|source| source.repo.same(repo));
    links.repos.iter().filter_map(connected).collect()
}

/// What the addresses in a text say.
#[derive(Default)]
struct Linked {
    /// The repository that is meant, with the reason.
    decides: Option<(Candidate, TargetReason)>,
    /// Several issues are named, and nobody knows yet which of their repositories are connected.
    is_unclear: bool,
}

fn linked(links: &Links, known: &Known<'_>) -> Linked {
    let Some(sources) = known.sources else {
        return match links.issues.as_slice() {
            [] => Linked::default(),
            [only] => Linked { decides: Some((only.unlisted(), only.kind)), is_unclear: false },
            [_, _, ..] => Linked { decides: None, is_unclear: true },
        };
    };
    let connected = |link: &IssueLink| {
        let source = sources.iter().find(|source| source.repo.same(&link.repo))?;
        Some((Candidate::of(source), link.kind))
    };
    let mut connected = links.issues.iter().filter_map(connected);
    match (connected.next(), connected.next()) {
        (only, None) => Linked { decides: only, is_unclear: false },
        (_, Some(_)) => Linked::default(),
    }
}

impl IssueLink {
    /// Its repository by the name that sources on GitHub usually have. Jules is asked before it counts.
    fn unlisted(&self) -> Candidate {
        let source = SourceName(format!("sources/github/{}", self.repo));
        Candidate { source, repo: self.repo.clone() }
    }
}

/// What may be meant, first things first.
fn order(link: Option<(Candidate, TargetReason)>, wish: &Wish<'_>) -> Vec<FixedSource> {
    let Defaults { binding, mine, workspace } = wish.defaults;
    let modes = wish.defaults.without_channel().modes();
    let fixed = |Candidate { source, repo }, why| {
        let (with, otherwise) = (modes.clone(), Vec::new());
        FixedSource { source, repo, why, with, otherwise }
    };
    // A binding to the same repository brings the channel's branch and modes.
    let is_bound = |repo: &RepoRef| binding.is_some_and(|binding| binding.repo.same(repo));
    let link = link.filter(|(candidate, _)| !is_bound(&candidate.repo));
    let link = link.map(|(candidate, why)| fixed(candidate, why));
    let binding = binding.map(|binding| {
        let Binding { source, repo, branch, .. } = binding.clone();
        let branch = branch.map(|branch| branch.0);
        let with = Options { branch, ..wish.defaults.modes() };
        let why = TargetReason::Binding;
        FixedSource { source, repo, why, with, otherwise: Vec::new() }
    });
    let chosen = |of: Option<&Preferences>, why| {
        let RepoChoice { source, repo } = of?.repo.clone()?;
        Some(fixed(Candidate { source, repo }, why))
    };
    let mine = chosen(mine, TargetReason::Mine);
    let workspace = chosen(workspace, TargetReason::Workspace);
    let mut order: Vec<FixedSource> = Vec::new();
    for one in [link, binding, mine, workspace].into_iter().flatten() {
        if !order.iter().any(|known| known.source == one.source) {
            order.push(one);
        }
    }
    order
}

/// The first in this order that Jules has or may have, with those behind it; else those that it doesn't have.
fn first_of(
    order: Vec<FixedSource>,
    options: &Options,
    known: &Known<'_>,
) -> Result<Choice, Vec<Skipped>> {
    let mut gone = Vec::new();
    let mut left = order.into_iter();
    let first = loop {
        match left.next() {
            Some(one) if known.gone.contains(&one.source) => {
                gone.push(Skipped { repo: one.repo, why: one.why });
            }
            Some(one) => break one,
            None => return Err(gone),
        }
    };
    let fixed = FixedSource { otherwise: left.collect(), ..first };
    let mut choice = settle(fixed, options, known);
    if let Choice::Settled(Resolved::Target(target)) = &mut choice {
        gone.retain(|one| one.why.is_default());
        target.skipped = gone;
    }
    Ok(choice)
}

/// The branch of a repository that is certain, as far as it can be told.
fn settle(fixed: FixedSource, typed: &Options, known: &Known<'_>) -> Choice {
    // The branch of a binding is taken as it was checked when the channel was bound.
    if let (None, Some(branch)) = (&typed.branch, &fixed.with.branch) {
        let (branch, options) = (Branch(branch.clone()), typed.or(&fixed.with));
        return Choice::Settled(Resolved::Target(Target::new(fixed, branch, &options)));
    }
    match known.source(&fixed) {
        Some(source) => branch_of(source, fixed, typed, known),
        None => Choice::Ask(Missing::Source { source: fixed, nearest: None }),
    }
}

/// Jules has none of those that would have come first.
fn left(gone: Vec<Skipped>, options: &Options, known: &Known<'_>) -> Choice {
    match only_source(options, known) {
        Some(Choice::Settled(Resolved::Target(target))) => {
            let skipped = gone.into_iter().filter(|one| one.why.is_default()).collect();
            Choice::Settled(Resolved::Target(Target { skipped, ..target }))
        }
        Some(choice) => choice,
        None => Choice::Settled(Resolved::Gone(gone)),
    }
}

/// The only connected source, or that there is none at all; `None` where there are several, and where the
/// list wasn't read.
fn only_source(options: &Options, known: &Known<'_>) -> Option<Choice> {
    match known.sources {
        Some([]) => Some(Choice::Settled(Resolved::NoSources)),
        Some([only]) => {
            let fixed = FixedSource {
                why: TargetReason::OnlySource,
                ..FixedSource::asked(Candidate::of(only))
            };
            Some(branch_of(only, fixed, options, known))
        }
        Some([_, _, ..]) | None => None,
    }
}

/// The repository when the text, the binding and the defaults don't decide.
fn nothing_decides(links: &Links, wish: &Wish<'_>, known: &Known<'_>) -> Choice {
    let modes = wish.defaults.modes();
    if let Some(choice) = only_source(&wish.options.or(&modes), known) {
        return choice;
    }
    let offered = connected(links, known.sources.unwrap_or_default());
    let offered: Vec<_> = offered.into_iter().map(Candidate::of).collect();
    match links.issues.as_slice() {
        // The list may be a minute old, so Jules says whether it has that one.
        [first, rest @ ..]
            if offered.is_empty() && rest.iter().all(|link| link.repo.same(&first.repo)) =>
        {
            let source = FixedSource {
                why: first.kind,
                with: modes,
                ..FixedSource::asked(first.unlisted())
            };
            Choice::Ask(Missing::Source { source, nearest: None })
        }
        [..] => Choice::Person(offered),
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
            let source = asked.unwrap_or(source);
            branch_of(source, FixedSource::asked(Candidate::of(source)), options, known)
        }
        Err(resolved) => Choice::Settled(*resolved),
    }
}

/// Typed option → the one in the address → the default that Jules reports.
fn branch_of(source: &Source, fixed: FixedSource, typed: &Options, known: &Known<'_>) -> Choice {
    let options = &typed.or(&fixed.with);
    let why = fixed.why;
    let (name, repo) = (source.name.clone(), source.repo.clone());
    let fixed = FixedSource { source: name, repo, ..fixed };
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
        let FixedSource { source, repo, why, .. } = source;
        Self {
            source,
            repo,
            branch,
            why,
            plan: options.plan.unwrap_or(PlanMode::Auto),
            pr: options.pr.unwrap_or(PrMode::Auto),
            skipped: Vec::new(),
        }
    }
}

impl<'s> Resolution<'s> {
    /// What it comes to where the list of `sources` is current: what it doesn't have isn't connected.
    ///
    /// # Errors
    /// Why it is not one source.
    pub fn settled(self, sources: &[Source]) -> Result<&'s Source, Box<Resolved>> {
        match self {
            Self::One(source) => Ok(source),
            Self::Several(fits) => {
                let fits = fits.into_iter().map(Candidate::of).collect();
                Err(Box::new(Resolved::Several(fits)))
            }
            Self::None { .. } if sources.is_empty() => Err(Box::new(Resolved::NoSources)),
            Self::None { nearest } => {
                let nearest = nearest.into_iter().map(|source| source.repo.clone()).collect();
                Err(Box::new(Resolved::UnknownRepo(nearest)))
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
mod tests;
