//! One service accepts requests and never answers, or takes long over one page: nothing else waits for it.

use super::own_keys::{ANNS, anns, connects};
use super::watch::many_behind_the_list;
use crate::harness::bot::{Bot, Place};
use async_trait::async_trait;
use jiff::SignedDuration;
use jules_slack::engine::Scheduler;
use kit::around::{Around, Wrapped};
use sim::jules::{Call, Fault, Op};
use sim::slack::SimSlack;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;
use store::{Doc, Key};
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
    types_as("ann", bot, n, text).await;
}

async fn types_as(name: &str, bot: &Bot, n: usize, text: &str) {
    let ack = bot.slack.user(name).types(&channel(n), text).await;
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

/// Panics in so many steps of tasks, as each is about to be begun.
struct Panics(Arc<AtomicU32>);

#[async_trait]
impl Around for Panics {
    async fn before_write(&self, key: &Key, doc: &Doc) {
        let is_step = String::from_utf8_lossy(&doc.body).contains("\"lease\":");
        if key.as_str().starts_with("task/") && is_step {
            let left = self
                .0
                .fetch_update(Ordering::Relaxed, Ordering::Relaxed, |left| left.checked_sub(1));
            assert!(left.is_err(), "a step panics, as it is meant to");
        }
    }
}

#[tokio::test]
async fn a_panic_ends_only_its_step() {
    let left = Arc::new(AtomicU32::new(3));
    let panics = Arc::clone(&left);
    let wrap = Arc::new(move |store| -> Arc<dyn store::Store> {
        Arc::new(Wrapped { store, around: Panics(Arc::clone(&panics)) })
    });
    let bot = Bot::with_store(Place::file(), wrap).await;
    bot.slack.channel(&channel(0));
    bot.slack.channel(&channel(1));
    while_it_runs(&bot, async {
        types(&bot, 0, "/jules repo=404less mend this").await;
        types(&bot, 1, "/jules repo=404less mend that").await;
        bot.until("both cards are there", |slack| cards(slack) == 2).await;
    })
    .await;
    assert_eq!(left.load(Ordering::Relaxed), 0);
    let logged = bot.logged();
    let panics = logged.lines().filter(|line| line.contains("a step of a document panicked"));
    let panics: Vec<&str> = panics.collect();
    assert_eq!(panics.len(), 3, "{logged}");
    assert!(panics.iter().all(|line| line.contains("document=task/")), "{panics:#?}");
    // Three panics of two documents: one of them panicked twice in a row.
    assert!(panics.iter().any(|line| line.contains("again_in=2s")), "{panics:#?}");
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
async fn an_account_that_is_never_answered_holds_up_no_other_account() {
    let bot = Bot::patient(Place::file()).await;
    let anns = anns(&bot, &["dots"]);
    connects(&bot, "ann", ANNS).await;
    bot.jules.gate(Arc::new(|call| {
        let hangs = call.op == Op::CreateSession && call.key.as_deref() != Some(ANNS);
        hangs.then_some(Fault::HangBefore)
    }));
    for n in 0..CHANNELS {
        bot.slack.channel(&channel(n));
    }
    while_it_runs(&bot, async {
        for n in 0..MANY {
            types_as("ben", &bot, n, &format!("/jules repo=404less mend thing {n}")).await;
        }
        while bot.jules_calls(Op::CreateSession) < AT_ONCE {
            tokio::task::yield_now().await;
        }
        types(&bot, 0, "/jules repo=dots tidy up").await;
        let begins = async {
            while anns.sessions().is_empty() {
                tokio::task::yield_now().await;
            }
        };
        tokio::time::timeout(PATIENCE, begins).await.expect("hers begins");
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

/// How long a pass waits for a page that's late. What it does then is the same however long this is.
const LINGER: Duration = Duration::from_millis(100);

/// Far longer than anything here takes, and less than a page that's held up would be waited for.
const PATIENCE: Duration = Duration::from_secs(15);

/// Does what is due, and doesn't wait for what continues in the background.
async fn works(bot: &Bot) {
    let worked = bot.running().run(|engine| async move {
        loop {
            let due = engine.due(100).await.expect("the store answers");
            if due.is_empty() {
                return;
            }
            for key in due {
                engine.tick(&key).await.expect("the store answers");
            }
        }
    });
    worked.await.expect("lives");
}

fn told(bot: &Bot, root: &str, words: &str) -> usize {
    let thread = bot.slack.thread("dev", root);
    thread.iter().filter(|post| post.shown.contains(words)).count()
}

/// Works until a thread has these words.
async fn hears(bot: &Bot, root: &str, words: &str) {
    bot.hands.forward(SignedDuration::from_secs(12));
    let heard = tokio::time::timeout(PATIENCE, async {
        while told(bot, root, words) == 0 {
            works(bot).await;
            tokio::task::yield_now().await;
        }
    });
    heard.await.unwrap_or_else(|_| panic!("never: {words}\n{}", bot.screen("dev")));
}

/// Whether a call reads the activities of a session, by its part of the path.
fn is_reading(call: &Call, session: &str) -> bool {
    call.op == Op::ListActivities && call.path.contains(session)
}

/// Whether a call asks for a further page of a list.
fn is_further(call: &Call) -> bool {
    call.param("pageToken").is_some()
}

/// A slow task and a healthy one at work: their sessions, and the roots of their threads.
async fn two_at_work(bot: &Bot) -> (Vec<String>, Vec<String>) {
    bot.types("ann", "/jules repo=404less the slow one").await;
    bot.types("ben", "/jules repo=404less the healthy one").await;
    bot.watch(150).await;
    let sessions = bot.account().sessions().into_iter().map(|session| session.id).collect();
    let roots = bot.cards("dev").into_iter().map(|card| card.ts).collect();
    (sessions, roots)
}

/// While one session's page is on its way, the other's thread hears everything, pass after pass.
async fn one_page_takes_long(place: Place) {
    let bot = Bot::patient_but_with(place, LINGER).await;
    let (sessions, roots) = two_at_work(&bot).await;
    let (slow, healthy) = (&sessions[0], &sessions[1]);
    let path = format!("/sessions/{slow}/");
    let (gated, arrives) = (path.clone(), CancellationToken::new());
    let held = Fault::HeldUntil(arrives.clone());
    bot.jules.gate(Arc::new(move |call| is_reading(call, &gated).then(|| held.clone())));
    bot.jules.clear_calls();
    bot.account().say(slow, "Word of the slow one.");
    for n in 0..3 {
        let words = format!("Healthy word {n}.");
        bot.account().say(healthy, &words);
        hears(&bot, &roots[1], &words).await;
        assert_eq!(told(&bot, &roots[1], &words), 1, "{}", bot.screen("dev"));
        assert_eq!(told(&bot, &roots[0], "Word of the slow one."), 0, "it's still on its way");
    }
    let calls = bot.jules.calls();
    let reads = calls.iter().filter(|call| is_reading(call, &path));
    assert_eq!(reads.count(), 1, "it's read once at a time");
    arrives.cancel();
    bot.settle().await;
    assert_eq!(told(&bot, &roots[0], "Word of the slow one."), 1, "{}", bot.screen("dev"));
}

#[tokio::test]
async fn a_page_that_takes_long_holds_up_no_other_thread_on_a_file() {
    one_page_takes_long(Place::file()).await;
}

#[tokio::test]
async fn a_page_that_takes_long_holds_up_no_other_thread_on_redis() {
    one_page_takes_long(Place::redis()).await;
}

/// A session's pages come one by one, and each takes long: the other's thread hears everything meanwhile, and what
/// came is told in order, once.
async fn pages_come_one_by_one(place: Place) {
    let bot = Bot::patient_but_with(place, LINGER).await;
    let (sessions, roots) = two_at_work(&bot).await;
    let (slow, healthy) = (&sessions[0], &sessions[1]);
    let path = format!("/sessions/{slow}/");
    let (gated, arrive) = (path.clone(), [CancellationToken::new(), CancellationToken::new()]);
    let held = arrive.clone().map(Fault::HeldUntil);
    bot.jules.gate(Arc::new(move |call| {
        is_reading(call, &gated).then(|| held[usize::from(is_further(call))].clone())
    }));
    bot.jules.clear_calls();
    bot.account().say(slow, "Word of the first page.");
    for n in 0..120 {
        bot.account().progress(slow, &format!("Rule {n}"), "");
    }
    bot.account().say(slow, "Word of the second page.");
    for (n, arrives) in arrive.iter().enumerate() {
        let words = format!("Healthy word {n}.");
        bot.account().say(healthy, &words);
        hears(&bot, &roots[1], &words).await;
        assert_eq!(told(&bot, &roots[1], &words), 1, "{}", bot.screen("dev"));
        let asked_for = tokio::time::timeout(PATIENCE, async {
            let is_it = |call: &Call| is_reading(call, &path) && is_further(call) == (n > 0);
            while !bot.jules.calls().iter().any(is_it) {
                tokio::task::yield_now().await;
            }
        });
        asked_for.await.expect("each page is asked for");
        arrives.cancel();
    }
    bot.settle().await;
    let parts = ["Word of the first page.", "Word of the second page."];
    let thread = bot.slack.thread("dev", &roots[0]);
    let places = parts.map(|words| thread.iter().position(|post| post.shown.contains(words)));
    assert!(places[0].is_some() && places[0] < places[1], "{places:?}: {thread:#?}");
    assert_eq!(parts.map(|words| told(&bot, &roots[0], words)), [1, 1]);
}

#[tokio::test]
async fn pages_that_come_one_by_one_hold_up_no_other_thread_on_a_file() {
    pages_come_one_by_one(Place::file()).await;
}

#[tokio::test]
async fn pages_that_come_one_by_one_hold_up_no_other_thread_on_redis() {
    pages_come_one_by_one(Place::redis()).await;
}

/// A further page of the sessions never comes: what the first one shows doesn't wait for it, and each of those behind
/// it has its turn.
async fn a_further_page_never_comes(place: Place) {
    let bot = Bot::patient_but_with(place, LINGER).await;
    let (mut sessions, _) = many_behind_the_list(&bot, 7).await;
    bot.types("ben", "/jules repo=404less the young one").await;
    sessions.push(bot.session());
    let roots: Vec<String> = bot.cards("dev").into_iter().map(|card| card.ts).collect();
    let is_endless = |call: &Call| call.op == Op::ListSessions && is_further(call);
    bot.jules.gate(Arc::new(move |call| is_endless(call).then_some(Fault::HangBefore)));
    bot.jules.clear_calls();
    for session in &sessions {
        bot.account().say(session, "Here I am.");
    }
    let heard = || roots.iter().filter(|root| told(&bot, root, "Here I am.") == 1).count();
    let mut rounds = 0;
    while heard() < roots.len() {
        assert!(rounds < 45, "{} of {} are heard in 90 s", heard(), roots.len());
        bot.hands.forward(SignedDuration::from_secs(2));
        works(&bot).await;
        rounds += 1;
    }
    assert!(bot.jules.calls().iter().any(is_endless), "it was asked for");
}

#[tokio::test]
async fn a_further_page_of_sessions_that_never_comes_holds_up_nobody_on_a_file() {
    a_further_page_never_comes(Place::file()).await;
}

#[tokio::test]
async fn a_further_page_of_sessions_that_never_comes_holds_up_nobody_on_redis() {
    a_further_page_never_comes(Place::redis()).await;
}

/// Of the sessions that are asked for one by one the first never answers: the last is heard of all the same.
async fn one_behind_the_list_never_answers(place: Place) {
    let bot = Bot::patient_but_with(place, LINGER).await;
    let (sessions, roots) = many_behind_the_list(&bot, 7).await;
    let asked_for = format!("/sessions/{}", sessions[0]);
    bot.jules.gate(Arc::new(move |call| {
        let hangs = call.op == Op::GetSession && call.path.ends_with(&asked_for);
        hangs.then_some(Fault::HangBefore)
    }));
    // What was said to it is to be read there, and can't be shown without it.
    says(&bot, &("dev".to_owned(), roots[0].clone()), "and the docs").await;
    for n in 0..3 {
        let words = format!("Word {n}.");
        bot.account().say(&sessions[6], &words);
        for _ in 0..20 {
            bot.hands.forward(SignedDuration::from_secs(2));
            works(&bot).await;
        }
        assert_eq!(told(&bot, &roots[6], &words), 1, "{}", bot.screen("dev"));
    }
    assert!(bot.jules_calls(Op::GetSession) > 6, "it was asked for");
}

#[tokio::test]
async fn one_behind_the_list_that_never_answers_holds_up_no_other_on_a_file() {
    one_behind_the_list_never_answers(Place::file()).await;
}

#[tokio::test]
async fn one_behind_the_list_that_never_answers_holds_up_no_other_on_redis() {
    one_behind_the_list_never_answers(Place::redis()).await;
}
