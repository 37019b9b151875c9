//! Whether a message may go to a session whose pull request people have worked on, or have merged.
//!
//! A session pins its base commit and never rebases. When it is woken it pushes its own tree, so what people
//! pushed onto the branch in between is overwritten, and what they merged is undone (changes-2026-11.md, J14).
//! Whose a commit is can't be told from its author: Jules' own CI fixer may commit in a person's name (J9). So
//! the one head that counts as Jules' is the one read when Jules last completed.

use super::{Commit, Login, PullFacts, PullState};
use crate::repo::Branch;
use serde::{Deserialize, Serialize};

/// What of a pull request the guard goes by. Part of a task's document.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Branched {
    /// The head when Jules last completed: everything up to it is Jules' own.
    pub own: Option<Commit>,
    /// A head that was seen and isn't Jules' own. One that Jules completes behind without having pushed stays
    /// people's.
    pub foreign: Option<Commit>,
    /// How many commits the pull request had when its head was Jules' own.
    pub commits: u32,
    /// What a person said yes to: this state with this head. It holds until Jules completes.
    pub allowed: Option<(PullState, Commit)>,
    /// A person said yes while GitHub didn't answer. It holds until Jules completes, for as long as GitHub doesn't.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub blind: bool,
    /// Someone was told that nobody can see whether people have pushed.
    pub warned: bool,
}

/// Why a message may do harm.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Risk {
    /// The branch has commits that aren't Jules'.
    Foreign {
        /// How many there are, if that can be told.
        commits: Option<u32>,
        /// The branch.
        branch: Branch,
    },
    /// It's merged already.
    Merged {
        /// By whom, if GitHub says.
        by: Option<Login>,
        /// Into which branch.
        base: Branch,
    },
    /// It's closed without merging.
    Closed {
        /// The branch that it was to be merged into.
        base: Branch,
    },
    /// GitHub doesn't answer right now.
    Unreadable,
}

/// What to do with a message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Guard {
    /// It may go.
    Go,
    /// A person has to say yes first.
    Ask(Risk),
    /// It may go, and its author is told once that people's commits can't be seen.
    Warn,
}

/// What GitHub shows of a pull request right now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Shown<'a> {
    /// This.
    Pull(&'a PullFacts),
    /// It can't be seen there at all.
    Nothing,
    /// GitHub doesn't answer.
    Down,
}

/// Whether a message may go to the session of this pull request, as GitHub shows it right now.
#[must_use]
pub fn guard(branched: &Branched, now: Shown<'_>) -> Guard {
    let pull = match now {
        Shown::Pull(pull) => pull,
        Shown::Nothing if branched.warned => return Guard::Go,
        Shown::Nothing => return Guard::Warn,
        Shown::Down if branched.blind => return Guard::Go,
        Shown::Down => return Guard::Ask(Risk::Unreadable),
    };
    let seen = (coarse(pull.state), pull.head.clone());
    if branched.allowed.as_ref() == Some(&seen) {
        return Guard::Go;
    }
    match pull.state {
        PullState::Merged => {
            let (by, base) = (pull.merged_by.clone(), pull.base.clone());
            Guard::Ask(Risk::Merged { by, base })
        }
        PullState::Closed => Guard::Ask(Risk::Closed { base: pull.base.clone() }),
        PullState::Open | PullState::Draft => match &branched.own {
            Some(own) if *own == pull.head => Guard::Go,
            Some(_) => {
                let more = pull.commits.checked_sub(branched.commits).filter(|more| *more > 0);
                Guard::Ask(Risk::Foreign { commits: more, branch: pull.branch.clone() })
            }
            // Never read: nobody can tell whose its head is.
            None if branched.foreign.as_ref() == Some(&pull.head) => {
                Guard::Ask(Risk::Foreign { commits: None, branch: pull.branch.clone() })
            }
            None if branched.warned => Guard::Go,
            None => Guard::Warn,
        },
    }
}

/// A draft that becomes ready changes nothing about its commits.
fn coarse(state: PullState) -> PullState {
    match state {
        PullState::Open | PullState::Draft => PullState::Open,
        PullState::Merged | PullState::Closed => state,
    }
}

impl Branched {
    /// Jules completed, and this is the head that was read then. Where Jules has changed nothing it has pushed
    /// nothing either, and what is pushed behind a pull request that isn't open doesn't become its head: so a new
    /// head is people's then. One that was foreign before still is.
    pub fn completed(&mut self, pull: &PullFacts, has_changed: bool) {
        (self.allowed, self.blind) = (None, false);
        let is_new = self.own.as_ref() != Some(&pull.head);
        let is_open = coarse(pull.state) == PullState::Open;
        if is_new && self.own.is_some() && !(has_changed && is_open) {
            self.foreign = Some(pull.head.clone());
        } else if is_open && self.foreign.as_ref() != Some(&pull.head) {
            self.own = Some(pull.head.clone());
            self.commits = pull.commits;
            self.foreign = None;
        }
    }

    /// Jules completed and has pushed, and nobody saw what: what is read next, if it's read soon, is its own.
    pub fn unread(&mut self) {
        (self.own, self.warned) = (None, false);
    }

    /// A look at any other time showed this head. While Jules works nobody can tell whose a new one is.
    pub fn seen(&mut self, pull: &PullFacts, is_busy: bool) {
        let is_own = self.own.as_ref() == Some(&pull.head);
        if self.own.is_some() && !is_own && !is_busy {
            self.foreign = Some(pull.head.clone());
        }
    }

    /// A message was kept back behind this head: a person's, whatever Jules does without pushing.
    pub(crate) fn kept_back(&mut self, pull: &PullFacts) {
        if self.own.as_ref() != Some(&pull.head) {
            self.foreign = Some(pull.head.clone());
        }
    }

    /// A person says yes to what they were shown.
    pub fn allow(&mut self, state: PullState, head: Commit) {
        self.allowed = Some((coarse(state), head));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pull::{Mergeable, PullRef};
    use crate::repo::RepoRef;

    fn commit(n: u8) -> Commit {
        Commit::parse(&format!("{n:040x}")).unwrap()
    }

    fn pull(state: PullState, head: u8, commits: u32) -> PullFacts {
        let repo = RepoRef { owner: "acme".to_owned(), repo: "web".to_owned() };
        PullFacts {
            at: PullRef { repo, number: 1 },
            state,
            head: commit(head),
            branch: Branch("jules/fix".to_owned()),
            is_fork: false,
            base: Branch("main".to_owned()),
            merged_by: None,
            mergeable: Mergeable::Yes,
            commits,
            updated: jiff::Timestamp::UNIX_EPOCH,
            opened: jiff::Timestamp::UNIX_EPOCH,
        }
    }

    fn read(head: u8) -> Branched {
        let mut branched = Branched::default();
        branched.completed(&pull(PullState::Open, head, 1), true);
        branched
    }

    #[test]
    fn jules_own_head_lets_messages_through() {
        assert_eq!(guard(&read(1), Shown::Pull(&pull(PullState::Open, 1, 1))), Guard::Go);
        assert_eq!(guard(&read(1), Shown::Pull(&pull(PullState::Draft, 1, 1))), Guard::Go);
    }

    #[test]
    fn a_foreign_head_is_asked_about_with_the_number_of_commits() {
        let verdict = guard(&read(1), Shown::Pull(&pull(PullState::Open, 2, 3)));
        let branch = Branch("jules/fix".to_owned());
        assert_eq!(verdict, Guard::Ask(Risk::Foreign { commits: Some(2), branch }));
        // After a force-push there may be fewer.
        let verdict = guard(&read(1), Shown::Pull(&pull(PullState::Open, 2, 1)));
        assert!(matches!(verdict, Guard::Ask(Risk::Foreign { commits: None, .. })));
    }

    #[test]
    fn a_yes_covers_what_was_shown_and_nothing_later() {
        let mut branched = read(1);
        branched.allow(PullState::Open, commit(2));
        assert_eq!(guard(&branched, Shown::Pull(&pull(PullState::Draft, 2, 3))), Guard::Go);
        for later in [pull(PullState::Open, 3, 4), pull(PullState::Merged, 2, 3)] {
            assert!(matches!(guard(&branched, Shown::Pull(&later)), Guard::Ask(_)), "{later:?}");
        }
        branched.completed(&pull(PullState::Open, 4, 1), true);
        assert_eq!(branched.allowed, None);
    }

    #[test]
    fn a_foreign_head_stays_foreign_when_jules_only_answers() {
        let mut branched = read(1);
        branched.kept_back(&pull(PullState::Open, 2, 2));
        branched.allow(PullState::Open, commit(2));
        branched.completed(&pull(PullState::Open, 2, 2), false);
        assert!(matches!(
            guard(&branched, Shown::Pull(&pull(PullState::Open, 2, 2))),
            Guard::Ask(_)
        ));
        branched.completed(&pull(PullState::Open, 3, 1), true);
        assert_eq!(guard(&branched, Shown::Pull(&pull(PullState::Open, 3, 1))), Guard::Go);
    }

    #[test]
    fn a_push_while_jules_only_answers_is_peoples() {
        let mut branched = read(1);
        branched.completed(&pull(PullState::Open, 2, 2), false);
        let seen = pull(PullState::Open, 2, 2);
        assert!(matches!(guard(&branched, Shown::Pull(&seen)), Guard::Ask(Risk::Foreign { .. })));
    }

    #[test]
    fn a_push_before_it_was_closed_is_peoples_whatever_jules_changes_then() {
        for state in [PullState::Closed, PullState::Merged] {
            let mut branched = read(1);
            branched.completed(&pull(state, 2, 2), true);
            let seen = pull(PullState::Open, 2, 2);
            let verdict = guard(&branched, Shown::Pull(&seen));
            assert!(matches!(verdict, Guard::Ask(Risk::Foreign { .. })), "{state:?}");
            let mut unread = Branched::default();
            unread.completed(&pull(state, 2, 2), true);
            assert_eq!(guard(&unread, Shown::Pull(&seen)), Guard::Warn, "nobody can tell");
        }
    }

    #[test]
    fn what_cannot_be_seen_is_said_once() {
        let mut branched = Branched::default();
        assert_eq!(guard(&branched, Shown::Nothing), Guard::Warn);
        assert_eq!(guard(&branched, Shown::Pull(&pull(PullState::Open, 1, 1))), Guard::Warn);
        branched.warned = true;
        assert_eq!(guard(&branched, Shown::Nothing), Guard::Go);
        assert_eq!(guard(&branched, Shown::Down), Guard::Ask(Risk::Unreadable));
        branched.blind = true;
        assert_eq!(guard(&branched, Shown::Down), Guard::Go);
        let merged = guard(&branched, Shown::Pull(&pull(PullState::Merged, 1, 1)));
        assert!(matches!(merged, Guard::Ask(Risk::Merged { .. })), "{merged:?}");
    }
}
