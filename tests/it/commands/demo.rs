//! `jules-slack demo`.

use super::process::{Process, command, until};
use futures_util::StreamExt;
use reqwest::Client;
use serde_json::{Value, json};
use std::net::TcpListener;
use std::time::Duration;

fn client() -> Client {
    platform::tls::install();
    Client::builder().no_proxy().timeout(Duration::from_secs(10)).build().expect("a client")
}

/// What follows the name and `=` on a line of its own, as a shell would take it.
fn setting<'a>(printed: &'a str, name: &str) -> &'a str {
    let lines = printed.lines().filter_map(|line| line.strip_prefix(name)?.strip_prefix('='));
    let values: Vec<&str> = lines.collect();
    assert_eq!(values.len(), 1, "{name} is printed once:\n{printed}");
    values[0]
}

#[tokio::test]
async fn once_shows_the_card_and_the_link_in_its_thread() {
    let mut demo = Process::start(&mut command(&["demo", "--once"]));
    let printed = demo.all_printed().await;
    assert_eq!(demo.exit_code().await, Some(0));
    assert_eq!(demo.all_complaints().await, "");
    assert!(printed.contains("/jules repo=404less rename frontend to website"), "{printed}");
    let card = printed.find("  *rename frontend to website*").expect("a card");
    let link =
        printed.find("│   Jules is working on `AshikNesin/404less` (`main`).").expect("a reply");
    assert!(card < link, "{printed}");
    assert!(printed[link..].contains("https://jules.google.com/session/"), "{printed}");
    assert!(printed.contains("*Queued in Jules*"), "the card is up to date:\n{printed}");
}

#[tokio::test]
async fn stays_up_for_any_client_until_it_is_told_to_stop() {
    // Standard input is closed, as in CI.
    let mut demo = Process::start(&mut command(&["demo", "--port", "0"]));
    let printed = demo.printed_until("Open ").await;
    let last = printed.trim_end().lines().last().expect("a line");
    assert!(last.starts_with("Open http://127.0.0.1:"), "the address is last:\n{printed}");
    assert!(printed.contains("Ctrl-C") && !printed.contains('\u{1b}'), "{printed}");
    assert!(setting(&printed, "SLACK_APP_TOKEN").starts_with("xapp-"));
    assert_eq!(setting(&printed, "SLACK_SIGNING_SECRET").len(), 32);
    let http = client();

    let slack = |method: &str| {
        let url = format!("{}/{method}", setting(&printed, "SLACK_API_URL"));
        http.post(url).bearer_auth(setting(&printed, "SLACK_BOT_TOKEN"))
    };
    let known: Value = slack("auth.test").send().await.unwrap().json().await.unwrap();
    assert_eq!(known["ok"], true, "{known}");
    let hello = json!({ "channel": "C0DEV", "text": "hello from a client" });
    let posted: Value =
        slack("chat.postMessage").json(&hello).send().await.unwrap().json().await.unwrap();
    assert_eq!(posted["ok"], true, "{posted}");

    let sources = http
        .get(format!("{}/sources?pageSize=100", setting(&printed, "JULES_API_URL")))
        .header("X-Goog-Api-Key", setting(&printed, "JULES_API_KEY"));
    let sources: Value = sources.send().await.unwrap().json().await.unwrap();
    let names: Vec<_> = sources["sources"].as_array().unwrap().iter().map(|s| &s["name"]).collect();
    assert!(names.contains(&&json!("sources/github/AshikNesin/404less")), "{names:?}");

    let page = last.strip_prefix("Open ").expect("an address");
    let page = http.get(page).send().await.unwrap();
    let policy = page.headers()["content-security-policy"].to_str().unwrap().to_owned();
    assert!(policy.contains("default-src 'none'"), "{policy}");
    let page = page.text().await.unwrap();
    assert!(page.contains("hello from a client"), "{page}");

    demo.terminate();
    assert_eq!(demo.exit_code().await, Some(0));
    assert_eq!(demo.all_complaints().await, "");
}

#[tokio::test]
async fn what_comes_from_another_page_is_refused() {
    let mut demo = Process::start(&mut command(&["demo", "--port", "0"]));
    let printed = demo.printed_until("Open ").await;
    let page = printed.trim().rsplit(' ').next().unwrap();
    let http = client();
    let says = |origin: &str| {
        let line = http.post(format!("{page}/say")).header("origin", origin);
        line.form(&[("text", "hello")]).send()
    };
    assert_eq!(says("https://elsewhere.example").await.unwrap().status(), 403);
    assert_eq!(says("null").await.unwrap().status(), 403);
    let said = says(page).await.unwrap();
    assert_eq!(said.status(), 200);
    let screen = said.text().await.unwrap();
    assert_eq!(screen.matches("hello").count(), 1, "{screen}");
}

#[tokio::test]
async fn a_taken_port_is_named_with_a_way_out() {
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = taken.local_addr().unwrap().port();
    let mut demo = Process::start(&mut command(&["demo", "--port", &port.to_string()]));
    assert_eq!(demo.exit_code().await, Some(1));
    let complaint = demo.all_complaints().await;
    assert!(complaint.contains(&format!("127.0.0.1:{port}")), "{complaint}");
    let offered = complaint.split("jules-slack demo --port ").nth(1).expect("another one");
    let offered: u16 = offered.trim().parse().expect("a port");
    TcpListener::bind(("127.0.0.1", offered)).expect("it is free");
    assert_eq!(demo.all_printed().await, "");
}

#[tokio::test]
async fn leaves_nothing_behind() {
    let place = tempfile::tempdir().unwrap();
    for stop in [Process::terminate, Process::hang_up] {
        let mut command = command(&["demo", "--port", "0"]);
        let mut demo = Process::start(command.env("TMPDIR", place.path()));
        demo.printed_until("Ctrl-C").await;
        assert_eq!(std::fs::read_dir(place.path()).unwrap().count(), 1);
        stop(&demo);
        assert_eq!(demo.exit_code().await, Some(0));
        assert_eq!(std::fs::read_dir(place.path()).unwrap().count(), 0);
    }
}

#[tokio::test]
async fn a_page_of_another_site_gets_nothing() {
    let mut demo = Process::start(&mut command(&["demo", "--port", "0"]));
    let printed = demo.printed_until("Open http://").await;
    let address = printed.split("Open http://").nth(1).unwrap();
    let address = address.split(|c: char| c.is_whitespace() || c == '/').next().unwrap().to_owned();
    let port = address.rsplit(':').next().unwrap().to_owned();
    let page = format!("http://{address}/");
    for (name, value, status) in [
        ("host", address.as_str(), 200),
        ("host", &format!("localhost:{port}"), 200),
        ("host", &format!("evil.example:{port}"), 403),
        ("host", "evil.example", 403),
        ("sec-fetch-site", "none", 200),
        ("sec-fetch-site", "same-origin", 200),
        ("sec-fetch-site", "cross-site", 403),
    ] {
        let answer = client().get(&page).header(name, value).send().await.expect("an answer");
        assert_eq!(answer.status().as_u16(), status, "{name}: {value}");
    }
}

#[tokio::test]
async fn the_bot_lives_on_after_a_client_of_socket_mode_came_and_went() {
    let mut demo = Process::start(&mut command(&["demo", "--port", "0"]));
    let printed = demo.printed_until("Open ").await;
    let page = printed.trim().rsplit(' ').next().unwrap();
    let http = client();
    let types = async |words: &str| {
        let line = http.post(format!("{page}/say")).form(&[("text", words)]);
        line.send().await.unwrap().text().await.unwrap()
    };

    let ticket = http.post(format!("{}/apps.connections.open", setting(&printed, "SLACK_API_URL")));
    let ticket = ticket.bearer_auth(setting(&printed, "SLACK_APP_TOKEN")).send().await.unwrap();
    let ticket: Value = ticket.json().await.unwrap();
    let url = ticket["url"].as_str().unwrap();
    let address = url.trim_start_matches("ws://").split('/').next().unwrap();
    let stream = tokio::net::TcpStream::connect(address).await.unwrap();
    let (mut line, _) = tokio_tungstenite::client_async(url, stream).await.unwrap();
    line.next().await.expect("a hello").unwrap();
    drop(line);

    until("the bot answers again", async || {
        types("/jules version").await.contains(env!("CARGO_PKG_VERSION")).then_some(())
    })
    .await;
}
