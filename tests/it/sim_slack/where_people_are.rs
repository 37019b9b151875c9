//! Threads and channels as they are read, and what Slack tells about people.

use super::app::Scene;
use serde_json::{Value, json};

fn texts(answer: &Value) -> Vec<&str> {
    let messages = answer["messages"].as_array().unwrap().iter();
    messages.map(|message| message["text"].as_str().unwrap()).collect()
}

#[tokio::test]
async fn a_long_thread_is_read_in_pages_before_a_message_with_its_root() {
    let scene = Scene::new().await;
    let dev = scene.dev();
    let (ann, bob) = (scene.slack.user("ann"), scene.slack.user("bob"));
    let root = ann.says("dev", None, "root").await.unwrap().ts;
    let replies = scene.slack.fills_thread("dev", &root, &[&ann, &bob], 3000).unwrap();
    let ask = |more: Vec<(&'static str, String)>| {
        let (dev, root) = (dev.clone(), root.clone());
        let scene = &scene;
        async move {
            let mut args = vec![("channel", dev.as_str()), ("ts", root.as_str())];
            args.extend(more.iter().map(|(name, value)| (*name, value.as_str())));
            scene.ask("conversations.replies", &args).await
        }
    };
    let mut cursor = String::new();
    let mut read = Vec::new();
    for page in 0..5 {
        let latest = ("latest", replies[899].clone());
        let answer = ask(vec![latest, ("limit", "200".into()), ("cursor", cursor)]).await;
        read.extend(texts(&answer).into_iter().map(str::to_owned));
        assert_eq!(answer["has_more"], page < 4);
        let next = &answer["response_metadata"]["next_cursor"];
        assert_eq!(next.is_string(), page < 4, "no cursor on the last page");
        cursor = next.as_str().unwrap_or_default().to_owned();
    }
    assert_eq!((read.len(), read[0].as_str(), read[1].as_str()), (900, "root", "1"));
    assert_eq!(read.last().unwrap(), "899", "latest leaves out its own end");
    let window = vec![("oldest", replies[9].clone()), ("latest", replies[11].clone())];
    assert_eq!(texts(&ask(window.clone()).await), ["root", "11"]);
    let ends = [window, vec![("inclusive", "true".into())]].concat();
    assert_eq!(texts(&ask(ends).await), ["root", "10", "11", "12"]);
    assert_eq!(ask(vec![("cursor", "made-up".into())]).await["error"], "invalid_cursor");
    let one = scene.ask("conversations.replies", &[("channel", &dev), ("ts", &replies[4])]).await;
    assert_eq!(texts(&one), ["5"], "asked by a reply's own ts, that reply alone");
}

#[tokio::test]
async fn one_message_is_read_by_its_ts_as_latest_and_inclusive() {
    let scene = Scene::new().await;
    let dev = scene.dev();
    let ann = scene.slack.user("ann");
    ann.says("dev", None, "before").await.unwrap();
    let files: &[(&str, &str, &[u8])] = &[("log.txt", "text/plain", b"boom")];
    let ts = ann.says_with_files("dev", None, "@jules look", files).await.unwrap().ts;
    ann.says("dev", None, "after").await.unwrap();
    let args = [("channel", dev.as_str()), ("latest", &ts), ("inclusive", "true"), ("limit", "1")];
    let found = scene.ask("conversations.history", &args).await;
    assert_eq!(found["messages"][0]["ts"], ts.as_str());
    assert_eq!(found["messages"][0]["files"][0]["name"], "log.txt");
    let empty = [args.as_slice(), &[("oldest", ts.as_str())]].concat();
    let empty: Vec<_> = empty.into_iter().filter(|(name, _)| *name != "inclusive").collect();
    assert_eq!(texts(&scene.ask("conversations.history", &empty).await), [""; 0]);
}

#[tokio::test]
async fn a_thread_whose_root_is_gone_begins_with_a_stone() {
    let scene = Scene::new().await;
    let dev = scene.dev();
    let ann = scene.slack.user("ann");
    let root = ann.says("dev", None, "secret").await.unwrap().ts;
    ann.says("dev", Some(&root), "a reply").await.unwrap();
    ann.deletes("dev", &root).await.unwrap();
    let read = scene.ask("conversations.replies", &[("channel", &dev), ("ts", &root)]).await;
    assert_eq!(texts(&read), ["This message was deleted.", "a reply"]);
    let stone = &read["messages"][0];
    assert_eq!((&stone["subtype"], &stone["user"]), (&json!("tombstone"), &json!("USLACKBOT")));
}

#[tokio::test]
async fn an_app_that_is_sold_reads_fifteen_messages_once_a_minute() {
    let scene = Scene::new().await;
    let dev = scene.dev();
    let ann = scene.slack.user("ann");
    let root = ann.says("dev", None, "root").await.unwrap().ts;
    scene.slack.fills_thread("dev", &root, &[&ann], 30).unwrap();
    scene.slack.distribute(true);
    scene.slack.limit_rates(true);
    let args = [("channel", dev.as_str()), ("ts", root.as_str()), ("limit", "200")];
    let read = scene.ask("conversations.replies", &args).await;
    assert_eq!((texts(&read).len(), &read["has_more"]), (15, &json!(true)));
    assert_eq!(scene.ask("conversations.replies", &args).await["error"], "ratelimited");
    scene.pass(60);
    assert_eq!(scene.ask("conversations.replies", &args).await["ok"], true);
}

#[tokio::test]
async fn a_channel_says_whether_the_bot_is_in_it_and_who_else() {
    let scene = Scene::new().await;
    let dev = scene.dev();
    let info = |id: String| {
        let scene = &scene;
        async move { scene.ask("conversations.info", &[("channel", &id)]).await }
    };
    let of = |answer: &Value| {
        let channel = &answer["channel"];
        ["is_member", "is_private", "is_ext_shared"].map(|name| channel[name] == true)
    };
    assert_eq!(of(&info(dev.clone()).await), [true, false, false]);
    scene.slack.remove("dev", "jules");
    scene.slack.stranger("eve", "T0OTHER", "dev");
    assert_eq!(of(&info(dev).await), [false, false, true]);
    let secret = scene.slack.private_channel("secret", &["ann"]);
    assert_eq!(info(secret.clone()).await["error"], "channel_not_found");
    scene.slack.invite("secret", "jules");
    assert_eq!(of(&info(secret).await), [true, true, false]);
}

#[tokio::test]
async fn people_have_roles_and_time_zones_and_the_app_hears_of_changes() {
    let scene = Scene::new().await;
    let ann = scene.slack.user("ann");
    let roles = |answer: &Value| {
        let names = ["is_admin", "is_owner", "is_restricted", "deleted"];
        names.map(|name| answer["user"][name] == true)
    };
    let who = [("user", ann.id())];
    let ask = || scene.ask("users.info", &who);
    let plain = ask().await;
    assert_eq!((roles(&plain), &plain["user"]["tz"]), ([false; 4], &json!("Etc/UTC")));
    assert_eq!(plain["user"].get("locale"), None);
    scene.slack.subscribe(&["user_change"]);
    scene.slack.make_admin("ann");
    scene.slack.make_owner("ann");
    scene.slack.make_guest("ann");
    scene.slack.lives_in("ann", "Asia/Tokyo").unwrap();
    scene.slack.deactivate("ann");
    assert!(scene.slack.lives_in("ann", "Moon/Tycho").is_err());
    let now = ask().await;
    assert_eq!(roles(&now), [true; 4]);
    assert_eq!(
        (&now["user"]["tz"], &now["user"]["tz_offset"]),
        (&json!("Asia/Tokyo"), &json!(32400))
    );
    let args = [("user", ann.id()), ("include_locale", "true")];
    assert_eq!(scene.ask("users.info", &args).await["user"]["locale"], "en-US");
    scene.slack.deliver_events().await;
    let got = scene.got();
    assert_eq!(got.len(), 5);
    let last = got.last().unwrap().json()["event"].clone();
    assert_eq!((&last["type"], &last["user"]["deleted"]), (&json!("user_change"), &json!(true)));
}
