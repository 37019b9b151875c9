//! A task about a GitHub issue: what was read of it, and what is asked before it starts.

use super::super::entrance::{IssueAlong, IssueRead};
use super::super::{Phase, Task};
use crate::command::PlanMode;
use crate::issue_context::issue_in;
use crate::message::Notice;
use crate::pull::PullRef;
use jiff::{SignedDuration, Timestamp};

/// How long a request waits for its author to confirm it.
const WAITS: SignedDuration = SignedDuration::from_hours(1);

impl Task {
    /// The issue that it is about, if that wasn't read yet.
    pub(super) fn issue_to_read(&self) -> Option<PullRef> {
        if self.entrance.issue.is_some() || self.retry_of.is_some() {
            return None;
        }
        issue_in(&self.ask.prompt, &self.target.as_ref()?.repo)
    }

    /// The issue was read, or couldn't be.
    pub(super) fn issue_read(&mut self, at: PullRef, read: IssueRead, now: Timestamp) {
        let IssueRead { text, has_strangers, is_unread, closed } = read;
        let is_along = text.is_some();
        if let Some(text) = text {
            self.entrance.material.get_or_insert_default().issue = Some(text);
            let title = &mut self.ask.options.title;
            // A stranger's title isn't shown as ours.
            *title = title.take().or_else(|| Some(at.to_string()));
        }
        if has_strangers && let Some(target) = &mut self.target {
            target.plan = PlanMode::Ask;
        }
        let strangers_to = has_strangers.then(|| at.repo.owner.clone());
        self.entrance.issue =
            Some(IssueAlong { at: at.clone(), is_along, is_unread, strangers_to });
        match closed {
            Some(closed) => {
                let task = self.id.clone();
                self.entrance.is_to_confirm = true;
                self.phase = Phase::Draft { candidates: Vec::new() };
                self.answer_author(Notice::IssueClosed { task, issue: at, closed }, now);
                self.push(super::super::effect::Effect::Expire, now + WAITS);
            }
            None => self.proceed(now),
        }
    }
}
