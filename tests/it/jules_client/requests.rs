//! What we send: addresses, headers and bodies, to the letter.

use super::stub::{KEY, Reply, Stub, fixture, patient, session_id};
use domain::activity::ActivityId;
use domain::repo::{Branch, RepoRef, SourceName};
use domain::secret::Secret;
use domain::session::NewSession;
use jules::{Error, Http, JulesClient, Setup};
use serde_json::json;

const SESSION_FIELDS: &str = "name%2Cid%2Cstate%2Ctitle%2Curl%2Carchived%2CcreateTime%2C\
    updateTime%2CsourceContext%28source%29%2Coutputs%28pullRequest%28url%2Ctitle%29%2C\
    changeSet%28source%2CgitPatch%28baseCommitId%29%29%29";

pub(super) fn boba() -> NewSession {
    NewSession {
        prompt: "Create a boba app!".into(),
        title: "Boba App".into(),
        source: SourceName("sources/github/bobalover/boba".into()),
        starting_branch: Branch("main".into()),
        ask_for_plan: true,
        open_pull_request: true,
    }
}

#[tokio::test]
async fn a_creation_is_the_documented_request() {
    let stub = Stub::replying([Reply::json(&fixture("session_created_2026"))]).await;
    stub.client().create(&boba()).await.unwrap();
    let request = stub.only_request();
    assert_eq!((&*request.method, &*request.target), ("POST", "/v1alpha/sessions"));
    assert_eq!(request.json(), fixture("session_create_request"));
    assert_eq!(request.headers["content-type"], "application/json");
    assert_eq!(request.headers["x-goog-api-key"], KEY);
    let agent = concat!("jules-slack/", env!("CARGO_PKG_VERSION"));
    assert_eq!(request.headers["user-agent"], agent);
}

#[tokio::test]
async fn what_is_not_wanted_is_left_out_of_a_creation() {
    let stub = Stub::replying([Reply::json(&fixture("session_created_2026"))]).await;
    let mut new = boba();
    new.ask_for_plan = false;
    new.open_pull_request = false;
    stub.client().create(&new).await.unwrap();
    let expected = json!({
        "prompt": "Create a boba app!",
        "title": "Boba App",
        "sourceContext": {
            "source": "sources/github/bobalover/boba",
            "githubRepoContext": { "startingBranch": "main" }
        }
    });
    assert_eq!(stub.only_request().json(), expected);
}

#[tokio::test]
async fn each_change_of_a_session_is_its_own_verb() {
    let stub = Stub::replying([Reply::ok("{}")]).await;
    let (client, id) = (stub.client(), session_id());
    client.send_message(&id, "Use <tabs> & \"quotes\"").await.unwrap();
    client.approve_plan(&id).await.unwrap();
    client.archive(&id).await.unwrap();
    let sent: Vec<_> =
        stub.seen().iter().map(|s| (s.method.clone(), s.target.clone(), s.json())).collect();
    let path = |verb: &str| format!("/v1alpha/sessions/14365396085129174100:{verb}");
    let message = json!({ "prompt": "Use <tabs> & \"quotes\"" });
    let expected = [
        ("POST".to_owned(), path("sendMessage"), message),
        ("POST".to_owned(), path("approvePlan"), json!({})),
        ("POST".to_owned(), path("archive"), json!({})),
    ];
    assert_eq!(sent, expected);
}

#[tokio::test]
async fn one_session_is_asked_for_with_a_mask() {
    let stub = Stub::replying([Reply::json(&fixture("session_completed_pr"))]).await;
    stub.client().session(&session_id()).await.unwrap();
    let target = format!("/v1alpha/sessions/14365396085129174100?fields={SESSION_FIELDS}");
    assert_eq!(stub.only_request().target, target);
}

#[tokio::test]
async fn archived_sessions_are_listed_too() {
    let stub = Stub::replying([Reply::ok("{}")]).await;
    stub.client().sessions(None).await.unwrap();
    // Neither titles, which may be whole prompts, nor sources.
    let fields = "fields=nextPageToken%2Csessions%28name%2Cid%2Cstate%2Curl%2Carchived%2C\
                  createTime%2CupdateTime%2Coutputs%28pullRequest%28url%2Ctitle%29%29%29";
    let filter = "filter=archived%20%3D%20true%20OR%20archived%20%3D%20false";
    let expected = format!("/v1alpha/sessions?pageSize=100&{fields}&{filter}");
    assert_eq!(stub.targets(), [expected]);
}

#[tokio::test]
async fn activities_are_asked_for_from_a_time_on() {
    let stub = Stub::replying([Reply::ok("{}")]).await;
    let since = "2026-08-21T21:07:01.522664Z".parse().unwrap();
    stub.client().activities(&session_id(), Some(since), None).await.unwrap();
    let target = stub.only_request().target;
    let start = "/v1alpha/sessions/14365396085129174100/activities?pageSize=100\
                 &fields=nextPageToken%2Cactivities%28name%2Cid%2C";
    let filter = "&filter=create_time%20%3E%20%222026-08-21T21%3A07%3A01.522664Z%22";
    assert!(target.starts_with(start), "{target}");
    assert!(target.ends_with(filter), "{target}");
    assert!(!target.contains("unidiffPatch") && !target.contains("data"), "{target}");
}

#[tokio::test]
async fn the_slashes_of_a_name_stay_and_the_rest_is_encoded() {
    let stub = Stub::replying([Reply::json(&fixture("source_full"))]).await;
    let client = stub.client();
    client.source(&SourceName("sources/github/my org/r?x#y%2e".into())).await.unwrap();
    let path = "/v1alpha/sources/github/my%20org/r%3Fx%23y%252e?fields=name%2Cid%2C\
        githubRepo%28owner%2Crepo%2CisPrivate%2CdefaultBranch%28displayName%29%2C\
        branches%28displayName%29%29";
    assert_eq!(stub.only_request().target, path);
}

#[tokio::test]
async fn a_name_that_leads_elsewhere_is_not_asked_for() {
    let stub = Stub::replying([Reply::json(&fixture("source_full"))]).await;
    let client = stub.client();
    for name in ["sources/..", "sources/../sessions", "sessions/1", "sources", "sources//x", ""] {
        let answer = client.source(&SourceName(name.into())).await;
        assert_eq!(answer, Err(Error::NotFound), "{name:?}");
    }
    for (owner, repo) in [("..", ".."), ("", "x"), ("a/b", "c")] {
        let repo = RepoRef { owner: owner.into(), repo: repo.into() };
        assert_eq!(client.source_by_repo(&repo).await, Ok(None), "{repo}");
    }
    let activity = ActivityId("../..".into());
    assert_eq!(client.activity(&session_id(), &activity).await, Err(Error::NotFound));
    assert_eq!(stub.targets(), Vec::<String>::new());
}

#[tokio::test]
async fn the_key_does_not_follow_a_redirect() {
    let elsewhere = Stub::replying([Reply::ok("{}")]).await;
    let location = elsewhere.base().as_str();
    let stub = Stub::replying([Reply::of(307, "").with("location", location)]).await;
    assert!(stub.client().session(&session_id()).await.is_err());
    assert!(stub.client().create(&boba()).await.is_err());
    assert_eq!(stub.seen().len(), 2);
    assert!(elsewhere.seen().is_empty());
}

#[test]
fn a_client_never_shows_its_key() {
    let http = Http::new(patient()).unwrap();
    let base: url::Url = "https://jules.example/v1alpha".parse().unwrap();
    let client = JulesClient::new(http.clone(), base.clone(), &Secret::new(KEY)).unwrap();
    assert!(!format!("{client:?}").contains(KEY));
    for key in ["", "line\nbreak"] {
        let refused = JulesClient::new(http.clone(), base.clone(), &Secret::new(key));
        assert_eq!(refused.err(), Some(Setup::BadKey));
    }
    let file = "file:///etc/hosts".parse().unwrap();
    let refused = JulesClient::new(http, file, &Secret::new(KEY));
    assert_eq!(refused.err(), Some(Setup::BadAddress));
}
