//! What Jules does next in a session: a list of steps, taken by hand or by the clock
//! (reference §4, §7.1 row 13).

use super::acts;
use super::finish::Finish;
use super::model::{SessionState, State, World};
use super::scenario::Scenario;
use jiff::{SignedDuration, Timestamp};
use std::collections::VecDeque;
use std::time::Duration;

/// How fast sessions move by themselves.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Pace {
    /// Nothing happens unless a test says so.
    Still,
    /// Each step comes this long after the one before; automatic approval after two seconds, as
    /// seen live.
    Every(Duration),
}

/// What kind of session it will be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Story {
    /// Plan, work, done.
    Plain,
    /// Asks the user something in the middle.
    Asks,
    /// Fails after some work.
    Fails,
    /// Falls silent in the middle of work, still `IN_PROGRESS`.
    Stuck,
    /// Completes with a plan and nothing else.
    PlanOnly,
    /// Chosen by words of the prompt, for the demo: "ask me", "old API", "fail", "upgrade React", "get stuck",
    /// "only plan"; otherwise plain. Plan and changes fit the prompt.
    ByPrompt,
}

impl Story {
    /// What [`ByPrompt`](Self::ByPrompt) makes of this prompt.
    #[must_use]
    pub fn of(prompt: &str) -> Self {
        Scenario::choose(Self::ByPrompt, prompt).1
    }
}

/// One thing that Jules does.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Step {
    StartPlanning,
    Plan {
        /// What was asked for instead of the plan before.
        feedback: Option<String>,
    },
    /// `planApproved` by `user`, though no user did it.
    ApproveItself,
    /// Nothing continues before `approvePlan`.
    AwaitApproval,
    Progress {
        title: String,
        description: String,
    },
    Ran {
        command: String,
        output: String,
        exit_code: i32,
    },
    Picture {
        title: String,
        description: String,
    },
    Patch {
        title: String,
    },
    Say(String),
    Ask(String),
    /// Nothing continues before a message.
    AwaitMessage,
    Complete,
    Fail(Option<String>),
}

impl Step {
    /// Whether it waits for a person, however much time passes.
    fn waits(&self) -> bool {
        matches!(self, Self::AwaitApproval | Self::AwaitMessage)
    }
}

/// The steps of a new session.
pub(super) fn begin(story: Story, scenario: &Scenario, gated: bool) -> VecDeque<Step> {
    let mut steps = vec![Step::StartPlanning, Step::Plan { feedback: None }];
    steps.push(if gated { Step::AwaitApproval } else { Step::ApproveItself });
    if story == Story::PlanOnly {
        steps.push(Step::Complete);
        return steps.into();
    }
    steps.extend(scenario.work.iter().cloned());
    match story {
        Story::Asks => {
            steps.push(Step::Ask(scenario.question.clone()));
            steps.push(Step::AwaitMessage);
        }
        Story::Fails => {
            steps.push(Step::Fail(Some(scenario.failure.clone())));
            return steps.into();
        }
        Story::Stuck => return steps.into(),
        Story::Plain | Story::PlanOnly | Story::ByPrompt => {}
    }
    steps.push(Step::Patch { title: "I have made the change.".into() });
    steps.push(Step::Progress {
        title: "Code reviewed".into(),
        description: "The change is small and does what was asked for.".into(),
    });
    steps.push(Step::Complete);
    steps.into()
}

/// What a message of the user sets off (reference §4.2, §7.1 rows 14 and 16).
pub(super) fn hear(session: &mut SessionState, text: &str) {
    match session.state {
        State::AwaitingPlanApproval => {
            session.state = State::Planning;
            session.script.retain(|s| *s != Step::AwaitApproval);
            session.script.push_front(Step::AwaitApproval);
            session.script.push_front(Step::Plan { feedback: Some(text.to_owned()) });
        }
        State::AwaitingUserFeedback => {
            session.state = State::InProgress;
            if session.script.front() == Some(&Step::AwaitMessage) {
                session.script.pop_front();
            }
            session.script.push_front(Step::Say("Thanks! I'll continue with that.".into()));
        }
        State::InProgress => {
            session.script.push_front(Step::Say("Got it, I'll take that into account.".into()));
        }
        State::Completed => {
            session.state = State::InProgress;
            session.scenario = session.scenario.after(text);
            // Approval carries forward: no second gate.
            session.script = VecDeque::from([
                Step::Say("I'll make that change as well.".into()),
                Step::Patch { title: "I have made the follow-up change.".into() },
                Step::Complete,
            ]);
        }
        // Accepted and left for later, or never answered: what the live service does is unknown.
        State::Queued | State::Planning | State::Paused | State::Failed => {}
    }
}

/// Removes the script's own first plan, because one was made by hand.
pub(super) fn skip_plan(session: &mut SessionState) {
    let gate = |s: &Step| matches!(s, Step::AwaitApproval | Step::ApproveItself);
    if let Some(at) = session.script.iter().position(gate) {
        session.script.drain(..=at);
    }
}

/// Takes the next step now, whatever the pace, unless it waits for a person. Says whether it did.
pub(super) fn step(world: &mut World, key: &str, id: &str, now: Timestamp) -> bool {
    let serial = world.next();
    let Some(session) = world.accounts.get_mut(key).and_then(|a| a.session(id)) else {
        return false;
    };
    if !session.state.is_running() || session.script.front().is_none_or(Step::waits) {
        return false;
    }
    let Some(step) = session.script.pop_front() else { return false };
    perform(session, step, now, serial);
    session.moved = now;
    true
}

/// Takes every step that is due, in each session of the account, at the time it was due.
pub(super) fn advance(world: &mut World, key: &str, now: Timestamp) {
    let Some(account) = world.accounts.get(key) else { return };
    let Pace::Every(pace) = account.manners.pace else { return };
    let ids: Vec<String> = account.sessions.iter().map(|s| s.id.clone()).collect();
    for id in ids {
        while let Some(due) = due(world, key, &id, pace).filter(|due| *due <= now) {
            if !step(world, key, &id, due) {
                break;
            }
        }
    }
}

fn due(world: &mut World, key: &str, id: &str, pace: Duration) -> Option<Timestamp> {
    let session = world.accounts.get_mut(key)?.session(id)?;
    let wait = match session.script.front()? {
        Step::ApproveItself => SignedDuration::from_secs(2),
        Step::StartPlanning
        | Step::Plan { .. }
        | Step::AwaitApproval
        | Step::Progress { .. }
        | Step::Ran { .. }
        | Step::Picture { .. }
        | Step::Patch { .. }
        | Step::Say(_)
        | Step::Ask(_)
        | Step::AwaitMessage
        | Step::Complete
        | Step::Fail(_) => SignedDuration::try_from(pace).ok()?,
    };
    session.moved.checked_add(wait).ok()
}

fn perform(session: &mut SessionState, step: Step, now: Timestamp, serial: u64) {
    match step {
        Step::StartPlanning => {
            session.state = State::Planning;
            session.touch(now, serial);
        }
        Step::Plan { feedback } => {
            let steps = acts::plan_for(session, feedback.as_deref());
            acts::plan(session, &steps, now, serial);
        }
        Step::ApproveItself => acts::approve(session, now, serial),
        Step::Progress { title, description } => {
            session.state = State::InProgress;
            session.record(now, serial, "agent", acts::progress(&title, &description));
        }
        Step::Ran { command, output, exit_code } => {
            session.state = State::InProgress;
            session.record(now, serial, "agent", acts::ran(&command, &output, exit_code));
        }
        Step::Picture { title, description } => {
            session.state = State::InProgress;
            session.record(now, serial, "agent", acts::picture(&title, &description));
        }
        Step::Patch { title } => {
            session.state = State::InProgress;
            let patch = acts::patch(session, false);
            session.record(
                now,
                serial,
                "agent",
                acts::with_patch(acts::progress(&title, ""), &patch),
            );
        }
        Step::Say(text) => session.record(now, serial, "agent", acts::say(&text)),
        Step::Ask(text) => {
            session.record(now, serial, "agent", acts::say(&text));
            session.state = State::AwaitingUserFeedback;
        }
        // Only a person takes these away; the step before has set the state.
        Step::AwaitApproval | Step::AwaitMessage => {}
        Step::Complete => {
            let finish = Finish::usual(session);
            finish.perform(session, now, serial);
        }
        Step::Fail(reason) => acts::fail(session, reason.as_deref(), now, serial),
    }
}
