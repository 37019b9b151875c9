//! What comes in: only what Slack signed counts, the same thing twice is once, and what cannot be
//! kept is said to be lost.

use crate::harness::bot::{Bot, KEY, OLD_SECRET, stories, stories_over_http};
use hmac::{Hmac, KeyInit, Mac};
use insta::{allow_duplicates, assert_snapshot};
use jiff::SignedDuration;
use jules_slack::web::LARGEST_BODY;
use serde_json::json;
use sha2::Sha256;
use sim::jules::{Fault, Op};
use sim::slack::{Ack, Fault as SlackFault, Outcome};

const FORM: &str = "application/x-www-form-urlencoded";
const JSON: &str = "application/json";

const ROUTES: [&str; 4] =
    ["/slack/events", "/slack/commands", "/slack/interactions", "/slack/options"];

/// A command as Slack sends it, from this workspace.
fn command(team: &str, text: &str) -> Vec<u8> {
    let mut body = url::form_urlencoded::Serializer::new(String::new());
    body.append_pair("command", "/jules")
        .append_pair("text", text)
        .append_pair("team_id", team)
        .append_pair("user_id", "U0ANN")
        .append_pair("channel_id", "C0DEV")
        .append_pair("trigger_id", "1.2.3")
        .append_pair("response_url", "http://127.0.0.1:9/nobody");
    body.finish().into_bytes()
}

fn interaction(payload: &str) -> Vec<u8> {
    let mut body = url::form_urlencoded::Serializer::new(String::new());
    body.append_pair("payload", payload);
    body.finish().into_bytes()
}

/// A reply of Ann's in the thread of the only task, as the text of an event; `words` are JSON.
fn reply_event(bot: &Bot, ts: &str, words: &str) -> String {
    let (team, channel) = (bot.slack.team_id(), bot.slack.channel("dev"));
    let (ann, root) = (bot.slack.user("ann"), bot.root());
    format!(
        r#"{{"type":"event_callback","team_id":"{team}","event_id":"Ev{ts}","event":{{"type":"message","user":"{}","channel":"{channel}","ts":"{ts}","thread_ts":"{root}","text":"{words}"}}}}"#,
        ann.id()
    )
}

/// Posts a body with this signature, made at this time.
async fn signed_with(bot: &Bot, secret: &str, at: i64, body: Vec<u8>) -> Ack {
    let mut mac = Hmac::<Sha256>::new_from_slice(secret.as_bytes()).expect("any key will do");
    mac.update(format!("v0:{at}:").as_bytes());
    mac.update(&body);
    let signature = format!("v0={}", data_encoding::HEXLOWER.encode(&mac.finalize().into_bytes()));
    let at = at.to_string();
    let headers =
        [("x-slack-signature", signature.as_str()), ("x-slack-request-timestamp", at.as_str())];
    bot.slack.post("/slack/events", FORM, body, &headers).await
}

/// The store is as empty as at the start: all that is kept is whose it is, and who lives.
async fn assert_nothing_stored(bot: &Bot) {
    let keys = bot.engine().store().list("", None, 10, bot.hands.now()).await;
    let mut keys = keys.expect("the store answers");
    let is_ours =
        |key: &str| ["installation/", "process/"].iter().any(|kind| key.starts_with(kind));
    keys.retain(|key| !is_ours(key.as_str()));
    assert_eq!(keys, []);
}

// These are about requests: what they carry, how they are signed, which status answers them.
// Frames over Socket Mode have none of it; `tests/it/socket` has their counterparts.
stories_over_http! {
    async fn what_is_not_signed_is_refused_everywhere(bot: Bot) {
        let body = command(bot.slack.team_id(), "repo=404less tidy up");
        for route in ROUTES {
            let ack = bot.slack.post(route, FORM, body.clone(), &[]).await;
            assert_eq!((ack.status, ack.body.as_str()), (Some(401), ""), "{route}");
            let now = bot.hands.now().as_second().to_string();
            let headers = [
                ("x-slack-signature", "v0=0123456789abcdef"),
                ("x-slack-request-timestamp", now.as_str()),
            ];
            let ack = bot.slack.post(route, FORM, body.clone(), &headers).await;
            assert_eq!(ack.status, Some(401), "{route}");
        }
        assert_nothing_stored(&bot).await;
    }

    async fn a_signature_counts_for_five_minutes(bot: Bot) {
        let now = bot.hands.now().as_second();
        let secret = bot.slack.signing_secret();
        for (age, status) in [(0, 200), (300, 200), (301, 401), (-300, 200), (-301, 401)] {
            let ack = signed_with(&bot, secret, now - age, b"ssl_check=1".to_vec()).await;
            assert_eq!(ack.status, Some(status), "{age} s old");
        }
    }

    async fn while_a_secret_is_rolled_both_count_and_no_other(bot: Bot) {
        let now = bot.hands.now().as_second();
        let body = || command(bot.slack.team_id(), "help");
        for (secret, status) in
            [(OLD_SECRET, 200), (bot.slack.signing_secret(), 200), ("another", 401), ("", 401)]
        {
            let ack = signed_with(&bot, secret, now, body()).await;
            assert_eq!(ack.status, Some(status), "{secret:?}");
        }
    }

    async fn a_body_that_was_changed_is_refused(bot: Bot) {
        let body = command(bot.slack.team_id(), "repo=404less tidy up");
        let now = bot.hands.now().as_second();
        let signature = bot.slack.signature(now, &body);
        let now = now.to_string();
        let headers =
            [("x-slack-signature", signature.as_str()), ("x-slack-request-timestamp", &now)];
        let changed = [body.as_slice(), b"&x=1"].concat();
        let ack = bot.slack.post("/slack/events", FORM, changed, &headers).await;
        assert_eq!(ack.status, Some(401));
        assert_nothing_stored(&bot).await;
    }

    async fn what_is_too_large_is_refused_before_anything_else(bot: Bot) {
        let large = vec![b'a'; LARGEST_BODY + 1];
        let unsigned = bot.slack.post("/slack/events", FORM, large.clone(), &[]).await;
        // The connection may be closed before all of it is sent.
        assert!(matches!(unsigned.status, None | Some(401)), "{:?}", unsigned.status);
        let signed = bot.slack.post_signed("/slack/events", FORM, large).await;
        assert_eq!(signed.status, Some(413));
        let just = vec![b'a'; LARGEST_BODY];
        let ack = bot.slack.post_signed("/slack/events", FORM, just).await;
        assert_eq!(ack.status, Some(400), "read, and then found to make no sense");
        assert_nothing_stored(&bot).await;
    }

    async fn a_long_reply_reaches_jules_however_slack_writes_it(bot: Bot) {
        bot.types("ann", "/jules repo=404less tidy up").await;
        let words = "日".repeat(25_000);
        let escaped = "\\u65e5".repeat(25_000);
        let event = reply_event(&bot, "1700000000.000100", &escaped);
        // Slack sends the words a second time, in blocks.
        let copy = format!(r#""blocks":[{{"type":"rich_text","words":"{escaped}"}}],"text":"#);
        let event = event.replacen(r#""text":"#, &copy, 1);
        assert!(event.len() > 300_000, "{}", event.len());
        let ack = bot.slack.post_signed("/slack/events", JSON, event.into_bytes()).await;
        assert_eq!(ack.status, Some(200));
        bot.settle().await;
        assert_eq!(bot.told_jules(), [words]);
    }

    async fn half_a_character_anywhere_costs_no_reply(bot: Bot) {
        bot.types("ann", "/jules repo=404less tidy up").await;
        for (n, (written, read)) in [
            (r"cut \ud83d", "cut \u{fffd}"),
            (r"\uDE00 cut", "\u{fffd} cut"),
            (r"\ud83d\ud83d\ude00", "\u{fffd}😀"),
            (r"\ud83d\u0041", "\u{fffd}A"),
            (r"C:\\ud83d stays", r"C:\ud83d stays"),
        ]
        .into_iter()
        .enumerate()
        {
            let event = reply_event(&bot, &format!("1700000000.00010{n}"), written);
            // As it was found: in a field that nobody reads.
            let odd = r#""preview":"x\ud83d","\udc00":"\ud800\"","text":"#;
            let event = event.replacen(r#""text":"#, odd, 1);
            let ack = bot.slack.post_signed("/slack/events", JSON, event.into_bytes()).await;
            assert_eq!(ack.status, Some(200), "{written}");
            bot.settle().await;
            assert_eq!(bot.told_jules().last().map(String::as_str), Some(read), "{written}");
        }
    }

    async fn half_a_character_in_an_interaction_is_read(bot: Bot) {
        bot.types("ann", "/jules repo=404less tidy up").await;
        let payload = r#"{"type":"view_closed","view":{"id":"V\ud83d"},"is_cleared":false}"#;
        let body = interaction(payload);
        let ack = bot.slack.post_signed("/slack/interactions", FORM, body).await;
        assert_eq!(ack.status, Some(200));
    }

    async fn what_makes_no_sense_is_refused(bot: Bot) {
        for (content_type, body) in [
            (FORM, b"\xff\xfe\xfd".to_vec()),
            (JSON, b"{\"type\":\"\xff\"}".to_vec()),
            (FORM, Vec::new()),
            (FORM, b"hello=world".to_vec()),
            (FORM, interaction("not JSON")),
            (FORM, interaction("[]")),
            (FORM, interaction("{}")),
            (JSON, b"{\"type\":\"event_callback\"".to_vec()),
            (JSON, b"[1, 2]".to_vec()),
            (JSON, b"{}".to_vec()),
            (JSON, b"null".to_vec()),
            ("text/plain", b"type=event_callback".to_vec()),
            ("multipart/form-data", command("T0ACME", "help")),
        ] {
            let shown = format!("{content_type}: {}", String::from_utf8_lossy(&body));
            let ack = bot.slack.post_signed("/slack/events", content_type, body).await;
            assert_eq!((ack.status, ack.body.as_str()), (Some(400), ""), "{shown}");
        }
        assert_nothing_stored(&bot).await;
    }

    async fn what_is_nested_ten_thousand_deep_is_refused(bot: Bot) {
        let deep = 10_000;
        let list = "[".repeat(deep) + &"]".repeat(deep);
        let object = "{\"a\":".repeat(deep) + "1" + &"}".repeat(deep);
        for nest in [list, object] {
            let event = format!(r#"{{"type":"event_callback","event":{nest}}}"#);
            let click = format!(r#"{{"type":"block_actions","later":{nest}}}"#);
            for (content_type, body) in [
                (JSON, nest.clone().into_bytes()),
                (JSON, event.into_bytes()),
                (FORM, interaction(&click)),
                (FORM, interaction(&nest)),
            ] {
                let ack = bot.slack.post_signed("/slack/events", content_type, body).await;
                assert_eq!((ack.status, ack.body.as_str()), (Some(400), ""));
            }
        }
        assert_nothing_stored(&bot).await;
    }

    async fn slacks_own_checks_are_answered(bot: Bot) {
        let ack = bot.slack.post_signed("/slack/commands", FORM, b"ssl_check=1".to_vec()).await;
        assert_eq!((ack.status, ack.body.as_str()), (Some(200), ""));
        let ack = bot.slack.verifies_url("3eZbrw1aBm2rZgRNFdxV2595E9CY").await;
        assert_eq!(ack.status, Some(200));
        assert_eq!(ack.body, "3eZbrw1aBm2rZgRNFdxV2595E9CY");
        assert_nothing_stored(&bot).await;
    }

    async fn what_is_new_to_us_is_no_error(bot: Bot) {
        let payload = json!({ "type": "mind_read", "team": { "id": bot.slack.team_id() } });
        let ack = bot
            .slack
            .post_signed("/slack/interactions", FORM, interaction(&payload.to_string()))
            .await;
        assert_eq!((ack.status, ack.body.as_str()), (Some(200), ""));
        let ack = bot.slack.sends_event(json!({ "type": "moon_rose", "phase": [1, null] })).await;
        assert_eq!((ack.status, ack.body.as_str()), (Some(200), ""));
        let ack = bot.slack.user("ann").uses_shortcut("unknown").await.expect("offered");
        assert_eq!(ack.status, Some(200));
    }

    async fn payloads_of_other_installations_do_no_harm(bot: Bot) {
        for (content_type, body) in [
            (FORM, include_bytes!("../../fixtures/slack/command_org_wide_in_dm.form").to_vec()),
            (FORM, interaction(include_str!("../../fixtures/slack/view_submission_org_wide.json"))),
            (
                FORM,
                interaction(include_str!("../../fixtures/slack/block_actions_button_org_wide.json")),
            ),
            (FORM, interaction(include_str!("../../fixtures/slack/shortcut_org_wide.json"))),
            (
                JSON,
                include_bytes!("../../fixtures/slack/event_app_home_opened_org_wide.json").to_vec(),
            ),
            (JSON, include_bytes!("../../fixtures/slack/app_rate_limited.json").to_vec()),
        ] {
            let ack = bot.slack.post_signed("/slack/events", content_type, body.clone()).await;
            assert_eq!(ack.status, Some(200), "{}", String::from_utf8_lossy(&body));
        }
        bot.settle().await;
        assert_nothing_stored(&bot).await;
    }

    async fn a_workspace_that_is_not_ours_is_refused(bot: Bot) {
        let body = command("T0OTHER", "repo=404less tidy up");
        let ack = bot.slack.post_signed("/slack/commands", FORM, body).await;
        assert_eq!(ack.status, Some(200));
        let answer: serde_json::Value = serde_json::from_str(&ack.body).expect("JSON");
        assert_eq!(answer["response_type"], "ephemeral");
        allow_duplicates!(assert_snapshot!(answer["text"].as_str().unwrap_or_default(), @"This app isn't set up for your workspace. Ask the person who runs it to install it there."));
        let event = json!({
            "type": "event_callback", "team_id": "T0OTHER", "event_id": "Ev1",
            "event": { "type": "app_mention", "text": "hello" },
        });
        let ack = bot.slack.post_signed("/slack/events", JSON, event.to_string().into()).await;
        assert_eq!((ack.status, ack.body.as_str()), (Some(200), ""));
        bot.settle().await;
        assert_nothing_stored(&bot).await;
        bot.assert_nothing_started();
    }

    async fn the_same_event_delivered_again_is_taken_again(bot: Bot) {
        let event = json!({
            "type": "event_callback", "team_id": bot.slack.team_id(), "event_id": "Ev1",
            "event": { "type": "app_mention", "text": "hello" },
        });
        for _ in 0..2 {
            let body = event.to_string().into_bytes();
            let ack = bot.slack.post_signed("/slack/events", JSON, body).await;
            assert_eq!((ack.status, ack.body.as_str()), (Some(200), ""));
        }
    }

    async fn without_a_store_an_event_is_asked_for_again(bot: Bot) {
        bot.store.off();
        let ack = bot.slack.sends_event(json!({ "type": "member_joined_channel", "user": "U0ANN", "channel": "C0DEV" })).await;
        assert_eq!(ack.status, Some(503));
        bot.store.on();
        let acks = bot.slack.deliver_retries(bot.hands.now()).await;
        assert_eq!(acks.iter().map(|ack| ack.status).collect::<Vec<_>>(), [Some(200)]);
    }

    async fn a_stranger_is_logged_once(bot: Bot) {
        for n in 0..5 {
            let body = command("T0OTHER", &format!("repo=404less task {n}"));
            bot.slack.post_signed("/slack/commands", FORM, body).await;
        }
        let text = bot.logged();
        assert_eq!(text.matches("does not serve").count(), 1, "{text}");
        assert!(text.contains("T0OTHER"), "{text}");
    }

    async fn nothing_of_a_refused_body_is_logged(bot: Bot) {
        let body = || command(bot.slack.team_id(), "hush-hush");
        bot.slack.post("/slack/events", FORM, body(), &[]).await;
        bot.slack.post_signed("/slack/events", JSON, body()).await;
        bot.slack.post_signed("/slack/events", FORM, interaction("hush-hush")).await;
        let text = bot.logged();
        assert!(text.contains("a request that Slack did not sign was refused"), "{text}");
        assert!(text.contains("a signed request could not be read"), "{text}");
        assert!(!text.contains("hush-hush"), "{text}");
    }
}

stories! {
    async fn the_same_command_delivered_again_is_one_task(bot: Bot) {
        let ann = bot.slack.user("ann");
        ann.types("dev", "/jules repo=404less tidy up").await.expect("can type there");
        let (one, two) = tokio::join!(ann.redeliver_last(), ann.redeliver_last());
        assert!(one.expect("again").ok() && two.expect("again").ok());
        bot.settle().await;
        bot.assert_once("dev");
        assert!(ann.redeliver_last().await.expect("again").ok());
        bot.settle().await;
        bot.assert_once("dev");
    }

    async fn the_same_words_typed_again_are_another_task(bot: Bot) {
        bot.types("ann", "/jules repo=404less tidy up").await;
        bot.types("ann", "/jules repo=404less tidy up").await;
        assert_eq!(bot.account().sessions().len(), 2);
    }

    async fn the_same_click_delivered_again_is_one_task(bot: Bot) {
        bot.types("ann", "/jules repo=website tidy up").await;
        bot.clicks("ann", "Acme-Corp/website").await;
        assert!(bot.slack.user("ann").redeliver_last().await.expect("again").ok());
        bot.settle().await;
        bot.assert_once("dev");
    }

    async fn without_a_store_a_command_is_told_that_nothing_was_started(bot: Bot) {
        bot.store.off();
        let ack = bot.slack.user("ann").types("dev", "/jules repo=404less tidy up").await;
        let ack = ack.expect("can type there");
        assert_eq!(ack.status, Some(200));
        allow_duplicates!(assert_snapshot!(ack.shown.unwrap_or_default(), @"I can't save anything right now, so I didn't do anything. Try again in a minute. If it stays like this, tell the person who runs this app that its store isn't responding."));
        bot.store.on();
        bot.settle().await;
        bot.assert_nothing_started();
        assert_nothing_stored(&bot).await;
    }

    async fn without_a_store_a_form_says_so_and_stays(bot: Bot) {
        bot.types("ann", "/jules repo=404less").await;
        bot.form("ann").fill("What should Jules do?", "tidy up").await.expect("fills");
        bot.store.off();
        let outcome = bot.form("ann").submit().await.expect("can be sent");
        let Outcome::Errors(told) = outcome else { panic!("it was taken: {outcome:?}") };
        allow_duplicates!(assert_snapshot!(told["repository"], @"I can't save anything right now, so I didn't do anything. Try again in a minute. If it stays like this, tell the person who runs this app that its store isn't responding."));
        bot.store.on();
        assert_eq!(bot.sends("ann").await, Outcome::Closed);
        bot.assert_once("dev");
    }

    async fn without_a_store_a_click_says_so_and_the_button_stays(bot: Bot) {
        bot.types("ann", "/jules repo=website tidy up").await;
        bot.store.off();
        let ack = bot.slack.user("ann").clicks("dev", "", "Acme-Corp/website").await;
        assert!(ack.expect("is there").ok());
        bot.store.on();
        bot.settle().await;
        assert!(bot.whispered("ann").contains("didn't do anything"), "{}", bot.whispered("ann"));
        bot.clicks("ann", "Acme-Corp/website").await;
        bot.assert_once("dev");
    }

    async fn a_store_that_was_away_for_a_while_loses_nothing(bot: Bot) {
        let ack = bot.slack.user("ann").types("dev", "/jules repo=404less tidy up").await;
        assert!(ack.expect("can type there").ok());
        bot.store.off();
        assert!(bot.engine().due(10).await.is_err());
        bot.hands.forward(SignedDuration::from_hours(8));
        bot.store.on();
        bot.settle().await;
        bot.assert_once("dev");
    }

    async fn before_slack_has_said_who_we_are_nothing_is_taken(mut bot: Bot) {
        bot.kill().await;
        let young = bot.young_replica().await;
        bot.slack.deliver_to(&format!("{}/slack/events", young.url));
        let ack = bot.slack.user("ann").types("dev", "/jules repo=404less tidy up").await;
        allow_duplicates!(assert_snapshot!(
            ack.expect("can type there").shown.unwrap_or_default(),
            @"I'm just starting up and haven't reached Slack yet, so I didn't do anything. Try again in a minute."
        ));
        bot.assert_nothing_started();
    }

    async fn before_slack_has_said_who_we_are_a_reply_is_delivered_again(mut bot: Bot) {
        bot.types("ann", "/jules repo=404less tidy up").await;
        bot.kill().await;
        let young = bot.young_replica().await;
        bot.slack.deliver_to(&format!("{}/slack/events", young.url));
        let root = bot.root();
        let said = bot.slack.user("ann").says("dev", Some(&root), "use tabs").await;
        let said = said.expect("can write");
        assert!(said.acks.iter().any(|ack| !ack.ok()), "not taken: {:?}", said.acks);
        young.run(|engine| async move { engine.learn_identity().await.is_ok() }).await;
        bot.hands.forward(SignedDuration::from_secs(90));
        bot.slack.deliver_retries(bot.hands.now()).await;
        young.settle().await;
        assert_eq!(bot.told_jules(), ["use tabs"]);
        assert_eq!(bot.reactions(&said.ts), ["eyes", "white_check_mark"]);
    }

    async fn before_slack_has_said_who_we_are_a_change_of_a_channel_is_delivered_again(mut bot: Bot) {
        bot.types("ann", "/jules repo=404less tidy up").await;
        let session = bot.session();
        bot.slack.remove("dev", "jules");
        bot.account().say(&session, "First.");
        bot.watch(20).await;
        bot.kill().await;
        let young = bot.young_replica().await;
        bot.slack.deliver_to(&format!("{}/slack/events", young.url));
        bot.slack.invite("dev", "jules");
        bot.slack.deliver_events().await;
        young.run(|engine| async move { engine.learn_identity().await.is_ok() }).await;
        bot.hands.forward(SignedDuration::from_secs(90));
        bot.slack.deliver_retries(bot.hands.now()).await;
        young.settle().await;
        assert!(bot.said().contains("First."), "{}", bot.said());
    }

    async fn nobodys_words_are_in_the_log_of_a_whole_story(bot: Bot) {
        // Jules refuses, and quotes what it was sent.
        let quotes = |words: &str| Fault::invalid(&format!("this will not do: {words}"));
        bot.jules.fault(quotes("hush prompt")).on(Op::CreateSession).once();
        bot.types("ann", "/jules repo=404less plan=ask title=hush-title hush prompt").await;
        bot.clicks("ann", "Try again").await;
        let session = bot.session();
        bot.account().plan(&session, &[("hush step", "hush details")]);
        bot.watch(30).await;
        bot.clicks("ben", "Approve").await;
        bot.watch(30).await;
        bot.account().ask(&session, "hush question?");
        bot.watch(30).await;
        bot.jules.fault(quotes("hush reply")).on(Op::SendMessage).once();
        bot.replies("ann", "hush reply").await;
        let files: &[(&str, &str, &[u8])] =
            &[("hush-file.txt", "text/plain", b"hush text"), ("hush.txt", "text/plain", b"\xffhush")];
        let ann = bot.slack.user("ann");
        let sent = ann.says_with_files("dev", Some(&bot.root()), "hush words", files).await;
        sent.expect("can write");
        bot.watch(30).await;
        bot.slack.fault(SlackFault::Error("invalid_blocks".to_owned())).on("chat.postMessage").times(2);
        bot.account().say(&session, "hush words of Jules");
        bot.watch(30).await;
        bot.account().fail(&session, Some("hush reason"));
        bot.watch(30).await;
        let text = bot.logged();
        for known in ["create_session", "send", "approve", "jules_refused", "invalid_blocks"] {
            assert!(text.contains(known), "{known} is not in {text}");
        }
        let said: Vec<&str> = text.lines().filter(|line| line.contains("hush")).collect();
        assert!(said.is_empty(), "{said:#?}");
    }

    async fn no_setting_is_in_the_store(bot: Bot) {
        bot.types("ann", "/jules bind 404less").await;
        bot.types("ann", "/jules plan=ask rename frontend").await;
        bot.account().plan(&bot.session(), &[("Look around", "")]);
        bot.watch(30).await;
        bot.replies("ann", "use tabs").await;
        let (store, now) = (bot.engine().store(), bot.hands.now());
        let names = store.list("", None, 10_000, now).await.expect("the store answers");
        assert!(names.len() > 5, "{names:?}");
        for name in names {
            let live = store.get(&name, now).await.expect("the store answers");
            let body = live.map(|(_, document)| document.body).unwrap_or_default();
            let body = String::from_utf8_lossy(&body);
            for secret in [KEY, bot.slack.bot_token(), bot.slack.app_token(), bot.slack.signing_secret()] {
                assert!(!body.contains(secret), "{} has {secret}", name.as_str());
            }
            // How a private line is sent to someone is sealed.
            assert!(!body.contains("/commands/"), "{} has {body}", name.as_str());
        }
    }

    async fn nothing_that_is_private_is_logged_of_a_task(bot: Bot) {
        bot.jules.fault(Fault::status(400)).on(Op::CreateSession).once();
        bot.types("ann", "/jules repo=404less title=whisper-title hush-hush").await;
        bot.clicks("ann", "Try again").await;
        bot.assert_once("dev");
        let text = bot.logged();
        assert!(text.contains("create_session"), "{text}");
        for secret in [
            "hush-hush",
            "whisper-title",
            KEY,
            bot.slack.bot_token(),
            bot.slack.app_token(),
            "ticket-",
            "/commands/",
            "/actions/",
        ] {
            assert!(!text.contains(secret), "{secret} in {text}");
        }
    }
}
