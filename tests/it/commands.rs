//! The program as it is run: the real binary, its arguments, its environment, its terminal, its
//! signals. Time is real here, so waits are for something that happens, each with a bound.
#![expect(clippy::unwrap_used, reason = "what helps a test stops it, as a test stops itself")]

mod audit;
mod backup;
mod data;
mod demo;
mod dotenv;
mod forget;
#[cfg(target_os = "linux")]
mod full_disk;
mod hostile;
mod killed;
mod look;
mod process;
mod serve;
mod stop;
mod tasks;
mod upgrade;

use jules_slack::config::SETTINGS;
use process::{Process, command};

#[tokio::test]
async fn help_shows_every_setting() {
    for arguments in [&["--help"][..], &["serve", "--help"]] {
        let mut helped = Process::start(&mut command(arguments));
        assert_eq!(helped.exit_code().await, Some(0));
        let help = helped.all_printed().await;
        let plain = |text: &str| text.split_whitespace().collect::<Vec<_>>().join(" ");
        for setting in SETTINGS {
            let row = format!("{} {} [{}]", setting.name, setting.meaning, setting.default);
            assert!(plain(&help).contains(&plain(&row)), "no {row}:\n{help}");
        }
        let wide = help.lines().filter(|line| line.chars().count() > 80);
        assert_eq!(wide.collect::<Vec<_>>(), Vec::<&str>::new(), "wider than a terminal");
    }
}

#[tokio::test]
async fn help_fits_a_terminal() {
    for name in [
        "demo",
        "doctor",
        "healthcheck",
        "manifest",
        "audit",
        "forget",
        "tasks",
        "task",
        "backup",
        "export",
        "import",
    ] {
        let mut helped = Process::start(&mut command(&[name, "--help"]));
        let help = helped.all_printed().await;
        let wide = help.lines().filter(|line| line.chars().count() > 80);
        assert_eq!(wide.collect::<Vec<_>>(), Vec::<&str>::new(), "{name}");
    }
}

#[tokio::test]
async fn help_has_the_exit_codes_of_what_works_on_a_store() {
    for name in ["doctor", "audit", "forget", "tasks", "task", "backup", "export", "import"] {
        let mut helped = Process::start(&mut command(&[name, "--help"]));
        let help = helped.all_printed().await;
        assert!(help.contains("Exit codes: 0"), "{name}: {help}");
    }
}

#[tokio::test]
async fn an_unknown_command_is_refused_with_the_known_ones_at_hand() {
    let mut refused = Process::start(&mut command(&["server"]));
    assert_eq!(refused.exit_code().await, Some(2));
    assert!(refused.all_complaints().await.contains("'serve'"));
}
