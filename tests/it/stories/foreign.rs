//! Two installations that use one store by mistake: each does its own work, and leaves the other's alone.

use crate::harness::bot::{Bot, stories};
use crate::stories::operate::page;
use crate::stories::pulls::{opened, pull};
use bytes::Bytes;
use jiff::{SignedDuration, Timestamp};
use serde_json::Value;
use sim::jules::{Fault, Op, RetryAfter};
use store::{Doc, Expect, Key, Rev};

/// Another installation's workspace.
const OTHERS: &str = "T0OTHER";

async fn read(bot: &Bot, key: &Key) -> (Rev, Doc) {
    let now = bot.hands.now();
    let found = bot.engine().store().get(key, now).await.expect("the store answers");
    found.expect("is there")
}

/// What is stored under this prefix.
async fn names(bot: &Bot, prefix: &str) -> Vec<Key> {
    let listed = bot.engine().store().list(prefix, None, 100, bot.hands.now()).await;
    listed.expect("the store answers")
}

/// Makes all tasks that are stored another installation's, due now.
async fn give_away(bot: &Bot) -> Vec<Key> {
    let keys = names(bot, "task/").await;
    for key in &keys {
        let (rev, doc) = read(bot, key).await;
        let mut body: Value = serde_json::from_slice(&doc.body).expect("is JSON");
        body["team"] = Value::from(OTHERS);
        write(bot, key, rev, &body, Some(bot.hands.now()), doc.expires_at).await;
    }
    keys
}

async fn write(
    bot: &Bot,
    key: &Key,
    rev: Rev,
    body: &Value,
    wake_at: Option<Timestamp>,
    expires_at: Option<Timestamp>,
) {
    let body = Bytes::from(serde_json::to_vec(body).expect("is JSON"));
    let doc = Doc { body, wake_at, expires_at };
    let now = bot.hands.now();
    let put = bot.engine().store().put(key, &doc, Expect::At(rev), now).await;
    put.expect("the store answers");
}

/// Does what is due of this, as the scheduler does; whether it was left alone.
async fn is_left_alone(bot: &Bot, key: &Key) -> bool {
    let key = key.clone();
    let ticked = bot.running().run(|engine| async move { engine.tick(&key).await }).await;
    match ticked.expect("lives") {
        Ok(()) => false,
        Err(error) => error.is_foreign() && error.is_about_the_document(),
    }
}

stories! {
    async fn another_installations_task_is_left_as_it_is(bot: Bot) {
        for n in 0..3 {
            let command = format!("/jules repo=404less task {n}");
            let ack = bot.slack.user("ann").types("dev", &command).await.expect("can type there");
            assert!(ack.ok());
        }
        let keys = give_away(&bot).await;
        let mut before = Vec::new();
        for key in &keys {
            before.push(read(&bot, key).await);
        }
        for key in &keys {
            assert!(is_left_alone(&bot, key).await, "{key}");
            assert!(is_left_alone(&bot, key).await, "{key} again");
        }
        for (key, (rev, doc)) in keys.iter().zip(before) {
            let (now_rev, now_doc) = read(&bot, key).await;
            assert_eq!((now_rev, now_doc.body), (rev, doc.body), "nothing is written to {key}");
        }
        bot.assert_nothing_started();
        assert_eq!(bot.slack_calls("chat.postMessage"), 0);
        let log = bot.logged();
        assert_eq!(log.matches("another installation uses the same store").count(), 1, "{log}");
        assert!(log.contains(OTHERS), "{log}");
        let metrics = page(bot.url(), "/metrics").await.1;
        assert!(metrics.contains("jules_slack_foreign_documents_total 6"), "{metrics}");
    }

    async fn a_click_changes_nothing_of_another_installations_task(bot: Bot) {
        bot.types("ann", "/jules repo=404less plan=ask rename frontend to website").await;
        bot.watch(30).await;
        let session = bot.session();
        bot.account().plan(&session, &[("Rename the folder", "")]);
        bot.watch(30).await;
        let keys = give_away(&bot).await;
        let (rev, _) = read(&bot, &keys[0]).await;
        bot.slack.user("ben").clicks("dev", "", "Approve").await.expect("is there");
        assert_eq!(read(&bot, &keys[0]).await.0, rev);
    }

    async fn another_installations_pull_request_is_left_as_it_is(mut bot: Bot) {
        opened(&mut bot).await;
        let key = names(&bot, "pull/").await.pop().expect("is watched");
        let (rev, doc) = read(&bot, &key).await;
        let mut body: Value = serde_json::from_slice(&doc.body).expect("is JSON");
        body["team"] = Value::from(OTHERS);
        body["next"] = Value::from(bot.hands.now().to_string());
        write(&bot, &key, rev, &body, Some(bot.hands.now()), doc.expires_at).await;
        let (rev, _) = read(&bot, &key).await;
        assert!(is_left_alone(&bot, &key).await, "its turn has come");
        let hook = bot.github().delivery("pull_request", &pull(&bot)).expect("a hook");
        assert_eq!(hook.send().await, 200);
        bot.kill().await;
        bot.github = None;
        bot.start().await;
        assert!(is_left_alone(&bot, &key).await, "GitHub isn't asked");
        assert_eq!(read(&bot, &key).await.0, rev, "nothing is written to it");
    }

    async fn another_accounts_line_is_left_when_it_names_foreign_tasks(bot: Bot) {
        bot.account().limits(1, 100);
        for n in 0..3 {
            bot.types("ann", &format!("/jules repo=404less task {n}")).await;
        }
        give_away(&bot).await;
        let ours = names(&bot, "queue/").await.pop().expect("is there");
        let (_, doc) = read(&bot, &ours).await;
        let theirs = Key::new("queue/thei7rs".to_owned());
        let due = Doc { wake_at: Some(bot.hands.now()), ..doc };
        let now = bot.hands.now();
        bot.engine().store().put(&theirs, &due, Expect::Absent, now).await.expect("answers");
        let (rev, _) = read(&bot, &theirs).await;
        assert!(is_left_alone(&bot, &theirs).await, "{theirs}");
        assert_eq!(read(&bot, &theirs).await.0, rev);
    }

    async fn after_a_start_without_slack_the_work_at_jules_continues(mut bot: Bot) {
        let ack = bot.slack.user("ann").types("dev", "/jules repo=404less tidy up").await;
        assert!(ack.expect("can type there").ok());
        bot.jules.fault(Fault::too_many(&RetryAfter::Absent)).on(Op::CreateSession).once();
        bot.settle().await;
        assert_eq!(bot.account().sessions().len(), 0);
        bot.kill().await;
        let young = bot.unconnected_replica().await;
        bot.hands.forward(SignedDuration::from_mins(5));
        young.settle().await;
        assert_eq!(bot.account().sessions().len(), 1, "whose it is was known from before");
    }
}
