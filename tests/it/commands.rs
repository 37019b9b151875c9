//! The program as it is run: the real binary, its arguments, its environment, its terminal, its
//! signals. Time is real here, so waits are for something that happens, each with a bound.
#![expect(clippy::unwrap_used, reason = "what helps a test stops it, as a test stops itself")]

mod data;
mod demo;
mod dotenv;
mod hostile;
mod killed;
mod look;
mod process;
mod serve;
mod stop;

use jules_slack::config::SETTINGS;
use process::{Process, command};

#[tokio::test]
async fn help_shows_every_setting() {
    for arguments in [&["--help"][..], &["serve", "--help"]] {
        let mut helped = Process::start(&mut command(arguments));
        assert_eq!(helped.exit_code().await, Some(0));
        let help = helped.all_printed().await;
        for setting in SETTINGS {
            let row = help.lines().find(|line| line.trim_start().starts_with(setting.name));
            let row = row.unwrap_or_else(|| panic!("no {}:\n{help}", setting.name));
            assert!(row.contains(setting.meaning) && row.contains(setting.default), "{row}");
        }
    }
}

#[tokio::test]
async fn an_unknown_command_is_refused_with_the_known_ones_at_hand() {
    let mut refused = Process::start(&mut command(&["server"]));
    assert_eq!(refused.exit_code().await, Some(2));
    assert!(refused.all_complaints().await.contains("'serve'"));
}
