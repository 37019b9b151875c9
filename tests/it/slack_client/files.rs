//! Attached files: read at Slack, with the token, and nowhere else.

use super::stub::*;
use slack::error::CallError;
use std::io::ErrorKind;
use std::net::TcpListener;

/// Someone else's server.
fn elsewhere() -> TcpListener {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    listener.set_nonblocking(true).unwrap();
    listener
}

fn nobody_called(elsewhere: &TcpListener) -> bool {
    elsewhere.accept().is_err_and(|error| error.kind() == ErrorKind::WouldBlock)
}

#[tokio::test]
async fn a_file_at_slack_is_read_with_the_token() {
    let stub = Stub::new().await;
    stub.answers(200, &[("content-type", "text/plain")], "the log\n");
    let text = stub.slack.file_text(&format!("{}/files-pri/1/log.txt", stub.base), 8).await;
    assert_eq!(text.as_deref(), Ok("the log\n"));
    let seen = stub.seen();
    assert_eq!(seen.len(), 1);
    assert_eq!(seen[0].token.as_deref(), Some(format!("Bearer {TOKEN}").as_str()));
}

#[tokio::test]
async fn a_file_elsewhere_is_refused_and_no_token_goes_there() {
    let stub = Stub::new().await;
    // The same machine by another name, which is all that an address says.
    let elsewhere = elsewhere();
    let port = elsewhere.local_addr().unwrap().port();
    for url in [
        format!("http://localhost:{port}/files-pri/1/log.txt"),
        format!("https://files.slack.com@localhost:{port}/log.txt"),
        format!("http://localhost:{port}/files.slack.com/log.txt"),
        "http://files.slack.com/log.txt".to_owned(),
        "https://files.slack.com:8443/log.txt".to_owned(),
        "https://files.slack.com.evil.example/log.txt".to_owned(),
        "https://slack.com/log.txt".to_owned(),
        "https://hooks.slack.com/log.txt".to_owned(),
        "http://169.254.169.254/latest/meta-data".to_owned(),
        "file:///etc/passwd".to_owned(),
        "ftp://127.0.0.1/log.txt".to_owned(),
        "//files.slack.com/log.txt".to_owned(),
        String::new(),
    ] {
        assert_eq!(stub.slack.file_text(&url, 8).await, Err(CallError::UntrustedUrl), "{url}");
    }
    assert!(nobody_called(&elsewhere));
    assert!(stub.seen().is_empty());
}

#[tokio::test]
async fn a_file_that_leads_elsewhere_is_not_followed() {
    let stub = Stub::new().await;
    let elsewhere = elsewhere();
    let there = format!("http://{}/log.txt", elsewhere.local_addr().unwrap());
    stub.answers(302, &[("location", &there)], "");
    let ended = stub.slack.file_text(&format!("{}/files-pri/1/log.txt", stub.base), 8).await;
    assert_eq!(ended, Err(CallError::State("file_not_readable".to_owned())));
    assert!(nobody_called(&elsewhere));
}

#[tokio::test]
async fn an_attached_page_is_told_from_the_sign_in_page() {
    let stub = Stub::new().await;
    let url = format!("{}/files-pri/1/page.html", stub.base);
    let html = &[("content-type", "text/html; charset=utf-8")];
    stub.answers(200, html, "<p>hi</p>");
    assert_eq!(stub.slack.file_text(&url, 9).await.as_deref(), Ok("<p>hi</p>"));
    stub.answers(200, html, "<form>sign in</form>");
    let refused = Err(CallError::State("file_not_readable".to_owned()));
    assert_eq!(stub.slack.file_text(&url, 9).await, refused);
}

#[tokio::test]
async fn slack_being_unwell_says_nothing_about_the_file() {
    let stub = Stub::new().await;
    let url = format!("{}/files-pri/1/log.txt", stub.base);
    stub.answers(503, &[], "");
    let ended = stub.slack.file_text(&url, 8).await;
    assert_eq!(ended, Err(CallError::Unknown("HTTP 503".to_owned())));
    stub.answers(404, &[], "");
    let refused = Err(CallError::State("file_not_readable".to_owned()));
    assert_eq!(stub.slack.file_text(&url, 8).await, refused);
}
