//! How many tasks a person or a channel may have: what was started is kept for as long as it counts.

use super::{Caps, SetBy};
use crate::ids::TaskId;
use crate::lease::is_from_the_future;
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

/// A day of a cap: tasks that were started longer ago don't count.
const DAY: SignedDuration = SignedDuration::from_hours(24);

/// So long a task that isn't stored yet counts: it may be in a moment. A process that died between the two
/// leaves one behind that never is.
const UNSTORED: SignedDuration = SignedDuration::from_mins(1);

/// The tasks that a person or a channel has started, as far as they count towards a cap.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Starts {
    tasks: Vec<Entry>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct Entry {
    task: TaskId,
    at: Timestamp,
    /// It is over, so that it isn't open any more.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    over: bool,
}

/// What became of a task that was started.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Started {
    /// It is running.
    Open,
    /// It is over.
    Over,
    /// There is none.
    Never,
}

/// Why no more tasks can be started.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CapReached {
    /// The most there may be.
    pub most: u32,
    /// Of the person; else in the channel.
    pub of_person: bool,
    /// When one frees up; `None` for open tasks, of which one has to end.
    pub frees: Option<Timestamp>,
    /// Who set it.
    pub set_by: SetBy,
}

impl Starts {
    /// Counts one more task, unless that would be more than the caps allow. One that counts already is no
    /// more. `open_tasks` and `tasks_a_day` are those of the place, with who set them; `of_person` says
    /// whether these are the starts of a person, or else of a channel.
    ///
    /// # Errors
    /// The cap that it would break.
    pub fn add(
        &mut self,
        task: &TaskId,
        (open_tasks, open_by): (Caps, SetBy),
        (tasks_a_day, day_by): (Caps, SetBy),
        of_person: bool,
        now: Timestamp,
    ) -> Result<(), CapReached> {
        let cap = |caps: Caps| if of_person { caps.person } else { caps.channel };
        let is_today = |at: Timestamp| now.duration_since(at) < DAY && !is_from_the_future(at, now);
        let counts_open = cap(open_tasks).is_some();
        self.tasks.retain(|one| is_today(one.at) || counts_open && !one.over);
        if self.tasks.iter().any(|one| one.task == *task) {
            return Ok(());
        }
        if let Some(most) = cap(open_tasks) {
            let open = self.tasks.iter().filter(|one| !one.over).count();
            if open >= most as usize {
                return Err(CapReached { most, of_person, frees: None, set_by: open_by });
            }
        }
        if let Some(most) = cap(tasks_a_day) {
            let mut today: Vec<Timestamp> =
                self.tasks.iter().map(|one| one.at).filter(|at| is_today(*at)).collect();
            today.sort_unstable();
            if today.len() >= most as usize {
                // The one whose end leaves room for one more.
                let frees = today.get(today.len() - most as usize).map(|at| *at + DAY);
                return Err(CapReached { most, of_person, frees, set_by: day_by });
            }
        }
        self.tasks.push(Entry { task: task.clone(), at: now, over: false });
        Ok(())
    }

    /// The tasks that count as open: whether they are is for their documents to say.
    pub fn open(&self) -> impl Iterator<Item = &TaskId> {
        self.tasks.iter().filter(|one| !one.over).map(|one| &one.task)
    }

    /// What became of one of them; whether that changes what counts.
    pub fn settle(&mut self, task: &TaskId, became: Started, now: Timestamp) -> bool {
        let before = self.clone();
        match became {
            Started::Open => {}
            Started::Over => {
                self.tasks
                    .iter_mut()
                    .filter(|one| one.task == *task)
                    .for_each(|one| one.over = true);
            }
            Started::Never => {
                let is_new = |one: &Entry| {
                    now.duration_since(one.at) < UNSTORED && !is_from_the_future(one.at, now)
                };
                self.tasks.retain(|one| one.task != *task || is_new(one));
            }
        }
        *self != before
    }

    /// Forgets a task that didn't begin after all; whether it counted.
    pub fn remove(&mut self, task: &TaskId) -> bool {
        let before = self.tasks.len();
        self.tasks.retain(|one| one.task != *task);
        self.tasks.len() < before
    }

    /// When all of it is forgotten: long after the last task that counts can be open.
    #[must_use]
    pub fn expires_at(&self, now: Timestamp) -> Timestamp {
        now + SignedDuration::from_hours(24 * 91)
    }
}
