//! Which documents there are: their names, their kinds and versions.
//!
//! A stored form changes by a default for a new field, or by a new version with an upcast here and
//! a golden file in `tests/fixtures/records`.

use super::Key;
use super::records::Record;
use crate::domain::binding::Binding;
use crate::domain::ids::{AccountId, ChannelId, DeliveryId, TaskId, TeamId};
use crate::domain::line::Line;
use crate::domain::task::Task;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

/// An event that was taken, so that its redelivery is nothing.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Seen {
    /// Slack's name of the kind of event.
    pub kind: String,
}

impl Record for Task {
    const KIND: &'static str = "task";
    const VERSION: u32 = 1;

    fn upcast(from: u32, _: Map<String, Value>) -> Result<Map<String, Value>, String> {
        Err(never_released(from))
    }
}

impl Record for Binding {
    const KIND: &'static str = "binding";
    const VERSION: u32 = 1;

    fn upcast(from: u32, _: Map<String, Value>) -> Result<Map<String, Value>, String> {
        Err(never_released(from))
    }
}

impl Record for Line {
    const KIND: &'static str = "line";
    const VERSION: u32 = 1;

    fn upcast(from: u32, _: Map<String, Value>) -> Result<Map<String, Value>, String> {
        Err(never_released(from))
    }
}

impl Record for Seen {
    const KIND: &'static str = "seen";
    const VERSION: u32 = 1;

    fn upcast(from: u32, _: Map<String, Value>) -> Result<Map<String, Value>, String> {
        Err(never_released(from))
    }
}

/// Every kind of document, with the version that is written.
pub const KINDS: &[(&str, u32)] = &[
    (Task::KIND, Task::VERSION),
    (Binding::KIND, Binding::VERSION),
    (Line::KIND, Line::VERSION),
    (Seen::KIND, Seen::VERSION),
];

/// The first version of a document is 1: there is nothing older to bring up.
fn never_released(version: u32) -> String {
    format!("version {version} was never released")
}

/// A task.
#[must_use]
pub fn task_key(id: &TaskId) -> Key {
    Key::new(format!("task/{id}"))
}

/// The task that a key names, if it names one.
#[must_use]
pub fn task_id(key: &Key) -> Option<TaskId> {
    TaskId::parse(key.as_str().strip_prefix("task/")?).ok()
}

/// A channel's binding.
#[must_use]
pub fn binding_key(team: &TeamId, channel: &ChannelId) -> Key {
    Key::new(format!("binding/{team}/{channel}"))
}

/// All bindings of a workspace.
#[must_use]
pub fn binding_prefix(team: &TeamId) -> String {
    format!("binding/{team}/")
}

/// The line in front of an account.
#[must_use]
pub fn line_key(account: &AccountId) -> Key {
    Key::new(format!("line/{account}"))
}

/// The account whose line a key names, if it names one.
#[must_use]
pub fn line_account(key: &Key) -> Option<AccountId> {
    AccountId::parse(key.as_str().strip_prefix("line/")?).ok()
}

/// An event that was taken.
#[must_use]
pub fn seen_key(delivery: &DeliveryId) -> Key {
    Key::new(format!("seen/{delivery}"))
}
