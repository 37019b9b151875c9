//! What became of a task's session, as far as the thread has been told.

use super::followed::MovedTo;
use super::pull_life::{PullLife, PullLookup};
use crate::activity::{ActivityId, PlanStep};
use crate::diff::Changes;
use crate::digest::ReadMark;
use crate::fault::Cause;
use crate::ids::{ChannelId, MessageTs, PlanId, UserId};
use crate::lease::is_from_the_future;
use crate::message::{Call, Occasion};
use crate::session::PullRequest;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// The life of a session, from its first activity on. Everything has a default: a task that was
/// stored before it had one begins with nothing seen.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Progress {
    /// When the session was created, by our clock. (Jules' may differ by minutes.)
    pub began: Option<Timestamp>,
    /// How far its activities were taken in.
    pub mark: ReadMark,
    /// Jules cannot be asked about it just now, and why; the thread was told.
    pub blocked: Option<Cause>,
    /// When the agent was last heard of, by our clock.
    pub heard: Option<Timestamp>,
    /// What Jules says it is doing.
    pub doing: Option<String>,
    /// The step of the plan that it is at, counted from 1.
    pub step: Option<u32>,
    /// The plans that were shown, oldest first.
    pub plans: Vec<PlanRecord>,
    /// Jules has what shall change about the newest plan.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub changes_sent: Option<ChangesSent>,
    /// The openings of messages that were sent and have not come back as activities yet: those are
    /// ours, and nobody wrote them on Jules' own page.
    pub accepted_messages: Vec<String>,
    /// The activity that holds the change of the code, whole.
    pub patch: Option<ActivityId>,
    /// The commit message that Jules suggests for it.
    pub commit_message: Option<String>,
    /// Its pull requests, oldest first as far as that can be told.
    pub pull_requests: Vec<PullRequestRecord>,
    /// The life of the newest of them on GitHub.
    #[serde(skip_serializing_if = "PullLife::is_unused")]
    pub pull: PullLife,
    /// What the thread was told last that was changed.
    pub changes_told: Changes,
    /// The patch that this was, by its name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub patch_told: Option<String>,
    /// How it ended, for now: a message may wake it.
    pub ended: Option<Completion>,
    /// Why Jules gave up: the first line of what it says.
    pub failure: Option<String>,
    /// Since when Jules has refused to create it, and gives no reason.
    pub refused_since: Option<Timestamp>,
    /// The author was told that a person has to look.
    pub refusal_told: bool,
    /// What took its place.
    pub retried: Option<Retried>,
    /// The task that has the session now.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub moved_to: Option<MovedTo>,
    /// What Jules asked last.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub question: Option<String>,
    /// Who asked to stop it.
    pub stopping: Option<UserId>,
    /// The session is archived.
    pub archived: bool,
    /// After it was stopped here, a look found it out of the archive. The look may have begun before.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub looked_unarchived: bool,
    /// The session was deleted at Jules.
    pub gone: bool,
    /// Someone has written in the thread: it is a conversation now, however quiet it was to be.
    pub talked: bool,
    /// What Jules said last in a quiet thread, untold: it may turn out to be a question.
    pub withheld: Option<String>,
    /// What Jules said last, where that was told as a remark: it may turn out to be a question.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub remark: Option<String>,
    /// People were sent to the session's page, since what happened in it couldn't be read.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub unread_told: bool,
    /// Since when Jules has been waiting for a person, while nothing in the thread may say for what.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub untold_wait: Option<Timestamp>,
    /// People of other organisations who were told that they cannot steer.
    pub outsiders: Vec<UserId>,
    /// What a person is being waited for.
    pub waiting: Option<Waiting>,
    /// How many questions were asked in the thread.
    pub asked: u32,
    /// The last of them that someone has answered.
    pub answered: u32,
    /// The direct messages to the author, oldest first.
    pub dms: Vec<DmRecord>,
    /// How many there were.
    pub dm_count: u32,
    /// How many minutes it has been going on, in the steps that the card shows.
    pub minutes: Option<u32>,
    /// For how many minutes nothing was heard of the agent, in the same steps.
    pub silent: Option<u32>,
}

/// A plan in the thread.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct PlanRecord {
    /// Jules' id of the plan, or of the activity that brought it.
    pub id: PlanId,
    /// Its steps: whole while someone may decide about it, then their beginnings.
    pub steps: Vec<PlanStep>,
    /// How many characters of it were too many to keep.
    #[serde(default)]
    pub missing: usize,
    /// Only what recognises its steps was kept, so its messages stay as they are.
    #[serde(default)]
    pub forgotten: bool,
    /// Whether it is in the thread as a file.
    #[serde(default)]
    pub file: PlanFile,
    /// How many steps it has.
    pub total: usize,
    /// The message that shows it, once it is posted.
    #[serde(default)]
    pub message: Option<MessageTs>,
    /// What became of it.
    pub status: PlanStatus,
    /// What the message shows of that; `None` when that is not known.
    #[serde(default)]
    pub drawn: Option<PlanStatus>,
    /// Whom the message mentions, as long as it is waiting for them.
    #[serde(default)]
    pub mentions: Option<UserId>,
    /// What was asked for as a change, as much of it as a message shows.
    #[serde(default)]
    pub changes: Option<String>,
}

/// Jules was asked for changes of a plan.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct ChangesSent {
    /// When it had the message, by our clock.
    pub at: Timestamp,
    /// It has said something since.
    pub answered: bool,
}

/// Jules is waiting for a person.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Waiting {
    /// For what: a plan's approval or an answer.
    pub of: Occasion,
    /// Since when, by our clock.
    pub since: Timestamp,
    /// They were reminded, which happens once.
    pub reminded: bool,
}

/// A direct message to the author.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DmRecord {
    /// Its number within the task.
    pub id: u32,
    /// What it notifies of.
    pub call: Call,
    /// The question, or why Jules failed: as much of it as the message quotes.
    pub words: Option<String>,
    /// Where it is, once it is posted.
    pub at: Option<(ChannelId, MessageTs)>,
    /// What it shows; `None` when that is not known.
    pub drawn: Option<DmState>,
}

/// What a direct message shows besides its words.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DmState {
    /// What became of the plan.
    Plan(PlanStatus),
    /// The question is waiting for an answer.
    Asks,
    /// It isn't any more.
    Answered,
    /// How the session ended, which stays so.
    Ended,
}

/// A plan that takes too many messages goes into the thread as a file.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PlanFile {
    /// It isn't known yet whether it is that long.
    #[default]
    Undecided,
    /// It is about to.
    Wanted,
    /// It's there.
    Shared,
    /// Slack doesn't accept it, so there are more messages instead.
    Refused,
}

impl PlanRecord {
    /// The name of its file, by which that is found again.
    #[must_use]
    pub fn file_name(&self) -> String {
        format!("plan-{}.md", self.id)
    }
}

/// A task was started once more.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Retried {
    /// By whom.
    pub by: UserId,
    /// The page of the new card in Slack, if it is known.
    pub page: Option<String>,
}

/// What became of a plan.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PlanStatus {
    /// Nobody has to approve it.
    Told,
    /// It waits for someone.
    Pending,
    /// Someone approved it, and Jules is being told.
    Approving(UserId),
    /// It is approved: by a person here, or on Jules' own page.
    Approved(Option<UserId>),
    /// Someone asked for changes.
    ChangesAsked(UserId),
    /// A newer plan took its place.
    Replaced,
    /// Jules went on without waiting, as it does after a first approval.
    WentOn,
    /// The task ended before anyone decided: its session did, or the operator dropped it.
    Closed,
    /// The session moved to another thread, where someone decides.
    Moved,
}

impl PlanStatus {
    /// Whether someone can still decide about it.
    #[must_use]
    pub fn is_open(&self) -> bool {
        *self == Self::Pending
    }
}

/// How a session ended.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Completion {
    /// The activity that said so; none when only its state did.
    pub activity: Option<ActivityId>,
    /// When we noticed.
    pub noticed: Timestamp,
    /// Whether it failed.
    pub failed: bool,
    /// How often the pull request was looked for.
    pub lookups: u32,
    /// Whether the thread was told.
    pub told: bool,
    /// Jules certainly changed nothing.
    pub changed_nothing: bool,
    /// The session's state has said so, too.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub is_in_state: bool,
    /// Jules has got a message since.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub has_message: bool,
}

/// A pull request of a session.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PullRequestRecord {
    /// The pull request.
    pub pull_request: PullRequest,
    /// Whether the thread was told.
    pub told: bool,
}

/// What is known of an end once Jules was asked about it.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct SessionResult {
    /// The pull requests that there are by now.
    pub pull_requests: Vec<PullRequest>,
    /// What changed.
    pub changes: Changes,
    /// The patch that does it, by its name.
    pub patch: Option<String>,
    /// The commit message that Jules suggests for it, where only the outputs have it.
    pub commit_message: Option<String>,
    /// What GitHub says of the newest pull request.
    pub pull: PullLookup,
    /// GitHub is asked with a token.
    pub has_token: bool,
}

impl Progress {
    /// Nothing is known yet, and nothing has to be stored.
    #[must_use]
    pub(crate) fn is_unused(&self) -> bool {
        *self == Self::default()
    }

    /// A time that was noted while the clock was ahead counts as now. A reminder that is still to come is dropped, and
    /// its wait starts again.
    pub(in crate::task) fn correct(&mut self, now: Timestamp) {
        let ended = self.ended.as_mut().map(|ended| &mut ended.noticed);
        let reminded = self.waiting.as_mut().filter(|waiting| waiting.reminded);
        let noted = [
            self.began.as_mut(),
            self.heard.as_mut(),
            self.refused_since.as_mut(),
            self.changes_sent.as_mut().map(|sent| &mut sent.at),
            self.untold_wait.as_mut(),
            ended,
            reminded.map(|waiting| &mut waiting.since),
        ];
        for noted in noted.into_iter().flatten().filter(|noted| is_from_the_future(**noted, now)) {
            *noted = now;
        }
        self.waiting.take_if(|waiting| is_from_the_future(waiting.since, now));
    }

    /// Takes in the pull requests that a session has. Jules lists them in any order: of several that
    /// are new the one with the highest number is the newest.
    pub(in crate::task) fn learn_pull_requests(&mut self, mut seen: Vec<PullRequest>) {
        /// More are not told apart.
        const MOST: usize = 50;
        seen.sort_by_key(PullRequest::number);
        for pull_request in seen {
            let known = &mut self.pull_requests;
            match known.iter().position(|known| known.pull_request.is_same(&pull_request)) {
                Some(index) => {
                    let title = &mut known[index].pull_request.title;
                    *title = pull_request.title.or(title.take());
                }
                None if known.len() < MOST => {
                    known.push(PullRequestRecord { pull_request, told: false });
                }
                None => {}
            }
        }
    }

    /// The pull requests that the thread was not told of, which counts as telling it.
    pub(super) fn tell_pull_requests(&mut self) -> Vec<PullRequest> {
        let untold = self.pull_requests.iter_mut().filter(|known| !known.told);
        untold
            .map(|known| {
                known.told = true;
                known.pull_request.clone()
            })
            .collect()
    }

    /// The newest pull request.
    #[must_use]
    pub fn pull_request(&self) -> Option<&PullRequest> {
        self.pull_requests.last().map(|known| &known.pull_request)
    }

    /// The plan that someone can decide about.
    #[must_use]
    pub fn open_plan(&self) -> Option<&PlanRecord> {
        self.plans.last().filter(|plan| plan.status.is_open())
    }

    /// The plan of this id.
    #[must_use]
    pub fn plan(&self, id: &PlanId) -> Option<&PlanRecord> {
        self.plans.iter().find(|plan| plan.id == *id)
    }

    /// The direct message of this number.
    #[must_use]
    pub fn dm(&self, id: u32) -> Option<&DmRecord> {
        self.dms.iter().find(|dm| dm.id == id)
    }

    pub(super) fn dm_mut(&mut self, id: u32) -> Option<&mut DmRecord> {
        self.dms.iter_mut().find(|dm| dm.id == id)
    }

    pub(super) fn plan_mut(&mut self, id: &PlanId) -> Option<&mut PlanRecord> {
        self.plans.iter_mut().find(|plan| plan.id == *id)
    }

    /// Who approved a plan last, in Slack.
    #[must_use]
    pub fn approved_by(&self) -> Option<&UserId> {
        self.plans.iter().rev().find_map(|plan| match &plan.status {
            PlanStatus::Approving(by) | PlanStatus::Approved(Some(by)) => Some(by),
            _ => None,
        })
    }
}
