//! Modals: opening, filling in, submitting, and the rules of triggers, hashes and stacks.

#![expect(clippy::unwrap_used, reason = "what fails here fails the test")]

use super::app::{Reply, Scene, button, section};
use serde_json::{Value, json};
use sim::slack::{Choice, Failure, Outcome};

fn input(block: &str, label: &str, element: impl Into<Value>, optional: bool) -> Value {
    json!({
        "type": "input",
        "block_id": block,
        "optional": optional,
        "label": { "type": "plain_text", "text": label },
        "element": element.into(),
    })
}

fn option(text: &str) -> Value {
    json!({ "text": { "type": "plain_text", "text": text }, "value": format!("v/{text}") })
}

fn modal(blocks: impl Into<Value>) -> Value {
    json!({
        "type": "modal",
        "callback_id": "new",
        "private_metadata": "{\"channel\":\"C1\"}",
        "title": { "type": "plain_text", "text": "New task" },
        "submit": { "type": "plain_text", "text": "Start" },
        "close": { "type": "plain_text", "text": "Cancel" },
        "notify_on_close": true,
        "blocks": blocks.into(),
    })
}

fn task_form() -> Value {
    let repo = json!({ "type": "external_select", "action_id": "pick", "min_query_length": 0 });
    let opts = json!({ "type": "checkboxes", "action_id": "o",
        "options": [option("Ask first"), option("Open a PR")],
        "initial_options": [option("Open a PR")] });
    let place = json!({ "type": "conversations_select", "action_id": "c",
        "default_to_current_conversation": true });
    modal(json!([
        input("repo", "Repository", repo, false),
        input(
            "what",
            "What to do",
            json!({ "type": "plain_text_input", "action_id": "t",
            "multiline": true, "max_length": 20 }),
            false
        ),
        input("opts", "Options", opts, true),
        input("branch", "Branch", json!({ "type": "plain_text_input", "action_id": "b" }), true),
        input("place", "Channel", place, false),
    ]))
}

/// Types a command and gives its trigger.
async fn trigger(scene: &Scene) -> String {
    scene.slack.user("ann").types("dev", "/jules").await.unwrap();
    scene.got_one().form()["trigger_id"].clone()
}

async fn open(scene: &Scene, view: Value) -> Value {
    let trigger_id = trigger(scene).await;
    scene.call("views.open", json!({ "trigger_id": trigger_id, "view": view })).await
}

#[tokio::test]
async fn a_trigger_is_good_once_and_for_three_seconds() {
    let scene = Scene::new().await;
    let try_it =
        |id: String| scene.call("views.open", json!({ "trigger_id": id, "view": task_form() }));
    assert_eq!(try_it("1.2.x".into()).await["error"], "invalid_trigger_id");
    let id = trigger(&scene).await;
    scene.pass(3);
    assert_eq!(try_it(id.clone()).await["ok"], true);
    assert_eq!(try_it(id).await["error"], "exchanged_trigger_id");
    let id = trigger(&scene).await;
    scene.pass(4);
    assert_eq!(try_it(id).await["error"], "expired_trigger_id");
}

#[tokio::test]
async fn a_form_is_filled_in_and_submitted() {
    let scene = Scene::new().await;
    assert_eq!(open(&scene, task_form()).await["ok"], true);
    assert_eq!(scene.slack.unread(), ["form \"New task\" for ann"]);
    let form = scene.slack.open_view("ann").unwrap();
    assert_eq!(form.title(), "New task");
    assert_eq!(form.field("Channel").unwrap().value, "#dev");
    let empty = form.submit().await.unwrap();
    assert_eq!(empty, Outcome::Incomplete(vec!["repo".into(), "what".into()]));

    let groups = json!({ "option_groups": [
        { "label": { "type": "plain_text", "text": "Recent" }, "options": [option("acme/api")] },
        { "label": { "type": "plain_text", "text": "Others" }, "options": [option("acme/web")] },
    ] });
    scene.replies(&[Reply::Json(groups)]);
    assert!(form.choose("Repository", "acme/api").await.is_err(), "nothing was offered yet");
    let found = form.type_ahead("repo", "ac").await.unwrap();
    let choice = |name: &str, group: &str| Choice {
        text: name.to_owned(),
        value: format!("v/{name}"),
        group: Some(group.to_owned()),
    };
    assert_eq!(found, [choice("acme/api", "Recent"), choice("acme/web", "Others")]);
    let asked = scene.got_one().json();
    assert_eq!((&asked["type"], &asked["value"]), (&json!("block_suggestion"), &json!("ac")));
    form.choose("Repository", "acme/api").await.unwrap();
    assert!(form.fill("What to do", &"x".repeat(21)).await.is_err(), "its max_length");
    form.fill("What to do", "fix\nthe test").await.unwrap();
    form.choose("Options", "Open a PR").await.unwrap();
    form.choose("Options", "Ask first").await.unwrap();
    assert_eq!(form.submit().await.unwrap(), Outcome::Closed);

    let sent = scene.got_one().json();
    assert_eq!(sent["type"], "view_submission");
    assert_eq!(sent["channel"], Value::Null, "a submission knows no channel");
    assert_eq!(sent["view"]["private_metadata"], "{\"channel\":\"C1\"}");
    let values = &sent["view"]["state"]["values"];
    assert_eq!(values["repo"]["pick"]["selected_option"]["value"], "v/acme/api");
    assert_eq!(values["what"]["t"]["value"], "fix\nthe test");
    assert_eq!(
        values["opts"]["o"]["selected_options"],
        json!([{
            "text": { "type": "plain_text", "text": "Ask first", "emoji": true },
            "value": "v/Ask first",
        }])
    );
    assert_eq!(values["branch"]["b"]["value"], Value::Null);
    assert_eq!(values["place"]["c"]["selected_conversation"], scene.dev());
    assert!(scene.slack.open_view("ann").is_err());
}

#[tokio::test]
async fn the_answer_to_a_submission_acts_on_the_view() {
    let scene = Scene::new().await;
    let field = |value: &str| {
        let element =
            json!({ "type": "plain_text_input", "action_id": "t", "initial_value": value });
        modal(json!([input("what", "What", element, false), section("note")]))
    };
    open(&scene, field("one")).await;
    let form = scene.slack.open_view("ann").unwrap();
    let answer = |value: Value| scene.replies(&[Reply::Json(value)]);

    answer(json!({ "response_action": "errors", "errors": { "what": "Too short." } }));
    let Outcome::Errors(errors) = form.submit().await.unwrap() else { panic!("errors") };
    assert_eq!(errors["what"], "Too short.");

    answer(json!({ "response_action": "errors", "errors": { "note": "No input." } }));
    let Outcome::Failed(Failure::BadAnswer(_)) = form.submit().await.unwrap() else {
        panic!("an error for what is no input")
    };
    answer(json!({}));
    assert!(matches!(form.submit().await.unwrap(), Outcome::Failed(_)), "empty means empty");

    form.fill("what", "mine").await.unwrap();
    answer(json!({ "response_action": "update", "view": field("two") }));
    assert_eq!(form.submit().await.unwrap(), Outcome::Updated);
    assert_eq!(form.field("what").unwrap().value, "mine", "same ids keep what was typed");

    answer(json!({ "response_action": "push", "view": field("three") }));
    assert_eq!(form.submit().await.unwrap(), Outcome::Pushed);
    let top = scene.slack.open_view("ann").unwrap();
    assert_eq!(top.field("what").unwrap().value, "three");
    assert_eq!(top.submit().await.unwrap(), Outcome::Closed);
    assert_eq!(scene.slack.open_view("ann").unwrap().field("what").unwrap().value, "mine");

    answer(json!({ "response_action": "clear" }));
    assert_eq!(form.submit().await.unwrap(), Outcome::Cleared);
    assert!(scene.slack.open_view("ann").is_err());
}

#[tokio::test]
async fn a_closed_form_is_told_to_the_app_if_it_asked() {
    let scene = Scene::new().await;
    open(&scene, task_form()).await;
    scene.slack.open_view("ann").unwrap().close().await.unwrap();
    let closed = scene.got_one().json();
    assert_eq!((&closed["type"], &closed["is_cleared"]), (&json!("view_closed"), &json!(false)));
    let mut silent = task_form();
    silent["notify_on_close"] = json!(false);
    open(&scene, silent).await;
    assert_eq!(scene.slack.open_view("ann").unwrap().dismiss().await.unwrap(), None);
    assert_eq!(scene.got().len(), 0);
}

#[tokio::test]
async fn an_update_needs_the_hash_it_names() {
    let scene = Scene::new().await;
    let opened = open(&scene, task_form()).await;
    let (id, hash) = (&opened["view"]["id"], &opened["view"]["hash"]);
    let update = |hash: Value| {
        scene.call("views.update", json!({ "view_id": id, "hash": hash, "view": task_form() }))
    };
    assert_eq!(update(json!("1.x")).await["error"], "hash_conflict");
    let updated = update(hash.clone()).await;
    assert_ne!(&updated["view"]["hash"], hash);
    assert_eq!(update(hash.clone()).await["error"], "hash_conflict");
    scene.slack.open_view("ann").unwrap().dismiss().await.unwrap();
    assert_eq!(update(Value::Null).await["error"], "not_found");
}

#[tokio::test]
async fn three_views_are_the_most_and_a_push_comes_from_inside() {
    let scene = Scene::new().await;
    let outside = trigger(&scene).await;
    let deeper = json!({ "type": "actions", "block_id": "a", "elements": [button("Deeper", "d")] });
    let view = modal(json!([deeper]));
    open(&scene, view.clone()).await;
    let push = |id: Value| scene.call("views.push", json!({ "trigger_id": id, "view": view }));
    assert_eq!(push(json!(outside)).await["error"], "invalid_trigger_id");
    for expected in [json!(true), json!(true), json!(false)] {
        scene.slack.open_view("ann").unwrap().clicks("Deeper").await.unwrap();
        let clicked = scene.got_one().json();
        assert_eq!(clicked["container"]["type"], "view");
        assert_eq!(push(clicked["trigger_id"].clone()).await["ok"], expected);
    }
}

#[tokio::test]
async fn views_are_held_against_slacks_limits() {
    let scene = Scene::new().await;
    let change = |name: &str, value: Value| {
        let mut view = task_form();
        view[name] = value;
        view
    };
    let plain = |length: usize| json!({ "type": "plain_text", "text": "x".repeat(length) });
    let cases = [
        (change("title", plain(25)), "less than 25 characters [json-pointer:/view/title/text]"),
        (change("submit", Value::Null), "missing required field: submit"),
        (change("private_metadata", json!("x".repeat(3001))), "less than 3001"),
        (change("callback_id", json!("x".repeat(256))), "less than 256"),
        (change("type", json!("home")), "unsupported type: home"),
        (change("colour", json!("red")), "invalid additional property: colour"),
        (change("blocks", json!(vec![json!({ "type": "divider" }); 101])), "no more than 100"),
        (
            change("blocks", json!([{ "type": "markdown", "text": "x" }])),
            "unsupported type: markdown",
        ),
    ];
    for (view, want) in cases {
        let trigger_id = trigger(&scene).await;
        let answer =
            scene.call("views.open", json!({ "trigger_id": trigger_id, "view": view })).await;
        assert_eq!(answer["error"], "invalid_arguments", "{want}");
        let messages = answer["response_metadata"]["messages"].to_string();
        assert!(messages.contains(want), "{want:?} in {messages}");
    }
}

#[tokio::test]
async fn options_that_slack_would_not_show_are_no_results() {
    let scene = Scene::new().await;
    open(&scene, task_form()).await;
    let form = scene.slack.open_view("ann").unwrap();
    let many: Vec<Value> = (0..101).map(|n| option(&n.to_string())).collect();
    let cases = [
        json!({ "options": many }),
        json!({ "options": [option(&"x".repeat(76))] }),
        json!({ "options": [{ "text": { "type": "mrkdwn", "text": "a" }, "value": "a" }] }),
        json!({ "options": [], "option_groups": [] }),
        json!({}),
    ];
    for answer in cases {
        scene.replies(&[Reply::Json(answer.clone())]);
        assert!(form.type_ahead("repo", "a").await.is_err(), "{answer}");
    }
    scene.replies(&[Reply::Json(json!({ "options": [] }))]);
    assert_eq!(form.type_ahead("repo", "a").await.unwrap(), []);
}

#[tokio::test]
async fn with_the_usual_min_query_length_short_words_ask_nobody() {
    let scene = Scene::new().await;
    let select = json!({ "type": "external_select", "action_id": "pick" });
    open(&scene, modal(json!([input("repo", "Repository", select, false)]))).await;
    let form = scene.slack.open_view("ann").unwrap();
    assert_eq!(form.type_ahead("repo", "ab").await.unwrap(), []);
    assert_eq!(scene.got().len(), 0);
}

#[tokio::test]
async fn the_home_tab_is_published_per_person() {
    let scene = Scene::new().await;
    let view = json!({ "type": "home", "blocks": [section("Your tasks")] });
    let args = json!({ "user_id": "U0ANN", "view": view });
    assert_eq!(scene.call("views.publish", args.clone()).await["ok"], true);
    assert!(scene.slack.home("ann").unwrap().contains("Your tasks"));
    assert_eq!(scene.slack.home("bob"), None);
    scene.slack.home_tab(false);
    assert_eq!(scene.call("views.publish", args).await["error"], "not_enabled");
}
