//! A session that began elsewhere is followed, or moves to another thread: wherever the process dies on the way,
//! before or after any write and any call, it has one thread, and what is said there is said once.

use super::flow::On;
use crate::harness::bot::Bot;
use crate::harness::fate::Fate;
use crate::laws::one_of_each::plain;
use sim::jules::Origin;

/// What is on its way when the process dies.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Way {
    /// Nobody follows the session yet.
    Followed,
    /// It has a thread, from which it is moved.
    Moved,
}

/// How a run ended.
#[derive(Debug)]
struct End {
    passed: Vec<String>,
    died: Option<String>,
    /// Every thread in the channel: the card, and what is said below it.
    threads: Vec<Vec<String>>,
}

async fn followed(way: Way, on: On, death: Option<usize>) -> End {
    let fate = Fate::open();
    let mut bot = Bot::with_store(on.place(), fate.around()).await;
    let account = bot.account();
    let source = "sources/github/AshikNesin/404less";
    let id = account.add_foreign_session(Origin::Web, "Make the footer sticky", source);
    account.asks_for_approval(&id);
    account.say(&id, "I've looked around.");
    account.plan(&id, &[("Look around", ""), ("Edit styles.css", "")]);
    bot.types("ann", &format!("/jules follow {id}")).await;
    if way == Way::Moved {
        bot.clicks("ann", "Follow here").await;
        bot.watch(20).await;
        bot.types("ann", &format!("/jules follow {id}")).await;
    }
    let label = if way == Way::Moved { "Move it here" } else { "Follow here" };
    let button = bot.slack.user("ann").sees("dev", "", label).expect("is asked");
    fate.between(&bot);
    fate.falls(death);
    let mut died = None;
    loop {
        let ann = bot.slack.user("ann");
        let mut press = Box::pin(ann.presses(&button));
        let taken = tokio::select! {
            biased;
            point = fate.met() => {
                died = Some(point);
                false
            }
            // The question is taken away once it was answered.
            pressed = &mut press => pressed.map_or(true, |ack| ack.ok()),
        };
        let met = tokio::select! {
            biased;
            point = fate.met() => Some(point),
            () = async { if taken { bot.watch(30).await } } => None,
        };
        died = died.or(met);
        if taken && died.is_none() {
            break;
        }
        let was_taken = taken;
        bot.kill().await;
        drop(press);
        fate.lift();
        bot.start().await;
        bot.pass(bot.place.heir_begins_within()).await;
        bot.assert_nothing_is_held().await;
        if was_taken {
            break;
        }
    }
    let passed = fate.passed();
    bot.watch(400).await;
    let thread = |card: &sim::slack::Post| -> Vec<String> {
        let posts = bot.slack.thread("dev", &card.ts).into_iter();
        let public = posts.filter(|post| post.only_for.is_none());
        public.map(|post| without_pages(&plain(&bot, &post.shown))).collect()
    };
    End { passed, died, threads: bot.cards("dev").iter().map(thread).collect() }
}

/// The same without what differs from run to run: the times of messages, which are their addresses.
fn without_pages(shown: &str) -> String {
    let mut parts = shown.split("<https://acme.slack.com/archives/");
    let first = parts.next().unwrap_or_default().to_owned();
    parts
        .fold(first, |text, part| text + "PAGE" + part.split_once('>').map_or("", |(_, rest)| rest))
}

/// How many of the points are tried on each store; every one of them takes seconds.
const TRIED: usize = 12;

/// Dies at points spread over the whole way; `shift` makes the two stores try others.
async fn dies(way: Way, on: On, shift: usize) {
    let usual = followed(way, on, None).await;
    let newest = usual.threads.last().expect("has a card");
    let said = |words: &str| newest.iter().filter(|post| post.contains(words)).count();
    assert_eq!(said("Edit styles.css"), 1, "{usual:#?}");
    assert_eq!(said("I've looked around."), usize::from(way == Way::Followed), "{usual:#?}");
    assert_eq!(usual.threads.len(), if way == Way::Moved { 2 } else { 1 }, "{usual:#?}");
    assert!(usual.passed.len() > 20, "{:#?}", usual.passed);
    let stride = usual.passed.len() / TRIED;
    for point in (shift * stride / 2..usual.passed.len()).step_by(stride) {
        let end = followed(way, on, Some(point)).await;
        assert!(end.died.is_some(), "point {point} is never met");
        assert_eq!(end.threads, usual.threads, "{way:?} on {on:?}, died {:?}", end.died);
    }
}

#[tokio::test]
async fn a_session_that_is_followed_survives_a_death_on_a_file() {
    dies(Way::Followed, On::File, 0).await;
}

#[tokio::test]
async fn a_session_that_is_followed_survives_a_death_on_redis() {
    dies(Way::Followed, On::Redis, 1).await;
}

#[tokio::test]
async fn a_session_that_moves_survives_a_death_on_a_file() {
    dies(Way::Moved, On::File, 0).await;
}

#[tokio::test]
async fn a_session_that_moves_survives_a_death_on_redis() {
    dies(Way::Moved, On::Redis, 1).await;
}
