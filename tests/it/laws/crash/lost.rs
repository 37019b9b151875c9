//! The process lives, and what is lost is the answer to a call: done or not done, it has to be
//! found out. Jules lists a new session late, so that a look may find nothing at first.

use super::flow::{Flow, On, prepare, send};
use crate::harness::bot::Bot;
use crate::laws::one_of_each::Public;
use jiff::SignedDuration;
use sim::{jules, slack};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

/// How long Jules takes to list a session: about as long as we look for it.
const LISTED_AFTER: SignedDuration = SignedDuration::from_secs(40);

/// How an answer gets lost.
#[derive(Debug, Clone, Copy)]
enum Loss {
    /// The connection breaks before anything was done.
    Before,
    /// The connection breaks when it was done.
    After,
    /// It was done, and the answer says that something went wrong.
    Error,
}

/// Loses the answers to the calls of these numbers, counted from 0; tells how many calls there were.
async fn lose(flow: Flow, on: On, calls: &[usize], loss: Loss) -> usize {
    let bot = Bot::new(on.place()).await;
    bot.account().listed_after(LISTED_AFTER);
    prepare(flow, &bot).await;
    let count = Arc::new(AtomicUsize::new(0));
    let strikes = {
        let (count, calls) = (Arc::clone(&count), calls.to_vec());
        Arc::new(move || calls.contains(&count.fetch_add(1, Ordering::Relaxed)))
    };
    let strikes_jules = Arc::clone(&strikes);
    bot.slack.gate(Arc::new(move |_| {
        strikes().then_some(match loss {
            Loss::Before => slack::Fault::DropBefore,
            Loss::After => slack::Fault::DropAfter,
            Loss::Error => slack::Fault::ErrorAfter,
        })
    }));
    bot.jules.gate(Arc::new(move |_| {
        strikes_jules().then_some(match loss {
            Loss::Before => jules::Fault::DropBefore,
            Loss::After => jules::Fault::DropAfter,
            Loss::Error => jules::Fault::ErrorAfter(503),
        })
    }));
    assert!(send(flow, bot.slack.clone(), false).await);
    bot.rest().await;
    let public = Public::of(&bot);
    let screen = bot.screen("dev");
    assert!(public.is_one_of_each(), "{flow:?} on {on:?}, {loss:?} {calls:?}\n{screen}");
    count.load(Ordering::Relaxed)
}

async fn any_answer_may_be_lost(flow: Flow, on: On) {
    for loss in [Loss::Before, Loss::After, Loss::Error] {
        let calls = lose(flow, on, &[], loss).await;
        for first in 0..calls {
            lose(flow, on, &[first], loss).await;
            lose(flow, on, &[first, first + 1], loss).await;
            lose(flow, on, &[first, first + 1, first + 2], loss).await;
        }
    }
}

#[tokio::test]
async fn any_answer_may_be_lost_on_a_file() {
    any_answer_may_be_lost(Flow::Command, On::File).await;
}

#[tokio::test]
async fn any_answer_may_be_lost_on_redis() {
    any_answer_may_be_lost(Flow::Command, On::Redis).await;
}
