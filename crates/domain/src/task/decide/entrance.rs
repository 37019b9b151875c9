//! Steps before a task from a message starts (pick a repository, confirm, read the thread and files), and the
//! deletion of what was read after the task ends.

use super::super::effect::{Effect, MaterialRead, ReplyRead};
use super::super::entrance::{Beside, Hears, Material, Way};
use super::super::types::Click;
use super::super::{Phase, Start, Task};
use crate::fault::{Cause, Fault};
use crate::ids::{DeliveryId, TaskId};
use crate::message::{Notice, Post};
use crate::repo::{Candidate, FixedSource, TargetReason};
use jiff::{SignedDuration, Timestamp};

/// How long a request waits for its author to pick a repository, or to confirm it.
const WAITS: SignedDuration = SignedDuration::from_hours(1);

/// How long what went along is kept once a task is over: for *Show* and *Retry*.
const MATERIAL_LIVES: SignedDuration = SignedDuration::from_hours(24 * 7);

/// After so many attempts a task begins without what could not be read.
const PATIENT: u32 = 5;

/// How much of a thread's first line is a title.
const LONGEST_TITLE: usize = 150;

impl Task {
    /// Nothing decides which repository: its author is asked. The repositories that they may mean are looked for
    /// first.
    pub(crate) fn ask_for_repository(&mut self, now: Timestamp) {
        self.phase = Phase::Resolving { trouble: None };
        self.push(Effect::Suggest, now);
    }

    pub(super) fn suggested(&mut self, candidates: Vec<Candidate>, total: usize, now: Timestamp) {
        if !matches!(self.phase, Phase::Resolving { .. }) {
            return;
        }
        self.held_no_more();
        self.phase = Phase::Draft { candidates: Vec::new() };
        match candidates.as_slice() {
            [] => {
                self.has_no_offer(now);
                self.answer_author(Notice::NoSources, now);
            }
            [only] if total == 1 => {
                let why = TargetReason::OnlySource;
                let source = FixedSource { why, ..FixedSource::asked(only.clone()) };
                self.begin(Start::Resolve(Some(source)), now);
            }
            _ => {
                let pick =
                    Notice::Pick { task: self.id.clone(), candidates: candidates.clone(), total };
                self.phase = Phase::Draft { candidates };
                self.answer_author(pick, now);
                self.push(Effect::Expire, now + WAITS);
            }
        }
    }

    /// Asks its author whether to start it.
    pub(super) fn ask_to_confirm(&mut self, now: Timestamp) {
        let Some(target) = &self.target else { return };
        let notice = Notice::Confirm {
            task: self.id.clone(),
            repo: target.repo.clone(),
            branch: target.branch.clone(),
            messages: self.entrance.is_bare.then(|| self.messages_along()),
            own: self.account_of.is_some(),
        };
        self.phase = Phase::Draft { candidates: Vec::new() };
        self.answer_author(notice, now);
        self.push(Effect::Expire, now + WAITS);
    }

    /// Its author confirmed it.
    pub(super) fn confirmed(&mut self, click: Click, now: Timestamp) {
        if !self.is_waiting_to_be_confirmed() || !self.remember_delivery(click.delivery) {
            return;
        }
        self.entrance.is_to_confirm = false;
        self.forget_expiry();
        self.proceed(now);
    }

    /// Whether only a confirmation is missing.
    #[must_use]
    pub(crate) fn is_waiting_to_be_confirmed(&self) -> bool {
        self.is_draft() && self.entrance.is_to_confirm && self.target.is_some()
    }

    /// Its author does not want it after all.
    pub(super) fn dismissed(&mut self, click: Click, now: Timestamp) {
        if self.is_draft() && self.remember_delivery(click.delivery) {
            self.give_up(now);
        }
    }

    /// Nobody picked a repository in time, or confirmed the task.
    pub(super) fn expired(&mut self, now: Timestamp) {
        if !self.is_draft() {
            return;
        }
        let waited_for_confirmation = self.is_waiting_to_be_confirmed();
        self.give_up(now);
        if !waited_for_confirmation {
            self.answer_author(Notice::NobodyPicked, now);
        }
    }

    /// Nothing is on offer any more.
    fn give_up(&mut self, now: Timestamp) {
        self.has_no_offer(now);
        self.target = None;
        self.forget_expiry();
    }

    /// Keeps what was typed. Anyone who wrote to the task in the meantime is told that it didn't begin.
    pub(super) fn has_no_offer(&mut self, now: Timestamp) {
        self.phase = Phase::Draft { candidates: Vec::new() };
        self.undelivered(&Cause::NotBegun, now);
    }

    pub(super) fn forget_expiry(&mut self) {
        self.outbox.retain(|entry| entry.effect != Effect::Expire);
    }

    pub(super) fn material_read(&mut self, read: MaterialRead, now: Timestamp) {
        let MaterialRead { material, hears, first_line, left_out } = read;
        let reads = self.entrance.reads.take();
        self.entrance.hears = hears;
        let unread = material.unread.clone();
        let issue =
            self.entrance.material.take().map(|material| material.issue).unwrap_or_default();
        let material = Material { issue, ..material };
        self.entrance.material = (material != Material::default()).then_some(material);
        if !left_out.is_empty() {
            self.answer_author(Notice::NotPassedOn { files: left_out }, now);
        }
        if let (Some(code), Some(reads)) = (unread, reads) {
            if self.entrance.is_bare {
                self.give_up(now);
                return self.answer_author(Notice::NothingInThread { code: Some(code) }, now);
            }
            self.answer_author(Notice::ThreadUnread { code, thread: reads.goes_along }, now);
        }
        if self.entrance.is_bare {
            if self.messages_along() == 0 {
                self.give_up(now);
                return self.answer_author(Notice::NothingInThread { code: None }, now);
            }
            let title = first_line.map(|line| line.chars().take(LONGEST_TITLE).collect());
            self.ask.options.title = self.ask.options.title.take().or(title);
        }
        self.proceed(now);
    }

    /// What goes along could not be read. A while later the task begins without, unless nothing can be said in
    /// Slack either.
    pub(super) fn material_failed(&mut self, id: u32, fault: &Fault, now: Timestamp) {
        let cause = fault.cause();
        let attempts = self.entry(id).map_or(0, |entry| entry.attempts);
        let is_refused = matches!(fault, Fault::Refused(_)) || attempts >= PATIENT;
        if cause.is_slacks_credential() || !is_refused {
            return self.retry_later(id, fault, now);
        }
        self.drop_entry(id);
        let unread = Some(cause.code().unwrap_or(cause.name()).to_owned());
        let material = Material { unread, ..Material::default() };
        let hears = self.entrance.hears;
        self.material_read(MaterialRead { material, hears, ..MaterialRead::default() }, now);
    }

    /// How many messages of the thread go along.
    #[must_use]
    pub(crate) fn messages_along(&self) -> u32 {
        self.entrance.material.as_ref().map_or(0, |material| material.messages)
    }

    /// Its card goes to another channel than the message that it is about stands in. What is read there may
    /// not be seen here, so none of it goes along.
    pub(super) fn leave_thread(&mut self) {
        self.entrance.root = None;
        self.entrance.hears = Hears::Everyone;
        if let Some(reads) = &mut self.entrance.reads {
            (reads.thread, reads.goes_along, reads.message) = (None, false, false);
        }
        self.entrance.reads.take_if(|reads| !reads.is_needed());
    }

    /// The thread that the card was to go to belongs to another task by now: one thread is one session, so the
    /// card goes to the channel.
    pub(super) fn thread_taken(&mut self, id: u32, by: Beside, now: Timestamp) {
        self.entrance.root = None;
        self.entrance.hears = Hears::Everyone;
        self.entrance.beside = Some(by);
        self.reset(id, now);
    }

    /// Another task was asked for in this one's thread.
    pub(super) fn asked_beside(
        &mut self,
        other: &TaskId,
        title: String,
        page: Option<String>,
        now: Timestamp,
    ) {
        if self.remember_delivery(DeliveryId::of(&["beside", other.as_str()])) {
            self.began_instead(other);
            self.post(Post::Beside { title, page }, now);
            self.changed = now;
        }
    }

    /// What belongs to a reply was read: it can be sent.
    pub(super) fn reply_read(&mut self, id: u32, read: ReplyRead, now: Timestamp) {
        let Some(entry) = self.entry_mut(id) else { return };
        let mut nobody_spoke = None;
        if let Effect::Send(message) = &mut entry.effect {
            message.reads = None;
            if message.files.is_empty() {
                message.files = read.files;
            }
            if message.text.trim().is_empty() && message.files.is_empty() {
                nobody_spoke = Some(message.from.clone());
            }
            if let Some(since) = read.since {
                message.text = [message.text.as_str(), &since].join("\n\n").trim().to_owned();
            }
        }
        entry.attempts = 0;
        self.reset(id, now);
        if let Some(from) = nobody_spoke {
            self.drop_entry(id);
            // The question that it seemed to answer is still open.
            self.progress.answered = 0;
            self.tell(from, Notice::NothingSaid, now);
        }
    }

    /// Everyone's replies are heard from now on.
    pub(super) fn listen_to_all(&mut self, click: Click, now: Timestamp) {
        if self.remember_delivery(click.delivery) && self.entrance.hears != Hears::Everyone {
            self.entrance.hears = Hears::Everyone;
            self.changed = now;
        }
    }

    /// Once a task is over, what went along with it is forgotten some time later.
    pub(super) fn keep_no_longer(&mut self, now: Timestamp) {
        let is_over = self.progress.ended.is_some() || matches!(self.phase, Phase::Stopped { .. });
        let is_kept = self.entrance.material.as_ref().is_some_and(Material::has_texts);
        if is_over && is_kept && !self.awaits(&Effect::ForgetMaterial) {
            self.push(Effect::ForgetMaterial, now + MATERIAL_LIVES);
        }
    }

    pub(super) fn forget_material(&mut self) {
        self.entrance.material = None;
    }

    /// Whether it is only about a thread, of which nothing is kept any more.
    #[must_use]
    pub(crate) fn is_about_nothing(&self) -> bool {
        let along = self.entrance.material.as_ref().and_then(|material| material.thread.open());
        self.entrance.is_bare && along.is_none()
    }

    /// Whether it is told in its author's own conversation with the bot.
    #[must_use]
    pub fn is_direct(&self) -> bool {
        self.entrance.way == Way::DirectMessage
    }

    /// Whether the author still has to pick a repository or confirm.
    #[must_use]
    pub(crate) fn is_on_offer(&self) -> bool {
        let has_choices =
            matches!(&self.phase, Phase::Draft { candidates } if !candidates.is_empty());
        has_choices || self.is_waiting_to_be_confirmed()
    }
}
