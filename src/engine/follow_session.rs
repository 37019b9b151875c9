//! Sessions that began elsewhere: finding the one that someone wants to follow, and tying it to a task.

use super::Engine;
use super::account::Account;
use super::follow::{new_session, write};
use super::perform::{kept, store_later};
use super::update::Update;
use domain::ids::{SessionId, TaskId};
use domain::repo::{RepoQuery, RepoRef, SourceName};
use domain::session_link::SessionLink;
use domain::task::{
    Adoption, DescribedSession, Handover, Input, MovedTo, Outcome, SessionSearch, Task,
    ThreadHolder,
};
use domain::tenant::AccountRef;
use domain::watch::WatchedSession;
use jules::Error;
use platform::walk::Walk;
use store::documents::session_key;
use store::records::RecordError;

/// How many pages of sessions are searched for a pull request: 500 sessions.
const MOST_PAGES: usize = 5;

/// Why a session was not found.
pub(super) enum NotSearched {
    Jules(Error),
    Store(RecordError),
}

/// What a task did with its session when it was asked for it.
enum Given {
    Up(Option<Box<Handover>>),
    To(TaskId),
}

/// Whose a session is by now.
enum Claimed {
    Ours,
    Anothers(TaskId),
}

impl Engine {
    /// Looks for the session that a task wants to follow, and whether a thread has it.
    pub(super) async fn search_session(
        &self,
        task: &Task,
    ) -> Result<(SessionSearch, AccountRef), NotSearched> {
        let mut found = (SessionSearch::Missing, task.account_ref());
        for account in self.accounts_for(task).await.map_err(NotSearched::Store)? {
            found = (self.search_session_on(&account, task).await?, account.to_ref());
            if !matches!(found.0, SessionSearch::Missing | SessionSearch::NoneOpenedIt) {
                break;
            }
        }
        Ok(found)
    }

    async fn search_session_on(
        &self,
        account: &Account,
        task: &Task,
    ) -> Result<SessionSearch, NotSearched> {
        let Some(followed) = &task.followed else { return Ok(SessionSearch::Missing) };
        let id = match &followed.link {
            SessionLink::Session(id) => id.clone(),
            link @ SessionLink::PullRequest(_) => {
                match account.opener_of(link).await.map_err(NotSearched::Jules)? {
                    Some(id) => id,
                    None => return Ok(SessionSearch::NoneOpenedIt),
                }
            }
        };
        let found = match account.jules.described(&id).await {
            Ok(described) => Box::new(account.told_of(described)),
            Err(Error::NotFound) => return Ok(SessionSearch::Missing),
            Err(error) => return Err(NotSearched::Jules(error)),
        };
        let holder = self.holder_of(task, &id).await.map_err(NotSearched::Store)?;
        Ok(match holder {
            Some(holder) => SessionSearch::Held(found, holder),
            None => SessionSearch::Free(found),
        })
    }

    pub(super) async fn find_session(&self, task: &Task) -> Outcome {
        match self.search_session(task).await {
            Ok((found, account)) => match self.permit(task, found.repo()).await {
                Ok(()) => Outcome::SessionFound(found, account),
                Err(refusal) => Outcome::NotPermitted(refusal),
            },
            Err(NotSearched::Jules(error)) => {
                Outcome::Failed(super::fault::session_fault(&error, self.now()))
            }
            Err(NotSearched::Store(error)) => {
                tracing::warn!(%error, "whose a session is could not be read");
                store_later()
            }
        }
    }

    /// Ties the session to this task; takes it over from the task that its author agreed to move it from.
    pub(super) async fn adopt_session(&self, account: &Account, task: &Task) -> Outcome {
        match self.try_to_adopt(account, task).await {
            Ok(Some(adoption)) => Outcome::Adopted(adoption),
            Ok(None) => Outcome::Done,
            Err(error) => {
                tracing::warn!(%error, "a session could not be tied to its task");
                store_later()
            }
        }
    }

    async fn try_to_adopt(
        &self,
        account: &Account,
        task: &Task,
    ) -> Result<Option<Adoption>, RecordError> {
        let followed = task.followed.as_ref();
        let found = followed.and_then(|followed| followed.found.as_ref());
        let Some((followed, found)) = followed.zip(found) else { return Ok(None) };
        let id = &found.session.id;
        let now = self.now();
        let since = account.jules.time_there(now).unwrap_or(now);
        let mut from = followed.moved_from.clone();
        let mut handover = None;
        loop {
            if let Some(old) = &from {
                match self.given_up(old, task).await? {
                    Given::To(other) => {
                        let holder = self.holder(task, &other).await?;
                        let holder = holder.unwrap_or_else(|| elsewhere(task, &other));
                        return Ok(Some(Adoption::Held(holder)));
                    }
                    Given::Up(given) => handover = given,
                }
            }
            match self.claim_from(task, id, from.as_ref()).await? {
                Claimed::Ours => break,
                Claimed::Anothers(owner) => match self.holder(task, &owner).await? {
                    Some(holder) => return Ok(Some(Adoption::Held(holder))),
                    // Its task is forgotten, so nobody has it.
                    None => from = Some(owner),
                },
            }
        }
        account.session_cache.forget(id);
        Ok(Some(Adoption::Ours(since, handover)))
    }

    /// Has a task give its session up before it is taken: two never speak for one session. Of two that ask for
    /// it, the first one is given it.
    async fn given_up(&self, old: &TaskId, task: &Task) -> Result<Given, RecordError> {
        let to =
            MovedTo { task: task.id.clone(), by: task.author.clone(), page: None, told: false };
        self.apply(old, Input::HandOver(to)).await?;
        // One that is forgotten has nothing to give.
        let Some((_, old)) = self.task(old, &task.team).await? else { return Ok(Given::Up(None)) };
        Ok(match old.handover(&task.id) {
            Some(handover) => Given::Up(Some(Box::new(handover))),
            None => Given::To(old.progress.moved_to.map_or(old.id, |moved| moved.task)),
        })
    }

    async fn claim_from(
        &self,
        task: &Task,
        session: &SessionId,
        from: Option<&TaskId>,
    ) -> Result<Claimed, RecordError> {
        let key = session_key(&task.account, session);
        self.update(&key, |live: Option<WatchedSession>, now| match live {
            None => write(new_session(task, now), Claimed::Ours, now),
            Some(live) if live.task == task.id => Update::Leave(Claimed::Ours),
            Some(mut live) if Some(&live.task) == from => {
                live.task = task.id.clone();
                live.team = task.team.clone();
                write(live, Claimed::Ours, now)
            }
            Some(live) => Update::Leave(Claimed::Anothers(live.task)),
        })
        .await
    }

    /// The task that has a session's thread, if that isn't this one.
    async fn holder_of(
        &self,
        task: &Task,
        session: &SessionId,
    ) -> Result<Option<ThreadHolder>, RecordError> {
        let key = session_key(&task.account, session);
        match self.records.get::<WatchedSession>(&key, self.now()).await? {
            Some((_, session)) if session.task != task.id => self.holder(task, &session.task).await,
            Some(_) | None => Ok(None),
        }
    }

    /// A task as the holder of a thread; `None` for one that is forgotten.
    pub(super) async fn holder(
        &self,
        of: &Task,
        id: &TaskId,
    ) -> Result<Option<ThreadHolder>, RecordError> {
        let holder = match self.own_task(id).await {
            Ok(found) => found.map(|(_, task)| task),
            // Unreadable or another installation's, but still taken.
            Err(error) if error.is_about_the_document() || error.is_foreign() => {
                return Ok(Some(elsewhere(of, id)));
            }
            Err(error) => return Err(error),
        };
        let Some(holder) = holder else { return Ok(None) };
        if holder.team != of.team {
            return Ok(Some(elsewhere(of, id)));
        }
        let page = self.page_of(&holder);
        let is_public = match (&holder.channel, self.workspace(&holder.team)) {
            (Some(channel), Some(workspace)) if !channel.is_dm() => {
                // What Slack doesn't say is a no.
                workspace.slack.is_public(channel).await.unwrap_or(false)
            }
            (_, _) => false,
        };
        Ok(Some(ThreadHolder {
            task: holder.id,
            author: holder.author,
            channel: holder.channel,
            page,
            is_public,
        }))
    }

    /// Tells the task whose session this one took over where it is now. Doing it again changes nothing.
    pub(super) async fn link_moved(&self, task: &Task) -> Outcome {
        let old = task.followed.as_ref().and_then(|followed| followed.moved_from.as_ref());
        let Some(old) = old else { return Outcome::Done };
        kept(self.apply(old, Input::Moved(self.page_of(task))).await)
    }
}

/// A thread in another workspace, of which nothing is said here.
fn elsewhere(of: &Task, id: &TaskId) -> ThreadHolder {
    ThreadHolder {
        task: id.clone(),
        author: of.author.clone(),
        channel: None,
        page: None,
        is_public: false,
    }
}

impl Account {
    /// The session that opened a pull request, among the newest of the account.
    pub(super) async fn opener_of(&self, link: &SessionLink) -> Result<Option<SessionId>, Error> {
        let mut walk = Walk::of(MOST_PAGES);
        while walk.goes_on() {
            let page = self.jules.sessions(walk.at()).await?;
            let opened = |session: &domain::session::Session| {
                session.pull_requests.iter().any(|one| link.is_pull_request(&one.url))
            };
            if let Some(session) = page.items.iter().find(|session| opened(session)) {
                return Ok(Some(session.id.clone()));
            }
            walk.turn(page.next);
        }
        Ok(None)
    }

    fn told_of(&self, described: jules::DescribedSession) -> DescribedSession {
        let jules::DescribedSession { mut session, branch, prompt } = described;
        // As it is stored it says yes or no. Nothing was known of it before.
        session.archived.get_or_insert(false);
        session.change_set.get_or_insert(false);
        let repo = session.source.as_ref().and_then(|source| self.repo_of(source));
        DescribedSession { session, repo, branch, prompt }
    }

    /// The repository of a source: as it is connected, else as its name says.
    pub(super) fn repo_of(&self, source: &SourceName) -> Option<RepoRef> {
        let connected = self.source_cache.sources().unwrap_or_default();
        let known = connected.iter().find(|one| one.name == *source).map(|one| one.repo.clone());
        known.or_else(|| match RepoQuery::parse(&source.0) {
            Ok(RepoQuery::Full(repo)) => Some(repo),
            _ => {
                let (owner, repo) = source.0.strip_prefix("sources/github/")?.split_once('/')?;
                Some(RepoRef { owner: owner.to_owned(), repo: repo.to_owned() })
            }
        })
    }
}
