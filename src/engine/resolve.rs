//! Which repository and branch are meant, settled with Jules itself. The slow twin of
//! `front::answer`: the same order, but a miss in the cached list is asked about before it is
//! believed.

use super::Engine;
use crate::domain::binding::Binding;
use crate::domain::command::Request;
use crate::domain::inbound::{Answer, FollowUp, Reply, Sender, Write, target};
use crate::domain::message::Notice;
use crate::domain::repo::{self, Branch, BranchFit, BranchPath, RepoQuery, Resolution, Source};
use crate::domain::task::{Candidate, Resolved, TargetReason, Task};
use crate::jules::Error;
use crate::store::documents::binding_key;
use crate::store::records::RecordError;
use jiff::SignedDuration;
use std::sync::Arc;
use std::time::Duration;

/// A list younger than this is believed when it does not have a name.
const RECENT: SignedDuration = SignedDuration::from_secs(10);

/// So long an answer waits for Jules. Slack waits three seconds for it, and it has to be stored first.
const PATIENCE: Duration = Duration::from_secs(2);

/// Why a lookup could not be finished.
pub(super) enum Unsettled {
    Jules(Error),
    Store(RecordError),
}

impl From<Error> for Unsettled {
    fn from(error: Error) -> Self {
        Self::Jules(error)
    }
}

impl From<RecordError> for Unsettled {
    fn from(error: RecordError) -> Self {
        Self::Store(error)
    }
}

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
                    let found = self.resolve(task).await.ok()?;
                    let (task, told) = (**task).clone().resolved_at_once(found, self.now());
                    Some(Answer {
                        reply: told.map_or(Reply::Nothing, |told| Reply::Notice(Box::new(told))),
                        write: Some(Write::Task(Box::new(task))),
                        follow_up: None,
                    })
                }
                (_, Some(FollowUp::Bind(wish))) => {
                    let reply = match self.settle_wish(wish, sender).await {
                        Ok(binding) => Reply::Announce(Box::new(Notice::Bound(binding))),
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

    /// Settles a task's repository and branch: typed → bound → the only one.
    pub(super) async fn resolve(&self, task: &Task) -> Result<Resolved, Unsettled> {
        if let Some(typed) = &task.ask.options.repo {
            return match self.find_source(typed).await? {
                Found::One(source) => {
                    self.settle(*source, &task.ask, TargetReason::Asked, None).await
                }
                Found::Not(resolved) => Ok(resolved),
            };
        }
        if let Some(binding) = self.binding_of(task).await? {
            return match self.find_source(&binding.repo.to_string()).await? {
                Found::One(source) => {
                    self.settle(*source, &task.ask, TargetReason::Binding, Some(&binding)).await
                }
                Found::Not(resolved) => Ok(resolved),
            };
        }
        let sources = self.recent_sources().await?;
        match &*sources {
            [] => Ok(Resolved::NoSources),
            [only] => self.settle(only.clone(), &task.ask, TargetReason::OnlySource, None).await,
            several => Ok(Resolved::Several(several.iter().map(fit).collect())),
        }
    }

    async fn binding_of(&self, task: &Task) -> Result<Option<Binding>, RecordError> {
        let Some(channel) = &task.channel else { return Ok(None) };
        let key = binding_key(&task.team, channel);
        Ok(self.records.get::<Binding>(&key, self.now()).await?.map(|(_, binding)| binding))
    }

    /// The source for a typed name: from the list, else from Jules directly, else from a new list.
    pub(super) async fn find_source(&self, typed: &str) -> Result<Found, Unsettled> {
        let Ok(typed) = RepoQuery::parse(typed) else {
            return Ok(Found::Not(Resolved::UnknownRepo(Vec::new())));
        };
        if let Some(found) = self.listed(&typed) {
            return Ok(found);
        }
        if let Some(source) = self.direct(&typed).await? {
            return Ok(Found::One(Box::new(source)));
        }
        let sources = self.recent_sources().await?;
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

    async fn recent_sources(&self) -> Result<Arc<[Source]>, Error> {
        let now = self.now();
        self.source_cache.refresh(now - RECENT, now).await?;
        Ok(self.source_cache.sources().unwrap_or_default())
    }

    /// Typed branch → bound branch → the default that Jules reports.
    async fn settle(
        &self,
        source: Source,
        ask: &Request,
        why: TargetReason,
        binding: Option<&Binding>,
    ) -> Result<Resolved, Unsettled> {
        let mut ask = ask.clone();
        if let Some(binding) = binding {
            binding.complete(&mut ask.options);
        }
        if let Some(typed) = &ask.options.branch {
            return Ok(match self.find_branch(&source, typed).await? {
                Ok(branch) => Resolved::Target(target(&source, branch, &ask, why)),
                Err(nearest) => Resolved::UnknownBranch { repo: source.repo, nearest },
            });
        }
        if let Some(path) = ask.options.repo.as_deref().and_then(BranchPath::parse) {
            return Ok(match self.find_branch_in(&source, &path).await? {
                Some(branch) => Resolved::Target(target(&source, branch, &ask, why)),
                None => Resolved::UnknownPath { repo: source.repo, path: path.0 },
            });
        }
        let bound = binding.and_then(|binding| binding.branch.clone());
        Ok(match bound.or_else(|| source.default_branch.clone()) {
            Some(branch) => Resolved::Target(target(&source, branch, &ask, why)),
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

fn fit(source: &Source) -> Candidate {
    Candidate { source: source.name.clone(), repo: source.repo.clone() }
}
