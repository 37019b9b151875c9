//! The line in front of the account, as a document of its own with a wake-up time: when somebody
//! leaves it, everybody behind is told the new place, and the first one may start.

use super::Engine;
use super::update::Update;
use crate::domain::line::{Line, Ticket};
use crate::domain::task::{Input, Task};
use crate::store::documents::line_key;
use crate::store::records::RecordError;
use crate::store::{Expect, Key, Written};
use jiff::Timestamp;

impl Engine {
    /// The place at which a task has to wait before it may ask Jules; `None` lets it go ahead.
    pub(super) async fn held_back(&self, task: &Task) -> Result<Option<u32>, RecordError> {
        let line = self.records.get::<Line>(&line_key(&task.account), self.now()).await?;
        if line.is_some_and(|(_, line)| line.holds_back(&task.id)) {
            return self.join_line(task).await.map(Some);
        }
        Ok(None)
    }

    /// Puts a task in line, if it is not there yet, and tells its place.
    pub(super) async fn join_line(&self, task: &Task) -> Result<u32, RecordError> {
        self.update(&line_key(&task.account), |line: Option<Line>, now| {
            let mut line = line.unwrap_or_default();
            if let Some(place) = line.place_of(&task.id) {
                return Update::Leave(place);
            }
            // Somebody may just have left, and the others not have been told: this write must not
            // take that wake-up away.
            let wake_at = (!line.is_empty()).then_some(now);
            let ticket =
                Ticket { task: task.id.clone(), user: task.author.clone(), since: now, turn: 0 };
            line.join(ticket);
            let back = line.place_of(&task.id).unwrap_or(1);
            Update::Write { record: line, wake_at, expires_at: None, back }
        })
        .await
    }

    /// Takes a task out of line; the others are told by the line's own tick.
    pub(super) async fn leave_line(&self, task: &Task) -> Result<(), RecordError> {
        let key = line_key(&task.account);
        let left = self.update(&key, |line: Option<Line>, now| {
            let mut line = line.unwrap_or_default();
            if line.leave(&task.id) { called(line, now) } else { Update::Leave(false) }
        });
        self.ring_if(left.await?);
        Ok(())
    }

    /// A slot may be free: the line is looked after now.
    pub(super) async fn call_line(&self) -> Result<(), RecordError> {
        let key = line_key(&self.account);
        let found = self.update(&key, |line: Option<Line>, now| {
            match line.filter(|line| !line.is_empty()) {
                Some(line) => called(line, now),
                None => Update::Leave(false),
            }
        });
        self.ring_if(found.await?);
        Ok(())
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

/// A line that is looked after at once.
fn called(line: Line, now: Timestamp) -> Update<Line, bool> {
    Update::Write { record: line, wake_at: Some(now), expires_at: None, back: true }
}
