//! A mention in a thread, with the thread as background. Wherever the process dies on the way, before or after any
//! write and any call, and however Slack tells of it: there is one session with all of the thread in its prompt, one
//! card in the thread, and nothing of the request comes a second time as a reply.

use super::flow::On;
use crate::harness::bot::Bot;
use crate::harness::fate::Fate;

/// What is there in the end.
#[derive(Debug, PartialEq, Eq)]
struct End {
    prompts: Vec<String>,
    cards: usize,
    told: Vec<String>,
}

async fn mentioned(on: On, death: Option<usize>) -> (End, Vec<String>, String) {
    let fate = Fate::open();
    let mut bot = Bot::with_store(on.place(), fate.around()).await;
    let root = bot.says("ben", None, "The login page is blank").await;
    bot.says("ben", Some(&root), "On Safari").await;
    fate.between(&bot);
    fate.falls(death);
    let slack = bot.slack.clone();
    let ann = slack.user("ann");
    let mut writes = Box::pin(ann.mentions_in_thread("dev", &root, "repo=404less fix this"));
    let mut died = None;
    tokio::select! {
        biased;
        point = fate.met() => died = Some(point),
        said = &mut writes => assert!(said.is_ok()),
    }
    if died.is_none() {
        tokio::select! {
            biased;
            point = fate.met() => died = Some(point),
            () = bot.rest() => {}
        }
    }
    let passed = fate.passed();
    if died.is_some() {
        bot.kill().await;
        drop(writes);
        fate.lift();
        bot.start().await;
        bot.pass(bot.place.heir_begins_within()).await;
    }
    // Slack may tell of both once more, whether they were acknowledged or not.
    for event in ["message.channels", "app_mention"] {
        if let Some(ack) = bot.slack.redeliver_event(event).await {
            assert!(ack.ok(), "{ack:?}");
        }
        bot.settle().await;
    }
    bot.slack.deliver_events().await;
    bot.rest().await;
    let posted = bot.posted_in(&root);
    let prompt = |one: &serde_json::Value| unmarked(one["prompt"].as_str().unwrap_or_default());
    let sessions = bot.account().sessions();
    let end = End {
        prompts: bot.asked_of_jules().iter().map(prompt).take(sessions.len()).collect(),
        cards: posted.len(),
        told: bot.told_jules(),
    };
    (end, passed, format!("died {died:?}\n{}", bot.screen("dev")))
}

/// A prompt without the number in its marks.
fn unmarked(prompt: &str) -> String {
    let Some((_, rest)) = prompt.split_once("<<<SLACK THREAD ") else { return prompt.to_owned() };
    let number = &rest[..16];
    prompt.replace(number, "N")
}

async fn dies(on: On, shift: usize) {
    let (usual, points, screen) = mentioned(on, None).await;
    assert_eq!((usual.prompts.len(), usual.cards, usual.told.len()), (1, 1, 0), "{screen}");
    assert!(usual.prompts[0].contains("On Safari"), "{usual:?}");
    for point in (0..points.len()).skip(shift).step_by(2) {
        let (end, _, told) = mentioned(on, Some(point)).await;
        assert_eq!(end, usual, "{told}");
    }
}

#[tokio::test]
async fn a_mention_with_its_thread_survives_any_death_on_a_file() {
    dies(On::File, 0).await;
}

#[tokio::test]
async fn a_mention_with_its_thread_survives_any_death_on_redis() {
    dies(On::Redis, 1).await;
}
