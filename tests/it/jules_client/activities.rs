//! Activities as Jules sends them: every kind that was seen, none, several, and ones to come.

use super::stub::{Reply, Stub, fixture, refusal, session_id};
use domain::activity::{Activity, ActivityId, Artifact, Change, Event, Originator, PlanStep};
use domain::ids::PlanId;
use domain::repo::SourceName;
use jules::{Error, PageToken};
use serde_json::{Value, json};

async fn read(activity: &Value) -> Activity {
    let page = json!({ "activities": [activity] });
    let stub = Stub::replying([Reply::json(&page), Reply::json(activity)]).await;
    let client = stub.client();
    let mut page = client.activities(&session_id(), None, None).await.unwrap();
    let listed = page.items.remove(0);
    let alone = client.activity(&session_id(), &ActivityId("x".into())).await.unwrap();
    assert_eq!(listed, alone, "an activity is the same in a list and alone");
    listed
}

async fn read_fixture(name: &str) -> Activity {
    read(&fixture(name)).await
}

#[tokio::test]
async fn a_plan_has_its_steps_in_order() {
    let mut wire = fixture("activity_plan_generated");
    let activity = read(&wire).await;
    assert_eq!(activity.id, ActivityId("02200cce44f746308651037e4a18caed".into()));
    assert_eq!(activity.originator, Originator::Agent);
    assert_eq!(activity.created, Some("2025-10-03T05:43:42.801654Z".parse().unwrap()));
    let [Event::PlanGenerated(plan)] = &activity.events[..] else { panic!("{activity:?}") };
    assert_eq!(plan.id, PlanId::parse("5103d604240042cd9f59a4cb2355643a").ok());
    assert_eq!(plan.steps.len(), 5);
    assert!(plan.steps[0].title.starts_with("Setup the environment."));
    assert_eq!(plan.steps[0].description, None);

    wire["planGenerated"]["plan"]["steps"].as_array_mut().unwrap().reverse();
    assert_eq!(read(&wire).await, activity, "whatever the order on the wire");
}

#[tokio::test]
async fn a_plan_may_say_more_or_nothing() {
    let step = json!({ "title": "Do it", "description": "- first\n- second", "new": 1 });
    let wire = json!({ "id": "1", "planGenerated": { "plan": { "steps": [step, 4] } } });
    let [Event::PlanGenerated(plan)] = &read(&wire).await.events[..] else { panic!() };
    let expected =
        PlanStep { title: "Do it".into(), description: Some("- first\n- second".into()) };
    assert_eq!((&plan.id, &plan.steps[..]), (&None, &[expected][..]));
    assert!(read(&json!({ "id": "1", "planGenerated": {} })).await.events.is_empty());
}

#[tokio::test]
async fn an_approval_names_its_plan_and_the_user_even_if_automatic() {
    let activity = read_fixture("activity_plan_approved").await;
    assert_eq!(activity.originator, Originator::User);
    let plan = PlanId::parse("5103d604240042cd9f59a4cb2355643a").ok();
    assert_eq!(activity.events, [Event::PlanApproved(plan)]);
}

#[tokio::test]
async fn progress_may_carry_a_command() {
    let activity = read_fixture("activity_progress_bash").await;
    let [Event::Progress { title, description }] = &activity.events[..] else { panic!() };
    assert_eq!(title.as_deref(), Some("Ran bash command"));
    assert!(description.as_ref().unwrap().ends_with("Exit Code: 0"));
    let [Artifact::Bash { command, exit_code: 0, .. }] = &activity.artifacts[..] else { panic!() };
    assert_eq!(command.as_deref(), Some("\nnpm install"));

    let failed = read_fixture("activity_progress_bash_failed").await;
    let expected = Artifact::Bash {
        command: None,
        output: Some("Command failed due to an internal error.".into()),
        exit_code: 1,
    };
    assert_eq!(failed.artifacts, [expected]);
}

#[tokio::test]
async fn progress_may_carry_a_change_or_a_picture() {
    let change = Artifact::Change(Change {
        source: Some(SourceName("sources/github/bobalover/boba".into())),
        base_commit: Some("36ead0a4caefc451b9652ed926a15af9570f4f35".into()),
        patch: None,
        commit_message: None,
    });
    assert_eq!(read_fixture("activity_progress_change").await.artifacts, [change]);
    let picture = Artifact::Media { mime_type: Some("image/png".into()) };
    assert_eq!(read_fixture("activity_progress_media").await.artifacts, [picture]);
    let silent = read(&json!({ "id": "1", "progressUpdated": {} })).await;
    assert_eq!(silent.events, [Event::Progress { title: None, description: None }]);
}

#[tokio::test]
async fn both_sides_say_something() {
    let agent = read_fixture("activity_agent_messaged").await;
    let [Event::AgentMessaged(words)] = &agent.events[..] else { panic!("{agent:?}") };
    assert!(words.starts_with("I'm just finishing up"));
    let user = read_fixture("activity_user_messaged").await;
    assert_eq!(user.events, [Event::UserMessaged("Can you also update the README?".into())]);
    assert_eq!(user.id, ActivityId("0f3c…".into()));
}

#[tokio::test]
async fn the_end_carries_the_whole_change() {
    let activity = read_fixture("activity_session_completed").await;
    assert_eq!(activity.events, [Event::SessionCompleted]);
    let [Artifact::Change(change)] = &activity.artifacts[..] else { panic!("{activity:?}") };
    assert!(change.patch.as_ref().unwrap().starts_with("diff --git a/src/cli/explain.ts"));
    assert!(change.commit_message.as_ref().unwrap().starts_with("feat: Add `explain`"));
}

#[tokio::test]
async fn a_failure_may_have_a_reason() {
    let activity = read_fixture("activity_session_failed").await;
    assert_eq!(activity.originator, Originator::System);
    let reason = Some("Unable to install dependencies".to_owned());
    assert_eq!(activity.events, [Event::SessionFailed { reason }]);
    let silent = read(&json!({ "id": "1", "sessionFailed": {} })).await;
    assert_eq!(silent.events, [Event::SessionFailed { reason: None }]);
}

#[tokio::test]
async fn an_activity_may_be_of_no_kind_or_of_two() {
    let none = read_fixture("activity_system_no_kind").await;
    assert_eq!((none.id.0.as_str(), none.events.len()), ("act1", 0));
    assert_eq!(none.description.as_deref(), Some("Session started"));
    let two = json!({
        "name": "sessions/1/activities/2",
        "progressUpdated": { "title": "Done" }, "sessionCompleted": {}
    });
    let two = read(&two).await;
    assert_eq!((two.id.0.as_str(), two.originator), ("2", Originator::System));
    let progress = Event::Progress { title: Some("Done".into()), description: None };
    assert_eq!(two.events, [progress, Event::SessionCompleted]);
}

#[tokio::test]
async fn what_is_to_come_keeps_its_name() {
    let activity = read(&json!({
        "id": "1", "originator": "robot", "createTime": "2026-01-01T00:00:00Z",
        "coffeeBrewed": { "cups": 2 }, "etag": "x",
        "artifacts": [{ "hologram": {} }, { "changeSet": {} }, {}]
    }))
    .await;
    assert_eq!(activity.originator, Originator::Unknown("robot".into()));
    assert_eq!(activity.events, [Event::Other("coffeeBrewed".into())]);
    assert_eq!(activity.artifacts.len(), 2);
    assert_eq!(activity.artifacts[0], Artifact::Other("hologram".into()));
}

#[tokio::test]
async fn one_bad_entry_does_not_spoil_its_page() {
    let page = json!({
        "activities": [
            { "agentMessaged": { "agentMessage": "no id" } },
            { "id": "1", "planApproved": "of another shape" },
            fixture("activity_plan_approved"),
        ],
        "nextPageToken": "1787346421522664000"
    });
    let stub = Stub::replying([Reply::json(&page)]).await;
    let page = stub.client().activities(&session_id(), None, None).await.unwrap();
    assert_eq!((page.items.len(), page.passed_over), (1, 2));
    assert_eq!(page.next, Some(PageToken("1787346421522664000".into())));
}

#[tokio::test]
async fn a_page_that_is_too_large_is_asked_for_in_smaller_ones() {
    let said = json!({ "agentMessage": "x".repeat(2 << 20) });
    let large = Reply::json(&json!({ "activities": [{ "id": "1", "agentMessaged": said }] }));
    let small = Reply::json(&json!({ "activities": [fixture("activity_plan_approved")] }));
    let stub = Stub::replying([large.clone(), large, small]).await;
    let page = stub.client().activities(&session_id(), None, None).await.unwrap();
    assert_eq!(page.items.len(), 1);
    assert_eq!(stub.page_sizes(), ["100", "50", "25"]);
}

#[tokio::test]
async fn without_being_asked_for_what_came_along_is_not_known() {
    let words = "Cannot find matching fields for path 'activities.artifacts'.";
    let refusal = refusal("activities.artifacts", words);
    let page = Reply::json(&json!({ "activities": [fixture("activity_plan_approved")] }));
    let stub = Stub::replying([page.clone(), refusal, page]).await;
    let client = stub.client();
    for without_artifacts in [false, true] {
        let page = client.activities(&session_id(), None, None).await.unwrap();
        assert_eq!(page.items[0].without_artifacts, without_artifacts);
    }
}

#[tokio::test]
async fn a_young_session_has_no_activities_yet() {
    let stub = Stub::replying([Reply::of(404, fixture("error_404_not_found").to_string())]).await;
    let answer = stub.client().activities(&session_id(), None, None).await;
    assert_eq!(answer, Err(Error::NotFound));
}
