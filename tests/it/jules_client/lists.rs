//! Lists: all pages of the sources, pages of sessions, and the search for a session that we may have
//! made.

use super::stub::{Reply, Stub, fixture, refusal};
use domain::ids::SessionId;
use domain::repo::{Branch, RepoRef, SourceName};
use jiff::Timestamp;
use jules::{Error, PageToken};
use serde_json::{Value, json};

fn source(repo: &str) -> Value {
    json!({
        "name": format!("sources/github/o/{repo}"),
        "githubRepo": { "owner": "o", "repo": repo }
    })
}

fn sources_page(repos: &[&str], next: &str) -> Reply {
    let sources: Vec<_> = repos.iter().map(|repo| source(repo)).collect();
    Reply::json(&json!({ "sources": sources, "nextPageToken": next }))
}

#[tokio::test]
async fn all_pages_of_sources_are_read_even_past_an_empty_one() {
    let stub = Stub::replying([
        sources_page(&["a", "b"], "github/o/c d"),
        Reply::json(&json!({ "nextPageToken": "third" })),
        sources_page(&["c"], ""),
    ])
    .await;
    let (client, mut repos, mut at) = (stub.client(), Vec::new(), None);
    loop {
        let page = client.source_page(at.as_ref()).await.unwrap();
        repos.extend(page.items.into_iter().map(|source| source.repo.repo));
        at = page.next;
        if at.is_none() {
            break;
        }
    }
    assert_eq!(repos, ["a", "b", "c"]);
    let first = "/v1alpha/sources?pageSize=100&fields=nextPageToken%2Csources%28name%2Cid%2C\
        githubRepo%28owner%2Crepo%2CisPrivate%2CdefaultBranch%28displayName%29%29%29";
    let expected = [
        first.to_owned(),
        format!("{first}&pageToken=github%2Fo%2Fc%20d"),
        format!("{first}&pageToken=third"),
    ];
    assert_eq!(stub.targets(), expected);
}

#[tokio::test]
async fn an_account_without_sources_has_none() {
    let stub = Stub::replying([Reply::ok("{}")]).await;
    let page = stub.client().source_page(None).await.unwrap();
    assert_eq!((page.items, page.next), (Vec::new(), None));
}

#[tokio::test]
async fn a_page_that_is_refused_is_an_error() {
    let stub = Stub::replying([Reply::of(403, "")]).await;
    assert_eq!(stub.client().source_page(None).await, Err(Error::Forbidden));
}

#[tokio::test]
async fn sources_that_are_no_repositories_are_passed_over() {
    let page = json!({ "sources": [
        { "name": "sources/gitlab/x", "gitlabRepo": { "path": "x" } },
        { "name": "sources/github/none", "githubRepo": {} },
        "not even an object",
        null,
        { "id": "github/O/R", "githubRepo": { "owner": "O", "repo": "R", "new": 1,
            "defaultBranch": { "displayName": "trunk" } }, "new": {} },
    ]});
    let stub = Stub::replying([Reply::json(&page)]).await;
    let sources = stub.client().source_page(None).await.unwrap().items;
    assert_eq!(sources.len(), 1);
    assert_eq!(sources[0].name, SourceName("sources/github/O/R".into()));
    assert_eq!(sources[0].default_branch, Some(Branch("trunk".into())));
    assert_eq!(sources[0].branches, None);
}

#[tokio::test]
async fn documented_sources_are_read() {
    let replies = [Reply::json(&fixture("sources_page")), Reply::json(&fixture("source_full"))];
    let stub = Stub::replying(replies).await;
    let client = stub.client();
    let boba = client.source_page(None).await.unwrap().items.remove(0);
    assert_eq!(boba.name, SourceName("sources/github/bobalover/boba".into()));
    assert_eq!(boba.default_branch, None);
    let full = client.source(&SourceName("sources/github/myorg/myrepo".into())).await.unwrap();
    assert_eq!(full.repo.to_string(), "myorg/myrepo");
    assert_eq!(full.default_branch, Some(Branch("main".into())));
    assert_eq!(full.branches, Some(vec![Branch("main".into()), Branch("develop".into())]));
}

#[tokio::test]
async fn a_repository_is_asked_for_directly() {
    let stub = Stub::replying([Reply::json(&fixture("source_full")), Reply::of(404, "")]).await;
    let repo = RepoRef { owner: "myorg".into(), repo: "my.repo".into() };
    let client = stub.client();
    assert!(client.source_by_repo(&repo).await.unwrap().is_some());
    assert_eq!(client.source_by_repo(&repo).await, Ok(None));
    assert!(stub.targets()[0].starts_with("/v1alpha/sources/github/myorg/my.repo?fields="));
}

#[tokio::test]
async fn a_page_of_sessions_keeps_its_token_and_counts_what_it_passed_over() {
    let page = json!({
        "sessions": [fixture("session_completed_pr"), { "title": "no id" }, 7],
        "nextPageToken": "next/1="
    });
    let stub = Stub::replying([Reply::json(&page), Reply::ok("{}")]).await;
    let client = stub.client();
    let page = client.sessions(None).await.unwrap();
    assert_eq!((page.items.len(), page.passed_over), (1, 2));
    assert_eq!(page.next, Some(PageToken("next/1=".into())));
    let last = client.sessions(page.next.as_ref()).await.unwrap();
    assert_eq!((last.items.len(), last.passed_over, last.next), (0, 0, None));
    assert!(stub.targets()[1].ends_with("&pageToken=next%2F1%3D"));
}

/// Jules refuses the filter, and then lists a session.
async fn without_filter() -> Stub {
    let page = sessions_page(&[listed("1", "2026-09-01T12:00:00Z")], "");
    Stub::replying([refusal("filter", "Invalid filter."), page]).await
}

#[track_caller]
fn asked_with_and_without_filter(stub: &Stub) {
    let filtered: Vec<bool> =
        stub.targets().iter().map(|target| target.contains("filter=")).collect();
    assert_eq!(filtered, [true, false], "{:?}", stub.targets());
}

#[tokio::test]
async fn without_the_filter_if_jules_refuses_it_sessions_are_still_listed() {
    let stub = without_filter().await;
    let page = stub.client().sessions(None).await.unwrap();
    assert_eq!(page.items.len(), 1);
    asked_with_and_without_filter(&stub);
}

#[tokio::test]
async fn without_the_filter_if_jules_refuses_it_a_lost_session_is_still_found() {
    let stub = without_filter().await;
    assert_eq!(find(&stub).await, Ok(vec!["1".into()]));
    asked_with_and_without_filter(&stub);
}

fn listed(id: &str, created: &str) -> Value {
    json!({
        "name": format!("sessions/{id}"), "title": "Tidy up", "createTime": created,
        "sourceContext": {
            "source": "sources/github/o/r",
            "githubRepoContext": { "startingBranch": "main" },
        }
    })
}

fn sessions_page(sessions: &[Value], next: &str) -> Reply {
    Reply::json(&json!({ "sessions": sessions, "nextPageToken": next }))
}

/// The ids of the sessions that were made since noon.
async fn find(stub: &Stub) -> Result<Vec<String>, Error> {
    let noon: Timestamp = "2026-09-01T12:00:00Z".parse().unwrap();
    let found = stub.client().sessions_since(noon).await?;
    Ok(found.into_iter().map(|one| one.session.id.to_string()).collect())
}

/// A task whose session may exist is not started before the search has ended, so it has to end even
/// where thousands were started meanwhile.
#[tokio::test]
async fn a_search_ends_behind_ten_thousand_younger_sessions() {
    let others = (1..=100).map(|n| sessions_page(&[], &n.to_string()));
    let ours = listed("2", "2026-09-01T12:00:01Z");
    let stub = Stub::replying(others.chain([sessions_page(&[ours], "")])).await;
    assert_eq!(find(&stub).await, Ok(vec!["2".into()]));
}

#[tokio::test]
async fn a_lost_session_is_found_on_a_later_page_archived_or_not() {
    let other = listed("1", "2026-09-01T12:03:00Z");
    let mut ours = listed("2", "2026-09-01T12:00:01.5Z");
    ours["archived"] = json!(true);
    let pages = [sessions_page(&[other], "2"), sessions_page(&[], "3"), sessions_page(&[ours], "")];
    let stub = Stub::replying(pages).await;
    assert_eq!(find(&stub).await, Ok(vec!["1".into(), "2".into()]));
    let filter = "&filter=archived%20%3D%20true%20OR%20archived%20%3D%20false";
    assert!(stub.targets().iter().all(|target| target.contains(filter)));
    assert!(
        stub.targets().iter().all(|target| !target.contains("prompt")),
        "a page of prompts is large"
    );
    assert!(stub.targets()[2].ends_with("&pageToken=3"));
}

#[tokio::test]
async fn a_clock_that_is_behind_does_not_hide_our_session() {
    let ours = listed("2", "2026-09-01T11:50:00Z");
    let stub = Stub::replying([sessions_page(&[ours], "")]).await;
    assert_eq!(find(&stub).await, Ok(vec!["2".into()]));
}

#[tokio::test]
async fn the_search_ends_where_the_sessions_are_too_old() {
    let edge = listed("1", "2026-09-01T11:50:00Z");
    let old = listed("2", "2026-09-01T11:49:59.999999999Z");
    let stub = Stub::replying([sessions_page(&[edge], "2"), sessions_page(&[old], "3")]).await;
    assert_eq!(find(&stub).await, Ok(vec!["1".into()]));
    assert_eq!(stub.seen().len(), 2);
}

#[tokio::test]
async fn what_a_session_is_recognised_by_is_told() {
    let mut silent = listed("2", "2026-09-01T12:00:01Z");
    silent["sourceContext"] = Value::Null;
    let page = sessions_page(&[listed("1", "2026-09-01T12:00:02Z"), silent], "");
    let stub = Stub::replying([page, Reply::ok(r#"{"prompt":"Tidy up!"}"#), Reply::ok("{}")]).await;
    let client = stub.client();
    let noon: Timestamp = "2026-09-01T12:00:00Z".parse().unwrap();
    let found = client.sessions_since(noon).await.unwrap();
    assert_eq!(found[0].branch, Some(Branch("main".into())));
    assert_eq!(found[0].session.source, Some(SourceName("sources/github/o/r".into())));
    assert_eq!((&found[1].branch, &found[1].session.source), (&None, &None));
    let id = SessionId::parse("1").unwrap();
    assert_eq!(client.prompt(&id).await, Ok(Some("Tidy up!".into())));
    assert_eq!(client.prompt(&id).await, Ok(None));
    assert_eq!(stub.targets()[1], "/v1alpha/sessions/1?fields=name%2Cid%2Cprompt");
}

#[tokio::test]
async fn a_page_that_is_too_large_is_asked_for_in_smaller_ones() {
    let mut large = listed("1", "2026-09-01T12:00:02Z");
    large["title"] = json!("x".repeat(2 << 20));
    let small = |id| sessions_page(&[listed(id, "2026-09-01T12:00:01Z")], "");
    let first = sessions_page(&[listed("9", "2026-09-01T12:09:00Z")], "next");
    let pages =
        [first, sessions_page(&[large.clone()], ""), sessions_page(&[large], ""), small("2")];
    let stub = Stub::replying(pages).await;
    assert_eq!(find(&stub).await, Ok(vec!["9".into(), "2".into()]));
    assert_eq!(stub.page_sizes(), ["100", "100", "50", "25"]);
}

#[tokio::test]
async fn a_search_that_cannot_be_sure_is_an_error() {
    let nameless = json!({ "title": "Tidy up", "createTime": "2026-09-01T12:00:01Z" });
    let stub = Stub::replying([sessions_page(&[nameless], "")]).await;
    assert!(matches!(find(&stub).await, Err(Error::Decode(_))));

    let young = listed("1", "2026-09-01T12:30:00Z");
    let stub = Stub::replying([sessions_page(&[young], "again")]).await;
    assert!(matches!(find(&stub).await, Err(Error::Decode(_))));

    let stub = Stub::replying([Reply::ok("")]).await;
    assert!(matches!(find(&stub).await, Err(Error::Decode(_))));
}

#[tokio::test]
async fn a_list_that_never_ends_is_given_up() {
    let young = |n: u32| listed("1", &format!("2026-09-01T12:00:{:02}Z", n % 60));
    let pages = (0..200).map(|n| sessions_page(&[young(n)], &n.to_string()));
    let stub = Stub::replying(pages).await;
    assert!(matches!(find(&stub).await, Err(Error::Decode(_))));
    assert_eq!(stub.seen().len(), 150);
}
