//! The disk under the store is full for a while: nobody is told that something is stored that isn't, and once there is
//! room again the same process continues. And the disk that a command's output goes to.

use super::data::{run, store_of};
use super::process::{Process, command, until};
use super::serve::{MAIN_JOB, World, ready};
use rustix::process::{Pid, Resource, Rlimit, getrlimit, prlimit};
use serde_json::Value;
use std::fs::File;

/// What someone is told whose request was not stored, or not for certain.
const NOTHING_DONE: &str = "I can't save anything right now, so I didn't do anything.";
const UNSURE: &str = "I don't know whether that worked.";

/// Sets how large the program may make a file, and gives what held before.
fn limit_files(served: &Process, limit: Rlimit) -> Rlimit {
    let id = i32::try_from(served.id()).ok().and_then(Pid::from_raw).unwrap();
    prlimit(Some(id), Resource::Fsize, limit).unwrap()
}

/// What Ben is told when he asks for another task.
async fn asks_for_more(world: &World) -> String {
    let ack = world.slack.user("ben").types("ops", "/jules repo=boba-web write tests").await;
    let ack = ack.unwrap();
    assert!(ack.ok(), "{ack:?}");
    ack.shown.unwrap_or_default()
}

#[tokio::test]
async fn once_there_is_room_again_the_same_process_continues() {
    let world = World::new().await;
    // A process that writes too much is told so and not killed.
    let mut begun = world.in_shell("trap '' XFSZ; exec \"$0\" serve");
    let (mut served, address) = world.serve_as(&mut begun).await;
    world.types("ann", "dev", MAIN_JOB).await;
    world.link().await;

    // No byte can be written, as on a full disk.
    let full = Rlimit { current: Some(0), ..getrlimit(Resource::Fsize) };
    let before = limit_files(&served, full);
    let told = asks_for_more(&world).await;
    // The first write that fails may have been done, for all that's known.
    assert!(told.contains(NOTHING_DONE) || told.contains(UNSURE), "{told}");
    let http = reqwest::Client::builder().no_proxy().build().unwrap();
    until("it says that its store can't be used", async || {
        let answer = http.get(format!("http://{address}/readyz")).send().await.ok()?;
        let says = answer.text().await.ok()?;
        says.contains("the store can't be used").then_some(())
    })
    .await;
    let told = asks_for_more(&world).await;
    assert!(told.contains(NOTHING_DONE), "{told}");
    assert_eq!(world.slack.channel_messages("ops").len(), 0, "{}", world.slack.screen("ops"));

    limit_files(&served, before);
    // Nobody asks for anything until then: a load balancer sends nobody here.
    ready(&address).await;
    let told = asks_for_more(&world).await;
    assert!(!told.contains(NOTHING_DONE) && !told.contains(UNSURE), "{told}");
    until("the new task has its link", async || {
        world.slack.screen("ops").contains("/session/").then_some(())
    })
    .await;
    served.terminate();
    assert_eq!(served.exit_code().await, Some(0), "it was one process all the time");
    assert_eq!(world.account.sessions().len(), 2, "what was refused was never begun");
    assert_eq!(world.slack.channel_messages("ops").len(), 1, "{}", world.slack.screen("ops"));
}

#[tokio::test]
async fn output_that_is_cut_off_is_no_success() {
    let world = World::new().await;
    let mut served = world.serve().await;
    world.types("ann", "dev", MAIN_JOB).await;
    world.link().await;
    let store = store_of(&world, "jules.redb");
    let recorded = until("the start is on record", async || {
        let ended = run(command(&["audit", "--json"]).env("STORE", &store)).await;
        (!ended.printed.is_empty()).then_some(ended.printed)
    })
    .await;
    let record: Value = serde_json::from_str(recorded.lines().next().unwrap()).unwrap();
    let id = record["task"].as_str().unwrap();
    served.terminate();
    assert_eq!(served.exit_code().await, Some(0));
    for (arguments, what) in [
        (&["tasks"][..], "output"),
        (&["tasks", "--json"], "output"),
        (&["task", id], "output"),
        (&["task", id, "--json"], "output"),
        (&["audit"], "output"),
        (&["audit", "--json"], "output"),
        (&["manifest", "--socket"], "output"),
        (&["demo", "--once"], "output"),
        (&["export"], "export"),
    ] {
        let full = File::options().write(true).open("/dev/full").unwrap();
        let ended = command(arguments).env("STORE", &store).stdout(full).output().unwrap();
        let said = String::from_utf8(ended.stderr).unwrap();
        assert_eq!(ended.status.code(), Some(1), "{arguments:?}: {said}");
        let incomplete = format!("the {what} is incomplete: No space left on device");
        assert!(said.contains(&incomplete), "{arguments:?}: {said}");
        assert!(said.contains("Free some space") && said.contains("run this again"), "{said}");
    }
}

#[test]
fn output_that_no_one_reads_on_is_no_failure() {
    let (reader, writer) = std::io::pipe().unwrap();
    drop(reader);
    let unread = command(&["manifest", "--socket"]).stdout(writer).output().unwrap();
    assert_eq!(unread.status.code(), Some(0), "{}", String::from_utf8_lossy(&unread.stderr));
}
