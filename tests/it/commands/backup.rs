//! `backup`: next to a running bot, of a store that nobody has open, and onto a disk that is full.

use super::data::{Ended, import, run, store_of};
use super::process::command;
use super::serve::{MAIN_JOB, World};
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::Command;

async fn backup(world: &World, file: &Path) -> Ended {
    let mut command = command(&["backup"]);
    run(command.arg(file).env("STORE", store_of(world, "jules.redb"))).await
}

fn place(world: &World) -> PathBuf {
    world.directory.path().join("backup.jsonl")
}

#[tokio::test]
async fn a_backup_of_a_running_bot_is_what_it_was_at_that_moment() {
    let world = World::new().await;
    let mut served = world.serve().await;
    world.types("ann", "dev", MAIN_JOB).await;
    world.link().await;
    let file = place(&world);
    let done = backup(&world, &file).await;
    assert_eq!(done.code, Some(0), "{}", done.complaints);
    let mode = fs::metadata(&file).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o600, "people's prompts are in it");
    assert!(!file.with_file_name("backup.jsonl.new").exists());
    // The bot is gone for good, and its backup continues the task in a new place.
    served.kill();
    fs::remove_file(world.directory.path().join("jules.redb")).unwrap();
    let back = import(&store_of(&world, "jules.redb"), &file).await;
    assert_eq!(back.code, Some(0), "{}", back.complaints);
    let _again = world.serve().await;
    world.is_done_once();
}

#[tokio::test]
async fn an_export_of_a_running_bot_is_whole() {
    let world = World::new().await;
    let _served = world.serve().await;
    let mut command = command(&["export"]);
    let exported = run(command.env("STORE", store_of(&world, "jules.redb"))).await;
    assert_eq!(exported.code, Some(0), "{}", exported.complaints);
    assert!(exported.printed.ends_with("{\"end\":true}\n"), "{}", exported.printed);
}

#[tokio::test]
async fn on_a_full_disk_the_earlier_backup_stays() {
    let world = World::new().await;
    let mut served = world.serve().await;
    world.types("ann", "dev", MAIN_JOB).await;
    world.link().await;
    let file = place(&world);
    assert_eq!(backup(&world, &file).await.code, Some(0));
    let earlier = fs::read(&file).unwrap();
    for running in [true, false] {
        if !running {
            served.terminate();
            assert_eq!(served.exit_code().await, Some(0));
        }
        // A file that may not grow ends a write as a full disk does.
        let mut small = Command::new("sh");
        let script = "trap '' XFSZ; ulimit -f 1; exec \"$@\"";
        small.args(["-c", script, "sh", env!("CARGO_BIN_EXE_jules-slack"), "backup"]).arg(&file);
        small.env_clear().current_dir(world.directory.path());
        let full = run(small.env("STORE", store_of(&world, "jules.redb"))).await;
        assert_eq!(full.code, Some(1), "{}", full.complaints);
        assert!(full.complaints.contains("no backup was written"), "{}", full.complaints);
        assert!(full.complaints.contains("the earlier backup there is as it was"));
        assert_eq!(fs::read(&file).unwrap(), earlier);
        assert!(!file.with_file_name("backup.jsonl.new").exists());
    }
}
