//! Waiting when Slack asks for it, and only where it asks.

use super::stub::*;
use domain::ids::ChannelId;
use domain::secret::Secret;
use serde_json::json;
use slack::client::SlackClient;
use slack::error::CallError;
use std::time::Duration;

#[tokio::test]
async fn slack_says_how_long_to_wait_and_is_believed_within_reason() {
    for (status, header, seconds) in [
        (429, Some("17"), 17),
        (429, Some(" 5 "), 5),
        (429, Some("soon"), 30),
        (429, Some("-1"), 30),
        (429, Some("0"), 1),
        (429, Some("999999999"), 3600),
        (429, None, 30),
        (200, None, 30),
        (200, Some("9"), 9),
    ] {
        let stub = Stub::new().await;
        let headers: Vec<_> = header.map(|after| ("retry-after", after)).into_iter().collect();
        stub.answers(status, &headers, r#"{"ok":false,"error":"ratelimited"}"#);
        let limited = CallError::RateLimited { after: Duration::from_secs(seconds) };
        assert_eq!(post(&stub).await, Err(limited), "{status} {header:?}");
    }
}

#[tokio::test]
async fn a_lane_that_is_closed_waits_and_no_other_does() {
    let stub = Stub::new().await;
    let limited = |seconds| Err(CallError::RateLimited { after: Duration::from_secs(seconds) });
    stub.answers(429, &[("retry-after", "20")], "{}");
    assert_eq!(post(&stub).await, limited(20));
    assert_eq!(stub.seen().len(), 1);

    // The same channel waits, without a call, and a little less as time passes.
    stub.passes(5);
    assert_eq!(post(&stub).await, limited(15));
    assert_eq!(stub.seen(), []);

    // Another channel, another method and another token do not.
    stub.says(&posted()).says(&json!({"ok": true})).says(&posted());
    let elsewhere = ChannelId::parse("C2").unwrap();
    stub.slack.post(&elsewhere, None, &hello(), None).await.unwrap();
    stub.slack.update(&channel(), &ts("1.2"), &hello()).await.unwrap();
    let other = SlackClient::new(stub.connector.clone(), &Secret::new("xoxb-2"));
    other.post(&channel(), None, &hello(), None).await.unwrap();
    assert_eq!(stub.seen().len(), 3);

    // When its time has come, it is open again.
    stub.passes(15);
    stub.says(&posted());
    assert_eq!(post(&stub).await, Ok(()));
}

#[tokio::test]
async fn updates_wait_for_the_whole_workspace() {
    let stub = Stub::new().await;
    stub.answers(429, &[("retry-after", "20")], "{}");
    stub.slack.update(&channel(), &ts("1.2"), &hello()).await.unwrap_err();
    let elsewhere = ChannelId::parse("C2").unwrap();
    let ended = stub.slack.update(&elsewhere, &ts("1.3"), &hello()).await;
    assert!(matches!(ended, Err(CallError::RateLimited { .. })), "{ended:?}");
    assert_eq!(stub.seen().len(), 1);
}
