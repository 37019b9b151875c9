//! The tasks of a store, as whoever runs the app sees them.

use domain::task::TaskOverview;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use store::{Result, Store};

/// All tasks, and the documents that can't be read.
#[derive(Debug, Default)]
pub struct Tasks {
    /// Those that can be read, oldest first.
    pub read: Vec<TaskOverview>,
    /// What is wrong with each other one. It names the document and quotes nothing of it.
    pub unreadable: Vec<String>,
}

/// A line of what one process tells another.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Line {
    Task(Box<TaskOverview>),
    Unreadable(String),
}

impl Tasks {
    /// Those of a store.
    ///
    /// # Errors
    /// The store's.
    pub async fn of(store: &dyn Store, now: Timestamp) -> Result<Self> {
        let mut lines = Vec::new();
        let show = |task: std::result::Result<domain::task::Task, store::records::RecordError>| {
            lines.push(match task {
                Ok(task) => Line::Task(Box::new(task.overview(now))),
                Err(error) => Line::Unreadable(error.to_string()),
            });
        };
        store::tasks::each(store, now, show).await?;
        Ok(lines.into_iter().collect())
    }

    pub(super) fn lines(self) -> impl Iterator<Item = Line> {
        let read = self.read.into_iter().map(|task| Line::Task(Box::new(task)));
        read.chain(self.unreadable.into_iter().map(Line::Unreadable))
    }
}

impl FromIterator<Line> for Tasks {
    fn from_iter<I: IntoIterator<Item = Line>>(lines: I) -> Self {
        let mut tasks = Self::default();
        for line in lines {
            match line {
                Line::Task(task) => tasks.read.push(*task),
                Line::Unreadable(words) => tasks.unreadable.push(words),
            }
        }
        tasks.read.sort_by(|one, other| (one.created, &one.id).cmp(&(other.created, &other.id)));
        tasks
    }
}
