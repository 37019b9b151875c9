//! A person, and a workspace, are forgotten: what is left of them, and what of others.

use crate::harness::bot::{Bot, stories};
use async_trait::async_trait;
use domain::ids::{TeamId, UserId};
use jiff::{SignedDuration, Timestamp};
use kit::around::{Around, Wrapped};
use kit::memory_store::MemoryStore;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use store::forget::Whom;
use store::{Doc, Expect, Key, PutResult, Result, Store, StoreError};

/// Everything that is stored and was not asked for by a process, by name and content.
async fn stored(bot: &Bot) -> Vec<(String, String)> {
    let (store, now) = (bot.engine().store(), bot.hands.now());
    let mut all = Vec::new();
    for key in store.list("", None, 1000, now).await.expect("answers") {
        let Some((_, doc)) = store.get(&key, now).await.expect("answers") else { continue };
        all.push((key.as_str().to_owned(), String::from_utf8_lossy(&doc.body).into_owned()));
    }
    all.retain(|(name, _)| !name.starts_with("process/"));
    all
}

/// What speaks of someone outside the audit trail.
async fn traces(bot: &Bot, of: &str) -> Vec<String> {
    let all = stored(bot).await.into_iter();
    let left = all.filter(|(name, body)| {
        !name.starts_with("audit/") && (name.contains(of) || body.contains(of))
    });
    left.map(|(name, _)| name).collect()
}

fn whom(team: Option<&str>, user: Option<&str>) -> Whom {
    Whom {
        team: team.map(|id| TeamId::parse(id).expect("an id")),
        user: user.map(|id| UserId::parse(id).expect("an id")),
    }
}

async fn forget(bot: &Bot, team: Option<&str>, user: Option<&str>) -> usize {
    bot.engine().forget_all_of(&whom(team, user)).await.expect("the store answers")
}

/// What is stored, by name.
type Documents = BTreeMap<Key, Doc>;

async fn documents(store: &dyn Store, now: Timestamp) -> Documents {
    let mut all = Documents::new();
    for key in store.list("", None, 1000, now).await.expect("answers") {
        let Some((_, doc)) = store.get(&key, now).await.expect("answers") else { continue };
        // The store in memory keeps what has expired.
        if doc.expires_at.is_none_or(|end| now < end) {
            all.insert(key, doc);
        }
    }
    all
}

async fn in_memory(documents: &Documents, now: Timestamp) -> Arc<dyn Store> {
    let store = MemoryStore::default();
    for (key, doc) in documents {
        store.put(key, doc, Expect::Absent, now).await.expect("is written");
    }
    Arc::new(store)
}

/// Whether a document has a word in its name or in it.
fn has((key, doc): (&Key, &Doc), word: &str) -> bool {
    key.as_str().contains(word) || String::from_utf8_lossy(&doc.body).contains(word)
}

fn is_one_of(key: &Key, kinds: &[&str]) -> bool {
    kinds.iter().any(|kind| key.as_str().split('/').next() == Some(*kind))
}

/// The part of a name behind its kind, of the first document of a kind that says this of someone.
fn first_of(documents: &Documents, kind: &str, says: impl Fn(&Value) -> bool) -> String {
    let mut ids = documents.iter().filter_map(|(key, doc)| {
        let id = key.as_str().strip_prefix(kind)?;
        says(&serde_json::from_slice(&doc.body).ok()?).then(|| id.to_owned())
    });
    ids.next().expect("there is one")
}

/// What a week leaves behind, and what it seldom does: documents of each kind that are Ben's or the workspace's, an
/// account that he shares with Ann, and what he did in another workspace.
async fn a_rich_week(bot: &Bot) -> Documents {
    a_week(bot).await;
    let mut all = documents(&**bot.engine().store(), bot.hands.now()).await;
    let (ann, ben) = (bot.slack.user("ann").id().to_owned(), bot.slack.user("ben").id().to_owned());
    let team = bot.slack.team_id();
    let task = first_of(&all, "task/", |task| task["author"] == ben.as_str());
    let account = first_of(&all, "account/", |account| account["holders"] == json!([ben]));
    let sealed = json!({ "$sealed": "a secret" });
    let renewal = json!({ "refresh": sealed });
    let installed =
        |team: &str| json!({ "us": { "team": team }, "token": sealed, "renewal": renewal });
    let his = json!({ "team": team, "task": task });
    for (name, body) in [
        (format!("queue/{account}"), json!({ "entries": [{ "task": task, "user": ben }] })),
        (format!("watch/{account}"), json!({ "lost": [task] })),
        (format!("pull/ben/dots/7/{task}"), his),
        (format!("pointer/issue/{team}/ben/dots/8"), json!({ "task": task })),
        (format!("key/{team}/of-both"), json!({ "account": "ours-both" })),
        ("account/ours-both".to_owned(), json!({ "team": team, "holders": [ann, ben] })),
        (format!("settings/{team}"), json!({ "key": { "account": "everyones", "key": sealed } })),
        ("account/everyones".to_owned(), json!({ "team": team, "holders": [], "workspace": true })),
        ("watch/everyones".to_owned(), json!({})),
        (format!("alias/to/{team}/C0OLD"), json!({ "channel": "C0NEW" })),
        ("installation/one".to_owned(), json!({ "team": team })),
        (format!("install/{team}"), installed(team)),
        ("install/T0OTHER".to_owned(), installed("T0OTHER")),
        ("task/elsewhere".to_owned(), json!({ "team": "T0OTHER", "author": ben })),
        ("session/others/1".to_owned(), json!({ "team": "T0OTHER", "task": "elsewhere" })),
        ("pointer/thread/T0OTHER/C0X/1.2".to_owned(), json!({ "task": "elsewhere" })),
        (format!("pointer/of/T0OTHER/{ben}/1/elsewhere"), json!({ "task": "elsewhere" })),
        (format!("person/T0OTHER/{ben}"), json!({ "key": { "account": "others", "key": sealed } })),
        ("account/others".to_owned(), json!({ "team": "T0OTHER", "holders": [ben] })),
        ("key/T0OTHER/of-another".to_owned(), json!({ "account": "others" })),
        ("queue/others".to_owned(), json!({ "entries": [{ "task": "elsewhere" }] })),
    ] {
        let body = body.to_string().into();
        all.insert(Key::new(name), Doc { body, wake_at: None, expires_at: None });
    }
    all
}

/// A store that goes away after so many writes.
struct GoesAway(AtomicUsize);

#[async_trait]
impl Around for GoesAway {
    fn opens(&self) -> Result<()> {
        match self.0.load(Ordering::SeqCst) {
            0 => Err(StoreError::Down("gone".to_owned())),
            _ => Ok(()),
        }
    }

    async fn after_write(&self, _: &Key, written: Result<PutResult>) -> Result<PutResult> {
        self.0.fetch_sub(1, Ordering::SeqCst);
        written
    }
}

/// A process that works on each task until it's gone: it writes a session of it right before.
struct AtWork(Arc<dyn Store>, Timestamp);

#[async_trait]
impl Around for AtWork {
    async fn before_write(&self, key: &Key, _: &Doc) {
        let Some(task) = key.as_str().strip_prefix("task/") else { return };
        let body = json!({ "task": task }).to_string().into();
        let session = Doc { body, wake_at: None, expires_at: None };
        let key = Key::new(format!("session/late/{task}"));
        self.0.put(&key, &session, Expect::Absent, self.1).await.expect("is written");
    }
}

/// The ids of tasks and accounts that were there before and are not after.
fn gone(before: &Documents, after: &Documents) -> Vec<String> {
    let is_gone = |key: &&Key| is_one_of(key, &["task", "account"]) && !after.contains_key(*key);
    let ids = before.keys().filter(is_gone).filter_map(|key| key.as_str().split('/').nth(1));
    ids.map(str::to_owned).collect()
}

/// That nothing is left of someone who has these words in what is kept of them, and nothing else is gone.
fn is_forgotten(before: &Documents, after: &Documents, words: &[&str]) {
    let is_theirs = |one: (&Key, &Doc)| words.iter().all(|word| has(one, word));
    let gone = gone(before, after);
    let leads_there = |one: (&Key, &Doc)| gone.iter().any(|id| has(one, id));
    for one in after {
        assert!(!is_theirs(one) || is_one_of(one.0, &["audit"]), "{words:?}: {one:?}");
        let led = ["session", "pull", "pointer", "key", "watch", "queue"];
        assert!(!leads_there(one) || !is_one_of(one.0, &led), "{words:?}: {one:?}");
    }
    for one in before {
        assert!(
            is_theirs(one) || leads_there(one) || after.get(one.0) == Some(one.1),
            "{words:?}: {one:?}"
        );
    }
}

async fn a_week(bot: &Bot) {
    let account = bot.jules.account("AQ.key-of-ben");
    let source = account.add_source("ben", "dots");
    source.default_branch("main").branches(["main"]);
    bot.types("ben", "/jules key").await;
    let form = bot.slack.open_view("ben").expect("a form is open");
    form.fill("API key", "AQ.key-of-ben").await.expect("is there");
    form.submit().await.expect("can be sent");
    bot.settle().await;
    bot.types("ben", "/jules repo=dots tidy my dots").await;
    bot.types("ann", "/jules repo=404less fix the page").await;
    bot.types("ann", "/jules bind 404less").await;
    bot.pass(5).await;
}

stories! {
    async fn of_a_person_only_what_they_did_stays(bot: Bot) {
        a_week(&bot).await;
        let (ann, ben) = (bot.slack.user("ann").id().to_owned(), bot.slack.user("ben").id().to_owned());
        assert!(!traces(&bot, &ben).await.is_empty());
        let of_ann = traces(&bot, &ann).await;
        assert!(forget(&bot, None, Some(&ben)).await > 3);
        assert_eq!(traces(&bot, &ben).await, Vec::<String>::new());
        assert_eq!(traces(&bot, &ann).await, of_ann, "nothing of anyone else's");
        let trail = stored(&bot).await;
        assert!(trail.iter().any(|(name, body)| name.starts_with("audit/") && body.contains(&ben)));
        assert_eq!(forget(&bot, None, Some(&ben)).await, 0, "a second time there is nothing");
        // Their key is used for nothing any more.
        let calls = |bot: &Bot| {
            let of_ben = |call: &&sim::jules::Call| call.key.as_deref() == Some("AQ.key-of-ben");
            bot.jules.calls().iter().filter(of_ben).count()
        };
        bot.pass(30).await;
        let before = calls(&bot);
        bot.types("ben", "/jules repo=404less and this").await;
        bot.pass(120).await;
        assert_eq!(calls(&bot), before);
        assert!(bot.slack.screen("dev").contains("and this"), "they can begin anew");
    }

    async fn of_a_workspace_nothing_stays(bot: Bot) {
        a_week(&bot).await;
        let team = bot.slack.team_id();
        assert_eq!(forget(&bot, Some("T0OTHER"), None).await, 0);
        assert!(forget(&bot, Some(team), None).await > 10);
        let left = stored(&bot).await;
        let of_team = |(name, body): &&(String, String)| name.contains(team) || body.contains(team);
        assert_eq!(left.iter().find(of_team), None);
    }

    async fn a_person_is_forgotten_in_one_workspace_alone(bot: Bot) {
        a_week(&bot).await;
        let ben = bot.slack.user("ben").id().to_owned();
        assert_eq!(forget(&bot, Some("T0OTHER"), Some(&ben)).await, 0);
        assert!(forget(&bot, Some(bot.slack.team_id()), Some(&ben)).await > 3);
        assert_eq!(traces(&bot, &ben).await, Vec::<String>::new());
    }

    async fn what_was_interrupted_anywhere_and_is_done_again_leaves_what_is_left_otherwise(bot: Bot) {
        let (before, now) = (a_rich_week(&bot).await, bot.hands.now());
        let (team, ben) = (bot.slack.team_id(), bot.slack.user("ben").id().to_owned());
        for (whom, words) in [
            (whom(Some(team), Some(&ben)), vec![team, ben.as_str()]),
            (whom(None, Some(&ben)), vec![ben.as_str()]),
            (whom(Some(team), None), vec![team]),
        ] {
            let whole = in_memory(&before, now).await;
            store::forget::forget(&*whole, &whom, now).await.expect("answers");
            let after = documents(&*whole, now).await;
            is_forgotten(&before, &after, &words);
            for writes in 0_usize.. {
                let copy = in_memory(&before, now).await;
                let around = GoesAway(AtomicUsize::new(writes));
                let fragile = Wrapped { store: Arc::clone(&copy), around };
                let ended = store::forget::forget(&fragile, &whom, now).await;
                let left = documents(&*copy, now).await;
                let has_key = |(key, doc): (&Key, &Doc)| {
                    let kinds = ["person", "settings", "install"];
                    !after.contains_key(key) && is_one_of(key, &kinds) && has((key, doc), "$sealed")
                };
                let is_gone = |key: &Key| !left.contains_key(key) && !is_one_of(key, &["person", "settings"]);
                assert!(
                    !before.keys().any(is_gone) || !left.iter().any(has_key),
                    "keys go first, and {writes} writes left one of {whom:?}"
                );
                let install = Key::new(format!("install/{team}"));
                assert!(
                    left.contains_key(&install) || left == after,
                    "how the app is installed goes last, and {writes} writes left something else of {whom:?}"
                );
                if ended.is_ok() {
                    assert!(writes > 8, "{whom:?} took {writes} writes");
                    break;
                }
                store::forget::forget(&*copy, &whom, now).await.expect("answers");
                assert_eq!(documents(&*copy, now).await, after, "after {writes} writes, {whom:?}");
            }
        }
    }

    async fn what_is_written_for_a_task_until_it_is_gone_goes_with_it(bot: Bot) {
        let (before, now) = (a_rich_week(&bot).await, bot.hands.now());
        let ben = bot.slack.user("ben").id().to_owned();
        let copy = in_memory(&before, now).await;
        let at_work = Wrapped { store: Arc::clone(&copy), around: AtWork(Arc::clone(&copy), now) };
        store::forget::forget(&at_work, &whom(None, Some(&ben)), now).await.expect("answers");
        is_forgotten(&before, &documents(&*copy, now).await, &[ben.as_str()]);
    }

    async fn the_end_is_heard_by_a_process_that_slack_has_told_nothing(mut bot: Bot) {
        bot.types("ann", "/jules bind 404less").await;
        bot.kill().await;
        // While nobody runs, the app is removed, so that its token is dead from the start.
        bot.slack.uninstall();
        let young = bot.young_replica().await;
        bot.slack.deliver_to(&format!("{}/slack/events", young.url));
        bot.slack.deliver_events().await;
        let stored = young.run(|engine| async move {
            let names = engine.store().list("install/", None, 10, engine.now()).await;
            names.expect("the store answers").len()
        });
        assert_eq!(stored.await.expect("lives"), 1, "what is left is forgotten in thirty days");
    }

    async fn a_workspace_whose_token_works_is_not_forgotten_for_an_event_that_came_late(bot: Bot) {
        bot.types("ann", "/jules bind 404less").await;
        bot.slack.uninstall();
        bot.slack.deliver_events().await;
        bot.settle().await;
        assert!(stored(&bot).await.iter().any(|(name, _)| name.starts_with("install/")), "it was told");
        bot.slack.install_again();
        for _ in 0..31 {
            bot.hands.forward(SignedDuration::from_hours(24));
            bot.settle().await;
        }
        let bound = |all: Vec<(String, String)>| all.iter().any(|(name, _)| name.starts_with("binding/"));
        assert!(bound(stored(&bot).await));
    }

    async fn one_whose_token_is_dead_is(bot: Bot) {
        bot.types("ann", "/jules bind 404less").await;
        bot.slack.uninstall();
        bot.slack.deliver_events().await;
        bot.slack.refuse_token("account_inactive");
        for _ in 0..31 {
            bot.hands.forward(SignedDuration::from_hours(24));
            bot.settle().await;
        }
        assert!(!stored(&bot).await.iter().any(|(name, _)| name.starts_with("binding/")));
    }
}
