//! Sessions as Jules sends them, in all the shapes that were seen.

use super::requests::boba;
use super::stub::{Reply, Stub, fixture, refusal, session_id};
use domain::repo::SourceName;
use domain::session::{PullRequest, Session, SessionState};
use serde_json::{Value, json};

async fn read(session: &Value) -> Session {
    let stub = Stub::replying([Reply::json(session)]).await;
    stub.client().session(&session_id()).await.unwrap()
}

#[tokio::test]
async fn a_session_made_in_2026_is_queued() {
    let stub = Stub::replying([Reply::json(&fixture("session_created_2026"))]).await;
    let session = stub.client().create(&boba()).await.unwrap();
    assert_eq!(session.id.as_str(), "2039485720394857203");
    assert_eq!(session.url, "https://jules.google.com/session/2039485720394857203");
    assert_eq!(session.title.as_deref(), Some("Add OAuth refresh tests"));
    assert_eq!(session.state, Some(SessionState::Queued));
    assert_eq!(session.source, Some(SourceName("sources/github/indrasvat/jools".into())));
    assert_eq!(session.created, Some("2026-03-18T10:22:14.381921Z".parse().unwrap()));
    assert_eq!(session.updated, session.created);
    assert_eq!(session.archived, Some(false));
    assert!(session.pull_requests.is_empty());
}

#[tokio::test]
async fn the_minimal_answer_of_2025_is_enough() {
    let stub = Stub::replying([Reply::json(&fixture("session_created_minimal"))]).await;
    let session = stub.client().create(&boba()).await.unwrap();
    assert_eq!(session.id.as_str(), "31415926535897932384");
    assert_eq!(session.url, "https://jules.google.com/session/31415926535897932384");
    assert_eq!((session.state, session.created, session.updated), (None, None, None));
}

#[tokio::test]
async fn a_session_without_repository_has_no_source() {
    assert_eq!(read(&fixture("session_created_repoless")).await.source, None);
}

#[tokio::test]
async fn a_finished_session_has_its_pull_request() {
    let session = read(&fixture("session_completed_pr")).await;
    assert_eq!(session.state, Some(SessionState::Completed));
    let expected = PullRequest {
        url: "https://github.com/indrasvat/jools/pull/42".into(),
        title: Some("feat: add incremental activity polling".into()),
    };
    assert_eq!(session.pull_requests, [expected]);
    assert_eq!(session.created, Some("2026-02-14T13:40:44.485451923Z".parse().unwrap()));
}

#[tokio::test]
async fn outputs_come_in_any_order_and_of_any_kind() {
    let mut session = fixture("session_outputs_both");
    session["id"] = json!("1");
    let urls = |session: Session| -> Vec<String> {
        session.pull_requests.into_iter().map(|request| request.url).collect()
    };
    let expected = ["https://github.com/o/r/pull/7".to_owned()];
    assert_eq!(read(&session).await.change_set, Some(true));
    assert_eq!(urls(read(&session).await), expected);
    session["outputs"].as_array_mut().unwrap().reverse();
    assert_eq!(urls(read(&session).await), expected);
    session["outputs"] = json!([
        { "pullRequest": { "url": "https://github.com/o/r/pull/7" } },
        { "pullRequest": { "url": "https://github.com/o/r/pull/8" } },
        { "pullRequest": { "url": "javascript:alert(1)" } },
        { "pullRequest": {} }, { "hologram": {} }, {}, 5,
    ]);
    assert_eq!(read(&session).await.change_set, Some(false));
    let both = ["https://github.com/o/r/pull/7", "https://github.com/o/r/pull/8"];
    assert_eq!(urls(read(&session).await), both);
}

#[tokio::test]
async fn an_id_is_found_wherever_it_stands() {
    for session in [
        json!({ "id": "12" }),
        json!({ "name": "sessions/12" }),
        json!({ "name": "12" }),
        json!({ "id": "", "name": "sessions/12" }),
        json!({ "id": "sessions/12" }),
        json!({ "id": "12", "name": "sessions/99" }),
        json!({ "id": "1?2", "name": "sessions/12" }),
    ] {
        assert_eq!(read(&session).await.id.as_str(), "12", "{session}");
    }
}

#[tokio::test]
async fn what_is_unknown_or_odd_is_no_error() {
    let session = read(&json!({
        "id": "12", "state": "RUNNING", "createTime": "tomorrow", "url": "ftp://x",
        "sourceContext": {}, "outputs": null, "title": null, "archived": null,
        "generatedFiles": [{ "x": 1 }], "new": { "deep": [null] }
    }))
    .await;
    assert_eq!(session.state, Some(SessionState::Unknown("RUNNING".into())));
    assert_eq!(session.url, "https://jules.google.com/session/12");
    assert_eq!((session.created, session.source, session.title), (None, None, None));
}

#[tokio::test]
async fn what_was_not_asked_for_is_not_known() {
    let session = || Reply::json(&json!({ "id": "12", "state": "COMPLETED" }));
    let stub = Stub::replying([refusal("archived", "Invalid."), session()]).await;
    let read = stub.client().session(&session_id()).await.unwrap();
    assert_eq!((read.archived, read.change_set), (None, Some(false)));
    let vague = || refusal("fields", "Invalid.");
    let stub = Stub::replying([vague(), session()]).await;
    let read = stub.client().session(&session_id()).await.unwrap();
    assert_eq!((read.archived, read.change_set), (Some(false), Some(false)));
    let stub = Stub::replying([vague(), vague(), session()]).await;
    let read = stub.client().session(&session_id()).await.unwrap();
    assert_eq!((read.archived, read.change_set), (None, None));
    let stub = Stub::replying([vague(), vague(), vague(), session()]).await;
    let read = stub.client().session(&session_id()).await.unwrap();
    assert_eq!((read.archived, read.change_set), (Some(false), Some(false)), "all was asked for");
}

#[tokio::test]
async fn a_title_may_be_a_whole_prompt() {
    let title = "Ω<!channel> ".repeat(20_000);
    let session = read(&json!({ "id": "12", "title": title })).await;
    assert_eq!(session.title, Some(title));
}
