//! Laws of `decide`: what holds for a task in any order of clicks, outcomes, crashes and waits.

use super::observed::{ID, observed};
use domain::activity::Event;
use domain::command::{PlanMode, PrMode, Request};
use domain::diff::Changes;
use domain::fault::{Cause, Fault};
use domain::ids::{AccountId, ChannelId, DeliveryId, MessageTs, SessionId, TaskId, TeamId, UserId};
use domain::inbound::Verb;
use domain::lease::{Holder, Holders};
use domain::message::Post;
use domain::queue::{QueuePlace, Standing};
use domain::quota::Shortage;
use domain::repo::{Branch, RepoRef, SourceName};
use domain::repo::{Candidate, Resolved, Target, TargetReason};
use domain::session::SessionState;
use domain::task::{
    Adoption, Attempt, CardStatus, Click, Effect, Entrance, Input, Next, OperatorAct, OutboxEntry,
    Outcome, Phase, SessionRef, SessionResult, SessionSearch, Start, Task, decide,
};
use domain::tenant::AccountRef;
use jiff::{SignedDuration, Timestamp};
use proptest::prelude::*;
use std::time::Duration;

fn target() -> Target {
    Target {
        source: SourceName("sources/github/AshikNesin/404less".to_owned()),
        repo: RepoRef { owner: "AshikNesin".to_owned(), repo: "404less".to_owned() },
        branch: Branch("main".to_owned()),
        why: TargetReason::Asked,
        plan: PlanMode::Auto,
        pr: PrMode::Auto,
        skipped: Vec::new(),
    }
}

fn fit() -> Candidate {
    Candidate { source: target().source, repo: target().repo }
}

fn request() -> Request {
    Request { prompt: "rename frontend to website".to_owned(), ..Request::default() }
}

fn on_account() -> AccountRef {
    AccountRef { id: AccountId::of_settings(), owner: None }
}

fn task(start: Start) -> Task {
    Task::new(
        TaskId::for_delivery(&DeliveryId::of(&["one"])),
        TeamId::parse("T1").unwrap(),
        on_account(),
        UserId::parse("U1").unwrap(),
        Some(ChannelId::parse("C1").unwrap()),
        None,
        request(),
        Entrance::default(),
        start,
        Timestamp::UNIX_EPOCH,
    )
}

fn standing(place: u32) -> Standing {
    Standing {
        place: Some(QueuePlace::near(place)),
        why: Some(Shortage::AllRunning { at_once: 3 }),
    }
}

/// Takes what is due, as a process that knows nothing of others and has room for everything.
fn take(task: &mut Task, now: Timestamp) -> Option<Attempt> {
    take_as(task, &Holders::default(), now)
}

fn take_as(task: &mut Task, holders: &Holders, now: Timestamp) -> Option<Attempt> {
    let next = task.take(holders, |_| true, now);
    if task.lease.is_none_or(|lease| lease.holder == holders.me) {
        // They are in the audit trail by now.
        task.records.clear();
    }
    match next {
        Next::Attempt(attempt) => Some(attempt),
        Next::NoRoom { .. } => panic!("there is room"),
        Next::Nothing => None,
    }
}

/// What may happen next.
#[derive(Debug, Clone)]
enum Step {
    Wait(i64),
    /// The next attempt is begun and ends like this.
    Attempt(End),
    /// The next attempt is begun and the process dies.
    Crash,
    Submit,
    Choose(u8),
    Resume(u8),
    Stands(u32),
    /// The operator tries it again at once.
    Hurry,
    /// Jules is seen to be done.
    Ends,
    /// The clock is ahead from now on, by so many hours more.
    ClockAhead(i64),
    /// The clock is set right.
    ClockRight,
}

/// How an attempt ends, if that fits what was attempted.
#[derive(Debug, Clone, Copy)]
enum End {
    Good,
    Later,
    /// An operator has to fix something first.
    Operator,
    Unknown,
    Refused,
    NotFound,
    Behind(u32),
    Several,
    NoSuchRepo,
}

fn end() -> impl Strategy<Value = End> {
    prop_oneof![
        6 => Just(End::Good),
        2 => Just(End::Later),
        1 => Just(End::Operator),
        2 => Just(End::Unknown),
        1 => Just(End::Refused),
        2 => Just(End::NotFound),
        1 => (1_u32..4).prop_map(End::Behind),
        1 => Just(End::Several),
        1 => Just(End::NoSuchRepo),
    ]
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        4 => (0_i64..400).prop_map(Step::Wait),
        8 => end().prop_map(Step::Attempt),
        1 => Just(Step::Crash),
        1 => Just(Step::Submit),
        1 => (0_u8..3).prop_map(Step::Choose),
        1 => (0_u8..3).prop_map(Step::Resume),
        1 => (1_u32..4).prop_map(Step::Stands),
        1 => Just(Step::Hurry),
        1 => Just(Step::Ends),
        1 => (1_i64..72).prop_map(Step::ClockAhead),
        1 => Just(Step::ClockRight),
    ]
}

fn start() -> impl Strategy<Value = Start> {
    prop_oneof![
        Just(Start::At(target())),
        Just(Start::Resolve(None)),
        Just(Start::Draft(vec![fit(), fit()])),
    ]
}

/// An outcome that this attempt can have; a look never does anything but find or not find.
fn outcome(task: &Task, attempt: &Attempt, end: End) -> Outcome {
    let down = Cause::JulesDown;
    match end {
        End::Unknown => Outcome::Failed(Fault::Unknown(down)),
        End::NotFound if attempt.look => Outcome::NotFound,
        End::Refused if attempt.look => Outcome::Unclear(down),
        End::Later | End::NotFound if !attempt.look => {
            Outcome::Failed(Fault::Later { cause: down, after: Some(Duration::from_secs(7)) })
        }
        End::Operator if !attempt.look => {
            let slacks = matches!(attempt.effect, Effect::PostCard | Effect::PostLink);
            let cause = if slacks { Cause::SlackTokenRefused } else { Cause::JulesKeyRefused };
            Outcome::Failed(Fault::not_done(cause))
        }
        End::Refused if !attempt.look => Outcome::Failed(Fault::Refused(Cause::SourceGone)),
        End::Behind(place) if attempt.effect == Effect::CreateSession && !attempt.look => {
            Outcome::InQueue(standing(place))
        }
        End::Several if attempt.effect == Effect::Resolve => {
            Outcome::Resolved(Resolved::Several(vec![fit(), fit()]), on_account())
        }
        End::NoSuchRepo if attempt.effect == Effect::Resolve => {
            Outcome::Resolved(Resolved::UnknownRepo(Vec::new()), on_account())
        }
        End::Good
        | End::Later
        | End::Operator
        | End::Refused
        | End::NotFound
        | End::Behind(_)
        | End::Several
        | End::NoSuchRepo => good(task, &attempt.effect),
    }
}

fn good(task: &Task, effect: &Effect) -> Outcome {
    match effect {
        Effect::Resolve => Outcome::Resolved(Resolved::Target(target()), on_account()),
        Effect::Suggest => Outcome::Suggested { candidates: Vec::new(), total: 0 },
        Effect::ReadIssue(_) => Outcome::IssueRead(Box::default()),
        Effect::ReadMaterial => Outcome::MaterialRead(Box::default()),
        Effect::PostCard => Outcome::CardPosted(MessageTs::parse("1.1").unwrap(), None),
        Effect::PostLink => Outcome::Posted(MessageTs::parse("1.1").unwrap()),
        Effect::Redraw => Outcome::Drawn(Box::new(task.card().unwrap())),
        Effect::CreateSession => Outcome::Created(
            SessionRef {
                id: SessionId::parse(ID).unwrap(),
                url: "https://jules.google.com/session/31415926535897932384".to_owned(),
            },
            SessionState::Queued,
        ),
        Effect::Post { post: Post::Plan { id: plan, .. }, .. } => {
            let status = task.progress.plan(plan).map(|plan| plan.status.clone());
            let ts = MessageTs::parse("1.3").unwrap();
            Outcome::PlanShown { ts, drawn: status, parts: 2 }
        }
        Effect::Post { .. } => Outcome::Posted(MessageTs::parse("1.2").unwrap()),
        Effect::SharePlan(_) => Outcome::PlanShared,
        Effect::PostDm(dm) => {
            let shown = task.progress.dm(*dm).map(|dm| task.dm_state(&dm.call.of));
            let place = (ChannelId::parse("D1").unwrap(), MessageTs::parse("1.4").unwrap());
            Outcome::DmShown(place.0, place.1, shown)
        }
        Effect::RedrawDm(dm) => {
            Outcome::DmDrawn(task.dm_state(&task.progress.dm(*dm).unwrap().call.of))
        }
        Effect::Remind => Outcome::TimeZone(Some(0)),
        Effect::RedrawPlan(plan) => {
            Outcome::PlanDrawn(task.progress.plan(plan).unwrap().status.clone())
        }
        Effect::Send(_) => Outcome::Sent(Vec::new()),
        Effect::Approve(_) => Outcome::Approved,
        Effect::FetchResult => Outcome::ResultFetched(Box::new(SessionResult {
            changes: Changes::Nothing,
            ..SessionResult::default()
        })),
        Effect::FindSession => Outcome::SessionFound(SessionSearch::Missing, on_account()),
        Effect::AdoptSession => Outcome::Adopted(Adoption::Ours(Timestamp::UNIX_EPOCH, None)),
        Effect::LinkMoved
        | Effect::LeaveQueue
        | Effect::Index
        | Effect::Follow
        | Effect::React { .. }
        | Effect::Unreact { .. }
        | Effect::WatchPull
        | Effect::TakeBack(_)
        | Effect::LinkRetry
        | Effect::LinkBeside
        | Effect::Expire
        | Effect::ForgetMaterial
        | Effect::Archive
        | Effect::Ephemeral { .. }
        | Effect::RefreshElapsed => Outcome::Done,
    }
}

fn task_at_target() -> Task {
    task(Start::At(target()))
}

fn delivery(n: u8) -> DeliveryId {
    DeliveryId::of(&["click", &n.to_string()])
}

fn click(n: u8) -> Click {
    Click { delivery: delivery(n), by: UserId::parse("U1").unwrap(), reply: None }
}

/// A task in its world: what was really done outside, whatever the task believes.
struct Life {
    task: Task,
    now: Timestamp,
    /// How far the clock is ahead.
    ahead: SignedDuration,
    cards: u32,
    sessions: u32,
    links: u32,
}

impl Life {
    fn new(start: Start) -> Self {
        Self {
            task: task(start),
            now: Timestamp::UNIX_EPOCH,
            ahead: SignedDuration::ZERO,
            cards: 0,
            sessions: 0,
            links: 0,
        }
    }

    fn apply(&mut self, input: Input) {
        let lease = self.task.lease;
        let is_end = matches!(input, Input::Done { .. });
        let before = self.task.outbox.clone();
        self.task = decide(self.task.clone(), input, self.now);
        self.assert_nothing_postponed(&before, None);
        if !is_end {
            assert_eq!(self.task.lease, lease, "an input from outside changed a lease");
        }
        self.check();
    }

    /// What happens to a task never postpones what is due in it, or will be: only the entry that was
    /// `attempted` waits again. The card's time may change later than was thought, unless that is due.
    #[track_caller]
    fn assert_nothing_postponed(&self, before: &[OutboxEntry], attempted: Option<u32>) {
        for old in before.iter().filter(|old| Some(old.id) != attempted) {
            let free = old.effect == Effect::RefreshElapsed && old.at > self.now;
            let new = self.task.outbox.iter().find(|new| new.id == old.id);
            if let Some(new) = new.filter(|_| !free) {
                assert!(new.at <= old.at, "{:?} was postponed to {}", old.effect, new.at);
            }
        }
    }

    fn step(&mut self, step: &Step) {
        match step {
            Step::Wait(seconds) => self.now += SignedDuration::from_secs(*seconds),
            Step::Attempt(end) => self.attempt(*end),
            Step::Crash => {
                let _died_with_it = take(&mut self.task, self.now);
            }
            Step::Submit => {
                let input = Input::FormValues {
                    ask: request(),
                    channel: None,
                    start: Start::At(target()),
                    account: on_account(),
                };
                self.apply(input);
            }
            Step::Choose(n) => self.apply(Input::Press(click(*n), Verb::Choose(0))),
            Step::Resume(n) => self.apply(Input::Press(click(*n), Verb::Resume)),
            Step::Hurry => self.apply(Input::Operated(OperatorAct::Retry)),
            Step::Ends => {
                let said = (1, Event::SessionCompleted);
                let seen = observed(SessionState::Completed, said, Vec::new(), self.now);
                self.apply(Input::Seen(Box::new(seen)));
            }
            Step::ClockAhead(hours) => {
                let more = SignedDuration::from_hours(*hours);
                (self.now, self.ahead) = (self.now + more, self.ahead + more);
            }
            Step::ClockRight => {
                self.now -= std::mem::take(&mut self.ahead);
            }
            Step::Stands(place) => {
                let is_next = *place == 1;
                self.apply(Input::Standing { standing: standing(*place), is_next });
            }
        }
    }

    fn attempt(&mut self, end: End) {
        let Some(attempt) = take(&mut self.task, self.now) else { return };
        let outcome = outcome(&self.task, &attempt, end);
        self.count(&attempt, &outcome);
        // Except for the clock on the card, which asks nobody, and what is out of date by its clock.
        let is_private = matches!(attempt.effect, Effect::Ephemeral { .. });
        let is_dated =
            attempt.effect == Effect::RefreshElapsed || is_private && !self.ahead.is_zero();
        let fixable = matches!(&outcome, Outcome::Failed(Fault::Later { cause, .. })
            if cause.is_for_operator() && !is_dated);
        let is_put_off =
            matches!(outcome, Outcome::Failed(Fault::Later { .. } | Fault::Unknown(_)));
        let stopped = |task: &Task| matches!(task.phase, Phase::Stopped { .. });
        let (before, was_stopped) = (self.task.outbox.clone(), stopped(&self.task));
        self.task =
            decide(self.task.clone(), Input::Done { entry: attempt.entry, outcome }, self.now);
        self.assert_nothing_postponed(&before, Some(attempt.entry));
        if fixable {
            let kept = self.task.outbox.iter().find(|entry| entry.id == attempt.entry);
            let waits = kept.is_some_and(|entry| entry.at > self.now && !entry.maybe_done);
            assert!(waits, "{:?} does not wait for the operator", attempt.effect);
            let stops = stopped(&self.task) && !was_stopped;
            assert!(!stops, "{:?} stopped the task", attempt.effect);
        }
        self.task.release();
        if is_put_off {
            let next = take(&mut self.task.clone(), self.now);
            let is_same =
                next.is_some_and(|next| (next.entry, next.look) == (attempt.entry, attempt.look));
            assert!(!is_same, "{:?} is tried again without a wait", attempt.effect);
        }
        self.check();
    }

    /// What happened outside: a call that was made for real and succeeded, or whose answer was lost.
    fn count(&mut self, attempt: &Attempt, outcome: &Outcome) {
        let done =
            matches!(outcome, Outcome::Posted(_) | Outcome::CardPosted(..) | Outcome::Created(..));
        if attempt.look || !done {
            return;
        }
        match attempt.effect {
            Effect::PostCard => self.cards += 1,
            Effect::PostLink => self.links += 1,
            Effect::CreateSession => self.sessions += 1,
            Effect::Resolve
            | Effect::FindSession
            | Effect::AdoptSession
            | Effect::LinkMoved
            | Effect::Redraw
            | Effect::LeaveQueue
            | Effect::Index
            | Effect::Follow
            | Effect::Post { .. }
            | Effect::SharePlan(_)
            | Effect::PostDm(_)
            | Effect::RedrawDm(_)
            | Effect::Remind
            | Effect::RedrawPlan(_)
            | Effect::React { .. }
            | Effect::Unreact { .. }
            | Effect::WatchPull
            | Effect::TakeBack(_)
            | Effect::LinkRetry
            | Effect::LinkBeside
            | Effect::Suggest
            | Effect::ReadMaterial
            | Effect::ReadIssue(_)
            | Effect::Expire
            | Effect::ForgetMaterial
            | Effect::Send(_)
            | Effect::Approve(_)
            | Effect::Archive
            | Effect::FetchResult
            | Effect::Ephemeral { .. }
            | Effect::RefreshElapsed => {}
        }
    }

    fn check(&self) {
        let task = &self.task;
        for effect in [
            Effect::Resolve,
            Effect::PostCard,
            Effect::Redraw,
            Effect::CreateSession,
            Effect::PostLink,
        ] {
            let waiting = task.outbox.iter().filter(|entry| entry.effect == effect).count();
            assert!(waiting <= 1, "{effect:?} waits {waiting} times");
        }
        assert!(self.cards <= 1 && self.links <= 1 && self.sessions <= 1, "something came twice");
        assert!(task.card.is_some() || task.session.is_none(), "a session without a card");
        assert!(task.handled.len() <= 100);
        if task.lease.is_none() {
            let is_at_rest = task.outbox.is_empty() && task.records.is_empty();
            assert_eq!(task.wake_at().is_none(), is_at_rest);
        }
        if let Phase::Running { .. } = task.phase {
            assert!(task.session.is_some());
        }
    }
}

proptest! {
    #[test]
    fn nothing_is_done_twice_and_nothing_waits_twice(
        start in start(), steps in prop::collection::vec(step(), 0..60)
    ) {
        let mut life = Life::new(start);
        for step in &steps {
            life.step(step);
        }
    }

    #[test]
    fn whatever_happened_it_ends_with_one_of_each_when_all_goes_well_again(
        start in start(), steps in prop::collection::vec(step(), 0..40)
    ) {
        let mut life = Life::new(start);
        for step in &steps {
            life.step(step);
        }
        for n in 0..200_u8 {
            life.step(&Step::Wait(400));
            life.step(&Step::Submit);
            life.step(&Step::Resume(n.saturating_add(3)));
            life.step(&Step::Stands(1));
            life.attempt(End::Good);
        }
        let left = |entry: &&OutboxEntry| entry.effect != Effect::RefreshElapsed;
        let left: Vec<_> = life.task.outbox.iter().filter(left).collect();
        prop_assert!(left.is_empty(), "still to do: {left:?}");
        prop_assert!(life.task.session.is_some() && life.task.card.is_some());
        let running = matches!(life.task.phase, Phase::Running { .. });
        prop_assert!(running, "{:?}", life.task.phase);
        let card = life.task.card();
        let is_held = card.is_some_and(|card| matches!(card.status, CardStatus::Held(_)));
        prop_assert!(!is_held, "the card says that it is held up, and by nothing");
    }

    #[test]
    fn an_attempt_after_one_that_may_have_succeeded_looks_first(
        start in start(), steps in prop::collection::vec(step(), 0..40)
    ) {
        let mut life = Life::new(start);
        for step in &steps {
            life.step(step);
        }
        life.now += SignedDuration::from_hours(2);
        let maybe_done: Vec<u32> =
            life.task.outbox.iter().filter(|entry| entry.maybe_done).map(|entry| entry.id).collect();
        if let Some(attempt) = take(&mut life.task, life.now) {
            let must_look = maybe_done.contains(&attempt.entry) && attempt.effect.spec().is_findable();
            prop_assert_eq!(attempt.look, must_look);
        }
    }

    #[test]
    fn a_lease_keeps_everybody_else_out_until_it_ends(seconds in 0_i64..400) {
        let mut task = task_at_target();
        let first = take(&mut task, Timestamp::UNIX_EPOCH).unwrap();
        let until = task.lease.unwrap().until;
        let limit = SignedDuration::try_from(first.limit()).unwrap();
        prop_assert!(until.duration_since(Timestamp::UNIX_EPOCH) > limit);
        let at = Timestamp::UNIX_EPOCH + SignedDuration::from_secs(seconds);
        prop_assert_eq!(take(&mut task, at).is_some(), at >= until);
        prop_assert!(task.wake_at().unwrap() >= until);
    }

    /// Processes die over calls that arrive later, up to their limit. The next process goes on at once,
    /// and nothing is done twice.
    #[test]
    fn a_call_that_outlives_its_process_is_not_repeated(
        deaths in prop::collection::vec((0_i64..90, prop::option::of(0_i64..90)), 0..6)
    ) {
        let mut deaths = deaths.into_iter();
        let (mut task, mut now) = (task_at_target(), Timestamp::UNIX_EPOCH);
        let mut holders = Holders { me: Holder(1), ..Holders::default() };
        let mut arrived: Vec<(&str, Timestamp)> = Vec::new();
        while let Some(wake) = task.wake_at() {
            let is_clock = |entry: &OutboxEntry| entry.effect == Effect::RefreshElapsed;
            if task.outbox.iter().all(is_clock) {
                break;
            }
            let Some(attempt) = take_as(&mut task, &holders, now) else {
                now = now.max(wake);
                continue;
            };
            let kind = attempt.effect.spec().kind;
            let limit = i64::try_from(attempt.limit().as_secs()).unwrap();
            let is_there = arrived.iter().any(|(what, at)| *what == kind && *at <= now);
            let outcome = if attempt.look && !is_there {
                Outcome::NotFound
            } else {
                good(&task, &attempt.effect)
            };
            if let Some((lived, lands)) = deaths.next() {
                let lands = lands.filter(|_| !attempt.look);
                arrived.extend(lands.map(|after| {
                    (kind, now + SignedDuration::from_secs(after.min(limit)))
                }));
                now += SignedDuration::from_secs(lived.min(limit));
                holders.dead.insert(holders.me, now);
                holders.me = holders.me.next();
                let waits = !attempt.effect.spec().is_repeatable && !attempt.effect.spec().is_findable();
                let next = take_as(&mut task.clone(), &holders, now);
                prop_assert!(waits || next.is_some(), "{kind} is not gone on with at once");
                continue;
            }
            if !attempt.look {
                arrived.push((kind, now));
            }
            task = decide(task, Input::Done { entry: attempt.entry, outcome }, now);
            task.release();
        }
        for kind in ["post_card", "create_session", "post_link"] {
            let times = arrived.iter().filter(|(what, _)| *what == kind).count();
            prop_assert_eq!(times, 1, "{}: {:?}", kind, arrived);
        }
    }

    #[test]
    fn stored_and_read_is_the_same(
        start in start(), steps in prop::collection::vec(step(), 0..30)
    ) {
        let mut life = Life::new(start);
        for step in &steps {
            life.step(step);
        }
        let stored = serde_json::to_string(&life.task).unwrap();
        prop_assert_eq!(serde_json::from_str::<Task>(&stored).unwrap(), life.task);
    }
}

#[test]
fn a_click_that_is_delivered_again_is_nothing() {
    let mut life = Life::new(Start::At(target()));
    life.attempt(End::Refused);
    assert!(matches!(life.task.phase, Phase::Stopped { .. }));
    life.step(&Step::Resume(1));
    life.attempt(End::Refused);
    let stopped = life.task.clone();
    life.step(&Step::Resume(1));
    assert_eq!(life.task, stopped);
    life.step(&Step::Resume(2));
    assert!(matches!(life.task.phase, Phase::Carding));
}

#[test]
fn a_form_that_is_sent_twice_starts_one_task() {
    let mut life = Life::new(Start::Draft(Vec::new()));
    life.step(&Step::Submit);
    let begun = life.task.clone();
    life.step(&Step::Submit);
    assert_eq!(life.task, begun);
}

#[test]
fn a_create_that_may_have_happened_is_looked_for_about_a_minute_before_it_is_repeated() {
    let mut life = Life::new(Start::At(target()));
    // The card, and that the task is found by it.
    for _ in 0..2 {
        life.attempt(End::Good);
    }
    life.attempt(End::Unknown);
    let from = life.now;
    let mut looks = 0;
    loop {
        life.now = life.task.wake_at().unwrap();
        let attempt = take(&mut life.task.clone(), life.now).unwrap();
        if attempt.effect != Effect::CreateSession {
            life.attempt(End::Good);
            continue;
        }
        if !attempt.look {
            break;
        }
        looks += 1;
        life.attempt(End::NotFound);
    }
    let waited = life.now.duration_since(from).as_secs();
    assert!((45..=90).contains(&waited), "{waited} s");
    assert_eq!(looks, 5);
}

/// Its last look may have been before Jules could not be asked.
#[test]
fn what_has_ended_is_not_held_up() {
    let mut life = Life::new(Start::At(target()));
    let finish = |life: &mut Life| (0..20).for_each(|_| life.attempt(End::Good));
    finish(&mut life);
    life.apply(Input::Blocked(Cause::JulesDown));
    assert_eq!(life.task.card().unwrap().status, CardStatus::Held(Cause::JulesDown));
    life.step(&Step::Ends);
    finish(&mut life);
    life.apply(Input::Blocked(Cause::JulesDown));
    let finished = CardStatus::Finished { changed_nothing: true };
    assert_eq!(life.task.card().unwrap().status, finished);
}

#[test]
fn an_end_that_cannot_be_read_is_told_once_and_ends_the_task_at_last() {
    for (state, failed) in [(SessionState::Completed, false), (SessionState::Failed, true)] {
        let mut life = Life::new(Start::At(target()));
        (0..20).for_each(|_| life.attempt(End::Good));
        let said = (1, Event::SessionCompleted);
        let session = observed(state, said, Vec::new(), life.now).session;
        let sent = |task: &Task| {
            let sends = |entry: &&OutboxEntry| {
                matches!(
                    &entry.effect,
                    Effect::Post { post: Post::SeeSession { .. }, ping: Some(_) }
                )
            };
            task.outbox.iter().filter(sends).count()
        };
        for is_last in [false, false, true] {
            assert!(life.task.progress.ended.is_none());
            life.apply(Input::Unread { session: Box::new(session.clone()), is_last });
            assert_eq!(sent(&life.task), 1);
        }
        let ended = life.task.progress.ended.clone().expect("it ends");
        assert_eq!((ended.failed, ended.told, ended.changed_nothing), (failed, true, false));
        let asks = |entry: &OutboxEntry| entry.effect == Effect::FetchResult;
        assert!(!life.task.outbox.iter().any(asks), "nobody asks what came of it");
    }
}

#[test]
fn a_stop_during_a_create_that_jules_refuses_ends_the_task() {
    let mut life = Life::new(Start::At(target()));
    let create = loop {
        let attempt = take(&mut life.task, life.now).expect("it begins");
        if attempt.effect == Effect::CreateSession {
            break attempt;
        }
        let outcome = outcome(&life.task, &attempt, End::Good);
        life.apply(Input::Done { entry: attempt.entry, outcome });
        life.task.release();
    };
    life.apply(Input::Press(click(1), Verb::Stop));
    let outcome = Outcome::InQueue(standing(2));
    life.apply(Input::Done { entry: create.entry, outcome });
    life.task.release();
    assert!(matches!(life.task.phase, Phase::Stopped { .. }), "{:?}", life.task.phase);
    let creates = |entry: &OutboxEntry| entry.effect == Effect::CreateSession;
    assert!(!life.task.outbox.iter().any(creates));
}

#[test]
fn a_look_that_was_put_off_while_the_clock_was_ahead_is_made_once_it_is_right() {
    for hours in [1, 2, 48] {
        let mut life = Life::new(Start::At(target()));
        for _ in 0..2 {
            life.attempt(End::Good);
        }
        life.attempt(End::Unknown);
        life.now += SignedDuration::from_secs(90);
        life.step(&Step::ClockAhead(hours));
        life.attempt(End::NotFound);
        life.step(&Step::ClockRight);
        let next = take(&mut life.task.clone(), life.now).map(|attempt| attempt.effect);
        assert_eq!(next, Some(Effect::CreateSession), "{hours} h ahead");
    }
}
