//! What a task knows of its pull request on GitHub: what its thread was told, what the card shows, and the messages
//! that are kept back until a person decides.

use super::user_message::UserMessage;
use crate::ids::{PlanId, UserId};
use crate::message::PullNews;
use crate::pull::{
    Branched, Commit, NoSight, PullFacts, PullSight, PullState, Review, Risk, Verdict,
};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// The life of a task's newest pull request. Everything has a default.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct PullLife {
    /// What the guard goes by.
    pub branched: Branched,
    /// What the card shows.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub face: Option<PullFace>,
    /// What the thread was told.
    pub told: PullTold,
    /// What is kept back, oldest first.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub held: Vec<Held>,
    /// What could be sent to Jules, newest last.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub offers: Vec<PullNews>,
    /// How often people were asked whether something may go to Jules.
    pub questions: u32,
    /// What they are asked now.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub open: Option<OpenQuestion>,
}

/// What a thread was told of a pull request.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct PullTold {
    /// It was looked at: what comes later is news.
    pub first: bool,
    /// How it ended, if it did.
    pub ended: Option<PullState>,
    /// The reviews, by GitHub's numbers, newest last.
    pub reviews: Vec<u64>,
    /// The head whose checks failed.
    pub red: Option<Commit>,
    /// The card has the mark of failed checks.
    pub marked: bool,
    /// That it has a conflict with its base.
    pub conflict: bool,
    /// That it's waiting for a review.
    pub reminded: bool,
    /// That it can't be seen any more.
    pub unseen: bool,
}

/// What is kept back.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Held {
    /// A message to Jules.
    Message(UserMessage),
    /// The approval of a plan, by someone.
    Approval(PlanId, UserId),
}

/// What people are asked: whether what is kept back may go to Jules all the same.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct OpenQuestion {
    /// Its number, which its buttons have.
    pub number: u32,
    /// Why.
    pub risk: Risk,
    /// What GitHub showed when it was asked; `None` where that couldn't be read.
    pub seen: Option<(PullState, Commit)>,
}

/// Something that may do harm, and wasn't done.
#[derive(Debug, Clone, PartialEq)]
pub struct KeptBack {
    /// Why.
    pub risk: Risk,
    /// What GitHub showed.
    pub pull: Option<PullFacts>,
}

/// What GitHub said of the pull request when a session ended.
#[derive(Debug, Clone, Default, PartialEq)]
pub enum PullLookup {
    /// It wasn't asked: there is no pull request, or GitHub isn't asked at all.
    #[default]
    NotAsked,
    /// This.
    Seen(Box<PullFacts>),
    /// It can't be seen there.
    Hidden(NoSight),
    /// It didn't answer.
    Down,
}

/// What a card shows of a pull request.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PullFace {
    /// Whether it's open.
    pub state: PullState,
    /// How many people approve it.
    pub approvals: u32,
    /// Someone wants changes.
    pub wants_changes: bool,
    /// How its checks are.
    pub checks: ChecksFace,
    /// It has a conflict with its base.
    pub conflict: bool,
    /// How many comments apps have written.
    pub bot_comments: u32,
    /// The token can't read all checks.
    pub partly: bool,
    /// It can't be seen any more.
    #[serde(default)]
    pub unseen: Option<NoSight>,
}

/// How checks are, in short.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ChecksFace {
    /// There are none.
    None,
    /// Some are running.
    Running,
    /// All ended well.
    Green,
    /// Some failed.
    Red,
}

impl PullFace {
    /// What a look shows.
    #[must_use]
    pub fn of(sight: &PullSight) -> Self {
        let checks = if sight.checks.is_red() {
            ChecksFace::Red
        } else if sight.checks.is_green() {
            ChecksFace::Green
        } else if sight.checks.total() > 0 {
            ChecksFace::Running
        } else {
            ChecksFace::None
        };
        let standing = standing(&sight.reviews);
        let count = |verdict| standing.values().filter(|one| **one == verdict).count();
        Self {
            state: sight.pull.state,
            approvals: u32::try_from(count(Verdict::Approved)).unwrap_or(u32::MAX),
            wants_changes: count(Verdict::ChangesRequested) > 0,
            checks,
            conflict: sight.pull.mergeable == crate::pull::Mergeable::Conflict,
            bot_comments: sight.bot_comments,
            partly: sight.checks.partly,
            unseen: None,
        }
    }
}

/// What each person thinks by now: a later approval takes back an earlier request, a comment nothing.
fn standing(reviews: &[Review]) -> BTreeMap<&str, Verdict> {
    let mut by_person = BTreeMap::new();
    for review in reviews.iter().filter(|review| !review.by.is_bot) {
        match review.verdict {
            Verdict::Approved | Verdict::ChangesRequested | Verdict::Dismissed => {
                by_person.insert(review.by.name.as_str(), review.verdict);
            }
            Verdict::Commented | Verdict::Other => {}
        }
    }
    by_person
}

impl PullLife {
    /// Nothing is known yet, and nothing has to be stored.
    #[must_use]
    pub(crate) fn is_unused(&self) -> bool {
        *self == Self::default()
    }
}
