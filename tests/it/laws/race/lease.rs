//! A holder that is slower than its lease.
//!
//! With clocks that agree this does not happen to a call: it is given up before the lease ends, on
//! the same real time. What can happen is that a process stands still (a machine that is suspended,
//! a store that answers late), or that clocks disagree. Here the holder stands still before or after
//! any of its writes, the clock goes past its lease, and another replica carries on.
//!
//! Promised then: a holder that comes back late finds that its lease is over, begins nothing, and leaves
//! the lease of another alone. Not promised: a call that is on its way when the process stands still
//! for longer than the other replica looks for its effect. Neither Slack nor Jules takes a name for
//! a call by which they would know a second one.

use crate::harness::bot::{Bot, Place, Wrap};
use crate::harness::fate::Fate;
use crate::harness::process::Replica;
use crate::laws::one_of_each::Public;
use jiff::SignedDuration;
use sim::{jules, slack};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use tokio::sync::Notify;

/// Longer than any lease.
const PAST_ANY_LEASE: SignedDuration = SignedDuration::from_mins(3);

/// How time passes while someone works.
const STEP: SignedDuration = SignedDuration::from_secs(5);

const TYPED: &str = "/jules repo=404less rename frontend to website";

/// A bot with a stored task that nobody has begun, and a second replica, each with its fate.
async fn begun(fates: &[Fate; 2]) -> (Bot, Replica) {
    let (wraps, started) = ([fates[0].around(), fates[1].around()], AtomicUsize::new(0));
    let wrap: Wrap = Arc::new(move |store| wraps[started.fetch_add(1, Ordering::Relaxed)](store));
    let bot = Bot::with_store(Place::redis(), wrap).await;
    let other = bot.replica().await;
    let ack = bot.slack.user("ann").types("dev", TYPED).await.expect("can type there");
    assert!(ack.ok());
    (bot, other)
}

async fn ends_well(bot: &Bot, other: &Replica, told: &str) {
    bot.rest_on(&[bot.running(), other]).await;
    assert!(Public::of(bot).is_one_of_each(), "{told}\n{}", bot.screen("dev"));
}

/// The holder stands still at the point of this number while the other one does everything; false
/// when there are not so many points.
async fn stands_still(point: usize) -> bool {
    let fates = [Fate::open(), Fate::open()];
    let fate = &fates[0];
    let (bot, other) = begun(&fates).await;
    fate.falls(Some(point));
    let told = {
        let mut holder = Box::pin(bot.settle());
        let told = tokio::select! {
            biased;
            point = fate.met() => point,
            () = &mut holder => return false,
        };
        bot.hands.forward(PAST_ANY_LEASE);
        bot.rest_on(&[&other]).await;
        fate.lift();
        holder.await;
        told
    };
    ends_well(&bot, &other, &format!("stood still {told}")).await;
    true
}

#[tokio::test]
async fn who_stands_still_past_its_lease_comes_back_to_nothing() {
    let mut point = 0;
    while stands_still(point).await {
        point += 1;
    }
    assert!(point > 10, "only {point} points");
}

/// The holder stands still at the point of this number, as a process that is stopped; the other one takes
/// it for dead, long before its lease ends. It comes back after so many seconds.
async fn is_stopped(point: usize, away: u32) -> bool {
    let fates = [Fate::open(), Fate::open()];
    let fate = &fates[0];
    let (bot, other) = begun(&fates).await;
    fate.falls(Some(point));
    let told = {
        let mut holder = Box::pin(bot.settle());
        let told = tokio::select! {
            biased;
            point = fate.met() => point,
            () = &mut holder => return false,
        };
        for _ in 0..away {
            bot.hands.forward(SignedDuration::from_secs(1));
            other.settle().await;
        }
        bot.assert_nothing_is_held().await;
        fate.lift();
        holder.await;
        told
    };
    ends_well(&bot, &other, &format!("stopped {told} for {away} s")).await;
    true
}

#[tokio::test]
async fn who_is_stopped_is_taken_for_dead_and_comes_back_to_nothing() {
    for away in [10, 40, 130] {
        let mut point = 0;
        while is_stopped(point, away).await {
            point += 1;
        }
        assert!(point > 10, "only {point} points");
    }
}

/// How a run with two that stand still ended.
#[derive(Debug, PartialEq, Eq)]
enum Stood {
    Both,
    OnlyTheFirst,
    Neither,
}

/// The holder stands still, and the one that takes over does too. The first comes back and works for
/// `away`; then the second comes back.
async fn both_stand_still(first: usize, second: usize, away: SignedDuration) -> Stood {
    let fates = [Fate::open(), Fate::open()];
    let (bot, other) = begun(&fates).await;
    fates[0].falls(Some(first));
    fates[1].falls(Some(second));
    let told = {
        let mut holder = Box::pin(bot.settle());
        let told = tokio::select! {
            biased;
            point = fates[0].met() => point,
            () = &mut holder => return Stood::Neither,
        };
        bot.hands.forward(PAST_ANY_LEASE);
        let others = [&other];
        let mut heir = Box::pin(bot.rest_on(&others));
        let then = tokio::select! {
            biased;
            point = fates[1].met() => point,
            () = &mut heir => return Stood::OnlyTheFirst,
        };
        fates[0].lift();
        holder.await;
        for _ in 0..away.as_secs() / STEP.as_secs() {
            bot.hands.forward(STEP);
            bot.settle().await;
        }
        fates[1].lift();
        heir.await;
        format!("stood still {told}, then another {then} for {away}")
    };
    ends_well(&bot, &other, &told).await;
    Stood::Both
}

/// Tries these points of the second for every point of the first; tells how many runs there were.
async fn pairs(seconds: impl Iterator<Item = usize> + Clone, away: SignedDuration) -> usize {
    let mut runs = 0;
    for first in 0.. {
        for second in seconds.clone() {
            match both_stand_still(first, second, away).await {
                Stood::Both => runs += 1,
                Stood::OnlyTheFirst => break,
                Stood::Neither => return runs,
            }
        }
    }
    runs
}

#[tokio::test]
async fn who_comes_back_late_leaves_the_lease_of_another_alone() {
    // The other one holds its lease all the time. It is long enough for all looks for a message.
    let runs = pairs(0..4, SignedDuration::from_secs(15)).await;
    assert!(runs > 12, "only {runs} runs");
}

#[tokio::test]
async fn two_who_lose_their_leases_one_after_the_other_come_back_to_one_of_each() {
    let runs = pairs((0..).step_by(5), PAST_ANY_LEASE).await;
    assert!(runs > 12, "only {runs} runs");
}

/// A call of the holder hangs past its lease, until the client gives up; meanwhile the other one
/// does everything. False when there are not so many calls.
async fn hangs(call: usize, done: bool) -> bool {
    let (bot, other) = begun(&[Fate::open(), Fate::open()]).await;
    let (count, hung) = (Arc::new(AtomicUsize::new(0)), Arc::new(Notify::new()));
    let strikes = {
        let hung = Arc::clone(&hung);
        Arc::new(move || {
            let strikes = count.fetch_add(1, Ordering::Relaxed) == call;
            if strikes {
                hung.notify_one();
            }
            strikes
        })
    };
    let of_jules = Arc::clone(&strikes);
    bot.slack.gate(Arc::new(move |_| {
        let fault = if done { slack::Fault::HangAfter } else { slack::Fault::HangBefore };
        strikes().then_some(fault)
    }));
    bot.jules.gate(Arc::new(move |_| {
        let fault = if done { jules::Fault::HangAfter } else { jules::Fault::HangBefore };
        of_jules().then_some(fault)
    }));
    {
        let mut holder = Box::pin(bot.settle());
        tokio::select! {
            biased;
            () = hung.notified() => {}
            () = &mut holder => return false,
        }
        bot.hands.forward(PAST_ANY_LEASE);
        bot.rest_on(&[&other]).await;
        holder.await;
    }
    ends_well(&bot, &other, &format!("call {call} hung, done: {done}")).await;
    true
}

#[tokio::test]
async fn a_call_that_hangs_past_its_lease_is_somebody_elses() {
    for done in [false, true] {
        let mut call = 0;
        while hangs(call, done).await {
            call += 1;
        }
        assert!(call >= 4, "only {call} calls");
    }
}

/// The holder was refused, and stands still before it can write that down. The other one looks, finds
/// nothing, creates the session and dies over it. That the first was refused is no news by then.
#[tokio::test]
async fn how_an_attempt_failed_says_nothing_about_a_later_one() {
    let fates = [Fate::open(), Fate::open()];
    let (bot, other) = begun(&fates).await;
    let (creates, created) = (AtomicUsize::new(0), Arc::new(Notify::new()));
    let tells = Arc::clone(&created);
    bot.jules.gate(Arc::new(move |call| {
        if call.op != jules::Op::CreateSession {
            return None;
        }
        match creates.fetch_add(1, Ordering::Relaxed) {
            0 => Some(jules::Fault::too_many(&jules::RetryAfter::Seconds(1))),
            1 => {
                tells.notify_one();
                Some(jules::Fault::HangAfter)
            }
            _ => None,
        }
    }));
    fates[0].falls(Some(BEFORE_THE_END_OF_THE_CREATE));
    let mut holder = Box::pin(bot.settle());
    tokio::select! {
        _ = fates[0].met() => {}
        () = &mut holder => panic!("it did not stand still"),
    }
    bot.hands.forward(PAST_ANY_LEASE);
    let heir = [&other];
    tokio::select! {
        () = created.notified() => {}
        () = bot.rest_on(&heir) => panic!("it did not create"),
    }
    other.kill().await;
    fates[0].lift();
    holder.await;
    bot.rest().await;
    assert!(Public::of(&bot).is_one_of_each(), "{}", bot.screen("dev"));
}

/// The write to take the first lease, the write between card and session, then this one; two points
/// each.
const BEFORE_THE_END_OF_THE_CREATE: usize = 4;
