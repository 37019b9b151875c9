//! A holder that is slower than its lease.
//!
//! With clocks that agree this does not happen to a call: it is given up before the lease ends, on
//! the same real time. What can happen is that a process stands still (a machine that is suspended,
//! a store that answers late), or that clocks disagree. Here the holder stands still before or after
//! any of its writes, the clock goes past its lease, and another replica carries on.
//!
//! Promised then: whoever comes back late finds that its lease is over, begins nothing, and leaves
//! the lease of another alone. Not promised: a call that is on its way when the process stands still
//! for longer than the other replica looks for its effect. Neither Slack nor Jules takes a name for
//! a call by which they would know a second one.

use crate::harness::bot::{Bot, Place, Wrap};
use crate::harness::fate::Fate;
use crate::harness::process::Replica;
use crate::laws::one_of_each::Public;
use jiff::SignedDuration;
use jules_slack::sim::{jules, slack};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use tokio::sync::Notify;

/// Longer than any lease.
const PAST_ANY_LEASE: SignedDuration = SignedDuration::from_mins(3);

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

/// How a run with two that stand still ended.
#[derive(Debug, PartialEq, Eq)]
enum Stood {
    Both,
    OnlyTheFirst,
    Neither,
}

/// The holder stands still, the one that takes over does too, and the first comes back: at once, or
/// after the second's lease is over as well. Then the second comes back.
async fn both_stand_still(first: usize, second: usize, late: bool) -> Stood {
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
        if late {
            bot.hands.forward(PAST_ANY_LEASE);
        }
        holder.await;
        bot.settle().await;
        fates[1].lift();
        heir.await;
        format!("stood still {told}, then {then}, late: {late}")
    };
    ends_well(&bot, &other, &told).await;
    Stood::Both
}

#[tokio::test]
async fn two_who_stand_still_one_after_the_other_come_back_to_one_of_each() {
    let mut runs = 0;
    for first in 0.. {
        // All pairs take a minute; each first point meets every third of the second's.
        for second in (first % 3..).step_by(3) {
            match both_stand_still(first, second, runs % 2 == 0).await {
                Stood::Both => runs += 1,
                Stood::OnlyTheFirst => break,
                Stood::Neither => {
                    assert!(runs > 30, "only {runs} runs");
                    return;
                }
            }
        }
    }
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
