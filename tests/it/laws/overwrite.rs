//! Whatever the order of pushes, reviews, merges and replies: nothing reaches a session behind a person's commit, or
//! behind a merge, without a person's yes to exactly that.
//!
//! The world here knows whose each commit is, which GitHub's answers don't say. Jules' completion and the reading of
//! the head that counts as its own are one step; a push between the two can't be told from Jules' own.

use super::observed::{ID, observed};
use domain::activity::Event;
use domain::command::{PlanMode, PrMode, Request};
use domain::diff::{Changes, DiffStat};
use domain::ids::{AccountId, ChannelId, DeliveryId, MessageTs, SessionId, TaskId, TeamId, UserId};
use domain::inbound::Verb;
use domain::lease::{Holder, Holders};
use domain::pull::{
    Checks, Commit, Guard, Login, Mergeable, PullFacts, PullRef, PullSight, PullState, Review,
    Shown, Verdict, guard,
};
use domain::repo::{Branch, RepoRef, SourceName, Target, TargetReason};
use domain::session::{PullRequest, SessionState};
use domain::task::{
    Attempt, Click, Effect, Entrance, Input, KeptBack, Next, Outcome, PullLookup, ReplyKind,
    SessionRef, SessionResult, Start, Task, ThreadReply, decide,
};
use domain::tenant::AccountRef;
use jiff::{SignedDuration, Timestamp};
use proptest::prelude::*;

/// Something that happens.
#[derive(Debug, Clone, Copy)]
enum Act {
    PersonPushes,
    JulesCompletes { pushes: bool },
    Reviewed,
    Looked,
    Merged,
    Closed,
    Reopened,
    Replied,
    SaysYes { to: u32 },
    SaysNo { to: u32 },
    ProcessDies,
    GitHubFails(bool),
}

struct World {
    task: Task,
    now: Timestamp,
    head: u32,
    commits: u32,
    /// Whose the head is.
    is_persons: bool,
    state: PullState,
    reviews: Vec<Review>,
    is_down: bool,
    /// What people have said yes to since Jules last completed; `None` is a yes while GitHub was silent.
    yes: Vec<Option<(PullState, u32)>>,
    /// What each question was about.
    asked: Vec<(u32, Option<(PullState, u32)>)>,
    deliveries: u32,
    activities: u32,
    pushes: u32,
    sent: u32,
}

impl World {
    fn new() -> Self {
        let now = Timestamp::from_second(1_800_000_000).unwrap();
        let target = Target {
            source: SourceName("sources/github/acme/web".to_owned()),
            repo: RepoRef { owner: "acme".to_owned(), repo: "web".to_owned() },
            branch: Branch("main".to_owned()),
            why: TargetReason::Asked,
            plan: PlanMode::Auto,
            pr: PrMode::Auto,
            skipped: Vec::new(),
        };
        let task = Task::new(
            TaskId::for_delivery(&DeliveryId::of(&["one"])),
            TeamId::parse("T1").unwrap(),
            AccountRef { id: AccountId::of_settings(), owner: None },
            UserId::parse("U1").unwrap(),
            Some(ChannelId::parse("C1").unwrap()),
            None,
            Request { prompt: "rename it".to_owned(), ..Request::default() },
            Entrance::default(),
            Start::At(target),
            now,
        );
        let mut world = Self {
            task,
            now,
            head: 1,
            commits: 1,
            is_persons: false,
            state: PullState::Open,
            reviews: Vec::new(),
            is_down: false,
            yes: Vec::new(),
            asked: Vec::new(),
            deliveries: 0,
            activities: 0,
            pushes: 0,
            sent: 0,
        };
        world.carry_on();
        world.completes(true);
        world
    }

    fn facts(&self) -> PullFacts {
        let repo = RepoRef { owner: "acme".to_owned(), repo: "web".to_owned() };
        PullFacts {
            at: PullRef { repo, number: 7 },
            state: self.state,
            head: commit(self.head),
            branch: Branch("jules-7".to_owned()),
            is_fork: false,
            base: Branch("main".to_owned()),
            merged_by: None,
            mergeable: Mergeable::Yes,
            commits: self.commits,
            updated: self.now,
            opened: self.now,
        }
    }

    fn act(&mut self, act: Act) {
        self.now += SignedDuration::from_secs(120);
        match act {
            Act::PersonPushes if self.state == PullState::Open => {
                self.push();
                self.commits += 1;
                self.is_persons = true;
            }
            Act::JulesCompletes { pushes } => self.completes(pushes),
            Act::Reviewed => {
                let verdict = Verdict::ChangesRequested;
                let id = u64::from(self.pushes) * 1_000 + self.reviews.len() as u64;
                let (by, body) = (Login::new("ben", None), "No.".to_owned());
                let review = Review { id, by, verdict, commit: None, at: None, body, comments: 0 };
                self.reviews.push(review);
                self.look();
            }
            Act::Looked => self.look(),
            Act::Merged if self.state == PullState::Open => self.state = PullState::Merged,
            Act::Closed if self.state == PullState::Open => self.state = PullState::Closed,
            Act::Reopened if self.state == PullState::Closed => self.state = PullState::Open,
            Act::Replied => self.reply(),
            Act::SaysYes { to } => self.says(to, true),
            Act::SaysNo { to } => self.says(to, false),
            Act::ProcessDies => self.die(),
            Act::GitHubFails(is_down) => self.is_down = is_down,
            Act::PersonPushes | Act::Merged | Act::Closed | Act::Reopened => {}
        }
        self.carry_on();
    }

    fn push(&mut self) {
        self.pushes += 1;
        self.head = 100 + self.pushes;
    }

    fn look(&mut self) {
        let pull = self.facts();
        let (reviews, checks) = (self.reviews.clone(), Checks::default());
        let sight = PullSight { pull, reviews, bot_comments: 0, checks, closed_by: None };
        let of = self.facts().at;
        self.input(Input::Pull { of, look: Box::new(Ok(sight)) });
    }

    fn input(&mut self, input: Input) {
        self.task = decide(self.task.clone(), input, self.now);
    }

    fn click(&mut self) -> Click {
        self.deliveries += 1;
        let delivery = DeliveryId::of(&["click", &self.deliveries.to_string()]);
        Click { delivery, by: UserId::parse("U2").unwrap(), reply: None }
    }

    fn reply(&mut self) {
        let click = self.click();
        let ts = MessageTs::parse(&format!("{}.1", 100 + self.deliveries)).unwrap();
        let text = format!("Change {}.", self.deliveries);
        self.input(Input::Reply(Box::new(ThreadReply {
            kind: ReplyKind::Written,
            click,
            ts,
            text,
            files: Vec::new(),
            is_partial: false,
        })));
    }

    /// Someone presses a button of this question, perhaps an old one's.
    fn says(&mut self, to: u32, yes: bool) {
        let is_open = self.task.is_asked(to);
        let click = self.click();
        let verb = if yes { Verb::SendAnyway(to) } else { Verb::DropHeld(to) };
        self.input(Input::Press(click, verb));
        if yes && is_open {
            let about = self.asked.iter().find(|(number, _)| *number == to).unwrap().1;
            self.yes.push(about);
        }
    }

    /// Jules works and completes, with a commit of its own or with words alone, and the head is read.
    fn completes(&mut self, pushes: bool) {
        self.seen(
            SessionState::InProgress,
            Event::Progress { title: Some("Working".to_owned()), description: None },
        );
        if pushes && self.state == PullState::Open {
            self.push();
            self.commits = 1;
            self.is_persons = false;
        }
        self.seen(SessionState::Completed, Event::SessionCompleted);
        let is_fetch = |effect: &Effect| *effect == Effect::FetchResult;
        let changes = if pushes {
            // As many lines each time, and another patch.
            Changes::Counted(DiffStat { added: 1, ..DiffStat::default() })
        } else {
            Changes::Unknown
        };
        let pull = PullLookup::Seen(Box::new(self.facts()));
        let pull_requests = vec![pull_request()];
        let patch = pushes.then(|| format!("patch {}", self.pushes));
        let result =
            SessionResult { pull_requests, changes, patch, pull, ..SessionResult::default() };
        let entry = self.task.outbox.iter().find(|entry| is_fetch(&entry.effect)).map(|one| one.id);
        if let Some(entry) = entry {
            self.input(Input::Done { entry, outcome: Outcome::ResultFetched(Box::new(result)) });
            self.yes.clear();
        }
    }

    fn seen(&mut self, state: SessionState, event: Event) {
        self.activities += 1;
        let said = (self.activities, event);
        let seen = observed(state, said, vec![pull_request()], self.now);
        self.input(Input::Seen(Box::new(seen)));
    }

    /// A process takes what is next, and dies before it does anything.
    fn die(&mut self) {
        let mut task = self.task.clone();
        if let Next::Attempt(_) =
            task.take(&Holders::alone(Holder(7), self.now), |_| true, self.now)
        {
            self.task = task;
            self.now += SignedDuration::from_hours(1);
        }
    }

    /// Everything that is due is done.
    fn carry_on(&mut self) {
        for _ in 0..200 {
            // They are in the audit trail by now.
            self.task.records.clear();
            let mut task = self.task.clone();
            match task.take(&Holders::alone(Holder(1), self.now), |_| true, self.now) {
                Next::Attempt(attempt) => {
                    self.task = task;
                    let outcome = self.perform(&attempt);
                    let questions = self.task.progress.pull.questions;
                    let entry = attempt.entry;
                    self.input(Input::Done { entry, outcome });
                    self.task.release();
                    if self.task.progress.pull.questions > questions {
                        let seen = (!self.is_down).then_some((self.state, self.head));
                        self.asked.push((self.task.progress.pull.questions, seen));
                    }
                }
                Next::NoRoom { .. } => unreachable!("there is always room"),
                Next::Nothing => {
                    let wakes = self
                        .task
                        .wake_at()
                        .filter(|at| at.duration_since(self.now) < SignedDuration::from_secs(60));
                    match wakes {
                        Some(at) => self.now = self.now.max(at),
                        None => return,
                    }
                }
            }
        }
    }

    /// As the engine performs it: what goes to Jules is looked at on GitHub right before.
    fn perform(&mut self, attempt: &Attempt) -> Outcome {
        match &attempt.effect {
            Effect::PostCard => Outcome::CardPosted(MessageTs::parse("1.1").unwrap(), None),
            Effect::PostLink | Effect::Post { .. } => {
                Outcome::Posted(MessageTs::parse("1.2").unwrap())
            }
            Effect::Redraw => Outcome::Drawn(Box::new(self.task.card().unwrap())),
            Effect::CreateSession => {
                let id = SessionId::parse(ID).unwrap();
                let session = SessionRef { id, url: String::new() };
                Outcome::Created(session, SessionState::Queued)
            }
            Effect::Send(_) if attempt.look => Outcome::NotFound,
            Effect::Send(_) => {
                let facts = self.facts();
                let shown = if self.is_down { Shown::Down } else { Shown::Pull(&facts) };
                match guard(&self.task.progress.pull.branched, shown) {
                    Guard::Go => {
                        self.goes_to_jules();
                        Outcome::Sent(Vec::new())
                    }
                    Guard::Warn => Outcome::Unguarded,
                    Guard::Ask(risk) => {
                        let pull = (!self.is_down).then_some(facts);
                        Outcome::KeptBack(Box::new(KeptBack { risk, pull }))
                    }
                }
            }
            Effect::Remind => Outcome::TimeZone(None),
            _ => Outcome::Done,
        }
    }

    fn goes_to_jules(&mut self) {
        self.sent += 1;
        let is_harmless = self.state == PullState::Open && !self.is_persons;
        let is_allowed = if self.is_down {
            self.yes.contains(&None)
        } else {
            self.yes.contains(&Some((self.state, self.head)))
        };
        assert!(
            (is_harmless && !self.is_down) || is_allowed,
            "sent behind {:?} by {}, without a yes",
            (self.state, self.head),
            if self.is_persons { "a person" } else { "Jules" },
        );
    }
}

fn commit(n: u32) -> Commit {
    Commit::parse(&format!("{n:040x}")).unwrap()
}

fn pull_request() -> PullRequest {
    PullRequest { url: "https://github.com/acme/web/pull/7".to_owned(), title: None }
}

fn acts() -> impl Strategy<Value = Vec<Act>> {
    let act = prop_oneof![
        3 => Just(Act::PersonPushes),
        2 => any::<bool>().prop_map(|pushes| Act::JulesCompletes { pushes }),
        1 => Just(Act::Reviewed),
        2 => Just(Act::Looked),
        1 => Just(Act::Merged),
        1 => Just(Act::Closed),
        1 => Just(Act::Reopened),
        6 => Just(Act::Replied),
        4 => (1_u32..8).prop_map(|to| Act::SaysYes { to }),
        2 => (1_u32..8).prop_map(|to| Act::SaysNo { to }),
        1 => Just(Act::ProcessDies),
        1 => any::<bool>().prop_map(Act::GitHubFails),
    ];
    prop::collection::vec(act, 1..40)
}

proptest! {
    #[test]
    fn nothing_reaches_a_session_behind_a_foreign_head_without_a_persons_yes(acts in acts()) {
        let mut world = World::new();
        for act in acts {
            world.act(act);
        }
    }
}

#[test]
fn what_may_go_does() {
    let mut world = World::new();
    world.act(Act::Replied);
    assert_eq!(world.sent, 1);
    world.act(Act::PersonPushes);
    world.act(Act::Replied);
    assert_eq!(world.sent, 1);
    world.act(Act::SaysYes { to: 1 });
    assert_eq!(world.sent, 2);
}
