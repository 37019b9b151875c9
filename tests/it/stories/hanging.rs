//! One service accepts requests and never answers: what is done at the other one does not wait for it.

use crate::harness::bot::{Bot, Place};
use jules_slack::engine::Scheduler;
use jules_slack::sim::jules::{Fault, Op};
use jules_slack::sim::slack::SimSlack;
use tokio_util::sync::CancellationToken;

/// More than are done at a time.
const MANY: usize = 80;

/// How many are done at a time.
const AT_ONCE: usize = 64;

/// Lets a person do something while the bot runs as `serve` runs it.
async fn while_it_runs(bot: &Bot, person: impl Future<Output = ()>) {
    let running = bot.running().run(|engine| Scheduler::new(engine).run(CancellationToken::new()));
    tokio::select! {
        _ = running => panic!("it ended"),
        () = person => {}
    }
}

/// A channel's messages have their times, so what is typed at once is typed in many.
const CHANNELS: usize = 27;

fn channel(n: usize) -> String {
    format!("team-{}", n % CHANNELS)
}

fn cards(slack: &SimSlack) -> usize {
    let posts = (0..CHANNELS).flat_map(|n| slack.channel_messages(&channel(n)));
    posts.filter(|post| post.author == "jules" && post.metadata.is_some()).count()
}

async fn types(bot: &Bot, n: usize, text: &str) {
    let ack = bot.slack.user("ann").types(&channel(n), text).await;
    assert!(ack.expect("can type there").ok());
}

/// A channel, and a card in it.
type Root = (String, String);

fn have_eyes(bot: &Bot, roots: &[Root], words: &str) -> bool {
    roots.iter().all(|(channel, root)| {
        let thread = bot.slack.thread(channel, root);
        let reply = thread.iter().find(|post| post.shown.contains(words));
        reply.is_some_and(|post| post.reactions.iter().any(|(emoji, _)| emoji == "eyes"))
    })
}

#[tokio::test]
async fn a_jules_that_never_answers_a_create_holds_up_no_card() {
    let bot = Bot::patient(Place::file()).await;
    bot.jules.fault(Fault::HangBefore).on(Op::CreateSession).for_ever();
    for n in 0..CHANNELS {
        bot.slack.channel(&channel(n));
    }
    while_it_runs(&bot, async {
        for n in 0..MANY {
            types(&bot, n, &format!("/jules repo=404less mend thing {n}")).await;
        }
        bot.until("every card is there", |slack| cards(slack) == MANY).await;
        types(&bot, MANY, "/jules repo=404less one more").await;
        bot.until("so is one that comes later", |slack| cards(slack) == MANY + 1).await;
        assert!(bot.jules_calls(Op::CreateSession) < MANY, "they do not all hang at a time");
    })
    .await;
}

#[tokio::test]
async fn a_jules_that_never_answers_a_message_holds_up_nothing_in_slack() {
    let bot = Bot::patient(Place::file()).await;
    bot.account().limits(1000, 1000);
    for n in 0..CHANNELS {
        bot.slack.channel(&channel(n));
    }
    for n in 0..MANY {
        types(&bot, n, &format!("/jules repo=404less mend thing {n}")).await;
    }
    bot.settle().await;
    let cards_of = |n| bot.cards(&channel(n)).into_iter().map(move |card| (channel(n), card.ts));
    let roots: Vec<Root> = (0..CHANNELS).flat_map(cards_of).collect();
    assert_eq!(roots.len(), MANY);
    bot.jules.fault(Fault::HangBefore).on(Op::SendMessage).for_ever();
    while_it_runs(&bot, async {
        for (n, root) in roots.iter().enumerate() {
            says(&bot, root, &format!("the tests too, {n}")).await;
        }
        bot.until("each is seen", |_| have_eyes(&bot, &roots, "the tests too")).await;
        while bot.told_jules().len() < AT_ONCE {
            tokio::task::yield_now().await;
        }
        // One that waits for Jules is free for whatever else there is to do.
        let told = bot.told_jules();
        let waits = (0..MANY).find(|n| !told.contains(&format!("the tests too, {n}")));
        let waits = [roots[waits.expect("not all hang at a time")].clone()];
        says(&bot, &waits[0], "and the docs").await;
        bot.until("so is this", |_| have_eyes(&bot, &waits, "and the docs")).await;
    })
    .await;
}

async fn says(bot: &Bot, (channel, root): &Root, words: &str) {
    let said = bot.slack.user("ann").says(channel, Some(root), words).await;
    assert!(said.expect("can write there").acks.iter().all(|ack| ack.ok()));
}
