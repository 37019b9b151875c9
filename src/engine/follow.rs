//! The documents of sessions: each belongs to one task, and says when it is looked at.

use super::Engine;
use super::foreign::Belonging;
use super::update::Update;
use domain::ids::SessionId;
use domain::task::Task;
use domain::watch::WatchedSession;
use jiff::{SignedDuration, Timestamp};
use store::Key;
use store::documents::session_key;
use store::records::RecordError;

/// How long a session is left alone whose account nobody has a key of.
const WITHOUT_KEY: SignedDuration = SignedDuration::from_mins(10);

impl Engine {
    /// Ties a session to a task, for good. False when it is another task's already.
    ///
    /// # Errors
    /// The store's; whether it is tied is not known then.
    pub(super) async fn claim(
        &self,
        task: &Task,
        session: &SessionId,
    ) -> Result<bool, RecordError> {
        let key = session_key(&task.account, session);
        let is_ours = self.update(&key, |live: Option<WatchedSession>, now| match live {
            Some(live) => Update::Leave(live.task == task.id),
            None => write(new_session(task, now), true, now),
        });
        is_ours.await
    }

    /// Has a task's session looked at, and soon.
    pub(super) async fn follow(&self, task: &Task) -> Result<(), RecordError> {
        let Some(session) = &task.session else { return Ok(()) };
        let key = session_key(&task.account, &session.id);
        let is_ours = self.update(&key, |live: Option<WatchedSession>, now| {
            let mut live = live.unwrap_or_else(|| new_session(task, now));
            let moved_to = task.progress.moved_to.as_ref();
            if live.task != task.id && moved_to.is_none_or(|moved| moved.task != live.task) {
                return Update::Leave(false);
            }
            live.touch(now);
            write(live, true, now)
        });
        let is_ours = is_ours.await?;
        if let Some(account) = self.account(&task.account) {
            account.session_cache.forget(&session.id);
        }
        if !is_ours {
            tracing::error!(
                task.id = %task.id, session.id = %session.id,
                "a session belongs to another task and is not followed for this one"
            );
        }
        Ok(())
    }
}

impl Engine {
    /// A session is due whose account nobody has a key of. It is looked at again in a while: someone may bring
    /// one.
    pub(super) async fn put_off_session(&self, key: &Key) -> Result<(), RecordError> {
        let now = self.now();
        let Some((_, session)) = self.records.get::<WatchedSession>(key, now).await? else {
            return Ok(());
        };
        if self.belonging(&session.team).await? == Belonging::Foreign {
            return Err(RecordError::Foreign { key: key.clone(), team: session.team });
        }
        self.update(key, |live: Option<WatchedSession>, now| match live {
            Some(mut live) if live.next.is_some_and(|next| next <= now) => {
                live.next = Some(now + WITHOUT_KEY);
                write(live, (), now)
            }
            Some(_) | None => Update::Leave(()),
        })
        .await
    }
}

pub(super) fn new_session(task: &Task, now: Timestamp) -> WatchedSession {
    WatchedSession::new(task.team.clone(), task.account.clone(), task.id.clone(), now)
}

/// A session as it is stored: it wakes when it is looked at next.
pub(super) fn write<R>(
    session: WatchedSession,
    back: R,
    now: Timestamp,
) -> Update<WatchedSession, R> {
    let (wake_at, expires_at) = (session.next, session.expires_at(now));
    Update::Write { record: session, wake_at, expires_at, back }
}
