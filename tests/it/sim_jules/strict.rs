//! Keys, paths, methods, and what is refused (rows 1 to 3).

use super::{Api, KEY, fixture, read, task};
use reqwest::Method;
use serde_json::{Value, json};

fn is_invalid(reply: &(u16, Value)) -> &Value {
    assert_eq!((reply.0, &reply.1["error"]["status"]), (400, &json!("INVALID_ARGUMENT")));
    let detail = &reply.1["error"]["details"][0];
    assert_eq!(detail["@type"], "type.googleapis.com/google.rpc.BadRequest");
    &detail["fieldViolations"][0]
}

#[tokio::test]
async fn a_missing_a_wrong_and_a_revoked_key_get_the_misleading_401() {
    let api = Api::new().await;
    let url = api.jules.url() + "/sessions";
    let missing = read(api.http.post(&url).body("{}").send().await.unwrap()).await;
    assert_eq!(missing, (401, fixture("error_401_unauthenticated")));
    let wrong = api.http.post(&url).header("x-goog-api-key", "no").send().await.unwrap();
    assert_eq!(read(wrong).await, missing);
    api.account.revoke();
    assert_eq!(api.post("/sessions", &task(json!({}))).await, missing);
    api.account.restore();
    assert_eq!(api.post("/sessions", &task(json!({}))).await.0, 200);
}

#[tokio::test]
async fn each_key_is_an_account_of_its_own() {
    let api = Api::new().await;
    let other = api.jules.account("key-2");
    let id = api.create(json!({})).await;
    let url = format!("{}/sessions/{id}", api.jules.url());
    let theirs = api.http.get(url).header("x-goog-api-key", other.key()).send().await.unwrap();
    assert_eq!(read(theirs).await, (404, fixture("error_404_not_found")));
    assert_eq!((api.account.sessions().len(), other.sessions().len()), (1, 0));
}

#[tokio::test]
async fn paths_and_methods_that_are_not_there_get_html() {
    let api = Api::new().await;
    for (method, path, status) in [
        (Method::GET, "/nothing", 404),
        (Method::GET, "/sessions/", 404),
        (Method::GET, "/sessions/1/activities/2/3", 404),
        (Method::POST, "/sessions/1:cancel", 404),
        (Method::PATCH, "/sessions/1", 405),
        (Method::GET, "/sessions/1:approvePlan", 405),
        (Method::HEAD, "/sessions", 405),
    ] {
        let reply = api.request(method.clone(), path).send().await.unwrap();
        assert_eq!(reply.status().as_u16(), status, "{method} {path}");
        assert_eq!(reply.headers()["content-type"], "text/html; charset=UTF-8");
        assert!(method == Method::HEAD || reply.text().await.unwrap().contains("<html"));
    }
}

#[tokio::test]
async fn unknown_query_parameters_are_refused() {
    let api = Api::new().await;
    let id = api.create(json!({})).await;
    for (path, name) in [
        (format!("/sessions/{id}/activities"), "createTime"),
        ("/sessions".to_owned(), "orderBy"),
        (format!("/sessions/{id}"), "pageSize"),
    ] {
        let reply = api.query(&path, &[(name, "1")]).await;
        let text = is_invalid(&reply)["description"].as_str().unwrap();
        assert!(text.contains(&format!("Unknown name \"{name}\"")), "{text}");
    }
    assert_eq!(api.query("/sessions", &[("prettyPrint", "false")]).await.0, 200);
}

#[tokio::test]
async fn unknown_body_fields_are_refused_where_they_stand() {
    let api = Api::new().await;
    let id = api.create(json!({})).await;
    let reply = api.post(&format!("/sessions/{id}:sendMessage"), &json!({ "message": "hi" })).await;
    let violation = is_invalid(&reply);
    assert_eq!(violation.get("field"), None);
    assert_eq!(
        violation["description"],
        "Invalid JSON payload received. Unknown name \"message\": Cannot find field."
    );
    let reply = api.post("/sessions", &task(json!({ "requestId": "1" }))).await;
    assert_eq!(is_invalid(&reply)["field"], "session");
    let reply = api.post(&format!("/sessions/{id}:approvePlan"), &json!({ "planId": "1" })).await;
    is_invalid(&reply);
    assert_eq!(api.account.sessions().len(), 1);
}

#[tokio::test]
async fn a_bad_enum_is_refused_in_the_exact_words() {
    let api = Api::new().await;
    let reply = api.post("/sessions", &task(json!({ "automationMode": "NONE" }))).await;
    assert_eq!(reply, (400, fixture("error_400_bad_enum")));
}

#[tokio::test]
async fn what_create_needs_is_asked_for() {
    let api = Api::new().await;
    let source = json!({ "source": super::SOURCE });
    let no_branch = json!({ "source": super::SOURCE, "githubRepoContext": {} });
    for (body, field) in [
        (task(json!({ "prompt": "" })), "session.prompt"),
        (json!({}), "session.prompt"),
        (
            task(json!({ "sourceContext": source })),
            "session.source_context.github_repo_context.starting_branch",
        ),
        (
            task(json!({ "sourceContext": no_branch })),
            "session.source_context.github_repo_context.starting_branch",
        ),
        (task(json!({ "sourceContext": {} })), "session.source_context.source"),
        (task(json!({ "prompt": 5 })), "session.prompt"),
        (task(json!({ "requirePlanApproval": "yes" })), "session.require_plan_approval"),
        (json!([]), "session"),
    ] {
        let reply = api.post("/sessions", &body).await;
        assert_eq!(is_invalid(&reply)["field"], field, "{body}");
    }
    let broken = api.request(Method::POST, "/sessions").body("{\"prompt\":").send().await.unwrap();
    is_invalid(&read(broken).await);
    assert_eq!(api.account.sessions().len(), 0);
}

#[tokio::test]
async fn malformed_filters_tokens_and_sizes_are_refused() {
    let api = Api::new().await;
    let id = api.create(json!({})).await;
    let activities = format!("/sessions/{id}/activities");
    for (path, name, value) in [
        ("/sessions", "filter", "state = COMPLETED"),
        ("/sessions", "filter", "archived"),
        ("/sessions", "pageToken", "!"),
        ("/sessions", "pageSize", "-1"),
        ("/sessions", "pageSize", "many"),
        (&activities, "filter", "create_time >= \"2026-08-21T21:07:01Z\""),
        (&activities, "filter", "create_time > 2026-08-21T21:07:01Z"),
        (&activities, "pageToken", "eyJvZmZzZXQiOjIwfQ=="),
        ("/sources", "filter", "owner=AshikNesin"),
        ("/sources", "filter", "name=\"sources/github/a/b"),
        ("/sources", "pageToken", "2"),
    ] {
        is_invalid(&api.query(path, &[(name, value)]).await);
    }
}

#[tokio::test]
async fn calls_are_recorded_in_order_with_what_they_said() {
    let api = Api::new().await;
    api.query("/sessions", &[("pageSize", "1")]).await;
    api.post("/sessions", &task(json!({}))).await;
    let calls = api.jules.calls();
    use sim::jules::Op;
    assert_eq!(
        calls.iter().map(|c| c.op).collect::<Vec<_>>(),
        [Op::ListSessions, Op::CreateSession]
    );
    assert_eq!(calls[0].path, "/v1alpha/sessions");
    assert_eq!(calls[0].param("pageSize"), Some("1"));
    assert_eq!((calls[1].method.as_str(), &calls[1].body), ("POST", &task(json!({}))));
    assert_eq!((calls[1].key.as_deref(), calls[1].at), (Some(KEY), api.now()));
    api.jules.clear_calls();
    assert_eq!(api.jules.calls(), []);
}
