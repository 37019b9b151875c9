//! `backup`: next to a running bot, of a store that nobody has open, and onto a disk that is full.

use super::data::{Ended, import, run, store_of};
use super::process::command;
use super::serve::{MAIN_JOB, World};
use std::fs;
use std::os::unix::fs::{MetadataExt, PermissionsExt, symlink};
use std::path::{Path, PathBuf};
use std::process::Command;

async fn backup(world: &World, file: &Path) -> Ended {
    let mut command = command(&["backup"]);
    run(command.arg(file).env("STORE", store_of(world, "jules.redb"))).await
}

fn place(world: &World) -> PathBuf {
    world.directory.path().join("backup.jsonl")
}

/// The backup, and nothing that was to become one.
fn is_alone(file: &Path) {
    let there = fs::read_dir(file.parent().unwrap()).unwrap();
    let names = there.map(|entry| entry.unwrap().file_name().into_string().unwrap());
    let backups: Vec<String> = names.filter(|name| name.starts_with("backup.jsonl")).collect();
    assert_eq!(backups, ["backup.jsonl"]);
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
    is_alone(&file);
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
        assert!(
            full.complaints.contains("Free some space, or name a file on another disk."),
            "{}",
            full.complaints
        );
        assert_eq!(full.complaints.matches("os error").count(), 1, "{}", full.complaints);
        assert_eq!(fs::read(&file).unwrap(), earlier);
        is_alone(&file);
    }
}

#[tokio::test]
async fn two_at_once_are_each_whole() {
    let world = World::new().await;
    let _served = world.serve().await;
    world.types("ann", "dev", MAIN_JOB).await;
    world.link().await;
    let file = place(&world);
    // What a backup that was killed left behind is nobody's.
    fs::write(file.with_file_name("backup.jsonl.new"), "half").unwrap();
    let (one, other) = tokio::join!(backup(&world, &file), backup(&world, &file));
    for done in [one, other] {
        assert_eq!(done.code, Some(0), "{}", done.complaints);
    }
    let whole = fs::read_to_string(&file).unwrap();
    assert!(whole.contains("\"task/") && whole.ends_with("{\"end\":true}\n"), "{whole}");
    fs::remove_file(file.with_file_name("backup.jsonl.new")).unwrap();
    is_alone(&file);
}

#[tokio::test]
async fn a_directory_is_no_place_for_one() {
    let world = World::new().await;
    let refused = backup(&world, world.directory.path()).await;
    assert_eq!(refused.code, Some(1));
    assert!(refused.complaints.contains("is a directory; name a file"), "{}", refused.complaints);
}

#[tokio::test]
async fn nothing_but_an_earlier_backup_is_replaced() {
    let world = World::new().await;
    let _served = world.serve().await;
    let folder = world.directory.path();
    fs::write(folder.join("notes.txt"), "Dear diary").unwrap();
    symlink("jules.redb", folder.join("latest")).unwrap();
    for name in ["jules.redb", "jules.key", "notes.txt", "latest"] {
        let file = folder.join(name);
        let before = fs::metadata(&file).unwrap().ino();
        let refused = backup(&world, &file).await;
        assert_eq!(refused.code, Some(1), "{name}");
        let said = &refused.complaints;
        assert!(said.contains("isn't a backup, so it stays as it is"), "{name}: {said}");
        assert_eq!(fs::metadata(&file).unwrap().ino(), before, "{name}");
    }
    assert_eq!(fs::read(folder.join("notes.txt")).unwrap(), b"Dear diary");
    let refused = backup(&world, Path::new("-")).await;
    assert_eq!(refused.code, Some(1));
    assert!(refused.complaints.contains("use `jules-slack export`"), "{}", refused.complaints);
    let refused = backup(&world, Path::new("/dev/null")).await;
    assert_eq!(refused.code, Some(1));
    assert!(refused.complaints.contains("isn't a regular file"), "{}", refused.complaints);
}

#[tokio::test]
async fn an_empty_file_is_filled_and_a_link_stays_a_link() {
    let world = World::new().await;
    let _served = world.serve().await;
    let file = place(&world);
    fs::write(&file, "").unwrap();
    let link = world.directory.path().join("latest");
    symlink("backup.jsonl", &link).unwrap();
    for _ in ["into an empty file", "over an earlier backup"] {
        let done = backup(&world, &link).await;
        assert_eq!(done.code, Some(0), "{}", done.complaints);
    }
    assert!(link.is_symlink());
    assert!(fs::read_to_string(&file).unwrap().ends_with("{\"end\":true}\n"));
    is_alone(&file);
    fs::remove_file(&file).unwrap();
    let refused = backup(&world, &link).await;
    assert_eq!(refused.code, Some(1));
    assert!(refused.complaints.contains("can't find what"), "{}", refused.complaints);
}
