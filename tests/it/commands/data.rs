//! `export` and `import` between two kinds of stores, and the stores that `serve` refuses.

use super::process::{Process, command};
use super::serve::{MAIN_JOB, World, ready};
use crate::laws::redis::needed_rights;
use kit::redis_server::{Server, namespace};
use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// How a command ended: its code, and what it said on standard output and on standard error.
pub(super) struct Ended {
    pub(super) code: Option<i32>,
    pub(super) printed: String,
    pub(super) complaints: String,
}

pub(super) async fn run(command: &mut Command) -> Ended {
    let mut process = Process::start(command);
    let printed = process.all_printed().await;
    let complaints = process.all_complaints().await;
    Ended { code: process.exit_code().await, printed, complaints }
}

pub(super) async fn export(store: &str) -> String {
    let ended = run(&mut command(&["export", "--store", store])).await;
    assert_eq!(ended.code, Some(0), "{}", ended.complaints);
    ended.printed
}

pub(super) async fn import(store: &str, export: &Path) -> Ended {
    let mut command = command(&["import"]);
    command.env("STORE", store).stdin(Stdio::from(File::open(export).unwrap()));
    run(&mut command).await
}

/// A file with these lines.
fn file(world: &World, name: &str, text: &str) -> PathBuf {
    let path = world.directory.path().join(name);
    fs::write(&path, text).unwrap();
    path
}

pub(super) fn store_of(world: &World, name: &str) -> String {
    format!("file:{}", world.directory.path().join(name).display())
}

/// A world whose bot did a task and has stopped; and the export of its store.
async fn worked() -> (World, String) {
    let world = World::new().await;
    let mut served = world.serve().await;
    world.types("ann", "dev", MAIN_JOB).await;
    world.link().await;
    served.terminate();
    assert_eq!(served.exit_code().await, Some(0));
    let exported = export(&store_of(&world, "jules.redb")).await;
    (world, exported)
}

#[tokio::test]
async fn everything_moves_to_redis_and_back_and_secrets_stay_sealed() {
    let (world, exported) = worked().await;
    assert!(exported.contains("\"task/") && exported.contains("$sealed"), "{exported}");
    assert!(!exported.contains("/commands/"), "a response URL is in the open:\n{exported}");
    let export_file = file(&world, "all.jsonl", &exported);
    let server = Server::shared();
    let redis = server.url(&namespace());
    let there = import(&redis, &export_file).await;
    assert_eq!(there.code, Some(0), "{}", there.complaints);
    assert_eq!(export(&redis).await, exported);
    let back = store_of(&world, "back.redb");
    assert_eq!(import(&back, &export_file).await.code, Some(0));
    assert_eq!(export(&back).await, exported);
}

#[tokio::test]
async fn an_import_that_stopped_half_way_is_run_again() {
    let (world, exported) = worked().await;
    let lines: Vec<&str> = exported.lines().collect();
    let half = file(&world, "half.jsonl", &(lines[..lines.len() - 2].join("\n") + "\n"));
    let whole = file(&world, "whole.jsonl", &exported);
    let store = store_of(&world, "new.redb");
    let cut = import(&store, &half).await;
    assert_eq!(cut.code, Some(1));
    let after = format!("after line {}", lines.len() - 2);
    assert!(cut.complaints.contains(&after), "{}", cut.complaints);
    let again = import(&store, &whole).await;
    assert_eq!(again.code, Some(0), "{}", again.complaints);
    assert!(again.complaints.contains("imported 1 document;"), "{}", again.complaints);
    assert_eq!(export(&store).await, exported);
    let nothing_new = import(&store, &whole).await;
    assert_eq!(nothing_new.code, Some(0));
    assert!(nothing_new.complaints.contains("imported 0"), "{}", nothing_new.complaints);
}

const HEAD: &str = r#"{"export":"jules-slack","format":1}"#;

#[tokio::test]
async fn an_import_overwrites_nothing() {
    let world = World::new().await;
    let store = store_of(&world, "new.redb");
    let of = |value: u32| {
        let line = format!(r#"{{"key":"binding/T1/C1","json":{{"v":1,"is":{value}}}}}"#);
        file(&world, "one.jsonl", &format!("{HEAD}\n{line}\n{{\"end\":true}}\n"))
    };
    assert_eq!(import(&store, &of(1)).await.code, Some(0));
    let first = export(&store).await;
    let refused = import(&store, &of(2)).await;
    assert_eq!(refused.code, Some(1));
    assert!(refused.complaints.contains("1 document is already"), "{}", refused.complaints);
    assert!(refused.complaints.contains("binding/T1/C1"), "{}", refused.complaints);
    assert_eq!(export(&store).await, first);
}

#[tokio::test]
async fn what_is_no_whole_export_is_refused_with_the_line() {
    let world = World::new().await;
    let document = r#"{"key":"a/1","json":{"v":1}}"#;
    for (text, told) in [
        ("Dear diary\n".to_owned(), "isn't an export of jules-slack"),
        (String::new(), "isn't an export of jules-slack"),
        (r#"{"export":"jules-slack","format":2}"#.to_owned() + "\n", "newer version"),
        (format!("{HEAD}\nDear diary\n"), "line 2 isn't a document"),
        (format!("{HEAD}\n{document}\n{{\"key\":\"a/2\"}}\n"), "line 3 is a document without"),
        (format!("{HEAD}\n{document}\n{{\"key\":\"a/2\",\"js"), "line 3 is cut off"),
        (format!("{HEAD}\n{document}\n"), "after line 2"),
        (format!("{HEAD}\n{{\"end\":true}}\n{document}\n"), "line 3 comes after the end"),
    ] {
        let refused = import(&store_of(&world, "new.redb"), &file(&world, "bad", &text)).await;
        assert_eq!(refused.code, Some(1), "{text}");
        assert!(refused.complaints.contains(told), "{text}: {}", refused.complaints);
    }
}

#[tokio::test]
async fn what_is_no_export_makes_no_store() {
    let world = World::new().await;
    let newer = r#"{"export":"jules-slack","format":2}"#.to_owned() + "\n";
    for text in ["", "Dear diary\n", newer.as_str()] {
        let refused = import(&store_of(&world, "new.redb"), &file(&world, "bad", text)).await;
        assert_eq!(refused.code, Some(1), "{text}");
        assert!(!world.directory.path().join("new.redb").exists(), "{text}");
    }
}

/// What `serve` says of this store; it never listens.
async fn refusal(command: &mut Command) -> String {
    let ended = run(command).await;
    assert_eq!(ended.code, Some(1), "{}", ended.complaints);
    assert!(!ended.complaints.contains("\"listening\""), "{}", ended.complaints);
    assert!(ended.complaints.contains("STORE"), "{}", ended.complaints);
    ended.complaints
}

#[tokio::test]
async fn a_file_of_another_program_or_of_a_newer_version_is_refused_and_untouched() {
    let world = World::new().await;
    let diary = file(&world, "jules.redb", "Dear diary");
    assert!(refusal(&mut world.command()).await.contains("is not a store of this program"));
    assert_eq!(fs::read(&diary).unwrap(), b"Dear diary");
    fs::remove_file(&diary).unwrap();
    let newer = r#"{"key":"binding/T1/C1","json":{"v":99}}"#;
    let newer = file(&world, "newer.jsonl", &format!("{HEAD}\n{newer}\n{{\"end\":true}}\n"));
    assert_eq!(import(&store_of(&world, "jules.redb"), &newer).await.code, Some(0));
    let before = export(&store_of(&world, "jules.redb")).await;
    assert!(refusal(&mut world.command()).await.contains("newer version"));
    assert_eq!(export(&store_of(&world, "jules.redb")).await, before);
}

#[tokio::test]
async fn a_full_disk_and_a_place_that_may_not_be_written_are_refused() {
    let world = World::new().await;
    // A file may not grow beyond 4 KiB, and a process that tries is told so and not killed.
    let mut full = world.in_shell("trap '' XFSZ; ulimit -f 8; exec \"$0\" serve");
    assert!(refusal(&mut full).await.contains("disk is full"));
    assert!(!world.directory.path().join("jules.redb").exists(), "half a store is left");
    refusal(world.command().env("STORE", "file:/sys/jules.redb")).await;
}

const KEY: &str = "AQIDBAUGBwgJCgsMDQ4PEBESExQVFhcYGRobHB0eHyA=";

#[tokio::test]
async fn a_wrong_password_of_redis_is_refused() {
    let server = Server::start(&["--requirepass", "right"]);
    let world = World::new().await;
    let url = format!("redis://:wrong-one@{}", server.address());
    let said = refusal(world.command().env("STORE", url).env("ENCRYPTION_KEY", KEY)).await;
    assert!(said.contains("password") && !said.contains("wrong-one"), "{said}");
}

/// The address of this server for a user who may do everything, and not this or with a `+` this too.
fn bot(server: &Server, right: &str) -> String {
    let mut user = redis::cmd("ACL");
    user.arg(&["SETUSER", "bot", "on", ">right-one", "~*", "+@all", right]);
    user.exec(&mut server.connection()).expect("such a right");
    format!("redis://bot:right-one@{}?namespace=a", server.address())
}

#[tokio::test]
async fn a_user_in_redis_with_a_right_too_few_is_refused_at_the_start() {
    let server = Server::start(&["--appendonly", "no"]);
    let world = World::new().await;
    for right in needed_rights() {
        let url = bot(&server, &right.replace('+', "-"));
        redis::cmd("SCRIPT").arg("FLUSH").exec(&mut server.connection()).expect("forgets them");
        let said = refusal(world.command().env("STORE", url).env("ENCRYPTION_KEY", KEY)).await;
        let is_whole = said.contains(&right) && said.contains("docs/OPERATIONS.md");
        assert!(is_whole && !said.contains("right-one"), "{said}");
    }
}

#[tokio::test]
async fn a_redis_that_comes_up_with_a_right_too_few_gets_nothing_until_it_is_granted() {
    let mut server = Server::start(&["--user", "bot", "on", ">right-one", "~*", "+@all", "-hdel"]);
    let url = format!("redis://bot:right-one@{}?namespace=a", server.address());
    server.kill();
    let world = World::new().await;
    let mut command = world.command();
    command.env("STORE", url).env("ENCRYPTION_KEY", KEY);
    let mut served = Process::start(&mut command);
    let said = served.complained_until("\"listening\"").await;
    let listening: serde_json::Value = serde_json::from_str(said.lines().last().unwrap()).unwrap();
    let address = listening["fields"]["address"].as_str().unwrap();
    world.slack.deliver_to(&format!("http://{address}/slack/events"));
    server.start_again();
    served.complained_until("it lacks +hdel").await;
    let http = reqwest::Client::builder().no_proxy().build().unwrap();
    let answer = http.get(format!("http://{address}/readyz")).send().await.unwrap();
    assert_eq!(answer.text().await.unwrap(), "the store can't be used; the log says why\n");
    let _refused = world.slack.user("ann").types("dev", MAIN_JOB).await.unwrap();
    let keys: Vec<String> =
        redis::cmd("KEYS").arg("*").query(&mut server.connection()).expect("answers");
    assert!(keys.is_empty(), "{keys:?}");
    bot(&server, "+hdel");
    ready(address).await;
    world.types("ann", "dev", MAIN_JOB).await;
    world.link().await;
    world.is_done_once();
}

#[tokio::test]
async fn with_its_store_down_it_starts_says_so_and_becomes_ready() {
    let mut server = Server::start(&[]);
    server.kill();
    let world = World::new().await;
    let mut command = world.command();
    command.env("STORE", server.url("a")).env("ENCRYPTION_KEY", KEY);
    let mut served = Process::start(&mut command);
    let said = served.complained_until("\"listening\"").await;
    assert!(said.contains("the store isn't responding yet"), "{said}");
    let listening: serde_json::Value = serde_json::from_str(said.lines().last().unwrap()).unwrap();
    let address = listening["fields"]["address"].as_str().unwrap();
    server.start_again();
    ready(address).await;
}
