//! An app that is installed once for a whole organisation: what its token has to say, and what it is told.

use super::app::{Scene, section};
use serde_json::json;

/// What a list of something is asked for by.
const LISTS: [&str; 6] = [
    "users.conversations",
    "conversations.list",
    "users.list",
    "usergroups.list",
    "usergroups.users.list",
    "bots.info",
];

#[tokio::test]
async fn an_organisations_token_has_to_name_the_workspace() {
    let scene = Scene::new().await;
    let group = scene.slack.group("web", &["ann"]);
    let of = |team: Option<&'static str>| {
        let mut args = vec![("usergroup", group.as_str())];
        args.extend(team.map(|team| ("team_id", team)));
        args
    };
    for method in LISTS {
        let own = scene.ask(method, &of(None)).await;
        assert_eq!(own["ok"], true, "a workspace's token has no need to: {method}: {own}");
    }
    scene.slack.organisation("E0ACME");
    scene.slack.install_org_wide(true);
    for method in LISTS {
        assert_eq!(scene.ask(method, &of(None)).await["error"], "missing_argument", "{method}");
        let other = scene.ask(method, &of(Some("T0OTHER"))).await;
        assert_eq!(other["error"], "team_access_not_granted", "{method}");
        assert_eq!(scene.ask(method, &of(Some("T0ACME"))).await["ok"], true, "{method}");
    }
}

#[tokio::test]
async fn a_form_names_the_organisation_that_the_app_is_installed_in() {
    let scene = Scene::new().await;
    let ann = scene.slack.user("ann");
    scene.slack.organisation("E0ACME");
    let plain = |text: &str| json!({ "type": "plain_text", "text": text });
    let view = json!({ "type": "modal", "title": plain("New task"), "submit": plain("Start"),
        "blocks": [section("x")] });
    for (org_wide, installed) in [(false, "T0ACME"), (true, "E0ACME")] {
        scene.slack.install_org_wide(org_wide);
        ann.types("dev", "/jules").await.unwrap();
        let trigger = scene.got_one().form()["trigger_id"].clone();
        let opened = scene.call("views.open", json!({ "trigger_id": trigger, "view": view })).await;
        assert_eq!(opened["view"]["app_installed_team_id"], installed, "{opened}");
        scene.slack.open_view("ann").unwrap().submit().await.unwrap();
        let sent = scene.got_one().json();
        assert_eq!(sent["view"]["app_installed_team_id"], installed, "{sent}");
        assert_eq!(sent["view"]["team_id"], "T0ACME", "where it is shown: {sent}");
    }
}

#[tokio::test]
async fn what_slack_need_not_tell_can_be_left_out() {
    let scene = Scene::new().await;
    let ann = scene.slack.user("ann");
    scene.slack.organisation("E0ACME");
    scene.slack.install_org_wide(true);
    let told = || async {
        let user = scene.ask("users.info", &[("user", ann.id())]).await["user"].clone();
        let us = scene.call("auth.test", json!({})).await;
        assert_eq!((&user["id"], &us["team_id"]), (&json!(ann.id()), &json!("E0ACME")));
        let enterprise = user.get("enterprise_user").map(|it| it["enterprise_id"].clone());
        (enterprise, us.get("enterprise_id").cloned(), us.get("is_enterprise_install").cloned())
    };
    let all = (Some(json!("E0ACME")), Some(json!("E0ACME")), Some(json!(true)));
    assert_eq!(told().await, all);
    scene.slack.leave_out_enterprise_user(true);
    assert_eq!(told().await, (None, all.1.clone(), all.2.clone()));
    scene.slack.leave_organisation_out_of_auth_test(true);
    assert_eq!(told().await, (None, None, None));
    scene.slack.leave_out_enterprise_user(false);
    scene.slack.leave_organisation_out_of_auth_test(false);
    assert_eq!(told().await, all);
}
