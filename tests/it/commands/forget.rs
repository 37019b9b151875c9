//! `forget`: on a file that a process has open, on one that nobody has, and what it asks before.

use super::process::{Process, command, until};
use super::serve::{MAIN_JOB, World};

/// How a command ended, and what it said on standard output and on standard error.
async fn run(world: &World, arguments: &[&str]) -> (Option<i32>, String, String) {
    let store = format!("file:{}", world.directory.path().join("jules.redb").display());
    let mut asked = command(&arguments[..1]);
    let mut asked = Process::start(asked.args(&arguments[1..]).env("STORE", store));
    let printed = asked.all_printed().await;
    let complaints = asked.all_complaints().await;
    (asked.exit_code().await, printed, complaints)
}

#[tokio::test]
async fn a_person_is_forgotten_next_to_a_running_process_and_on_a_stopped_ones_file() {
    let world = World::new().await;
    let mut served = world.serve().await;
    world.types("ann", "dev", MAIN_JOB).await;
    world.link().await;
    let ann = world.slack.user("ann").id().to_owned();
    until("the start is on record", async || {
        let (_, printed, _) = run(&world, &["audit", "--user", &ann]).await;
        (!printed.is_empty()).then_some(printed)
    })
    .await;
    let (code, _, complaints) = run(&world, &["forget", "--user", &ann]).await;
    assert_eq!(code, Some(1));
    assert!(complaints.contains("add --yes"), "{complaints}");
    let (code, printed, complaints) = run(&world, &["forget", "--user", &ann, "--yes"]).await;
    assert_eq!(code, Some(0), "{complaints}");
    assert!(printed.contains(&format!("documents of {ann} in every workspace")), "{printed}");
    assert!(!printed.contains("removed 0 "), "{printed}");
    // What they did stays on record.
    let (_, printed, _) = run(&world, &["audit", "--user", &ann]).await;
    assert!(printed.contains("task.start"), "{printed}");
    served.terminate();
    assert_eq!(served.exit_code().await, Some(0));
    let team = world.slack.team_id();
    let (code, printed, complaints) = run(&world, &["forget", "--workspace", team, "--yes"]).await;
    assert_eq!(code, Some(0), "{complaints}");
    assert!(printed.contains(&format!("documents of the workspace {team}")), "{printed}");
    let (_, printed, _) = run(&world, &["audit"]).await;
    assert_eq!(printed, "");
}

#[tokio::test]
async fn where_there_is_no_store_nothing_is_forgotten_and_none_is_created() {
    let world = World::new().await;
    let (code, _, complaints) = run(&world, &["forget", "--user", "U0ANN", "--yes"]).await;
    assert_eq!(code, Some(1));
    assert!(complaints.contains("does not exist"), "{complaints}");
    assert!(!world.directory.path().join("jules.redb").exists());
}

#[tokio::test]
async fn whom_to_forget_has_to_be_said() {
    let world = World::new().await;
    for (arguments, says) in [
        (&["forget", "--yes"][..], "--user"),
        (&["forget", "--user", "ann"], "not the id of a person"),
        (&["forget", "--workspace", "U0ANN"], "not the id of a workspace"),
    ] {
        let (code, _, complaints) = run(&world, arguments).await;
        assert_eq!(code, Some(2), "{arguments:?}");
        assert!(complaints.contains(says), "{complaints}");
    }
}
