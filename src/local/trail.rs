//! The audit trail of a store, as whoever runs the app reads it.

use domain::audit::AuditRecord;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use store::records::RecordError;
use store::{Result, Store};

/// All records, and the documents that can't be read.
#[derive(Debug, Default)]
pub struct Trail {
    /// Those that can be read, oldest first.
    pub read: Vec<AuditRecord>,
    /// What is wrong with each other one. It names the document and quotes nothing of it.
    pub unreadable: Vec<String>,
}

/// A line of what one process tells another.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Line {
    Record(Box<AuditRecord>),
    Unreadable(String),
}

impl Trail {
    /// That of a store.
    ///
    /// # Errors
    /// The store's.
    pub async fn of(store: &dyn Store, now: Timestamp) -> Result<Self> {
        let mut lines = Vec::new();
        let show = |record: std::result::Result<AuditRecord, RecordError>| {
            lines.push(match record {
                Ok(record) => Line::Record(Box::new(record)),
                Err(error) => Line::Unreadable(error.to_string()),
            });
        };
        store::audit::each(store, now, show).await?;
        Ok(lines.into_iter().collect())
    }

    pub(super) fn lines(self) -> impl Iterator<Item = Line> {
        let read = self.read.into_iter().map(|record| Line::Record(Box::new(record)));
        read.chain(self.unreadable.into_iter().map(Line::Unreadable))
    }
}

impl FromIterator<Line> for Trail {
    fn from_iter<I: IntoIterator<Item = Line>>(lines: I) -> Self {
        let mut trail = Self::default();
        for line in lines {
            match line {
                Line::Record(record) => trail.read.push(*record),
                Line::Unreadable(words) => trail.unreadable.push(words),
            }
        }
        trail.read.sort_by_key(|record| record.at);
        trail
    }
}
