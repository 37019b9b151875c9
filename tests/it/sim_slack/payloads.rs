//! The shapes of deliveries, held against the examples of Slack's documentation in
//! `tests/fixtures/slack`: every field of an example is in ours, with the same type of value.

use super::app::{Scene, button, section};
use serde_json::{Value, json};

/// An example by the name of its file.
macro_rules! example {
    ($name:literal) => {
        serde_json::from_str::<Value>(include_str!(concat!(
            "../../fixtures/slack/",
            $name,
            ".json"
        )))
        .unwrap()
    };
}

/// Where the example has something that ours lacks, or something of another type.
fn differences(example: &Value, ours: &Value, at: &str, out: &mut Vec<String>) {
    if let Some(fields) = example.as_object() {
        for (name, value) in fields {
            let at = format!("{at}/{name}");
            match ours.get(name) {
                Some(mine) => differences(value, mine, &at, out),
                None => out.push(format!("{at} is missing")),
            }
        }
    } else if let (Some(first), Some(mine)) = (example.get(0), ours.get(0)) {
        differences(first, mine, &format!("{at}/0"), out);
    } else if kind(example) != kind(ours) && !example.is_null() && !ours.is_null() {
        out.push(format!("{at} is {} and not {}", kind(ours), kind(example)));
    }
}

fn kind(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "a boolean",
        Value::Number(_) => "a number",
        Value::String(_) => "text",
        Value::Array(_) => "a list",
        Value::Object(_) => "an object",
    }
}

fn assert_like(example: &Value, ours: &Value, but: &[&str]) {
    let mut out = Vec::new();
    differences(example, ours, "", &mut out);
    out.retain(|line| !but.iter().any(|known| line.starts_with(known)));
    assert_eq!(out, Vec::<String>::new(), "ours: {ours:#}");
}

#[tokio::test]
async fn a_command_has_the_fields_of_the_documentation() {
    let scene = Scene::new().await;
    scene.slack.user("ann").types("dev", "/jules fix it").await.unwrap();
    let ours = scene.got_one().form();
    let example = include_bytes!("../../fixtures/slack/command.form");
    for (name, _) in url::form_urlencoded::parse(example) {
        // A workspace outside an organisation has no enterprise.
        let known = ours.contains_key(&*name) || name.starts_with("enterprise_");
        assert!(known, "{name} is missing");
    }
}

#[tokio::test]
async fn a_click_in_a_thread_has_the_shape_of_the_documentation() {
    let scene = Scene::new().await;
    let dev = scene.dev();
    let root = scene.posted(json!({ "channel": dev, "text": "root" })).await;
    let mut approve = button("Approve plan", "plan_approve");
    approve["style"] = json!("primary");
    let blocks = json!([{ "type": "actions", "elements": [approve] }]);
    let args = json!({ "channel": dev, "thread_ts": root, "text": "Plan ready", "blocks": blocks });
    scene.posted(args).await;
    scene.slack.user("ann").clicks("dev", "", "Approve plan").await.unwrap();
    let ours = scene.got_one().json();
    assert_like(&example!("block_actions_message"), &ours, &[]);
}

#[tokio::test]
async fn a_form_sends_the_shapes_of_the_documentation() {
    let scene = Scene::new().await;
    let ann = scene.slack.user("ann");
    ann.types("dev", "/jules").await.unwrap();
    let trigger_id = scene.got_one().form()["trigger_id"].clone();
    let plain = |text: &str| json!({ "type": "plain_text", "text": text });
    let option = json!({ "text": plain("main"), "value": "main" });
    let select = json!({ "type": "external_select", "action_id": "repo_select",
        "min_query_length": 0, "initial_option": option });
    let input = |block: &str, element: Value| {
        json!({ "type": "input", "block_id": block, "optional": true, "label": plain("x"),
            "element": element })
    };
    let mut branch = section("Branch");
    branch["block_id"] = json!("b");
    branch["accessory"] =
        json!({ "type": "static_select", "action_id": "branch", "options": [option] });
    let view = json!({ "type": "modal", "callback_id": "jules_new", "title": plain("New task"),
        "submit": plain("Start"), "close": plain("Cancel"), "notify_on_close": true,
        "blocks": [
            input("repo", select),
            input("prompt", json!({ "type": "plain_text_input", "action_id": "prompt_input",
                "initial_value": "Fix it" })),
            input("branch", json!({ "type": "plain_text_input", "action_id": "branch_input" })),
            input("opts", json!({ "type": "checkboxes", "action_id": "opts_cb",
                "options": [option] })),
            branch,
        ] });
    scene.call("views.open", json!({ "trigger_id": trigger_id, "view": view })).await;
    let form = scene.slack.open_view("ann").unwrap();

    let _ = form.type_ahead("repo", "api").await;
    let ours = scene.got_one().json();
    assert_like(&example!("block_suggestion"), &ours, &[]);

    form.choose("Branch", "main").await.unwrap();
    let ours = scene.got_one().json();
    // The example is of an organisation.
    let but = ["/enterprise"];
    assert_like(&example!("block_actions_view_org"), &ours, &but);

    form.submit().await.unwrap();
    let ours = scene.got_one().json();
    assert_like(&example!("view_submission"), &ours, &[]);

    ann.types("dev", "/jules").await.unwrap();
    let trigger_id = scene.got_one().form()["trigger_id"].clone();
    scene.call("views.open", json!({ "trigger_id": trigger_id, "view": view })).await;
    scene.slack.open_view("ann").unwrap().close().await.unwrap();
    let ours = scene.got_one().json();
    assert_like(&example!("view_closed"), &ours, &[]);
}

#[tokio::test]
async fn shortcuts_have_the_shapes_of_the_documentation() {
    let scene = Scene::new().await;
    let ann = scene.slack.user("ann");
    ann.uses_shortcut("jules_new_task").await.unwrap();
    let ours = scene.got_one().json();
    assert_like(&example!("shortcut"), &ours, &[]);
    let root = ann.says("dev", None, "root").await.unwrap().ts;
    ann.says("dev", Some(&root), "@bob the build is red").await.unwrap();
    ann.uses_message_shortcut("jules_from_message", "dev", "red").await.unwrap();
    let ours = scene.got_one().json();
    let but = ["/enterprise", "/team/enterprise"];
    assert_like(&example!("message_action"), &ours, &but);
    assert_eq!(ours["message"]["blocks"][0]["elements"][0]["elements"][0]["user_id"], "U0BOB");
}

#[tokio::test]
async fn a_reply_is_an_event_of_the_shape_of_the_documentation() {
    let scene = Scene::new().await;
    scene.slack.subscribe(&["message.channels", "app_home_opened"]);
    let root = scene.posted(json!({ "channel": scene.dev(), "text": "root" })).await;
    scene.slack.deliver_events().await;
    scene.got();
    let ann = scene.slack.user("ann");
    ann.says("dev", Some(&root), "also update the README & add tests").await.unwrap();
    let ours = scene.got_one().json();
    assert_like(&example!("event_message"), &ours, &[]);
    ann.opens_home().await;
    let ours = scene.got_one().json();
    assert_like(&example!("event_app_home_opened"), &ours, &[]);
}

#[tokio::test]
async fn a_mention_is_an_event_of_the_shape_of_the_documentation() {
    let scene = Scene::new().await;
    scene.slack.subscribe(&["app_mention"]);
    scene.slack.user("ann").mentions("dev", "fix the flaky test").await.unwrap();
    let ours = scene.got_one().json();
    assert_like(&example!("event_app_mention"), &ours, &[]);
    assert!(ours["event"]["blocks"].is_array());
}
