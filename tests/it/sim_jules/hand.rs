//! Sessions moved by hand and by others (rows 13 and 15; F10, F12, F16).

use super::{Api, KEY, fixture, kinds};
use jiff::SignedDuration;
use serde_json::json;
use sim::jules::{Fault, Origin, Pace, State, Story};
use std::time::Duration;

#[tokio::test]
async fn a_plan_made_by_hand_takes_the_place_of_the_scripts_own() {
    let api = Api::new().await;
    let gated = api.create(json!({ "requirePlanApproval": true })).await;
    api.account.plan(&gated, &[("Look", ""), ("Change", "- carefully")]);
    assert_eq!(api.state(&gated).await, "AWAITING_PLAN_APPROVAL");
    let steps = api.activities(&gated).await[0]["planGenerated"]["plan"]["steps"].clone();
    assert_eq!((&steps[0]["title"], steps[0].get("description")), (&json!("Look"), None));
    assert_eq!((&steps[1]["description"], &steps[1]["index"]), (&json!("- carefully"), &json!(1)));
    api.account.user_approves(&gated);
    api.account.run(&gated);
    let all = api.activities(&gated).await;
    assert_eq!(kinds(&all).iter().filter(|k| **k == "planGenerated").count(), 1);
    assert_eq!(api.state(&gated).await, "COMPLETED");
    let free = api.create(json!({})).await;
    api.account.plan(&free, &[("Do", "")]);
    assert_eq!(kinds(&api.activities(&free).await), ["planGenerated", "planApproved"]);
}

#[tokio::test]
async fn every_story_ends_as_it_says() {
    let api = Api::new().await;
    api.account.limits(100, 100);
    for (story, prompt, state, last) in [
        (Story::Plain, "x", "COMPLETED", "sessionCompleted"),
        (Story::Asks, "x", "AWAITING_USER_FEEDBACK", "agentMessaged"),
        (Story::Fails, "x", "FAILED", "sessionFailed"),
        (Story::Stuck, "x", "IN_PROGRESS", "progressUpdated"),
        (Story::PlanOnly, "x", "COMPLETED", "sessionCompleted"),
        (Story::ByPrompt, "Rename it", "COMPLETED", "sessionCompleted"),
        (Story::ByPrompt, "Rename it, ask me first", "AWAITING_USER_FEEDBACK", "agentMessaged"),
        (Story::ByPrompt, "Fail, please", "FAILED", "sessionFailed"),
        (Story::ByPrompt, "Upgrade React to 19", "FAILED", "sessionFailed"),
        (Story::ByPrompt, "Get stuck", "IN_PROGRESS", "progressUpdated"),
    ] {
        api.account.story(story);
        let id = api.create(json!({ "prompt": prompt })).await;
        api.account.run(&id);
        assert_eq!(api.state(&id).await, state, "{story:?} {prompt}");
        assert_eq!(kinds(&api.activities(&id).await).last(), Some(&last), "{story:?} {prompt}");
        let (_, session) = api.get(&format!("/sessions/{id}")).await;
        assert_eq!(
            session.get("outputs").is_some(),
            state == "COMPLETED" && story != Story::PlanOnly
        );
    }
}

#[tokio::test]
async fn other_people_write_archive_and_delete() {
    let api = Api::new().await;
    let id = api.create(json!({})).await;
    api.account.user_writes(&id, "from the web");
    let heard = &api.activities(&id).await[0];
    assert_eq!(heard["userMessaged"]["userMessage"], "from the web");
    api.account.user_archives(&id, true);
    assert_eq!(api.state(&id).await, "PAUSED");
    assert_eq!(api.get("/sessions").await.1, json!({}));
    api.account.user_deletes(&id);
    assert_eq!(api.get(&format!("/sessions/{id}")).await, (404, fixture("error_404_not_found")));
    assert_eq!(api.account.session(&id), None);
}

#[tokio::test]
async fn a_paused_session_stands_still_however_much_time_passes() {
    let api = Api::new().await;
    api.account.pace(Pace::Every(Duration::from_secs(1)));
    let id = api.create(json!({})).await;
    api.account.set_state(&id, State::Paused);
    api.pass(SignedDuration::from_hours(1));
    assert_eq!((api.state(&id).await.as_str(), api.activities(&id).await.len()), ("PAUSED", 0));
}

#[tokio::test]
async fn any_page_size_shows_every_activity_once_when_times_differ() {
    let api = Api::new().await;
    let id = api.create(json!({})).await;
    for n in 0..23 {
        api.account.progress(&id, &format!("{n}"), "");
        api.pass(SignedDuration::from_millis(n * 37 % 90));
    }
    let path = format!("/sessions/{id}/activities");
    let all = api.activities(&id).await;
    for size in [1, 2, 3, 7, 22, 23, 24] {
        let pages = api.pages(&path, "activities", &[("pageSize", &size.to_string())]).await;
        assert_eq!(pages.concat(), all, "{size}");
    }
}

#[tokio::test]
async fn activities_of_one_time_are_seen_again_across_a_page_boundary() {
    let api = Api::new().await;
    let id = api.create(json!({})).await;
    let at = api.now();
    let said = fixture("activity_agent_messaged");
    (0..3).for_each(|n| {
        // The second and the third share a time, and the boundary is between them.
        let at = at + SignedDuration::from_secs(i64::from(n > 0));
        api.account.add_activity_at(&id, at, &said);
    });
    let path = format!("/sessions/{id}/activities");
    let pages = api.pages(&path, "activities", &[("pageSize", "2")]).await;
    // The token means "at or after this time", so the second of the pair comes with the first.
    assert_eq!(pages.iter().map(Vec::len).collect::<Vec<_>>(), [2, 2]);
    assert_eq!(pages[0][1], pages[1][0]);
}

#[tokio::test]
async fn a_session_of_the_demo_is_about_its_prompt() {
    let api = Api::new().await;
    api.account.story(Story::ByPrompt);
    let title = "add a dark mode";
    let more = json!({ "prompt": title, "title": title, "automationMode": "AUTO_CREATE_PR" });
    let id = api.create(more).await;
    api.account.run(&id);
    let all = json!(api.activities(&id).await).to_string();
    for part in ["prefers-color-scheme", "bashOutput", "\"mimeType\":\"image/png\"", "ThemeToggle"]
    {
        assert!(all.contains(part), "no {part} in {all}");
    }
    let (_, session) = api.get(&format!("/sessions/{id}")).await;
    let outputs = session["outputs"].as_array().unwrap();
    let pull_request = outputs.iter().find_map(|one| one.get("pullRequest")).unwrap();
    assert_eq!(pull_request["title"], "feat: add a dark theme", "the commit's, not the session's");
}

#[tokio::test]
async fn it_can_forget_everything() {
    let api = Api::new().await;
    api.create(json!({})).await;
    api.jules.fault(Fault::status(503)).for_ever();
    api.jules.reset();
    assert_eq!(api.get("/sessions").await.0, 401, "no account is left");
    api.jules.default_sources(KEY);
    assert_eq!(api.get("/sessions").await, (200, json!({})));
}

#[tokio::test]
async fn a_session_of_the_web_page_asks_and_finishes_once_it_is_answered() {
    let api = Api::new().await;
    let source = "sources/github/bobalover/boba-web";
    let id = api.account.add_foreign_session(Origin::Web, "Add a favicon", source);
    api.account.ask_then_finish(&id, "Which one?");
    api.account.run(&id);
    assert_eq!(api.state(&id).await, "AWAITING_USER_FEEDBACK");
    api.account.user_writes(&id, "The cup.");
    api.account.run(&id);
    assert_eq!(api.state(&id).await, "COMPLETED");
    let kinds = kinds(&api.activities(&id).await).join(" ");
    assert!(kinds.starts_with("agentMessaged userMessaged agentMessaged"), "{kinds}");
}
