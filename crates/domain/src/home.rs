//! The App Home: what one person sees of their tasks and of the workspace, as data. Made whole from what was
//! read, never patched; two equal ones look the same.

use super::audit::AuditRecord;
use super::binding::Binding;
use super::command::{Ping, PlanMode};
use super::diff::{Changes, DiffStat};
use super::ids::PlanId;
use super::message::Notice;
use super::quota::Quota;
use super::repo::{RepoRef, Source};
use super::session::PullRequest;
use super::session::SessionState;
use super::task::{Card, Completion, Phase, PlanStatus, Task};
use super::watch::Usage;
use jiff::{SignedDuration, Timestamp};
use std::cmp::Reverse;

/// How many tasks each part names. The others are counted.
pub const MOST_ROWS: usize = 5;

/// How many repositories that are gone are named.
const MOST_GONE: usize = 5;

const DAY: SignedDuration = SignedDuration::from_hours(24);

/// What one person's Home shows, from top to bottom.
#[derive(Debug, Clone, PartialEq)]
pub struct Home {
    /// What came of the click that it is drawn again for.
    pub note: Option<Box<Notice>>,
    /// Their tasks; `None` while they can't be read.
    pub tasks: Option<MyTasks>,
    /// What counts for their tasks where nothing else is said, if it is known.
    pub settings: Option<MySettings>,
    /// How the workspace is doing, for those who manage it.
    pub workspace: Option<WorkspaceHealth>,
}

/// Someone's tasks, by what they mean for them today.
#[derive(Debug, Clone, PartialEq)]
pub struct MyTasks {
    /// Jules is waiting for them.
    pub waiting: Few<WaitingRow>,
    /// These are on their way, or Jules is working on them.
    pub running: Few<RunningRow>,
    /// These ended today.
    pub done: Few<DoneRow>,
    /// Since when "today" is.
    pub since: Today,
    /// Older tasks were not looked at: this many were.
    pub looked_at: Option<usize>,
}

/// What counts for someone's tasks where nothing else is said.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MySettings {
    /// The repository; without one it is asked for.
    pub repo: Option<RepoRef>,
    /// Whether plans are asked about.
    pub plan: PlanMode,
    /// How they are notified.
    pub ping: Ping,
    /// They have connected an account of their own.
    pub has_account: bool,
}

/// The first rows of a part, and how many more there are.
#[derive(Debug, Clone, PartialEq)]
pub struct Few<T> {
    /// The first of them.
    pub rows: Vec<T>,
    /// How many are left out.
    pub more: usize,
}

/// When someone's day began.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Today {
    /// At midnight by their clock.
    Midnight(Timestamp),
    /// Their clock is not known, so it is the last 24 hours.
    LastDay(Timestamp),
}

impl Today {
    /// The day that it is for someone whose clock is so many seconds ahead of UTC.
    #[must_use]
    pub fn of(ahead: Option<i32>, now: Timestamp) -> Self {
        const SECONDS: i64 = 24 * 60 * 60;
        let midnight = ahead.and_then(|ahead| {
            let there = now.as_second().checked_add(i64::from(ahead))?;
            Timestamp::from_second(there - there.rem_euclid(SECONDS) - i64::from(ahead)).ok()
        });
        match midnight {
            Some(midnight) => Self::Midnight(midnight),
            None => Self::LastDay(now - DAY),
        }
    }

    fn began(self) -> Timestamp {
        match self {
            Self::Midnight(at) | Self::LastDay(at) => at,
        }
    }
}

/// A task that is waiting for its author.
#[derive(Debug, Clone, PartialEq)]
pub struct WaitingRow {
    /// Its face.
    pub card: Card,
    /// What it takes.
    pub need: Need,
    /// Since when.
    pub since: Option<Timestamp>,
    /// The page in Slack where all of it is to be seen.
    pub thread: Option<String>,
}

/// What Jules is waiting for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Need {
    /// An approval: of this plan, as far as it was shown.
    Approval(Option<PlanId>),
    /// An answer: to this question, as far as it was shown.
    Answer(Option<u32>),
}

/// What someone has said to Jules, which Jules' state doesn't show yet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Said {
    /// What became of the plan.
    OfPlan(PlanStatus),
    /// The question was answered.
    Answer,
}

/// A task that is on its way.
#[derive(Debug, Clone, PartialEq)]
pub struct RunningRow {
    /// Its face.
    pub card: Card,
    /// What Jules is being told.
    pub said: Option<Said>,
    /// Its thread's page in Slack.
    pub thread: Option<String>,
}

/// A task that ended.
#[derive(Debug, Clone, PartialEq)]
pub struct DoneRow {
    /// Its face.
    pub card: Card,
    /// What it changed, if that is known in numbers.
    pub changes: Option<DiffStat>,
    /// Its thread's page in Slack.
    pub thread: Option<String>,
}

impl DoneRow {
    /// The newest pull request.
    #[must_use]
    pub fn pull_request(&self) -> Option<&PullRequest> {
        self.card.pull_request.as_ref()
    }
}

/// What those who manage a workspace want to know of it.
#[derive(Debug, Clone, PartialEq)]
pub struct WorkspaceHealth {
    /// There is a Jules account for everyone without one of their own.
    pub has_account: bool,
    /// What the account used; `None` when Jules couldn't be asked.
    pub usage: Option<Usage>,
    /// What it may use, if that is known.
    pub limits: Option<Quota>,
    /// The bindings that lead nowhere any more.
    pub gone: Few<GoneRepo>,
    /// The optional scopes that the token lacks.
    pub lacking: Vec<String>,
    /// What was done lately, newest first.
    pub audit: Vec<AuditRecord>,
}

/// A repository that channels are bound to and Jules is not connected to any more.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GoneRepo {
    /// The repository.
    pub repo: RepoRef,
    /// How many channels. Which ones isn't said: some may be private, and Home is for one person.
    pub channels: usize,
}

/// The tasks of a person that were read, newest first.
#[derive(Debug, Clone, Copy)]
pub struct TasksRead<'a> {
    /// The tasks.
    pub tasks: &'a [Task],
    /// There are older ones.
    pub is_cut: bool,
    /// By how many seconds their clock is ahead of UTC, if that is known.
    pub ahead: Option<i32>,
    /// The address of the workspace in Slack.
    pub workspace: Option<&'a str>,
}

impl MyTasks {
    /// Sorts someone's tasks into the parts of their Home. A task that ended before today is left out.
    #[must_use]
    pub fn of(read: TasksRead<'_>, now: Timestamp) -> Self {
        let TasksRead { tasks, is_cut, ahead, workspace } = read;
        let since = Today::of(ahead, now);
        let (mut waiting, mut running, mut done) = (Vec::new(), Vec::new(), Vec::new());
        for task in tasks {
            let Some(card) = task.card() else { continue };
            let thread = || workspace.and_then(|workspace| task.page(workspace));
            let stand = Stand::of(task);
            if let Stand::Waits(need) = stand {
                let plan = workspace.and_then(|workspace| task.plan_page(workspace));
                waiting.push(WaitingRow {
                    card,
                    need,
                    since: task.progress.waiting.as_ref().map(|waiting| waiting.since),
                    thread: plan.or_else(thread),
                });
            } else if let Stand::Runs(said) = stand {
                running.push(RunningRow { card, said, thread: thread() });
            } else if let Some(ended) = &task.progress.ended
                && ended.noticed >= since.began()
                && !task.progress.gone
            {
                done.push((ended, DoneRow { card, changes: changes(task), thread: thread() }));
            }
        }
        // The longest wait comes first, and the most recent end.
        waiting.sort_by_key(|row| row.since);
        done.sort_by_key(|(ended, _): &(&Completion, DoneRow)| Reverse(ended.noticed));
        let done = done.into_iter().map(|(_, row)| row).collect();
        Self {
            waiting: Few::of(waiting, MOST_ROWS),
            running: Few::of(running, MOST_ROWS),
            done: Few::of(done, MOST_ROWS),
            since,
            looked_at: is_cut.then_some(tasks.len()),
        }
    }
}

/// Whose turn it is.
enum Stand {
    /// A person's.
    Waits(Need),
    /// Jules', or ours.
    Runs(Option<Said>),
    /// Nobody's.
    Over,
}

impl Stand {
    /// What was decided or answered here no longer waits for a person, although Jules may not know it yet. A
    /// plan or a question that isn't in the thread yet does, without a button.
    fn of(task: &Task) -> Self {
        let progress = &task.progress;
        let open = progress.open_plan().filter(|plan| task.decidable(&plan.id).is_ok());
        if let Some(plan) = open {
            return Self::Waits(Need::Approval(Some(plan.id.clone())));
        }
        if !task.can_be_stopped() {
            return Self::Over;
        }
        match &task.phase {
            Phase::Running { state: SessionState::AwaitingUserFeedback } => {
                let asked = progress.asked;
                if task.answerable(asked).is_ok() {
                    Self::Waits(Need::Answer(Some(asked)))
                } else if asked > 0 && progress.answered >= asked {
                    Self::Runs(Some(Said::Answer))
                } else {
                    Self::Waits(Need::Answer(None))
                }
            }
            Phase::Running { state: SessionState::AwaitingPlanApproval } => {
                match progress.plans.last().map(|plan| &plan.status) {
                    Some(
                        said @ (PlanStatus::Approving(_)
                        | PlanStatus::Approved(_)
                        | PlanStatus::ChangesAsked(_)),
                    ) => Self::Runs(Some(Said::OfPlan(said.clone()))),
                    Some(
                        PlanStatus::Told
                        | PlanStatus::Pending
                        | PlanStatus::Replaced
                        | PlanStatus::WentOn
                        | PlanStatus::Moved
                        | PlanStatus::Closed,
                    )
                    | None => Self::Waits(Need::Approval(None)),
                }
            }
            _ => Self::Runs(None),
        }
    }
}

fn changes(task: &Task) -> Option<DiffStat> {
    match &task.progress.changes_told {
        Changes::Counted(stat) => Some(stat.clone()),
        Changes::Unknown | Changes::Nothing | Changes::Uncounted => None,
    }
}

impl<T> Few<T> {
    fn of(mut rows: Vec<T>, most: usize) -> Self {
        let more = rows.len().saturating_sub(most);
        rows.truncate(most);
        Self { rows, more }
    }
}

impl Few<GoneRepo> {
    /// The repositories that are bound and not connected. While the list of those that are isn't known, none
    /// is said to be gone.
    #[must_use]
    pub fn gone(bindings: &[Binding], sources: Option<&[Source]>) -> Self {
        let mut gone: Vec<GoneRepo> = Vec::new();
        for binding in bindings {
            let is_it = |source: &Source| source.name == binding.source;
            if sources.is_none_or(|sources| sources.iter().any(is_it)) {
                continue;
            }
            match gone.iter_mut().find(|known| known.repo == binding.repo) {
                Some(known) => known.channels += 1,
                None => gone.push(GoneRepo { repo: binding.repo.clone(), channels: 1 }),
            }
        }
        Self::of(gone, MOST_GONE)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ids::{ChannelId, TeamId, UserId};
    use crate::repo::listed;

    #[test]
    fn a_day_begins_at_midnight_where_the_person_is() {
        let at = |text: &str| text.parse::<Timestamp>().unwrap();
        let now = at("2026-11-30T20:30:00Z");
        let midnight = |text| Today::Midnight(at(text));
        assert_eq!(Today::of(Some(0), now), midnight("2026-11-30T00:00:00Z"));
        assert_eq!(Today::of(Some(3600 * 5), now), midnight("2026-11-30T19:00:00Z"));
        assert_eq!(Today::of(Some(-3600 * 8), now), midnight("2026-11-30T08:00:00Z"));
        assert_eq!(Today::of(None, now), Today::LastDay(at("2026-11-29T20:30:00Z")));
    }

    fn bound(channel: &str, path: &str) -> Binding {
        let Source { name, repo, .. } = listed(path);
        Binding {
            team: TeamId::parse("T1").unwrap(),
            channel: ChannelId::parse(channel).unwrap(),
            source: name,
            repo,
            branch: None,
            plan: None,
            pr: None,
            quiet: None,
            ping: None,
            context: None,
            by: UserId::parse("U1").unwrap(),
            at: Timestamp::UNIX_EPOCH,
        }
    }

    #[test]
    fn a_repository_is_gone_when_it_is_bound_and_certainly_not_connected() {
        let bindings = [bound("C1", "a/old"), bound("C2", "a/new"), bound("C3", "a/old")];
        let connected = [listed("a/new")];
        let gone = Few::gone(&bindings, Some(&connected));
        let old = GoneRepo { repo: listed("a/old").repo, channels: 2 };
        assert_eq!(gone, Few { rows: vec![old], more: 0 });
        assert_eq!(Few::gone(&bindings, None).rows, [], "the list isn't known");
    }
}
