//! A task about a GitHub issue or a pull request: what was read of it, and what is asked before it starts.

use super::super::effect::Effect;
use super::super::entrance::{IssueAlong, IssueRead, LinkedPull};
use super::super::followed::ThreadHolder;
use super::super::{Phase, Task};
use crate::command::PlanMode;
use crate::issue_context::issue_in;
use crate::message::Notice;
use crate::pull::PullRef;
use jiff::{SignedDuration, Timestamp};

/// How long a request waits for its author to confirm it.
const WAITS: SignedDuration = SignedDuration::from_hours(1);

impl Task {
    /// The issue or pull request that it is about, if that wasn't read yet.
    pub(super) fn issue_to_read(&self) -> Option<PullRef> {
        if self.entrance.issue.is_some() || self.retry_of.is_some() {
            return None;
        }
        issue_in(&self.ask.prompt, &self.target.as_ref()?.repo)
    }

    /// It was read, or couldn't be.
    pub(super) fn issue_read(&mut self, at: PullRef, read: IssueRead, now: Timestamp) {
        let IssueRead { text, has_strangers, is_unread, closed, begun, pull } = read;
        let is_along = text.is_some();
        if let Some(text) = text {
            self.entrance.material.get_or_insert_default().issue = text.into();
            let title = &mut self.ask.options.title;
            // A stranger's title isn't shown as ours.
            *title = title.take().or_else(|| Some(at.to_string()));
        }
        if has_strangers && let Some(target) = &mut self.target {
            target.plan = PlanMode::Ask;
        }
        let (strangers_to, is_pull) =
            (has_strangers.then(|| at.repo.owner.clone()), pull.is_some());
        self.entrance.issue =
            Some(IssueAlong { at: at.clone(), is_along, is_unread, is_pull, strangers_to });
        let task = self.id.clone();
        let doubt = match (begun, closed, pull) {
            (Some(begun), _, _) => Some(self.begun_by(at, &begun)),
            (None, Some(closed), _) => Some(Notice::IssueClosed { task, issue: at, closed }),
            (None, None, Some(pull)) => self.on_pull(at, pull),
            (None, None, None) => None,
        };
        match doubt {
            Some(notice) => {
                self.entrance.is_to_confirm = true;
                self.phase = Phase::Draft { candidates: Vec::new() };
                self.answer_author(notice, now);
                self.push(Effect::Expire, now + WAITS);
            }
            None => self.proceed(now),
        }
    }

    /// Someone has begun a task on the same issue.
    fn begun_by(&self, issue: PullRef, begun: &ThreadHolder) -> Notice {
        let is_open = begun.is_open_to(&self.author, self.channel.as_ref());
        let page = begun.page.clone().filter(|_| is_open);
        Notice::IssueBegun { task: self.id.clone(), issue, by: begun.author.clone(), page }
    }

    /// What is asked before a task about a pull request begins, unless its branch was typed.
    fn on_pull(&mut self, pull: PullRef, found: LinkedPull) -> Option<Notice> {
        let is_typed = self.ask.options.branch.is_some();
        let branch = match found {
            LinkedPull::NoBranch => return None,
            LinkedPull::OfJules => None,
            LinkedPull::Branch(_) if is_typed => return None,
            LinkedPull::Branch(branch) => Some(branch),
        };
        if let (Some(branch), Some(target)) = (&branch, &mut self.target) {
            target.branch.clone_from(branch);
        }
        Some(Notice::LinkedPull { task: self.id.clone(), pull, branch })
    }
}
