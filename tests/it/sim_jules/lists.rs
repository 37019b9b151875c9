//! Pages, orders and filters (rows 6 to 8, 10, 20; F10).

use super::{Api, SOURCE, fixture};
use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};
use sim::jules::Origin;

fn texts<'a>(items: &'a [Value], pointer: &str) -> Vec<&'a str> {
    items.iter().map(|i| i.pointer(pointer).unwrap().as_str().unwrap()).collect()
}

fn times(items: &[Value]) -> Vec<Timestamp> {
    texts(items, "/createTime").iter().map(|t| t.parse().unwrap()).collect()
}

#[tokio::test]
async fn an_empty_list_is_an_empty_object() {
    let api = Api::new().await;
    assert_eq!(api.get("/sessions").await, (200, json!({})));
    let id = api.create(json!({})).await;
    assert_eq!(api.get(&format!("/sessions/{id}/activities")).await, (200, json!({})));
}

#[tokio::test]
async fn sources_come_by_id_in_pages_of_thirty_with_the_next_id_as_token() {
    let api = Api::new().await;
    let pages = api.pages("/sources", "sources", &[]).await;
    assert_eq!(pages.iter().map(Vec::len).collect::<Vec<_>>(), [30, 30, 30, 6]);
    let all = pages.concat();
    let ids = texts(&all, "/id");
    assert!(ids.is_sorted());
    assert!(texts(&pages[3], "/name").contains(&SOURCE));
    let (_, first) = api.get("/sources").await;
    assert_eq!(first["nextPageToken"], ids[30]);
    let (_, hundred) = api.query("/sources", &[("pageSize", "1000")]).await;
    assert_eq!(hundred["sources"].as_array().unwrap().len(), 96);
}

#[tokio::test]
async fn the_default_sources_are_of_many_kinds() {
    let api = Api::new().await;
    let repo = |name: &'static str| {
        let api = &api;
        async move { api.get(&format!("/sources/github/{name}")).await.1["githubRepo"].take() }
    };
    assert_eq!(repo("Acme-Corp/Monolith").await["branches"].as_array().unwrap().len(), 500);
    assert_eq!(repo("Acme-Corp/vault").await["isPrivate"], true);
    assert_eq!(repo("Acme-Corp/legacy").await.get("defaultBranch"), None);
    let public = repo("AshikNesin/404less").await;
    assert_eq!(public.get("isPrivate"), None);
    assert_eq!(public["defaultBranch"], json!({ "displayName": "main" }));
}

#[tokio::test]
async fn one_source_is_read_by_its_exact_name() {
    let api = Api::new().await;
    let docs = api.jules.account("docs");
    docs.add_source("myorg", "myrepo")
        .private(true)
        .default_branch("main")
        .branches(["main", "develop"]);
    let url = api.jules.url() + "/sources/github/myorg/myrepo";
    let reply = api.http.get(url).header("x-goog-api-key", "docs").send().await.unwrap();
    assert_eq!(super::read(reply).await, (200, fixture("source_full")));
    for path in ["github/ashiknesin/404LESS", "github/AshikNesin%2F404less", "github/no/such"] {
        assert_eq!(
            api.get(&format!("/sources/{path}")).await,
            (404, fixture("error_404_not_found"))
        );
    }
}

#[tokio::test]
async fn sources_are_filtered_by_name_only() {
    let api = Api::new().await;
    let filter = format!("name=\"{SOURCE}\" OR name=sources/github/bobalover/boba");
    let (_, page) = api.query("/sources", &[("filter", &filter)]).await;
    let sources = page["sources"].as_array().unwrap();
    assert_eq!(texts(sources, "/name"), [SOURCE, "sources/github/bobalover/boba"]);
    assert_eq!(api.query("/sources", &[("filter", "name=sources/x")]).await, (200, json!({})));
}

#[tokio::test]
async fn sessions_come_newest_first_in_pages_of_thirty() {
    let api = Api::new().await;
    api.account.limits(100, 100);
    let mut made = Vec::new();
    for _ in 0..65 {
        made.push(api.create(json!({})).await);
    }
    made.reverse();
    let pages = api.pages("/sessions", "sessions", &[]).await;
    assert_eq!(pages.iter().map(Vec::len).collect::<Vec<_>>(), [30, 30, 5]);
    let all = pages.concat();
    assert_eq!(texts(&all, "/id"), made);
    assert!(times(&all).is_sorted_by(|a, b| a > b));
}

#[tokio::test]
async fn archived_sessions_are_shown_when_asked_for() {
    let api = Api::new().await;
    let (open, archived) = (api.create(json!({})).await, api.create(json!({})).await);
    let (_, reply) = api.post(&format!("/sessions/{archived}:archive"), &json!({})).await;
    assert_eq!(reply["archived"], true);
    for (filter, expected) in [
        ("", vec![&open]),
        ("archived = false", vec![&open]),
        ("archived = true", vec![&archived]),
        ("archived = true OR archived = false", vec![&archived, &open]),
    ] {
        let (_, page) = api.query("/sessions", &[("filter", filter)]).await;
        assert_eq!(texts(page["sessions"].as_array().unwrap(), "/id"), expected, "{filter}");
    }
    assert_eq!(api.get(&format!("/sessions/{archived}")).await.0, 200);
}

#[tokio::test]
async fn activities_come_oldest_first_with_nanoseconds_as_token() {
    let api = Api::new().await;
    let id = api.create(json!({})).await;
    for n in 0..120 {
        api.account.say(&id, &format!("{n}"));
    }
    let path = format!("/sessions/{id}/activities");
    let pages = api.pages(&path, "activities", &[]).await;
    assert_eq!(pages.iter().map(Vec::len).collect::<Vec<_>>(), [50, 50, 20]);
    let all = pages.concat();
    let said: Vec<_> = (0..120).map(|n| n.to_string()).collect();
    assert_eq!(texts(&all, "/agentMessaged/agentMessage"), said);
    assert!(times(&all).is_sorted_by(|a, b| a < b));
    let (_, first) = api.get(&path).await;
    let nanos = times(&all)[50].as_nanosecond().to_string();
    assert_eq!(first["nextPageToken"], nanos);
}

#[tokio::test]
async fn create_time_is_an_exclusive_filter() {
    let api = Api::new().await;
    let id = api.create(json!({})).await;
    for n in 0..5 {
        api.account.say(&id, &format!("{n}"));
    }
    let all = api.activities(&id).await;
    let path = format!("/sessions/{id}/activities");
    for form in ["create_time > ", "create_time>"] {
        let filter = format!("{form}\"{}\"", all[2]["createTime"].as_str().unwrap());
        let (_, page) = api.query(&path, &[("filter", &filter)]).await;
        assert_eq!(page["activities"].as_array().unwrap().as_slice(), &all[3..]);
    }
}

#[tokio::test]
async fn an_activity_may_turn_up_late_with_an_earlier_time() {
    let api = Api::new().await;
    let id = api.create(json!({})).await;
    api.account.say(&id, "second");
    let early = api.now() - SignedDuration::from_secs(5);
    let payload = fixture("activity_agent_messaged");
    api.account.add_activity_at(&id, early, &payload);
    let all = api.activities(&id).await;
    assert_eq!(times(&all)[0], early);
    assert_eq!(all[1]["agentMessaged"]["agentMessage"], "second");
}

#[tokio::test]
async fn sessions_of_other_origins_are_in_the_list() {
    let api = Api::new().await;
    let web = api.account.add_foreign_session(Origin::Web, "from the web", SOURCE);
    let suggested = api.account.add_foreign_session(Origin::Suggested, "tidy up", SOURCE);
    let scheduled = api.account.add_foreign_session(Origin::Scheduled, "each night", SOURCE);
    let repoless = api.account.add_foreign_session(Origin::Repoless, "a script", SOURCE);
    let (_, page) = api.get("/sessions").await;
    let sessions = page["sessions"].as_array().unwrap();
    assert_eq!(
        texts(sessions, "/id"),
        [&repoless, &scheduled, &suggested, &web].map(String::as_str)
    );
    assert_eq!(sessions[0].get("sourceContext"), None);
    assert!(sessions[2]["title"].as_str().unwrap().len() > 2000);
    assert_eq!(sessions[2]["title"], sessions[2]["prompt"]);
}
