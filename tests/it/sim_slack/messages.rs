//! Posting, changing and removing messages, and what Slack refuses about them.

use super::app::{Scene, button, section};
use serde_json::{Value, json};

#[tokio::test]
async fn message_ids_are_unique_and_increase_though_the_clock_stands() {
    let scene = Scene::new().await;
    let mut all = Vec::new();
    for n in 0..5 {
        all.push(scene.posted(json!({ "channel": scene.dev(), "text": n.to_string() })).await);
    }
    let mut sorted = all.clone();
    sorted.sort();
    sorted.dedup();
    assert_eq!(sorted, all);
    assert!(all[0].starts_with(&scene.now().as_second().to_string()));
}

#[tokio::test]
async fn a_thread_holds_its_replies() {
    let scene = Scene::new().await;
    let dev = scene.dev();
    let root = scene.posted(json!({ "channel": dev, "text": "root" })).await;
    let reply = json!({ "channel": dev, "text": "reply", "thread_ts": root });
    let reply = scene.posted(reply).await;
    let answer = scene.ask("conversations.replies", &[("channel", &dev), ("ts", &root)]).await;
    let messages = answer["messages"].as_array().unwrap();
    assert_eq!(messages.len(), 2);
    assert_eq!(messages[0]["reply_count"], 1);
    assert_eq!(messages[0]["thread_ts"], root.as_str());
    assert_eq!(messages[1]["parent_user_id"], scene.slack.bot_user_id());
    let args = json!({ "channel": dev, "text": "x", "thread_ts": reply });
    let refused = scene.call("chat.postMessage", args).await;
    assert_eq!(refused["error"], "cannot_reply_to_message");
    let history = scene.ask("conversations.history", &[("channel", &dev)]).await;
    assert_eq!(history["messages"].as_array().unwrap().len(), 1, "replies stand in their thread");
    let gone = scene.ask("conversations.replies", &[("channel", &dev), ("ts", "1.1")]).await;
    assert_eq!(gone["error"], "thread_not_found");
}

#[tokio::test]
async fn history_comes_newest_first_in_pages_and_windows() {
    let scene = Scene::new().await;
    let dev = scene.dev();
    let mut all = Vec::new();
    for n in 0..5 {
        scene.pass(10);
        all.push(scene.posted(json!({ "channel": dev, "text": n.to_string() })).await);
    }
    let texts = |answer: &Value| -> Vec<String> {
        let messages = answer["messages"].as_array().unwrap().iter();
        messages.map(|message| message["text"].as_str().unwrap().to_owned()).collect()
    };
    let first = scene.ask("conversations.history", &[("channel", &dev), ("limit", "3")]).await;
    assert_eq!(
        (texts(&first), &first["has_more"]),
        (vec!["4".into(), "3".into(), "2".into()], &json!(true))
    );
    let cursor = first["response_metadata"]["next_cursor"].as_str().unwrap();
    let args = [("channel", dev.as_str()), ("limit", "3"), ("cursor", cursor)];
    let last = scene.ask("conversations.history", &args).await;
    assert_eq!(texts(&last), ["1", "0"]);
    assert_eq!(last["response_metadata"], Value::Null);
    let args = [("channel", dev.as_str()), ("oldest", &all[1]), ("latest", &all[3])];
    assert_eq!(texts(&scene.ask("conversations.history", &args).await), ["2"]);
    let args = [("channel", dev.as_str()), ("oldest", &all[3]), ("inclusive", "true")];
    assert_eq!(texts(&scene.ask("conversations.history", &args).await), ["4", "3"]);
}

#[tokio::test]
async fn metadata_is_told_only_when_asked_for() {
    let scene = Scene::new().await;
    let dev = scene.dev();
    let metadata = json!({ "event_type": "jules", "event_payload": { "task": "t1" } });
    scene.posted(json!({ "channel": dev, "text": "x", "metadata": metadata })).await;
    let plain = scene.ask("conversations.history", &[("channel", &dev)]).await;
    assert_eq!(plain["messages"][0]["metadata"], Value::Null);
    let args = [("channel", dev.as_str()), ("include_all_metadata", "true")];
    let full = scene.ask("conversations.history", &args).await;
    assert_eq!(full["messages"][0]["metadata"], metadata);
    let bad = json!({ "channel": dev, "text": "x", "metadata": { "event_type": "jules" } });
    assert_eq!(scene.call("chat.postMessage", bad).await["error"], "invalid_metadata_schema");
}

#[tokio::test]
async fn an_update_changes_only_what_is_the_apps() {
    let scene = Scene::new().await;
    let dev = scene.dev();
    let ts = scene
        .posted(json!({ "channel": dev, "text": "was", "blocks": [section("was")],
            "metadata": { "event_type": "e", "event_payload": {} } }))
        .await;
    let _ = scene.slack.screen("dev");
    let blocks = json!({ "channel": dev, "ts": ts, "text": "is", "blocks": [section("is")] });
    assert_eq!(scene.call("chat.update", blocks.clone()).await["ok"], true);
    assert_eq!(scene.slack.unread(), ["#dev: is"], "a visible change is unread again");
    let post = scene.slack.channel_messages("dev").remove(0);
    assert!(!post.edited && post.metadata.is_some(), "no mark with blocks, metadata kept");
    scene.call("chat.update", blocks).await;
    assert_eq!(scene.slack.unread().len(), 0, "the same again changes nothing");
    let text = json!({ "channel": dev, "ts": ts, "text": "text" });
    scene.call("chat.update", text).await;
    let post = scene.slack.channel_messages("dev").remove(0);
    assert!(post.edited && post.blocks.is_empty(), "text alone removes blocks");

    let anns = scene.slack.user("ann").says("dev", None, "mine").await.unwrap().ts;
    let update = |ts: &str, text: String| {
        scene.call("chat.update", json!({ "channel": dev, "ts": ts, "text": text }))
    };
    assert_eq!(update(&anns, "x".into()).await["error"], "cant_update_message");
    assert_eq!(update("1.1", "x".into()).await["error"], "message_not_found");
    assert_eq!(update(&ts, "x".repeat(4001)).await["error"], "msg_too_long");
    assert_eq!(update(&ts, "x".repeat(4000)).await["ok"], true);
    let delete = json!({ "channel": dev, "ts": anns });
    assert_eq!(scene.call("chat.delete", delete).await["error"], "cant_delete_message");
    scene.slack.archive("dev");
    assert_eq!(update(&ts, "x".into()).await["error"], "is_inactive");
}

#[tokio::test]
async fn a_root_that_is_deleted_leaves_a_stone() {
    let scene = Scene::new().await;
    let dev = scene.dev();
    let root = scene.posted(json!({ "channel": dev, "text": "root" })).await;
    let args = json!({ "channel": dev, "text": "reply", "thread_ts": root });
    let reply = scene.posted(args).await;
    for ts in [&root, &reply] {
        let answer = scene.call("chat.delete", json!({ "channel": dev, "ts": ts })).await;
        assert_eq!(answer["ok"], true);
    }
    let thread = scene.slack.thread("dev", &root);
    assert_eq!(thread.len(), 1);
    assert_eq!((&*thread[0].author, &*thread[0].shown), ("Slack", "This message was deleted."));
}

#[tokio::test]
async fn text_is_needed_cut_escaped_and_linked() {
    let scene = Scene::new().await;
    let dev = scene.dev();
    let post = |text: &str| scene.call("chat.postMessage", json!({ "channel": dev, "text": text }));
    assert_eq!(post("").await["error"], "no_text");
    let long = post(&"é".repeat(40_001)).await;
    assert_eq!(long["message"]["text"].as_str().unwrap().chars().count(), 40_000);
    let linked = post("a & b &amp; <https://x.y|z> see https://q.r/s.").await;
    let stored = "a &amp; b &amp; <https://x.y|z> see <https://q.r/s>.";
    assert_eq!(linked["message"]["text"], stored);
    let shown = scene.slack.channel_messages("dev").pop().unwrap().shown;
    assert_eq!(shown, "a & b & z <https://x.y> see <https://q.r/s>.");
}

#[tokio::test]
async fn blocks_are_held_against_slacks_limits() {
    let scene = Scene::new().await;
    let text = |length: usize| json!({ "type": "mrkdwn", "text": "x".repeat(length) });
    let plain = |length: usize| json!({ "type": "plain_text", "text": "x".repeat(length) });
    let actions = |buttons: Vec<Value>| json!({ "type": "actions", "elements": buttons });
    let cases = [
        (json!([{ "type": "sectoin" }]), "unsupported type: sectoin [json-pointer:/blocks/0/type]"),
        (json!([{ "type": "section" }]), "missing required field: text or fields"),
        (json!([{ "type": "section", "text": text(3001) }]), "less than 3001"),
        (json!([{ "type": "section", "text": text(0) }]), "more than 0"),
        (json!([{ "type": "section", "text": plain(1), "colour": "red" }]), "property: colour"),
        (json!([{ "type": "header", "text": plain(151) }]), "less than 151"),
        (json!([{ "type": "header", "text": text(5) }]), "unsupported type: mrkdwn"),
        (json!([{ "type": "alert", "text": plain(5) }]), "unsupported type: alert"),
        (json!([{ "type": "context", "elements": vec![text(1); 11] }]), "no more than 10"),
        (json!([actions(vec![])]), "no fewer than 1"),
        (json!([actions(vec![button(&"x".repeat(76), "a")])]), "less than 76"),
        (json!([actions(vec![button("a", "same"), button("b", "same")])]), "already exists"),
        (json!([actions(vec![json!({ "type": "plain_text_input" })])]), "unsupported type"),
        (json!(vec![json!({ "type": "divider" }); 51]), "no more than 50"),
        (
            json!([{ "type": "divider", "block_id": "b" }, { "type": "divider", "block_id": "b" }]),
            "block_id b already exists",
        ),
    ];
    for (blocks, want) in cases {
        let args = json!({ "channel": scene.dev(), "text": "t", "blocks": blocks });
        let answer = scene.call("chat.postMessage", args).await;
        assert_eq!(answer["error"], "invalid_blocks", "{blocks}");
        let messages = answer["response_metadata"]["messages"].to_string();
        assert!(messages.contains(want), "{want:?} in {messages}");
    }
    let args = json!({ "channel": scene.dev(), "blocks": vec![section(&"x".repeat(2900)); 5] });
    assert_eq!(scene.call("chat.postMessage", args).await["error"], "msg_blocks_too_long");
    let args = json!({ "channel": scene.dev(), "blocks": { "type": "divider" } });
    assert_eq!(scene.call("chat.postMessage", args).await["error"], "invalid_blocks_format");
}

#[tokio::test]
async fn a_private_line_needs_its_reader_in_the_channel() {
    let scene = Scene::new().await;
    let args = |user: &str| json!({ "channel": scene.dev(), "user": user, "text": "psst" });
    let answer = scene.call("chat.postEphemeral", args("U0ANN")).await;
    assert!(answer["message_ts"].is_string());
    assert_eq!(scene.slack.unread(), ["#dev (only visible to ann): psst"]);
    assert_eq!(scene.slack.ephemerals("ann")[0].shown, "psst");
    let update = json!({ "channel": scene.dev(), "ts": answer["message_ts"], "text": "x" });
    assert_eq!(scene.call("chat.update", update).await["error"], "message_not_found");
    scene.slack.remove("dev", "ann");
    let answer = scene.call("chat.postEphemeral", args("U0ANN")).await;
    assert_eq!(answer["error"], "user_not_in_channel");
}

#[tokio::test]
async fn a_persons_id_is_the_way_to_their_direct_messages() {
    let scene = Scene::new().await;
    let answer = scene.call("chat.postMessage", json!({ "channel": "U0ANN", "text": "hi" })).await;
    let opened = scene.call("conversations.open", json!({ "users": "U0ANN" })).await;
    assert_eq!(answer["channel"], opened["channel"]["id"]);
    assert_eq!(scene.slack.channel_messages("@ann")[0].shown, "hi");
    scene.slack.messages_tab(false);
    let answer = scene.call("chat.postMessage", json!({ "channel": "U0ANN", "text": "hi" })).await;
    assert_eq!(answer["error"], "messages_tab_disabled");
}

#[tokio::test]
async fn reactions_come_once_each() {
    let scene = Scene::new().await;
    let ts = scene.posted(json!({ "channel": scene.dev(), "text": "x" })).await;
    let args = json!({ "channel": scene.dev(), "timestamp": ts, "name": "eyes" });
    assert_eq!(scene.call("reactions.add", args.clone()).await["ok"], true);
    assert_eq!(scene.call("reactions.add", args.clone()).await["error"], "already_reacted");
    scene.slack.user("ann").reacts("dev", &ts, "eyes").await.unwrap();
    let post = scene.slack.channel_messages("dev").remove(0);
    assert_eq!(post.reactions, [("eyes".to_owned(), vec!["jules".to_owned(), "ann".to_owned()])]);
    assert_eq!(scene.call("reactions.remove", args.clone()).await["ok"], true);
    assert_eq!(scene.call("reactions.remove", args).await["error"], "no_reaction");
    let dev = scene.dev();
    let got = scene.ask("reactions.get", &[("channel", &dev), ("timestamp", &ts)]).await;
    assert_eq!(got["message"]["reactions"][0]["users"], json!(["U0ANN"]));
}

#[tokio::test]
async fn a_permalink_names_the_thread() {
    let scene = Scene::new().await;
    let dev = scene.dev();
    let root = scene.posted(json!({ "channel": dev, "text": "root" })).await;
    let args = json!({ "channel": dev, "text": "reply", "thread_ts": root });
    let reply = scene.posted(args).await;
    let ask = |ts: String| {
        let dev = dev.clone();
        let scene = &scene;
        async move {
            let args = [("channel", dev.as_str()), ("message_ts", ts.as_str())];
            scene.ask("chat.getPermalink", &args).await["permalink"].as_str().unwrap().to_owned()
        }
    };
    let digits = root.replace('.', "");
    assert_eq!(ask(root.clone()).await, format!("https://acme.slack.com/archives/{dev}/p{digits}"));
    assert!(ask(reply).await.ends_with(&format!("?thread_ts={root}&cid={dev}")));
}
