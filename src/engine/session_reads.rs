//! Reading what happened in sessions.

use super::account::Account;
use super::session_list::is_about_the_account;
use domain::activity::{Activity, Event};
use domain::ids::SessionId;
use domain::session::Session;
use futures_util::StreamExt;
use futures_util::future::BoxFuture;
use futures_util::stream::FuturesUnordered;
use jiff::Timestamp;
use jules::{Error, Trouble};
use platform::walk::{Unfinished, Walk};
use std::collections::{BTreeSet, HashSet, VecDeque};
use std::mem::take;
use std::sync::Arc;
use std::time::Duration;
use tokio::time::timeout;

/// How many sessions are read at a time.
const READS_AT_ONCE: usize = 4;
/// How many pages of activities are read at a time: a session rarely has more than one.
const MOST_ACTIVITY_PAGES: usize = 20;
/// After so many pages in a row that show only what was shown before, a list is taken for a circle.
const MOST_REPEATED: u32 = 2;
/// How long reading one session's activities may take; what came until then is shown.
const READ: Duration = Duration::from_secs(20);

/// What happened in a session, oldest first.
pub(super) struct ReadActivities {
    pub(super) activities: Vec<Activity>,
    pub(super) reach: Reach,
}

/// How far a reading reaches.
pub(super) enum Reach {
    /// Up to now.
    Whole,
    /// There are more, which can be read from there on.
    Cut(Unfinished),
    /// A further page could not be read.
    Failed(Error),
}

impl ReadActivities {
    /// All of it, for a caller that concludes something from what is missing.
    ///
    /// # Errors
    /// [`Error::Decode`] when there may be more.
    pub(super) fn whole(self) -> Result<Vec<Activity>, Error> {
        match self.reach {
            Reach::Whole => Ok(self.activities),
            Reach::Cut(unfinished) => Err(unfinished.into()),
            Reach::Failed(error) => Err(error),
        }
    }
}

impl From<Option<Unfinished>> for Reach {
    fn from(unfinished: Option<Unfinished>) -> Self {
        unfinished.map_or(Self::Whole, Self::Cut)
    }
}

/// A session that is to be read.
pub(super) struct ToRead {
    pub(super) id: SessionId,
    /// From when on.
    pub(super) from: Option<Timestamp>,
    /// The session as a list shows it. Where none does it's asked for, too: without it what was read can't be
    /// shown.
    pub(super) listed: Option<Session>,
}

/// A session, and what was read of it.
pub(super) type SessionRead = Box<(Session, ReadActivities)>;

/// Readings of several sessions, a few at a time.
pub(super) struct Readings {
    account: Arc<Account>,
    wanted: VecDeque<ToRead>,
    under_way: FuturesUnordered<Reading>,
    /// The sessions that these are of.
    ids: BTreeSet<SessionId>,
}

/// A reading that is under way.
pub(super) type Reading = BoxFuture<'static, (SessionId, Result<SessionRead, Error>)>;

/// What became of readings.
pub(super) enum Progress {
    /// This session was read, or could not be.
    Read(SessionId, Result<SessionRead, Error>),
    /// These take long. They may continue, and nothing has to wait for them.
    Late(BTreeSet<SessionId>, FuturesUnordered<Reading>),
}

impl Readings {
    /// Those that are under way are the last.
    pub(super) fn begin_no_more(&mut self) {
        self.wanted.clear();
    }

    /// What is known next; `None` when all was read, or is late.
    pub(super) async fn next(&mut self) -> Option<Progress> {
        while self.under_way.len() < READS_AT_ONCE
            && let Some(wanted) = self.wanted.pop_front()
        {
            let account = Arc::clone(&self.account);
            self.ids.insert(wanted.id.clone());
            self.under_way.push(Box::pin(async move {
                let ToRead { id, from, listed } = wanted;
                let read = account.read(&id, from, listed).await;
                (id, read)
            }));
        }
        // The pages of those that are late may never come.
        match timeout(self.account.jules.linger(), self.under_way.next()).await {
            Ok(read) => {
                let (id, read) = read?;
                self.ids.remove(&id);
                Some(Progress::Read(id, read))
            }
            Err(_) => Some(Progress::Late(take(&mut self.ids), take(&mut self.under_way))),
        }
    }
}

/// Whether Jules may wait for a person because of something that came after the session was listed.
fn is_news(activity: &Activity, listed: &Session) -> bool {
    let waits = |event: &Event| matches!(event, Event::AgentMessaged(_) | Event::PlanGenerated(_));
    let is_later = activity.created.zip(listed.updated).is_some_and(|(at, updated)| at > updated);
    is_later && activity.events.iter().any(waits)
}

impl Account {
    /// Begins to read these sessions.
    pub(super) fn read_all(self: &Arc<Self>, wanted: Vec<ToRead>) -> Readings {
        let (account, wanted) = (Arc::clone(self), wanted.into());
        Readings { account, wanted, under_way: FuturesUnordered::new(), ids: BTreeSet::new() }
    }

    async fn read(
        &self,
        id: &SessionId,
        from: Option<Timestamp>,
        listed: Option<Session>,
    ) -> Result<SessionRead, Error> {
        let read = self.read_in_time(id, from).await?;
        let session = match listed {
            // What Jules says and what it waits for belong together.
            Some(listed) if read.activities.iter().any(|one| is_news(one, &listed)) => {
                self.jules.session(id).await.unwrap_or(listed)
            }
            Some(listed) => listed,
            None => self.jules.session(id).await?,
        };
        Ok(Box::new((session, read)))
    }

    /// The activities of a session as far as they come in time. A page that can't be read takes none from those before.
    async fn read_in_time(
        &self,
        id: &SessionId,
        from: Option<Timestamp>,
    ) -> Result<ReadActivities, Error> {
        let mut activities = Vec::new();
        let read = timeout(READ, self.walk_activities(id, from, &mut activities)).await;
        let reach = match read {
            Ok(Ok(unfinished)) => Reach::from(unfinished),
            Ok(Err(error)) if activities.is_empty() || is_about_the_account(&error) => {
                return Err(error);
            }
            Ok(Err(error)) => Reach::Failed(error),
            Err(_) if activities.is_empty() => return Err(Error::Transient(Trouble::NoAnswer)),
            Err(_) => Reach::Cut(Unfinished::TooLong),
        };
        Ok(ReadActivities { activities, reach })
    }

    /// The activities of a session from a time on, as many as a walk reads.
    pub(super) async fn activities_since(
        &self,
        id: &SessionId,
        from: Option<Timestamp>,
    ) -> Result<ReadActivities, Error> {
        let mut activities = Vec::new();
        let unfinished = self.walk_activities(id, from, &mut activities).await?;
        Ok(ReadActivities { activities, reach: Reach::from(unfinished) })
    }

    /// Reads activities until the end of the list. A list that goes round in a circle shows no more than it did, so
    /// that's its end; if it showed nothing at all it may be a slip, so it's read again, once.
    async fn walk_activities(
        &self,
        id: &SessionId,
        from: Option<Timestamp>,
        activities: &mut Vec<Activity>,
    ) -> Result<Option<Unfinished>, Error> {
        let mut unfinished = self.walk_once(id, from, activities).await?;
        if unfinished == Some(Unfinished::Circle) && activities.is_empty() {
            unfinished = self.walk_once(id, from, activities).await?;
        }
        Ok(unfinished.filter(|unfinished| *unfinished != Unfinished::Circle))
    }

    async fn walk_once(
        &self,
        id: &SessionId,
        from: Option<Timestamp>,
        activities: &mut Vec<Activity>,
    ) -> Result<Option<Unfinished>, Error> {
        let mut walk = Walk::of(MOST_ACTIVITY_PAGES);
        let (mut shown, mut repeated) = (HashSet::new(), 0);
        while walk.goes_on() {
            let page = self.jules.activities(id, from, walk.at()).await?;
            let (before, is_empty) = (activities.len(), page.items.is_empty());
            let is_new = |one: &Activity| shown.insert(one.id.clone());
            activities.extend(page.items.into_iter().filter(is_new));
            // Other pages may follow an empty one, but none of these.
            let is_repeated = !is_empty && activities.len() == before;
            repeated = if is_repeated { repeated + 1 } else { 0 };
            if repeated == MOST_REPEATED {
                return Ok(Some(Unfinished::Circle));
            }
            walk.turn(page.next);
        }
        Ok(walk.finish().err())
    }
}
