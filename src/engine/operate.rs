//! What the operator does to a task on the command line. It is one input like any other, applied by
//! compare-and-set: by the process that has the store, or by the command itself where nobody has.

use super::Engine;
use super::tick::expiry;
use domain::ids::TaskId;
use domain::task::{Input, NotOperable, OperatorAct, Task, decide};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use store::documents::task_key;
use store::records::{RecordError, Records};
use store::{Expect, PutResult};

/// How that ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Operated {
    /// It is stored.
    Done,
    /// Nothing was changed, and why.
    Not(NotOperable),
    /// There is no such task.
    Unknown,
}

/// Does this to a task. Processes that share the store go on from there.
///
/// # Errors
/// The store's, and when the task can't be read.
pub async fn operate(
    records: &Records,
    id: &TaskId,
    act: OperatorAct,
    now: impl Fn() -> Timestamp,
) -> Result<Operated, RecordError> {
    let key = task_key(id);
    loop {
        let now = now();
        let Some((rev, task)) = records.get::<Task>(&key, now).await? else {
            return Ok(Operated::Unknown);
        };
        if let Err(why) = task.operable(act, now) {
            return Ok(Operated::Not(why));
        }
        let next = decide(task, Input::Operated(act), now);
        let (wake_at, expires_at) = (next.wake_at(), expiry(&next));
        let put = records.put(&key, &next, wake_at, expires_at, Expect::At(rev), now).await?;
        if let PutResult::Stored(_) = put {
            return Ok(Operated::Done);
        }
    }
}

impl Engine {
    /// Does this to a task of ours, and carries on with it.
    ///
    /// # Errors
    /// As [`operate`], and for a task of another installation.
    pub async fn operate(&self, id: &TaskId, act: OperatorAct) -> Result<Operated, RecordError> {
        let Some((_, task)) = self.own_task(id).await? else { return Ok(Operated::Unknown) };
        let done = operate(&self.records, id, act, || self.now()).await?;
        if done == Operated::Done {
            self.homes.changed(&task.team, &task.author);
            self.task_changed(task_key(id));
        }
        Ok(done)
    }
}
