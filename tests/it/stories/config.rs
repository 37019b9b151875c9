//! A start with settings that are missing or wrong: all mistakes at once, each with the fix, before
//! anything listens.

use std::process::{Command, Output, Stdio};

/// Runs the real program with these settings and no others.
fn serve(settings: &[(&str, &str)]) -> (Option<i32>, String) {
    let directory = tempfile::tempdir().expect("a directory without a file .env");
    let program = env!("CARGO_BIN_EXE_jules-slack");
    let Output { status, stdout, stderr } = Command::new(program)
        .arg("serve")
        .current_dir(directory.path())
        .env_clear()
        .envs(settings.iter().copied())
        .stdin(Stdio::null())
        .output()
        .expect("the program runs");
    let left: Vec<_> = std::fs::read_dir(directory.path()).expect("is there").collect();
    assert!(left.is_empty(), "it made {left:?}");
    let said = String::from_utf8_lossy(&stdout) + String::from_utf8_lossy(&stderr);
    (status.code(), said.into_owned())
}

#[test]
fn without_settings_everything_that_is_required_is_named_with_where_to_get_it() {
    let (code, said) = serve(&[]);
    assert_eq!(code, Some(2), "{said}");
    for words in [
        "SLACK_APP_TOKEN is not set",
        "SLACK_BOT_TOKEN is not set",
        "JULES_API_KEY is not set",
        "https://api.slack.com/apps",
        "https://jules.google.com/settings#api",
    ] {
        assert!(said.contains(words), "{words} is not in {said}");
    }
}

#[test]
fn all_wrong_settings_are_told_at_once_and_no_secret_is_repeated() {
    let (code, said) = serve(&[
        ("SLACK_SIGNING_SECRET", "xoxb-hush-hush"),
        ("SLACK_BOT_TOKEN", "xapp-hush-hush"),
        ("STORE", "mysql://user:hush-hush@host"),
        ("ENCRYPTION_KEY", "hush-hush"),
        ("LISTEN", "here"),
        ("PUBLIC_URL", "http://plain.example"),
        ("SLACK_API_URL", "nowhere"),
        ("JULES_API_URL", "ftp://nowhere"),
        ("LOG_FORMAT", "xml"),
    ]);
    assert_eq!(code, Some(2), "{said}");
    for name in [
        "SLACK_SIGNING_SECRET",
        "SLACK_BOT_TOKEN",
        "JULES_API_KEY",
        "STORE",
        "ENCRYPTION_KEY",
        "LISTEN",
        "PUBLIC_URL",
        "SLACK_API_URL",
        "JULES_API_URL",
        "LOG_FORMAT",
    ] {
        assert!(said.contains(&format!("- {name} ")), "{name} is not in {said}");
    }
    assert!(!said.contains("hush-hush"), "{said}");
}

#[test]
fn a_shared_store_needs_a_key_of_its_own() {
    let (code, said) = serve(&[
        ("SLACK_SIGNING_SECRET", "8f742231b10e8888abcd99yyyzzz85a5"),
        ("SLACK_BOT_TOKEN", "xoxb-1"),
        ("JULES_API_KEY", "key"),
        ("STORE", "redis://127.0.0.1:1"),
    ]);
    assert_eq!(code, Some(2), "{said}");
    assert!(said.contains("ENCRYPTION_KEY is not set"), "{said}");
    assert!(said.contains("openssl rand -base64 32"), "{said}");
}
