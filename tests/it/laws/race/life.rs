//! A whole life with three replicas at it, everything delivered to all of them: the same thread as
//! with one, made by the same calls, each once.

use super::three::Three;
use crate::harness::bot::{Bot, Place};
use crate::laws::crash::life::{Event, LIFE, Lived, MOST_TRIES, acts, happens_at_jules, root};
use sim::jules::Op;

/// How often a life is lived, each time with other delays.
const ROUNDS: u64 = 2;

async fn alone() -> Lived {
    let bot = Bot::new(Place::file()).await;
    for (event, seconds) in LIFE {
        if !happens_at_jules(&bot, *event) {
            let mut tries = 0;
            while !acts(bot.slack.clone(), *event, root(&bot), false).await {
                tries += 1;
                assert!(tries < MOST_TRIES, "{event:?} is never taken");
                bot.settle().await;
            }
            bot.settle().await;
        }
        bot.watch(*seconds).await;
    }
    Lived::of(&bot)
}

/// Something that a person does: delivered to one replica, and what Slack would deliver again to the
/// two others at the same time.
async fn happens(three: &Three, event: Event) {
    let slack = three.bot.slack.clone();
    let again = || async {
        match event {
            Event::RepoQuery | Event::ChangesAsked | Event::Approved => {
                slack.user("ann").redeliver_last().await.expect("was sent").ok()
            }
            Event::Replied(_)
            | Event::Planned
            | Event::Revised
            | Event::Asked
            | Event::Finished
            | Event::WentOn => true,
        }
    };
    for tries in 1.. {
        let first = acts(slack.clone(), event, root(&three.bot), false);
        let taken = three.while_working(first).await;
        three.settle().await;
        if taken {
            break;
        }
        assert!(tries < MOST_TRIES, "{event:?} is never taken");
    }
    three.while_working(three.deliver(again(), again(), again())).await;
}

#[tokio::test]
async fn three_replicas_live_one_life() {
    let usual = alone().await;
    assert!(usual.heard.len() >= 4, "{usual:#?}");
    for seed in 0..ROUNDS {
        let three = Three::slow(seed).await;
        for (event, seconds) in LIFE {
            if !happens_at_jules(&three.bot, *event) {
                happens(&three, *event).await;
            }
            three.watch(*seconds).await;
        }
        assert_eq!(Lived::of(&three.bot), usual, "seed {seed}\n{}", three.bot.screen("dev"));
        for (op, times) in [(Op::CreateSession, 1), (Op::ApprovePlan, 1), (Op::SendMessage, 3)] {
            assert_eq!(three.jules_calls(op), times, "seed {seed}: {op:?}");
        }
        let posted = three.bot.slack_calls("chat.postMessage");
        assert_eq!(posted, 1 + usual.thread.len() - PEOPLES, "the card, and each message once");
    }
}

/// How many messages of the thread people wrote.
const PEOPLES: usize = 2;
