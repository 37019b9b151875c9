//! Creating sessions and what becomes of them (rows 4, 5, 12 to 19, 21 to 23).

use super::{Api, KEY, fixture, kinds, read, task};
use jiff::{SignedDuration, Timestamp};
use reqwest::Method;
use serde_json::{Value, json};
use sim::jules::{EmptyReply, Finish, IdleApproval, Lag, Pace, PullRequest, State, Story};
use std::collections::BTreeSet;
use std::time::Duration;

fn refused() -> (u16, Value) {
    let error = json!({
        "code": 400, "message": "Precondition check failed.", "status": "FAILED_PRECONDITION",
    });
    (400, json!({ "error": error }))
}

#[tokio::test]
async fn create_echoes_and_queues() {
    let api = Api::new().await;
    let body = task(json!({
        "title": "Rename", "automationMode": "AUTO_CREATE_PR", "requirePlanApproval": true,
    }));
    let (status, session) = api.post("/sessions", &body).await;
    assert_eq!(status, 200);
    for field in ["prompt", "title", "sourceContext", "automationMode", "requirePlanApproval"] {
        assert_eq!(session[field], body[field], "{field}");
    }
    let id = session["id"].as_str().unwrap();
    assert_eq!(session["name"], format!("sessions/{id}"));
    assert_eq!(session["url"], format!("https://jules.google.com/session/{id}"));
    assert_eq!(session["state"], "QUEUED");
    // The same fields as in a live reply.
    let fields = |v: &Value| v.as_object().unwrap().keys().cloned().collect::<BTreeSet<_>>();
    assert_eq!(fields(&session), fields(&fixture("session_created_2026")));
    // The two input-only fields are not told again.
    let (_, read) = api.get(&format!("/sessions/{id}")).await;
    assert_eq!((read.get("automationMode"), read.get("requirePlanApproval")), (None, None));
    let known = api.account.session(id).unwrap();
    assert_eq!(
        (known.automation_mode, known.require_plan_approval),
        (Some("AUTO_CREATE_PR"), true)
    );
    assert_eq!(known.branch.as_deref(), Some("main"));
}

#[tokio::test]
async fn create_invents_a_title_takes_no_repository_and_can_be_minimal() {
    let api = Api::new().await;
    let (_, repoless) = api.post("/sessions", &json!({ "prompt": "Write a script" })).await;
    assert_eq!(repoless["title"], "Write a script");
    let fields = |v: &Value| v.as_object().unwrap().keys().cloned().collect::<Vec<_>>();
    assert_eq!(fields(&repoless), fields(&fixture("session_created_repoless")));
    api.account.minimal_create(true);
    let (_, minimal) = api.post("/sessions", &task(json!({}))).await;
    assert_eq!(fields(&minimal), fields(&fixture("session_created_minimal")));
}

#[tokio::test]
async fn ids_are_too_long_for_numbers_and_times_have_all_kinds_of_fractions() {
    let api = Api::new().await;
    api.account.limits(100, 100);
    let mut ids = BTreeSet::new();
    let mut fractions = BTreeSet::new();
    for _ in 0..40 {
        let id = api.create(json!({})).await;
        api.account.say(&id, "hello");
        let activity = &api.activities(&id).await[0];
        let hex = activity["id"].as_str().unwrap();
        assert!(hex.len() == 32 && hex.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f')));
        assert_eq!(activity["name"], format!("sessions/{id}/activities/{hex}"));
        let time = activity["createTime"].as_str().unwrap();
        time.parse::<Timestamp>().unwrap();
        fractions.insert(time.len() - "2026-09-01T10:00:00Z".len());
        ids.insert(id);
        api.pass(SignedDuration::from_nanos(1_234_567_891));
    }
    assert_eq!(ids.len(), 40);
    assert!(ids.iter().all(|id| (17..=20).contains(&id.len()) && !id.starts_with('0')));
    assert!(ids.iter().any(|id| id.parse::<i64>().is_ok()));
    assert!(ids.iter().any(|id| id.parse::<i64>().is_err() && id.parse::<u64>().is_ok()));
    assert!(ids.iter().any(|id| id.parse::<u64>().is_err()));
    // None, or a point and three, six or nine digits.
    assert_eq!(fractions, BTreeSet::from([0, 4, 7, 10]));
}

#[tokio::test]
async fn three_at_once_and_fifteen_a_day_then_failed_precondition() {
    let api = Api::new().await;
    let mut ids = Vec::new();
    for _ in 0..3 {
        ids.push(api.create(json!({})).await);
    }
    assert_eq!(api.post("/sessions", &task(json!({}))).await, refused());
    for n in 3..15 {
        api.account.finish(&ids[n - 3]);
        ids.push(api.create(json!({})).await);
    }
    ids.iter().for_each(|id| api.account.finish(id));
    assert_eq!(api.post("/sessions", &task(json!({}))).await, refused());
    // A deleted session stays spent.
    assert_eq!(
        api.request(Method::DELETE, &format!("/sessions/{}", ids[0]))
            .send()
            .await
            .unwrap()
            .status(),
        200
    );
    assert_eq!(api.post("/sessions", &task(json!({}))).await, refused());
    api.pass(SignedDuration::from_hours(24));
    assert_eq!(api.post("/sessions", &task(json!({}))).await.0, 200);
}

#[tokio::test]
async fn sessions_that_wait_for_a_person_leave_room_for_others() {
    let api = Api::new().await;
    api.account.limits(1, 15);
    let id = api.create(json!({})).await;
    api.account.ask(&id, "Which one?");
    api.create(json!({})).await;
}

#[tokio::test]
async fn activity_lists_are_counted_by_the_minute() {
    let api = Api::new().await;
    let id = api.create(json!({})).await;
    let path = format!("/sessions/{id}/activities");
    for _ in 0..120 {
        assert_eq!(api.get(&path).await.0, 200);
    }
    let reply = api.request(Method::GET, &path).send().await.unwrap();
    assert_eq!((reply.status().as_u16(), reply.headers().get("retry-after")), (429, None));
    assert_eq!(read(reply).await.1["error"]["status"], "RESOURCE_EXHAUSTED");
    api.account.activity_lists_per_minute(120, Some("7"));
    let reply = api.request(Method::GET, &path).send().await.unwrap();
    assert_eq!(reply.headers()["retry-after"], "7");
    api.pass(SignedDuration::from_mins(1));
    assert_eq!(api.get(&path).await.0, 200);
}

#[tokio::test]
async fn activities_of_a_new_session_may_be_late() {
    let api = Api::new().await;
    api.account.activities_late(Lag::Calls(2));
    let path = format!("/sessions/{}/activities", api.create(json!({})).await);
    let missing = (404, fixture("error_404_not_found"));
    assert_eq!([api.get(&path).await, api.get(&path).await], [missing.clone(), missing.clone()]);
    assert_eq!(api.get(&path).await.0, 200);
    api.account.activities_late(Lag::For(SignedDuration::from_secs(30)));
    let path = format!("/sessions/{}/activities", api.create(json!({})).await);
    assert_eq!(api.get(&path).await, missing);
    api.pass(SignedDuration::from_secs(31));
    assert_eq!(api.get(&path).await.0, 200);
}

#[tokio::test]
async fn by_the_clock_a_session_plans_approves_itself_works_and_completes() {
    let api = Api::new().await;
    api.account.pace(Pace::Every(Duration::from_secs(10)));
    let id = api.create(json!({ "automationMode": "AUTO_CREATE_PR" })).await;
    let mut states = vec![api.state(&id).await];
    for _ in 0..70 {
        api.pass(SignedDuration::from_secs(1));
        let state = api.state(&id).await;
        if states.last() != Some(&state) {
            states.push(state);
        }
    }
    assert_eq!(states, ["QUEUED", "PLANNING", "IN_PROGRESS", "COMPLETED"]);
    let all = api.activities(&id).await;
    assert_eq!(
        kinds(&all),
        [
            "planGenerated",
            "planApproved",
            "progressUpdated",
            "progressUpdated",
            "progressUpdated",
            "sessionCompleted"
        ]
    );
    assert_eq!(all[1]["originator"], "user");
    assert_eq!(all[1]["planApproved"]["planId"], all[0]["planGenerated"]["plan"]["id"]);
    let at = |n: usize| all[n]["createTime"].as_str().unwrap().parse::<Timestamp>().unwrap();
    assert_eq!(at(1).duration_since(at(0)).as_secs(), 2);
    // Index 0 is left out.
    let steps = &all[0]["planGenerated"]["plan"]["steps"];
    assert_eq!((steps[0].get("index"), &steps[1]["index"]), (None, &json!(1)));
}

#[tokio::test]
async fn a_gated_plan_waits_is_revised_by_a_message_and_approved() {
    let api = Api::new().await;
    api.account.double_approval(true);
    let id = api.create(json!({ "requirePlanApproval": true })).await;
    api.account.run(&id);
    assert_eq!(api.state(&id).await, "AWAITING_PLAN_APPROVAL");
    let message = json!({ "prompt": "Leave the tests alone" });
    assert_eq!(api.post(&format!("/sessions/{id}:sendMessage"), &message).await, (200, json!({})));
    api.account.run(&id);
    assert_eq!(api.state(&id).await, "AWAITING_PLAN_APPROVAL");
    assert_eq!(
        kinds(&api.activities(&id).await),
        ["planGenerated", "userMessaged", "planGenerated"]
    );
    assert_eq!(
        api.post(&format!("/sessions/{id}:approvePlan"), &json!({})).await,
        (200, json!({}))
    );
    assert_eq!(api.state(&id).await, "IN_PROGRESS");
    let approvals = |all: Vec<Value>| kinds(&all).iter().filter(|k| **k == "planApproved").count();
    assert_eq!(approvals(api.activities(&id).await), 1);
    api.pass(SignedDuration::from_secs(31));
    assert_eq!(approvals(api.activities(&id).await), 2);
    api.account.run(&id);
    assert_eq!(api.state(&id).await, "COMPLETED");
}

#[tokio::test]
async fn approving_nothing_is_accepted_or_refused() {
    let api = Api::new().await;
    let id = api.create(json!({})).await;
    let path = format!("/sessions/{id}:approvePlan");
    assert_eq!(api.post(&path, &json!({})).await, (200, json!({})));
    assert_eq!(api.activities(&id).await.len(), 0);
    api.account.idle_approval(IdleApproval::Refused);
    assert_eq!(api.post(&path, &json!({})).await, refused());
}

#[tokio::test]
async fn a_question_is_answered_and_work_goes_on() {
    let api = Api::new().await;
    api.account.story(Story::Asks).empty_reply(EmptyReply::Nothing);
    let id = api.create(json!({})).await;
    api.account.run(&id);
    assert_eq!(api.state(&id).await, "AWAITING_USER_FEEDBACK");
    let reply = api
        .request(Method::POST, &format!("/sessions/{id}:sendMessage"))
        .json(&json!({ "prompt": "Remove it" }))
        .send()
        .await
        .unwrap();
    assert_eq!((reply.status().as_u16(), reply.bytes().await.unwrap().len()), (200, 0));
    assert_eq!(api.state(&id).await, "IN_PROGRESS");
    api.account.run(&id);
    let all = api.activities(&id).await;
    let heard = all.iter().find(|a| a.get("userMessaged").is_some()).unwrap();
    assert_eq!(
        (&heard["originator"], &heard["userMessaged"]["userMessage"]),
        (&json!("user"), &json!("Remove it"))
    );
    assert_eq!(api.state(&id).await, "COMPLETED");
}

#[tokio::test]
async fn a_message_without_words_is_written_into_the_session() {
    let api = Api::new().await;
    let id = api.create(json!({})).await;
    for body in [json!({ "prompt": "" }), json!({})] {
        let said = api.post(&format!("/sessions/{id}:sendMessage"), &body).await;
        assert_eq!(said, (200, json!({})), "{body}");
    }
    let all = api.activities(&id).await;
    assert_eq!(kinds(&all), ["userMessaged", "userMessaged"]);
    // Empty text is left out, and the message is not.
    assert_eq!((&all[0]["originator"], &all[0]["userMessaged"]), (&json!("user"), &json!({})));
}

#[tokio::test]
async fn a_message_wakes_a_completed_session_without_a_second_gate() {
    let api = Api::new().await;
    let id = api
        .create(json!({ "requirePlanApproval": true, "automationMode": "AUTO_CREATE_PR" }))
        .await;
    api.account.run(&id);
    api.post(&format!("/sessions/{id}:approvePlan"), &json!({})).await;
    api.account.run(&id);
    let before = api.activities(&id).await.len();
    api.post(&format!("/sessions/{id}:sendMessage"), &json!({ "prompt": "And the docs" })).await;
    assert_eq!(api.state(&id).await, "IN_PROGRESS");
    api.account.run(&id);
    let all = api.activities(&id).await;
    assert_eq!(
        kinds(&all[before..]),
        ["userMessaged", "agentMessaged", "progressUpdated", "sessionCompleted"]
    );
    let (_, session) = api.get(&format!("/sessions/{id}")).await;
    let outputs = session["outputs"].as_array().unwrap();
    assert_eq!(outputs.iter().filter(|o| o.get("pullRequest").is_some()).count(), 1);
}

#[tokio::test]
async fn a_failure_may_have_no_reason_and_is_not_woken() {
    let api = Api::new().await;
    let id = api.create(json!({})).await;
    api.account.fail(&id, None);
    assert_eq!(api.activities(&id).await[0]["sessionFailed"], json!({}));
    api.post(&format!("/sessions/{id}:sendMessage"), &json!({ "prompt": "Try again" })).await;
    api.account.run(&id);
    assert_eq!(api.state(&id).await, "FAILED");
    assert_eq!(kinds(&api.activities(&id).await), ["sessionFailed", "userMessaged"]);
}

#[tokio::test]
async fn archiving_pauses_what_runs_and_deleting_is_for_good() {
    let api = Api::new().await;
    let id = api.create(json!({})).await;
    let (_, session) = api.post(&format!("/sessions/{id}:archive"), &json!({})).await;
    assert_eq!((&session["state"], &session["archived"]), (&json!("PAUSED"), &json!(true)));
    let (_, session) = api.post(&format!("/sessions/{id}:unarchive"), &json!({})).await;
    assert_eq!((&session["state"], session.get("archived")), (&json!("PAUSED"), None));
    let done = api.create(json!({})).await;
    api.account.finish(&done);
    let (_, session) = api.post(&format!("/sessions/{done}:archive"), &json!({})).await;
    assert_eq!(session["state"], "COMPLETED");
    let gone = api.request(Method::DELETE, &format!("/sessions/{id}")).send().await.unwrap();
    assert_eq!(read(gone).await, (200, json!({})));
    assert_eq!(api.get(&format!("/sessions/{id}")).await, (404, fixture("error_404_not_found")));
    let again = api.request(Method::DELETE, &format!("/sessions/{id}")).send().await.unwrap();
    assert_eq!(again.status(), 404);
}

#[tokio::test]
async fn outputs_come_in_every_shape() {
    let api = Api::new().await;
    let shape = |finish: Finish| {
        let api = &api;
        async move {
            let id = api.create(json!({})).await;
            api.account.finish_with(&id, &finish);
            let (_, session) = api.get(&format!("/sessions/{id}")).await;
            (id, session["outputs"].as_array().cloned().unwrap_or_default())
        }
    };
    let keys = |outputs: &[Value]| -> Vec<String> {
        outputs.iter().flat_map(|o| o.as_object().unwrap().keys().cloned()).collect()
    };
    assert_eq!(shape(Finish::empty()).await.1, [] as [Value; 0]);
    assert_eq!(keys(&shape(Finish::change_set()).await.1), ["changeSet"]);
    assert_eq!(keys(&shape(Finish::pull_request()).await.1), ["changeSet", "pullRequest"]);
    let first = Finish { pull_request_first: true, ..Finish::pull_request() };
    assert_eq!(keys(&shape(first).await.1), ["pullRequest", "changeSet"]);
    let short = Finish { pull_request: PullRequest::Short, ..Finish::empty() };
    let (_, outputs) = shape(short).await;
    assert_eq!(keys(&outputs), ["pullRequest"]);
    assert_eq!(outputs[0]["pullRequest"].get("baseRef"), None);
    let late = SignedDuration::from_secs(20);
    let (id, outputs) = shape(Finish { pull_request_after: late, ..Finish::pull_request() }).await;
    assert_eq!(keys(&outputs), ["changeSet"]);
    api.pass(late);
    let (_, session) = api.get(&format!("/sessions/{id}")).await;
    assert_eq!(keys(session["outputs"].as_array().unwrap()), ["changeSet", "pullRequest"]);
    assert_eq!(api.account.key(), KEY);
}

#[tokio::test]
async fn update_time_moves_without_an_activity() {
    let api = Api::new().await;
    let id = api.create(json!({})).await;
    let path = format!("/sessions/{id}");
    let before = api.get(&path).await.1["updateTime"].clone();
    api.pass(SignedDuration::from_mins(5));
    api.account.touch(&id);
    assert_ne!(api.get(&path).await.1["updateTime"], before);
    assert_eq!(api.activities(&id).await.len(), 0);
    api.account.set_state(&id, State::Paused);
    assert_eq!(api.state(&id).await, "PAUSED");
}
