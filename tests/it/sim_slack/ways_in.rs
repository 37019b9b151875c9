//! The ways to the app apart from its command: mentions, direct messages, shortcuts, Home.

use super::app::{Reply, Scene, button, section};
use serde_json::{Value, json};

fn kinds(events: &[Value]) -> Vec<&str> {
    events.iter().map(kind_of).collect()
}

fn kind_of(event: &Value) -> &str {
    event["subtype"].as_str().or(event["type"].as_str()).unwrap()
}

impl Scene {
    /// Subscribed to what the app hears of messages.
    async fn listening() -> Self {
        let scene = Self::new().await;
        scene.slack.subscribe(&["message.channels", "message.groups", "message.im"]);
        scene.slack.subscribe(&["app_mention", "app_home_opened"]);
        scene
    }

    /// The inner events that came since the last look.
    fn heard(&self) -> Vec<Value> {
        self.got().iter().map(|got| got.json()["event"].clone()).collect()
    }
}

#[tokio::test]
async fn a_mention_with_a_file_brings_the_file_only_in_its_message() {
    let scene = Scene::listening().await;
    let ann = scene.slack.user("ann");
    let files: &[(&str, &str, &[u8])] = &[("log.txt", "text/plain", b"boom")];
    ann.says_with_files("dev", None, "@jules look at this", files).await.unwrap();
    let heard = scene.heard();
    assert_eq!(kinds(&heard), ["app_mention", "file_share"]);
    assert_eq!(heard[0].get("files").or(heard[0].get("channel_type")), None);
    assert_eq!(heard[1]["files"][0]["name"], "log.txt");
    assert_eq!(heard[0]["ts"], heard[1]["ts"]);
    for field in ["user", "text", "blocks", "team", "channel", "event_ts"] {
        assert_eq!(heard[0][field], heard[1][field], "{field}");
    }
}

#[tokio::test]
async fn the_two_events_of_a_mention_come_in_either_order_and_late_and_again() {
    let scene = Scene::listening().await;
    let ann = scene.slack.user("ann");
    scene.slack.mention_comes_last(true);
    let root = ann.mentions("dev", "fix it").await.unwrap().ts;
    assert_eq!(kinds(&scene.heard()), ["message", "app_mention"]);

    scene.slack.mention_comes_last(false);
    scene.slack.hold_events(&["app_mention"]);
    ann.mentions_in_thread("dev", &root, "and that").await.unwrap();
    let heard = scene.heard();
    assert_eq!(kinds(&heard), ["message"]);
    assert_eq!(scene.slack.waiting_events(), 1);
    scene.slack.release_events().await;
    let late = scene.got_one();
    assert_eq!(late.json()["event"]["type"], "app_mention");
    assert_eq!(late.json()["event"]["thread_ts"], root.as_str());
    assert_eq!(late.json()["event"]["ts"], heard[0]["ts"]);

    scene.slack.redeliver_event("app_mention").await.unwrap();
    let again = scene.got_one();
    assert_eq!(again.json(), late.json(), "byte for byte, the same event_id");
    assert_eq!(again.header("x-slack-retry-num"), "1");
    assert_eq!(again.header("x-slack-retry-reason"), "http_timeout");
    assert!(scene.slack.redeliver_event("reaction_added").await.is_none());

    scene.replies(&[Reply::Status(503)]);
    ann.mentions("dev", "fix it").await.unwrap();
    assert_eq!(kinds(&scene.heard()), ["app_mention", "message"]);
    scene.slack.deliver_retries(scene.now()).await;
    assert_eq!(kinds(&scene.heard()), ["app_mention"], "the one that was not taken comes again");
}

#[tokio::test]
async fn a_mention_arrives_only_where_the_bot_is_and_when_subscribed() {
    let scene = Scene::new().await;
    scene.slack.subscribe(&["message.channels"]);
    let ann = scene.slack.user("ann");
    ann.mentions("dev", "").await.unwrap();
    assert_eq!(kinds(&scene.heard()), ["message"]);
    scene.slack.subscribe(&["app_mention"]);
    scene.slack.remove("dev", "jules");
    ann.mentions("dev", "hello").await.unwrap();
    assert_eq!(scene.heard().len(), 0);
}

#[tokio::test]
async fn a_mention_that_is_edited_in_arrives_with_the_edit_and_only_once() {
    let scene = Scene::listening().await;
    let ann = scene.slack.user("ann");
    let ts = ann.says("dev", None, "fix it").await.unwrap().ts;
    scene.got();
    ann.edits_into_mention("dev", &ts).await.unwrap();
    let heard = scene.heard();
    assert_eq!(kinds(&heard), ["app_mention", "message_changed"]);
    assert_eq!((&heard[0]["ts"], &heard[0]["text"]), (&json!(ts), &json!("<@U0JULES> fix it")));
    assert_eq!(heard[0]["edited"]["user"], ann.id());
    assert_eq!(heard[1]["previous_message"]["text"], "fix it");
    ann.edits("dev", &ts, "@jules fix that").await.unwrap();
    assert_eq!(kinds(&scene.heard()), ["message_changed"], "it was a mention before");
}

#[tokio::test]
async fn the_preview_of_a_link_changes_a_message_and_not_its_text() {
    let scene = Scene::listening().await;
    let ts = scene.slack.user("ann").mentions("dev", "see https://x.y").await.unwrap().ts;
    scene.got();
    scene.slack.previews_link("dev", &ts, "https://x.y").await.unwrap();
    let heard = scene.heard();
    assert_eq!(kinds(&heard), ["message_changed"]);
    let (new, old) = (&heard[0]["message"], &heard[0]["previous_message"]);
    assert_eq!((&new["text"], new.get("edited")), (&old["text"], None));
    assert_eq!(new["attachments"][0]["from_url"], "https://x.y");
    assert_eq!(new["attachments"][0].get("is_share"), None);
}

#[tokio::test]
async fn bots_mention_too_and_their_alerts_have_their_words_in_attachments_or_blocks() {
    let scene = Scene::listening().await;
    scene.slack.other_bot_says("dev", None, "<@U0JULES> the build is red").await.unwrap();
    let heard = scene.heard();
    assert_eq!(heard.len(), 2);
    assert_eq!(heard[0]["type"], "app_mention");
    assert_eq!((&heard[0]["subtype"], heard[0].get("user")), (&json!("bot_message"), None));
    assert!(heard[0]["bot_id"].is_string() && heard[0]["bot_id"] != scene.slack.bot_id());
    let alert = json!({ "attachments": [{ "title": "Disk full", "text": "db-1 is at 99 %" }] });
    scene.slack.other_bot_posts("dev", None, &alert).await.unwrap();
    let alert = json!({ "blocks": [section("*Down*: web-2")] });
    scene.slack.other_bot_posts("dev", None, &alert).await.unwrap();
    let heard = scene.heard();
    assert_eq!(kinds(&heard), ["bot_message", "bot_message"]);
    assert_eq!((&heard[0]["text"], &heard[1]["text"]), (&json!(""), &json!("")));
    assert_eq!(heard[0]["attachments"][0]["text"], "db-1 is at 99 %");
    assert_eq!(heard[1]["blocks"][0]["text"]["text"], "*Down*: web-2");
    let screen = scene.slack.screen("dev");
    assert!(screen.contains("| db-1 is at 99 %") && screen.contains("*Down*: web-2"), "{screen}");
}

#[tokio::test]
async fn a_forwarded_message_is_an_attachment_that_names_its_author() {
    let scene = Scene::listening().await;
    let (ann, bob) = (scene.slack.user("ann"), scene.slack.user("bob"));
    let ts = bob.says("dev", None, "the login page is blank").await.unwrap().ts;
    scene.slack.channel("web");
    let here = (("dev", "blank"), "web", None);
    ann.forwards(here.0, here.1, here.2, "@jules please fix").await.unwrap();
    let heard = scene.heard();
    let shared = &heard.last().unwrap()["attachments"][0];
    assert_eq!((&shared["is_share"], &shared["author_id"]), (&json!(true), &json!(bob.id())));
    assert_eq!(shared["text"], "the login page is blank");
    assert!(shared["from_url"].as_str().unwrap().ends_with(&ts.replace('.', "")));
    assert!(scene.slack.screen("web").contains("| bob: the login page is blank"));
}

#[tokio::test]
async fn a_person_writes_to_the_bot_and_no_private_line_shows_there() {
    let scene = Scene::listening().await;
    let ann = scene.slack.user("ann");
    let root = ann.writes_to_the_bot(None, "@jules fix it").await.unwrap().ts;
    ann.writes_to_the_bot(Some(&root), "in Rust").await.unwrap();
    let heard = scene.heard();
    assert_eq!(kinds(&heard), ["message", "message"], "and no app_mention in direct messages");
    for event in &heard {
        assert_eq!(event["channel_type"], "im");
        assert!(event["channel"].as_str().unwrap().starts_with('D'));
    }
    assert_eq!(heard[1]["thread_ts"], root.as_str());
    let direct = heard[0]["channel"].as_str().unwrap();
    let opened = scene.call("conversations.open", json!({ "users": ann.id() })).await;
    assert_eq!(opened["channel"]["id"], direct);
    let args = json!({ "channel": direct, "user": ann.id(), "text": "psst", "thread_ts": root });
    let said = scene.call("chat.postEphemeral", args).await;
    assert_eq!(said["ok"], true, "{said}");
    assert_eq!(scene.slack.ephemerals("ann").len(), 0, "Slack says ok and shows nothing");
    scene.slack.messages_tab(false);
    assert!(ann.writes_to_the_bot(None, "hello?").await.is_err());
}

#[tokio::test]
async fn a_shortcut_on_a_message_works_where_the_bot_is_not_and_on_what_bots_say() {
    let scene = Scene::new().await;
    scene.slack.private_channel("secret", &["ann", "bob"]);
    let (ann, bob) = (scene.slack.user("ann"), scene.slack.user("bob"));
    let root = bob.says("secret", None, "the build is red").await.unwrap().ts;
    bob.says("secret", Some(&root), "since noon").await.unwrap();
    ann.uses_message_shortcut("send_to_jules", "secret", "noon").await.unwrap();
    let used = scene.got_one().json();
    assert_eq!(
        (&used["type"], &used["callback_id"]),
        (&json!("message_action"), &json!("send_to_jules"))
    );
    assert_eq!(used["channel"]["name"], "privategroup");
    assert_eq!(
        (&used["message"]["user"], &used["message"]["thread_ts"]),
        (&json!(bob.id()), &json!(root))
    );
    assert_eq!(used["message_ts"], used["message"]["ts"]);
    assert_eq!((&used["user"]["id"], &used["team"]["id"]), (&json!(ann.id()), &json!("T0ACME")));
    let place = used["channel"]["id"].as_str().unwrap();
    let args = [("channel", place), ("message_ts", root.as_str())];
    let link = scene.ask("chat.getPermalink", &args).await;
    assert_eq!(link["error"], "channel_not_found");

    let url = used["response_url"].as_str().unwrap();
    let into_thread = json!({ "text": "x", "response_type": "in_channel", "thread_ts": root });
    assert_eq!(scene.respond(url, into_thread).await.0, 400, "it reaches no thread");
    assert_eq!(scene.respond(url, json!({ "text": "Sorry." })).await.0, 200);
    assert_eq!(scene.slack.ephemerals("ann")[0].shown, "Sorry.");
    assert!(ann.uses_message_shortcut("send_to_jules", "secret", "Sorry.").await.is_err());

    scene.slack.other_bot_says("dev", None, "disk full").await.unwrap();
    ann.uses_message_shortcut("send_to_jules", "dev", "disk").await.unwrap();
    let used = scene.got_one().json();
    assert_eq!(used["message"].get("user"), None);
    assert!(used["message"]["bot_id"].is_string());
    scene.pass(4);
    let view = json!({ "type": "modal", "title": { "type": "plain_text", "text": "T" },
        "blocks": [section("x")] });
    let late = json!({ "trigger_id": used["trigger_id"], "view": view });
    assert_eq!(scene.call("views.open", late).await["error"], "expired_trigger_id");
}

#[tokio::test]
async fn shortcuts_are_not_offered_to_people_of_another_organisation() {
    let scene = Scene::new().await;
    let eve = scene.slack.stranger("eve", "T0OTHER", "dev");
    eve.says("dev", None, "hi").await.unwrap();
    assert!(eve.uses_message_shortcut("send_to_jules", "dev", "hi").await.is_err());
    assert!(eve.uses_shortcut("new_jules_task").await.is_err());
    assert_eq!(scene.got().len(), 0);
}

#[tokio::test]
async fn a_form_of_a_global_shortcut_knows_the_open_conversation_and_offers_what_its_filter_says() {
    let scene = Scene::new().await;
    let ann = scene.slack.user("ann");
    scene.slack.private_channel("secret", &["bob"]);
    scene.slack.channel("shared");
    scene.slack.stranger("eve", "T0OTHER", "shared");
    scene.slack.dm("ann");
    let plain = |text: &str| json!({ "type": "plain_text", "text": text });
    let view = |filter: Value| {
        let select = json!({ "type": "conversations_select", "action_id": "c",
            "default_to_current_conversation": true, "filter": filter });
        let block = json!({ "type": "input", "block_id": "where", "label": plain("Where"),
            "element": select });
        json!({ "type": "modal", "title": plain("New task"), "submit": plain("Start"),
            "blocks": [block] })
    };
    let ours = json!({ "include": ["public", "private", "im"], "exclude_bot_users": true,
        "exclude_external_shared_channels": true });
    let open = |used: Value, filter: Value| {
        let args = json!({ "trigger_id": used["trigger_id"], "view": view(filter) });
        scene.call("views.open", args)
    };
    for (channel, want) in [("dev", "#dev"), ("shared", ""), ("@ann", "")] {
        ann.uses_shortcut_in(channel, "new_jules_task").await.unwrap();
        let used = scene.got_one().json();
        assert_eq!(used.get("channel").or(used.get("response_url")), None);
        assert_eq!(open(used, ours.clone()).await["ok"], true);
        let form = ann.view().unwrap();
        assert_eq!(form.field("Where").unwrap().value, want, "{channel}");
        form.dismiss().await.unwrap();
    }
    ann.uses_shortcut("new_jules_task").await.unwrap();
    assert_eq!(open(scene.got_one().json(), ours).await["ok"], true);
    let form = ann.view().unwrap();
    assert_eq!(form.field("Where").unwrap().value, "");
    for hidden in ["secret", "shared", "@ann"] {
        assert!(form.choose("Where", hidden).await.is_err(), "{hidden}");
    }
    form.choose("Where", "dev").await.unwrap();
    form.submit().await.unwrap();
    let sent = scene.got_one().json();
    let held = &sent["view"]["state"]["values"]["where"]["c"];
    assert_eq!(held["selected_conversation"], scene.dev());

    for wrong in [json!({}), json!({ "include": ["channels"] }), json!({ "only": true })] {
        ann.uses_shortcut("new_jules_task").await.unwrap();
        let refused = open(scene.got_one().json(), wrong.clone()).await;
        assert_eq!(refused["error"], "invalid_arguments", "{wrong}");
    }
}

#[tokio::test]
async fn home_is_opened_published_and_used() {
    let scene = Scene::listening().await;
    let ann = scene.slack.user("ann");
    ann.opens_home().await;
    let opened = scene.got_one().json()["event"].clone();
    assert_eq!((&opened["tab"], &opened["user"]), (&json!("home"), &json!(ann.id())));
    assert!(opened["channel"].as_str().unwrap().starts_with('D'));
    assert_eq!(opened.get("view"), None, "nothing was published yet");
    assert!(ann.home().is_err());

    let actions =
        json!({ "type": "actions", "block_id": "a", "elements": [button("New task", "n")] });
    let view = json!({ "type": "home", "private_metadata": "m", "callback_id": "home",
        "blocks": [section("Nothing is waiting for you."), actions] });
    let publish = |hash: Value, view: Value| {
        let args = json!({ "user_id": ann.id(), "hash": hash, "view": view });
        scene.call("views.publish", args)
    };
    let first = publish(Value::Null, view.clone()).await;
    assert_eq!(first["ok"], true, "{first}");
    assert_eq!(scene.slack.unread(), ["Home of ann"]);
    let hash = first["view"]["hash"].clone();
    assert_eq!(publish(hash.clone(), view.clone()).await["ok"], true);
    assert_eq!(publish(hash, view.clone()).await["error"], "hash_conflict");

    ann.opens_home().await;
    let opened = scene.got_one().json()["event"].clone();
    assert_eq!(opened["view"]["private_metadata"], "m");
    ann.opens_messages().await;
    let opened = scene.got_one().json()["event"].clone();
    assert_eq!((&opened["tab"], opened.get("view")), (&json!("messages"), None));

    ann.presses_at_home("New task").await.unwrap();
    let click = scene.got_one().json();
    assert_eq!(click["container"], json!({ "type": "view", "view_id": first["view"]["id"] }));
    assert_eq!(
        (&click["view"]["type"], &click["view"]["callback_id"]),
        (&json!("home"), &json!("home"))
    );
    assert_eq!(click["actions"][0]["action_id"], "n");
    for missing in ["channel", "message", "response_url"] {
        assert_eq!(click.get(missing), None, "{missing}");
    }
    let modal = json!({ "type": "modal", "title": { "type": "plain_text", "text": "T" },
        "blocks": [section("x")] });
    let push = json!({ "trigger_id": click["trigger_id"], "view": modal });
    assert_eq!(scene.call("views.push", push).await["error"], "invalid_trigger_id");
    ann.presses_at_home("New task").await.unwrap();
    let click = scene.got_one().json();
    let open = json!({ "trigger_id": click["trigger_id"], "view": modal });
    assert_eq!(scene.call("views.open", open).await["ok"], true);
    assert!(ann.home().unwrap().close().await.is_err());
    assert!(ann.view().unwrap().close().await.is_ok());
}

#[tokio::test]
async fn home_is_held_against_slacks_limits() {
    let scene = Scene::listening().await;
    let ann = scene.slack.user("ann");
    let publish = |name: &str, value: Value| {
        let mut view = json!({ "type": "home", "blocks": [section("x")] });
        view[name] = value;
        scene.call("views.publish", json!({ "user_id": ann.id(), "view": view }))
    };
    let cases = [
        ("blocks", json!(vec![json!({ "type": "divider" }); 101]), "no more than 100"),
        (
            "blocks",
            json!([{ "type": "alert", "text": { "type": "mrkdwn", "text": "x" } }]),
            "unsupported",
        ),
        ("private_metadata", json!("x".repeat(3001)), "less than 3001"),
        ("type", json!("modal"), "unsupported type: modal"),
        ("submit", json!({ "type": "plain_text", "text": "Go" }), "property: submit"),
    ];
    for (name, value, want) in cases {
        let refused = publish(name, value).await;
        assert_eq!(refused["error"], "invalid_arguments", "{want}");
        let messages = refused["response_metadata"]["messages"].to_string();
        assert!(messages.contains(want), "{want:?} in {messages}");
    }
    assert_eq!(publish("blocks", json!(vec![json!({ "type": "divider" }); 100])).await["ok"], true);
    scene.slack.home_tab(false);
    ann.opens_home().await;
    assert_eq!(scene.got_one().json()["event"]["tab"], "messages");
    assert!(ann.presses_at_home("x").await.is_err());
}

#[tokio::test]
async fn what_people_type_as_code_and_emoji_is_shown_as_such() {
    let scene = Scene::listening().await;
    let ann = scene.slack.user("ann");
    let typed = "run `a <b @jules` :tada: at 10:30:45 and:\n```\nlet x = `y`;\n```\nplease";
    ann.says("dev", None, typed).await.unwrap();
    let event = scene.heard().remove(0);
    assert!(event["text"].as_str().unwrap().starts_with("run `a &lt;b @jules` :tada: at"));
    assert_eq!(event["type"], "message", "a name in code is no mention");
    let parts = &event["blocks"][0]["elements"];
    let code = json!({ "type": "text", "text": "a <b @jules", "style": { "code": true } });
    assert_eq!(parts[0]["elements"][1], code);
    assert_eq!(parts[0]["elements"][3], json!({ "type": "emoji", "name": "tada" }));
    assert_eq!(parts[0]["elements"][4]["text"], " at 10:30:45 and:\n");
    assert_eq!(parts[1]["type"], "rich_text_preformatted");
    assert_eq!(parts[1]["elements"][0]["text"], "let x = `y`;");
    assert_eq!(parts[2]["elements"][0]["text"], "\nplease");
    for plain in ["a ` b", "``", "std::sync::Mutex", ":-)", "`two\nlines`"] {
        ann.says("dev", None, plain).await.unwrap();
        let event = scene.heard().remove(0);
        let parts = &event["blocks"][0]["elements"];
        assert_eq!(parts[0]["elements"], json!([{ "type": "text", "text": plain }]));
    }
}
