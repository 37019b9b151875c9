//! What `doctor` says of every thing that can be wrong, against the simulated Slack and Jules and real
//! stores.

mod address;
mod apis;
mod data;
mod github;
mod stub;

use jules_slack::doctor::{Check, Limits, Verdict, examine, text};
use jules_slack::terminal::Terminal;
use platform::clock::{self, Clock};
use sim::jules::{DEMO_KEY, SimJules};
use sim::slack::SimSlack;
use std::collections::HashMap;
use std::time::Duration;
use tempfile::TempDir;

/// An installation where all is well, until a test spoils something.
pub(crate) struct Installation {
    slack: SimSlack,
    jules: SimJules,
    directory: TempDir,
    vars: HashMap<String, String>,
    clock: Clock,
    limits: Limits,
}

impl Installation {
    pub(crate) async fn new() -> Self {
        let slack = SimSlack::start(clock::system()).await.expect("a port");
        let jules = SimJules::start(clock::system()).await.expect("a port");
        jules.default_sources(DEMO_KEY);
        let directory = tempfile::tempdir().expect("a directory");
        let mut installation = Self {
            vars: HashMap::new(),
            slack,
            jules,
            directory,
            clock: clock::system(),
            limits: Limits::default(),
        };
        let store = format!("file:{}", installation.path("jules.redb").display());
        for (name, value) in [
            ("SLACK_API_URL", installation.slack.url()),
            ("SLACK_BOT_TOKEN", installation.slack.bot_token().to_owned()),
            ("SLACK_SIGNING_SECRET", installation.slack.signing_secret().to_owned()),
            ("JULES_API_URL", installation.jules.url()),
            ("JULES_API_KEY", DEMO_KEY.to_owned()),
            ("STORE", store),
        ] {
            installation.set(name, &value);
        }
        installation
    }

    fn set(&mut self, name: &str, value: &str) {
        self.vars.insert(name.to_owned(), value.to_owned());
    }

    fn path(&self, name: &str) -> std::path::PathBuf {
        self.directory.path().join(name)
    }

    /// What the doctor says; never a secret.
    async fn checks(&self) -> Vec<Check> {
        let checks = examine(self.vars.clone().into(), self.clock.clone(), self.limits).await;
        let said = text(&checks, Terminal::NONE);
        for name in [
            "SLACK_BOT_TOKEN",
            "SLACK_APP_TOKEN",
            "SLACK_SIGNING_SECRET",
            "JULES_API_KEY",
            "GITHUB_TOKEN",
            "GITHUB_WEBHOOK_SECRET",
            "ENCRYPTION_KEY",
        ] {
            let secret = self.vars.get(name).filter(|secret| secret.len() > 8);
            assert!(secret.is_none_or(|secret| !said.contains(secret)), "{name} is told:\n{said}");
        }
        checks
    }

    /// The one check of this name.
    async fn check(&self, name: &str) -> Check {
        only(&self.checks().await, name)
    }
}

fn only(checks: &[Check], name: &str) -> Check {
    let found: Vec<&Check> = checks.iter().filter(|check| check.name == name).collect();
    let [check] = found[..] else { panic!("{name} once in\n{}", text(checks, Terminal::NONE)) };
    check.clone()
}

/// The verdict, and the words that what is said has to have.
#[track_caller]
fn says(check: &Check, verdict: Verdict, words: &[&str]) {
    let said = format!("{} → {}", check.words, check.fix.as_deref().unwrap_or_default());
    assert_eq!(check.verdict, verdict, "{said}");
    assert_eq!(check.fix.is_some(), verdict != Verdict::Ok, "{said}");
    for word in words {
        assert!(said.contains(word), "no {word:?} in: {said}");
    }
}

#[tokio::test]
async fn where_all_is_well_nothing_fails_and_nothing_is_made() {
    let installation = Installation::new().await;
    let checks = installation.checks().await;
    let names: Vec<&str> = checks.iter().map(|check| check.name).collect();
    assert_eq!(
        names,
        [
            "settings",
            "slack",
            "scopes",
            "app home",
            "socket mode",
            "public address",
            "store",
            "disk",
            "encryption key",
            "access",
            "jules",
            "repositories",
            "github",
            "clock"
        ]
    );
    let odd: Vec<_> = checks.iter().filter(|check| check.verdict != Verdict::Ok).collect();
    assert!(matches!(odd[..], [one] if one.name == "public address"), "{odd:#?}");
    assert_eq!(std::fs::read_dir(installation.directory.path()).unwrap().count(), 0);
}

#[tokio::test]
async fn a_token_that_goes_out_in_the_clear_is_warned_of() {
    let mut installation = Installation::new().await;
    installation.set("JULES_API_URL", "http://jules.invalid:9/v1alpha");
    let checks = installation.checks().await;
    let words = ["JULES_API_URL is an http:// address on another machine"];
    says(&only(&checks, "settings"), Verdict::Warning, &words);
}

#[tokio::test]
async fn every_wrong_setting_is_a_failure_and_the_rest_is_looked_at_all_the_same() {
    let mut installation = Installation::new().await;
    installation.set("SLACK_BOT_TOKEN", "xapp-1-A1-1-app-level-token");
    installation.set("SLACK_APP_TOKEN", "xoxb-1-bot-token");
    installation.set("SLACK_SIGNING_SECRET", "5e1f0000simulated0000 signing0000");
    installation.set("LISTEN", "here");
    let checks = installation.checks().await;
    let settings: Vec<&Check> = checks.iter().filter(|check| check.name == "settings").collect();
    assert_eq!(settings.len(), 3, "{settings:#?}");
    for (name, words) in [
        ("SLACK_BOT_TOKEN holds the app-level token", "Swap the two"),
        ("SLACK_SIGNING_SECRET", "spaces inside"),
        ("LISTEN", "0.0.0.0:3000"),
    ] {
        let check = settings.iter().find(|check| check.words.starts_with(name));
        says(check.unwrap_or_else(|| panic!("no {name}")), Verdict::Failure, &[words]);
    }
    says(&only(&checks, "slack"), Verdict::Warning, &["settings above first"]);
    says(&only(&checks, "jules"), Verdict::Ok, &[]);
}

#[tokio::test]
async fn what_is_set_and_wrong_is_never_called_unset_as_well() {
    let mut installation = Installation::new().await;
    installation.set("PUBLIC_URL", "jules.example.com");
    installation.set("SLACK_APP_TOKEN", "xapp 1");
    let checks = installation.checks().await;
    for name in ["public address", "socket mode"] {
        says(&only(&checks, name), Verdict::Warning, &["settings above first"]);
    }
    let said = text(&checks, Terminal::NONE);
    assert!(!said.contains("not set") && !said.contains("off:"), "{said}");
}

#[tokio::test]
async fn what_can_be_told_of_a_wrong_signing_secret_is_told() {
    let mut installation = Installation::new().await;
    says(&installation.check("settings").await, Verdict::Ok, &["the client secret looks the same"]);
    installation.set("SLACK_SIGNING_SECRET", "IbYjTt4kGgNHGPBs0XvwzYLs");
    says(&installation.check("settings").await, Verdict::Warning, &["verification token"]);
    installation.set("SLACK_SIGNING_SECRET", "c11e0000simulated0000client0secr");
    installation.set("SLACK_CLIENT_SECRET", "c11e0000simulated0000client0secr");
    let checks = installation.checks().await;
    assert!(
        checks.iter().any(|check| check.words.contains("holds the client secret")
            && check.verdict == Verdict::Failure),
        "{checks:#?}"
    );
}

#[tokio::test]
async fn what_hangs_is_a_failure_of_its_own_and_holds_up_nobody() {
    let mut installation = Installation::new().await;
    let hanging = stub::silent();
    installation.set("SLACK_API_URL", &format!("http://{}/api", hanging.local_addr().unwrap()));
    installation.limits = Limits { answer: Duration::from_secs(60), area: Duration::from_secs(5) };
    let checks = installation.checks().await;
    says(&only(&checks, "slack"), Verdict::Failure, &["no result after 5 s"]);
    says(&only(&checks, "jules"), Verdict::Ok, &[]);
    says(&only(&checks, "store"), Verdict::Ok, &[]);
}
