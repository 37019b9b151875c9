//! `tasks` and `task`: on a file that a process has open, on one that nobody has, on Redis, and where something is
//! wrong.

use super::data::{Ended, export, import, run, store_of};
use super::process::{command, until};
use super::serve::{MAIN_JOB, World};
use domain::ids::{DeliveryId, TaskId};
use futures_util::future::join_all;
use jiff::Timestamp;
use kit::redis_server::{Server, namespace};
use serde_json::Value;
use sim::slack::Fault;
use std::fs;
use store::documents::task_key;
use store::{Doc, Expect};

async fn ask(store: &str, arguments: &[&str]) -> Ended {
    run(command(arguments).env("STORE", store)).await
}

/// Every task, as `tasks --json` prints it.
async fn listed(store: &str, arguments: &[&str]) -> Vec<Value> {
    let ended = ask(store, &[&["tasks", "--json"], arguments].concat()).await;
    assert_eq!(ended.code, Some(0), "{}", ended.complaints);
    ended.printed.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

/// The only task, once it runs and everything is done for it.
async fn running(store: &str) -> Value {
    until("a task that runs", async || {
        let task = listed(store, &["--state", "running"]).await.pop()?;
        let rests = task["waiting"].as_array().unwrap().iter().all(|one| one["attempts"] == 0);
        (rests && task["lease"].is_null()).then_some(task)
    })
    .await
}

async fn worked() -> (World, String) {
    let world = World::new().await;
    let store = store_of(&world, "jules.redb");
    (world, store)
}

#[tokio::test]
async fn a_running_process_is_asked_and_a_stopped_ones_file_is_read() {
    let (world, store) = worked().await;
    let mut served = world.serve().await;
    let none = ask(&store, &["tasks"]).await.complaints;
    assert!(none.contains("no open tasks"), "{none}");
    world.types("ann", "dev", MAIN_JOB).await;
    let link = world.link().await;
    let task = running(&store).await;
    let id = task["id"].as_str().unwrap();
    assert_eq!(task["repo"], "AshikNesin/404less");
    assert_eq!(task["author"], world.slack.user("ann").id());
    assert!(link.contains(task["session"].as_str().unwrap()), "{link}");
    assert_eq!(listed(&store, &["--stuck"]).await, Vec::<Value>::new());
    assert_eq!(listed(&store, &["--state", "done"]).await, Vec::<Value>::new());
    let none = ask(&store, &["tasks", "--state", "done"]).await.complaints;
    assert!(none.contains("no tasks match"), "{none}");
    let table = ask(&store, &["tasks"]).await.printed;
    assert!(table.contains(id) && table.contains("running"), "{table}");
    // By its id, by its card and by its session it is the same task, no matter who is asked.
    let card = world.cards().remove(0).ts.replace('.', "");
    let channel = task["channel"].as_str().unwrap();
    let page = format!("https://acme.slack.com/archives/{channel}/p{card}");
    for stopped in [false, true] {
        if stopped {
            served.terminate();
            assert_eq!(served.exit_code().await, Some(0));
        }
        for meant in [id, &page, task["url"].as_str().unwrap()] {
            let shown = ask(&store, &["task", meant]).await;
            assert_eq!(shown.code, Some(0), "{}", shown.complaints);
            assert!(shown.printed.contains("task.start"), "{}", shown.printed);
            assert!(!shown.printed.contains("website"), "what people write isn't shown");
        }
    }
    let shown = ask(&store, &["task", id, "--json"]).await.printed;
    let shown: Value = serde_json::from_str(&shown).unwrap();
    assert_eq!(shown["task"]["id"], id);
    assert_eq!(shown["audit"][0]["action"], "task.start");
    assert!(world.cards()[0].shown.contains(&format!("task {id}")), "{}", world.cards()[0].shown);
}

#[tokio::test]
async fn next_to_a_process_that_hangs_a_command_says_so_and_ends() {
    let (world, store) = worked().await;
    let served = world.serve().await;
    served.freeze();
    let file = world.directory.path().join("backup.jsonl");
    let commands: [&[&str]; 6] = [
        &["tasks"],
        &["task", "7f3k9x2q4m1a", "--retry"],
        &["audit"],
        &["backup", file.to_str().unwrap()],
        &["export"],
        &["forget", "--user", "U0ANN", "--yes"],
    ];
    for ended in join_all(commands.map(|arguments| ask(&store, arguments))).await {
        assert_eq!(ended.code, Some(1), "{}", ended.complaints);
        let said = "the running process has the file open and hasn't answered for 10 seconds. \
                    Restart it, or stop it to read the file";
        assert!(ended.complaints.contains(said), "{}", ended.complaints);
    }
    assert!(!file.exists());
}

#[tokio::test]
async fn what_is_in_the_way_is_shown_and_can_be_tried_again_at_once() {
    let (world, store) = worked().await;
    let _served = world.serve().await;
    world.slack.fault(Fault::Error("token_revoked".to_owned())).on("chat.postMessage").times(1_000);
    world.types("ann", "dev", MAIN_JOB).await;
    let held = until("a card that can't be posted", async || {
        let task = listed(&store, &[]).await.pop()?;
        let first = &task["waiting"][0];
        (first["kind"] == "post_card" && first["cause"].is_string()).then_some(task)
    })
    .await;
    assert_eq!(held["state"], "carding");
    assert_eq!(held["waiting"][0]["cause"], "slack_token_refused");
    let id = held["id"].as_str().unwrap();
    // The private line takes turns with the card.
    until("the table shows it", async || {
        let table = ask(&store, &["tasks"]).await.printed;
        let is_shown =
            ["post_card, tried", "slack_token_refused"].map(|words| table.contains(words));
        (is_shown == [true, true]).then_some(())
    })
    .await;
    until("it is between two attempts, and tried again", async || {
        let retried = ask(&store, &["task", id, "--retry"]).await;
        (retried.code == Some(0)).then_some(())
    })
    .await;
    let shown = ask(&store, &["task", id]).await.printed;
    assert!(shown.contains("post_card"), "{shown}");
}

#[tokio::test]
async fn a_running_task_is_dropped_only_on_purpose_and_its_thread_is_told() {
    let (world, store) = worked().await;
    let _served = world.serve().await;
    world.types("ann", "dev", MAIN_JOB).await;
    world.link().await;
    let task = running(&store).await;
    let id = task["id"].as_str().unwrap();
    let asked = ask(&store, &["task", id, "--drop"]).await;
    assert_eq!(asked.code, Some(1));
    assert!(asked.complaints.contains("Add --yes"), "{}", asked.complaints);
    assert_eq!(listed(&store, &["--state", "running"]).await.len(), 1);
    let dropped = ask(&store, &["task", id, "--drop", "--yes"]).await;
    assert_eq!(dropped.code, Some(0), "{}", dropped.complaints);
    let said = "dropped; its thread is told, and it's recorded\n";
    assert!(dropped.complaints.ends_with(said), "{}", dropped.complaints);
    let card = world.cards().remove(0);
    until("the thread is told", async || {
        let thread = world.slack.thread("dev", &card.ts);
        thread.iter().find(|post| post.shown.contains("dropped this task")).map(|_| ())
    })
    .await;
    until("the card says so", async || world.cards()[0].shown.contains("Dropped").then_some(()))
        .await;
    let shown = ask(&store, &["task", id]).await.printed;
    assert!(shown.contains("task.drop") && shown.contains("stopped"), "{shown}");
    let again = ask(&store, &["task", id, "--drop", "--yes"]).await;
    assert_eq!(again.code, Some(1), "{}", again.complaints);
    assert!(again.complaints.contains("is over"), "{}", again.complaints);
}

#[tokio::test]
async fn on_redis_and_on_a_file_that_nobody_has_the_command_does_it_itself() {
    let (world, store) = worked().await;
    let mut served = world.serve().await;
    world.types("ann", "dev", MAIN_JOB).await;
    world.link().await;
    let task = running(&store).await;
    let id = task["id"].as_str().unwrap();
    served.terminate();
    assert_eq!(served.exit_code().await, Some(0));
    let server = Server::shared();
    let redis = server.url(&namespace());
    let file = world.directory.path().join("all.jsonl");
    fs::write(&file, export(&store).await).unwrap();
    assert_eq!(import(&redis, &file).await.code, Some(0));
    let key = fs::read_to_string(world.directory.path().join("jules.key")).unwrap();
    let listed_there = listed(&redis, &[]).await;
    assert_eq!(listed_there[0]["id"], id);
    let other = "AQIDBAUGBwgJCgsMDQ4PEBESExQVFhcYGRobHB0eHyA=";
    let drop_with = async |store: &str, key: Option<&str>| {
        let mut command = command(&["task", id, "--drop", "--yes"]);
        command.env("STORE", store);
        if let Some(key) = key {
            command.env("ENCRYPTION_KEY", key.trim());
        }
        run(&mut command).await
    };
    for (wrong, words) in
        [(None, "ENCRYPTION_KEY is not set"), (Some(other), "nothing was changed")]
    {
        let refused = drop_with(&redis, wrong).await;
        assert_eq!(refused.code, Some(1));
        assert!(refused.complaints.contains(words), "{}", refused.complaints);
        assert_eq!(listed(&redis, &[]).await.len(), 1);
    }
    for (place, key) in [(&redis, Some(key.as_str())), (&store, None)] {
        let dropped = drop_with(place, key).await;
        assert_eq!(dropped.code, Some(0), "{}", dropped.complaints);
        assert!(
            dropped.complaints.contains("as soon as a bot runs on this store"),
            "{}",
            dropped.complaints
        );
        assert_eq!(listed(place, &["--state", "running"]).await.len(), 0);
    }
    // The process that has the store next tells the thread.
    let _again = world.serve().await;
    let card = world.cards().remove(0);
    until("the thread is told", async || {
        let thread = world.slack.thread("dev", &card.ts);
        thread.iter().find(|post| post.shown.contains("dropped this task")).map(|_| ())
    })
    .await;
}

#[tokio::test]
async fn what_cannot_be_read_is_named_and_the_rest_is_shown() {
    let (world, store) = worked().await;
    let mut served = world.serve().await;
    world.types("ann", "dev", MAIN_JOB).await;
    world.link().await;
    running(&store).await;
    served.terminate();
    assert_eq!(served.exit_code().await, Some(0));
    let named = |nth: &str| TaskId::for_delivery(&DeliveryId::of(&[nth]));
    let (damaged, newer) = (named("damaged"), named("newer"));
    let open = store::open(&store).unwrap();
    let now = Timestamp::UNIX_EPOCH;
    for (id, body) in [(&damaged, r#"{"v":1,"id":"secret words"}"#), (&newer, r#"{"v":99}"#)] {
        let doc = Doc { body: body.into(), wake_at: None, expires_at: None };
        open.put(&task_key(id), &doc, Expect::Absent, now).await.unwrap();
    }
    let in_use = ask(&store, &["tasks"]).await;
    assert_eq!(in_use.code, Some(1));
    assert!(in_use.complaints.contains("is in use by another process"), "{}", in_use.complaints);
    drop(open);
    let shown = ask(&store, &["tasks"]).await;
    assert_eq!(shown.code, Some(1));
    assert!(shown.printed.contains("running"), "{}", shown.printed);
    assert!(shown.complaints.contains("2 tasks can't be read"), "{}", shown.complaints);
    assert!(shown.complaints.contains("use the newer program"), "{}", shown.complaints);
    assert!(!shown.complaints.contains("secret words"), "{}", shown.complaints);
    let one = ask(&store, &["task", newer.as_str(), "--drop", "--yes"]).await;
    assert_eq!(one.code, Some(1));
    assert!(one.complaints.contains("is left as it is"), "{}", one.complaints);
    let kept = export(&store).await;
    assert!(kept.contains("secret words") && kept.contains(r#"{"v":99}"#), "nothing is lost");
}

#[tokio::test]
async fn wrong_arguments_are_named() {
    let (_world, store) = worked().await;
    let nothing = ask(&store, &["tasks"]).await;
    assert_eq!(nothing.code, Some(1));
    assert!(
        nothing.complaints.contains("does not exist. Run this in the bot's working directory"),
        "{}",
        nothing.complaints
    );
    for (arguments, words) in [
        (&["tasks", "--state", "odd"][..], "in_line"),
        (&["task", "https://example.com/"], "nor the link of a message"),
        (&["task", "7f3k9x2q4m1a", "--yes"], "--drop"),
        (&["task", "7f3k9x2q4m1a", "--drop", "--json"], "cannot be used with"),
        (&["task", "7f3k9x2q4m1a", "--retry", "--json"], "cannot be used with"),
    ] {
        let refused = ask(&store, arguments).await;
        assert_eq!(refused.code, Some(2), "{arguments:?}");
        assert!(refused.complaints.contains(words), "{}", refused.complaints);
    }
}
