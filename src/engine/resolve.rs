//! Which repository and branch are meant, settled with Jules itself. The slow twin of
//! `domain::inbound::start`, which has fixed what was certain: a miss in the cached list is asked about
//! before it is believed.

use super::Engine;
use crate::domain::command::Request;
use crate::domain::inbound::{Answer, FollowUp, Reply, Sender, Write, target};
use crate::domain::message::Notice;
use crate::domain::repo::{self, Branch, BranchFit, BranchPath, RepoQuery, Resolution, Source};
use crate::domain::task::{Candidate, FixedSource, Resolved, TargetReason, Task};
use crate::jules::Error;
use jiff::{SignedDuration, Timestamp};
use std::time::Duration;

/// A list that was read to its end so shortly before the question is believed when it does not have a name.
const RECENT: SignedDuration = SignedDuration::from_secs(10);

/// So long an answer waits for Jules. Slack waits three seconds for it, and it has to be stored first.
const PATIENCE: Duration = Duration::from_secs(2);

/// The source that a name stands for.
pub(super) enum Found {
    One(Box<Source>),
    Not(Resolved),
}

impl Engine {
    /// Asks Jules what an answer depends on, before anything is stored: one line that says how it is
    /// replaces one that says that somebody asks. What takes longer is asked for again in the
    /// background, and nothing is said before that ends.
    pub(super) async fn look_up(&self, answer: Answer, sender: &Sender) -> Answer {
        if answer.reply != Reply::Lookup {
            return answer;
        }
        let asked = async {
            match (&answer.write, &answer.follow_up) {
                (Some(Write::Task(task)), _) => {
                    let found = self.resolve(task, self.now()).await.ok()?;
                    let (task, told) = (**task).clone().resolved_at_once(found, self.now());
                    Some(Answer {
                        reply: told.map_or(Reply::Nothing, |told| Reply::Notice(Box::new(told))),
                        write: Some(Write::Task(Box::new(task))),
                        follow_up: None,
                    })
                }
                (_, Some(FollowUp::Bind(wish))) => {
                    let reply = match self.settle_wish(wish, sender).await {
                        Ok(Some(binding)) => Reply::Announce(Box::new(Notice::Bound(binding))),
                        // The same delivery came twice, and the other one has said it.
                        Ok(None) => Reply::Nothing,
                        Err(notice) => Reply::Notice(Box::new(notice)),
                    };
                    Some(Answer { reply, write: None, follow_up: None })
                }
                _ => None,
            }
        };
        let found = tokio::time::timeout(PATIENCE, asked).await.ok().flatten();
        found.unwrap_or(Answer { reply: Reply::Nothing, ..answer })
    }

    /// Settles a task's repository and branch: the one that was certain when it was acknowledged, else
    /// the typed one. What the channel is bound to by now is not asked.
    pub(super) async fn resolve(&self, task: &Task, asked: Timestamp) -> Result<Resolved, Error> {
        let (found, why) = match (&task.source, &task.ask.options.repo) {
            (Some(fixed), _) => (self.find_fixed(fixed, asked).await?, fixed.why),
            (None, Some(typed)) => (self.find_source(typed, asked).await?, TargetReason::Asked),
            // Nothing is looked up for a task that names no repository: a person is asked.
            (None, None) => (Found::Not(Resolved::UnknownRepo(Vec::new())), TargetReason::Asked),
        };
        match found {
            Found::One(source) => self.settle(*source, &task.ask, why).await,
            Found::Not(resolved) => Ok(resolved),
        }
    }

    /// The very source that was meant, by its resource name. One that has another resource name now is
    /// found by its repository.
    async fn find_fixed(&self, fixed: &FixedSource, asked: Timestamp) -> Result<Found, Error> {
        let listed = self.source_cache.sources().unwrap_or_default();
        if let Some(source) = listed.iter().find(|source| source.name == fixed.source) {
            return Ok(Found::One(Box::new(source.clone())));
        }
        match self.source_cache.with_branches(&fixed.source, self.now()).await? {
            Some(source) => Ok(Found::One(Box::new(source))),
            None => self.find_source(&fixed.repo.to_string(), asked).await,
        }
    }

    /// The source for a typed name: from the list, else from Jules directly, else from a list that was read to
    /// its end after somebody `asked`. A name with an owner is found as soon as its page is read; one without
    /// has to wait for the end, where another owner may have it too.
    pub(super) async fn find_source(&self, typed: &str, asked: Timestamp) -> Result<Found, Error> {
        let Ok(typed) = RepoQuery::parse(typed) else {
            return Ok(Found::Not(Resolved::UnknownRepo(Vec::new())));
        };
        if let Some(found) = self.listed(&typed) {
            return Ok(found);
        }
        let so_far = listed_once(&typed, &self.source_cache.sources_so_far());
        if let Some(source) = so_far {
            return Ok(Found::One(Box::new(source)));
        }
        if let Some(source) = self.direct(&typed).await? {
            return Ok(Found::One(Box::new(source)));
        }
        let found =
            self.source_cache.search(asked - RECENT, |pages| listed_once(&typed, pages)).await?;
        if let Some(source) = found {
            return Ok(Found::One(Box::new(source)));
        }
        let sources = self.source_cache.sources().unwrap_or_default();
        Ok(match repo::resolve(&typed, &sources) {
            Resolution::One(source) => Found::One(Box::new(source.clone())),
            Resolution::Several(candidates) => {
                Found::Not(Resolved::Several(candidates.into_iter().map(fit).collect()))
            }
            Resolution::None { .. } if sources.is_empty() => Found::Not(Resolved::NoSources),
            Resolution::None { nearest } => {
                let nearest = nearest.into_iter().map(|source| source.repo.clone()).collect();
                Found::Not(Resolved::UnknownRepo(nearest))
            }
        })
    }

    /// A name with an owner can be asked for by itself.
    async fn direct(&self, typed: &RepoQuery) -> Result<Option<Source>, Error> {
        match typed {
            RepoQuery::Full(repo) => self.source_cache.by_repo(repo, self.now()).await,
            RepoQuery::Source(name) => self.source_cache.with_branches(name, self.now()).await,
            RepoQuery::Name(_) => Ok(None),
        }
    }

    /// What the cached list says, when it says something certain.
    fn listed(&self, typed: &RepoQuery) -> Option<Found> {
        let sources = self.source_cache.sources()?;
        match repo::resolve(typed, &sources) {
            Resolution::One(source) => Some(Found::One(Box::new(source.clone()))),
            Resolution::Several(candidates) => {
                Some(Found::Not(Resolved::Several(candidates.into_iter().map(fit).collect())))
            }
            Resolution::None { .. } => None,
        }
    }

    /// Typed branch → the default that Jules reports.
    async fn settle(
        &self,
        source: Source,
        ask: &Request,
        why: TargetReason,
    ) -> Result<Resolved, Error> {
        if let Some(typed) = &ask.options.branch {
            return Ok(match self.find_branch(&source, typed).await? {
                Ok(branch) => Resolved::Target(target(&source, branch, ask, why)),
                Err(nearest) => Resolved::UnknownBranch { repo: source.repo, nearest },
            });
        }
        if let Some(path) = ask.options.repo.as_deref().and_then(BranchPath::parse) {
            return Ok(match self.find_branch_in(&source, &path).await? {
                Some(branch) => Resolved::Target(target(&source, branch, ask, why)),
                None => Resolved::UnknownPath { repo: source.repo, path: path.0 },
            });
        }
        Ok(match source.default_branch.clone() {
            Some(branch) => Resolved::Target(target(&source, branch, ask, why)),
            None => Resolved::NoDefaultBranch(source.repo),
        })
    }

    /// The branch that an address names. A source is asked about by itself: the list comes without most
    /// branches.
    pub(super) async fn find_branch_in(
        &self,
        source: &Source,
        path: &BranchPath,
    ) -> Result<Option<Branch>, Error> {
        let known = self.source_cache.with_branches(&source.name, self.now()).await?;
        Ok(path.branch(known.as_ref().unwrap_or(source)))
    }

    /// The branch as the source lists it, or the nearest names. A source that lists no branches at
    /// all is taken at the person's word: Jules refuses the task if it does not exist.
    pub(super) async fn find_branch(
        &self,
        source: &Source,
        typed: &str,
    ) -> Result<Result<Branch, Vec<Branch>>, Error> {
        let known = self.source_cache.with_branches(&source.name, self.now()).await?;
        let source = known.as_ref().unwrap_or(source);
        Ok(match repo::resolve_branch(typed, source) {
            BranchFit::Listed(branch) | BranchFit::Unlisted(branch) => Ok(branch),
            BranchFit::Unknown { nearest } => Err(nearest),
        })
    }
}

/// The source in a part of the list, if no other can be meant whatever is in the rest.
fn listed_once(typed: &RepoQuery, pages: &[Source]) -> Option<Source> {
    match typed {
        RepoQuery::Name(_) => None,
        RepoQuery::Full(_) | RepoQuery::Source(_) => {
            pages.iter().find(|source| repo::fits_source(typed, source)).cloned()
        }
    }
}

fn fit(source: &Source) -> Candidate {
    Candidate { source: source.name.clone(), repo: source.repo.clone() }
}
