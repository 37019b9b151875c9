//! Reading what happened in sessions.

use super::Engine;
use crate::domain::activity::Activity;
use crate::domain::ids::SessionId;
use crate::jules::{Error, Trouble};
use crate::walk::{Unfinished, Walk};
use futures_util::{Stream, StreamExt, stream};
use jiff::Timestamp;
use std::time::Duration;

/// How many sessions are read at a time.
const READS_AT_ONCE: usize = 4;
/// How many pages of activities are read at a time: a session rarely has more than one.
const MOST_ACTIVITY_PAGES: usize = 20;
/// How long reading one session's activities may take; what came until then is shown. The next look at all
/// others waits for it, so a session that never answers is asked less and less often.
const READ: Duration = Duration::from_secs(20);

/// What happened in a session, oldest first.
pub(super) struct ReadActivities {
    pub(super) activities: Vec<Activity>,
    /// Why there may be more.
    pub(super) unfinished: Option<Unfinished>,
}

impl ReadActivities {
    /// All of it, for whoever concludes something from what is missing.
    ///
    /// # Errors
    /// [`Error::Decode`] when there may be more.
    pub(super) fn whole(self) -> Result<Vec<Activity>, Error> {
        match self.unfinished {
            Some(unfinished) => Err(unfinished.into()),
            None => Ok(self.activities),
        }
    }
}

impl Engine {
    /// Reads the activities of these sessions, each from a time on, a few sessions at a time, and gives
    /// each as it arrives.
    pub(super) fn read_all(
        &self,
        wanted: Vec<(SessionId, Option<Timestamp>)>,
    ) -> impl Stream<Item = (SessionId, Result<ReadActivities, Error>)> {
        stream::iter(wanted)
            .map(async |(id, from)| {
                let read = self.read_in_time(&id, from).await;
                (id, read)
            })
            .buffer_unordered(READS_AT_ONCE)
    }

    /// The activities of a session as far as they come in time.
    async fn read_in_time(
        &self,
        id: &SessionId,
        from: Option<Timestamp>,
    ) -> Result<ReadActivities, Error> {
        let mut activities = Vec::new();
        let read = tokio::time::timeout(READ, self.walk_activities(id, from, &mut activities));
        let unfinished = match read.await {
            Ok(unfinished) => unfinished?,
            Err(_) if activities.is_empty() => return Err(Error::Transient(Trouble::NoAnswer)),
            Err(_) => Some(Unfinished::TooLong),
        };
        Ok(ReadActivities { activities, unfinished })
    }

    /// The activities of a session from a time on, as many as a walk reads.
    pub(super) async fn activities_since(
        &self,
        id: &SessionId,
        from: Option<Timestamp>,
    ) -> Result<ReadActivities, Error> {
        let mut activities = Vec::new();
        let unfinished = self.walk_activities(id, from, &mut activities).await?;
        Ok(ReadActivities { activities, unfinished })
    }

    async fn walk_activities(
        &self,
        id: &SessionId,
        from: Option<Timestamp>,
        activities: &mut Vec<Activity>,
    ) -> Result<Option<Unfinished>, Error> {
        let mut walk = Walk::of(MOST_ACTIVITY_PAGES);
        while walk.goes_on() {
            let page = self.jules.activities(id, from, walk.at()).await?;
            activities.extend(page.items);
            walk.turn(page.next);
        }
        Ok(walk.finish().err())
    }
}
