//! What people see and click: the screen in plain text, buttons, private lines.

use super::app::{Scene, button, section};
use insta::assert_snapshot;
use serde_json::{Value, json};

#[tokio::test]
async fn a_channel_reads_as_people_see_it() {
    let scene = Scene::new().await;
    let dev = scene.dev();
    let ann = scene.slack.user("ann");
    ann.says("dev", None, "@bob can we rename it? See https://x.y").await.unwrap();
    let mut open = button("Open in Jules", "open");
    open["url"] = json!("https://jules.google.com/session/1");
    let root = scene
        .posted(json!({ "channel": dev, "text": "fallback", "blocks": [
            { "type": "header", "text": { "type": "plain_text", "text": "Rename it" } },
            section(":hourglass: *Working* for <@U0ANN> on <https://github.com/a/b|a/b> &amp; co"),
            { "type": "divider" },
            { "type": "context", "elements": [{ "type": "mrkdwn", "text": "2 minutes" }] },
            { "type": "actions", "elements": [open, button("Stop", "stop")] },
            { "type": "carousel", "elements": [] },
        ] }))
        .await;
    let reply = json!({ "channel": dev, "thread_ts": root, "text": "Plan ready", "blocks": [
        { "type": "rich_text", "elements": [
            { "type": "rich_text_list", "style": "ordered", "elements": [
                { "type": "rich_text_section", "elements": [{ "type": "text", "text": "Look" }] },
                { "type": "rich_text_section", "elements": [{ "type": "text", "text": "Leap" }] },
            ] },
            { "type": "rich_text_preformatted", "elements": [{ "type": "text", "text": "let x;" }] },
        ] },
        { "type": "markdown", "text": "# Done\n- yes" },
    ] });
    scene.posted(reply).await;
    let said = ann.says("dev", Some(&root), "go on").await.unwrap();
    let eyes = json!({ "channel": dev, "timestamp": said.ts, "name": "eyes" });
    scene.call("reactions.add", eyes).await;
    let psst = json!({ "channel": dev, "user": "U0ANN", "thread_ts": root, "text": "Only you" });
    scene.call("chat.postEphemeral", psst).await;
    let last = scene.posted(json!({ "channel": dev, "text": "first" })).await;
    scene.call("chat.update", json!({ "channel": dev, "ts": last, "text": "second" })).await;
    assert_snapshot!(scene.slack.screen("#dev"));
    assert_eq!(scene.slack.unread(), Vec::<String>::new());
}

#[tokio::test]
async fn a_form_reads_as_people_see_it() {
    let scene = Scene::new().await;
    scene.slack.user("ann").types("dev", "/jules").await.unwrap();
    let trigger = scene.got_one().form()["trigger_id"].clone();
    let plain = |text: &str| json!({ "type": "plain_text", "text": text });
    let option = |text: &str| json!({ "text": plain(text), "value": text });
    let input = |label: &str, element: Value| json!({ "type": "input", "label": plain(label), "element": element, "optional": label == "Title" });
    let view = json!({
        "type": "modal",
        "title": plain("New task"),
        "submit": plain("Start"),
        "close": plain("Cancel"),
        "blocks": [
            section("For *acme*:"),
            input("Repository", json!({ "type": "external_select", "placeholder": plain("Choose") })),
            input("What to do", json!({ "type": "plain_text_input", "initial_value": "fix it" })),
            input("Title", json!({ "type": "plain_text_input" })),
            input("Plan", json!({ "type": "radio_buttons", "options": [option("Ask"), option("Go")],
                "initial_option": option("Go") })),
            input("More", json!({ "type": "checkboxes", "options": [option("PR"), option("Quiet")],
                "initial_options": [option("PR")] })),
            input("Channel", json!({ "type": "conversations_select",
                "default_to_current_conversation": true })),
        ],
    });
    let opened = scene.call("views.open", json!({ "trigger_id": trigger, "view": view })).await;
    assert_eq!(opened["ok"], true, "{opened}");
    assert_snapshot!(scene.slack.open_view("ann").unwrap().screen());
}

#[tokio::test]
async fn a_click_brings_the_message_and_a_way_to_change_it() {
    let scene = Scene::new().await;
    let dev = scene.dev();
    let actions = json!({ "type": "actions", "block_id": "plan:1",
        "elements": [button("Approve", "approve")] });
    let ts = scene
        .posted(json!({ "channel": dev, "text": "Plan", "blocks": [section("Plan"), actions] }));
    let ts = ts.await;
    let ann = scene.slack.user("ann");
    assert!(ann.clicks("dev", "Plan", "Reject").await.is_err());
    assert!(ann.clicks("dev", "Plan", "Approve").await.unwrap().ok());
    let click = scene.got_one().json();
    assert_eq!(click["message"]["ts"], ts.as_str());
    assert_eq!(click["actions"][0]["value"], "v1");
    let url = click["response_url"].as_str().unwrap();
    let done = json!({ "replace_original": true, "text": "Approved by <@U0ANN>" });
    assert_eq!(scene.respond(url, done).await.0, 200);
    assert_eq!(scene.slack.channel_messages("dev")[0].shown, "Approved by @ann");
    assert_eq!(scene.respond(url, json!({ "delete_original": true })).await.0, 200);
    assert_eq!(scene.slack.channel_messages("dev").len(), 0);
}

#[tokio::test]
async fn a_private_line_has_buttons_and_changes_only_by_its_own_url() {
    let scene = Scene::new().await;
    let actions = json!({ "type": "actions", "elements": [button("Yes", "yes")] });
    let args = json!({ "channel": scene.dev(), "user": "U0ANN", "text": "Sure?",
        "blocks": [section("Sure?"), actions] });
    scene.call("chat.postEphemeral", args).await;
    assert!(scene.slack.user("bob").clicks("dev", "Sure?", "Yes").await.is_err());
    scene.slack.user("ann").clicks("dev", "Sure?", "Yes").await.unwrap();
    let click = scene.got_one().json();
    assert_eq!(click["container"]["is_ephemeral"], true);
    assert_eq!(click["message"], Value::Null);
    let url = click["response_url"].as_str().unwrap();
    scene.respond(url, json!({ "replace_original": true, "text": "Done." })).await;
    let lines = scene.slack.ephemerals("ann");
    assert_eq!((lines.len(), lines[0].shown.as_str()), (1, "Done."));
    scene.respond(url, json!({ "delete_original": true })).await;
    assert_eq!(scene.slack.ephemerals("ann").len(), 0);
}

#[tokio::test]
async fn a_choice_in_a_message_is_told_and_kept() {
    let scene = Scene::new().await;
    let option =
        |text: &str| json!({ "text": { "type": "plain_text", "text": text }, "value": text });
    let select = json!({ "type": "static_select", "action_id": "pick",
        "options": [option("acme/api"), option("acme/web")] });
    let blocks = json!([{ "type": "actions", "block_id": "b", "elements": [select] }]);
    scene.posted(json!({ "channel": scene.dev(), "text": "Which?", "blocks": blocks })).await;
    let ann = scene.slack.user("ann");
    assert!(ann.chooses("dev", "", "acme/other").await.is_err());
    ann.chooses("dev", "", "acme/web").await.unwrap();
    let chosen = scene.got_one().json();
    assert_eq!(chosen["actions"][0]["selected_option"]["value"], "acme/web");
    assert_eq!(chosen["state"]["values"]["b"]["pick"]["selected_option"]["value"], "acme/web");
    assert!(scene.slack.screen("dev").contains("[acme/web ▾]"));
}
