//! `doctor` and `manifest` as they are run.

use super::process::{Process, command};
use super::serve::{InterceptedTls, World, over_tls, trusting_nobody};
use serde_json::Value;
use std::process::Command;

async fn printed(command: &mut Command, code: i32) -> String {
    let mut process = Process::start(command);
    let printed = process.all_printed().await;
    let complaints = process.all_complaints().await;
    assert_eq!(process.exit_code().await, Some(code), "{printed}{complaints}");
    printed
}

/// `doctor` with the settings that `serve` has there.
fn doctor(world: &World, arguments: &[&str]) -> Command {
    let mut command = command(&["doctor"]);
    let served = world.command();
    command.args(arguments).current_dir(world.directory.path());
    command.envs(served.get_envs().filter_map(|(name, value)| Some((name, value?))));
    command
}

#[tokio::test]
async fn the_doctor_ends_with_what_it_found() {
    let world = World::new().await;
    let on_socket = |arguments: &[&str]| {
        let mut command = doctor(&world, arguments);
        command.env("SLACK_APP_TOKEN", world.slack.app_token());
        command
    };
    let well = printed(&mut on_socket(&[]), 0).await;
    assert!(well.ends_with("All checks passed.\n"), "{well}");
    let warned = printed(&mut doctor(&world, &[]), 1).await;
    assert!(warned.contains("warning  public address"), "{warned}");
    world.slack.grant(&["commands"]);
    let failed = printed(&mut on_socket(&["--json"]), 2).await;
    let failed: Value = serde_json::from_str(&failed).unwrap();
    assert_eq!((&failed["ok"], &failed["failures"]), (&false.into(), &1.into()), "{failed:#}");
}

#[cfg(unix)]
#[tokio::test]
async fn a_bot_that_hangs_is_a_failure_of_its_store() {
    let world = World::new().await;
    let served = world.serve().await;
    let well = printed(&mut doctor(&world, &[]), 1).await;
    assert!(well.contains("is in use by another process"), "{well}");
    served.freeze();
    let hangs = printed(&mut doctor(&world, &[]), 2).await;
    assert!(hangs.contains("failure  store"), "{hangs}");
    assert!(hangs.contains("hasn't answered for 10 seconds\n"), "{hangs}");
    assert!(hangs.contains("→ Restart it, or stop it to read the file."), "{hangs}");
}

#[tokio::test]
async fn a_machine_that_trusts_nobody_is_named_by_the_doctor() {
    let world = World::new().await;
    let found = printed(over_tls(trusting_nobody(&mut doctor(&world, &[]))), 2).await;
    assert!(found.contains("failure  certificates"), "{found}");
    assert!(found.contains("SSL_CERT_FILE"), "{found}");
    let unneeded = printed(trusting_nobody(&mut doctor(&world, &[])), 1).await;
    assert!(!unneeded.contains("certificates"), "{unneeded}");
}

#[tokio::test]
async fn a_proxy_that_intercepts_tls_is_named_by_the_doctor() {
    let (world, proxy) = (World::new().await, InterceptedTls::start());
    let mut command = doctor(&world, &["--json"]);
    command
        .env("SLACK_APP_TOKEN", world.slack.app_token())
        .env("GITHUB_TOKEN", "ghp_sixteenletters");
    for api in ["SLACK_API_URL", "JULES_API_URL", "GITHUB_API_URL"] {
        command.env(api, proxy.url());
    }
    let found = printed(proxy.before(&mut command), 2).await;
    let found: Value = serde_json::from_str(&found).unwrap();
    for name in ["slack", "socket mode", "jules", "github"] {
        let checks = found["checks"].as_array().unwrap();
        let check = checks.iter().find(|check| check["name"] == name).unwrap();
        let (words, fix) = (check["words"].as_str().unwrap(), check["fix"].as_str().unwrap());
        assert!(words.contains("certificate") && fix.contains("SSL_CERT_FILE"), "{check:#}");
    }
}

#[tokio::test]
async fn a_file_of_authorities_that_cannot_be_read_is_named_by_the_doctor_and_by_serve() {
    let world = World::new().await;
    let mut examined = doctor(&world, &[]);
    over_tls(&mut examined).env("SSL_CERT_FILE", "/no/such/authorities.pem");
    let found = printed(&mut examined, 2).await;
    let mut served = world.command();
    over_tls(&mut served).env("SSL_CERT_FILE", "/no/such/authorities.pem");
    let mut served = Process::start(&mut served);
    assert_eq!(served.exit_code().await, Some(2));
    for said in [found, served.all_complaints().await] {
        assert!(said.contains("SSL_CERT_FILE: `/no/such/authorities.pem` can't be read"), "{said}");
    }
}

#[tokio::test]
async fn swapped_tokens_are_named_by_the_doctor_and_by_serve() {
    let world = World::new().await;
    let swap = |command: &mut Command| {
        let (bot, app) = (world.slack.bot_token(), world.slack.app_token());
        command.env("SLACK_BOT_TOKEN", app).env("SLACK_APP_TOKEN", bot);
    };
    let mut examined = doctor(&world, &[]);
    swap(&mut examined);
    assert!(printed(&mut examined, 2).await.contains("Swap the two"));
    let mut served = world.command();
    swap(&mut served);
    let mut served = Process::start(&mut served);
    assert_eq!(served.exit_code().await, Some(2));
    assert!(served.all_complaints().await.contains("Swap the two"));
}

/// Slack's limits of a manifest (slack-platform.md §19).
fn is_within_limits(manifest: &Value) {
    let within = |at: &str, from: usize, to: usize| {
        let text =
            manifest.pointer(at).and_then(Value::as_str).unwrap_or_else(|| panic!("no {at}"));
        let length = text.chars().count();
        assert!((from..=to).contains(&length), "{at} has {length} characters");
    };
    let few = |at: &str, most: usize| {
        let list = manifest.pointer(at).and_then(Value::as_array).map_or(0, Vec::len);
        assert!(list <= most, "{at} has {list}");
    };
    within("/display_information/name", 1, 35);
    within("/display_information/description", 1, 140);
    within("/display_information/background_color", 4, 7);
    within("/features/bot_user/display_name", 1, 80);
    within("/features/slash_commands/0/command", 2, 32);
    within("/features/slash_commands/0/description", 1, 2_000);
    within("/features/slash_commands/0/usage_hint", 1, 1_000);
    few("/features/slash_commands", 50);
    few("/features/shortcuts", 10);
    few("/oauth_config/scopes/bot", 255);
    few("/settings/event_subscriptions/bot_events", 100);
}

#[tokio::test]
async fn the_manifest_of_each_way_is_within_slacks_limits_and_its_link_carries_it() {
    for (arguments, is_socket) in
        [(&["--socket"][..], true), (&["--url", "https://bot.example.org/a"], false)]
    {
        let with = |more: &[&str]| {
            let mut command = command(&["manifest"]);
            command.args(arguments).args(more);
            command
        };
        let json = printed(&mut with(&["--json"]), 0).await;
        let json: Value = serde_json::from_str(&json).unwrap();
        is_within_limits(&json);
        assert_eq!(json["settings"]["socket_mode_enabled"], is_socket);
        let urls = json.to_string().matches("https://").count();
        let ours = json.to_string().matches("https://bot.example.org/a/slack/events").count();
        assert_eq!((urls, ours), if is_socket { (0, 0) } else { (5, 4) }, "{json:#}");
        let yaml = printed(&mut with(&[]), 0).await;
        assert_eq!(serde_norway::from_str::<Value>(&yaml).unwrap(), json);
        let link = printed(&mut with(&["--link"]), 0).await;
        let link = reqwest::Url::parse(link.trim()).unwrap();
        let (_, carried) = link.query_pairs().find(|(name, _)| name == "manifest_json").unwrap();
        assert_eq!(serde_json::from_str::<Value>(&carried).unwrap(), json);
    }
}

#[tokio::test]
async fn without_a_word_the_settings_decide_for_which_way() {
    let socket = printed(command(&["manifest"]).env("SLACK_APP_TOKEN", "xapp-1-a"), 0).await;
    assert!(socket.contains("socket_mode_enabled: true"), "{socket}");
    let url = printed(command(&["manifest"]).env("PUBLIC_URL", "https://bot.example.org"), 0).await;
    assert!(url.contains("https://bot.example.org/slack/events"), "{url}");
    printed(&mut command(&["manifest"]), 2).await;
    printed(&mut command(&["manifest", "--url", "http://bot.example.org"]), 2).await;
}
