//! The line in front of the account, as a document of its own with a wake-up time: when somebody
//! leaves it, everybody behind is told the new place, and the first one may start.

use super::Engine;
use crate::domain::line::{Line, Ticket};
use crate::domain::task::{Input, Task};
use crate::store::documents::line_key;
use crate::store::records::RecordError;
use crate::store::{Expect, Key, Written};
use jiff::Timestamp;

impl Engine {
    /// The place at which a task has to wait before it may ask Jules; `None` lets it go ahead.
    pub(super) async fn held_back(&self, task: &Task) -> Result<Option<u32>, RecordError> {
        let (_, line) = self.line(task, self.now()).await?;
        if line.holds_back(&task.id) { self.join_line(task).await.map(Some) } else { Ok(None) }
    }

    /// Puts a task in line, if it is not there yet, and tells its place.
    pub(super) async fn join_line(&self, task: &Task) -> Result<u32, RecordError> {
        loop {
            let now = self.now();
            let (expect, mut line) = self.line(task, now).await?;
            if let Some(place) = line.place_of(&task.id) {
                return Ok(place);
            }
            // Somebody may just have left, and the others not have been told: this write must not
            // take that wake-up away.
            let wake = (!line.is_empty()).then_some(now);
            let ticket =
                Ticket { task: task.id.clone(), user: task.author.clone(), since: now, turn: 0 };
            line.join(ticket);
            let key = line_key(&task.account);
            let place = line.place_of(&task.id).unwrap_or(1);
            if let Written::Stored(_) =
                self.records.put(&key, &line, wake, None, expect, now).await?
            {
                return Ok(place);
            }
        }
    }

    /// Takes a task out of line; the others are told by the line's own tick.
    pub(super) async fn leave_line(&self, task: &Task) -> Result<(), RecordError> {
        loop {
            let now = self.now();
            let (expect, mut line) = self.line(task, now).await?;
            if !line.leave(&task.id) {
                return Ok(());
            }
            let key = line_key(&task.account);
            if let Written::Stored(_) =
                self.records.put(&key, &line, Some(now), None, expect, now).await?
            {
                self.work.notify_one();
                return Ok(());
            }
        }
    }

    async fn line(&self, task: &Task, now: Timestamp) -> Result<(Expect, Line), RecordError> {
        Ok(match self.records.get::<Line>(&line_key(&task.account), now).await? {
            Some((rev, line)) => (Expect::At(rev), line),
            None => (Expect::Absent, Line::default()),
        })
    }

    /// Tells everybody in line where they are. Told again after a crash: the same place twice is
    /// the same card.
    pub(super) async fn tick_line(&self, key: &Key) -> Result<(), RecordError> {
        loop {
            let now = self.now();
            let Some((rev, line)) = self.records.get::<Line>(key, now).await? else {
                return Ok(());
            };
            for (place, task) in line.places() {
                self.apply(task, Input::Place(place)).await?;
            }
            if let Written::Stored(_) =
                self.records.put(key, &line, None, None, Expect::At(rev), now).await?
            {
                return Ok(());
            }
        }
    }
}
