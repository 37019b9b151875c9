//! The law of upgrades: an older process next to a newer one leaves the newer one's documents alone and works on, and a
//! store of 0.1.0 is read, worked on and written back.
//!
//! No older version is released, so this version is the older one, and the newer one is played by what it would have
//! stored: documents with a higher version, of kinds that are known and that aren't.

use super::documents::{golden, golden_names, kind_and_version};
use crate::harness::bot::{Bot, Place};
use domain::ids::{
    AccountId, ChannelId, DeliveryId, InstallationId, MessageTs, SessionId, TaskId, TeamId, UserId,
};
use domain::lease::Holder;
use domain::pull::PullRef;
use jiff::{SignedDuration, Timestamp};
use jules_slack::engine::Scheduler;
use serde_json::Value;
use sim::jules::{Fault, Op};
use std::collections::BTreeSet;
use store::documents as names;
use store::documents::KINDS;
use store::scan::scan;
use store::{Doc, Expect, Key, PutResult, Rev, Store};
use tokio_util::sync::CancellationToken;

/// More documents of a kind that is not known than are looked at at a time.
const OF_TOMORROW: usize = 300;

/// What a newer version has stored, each with its revision.
pub(crate) struct Newer(Vec<(Key, Rev, Doc)>);

/// A document of each kind, named as this version names them.
fn one_of_each_kind(team: &TeamId) -> Vec<Key> {
    let other = TeamId::parse("T0TOMORROW").expect("is one");
    let user = UserId::parse("U0TOMORROW").expect("is one");
    let channel = ChannelId::parse("C0TOMORROW").expect("is one");
    let task = TaskId::parse("n5732ck2j9rd").expect("is one");
    let account = AccountId::parse("n5732ck2j9rd").expect("is one");
    let session = SessionId::parse("31415926535897932384").expect("is one");
    let pull = PullRef::parse("https://github.com/acme/web/pull/12").expect("is one");
    let root = MessageTs::parse("1795510800.000100").expect("is one");
    let keys = vec![
        names::task_key(&task),
        names::binding_key(team, &channel),
        names::person_key(team, &user),
        names::settings_key(&other),
        names::starts_of_key(team, &user),
        names::account_key(&account),
        names::fingerprint_key(team, "f00d"),
        Key::new(format!("{}4294967295/{task}", names::audit_prefix(team))),
        names::queue_key(&account),
        names::seen_key(&DeliveryId::of(&["tomorrow"])),
        names::watch_key(&account),
        // Of the account that is in use.
        names::session_key(&AccountId::of_settings(), &session),
        names::pull_key(&pull, &task),
        names::edits_key(&other),
        names::installation_key(&InstallationId::of_token("xoxb-of-tomorrow")),
        names::install_key(&other),
        names::thread_key(team, &channel, &root),
        names::renamed_key(team, &channel),
        names::process_key(Holder(7)),
    ];
    let kinds = |key: &Key| key.as_str().split('/').next().map(str::to_owned);
    let covered: BTreeSet<String> = keys.iter().filter_map(kinds).collect();
    assert_eq!(covered, KINDS.iter().map(|(kind, _)| (*kind).to_owned()).collect());
    keys
}

impl Newer {
    /// Stores one of each kind, and a crowd of a kind that is not known. All are due, before anything else.
    pub(crate) async fn written_to(store: &dyn Store, team: &str, now: Timestamp) -> Self {
        let team = TeamId::parse(team).expect("is one");
        let version_of = |key: &Key| {
            let kind = key.as_str().split('/').next();
            let known = KINDS.iter().find(|(name, _)| Some(*name) == kind);
            known.map_or(1, |(_, version)| version + 1)
        };
        let strange = (0..OF_TOMORROW).map(|n| Key::new(format!("schedule/{team}/{n}")));
        let mut all = Vec::new();
        for key in one_of_each_kind(&team).into_iter().chain(strange) {
            let version = version_of(&key);
            let body = format!("{{\"v\":{version},\"of_tomorrow\":[{{\"another\":\"shape\"}}]}}");
            let wake_at = Some(now - SignedDuration::from_hours(1));
            let doc = Doc { body: body.into(), wake_at, expires_at: None };
            let put = store.put(&key, &doc, Expect::Absent, now).await.expect("is written");
            let PutResult::Stored(rev) = put else { panic!("{key} is there already") };
            all.push((key, rev, doc));
        }
        Self(all)
    }

    /// Nothing of it was touched.
    pub(crate) async fn assert_untouched(&self, store: &dyn Store, now: Timestamp) {
        for (key, rev, doc) in &self.0 {
            let found = store.get(key, now).await.expect("answers");
            let (rev_now, doc_now) = found.unwrap_or_else(|| panic!("{key} is gone"));
            assert_eq!((rev_now, &doc_now.body), (*rev, &doc.body), "{key}");
        }
    }
}

/// Lets a person do something while the bot runs as `serve` runs it.
async fn while_it_runs(bot: &Bot, person: impl Future<Output = ()>) {
    let running = bot.running().run(|engine| Scheduler::new(engine).run(CancellationToken::new()));
    tokio::select! {
        _ = running => panic!("it ended"),
        () = person => {}
    }
}

fn lines_with(log: &str, words: &str) -> usize {
    log.lines().filter(|line| line.contains(words)).count()
}

async fn types(bot: &Bot, text: &str) {
    let ack = bot.slack.user("ann").types("dev", text).await.expect("can type there");
    assert!(ack.ok(), "{ack:?}");
}

async fn links(bot: &Bot, count: usize) {
    bot.until("the links are there", |slack| {
        slack.screen("dev").matches("/session/").count() >= count
    })
    .await;
}

#[tokio::test]
async fn an_older_process_leaves_a_newer_ones_documents_alone_and_says_so_once() {
    let bot = Bot::patient(Place::redis()).await;
    let (store, now) = (bot.engine().store().clone(), bot.hands.now());
    let newer = Newer::written_to(&*store, bot.slack.team_id(), now).await;
    while_it_runs(&bot, async {
        types(&bot, "/jules repo=404less rename frontend to website").await;
        links(&bot, 1).await;
        // The account whose session can't be read is looked at all the same.
        bot.account().finish(&bot.session());
        bot.hands.forward(SignedDuration::from_secs(30));
        bot.until("its end is told", |slack| slack.screen("dev").contains("Done")).await;
        // They are met again and again.
        bot.hands.forward(SignedDuration::from_mins(2));
        types(&bot, "/jules repo=boba-web write tests").await;
        bot.until("another one starts", |_| bot.account().sessions().len() == 2).await;
    })
    .await;
    newer.assert_untouched(&*store, bot.hands.now()).await;
    let log = bot.logged();
    assert_eq!(lines_with(&log, "a newer version of this program uses the same store"), 1, "{log}");
    assert_eq!(lines_with(&log, "can't be read"), 0, "{log}");
}

#[tokio::test]
async fn what_becomes_readable_again_is_carried_on() {
    let bot = Bot::patient(Place::redis()).await;
    bot.jules.fault(Fault::status(429)).on(Op::CreateSession).for_ever();
    bot.types("ann", "/jules repo=404less rename frontend to website").await;
    let (store, now) = (bot.engine().store().clone(), bot.hands.now());
    let key = store.list("task/", None, 1, now).await.expect("answers").pop().expect("is there");
    let (rev, before) = store.get(&key, now).await.expect("answers").expect("is there");
    // A newer process has written it, and what it wrote is due.
    let body = String::from_utf8_lossy(&before.body).replacen("\"v\":1", "\"v\":2", 1);
    let newer = Doc { body: body.into(), wake_at: Some(now), expires_at: None };
    store.put(&key, &newer, Expect::At(rev), now).await.expect("is written");
    bot.jules.clear_faults();
    let asked = bot.jules_calls(Op::CreateSession);
    while_it_runs(&bot, async {
        types(&bot, "/jules repo=boba-web write tests").await;
        links(&bot, 1).await;
        assert_eq!(bot.jules_calls(Op::CreateSession), asked + 1, "the other one alone");
        let now = bot.hands.now();
        let (rev, _) = store.get(&key, now).await.expect("answers").expect("is there");
        // It gave way to this version, which finds it as it was.
        let again = Doc { wake_at: Some(now), ..before.clone() };
        store.put(&key, &again, Expect::At(rev), now).await.expect("is written");
        bot.hands.forward(SignedDuration::from_secs(61));
        links(&bot, 2).await;
    })
    .await;
    assert_eq!(bot.account().sessions().len(), 2);
}

#[tokio::test]
async fn a_newer_process_that_lives_is_not_taken_for_dead() {
    let bot = Bot::new(Place::redis()).await;
    let store = bot.engine().store().clone();
    let key = names::process_key(Holder(7));
    let mut rev = Expect::Absent;
    for second in 0..30 {
        let now = bot.hands.now();
        let body = format!("{{\"v\":2,\"beats\":{second}}}");
        let doc = Doc { body: body.into(), wake_at: None, expires_at: None };
        let put = store.put(&key, &doc, rev, now).await.expect("is written");
        let PutResult::Stored(written) = put else { panic!("someone else wrote it") };
        rev = Expect::At(written);
        bot.pass(1).await;
    }
    assert_eq!(lines_with(&bot.logged(), "a process died"), 0);
    bot.pass(12).await;
    assert_eq!(lines_with(&bot.logged(), "a process died"), 1, "it was silent for too long");
}

/// A golden document as the bot's own: of its workspace, its account, its channel.
fn as_ours(text: &str, bot: &Bot, n: usize) -> Value {
    let team = bot.slack.team_id();
    let mut text = text.to_owned();
    for theirs in ["T0001", "T0DEV", "T0ACME"] {
        text = text.replace(&format!("\"{theirs}\""), &format!("\"{team}\""));
    }
    let mut doc: Value = serde_json::from_str(&text).expect("is JSON");
    if doc["outbox"].is_array() {
        doc["id"] = serde_json::json!(task_name(n));
        doc["account"] = serde_json::json!("settings");
        doc["channel"] = serde_json::json!(bot.slack.channel("dev"));
    }
    doc
}

fn task_name(n: usize) -> String {
    TaskId::for_delivery(&DeliveryId::of(&["golden", &n.to_string()])).to_string()
}

/// Where a golden document of a kind stands; `None` for what the bot has one of already.
fn place_of(kind: &str, n: usize, team: &TeamId) -> Option<Key> {
    let channel = ChannelId::parse("C0GOLDEN").expect("is one");
    let user = UserId::parse(&format!("U0GOLDEN{n}")).expect("is one");
    let other = AccountId::parse(&task_name(n)).expect("is one");
    let task = TaskId::parse(&task_name(n)).expect("is one");
    let pull = PullRef::parse("https://github.com/acme/web/pull/12").expect("is one");
    Some(match kind {
        "task" => names::task_key(&task),
        "binding" => names::binding_key(team, &channel),
        "person" => names::person_key(team, &user),
        "starts" => names::starts_of_key(team, &user),
        "account" => names::account_key(&other),
        "key" => names::fingerprint_key(team, "f00d"),
        "audit" => Key::new(format!("{}4294967295/{task}", names::audit_prefix(team))),
        "queue" => names::queue_key(&other),
        "event" => names::seen_key(&DeliveryId::of(&["golden"])),
        "watch" => names::watch_key(&other),
        "session" => names::session_key(
            &AccountId::of_settings(),
            &SessionId::parse("27182818284590452353").expect("is one"),
        ),
        "pull" => names::pull_key(&pull, &task),
        "meter" => names::posts_key(team, &channel),
        "pointer" => names::thread_key(team, &channel, &MessageTs::parse("1.1").expect("is one")),
        "alias" => names::renamed_key(team, &channel),
        "process" => names::process_key(Holder(7)),
        "settings" => names::settings_key(team),
        "installation" | "install" => return None,
        other => panic!("golden documents of the kind {other} have no place here"),
    })
}

#[tokio::test]
async fn a_store_of_0_1_0_is_read_worked_on_and_written_back() {
    let bot = Bot::patient(Place::redis()).await;
    let (store, now) = (bot.engine().store().clone(), bot.hands.now());
    let team = TeamId::parse(bot.slack.team_id()).expect("is one");
    let mut tasks = Vec::new();
    for (n, name) in golden_names().iter().enumerate() {
        let (kind, version) = kind_and_version(name);
        assert_eq!(version, 1, "0.1.0 has written no other: {name}");
        let Some(key) = place_of(kind, n, &team) else { continue };
        let doc = as_ours(&golden(name), &bot, n);
        let to_do = doc["outbox"].as_array().map_or(0, Vec::len);
        let turn = doc["next"].as_str().or(doc["not_before"].as_str());
        let turn = turn.map(|at| at.parse().expect("is a time"));
        let wake_at = turn.or((to_do > 0).then_some(now));
        let doc = Doc { body: doc.to_string().into(), wake_at, expires_at: None };
        let put = store.put(&key, &doc, Expect::Absent, now).await.expect("is written");
        let PutResult::Stored(rev) = put else { panic!("{key} is there already") };
        if kind == "task" {
            tasks.push((key, rev, to_do > 0));
        }
    }
    assert!(tasks.len() > 10, "only {} tasks", tasks.len());
    // A document that can't be read would end this.
    bot.types("ann", "/jules repo=404less rename frontend to website").await;
    bot.pass(20).await;
    assert!(!bot.account().sessions().is_empty(), "a new task starts next to them");
    let log = bot.logged();
    assert_eq!(lines_with(&log, "can't be read"), 0, "{log}");
    assert_eq!(lines_with(&log, "a newer version"), 0, "{log}");
    let now = bot.hands.now();
    let seen = scan(&*store, None, usize::MAX, now).await.expect("answers");
    assert!(seen.newer.is_none() && seen.unfit.is_none(), "{seen:?}");
    for (key, rev, has_work) in &tasks {
        let (rev_now, doc) = store.get(key, now).await.expect("answers").expect("is there");
        let doc: Value = serde_json::from_slice(&doc.body).expect("is JSON");
        assert_eq!(doc["v"], 1, "{key}");
        // One waits in a line that isn't there.
        let was_written = rev_now != *rev || doc["phase"]["in_queue"].is_object();
        assert!(was_written || !has_work, "{key} was not worked on: {doc}");
    }
}
