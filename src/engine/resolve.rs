//! Which repository and branch are meant, settled with Jules itself. What decides is
//! [`choose`](domain::repo::choose), as for the quick lane: this asks Jules for what that is missing.

use super::Engine;
use super::account::Account;
use super::tell::Route;
use super::workspace::Caller;
use domain::form::Field;
use domain::inbound::{Answer, FollowUp, Reply, Write};
use domain::message::Notice;
use domain::repo::{
    self, Branch, BranchFit, BranchPath, Choice, Known, Missing, RepoQuery, Resolution, Resolved,
    Source, SourceName, Wish, choose,
};
use domain::task::Task;
use domain::tenant::{AccountRef, Defaults};
use jiff::{SignedDuration, Timestamp};
use jules::Error;
use std::sync::Arc;
use store::records::RecordError;
use tokio::time::{Instant, timeout_at};

/// A list that was read to its end so shortly before the question is believed when it does not have a name.
const RECENT: SignedDuration = SignedDuration::from_secs(10);

/// The source that a name stands for.
pub(super) enum Found {
    One(Box<Source>),
    Not(Resolved),
}

impl From<Result<&Source, Box<Resolved>>> for Found {
    fn from(settled: Result<&Source, Box<Resolved>>) -> Self {
        match settled {
            Ok(source) => Self::One(Box::new(source.clone())),
            Err(resolved) => Self::Not(*resolved),
        }
    }
}

impl Engine {
    /// Asks Jules what an answer depends on, before anything is stored: one line that says how it is
    /// replaces one that says that someone asks. What takes longer than the `deadline` is asked for again
    /// in the background, and nothing is said before that ends.
    pub(super) async fn look_up(
        self: &Arc<Self>,
        answer: Answer,
        caller: &Caller,
        deadline: Instant,
    ) -> Answer {
        if answer.reply != Reply::Lookup {
            return answer;
        }
        // On the heap: an answer that needs no lookup doesn't carry the room that this takes.
        let asked = Box::pin(async {
            match (&answer.write, &answer.follow_up) {
                (Some(Write::Task(task)), _) if task.followed.is_some() => {
                    let found = self.search_session(task).await.ok()?;
                    let permitted = self.permit(task, found.0.repo()).await;
                    let task = (**task).clone();
                    Some(match permitted {
                        Ok(()) => settled(task.found_at_once(found, self.now())),
                        Err(refusal) => refused(task.not_permitted_at_once(refusal, self.now())),
                    })
                }
                (Some(Write::Task(task)), _) => {
                    let found = self.resolve(task, self.now()).await.ok()?;
                    let permitted = self.permit(task, found.0.repo()).await;
                    let task = (**task).clone();
                    Some(match permitted {
                        Ok(()) => settled(task.resolved_at_once(found, self.now())),
                        Err(refusal) => refused(task.not_permitted_at_once(refusal, self.now())),
                    })
                }
                (_, Some(FollowUp::KeepKey(request))) => {
                    let reply = match self.keep_key(request, caller).await {
                        Ok(told) => {
                            self.tell_soon(Route::to_person(caller), told);
                            Reply::Nothing
                        }
                        Err(error) => Reply::Errors(vec![(Field::Key, error)]),
                    };
                    Some(Answer { reply, write: answer.write.clone(), follow_up: None })
                }
                (_, Some(FollowUp::Bind(wish))) => {
                    Some(match self.settle_wish(wish, caller).await {
                        // It is stored like any other, and no deadline cuts that.
                        Ok(binding) => Answer::bound(binding, wish.change.clone()),
                        Err(notice) => {
                            let reply = Reply::Notice(Box::new(notice));
                            Answer { reply, write: answer.write.clone(), follow_up: None }
                        }
                    })
                }
                _ => None,
            }
        });
        let found = timeout_at(deadline, asked).await.ok().flatten();
        found.unwrap_or(Answer { reply: Reply::Nothing, ..answer })
    }
}

/// Why nothing was found out.
pub(super) enum NotResolved {
    Jules(Error),
    Store,
}

impl From<Error> for NotResolved {
    fn from(error: Error) -> Self {
        Self::Jules(error)
    }
}

impl From<RecordError> for NotResolved {
    fn from(error: RecordError) -> Self {
        tracing::warn!(%error, "the accounts of a task's author could not be read");
        Self::Store
    }
}

impl Engine {
    /// Settles a task's repository and branch, on the first of its author's accounts that has the repository.
    pub(super) async fn resolve(
        &self,
        task: &Task,
        asked: Timestamp,
    ) -> Result<(Resolved, AccountRef), NotResolved> {
        let mut found = (Resolved::NoSources, task.account_ref());
        for account in self.accounts_for(task).await? {
            found = (account.resolve(task, asked).await?, account.to_ref());
            // Another one may have it.
            let is_elsewhere = matches!(
                found.0,
                Resolved::UnknownRepo(_) | Resolved::NoSources | Resolved::Gone(_)
            );
            if !is_elsewhere {
                break;
            }
        }
        Ok(found)
    }
}

/// The answer to what was looked up, with what its author is told.
fn settled((task, told): (Task, Option<Notice>)) -> Answer {
    Answer {
        reply: told.map_or(Reply::Nothing, |told| Reply::Notice(Box::new(told))),
        write: Some(Write::Task(Box::new(task))),
        follow_up: None,
    }
}

fn refused((task, told): (Task, Notice)) -> Answer {
    settled((task, Some(told)))
}

impl Account {
    /// Settles a task's repository and branch: the one that was certain when it was acknowledged, else
    /// the typed one. What the channel is bound to by now is not asked.
    pub(super) async fn resolve(&self, task: &Task, asked: Timestamp) -> Result<Resolved, Error> {
        let mut fixed = task.source.clone();
        let sources = self.source_cache.sources();
        let (mut named, mut source): (Option<Source>, Option<Source>) = (None, None);
        let mut gone: Vec<SourceName> = Vec::new();
        // Each that may be meant is asked for: its repository, its branches, and once more if it has another
        // resource name by now.
        let most = 4 * (1 + fixed.as_ref().map_or(0, |fixed| fixed.otherwise.len()));
        for _ in 0..most {
            let wish = Wish {
                options: &task.ask.options,
                // What the text and the defaults say was settled when the task was acknowledged.
                text: "",
                fixed: fixed.as_ref(),
                defaults: Defaults::default(),
            };
            let known = Known {
                sources: sources.as_deref(),
                found: named.as_ref(),
                asked: source.as_ref(),
                gone: &gone,
            };
            let missing = match choose(&wish, &known) {
                Choice::Settled(resolved) => return Ok(resolved),
                Choice::Ask(missing) => missing,
                // Nothing is looked up for a task that names no repository: a person is asked.
                Choice::Person(_) => break,
            };
            let (name, meant) = match missing {
                Missing::Source { source: meant, .. } => {
                    match self.source_cache.with_branches(&meant.source, self.now()).await? {
                        Some(found) => {
                            source = Some(found);
                            continue;
                        }
                        None => (meant.repo.to_string(), Some(meant)),
                    }
                }
                Missing::Repository(typed) => (typed, None),
            };
            match (self.find_source(&name, asked).await?, meant) {
                (Found::One(found), meant) => {
                    if let (Some(fixed), Some(meant)) = (&mut fixed, meant) {
                        fixed.rename(&meant.source, &found.name);
                    }
                    named = Some(*found);
                }
                (Found::Not(_), Some(meant)) if meant.why.may_be_skipped() => {
                    gone.push(meant.source);
                }
                (Found::Not(resolved), _) => return Ok(resolved),
            }
        }
        Ok(Resolved::UnknownRepo(Vec::new()))
    }

    /// The source for a typed name: from the list, else from Jules directly, else from a list that was read to
    /// its end after someone `asked`. A name with an owner is found as soon as its page is read; one without
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
        Ok(repo::resolve(&typed, &sources).settled(&sources).into())
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
            Resolution::None { .. } => None,
            listed => Some(listed.settled(&sources).into()),
        }
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
