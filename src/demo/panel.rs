//! What one can turn in the demo: how fast the simulated Jules is, and what is broken.

use super::world::World;
use crate::config::JulesPlan;
use jiff::SignedDuration;
use sim::jules::{self, Pace};
use sim::slack;
use std::sync::Arc;
use std::time::Duration;

/// How long a slow Jules takes to answer: more than the three seconds that Slack waits.
const SLOW: Duration = Duration::from_secs(5);
/// How long a Slack that limits its rate asks to wait, in seconds.
const REST: u32 = 3;
/// As good as forever.
const A_YEAR: SignedDuration = SignedDuration::from_hours(365 * 24);

/// How fast sessions move.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) enum Speed {
    #[default]
    Fast,
    Slow,
    Real,
}

impl Speed {
    pub(super) const ALL: [Self; 3] = [Self::Fast, Self::Slow, Self::Real];

    pub(super) fn word(self) -> &'static str {
        match self {
            Self::Fast => "fast",
            Self::Slow => "slow",
            Self::Real => "real",
        }
    }

    /// The time from one step of a session to the next.
    pub(super) fn step(self) -> Duration {
        Duration::from_secs(match self {
            Self::Fast => 2,
            Self::Slow => 8,
            // Sessions of this size were seen to take five to ten minutes.
            Self::Real => 60,
        })
    }
}

/// What can happen to a pull request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum OnGitHub {
    Review,
    Approval,
    Push,
    Merge,
}

impl OnGitHub {
    pub(super) const ALL: [Self; 4] = [Self::Review, Self::Approval, Self::Push, Self::Merge];

    pub(super) fn word(self) -> &'static str {
        match self {
            Self::Review => "review",
            Self::Approval => "approval",
            Self::Push => "push",
            Self::Merge => "merge",
        }
    }

    pub(super) fn label(self) -> &'static str {
        match self {
            Self::Review => "Request changes",
            Self::Approval => "Approve",
            Self::Push => "Push to the branch",
            Self::Merge => "Merge",
        }
    }
}

/// How Jules is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) enum JulesIs {
    #[default]
    Well,
    Down,
    Slow,
    KeyRefused,
    RefusesTasks,
}

impl JulesIs {
    pub(super) const ALL: [Self; 5] =
        [Self::Well, Self::Down, Self::Slow, Self::KeyRefused, Self::RefusesTasks];

    pub(super) fn word(self) -> &'static str {
        match self {
            Self::Well => "well",
            Self::Down => "down",
            Self::Slow => "slow",
            Self::KeyRefused => "key-refused",
            Self::RefusesTasks => "limit",
        }
    }

    pub(super) fn label(self) -> &'static str {
        match self {
            Self::Well => "Works",
            Self::Down => "Down",
            Self::Slow => "Slow (5 s)",
            Self::KeyRefused => "Refuses the key",
            Self::RefusesTasks => "Refuses new tasks",
        }
    }
}

/// How everything is set.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Panel {
    pub(super) speed: Speed,
    pub(super) jules: JulesIs,
    /// What the account may use, on both sides.
    pub(super) plan: JulesPlan,
    /// Slack answers every call with 429.
    pub(super) slack_full: bool,
    pub(super) bot_runs: bool,
}

impl Default for Panel {
    fn default() -> Self {
        Self {
            speed: Speed::default(),
            jules: JulesIs::default(),
            // More than anyone starts in a demo.
            plan: JulesPlan::Ultra,
            slack_full: false,
            bot_runs: false,
        }
    }
}

impl World {
    /// How fast sessions move from now on.
    pub(super) fn set_speed(&self, speed: Speed) {
        self.account.pace(Pace::Every(speed.step()));
        self.turn(|panel| panel.speed = speed);
    }

    /// Gives the account another plan: Jules has its limits, and the bot is told of it by its settings, for
    /// which it's restarted.
    ///
    /// # Errors
    /// When the bot doesn't start.
    pub(super) async fn set_plan(&self, plan: JulesPlan) -> anyhow::Result<()> {
        self.turn(|panel| panel.plan = plan);
        self.limit();
        if self.panel().bot_runs { self.restart_bot().await } else { Ok(()) }
    }

    /// Has Jules accept as many tasks as the plan says.
    pub(super) fn limit(&self) {
        let quota = self.panel().plan.limits();
        let count = |most: u32| usize::try_from(most).unwrap_or(usize::MAX);
        self.account.limits(count(quota.at_once), count(quota.a_day));
    }

    /// Breaks Jules in one way, or fixes it; what was broken before is fixed first.
    ///
    /// # Errors
    /// When someone else took its port while it was down.
    pub(super) async fn set_jules(&self, jules: JulesIs) -> anyhow::Result<()> {
        if self.panel().jules == JulesIs::Down {
            self.jules.resume().await?;
        }
        self.jules.clear_gate();
        self.account.restore();
        let now = platform::clock::system()();
        self.account.refuse_creates_until(now);
        match jules {
            JulesIs::Well => {}
            JulesIs::Down => self.jules.refuse().await,
            JulesIs::Slow => self.jules.gate(Arc::new(|_| Some(jules::Fault::SlowHeaders(SLOW)))),
            JulesIs::KeyRefused => drop(self.account.revoke()),
            JulesIs::RefusesTasks => {
                let until = now.checked_add(A_YEAR).unwrap_or(now);
                self.account.refuse_creates_until(until);
            }
        }
        self.turn(|panel| panel.jules = jules);
        Ok(())
    }

    /// Makes Slack answer 429 to every call, or fixes that.
    pub(super) fn set_slack(&self, full: bool) {
        if full {
            self.slack.gate(Arc::new(|_| Some(slack::Fault::Limited(Some(REST)))));
        } else {
            self.slack.heal();
        }
        self.turn(|panel| panel.slack_full = full);
    }
}
