//! A long random run: every kind of failure of both services at random, from a seed that a failure names, with
//! deaths of the process on the way. In the end every task has one card, one session, one link, one
//! plan and one end, in that order.

use crate::harness::bot::{Bot, Place};
use jules_slack::sim::jules::{Fault as JulesFault, Op, RetryAfter, State};
use jules_slack::sim::slack::Fault as SlackFault;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

/// Of so many calls, one goes wrong.
const ONE_IN: u64 = 20;

/// Draws from a seed; clones draw from the same.
#[derive(Clone)]
struct Dice(Arc<AtomicU64>);

impl Dice {
    fn of(seed: u64) -> Self {
        Self(Arc::new(AtomicU64::new(seed)))
    }

    /// Below `n`. (SplitMix64.)
    fn below(&self, n: u64) -> u64 {
        let drawn = self.0.fetch_add(0x9E37_79B9_7F4A_7C15, Ordering::Relaxed);
        let mixed = (drawn ^ (drawn >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        (mixed ^ (mixed >> 31)) % n
    }
}

/// Whatever is over at once (jules-api.md §7.2, F1 to F6 and F14); what hangs has tests of its own.
fn jules_fault(dice: &Dice, op: Op) -> JulesFault {
    match dice.below(17) {
        0 => JulesFault::DropBefore,
        1 => JulesFault::DropAfter,
        2 => JulesFault::ErrorAfter(500),
        3 => JulesFault::ErrorAfter(504),
        4 => JulesFault::status(503),
        5 => JulesFault::html(502),
        6 => JulesFault::too_many(&RetryAfter::Seconds(3)),
        7 => JulesFault::too_many(&RetryAfter::Absent),
        8 => JulesFault::too_many(&RetryAfter::Text("soon")),
        9 => JulesFault::TruncatedJson,
        10 => JulesFault::Html200,
        11 => JulesFault::EmptyBody,
        12 => JulesFault::WrongContentType,
        13 => JulesFault::InvalidUtf8,
        14 => JulesFault::JsonNull,
        15 if op == Op::CreateSession => JulesFault::failed_precondition(),
        _ => JulesFault::ResetMidBody,
    }
}

/// What slack-platform.md §14 calls *slow down* and *transient*; the others end things, and have tests
/// of their own.
fn slack_fault(dice: &Dice) -> SlackFault {
    let code = |code: &str| SlackFault::Error(code.to_owned());
    match dice.below(12) {
        0 => SlackFault::DropBefore,
        1 => SlackFault::DropAfter,
        2 => SlackFault::ErrorAfter,
        3 => SlackFault::Limited(Some(2)),
        4 => SlackFault::Limited(None),
        5 => SlackFault::Status(500),
        6 => SlackFault::Status(503),
        7 => code("ratelimited"),
        8 => code("internal_error"),
        9 => code("fatal_error"),
        10 => code("service_unavailable"),
        _ => code("request_timeout"),
    }
}

async fn soak(seed: u64, tasks: usize) {
    let dice = Dice::of(seed);
    let mut bot = Bot::patient(Place::file()).await;
    bot.account().limits(5, 1_000_000);
    let stormy = Arc::new(AtomicBool::new(true));
    let (storm, draws) = (Arc::clone(&stormy), dice.clone());
    bot.jules.gate(Arc::new(move |call| {
        let strikes = storm.load(Ordering::Relaxed) && draws.below(ONE_IN) == 0;
        strikes.then(|| jules_fault(&draws, call.op))
    }));
    let (storm, draws) = (Arc::clone(&stormy), dice.clone());
    bot.slack.gate(Arc::new(move |_| {
        let strikes = storm.load(Ordering::Relaxed) && draws.below(ONE_IN) == 0;
        strikes.then(|| slack_fault(&draws))
    }));
    for n in 0..tasks {
        let who = if dice.below(2) == 0 { "ann" } else { "ben" };
        bot.types(who, &format!("/jules repo=404less mend thing {n:05}")).await;
        bot.watch(20).await;
        for session in bot.account().sessions() {
            if dice.below(3) == 0 {
                bot.account().run(&session.id);
            }
        }
        if dice.below(5) == 0 {
            bot.kill().await;
            stormy.store(false, Ordering::Relaxed);
            bot.start().await;
            stormy.store(true, Ordering::Relaxed);
        }
    }
    stormy.store(false, Ordering::Relaxed);
    for _ in 0..tasks * 3 {
        for session in bot.account().sessions() {
            bot.account().run(&session.id);
        }
        bot.watch(60).await;
        let sessions = bot.account().sessions();
        if sessions.len() == tasks && sessions.iter().all(|one| one.state == State::Completed) {
            break;
        }
    }
    bot.watch(900).await;
    holds(&bot, seed, tasks);
}

fn holds(bot: &Bot, seed: u64, tasks: usize) {
    let cards = bot.cards("dev");
    assert_eq!(cards.len(), tasks, "seed {seed}: cards");
    for card in &cards {
        let thread = bot.slack.thread("dev", &card.ts);
        let told = || format!("seed {seed}\n{thread:#?}\n{}", bot.logged());
        assert_eq!(thread.len(), 4, "card, link, plan, end: {}", told());
        let has = |n: usize, words: &str| thread[n].shown.contains(words);
        assert!(has(1, "/session/") && has(2, "*Plan*") && has(3, "*Finished*"), "{}", told());
        assert!(card.shown.contains("Finished"), "the card follows: {}", told());
    }
    assert_eq!(bot.account().sessions().len(), tasks, "seed {seed}: sessions");
}

#[tokio::test]
async fn a_short_storm_loses_nothing_and_doubles_nothing() {
    for seed in [1, 20_261_125] {
        soak(seed, 15).await;
    }
}

/// Ten tests, so that every processor has one.
mod a_long_storm_loses_nothing_and_doubles_nothing {
    macro_rules! storms {
        ($($name:ident: $seeds:expr),*) => {$(
            #[tokio::test]
            #[ignore = "a long one, its command is in docs/PERFORMANCE.md"]
            async fn $name() {
                for seed in $seeds {
                    super::soak(seed, 100).await;
                }
            }
        )*};
    }
    storms! {
        seeds_0_to_9: 0..10, seeds_10_to_19: 10..20, seeds_20_to_29: 20..30, seeds_30_to_39: 30..40,
        seeds_40_to_49: 40..50, seeds_50_to_59: 50..60, seeds_60_to_69: 60..70, seeds_70_to_79: 70..80,
        seeds_80_to_89: 80..90, seeds_90_to_99: 90..100
    }
}
