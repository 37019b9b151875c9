//! `audit`: on a file that a process has open, on one that nobody has, and for arguments that are wrong.

use super::data::{run, store_of};
use super::dotenv::STRANGER;
use super::process::{Process, command, until};
use super::serve::{MAIN_JOB, World};
use jiff::Timestamp;
use serde_json::Value;
use std::process::Command;
use store::{Doc, Expect, Key};

/// How `audit` ended, and what it said on standard output and on standard error.
async fn audit(world: &World, arguments: &[&str]) -> (Option<i32>, String, String) {
    let store = format!("file:{}", world.directory.path().join("jules.redb").display());
    let mut asked = command(&["audit"]);
    let mut asked = Process::start(asked.args(arguments).env("STORE", store));
    let printed = asked.all_printed().await;
    let complaints = asked.all_complaints().await;
    (asked.exit_code().await, printed, complaints)
}

#[tokio::test]
async fn a_running_process_is_asked_and_a_stopped_ones_file_is_read() {
    let world = World::new().await;
    let mut served = world.serve().await;
    world.types("ann", "dev", MAIN_JOB).await;
    world.link().await;
    let running = until("the start is on record", async || {
        let (code, printed, complaints) = audit(&world, &["--json"]).await;
        assert_eq!(code, Some(0), "{complaints}");
        (!printed.is_empty()).then_some(printed)
    })
    .await;
    let record: Value = serde_json::from_str(running.trim()).unwrap();
    assert_eq!(record["action"], "task.start");
    assert_eq!(record["user"], world.slack.user("ann").id());
    served.terminate();
    assert_eq!(served.exit_code().await, Some(0));
    assert!(!world.directory.path().join("jules.sock").exists());
    let (code, printed, complaints) = audit(&world, &["--json"]).await;
    assert_eq!((code, printed), (Some(0), running), "{complaints}");
}

#[tokio::test]
async fn the_file_of_a_process_that_was_killed_is_read() {
    let world = World::new().await;
    let mut served = world.serve().await;
    served.kill();
    assert!(world.directory.path().join("jules.sock").exists(), "nobody removed it");
    let (code, printed, complaints) = audit(&world, &[]).await;
    assert_eq!((code, printed.as_str()), (Some(0), ""), "{complaints}");
    let _again = world.serve().await;
}

#[tokio::test]
async fn only_the_user_of_the_store_can_open_its_socket() {
    use std::os::unix::fs::PermissionsExt;
    let world = World::new().await;
    let _served = world.serve().await;
    let socket = world.directory.path().join("jules.sock");
    let mode = std::fs::metadata(socket).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
}

/// A command of another user on the world's store.
fn of_a_stranger(world: &World, arguments: &[&str]) -> Command {
    use std::os::unix::process::CommandExt;
    let (mut command, served) = (command(arguments), world.command());
    command.envs(served.get_envs().filter_map(|(name, value)| Some((name, value?))));
    command.env("STORE", format!("file:{}", world.directory.path().join("jules.redb").display()));
    command.current_dir("/").uid(STRANGER);
    command
}

#[tokio::test]
#[expect(clippy::print_stderr, reason = "a test that is skipped says so")]
async fn another_user_is_told_whose_the_files_are_and_to_change_nothing() {
    use std::os::unix::fs::PermissionsExt;
    let world = World::new().await;
    if !of_a_stranger(&world, &["--version"]).output().is_ok_and(|run| run.status.success()) {
        eprintln!("skipped: only root can run the program as another user");
        return;
    }
    let open = std::fs::Permissions::from_mode(0o755);
    std::fs::set_permissions(world.directory.path(), open).unwrap();
    let mut served = world.serve().await;
    let advice = "Run this as the user that the bot runs as, or as root";
    let says = async |arguments: &[&str], words: &str| {
        let ended = run(&mut of_a_stranger(&world, arguments)).await;
        let said = format!("{}{}", ended.printed, ended.complaints);
        assert!(said.contains(words) && said.contains(advice), "{said}");
        for damage in ["the owner", "Restore it", "Move the file"] {
            assert!(!said.contains(damage), "{said}");
        }
        assert_ne!(ended.code, Some(0));
    };
    says(&["tasks"], "jules.sock` belongs to another user").await;
    says(&["doctor"], "jules.redb` can't be read by this user").await;
    says(&["doctor"], "jules.key` can't be read by this user").await;
    served.terminate();
    assert_eq!(served.exit_code().await, Some(0));
    for arguments in [&["tasks"][..], &["forget", "--user", "U0ANN", "--yes"]] {
        says(arguments, "jules.redb` can't be read by this user").await;
    }
}

#[tokio::test]
async fn only_what_is_wanted_is_printed() {
    let world = World::new().await;
    let _served = world.serve().await;
    world.types("ann", "dev", MAIN_JOB).await;
    world.link().await;
    let ann = world.slack.user("ann").id().to_owned();
    let of_ann = until("the start is on record", async || {
        let (_, printed, _) = audit(&world, &["--user", &ann]).await;
        (!printed.is_empty()).then_some(printed)
    })
    .await;
    assert!(
        of_ann.contains("task.start") && of_ann.contains("repo=AshikNesin/404less"),
        "{of_ann}"
    );
    for others in [["--user", "U0NOBODY"], ["--channel", "C0OTHER"], ["--task", "0123456789ab"]] {
        let (code, printed, complaints) = audit(&world, &others).await;
        assert_eq!((code, printed.as_str()), (Some(0), ""), "{others:?}");
        assert!(complaints.contains("no records match"), "{complaints}");
    }
    assert_eq!(audit(&world, &["--since", "2020-01-01"]).await.1, of_ann);
    for (wrong, words) in [
        (["--since", "yesterday"], "an age like 7d"),
        (["--user", "ann"], "`ann` is not the id of a person"),
        (["--channel", "dev"], "`dev` is not the id of a channel"),
        (["--task", "the last one"], "`the last one` is not the id of a task"),
    ] {
        let (code, _, complaints) = audit(&world, &wrong).await;
        assert_eq!(code, Some(2), "{complaints}");
        assert!(complaints.contains(words), "{complaints}");
    }
}

#[tokio::test]
async fn other_access_rules_are_on_record_when_they_begin_to_hold() {
    let world = World::new().await;
    let rules = world.directory.path().join("access.toml");
    std::fs::write(&rules, "").unwrap();
    let mut serve = world.command();
    let (served, _) = world.serve_as(serve.env("ACCESS_FILE", &rules)).await;
    assert_eq!(audit(&world, &[]).await.1, "", "the first rules are no change");
    std::fs::write(&rules, "[defaults]\nguests = \"steer\"\n").unwrap();
    served.hang_up();
    until("the change is on record", async || {
        let (_, printed, _) = audit(&world, &[]).await;
        printed.contains("access.change").then_some(())
    })
    .await;
}

/// Stores a record that can't be read.
async fn spoil(world: &World, name: &str, body: &'static str) {
    let open = store::open(&store_of(world, "jules.redb")).unwrap();
    let key = Key::new(format!("audit/T0ACME/{name}"));
    let doc = Doc { body: body.into(), wake_at: None, expires_at: None };
    open.put(&key, &doc, Expect::Absent, Timestamp::UNIX_EPOCH).await.unwrap();
}

#[tokio::test]
async fn records_that_cannot_be_read_are_named_and_the_others_are_shown() {
    let world = World::new().await;
    let mut served = world.serve().await;
    world.types("ann", "dev", MAIN_JOB).await;
    world.link().await;
    let printed = until("the start is on record", async || {
        let (_, printed, _) = audit(&world, &["--json"]).await;
        (!printed.is_empty()).then_some(printed)
    })
    .await;
    let record: Value = serde_json::from_str(printed.trim()).unwrap();
    let task = record["task"].as_str().unwrap();
    served.terminate();
    assert_eq!(served.exit_code().await, Some(0));
    spoil(&world, "damaged", r#"{"v":1,"at":"secret words"}"#).await;
    let mut served = world.serve().await;
    for stopped in [false, true] {
        if stopped {
            served.terminate();
            assert_eq!(served.exit_code().await, Some(0));
        }
        let (code, printed, complaints) = audit(&world, &[]).await;
        assert_eq!(code, Some(1));
        assert!(printed.contains("task.start"), "{printed}");
        assert!(complaints.contains("1 record can't be read"), "{complaints}");
        assert!(complaints.contains("audit/T0ACME/damaged"), "{complaints}");
        assert!(!complaints.contains("secret words"), "{complaints}");
        // It may be one of those that are wanted.
        let (code, _, complaints) = audit(&world, &["--user", "U0NOBODY"]).await;
        assert_eq!(code, Some(1));
        assert!(!complaints.contains("no records match"), "{complaints}");
    }
    spoil(&world, "newer", r#"{"v":99}"#).await;
    let store = store_of(&world, "jules.redb");
    let shown = run(command(&["task", task]).env("STORE", &store)).await;
    assert_eq!(shown.code, Some(1));
    assert!(shown.printed.contains("task.start"), "{}", shown.printed);
    assert!(shown.complaints.contains("2 audit records can't be read"), "{}", shown.complaints);
    assert!(shown.complaints.contains("use the newer program"), "{}", shown.complaints);
}
