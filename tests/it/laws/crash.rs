//! The law of crashes: the process dies at any point, before or after any write and any call, and
//! dies again a little later; in the end there is one card, one session, one link.
//!
//! A death is a real one as far as a test can have it: the runtime of the process ends with
//! everything in it. Slack, Jules and the store go on. Then a new process starts on what is stored,
//! and time passes until nothing waits any more.

mod flow;
mod followed;
mod guard;
pub(in crate::laws) mod life;
mod lost;
mod mention;
mod outside;
mod plans;

use flow::{End, Flow, On, Story, play};
use jiff::SignedDuration;
use proptest::strategy::{Strategy, ValueTree};
use proptest::test_runner::TestRunner;

/// The longest that a task may need: one lease of a look at Jules, all looks, and what comes after,
/// for each of the deaths.
fn patience(deaths: usize) -> SignedDuration {
    SignedDuration::from_mins(5) * i32::try_from(deaths + 1).unwrap()
}

/// A run in which nothing happens: what has to be seen, and how many points there are.
async fn undisturbed(flow: Flow, on: On) -> End {
    let end = play(flow, on, &Story::default()).await;
    assert!(end.public.is_one_of_each(), "{}", end.screen);
    assert_eq!(end.acknowledged, 1);
    end
}

/// Plays a story and holds it against the run in which nothing happened.
async fn holds(flow: Flow, on: On, story: &Story, usual: &End) -> End {
    let end = play(flow, on, story).await;
    let told = format!("{flow:?} on {on:?}, {story:?}, died {:?}\n{}", end.died, end.screen);
    let begun = end.acknowledged > 0 || !end.public.cards.is_empty();
    if begun {
        assert_eq!(end.public, usual.public, "{told}");
    } else {
        assert!(!story.redelivers, "never acknowledged: {told}");
        assert_eq!(end.public.sessions, 0, "{told}");
    }
    let answers = usual.whispers * end.acknowledged;
    assert!(end.whispers <= answers.max(usual.whispers), "{} private lines: {told}", end.whispers);
    assert!(end.took <= patience(story.deaths.len()), "{} for {told}", end.took);
    end
}

/// Dies at every point. What was not acknowledged then is delivered again, or is not.
async fn dies_once(flow: Flow, on: On) {
    let usual = undisturbed(flow, on).await;
    for (point, name) in usual.passed.iter().enumerate() {
        let mut story = Story { deaths: vec![point], redelivers: true };
        let end = holds(flow, on, &story, &usual).await;
        assert_eq!(end.died, [name.as_str()]);
        if end.deliveries > 1 {
            story.redelivers = false;
            holds(flow, on, &story, &usual).await;
        }
    }
}

/// Dies at every point, and again at one of the few points after.
async fn dies_twice(flow: Flow, on: On) {
    let usual = undisturbed(flow, on).await;
    for first in 0..usual.passed.len() {
        for second in 0..FEW {
            let story = Story { deaths: vec![first, second], redelivers: true };
            holds(flow, on, &story, &usual).await;
        }
    }
}

/// How many points after a death are tried for the next one.
const FEW: usize = 3;

/// Dies three times, anywhere: some of the many ways.
async fn dies_three_times(flow: Flow, on: On) {
    let usual = undisturbed(flow, on).await;
    let mut strategy = TestRunner::deterministic();
    let points = usual.passed.len();
    for _ in 0..WAYS {
        let deaths = (0..points, 0..points, 0..points).new_tree(&mut strategy).unwrap().current();
        let story = Story { deaths: vec![deaths.0, deaths.1, deaths.2], redelivers: true };
        holds(flow, on, &story, &usual).await;
    }
}

/// How many of those ways are tried.
const WAYS: usize = 12;

/// Stamps a law for both stores: `on_both! { name: law(Flow::…) }`.
macro_rules! on_both {
    ($($(#[$doc:meta])* $name:ident: $law:ident($flow:expr);)*) => {$(
        $(#[$doc])*
        mod $name {
            use super::*;

            #[tokio::test]
            async fn on_a_file() {
                $law($flow, On::File).await;
            }

            #[tokio::test]
            async fn on_redis() {
                $law($flow, On::Redis).await;
            }
        }
    )*};
}

on_both! {
    a_command_survives_any_death: dies_once(Flow::Command);
    a_command_survives_a_second_death: dies_twice(Flow::Command);
    a_command_survives_a_third_death: dies_three_times(Flow::Command);
    a_sent_form_survives_any_death: dies_once(Flow::Form);
    a_task_in_line_survives_any_death: dies_once(Flow::WaitQueue);
    a_task_in_line_survives_more_deaths: dies_three_times(Flow::WaitQueue);
}
