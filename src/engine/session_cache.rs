//! What this process remembers of the sessions in an account's list, so that a pass reads the documents
//! of those only that moved or are due.
//!
//! It saves reads and decides nothing: what is missing, or was found out by another replica, is read
//! from its document.

use super::set_aside::SetAside;
use domain::ids::SessionId;
use domain::session::Session;
use domain::watch::{FARTHEST, Snapshot, WatchedSession};
use jiff::Timestamp;
use platform::lock::lock;
use std::collections::{HashMap, HashSet};
use std::sync::Mutex;

/// So many sessions are remembered: far more than a pass lists. One more, and all are forgotten, and
/// read as they come.
const MOST: usize = 4096;

/// What a session in the list is to us.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Known {
    /// No task of ours has it.
    Foreign,
    /// A task follows it; it looked like this, and is worth a look again from a time on, if ever.
    Followed(Snapshot, Option<Timestamp>),
}

#[derive(Default)]
pub(super) struct SessionCache {
    known: Mutex<HashMap<SessionId, Known>>,
    /// Documents that cannot be read, or are another installation's.
    pub(super) set_aside: SetAside,
    /// Sessions whose readings go on although their pass has ended.
    late: Mutex<HashSet<SessionId>>,
}

impl SessionCache {
    /// What is known of a session, as far as it is enough to pass over it: it looks as it did, and is not
    /// worth a look yet.
    pub(super) fn passes_over(&self, session: &Session, now: Timestamp) -> Option<Known> {
        let known = lock(&self.known).get(&session.id).cloned()?;
        let is_quiet = match &known {
            Known::Foreign => true,
            Known::Followed(before, worth) => {
                let rests = |worth: Timestamp| worth > now && worth.duration_since(now) < FARTHEST;
                Snapshot::of(session, Some(before)) == *before && worth.is_none_or(rests)
            }
        };
        is_quiet.then_some(known)
    }

    pub(super) fn remember_foreign(&self, session: SessionId) {
        self.remember(session, Known::Foreign);
    }

    /// Remembers a session as its document is now.
    pub(super) fn remember_followed(
        &self,
        id: &SessionId,
        session: &WatchedSession,
        now: Timestamp,
    ) {
        match &session.snapshot {
            Some(snapshot) if session.missing.is_none() => {
                let worth = session.worth_a_look(now);
                self.remember(id.clone(), Known::Followed(snapshot.clone(), worth));
            }
            _ => self.forget(id),
        }
    }

    /// Something happened to a session: its document is read when it is listed.
    pub(super) fn forget(&self, session: &SessionId) {
        lock(&self.known).remove(session);
    }

    fn remember(&self, session: SessionId, what: Known) {
        let mut known = lock(&self.known);
        if known.len() >= MOST && !known.contains_key(&session) {
            known.clear();
        }
        known.insert(session, what);
    }

    /// The readings of these sessions go on after their pass.
    pub(super) fn begin_late(&self, sessions: impl IntoIterator<Item = SessionId>) {
        lock(&self.late).extend(sessions);
    }

    /// Such a reading has ended.
    pub(super) fn end_late(&self, session: &SessionId) {
        lock(&self.late).remove(session);
    }

    /// Whether such a reading goes on.
    pub(super) fn is_late(&self, session: &SessionId) -> bool {
        lock(&self.late).contains(session)
    }
}
