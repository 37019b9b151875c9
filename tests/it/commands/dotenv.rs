//! The file `.env`: which one is read, who may write it, and what is said about it. No value of it is
//! ever printed.

use super::process::{Process, command};
use super::serve::{MAIN_JOB, World, ready};
use serde_json::Value;
use std::fs::{self, Permissions};
use std::os::unix::fs::{PermissionsExt, chown, symlink};
use std::path::{Path, PathBuf};
use std::process::Command;

/// A user who is neither root nor us; nothing has to be known under this number.
pub(super) const STRANGER: u32 = 54_321;

/// A command in that directory that has no settings in its environment.
fn bare(arguments: &[&str], directory: &Path) -> Command {
    let mut command = command(arguments);
    command.current_dir(directory);
    command
}

/// What `serve` needs, as lines of a `.env` file.
fn lines(world: &World) -> String {
    let served = world.command();
    let pairs = served.get_envs().filter_map(|(name, value)| Some((name.to_str()?, value?)));
    pairs.map(|(name, value)| format!("{name}={}\n", value.display())).collect()
}

/// A `.env` that only its owner may read and write.
fn put(directory: &Path, text: impl AsRef<[u8]>) -> PathBuf {
    let path = directory.join(".env");
    fs::write(&path, text).unwrap();
    chmod(&path, 0o600);
    path
}

fn chmod(path: &Path, mode: u32) {
    fs::set_permissions(path, Permissions::from_mode(mode)).unwrap();
}

/// What the command says when it ends because of its settings.
async fn refusal(command: &mut Command) -> String {
    let mut refused = Process::start(command);
    let printed = refused.all_printed().await;
    let complaint = refused.all_complaints().await;
    assert_eq!(refused.exit_code().await, Some(2), "{printed}{complaint}");
    assert_eq!(printed, "");
    complaint
}

/// Each of the world's secrets; no output may hold one.
fn hides_secrets(world: &World, said: &str, key: &str) {
    for secret in [world.slack.bot_token(), world.slack.signing_secret(), key] {
        assert!(!said.contains(secret), "{secret} is in:\n{said}");
    }
}

#[tokio::test]
async fn serve_reads_the_file_as_it_is_written_and_logs_which_settings_came_from_it() {
    let world = World::new().await;
    // A start that substitutes variables would send `AQ.-key`, and Jules would know nobody.
    let key = "AQ.$HOME-key";
    world.jules.default_sources(key);
    // As Notepad saves it: a byte order mark, and two characters at the end of a line.
    let text = format!(
        "\u{feff}export SLACK_BOT_TOKEN=\"{}\" # quoted\n# a comment\n\nJULES_API_KEY={key}\n\
         SLACK_SIGNING_SECRET = '{}'\nSLACK_API_URL={}\nJULES_API_URL={}\nLISTEN=nowhere\n\
         LOG_FORMAT=json\nOTHER=1\n",
        world.slack.bot_token(),
        world.slack.signing_secret(),
        world.slack.url(),
        world.jules.url(),
    );
    let file = put(world.directory.path(), text.replace('\n', "\r\n"));
    let mut command = bare(&["serve"], world.directory.path());
    let mut served = Process::start(command.env("LISTEN", "127.0.0.1:0"));
    let log = served.complained_until("\"listening\"").await;
    hides_secrets(&world, &log, key);
    let lines: Vec<Value> = log.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let told = lines.iter().find(|line| line["fields"]["file"].is_string());
    let told = told.unwrap_or_else(|| panic!("no file in:\n{log}"));
    assert_eq!(told["level"], "INFO");
    assert_eq!(told["fields"]["file"], file.canonicalize().unwrap().to_str().unwrap());
    // In the order of the README; without LISTEN, which the environment has, and without OTHER.
    assert_eq!(
        told["fields"]["settings"],
        "SLACK_BOT_TOKEN, SLACK_SIGNING_SECRET, JULES_API_KEY, SLACK_API_URL, JULES_API_URL, \
         LOG_FORMAT"
    );
    let listening = lines.last().unwrap()["fields"]["address"].as_str().unwrap();
    ready(listening).await;
    world.slack.deliver_to(&format!("http://{listening}/slack/events"));
    world.types("ann", "dev", MAIN_JOB).await;
    world.link().await;
}

#[tokio::test]
async fn the_file_of_a_parent_folder_is_not_read() {
    let world = World::new().await;
    put(world.directory.path(), lines(&world));
    let inside = world.directory.path().join("a/b");
    fs::create_dir_all(&inside).unwrap();
    let complaint = refusal(&mut bare(&["serve"], &inside)).await;
    for name in ["SLACK_BOT_TOKEN", "JULES_API_KEY"] {
        assert!(complaint.contains(&format!("{name} is not set")), "{complaint}");
    }
    assert!(world.slack.calls().is_empty() && world.jules.calls().is_empty());
}

#[tokio::test]
#[expect(clippy::print_stderr, reason = "a test that is skipped says so")]
async fn a_file_of_another_user_is_refused_wherever_a_link_to_it_is() {
    let world = World::new().await;
    let file = put(world.directory.path(), lines(&world));
    if let Err(error) = chown(&file, Some(STRANGER), None) {
        eprintln!("skipped: only root can give a file to another user ({error})");
        return;
    }
    let linked = tempfile::tempdir().unwrap();
    symlink(&file, linked.path().join(".env")).unwrap();
    for directory in [world.directory.path(), linked.path()] {
        let complaint = refusal(&mut bare(&["serve"], directory)).await;
        for words in ["/.env belongs to another user (uid 54321)", "chown"] {
            assert!(complaint.contains(words), "no {words:?} in {complaint}");
        }
        assert!(!complaint.contains("is not set"), "it's in the file: {complaint}");
    }
    assert!(world.slack.calls().is_empty() && world.jules.calls().is_empty());
}

#[tokio::test]
async fn a_file_that_others_may_write_is_refused_with_the_command_that_helps() {
    let world = World::new().await;
    let file = put(world.directory.path(), lines(&world));
    for mode in [0o660, 0o602, 0o666] {
        chmod(&file, mode);
        let complaint = refusal(&mut bare(&["serve"], world.directory.path())).await;
        assert!(complaint.contains(&format!("(mode {mode:o})")), "{complaint}");
        assert!(complaint.contains("chmod go-w") && complaint.contains("/.env"), "{complaint}");
        assert!(!complaint.contains("is not set"), "it's in the file: {complaint}");
        hides_secrets(&world, &complaint, "AQ.");
    }
    // Others may read it: not wise, and nobody can slip in a setting that way.
    chmod(&file, 0o644);
    let mut served = Process::start(&mut bare(&["serve"], world.directory.path()));
    served.complained_until("\"listening\"").await;
}

#[tokio::test]
async fn mistakes_in_the_file_are_told_with_their_line_and_with_all_others() {
    let place = tempfile::tempdir().unwrap();
    put(
        place.path(),
        "SLACK_BOT_TOKEN=\"xoxb-hush\n\nhush hush\nLISTEN=here\nJULES_API_KEY='hush'\n",
    );
    let complaint = refusal(&mut bare(&["serve"], place.path())).await;
    for words in [
        "/.env has a quote that isn't closed on line 1.",
        "/.env has something other than NAME=value on line 3.",
        "LISTEN is not an address",
    ] {
        assert!(complaint.contains(words), "no {words:?} in {complaint}");
    }
    assert!(!complaint.contains("is not set"), "it may be on a line that can't be read");
    assert!(!complaint.contains("hush") && !complaint.contains("JULES_API_KEY"), "{complaint}");
}

#[tokio::test]
async fn what_cannot_be_read_is_told_and_not_passed_over() {
    let place = tempfile::tempdir().unwrap();
    let path = place.path().join(".env");
    fs::create_dir(&path).unwrap();
    let complaint = refusal(&mut bare(&["serve"], place.path())).await;
    assert!(complaint.contains("/.env is a directory."), "{complaint}");
    fs::remove_dir(&path).unwrap();
    symlink("nothing", &path).unwrap();
    let complaint = refusal(&mut bare(&["serve"], place.path())).await;
    assert!(complaint.contains("/.env can't be read: "), "{complaint}");
}

#[tokio::test]
async fn the_doctor_names_the_file_and_what_came_from_it() {
    let world = World::new().await;
    let file = put(world.directory.path(), lines(&world));
    let examine = || {
        let mut command = bare(&["doctor"], world.directory.path());
        Process::start(command.env("SLACK_APP_TOKEN", world.slack.app_token()))
    };
    let mut examined = examine();
    let said = examined.all_printed().await;
    assert_eq!(examined.exit_code().await, Some(0), "{said}");
    hides_secrets(&world, &said, "AQ.");
    let line = said.lines().find(|line| line.starts_with("ok       settings file"));
    let line = line.unwrap_or_else(|| panic!("no line about the file:\n{said}"));
    for words in [
        file.canonicalize().unwrap().to_str().unwrap(),
        "SLACK_BOT_TOKEN, SLACK_SIGNING_SECRET, JULES_API_KEY",
    ] {
        assert!(line.contains(words), "no {words:?} in {line}");
    }
    assert!(!line.contains("SLACK_APP_TOKEN"), "{line}");
    chmod(&file, 0o622);
    let mut examined = examine();
    let said = examined.all_printed().await;
    assert_eq!(examined.exit_code().await, Some(2), "{said}");
    assert!(said.contains("failure  settings") && said.contains("→ Run: chmod go-w"), "{said}");
    assert!(!said.contains("settings file"), "{said}");
}

#[tokio::test]
async fn no_command_takes_a_default_in_place_of_a_file_that_is_refused() {
    let place = tempfile::tempdir().unwrap();
    chmod(&put(place.path(), "STORE=file:elsewhere.redb\nSLACK_APP_TOKEN=xapp-1-a\n"), 0o666);
    for arguments in [&["export"], &["import"], &["manifest"]] {
        let complaint = refusal(&mut bare(arguments, place.path())).await;
        assert!(complaint.contains("chmod go-w"), "{arguments:?}: {complaint}");
    }
    assert_eq!(fs::read_dir(place.path()).unwrap().count(), 1, "nothing was made");
    // What is said in arguments needs no file.
    let mut told = Process::start(&mut bare(&["manifest", "--socket"], place.path()));
    assert_eq!(told.exit_code().await, Some(0));
    // Docker knows 0 and 1 for a health check.
    let mut asked = Process::start(&mut bare(&["healthcheck"], place.path()));
    assert_eq!(asked.exit_code().await, Some(1));
    assert!(asked.all_complaints().await.contains("chmod go-w"));
}
