//! A plan of several messages, a plan in a file, mentions and direct messages: wherever the process dies on the way,
//! before or after any write and any call, each is there once and in order.

use super::flow::On;
use crate::harness::bot::Bot;
use crate::harness::fate::Fate;
use crate::laws::one_of_each::plain;

/// What is on its way when the process dies.
#[derive(Debug, Clone, Copy)]
enum Way {
    /// Three messages, the last of which mentions someone.
    Messages,
    /// A file, and a message.
    File,
    /// A message, and one to the author alone.
    Direct,
}

/// How a run ended.
struct End {
    passed: Vec<String>,
    died: Option<String>,
    thread: Vec<String>,
    private: Vec<String>,
}

async fn planned(way: Way, on: On, death: Option<usize>) -> End {
    let fate = Fate::open();
    let mut bot = Bot::with_store(on.place(), fate.around()).await;
    let (count, option) = match way {
        Way::Messages => (28, ""),
        Way::File => (80, ""),
        Way::Direct => (1, "ping=dm "),
    };
    bot.types("ann", &format!("/jules repo=404less plan=ask {option}rename frontend")).await;
    bot.watch(10).await;
    let text = "All work and no play. ".repeat(41);
    let titles: Vec<String> = (1..=count).map(|n| format!("Step {n}")).collect();
    let steps: Vec<(&str, &str)> = titles.iter().map(|title| (&**title, &*text)).collect();
    bot.account().plan(&bot.session(), &steps);
    fate.between(&bot);
    fate.falls(death);
    let died = tokio::select! {
        biased;
        point = fate.met() => Some(point),
        () = bot.watch(30) => None,
    };
    let passed = fate.passed();
    if died.is_some() {
        bot.kill().await;
        fate.lift();
        bot.start().await;
        bot.pass(bot.place.heir_begins_within()).await;
        bot.watch(400).await;
    }
    let shown = bot.thread().into_iter().map(|post| plain(&bot, &post.shown)).collect();
    let private = bot.slack.channel_messages("@ann").into_iter();
    let private = private.map(|post| plain(&bot, &post.shown)).collect();
    End { passed, died, thread: shown, private }
}

/// Dies around every call that shows something; `shift` makes the two stores share the points.
async fn dies(way: Way, on: On, shift: usize) {
    let usual = planned(way, on, None).await;
    let expected = match way {
        Way::Messages => (3, 0),
        Way::File => (2, 0),
        Way::Direct => (1, 1),
    };
    assert_eq!((usual.thread.len(), usual.private.len()), expected, "{:#?}", usual.thread);
    let is_said = |point: &String| point.contains("chat.") || point.contains("files.");
    let around = |at: usize| usual.passed[at.saturating_sub(1)..].iter().take(3).any(is_said);
    let points: Vec<usize> = (0..usual.passed.len()).filter(|at| around(*at)).collect();
    assert!(points.len() > 5, "{:#?}", usual.passed);
    for point in points.into_iter().skip(shift).step_by(2) {
        let end = planned(way, on, Some(point)).await;
        let died = format!("{way:?} on {on:?}, died {:?}", end.died);
        assert_eq!(end.thread, usual.thread, "{died}");
        assert_eq!(end.private, usual.private, "{died}");
    }
}

#[tokio::test]
async fn a_plan_of_several_messages_survives_a_death_on_a_file() {
    dies(Way::Messages, On::File, 0).await;
}

#[tokio::test]
async fn a_plan_of_several_messages_survives_a_death_on_redis() {
    dies(Way::Messages, On::Redis, 1).await;
}

#[tokio::test]
async fn a_plan_in_a_file_survives_a_death_on_a_file() {
    dies(Way::File, On::File, 0).await;
}

#[tokio::test]
async fn a_plan_in_a_file_survives_a_death_on_redis() {
    dies(Way::File, On::Redis, 1).await;
}

#[tokio::test]
async fn a_direct_message_survives_a_death_on_a_file() {
    dies(Way::Direct, On::File, 0).await;
}

#[tokio::test]
async fn a_direct_message_survives_a_death_on_redis() {
    dies(Way::Direct, On::Redis, 1).await;
}
