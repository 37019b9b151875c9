//! Payloads of all kinds, real ones and impossible ones (row 24; F8, F9, F15).

use super::{Api, fixture, task};
use serde_json::{Value, json};
use sim::jules::{Fault, Op, odd};

/// Like the original, apart from what belongs to the session it is put into.
fn content(mut activity: Value) -> Value {
    for own in ["name", "id", "createTime"] {
        activity.as_object_mut().unwrap().remove(own);
    }
    activity
}

#[tokio::test]
async fn every_published_activity_goes_out_as_it_was_seen() {
    let api = Api::new().await;
    let id = api.create(json!({})).await;
    let names = [
        "plan_generated",
        "plan_approved",
        "progress_bash",
        "progress_bash_failed",
        "progress_change",
        "progress_media",
        "agent_messaged",
        "user_messaged",
        "session_completed",
        "session_failed",
        "system_no_kind",
    ];
    let real: Vec<_> = names.iter().map(|n| fixture(&format!("activity_{n}"))).collect();
    real.iter().for_each(|payload| api.account.add_activity(&id, payload));
    let all = api.activities(&id).await;
    let path = format!("/sessions/{id}/activities/{}", all[4]["id"].as_str().unwrap());
    assert_eq!(api.get(&path).await, (200, all[4].clone()));
    let (sent, seen): (Vec<_>, Vec<_>) =
        (real.into_iter().map(content).collect(), all.into_iter().map(content).collect());
    assert_eq!(sent, seen);
}

/// What a finished session and its activities look like under a fault.
async fn under(fault: Fault) -> (Value, Vec<Value>) {
    let api = Api::new().await;
    let id = api.create(json!({ "automationMode": "AUTO_CREATE_PR" })).await;
    api.account.run(&id);
    api.jules.fault(fault).on(Op::GetSession).on(Op::ListActivities).for_ever();
    let (_, session) = api.get(&format!("/sessions/{id}")).await;
    (session, api.activities(&id).await)
}

#[tokio::test]
async fn nobody_has_heard_of_these() {
    assert_eq!(under(odd::unknown_state()).await.0["state"], "AWAITING_THE_MUSE");
    let (session, _) = under(odd::unknown_output()).await;
    assert!(session["outputs"][0].get("deployment").is_some());
    assert_eq!(session["outputs"].as_array().unwrap().len(), 3);
    let (_, all) = under(odd::unknown_activity_kind()).await;
    assert!(all.iter().all(|a| super::kind(a) == "haikuComposed"));
    let (_, all) = under(odd::no_activity_kind()).await;
    assert!(all.iter().all(|a| super::kind(a).is_empty() && a["description"] == "Session started"));
    let (_, all) = under(odd::two_activity_kinds()).await;
    assert!(all[0].get("planGenerated").is_some() && all[0].get("agentMessaged").is_some());
    let (_, all) = under(odd::unknown_artifact()).await;
    assert!(all.iter().all(|a| a["artifacts"][0].get("hologram").is_some()));
    let (session, all) = under(odd::extra_fields()).await;
    assert!(session["sourceContext"].get("somethingNew").is_some());
    assert!(all[0]["planGenerated"]["plan"].get("somethingNew").is_some());
}

#[tokio::test]
async fn sources_of_another_kind() {
    let api = Api::new().await;
    api.jules.fault(odd::unknown_source_kind()).on(Op::ListSources).once();
    let (_, page) = api.get("/sources").await;
    assert!(page["sources"][0].get("forgeRepo").is_some());
    assert_eq!(page["sources"][0].get("githubRepo"), None);
}

#[tokio::test]
async fn optional_fields_are_missing() {
    let fields = &["state", "url", "title", "createTime", "originator", "steps", "description"];
    let (session, all) = under(odd::without(fields)).await;
    assert_eq!((session.get("state"), session.get("url")), (None, None));
    assert!(session["prompt"].is_string());
    assert_eq!(all[0].get("createTime"), None);
    assert_eq!(all[0]["planGenerated"]["plan"].get("steps"), None);
    assert_eq!(all[2]["progressUpdated"], json!({}));
}

#[tokio::test]
async fn nasty_text_passes_through_unchanged_in_both_directions() {
    let api = Api::new().await;
    api.account.limits(100, 100);
    for text in odd::nasty_texts() {
        let (status, session) = api.post("/sessions", &task(json!({ "prompt": text }))).await;
        assert_eq!((status, &session["prompt"]), (200, &json!(text)));
        let id = session["id"].as_str().unwrap();
        api.account.say(id, &text);
        assert_eq!(api.activities(id).await[0]["agentMessaged"]["agentMessage"], json!(text));
    }
}
