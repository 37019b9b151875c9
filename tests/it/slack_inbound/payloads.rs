//! Payloads as Slack sends them, and what comes out.

use super::reading::*;
use domain::inbound::{Inbound, ReplyRoute};
use jiff::Timestamp;
use serde_json::{Value, json};
use slack::inbound::{
    Delivery, EventBody, Malformed, Payload, Selected, receive, receive_frame, to_inbound,
};

#[test]
fn a_command() {
    let received = receive(FORM, fixture!("command.form")).unwrap();
    let Payload::SlashCommand(command) = &received else { panic!("{received:?}") };
    assert_eq!(names(&command.who), "T0001 E0001 U2147483697 -");
    assert_eq!(command.channel.as_ref().unwrap().as_str(), "C2147483705");
    assert_eq!(command.channel_name.as_deref(), Some("general"));
    assert_eq!((command.command.as_str(), command.text.as_str()), ("/jules", "fix the flaky test"));
    assert_eq!(
        command.response_url.as_ref().unwrap().expose(),
        "https://hooks.slack.com/commands/1234/5678"
    );
    let trigger = command.trigger.as_ref().unwrap().expose();
    assert_eq!(trigger, "13345224609.738474920.8088930838d88f008e0");

    let shown = format!("{received:?}");
    assert!(!shown.contains("hooks.slack.com") && !shown.contains(trigger), "{shown}");
}

#[test]
fn a_command_of_an_organisation_wide_install_keeps_slacks_escapes() {
    let received = receive(FORM, fixture!("command_org_wide_in_dm.form")).unwrap();
    let Payload::SlashCommand(command) = received else { panic!("{received:?}") };
    assert_eq!(names(&command.who), "T0001 E0001* U2147483697 -");
    assert!(command.channel.unwrap().as_str().starts_with('D'));
    assert_eq!(command.text, "fix <https://x.example|x> &amp; <@U1>");
}

#[test]
fn a_command_in_a_frame_is_the_same_kind_of_thing() {
    let frame: Value = serde_json::from_str(fixture!("socket_slash_command.json")).unwrap();
    let received = receive_frame("slash_commands", frame["payload"].clone()).unwrap();
    let Payload::SlashCommand(command) = received else { panic!("{received:?}") };
    assert_eq!(names(&command.who), "T123ABC456 - U123ABC456 -");
    assert_eq!(command.text, "help");
}

#[test]
fn an_opening_of_the_home_tab_asks_for_it_and_one_of_the_messages_for_nothing() {
    let opened = |body: &str| {
        let received = receive(JSON, body).unwrap();
        to_inbound(received, false, Timestamp::UNIX_EPOCH)
    };
    for body in
        [fixture!("event_app_home_opened.json"), fixture!("event_app_home_opened_org_wide.json")]
    {
        let mut event: Value = serde_json::from_str(body).unwrap();
        event["event"]["tab"] = json!("home");
        let Delivery::Request(asked, None) = opened(&event.to_string()) else { panic!("{event}") };
        assert_eq!(asked.inbound, Inbound::HomeOpened);
        assert_eq!((asked.origin.place, asked.origin.reply), (None, ReplyRoute::Home));
        assert!(asked.who.user.is_some());
        for other in [json!("messages"), Value::Null] {
            event["event"]["tab"] = other;
            assert_eq!(opened(&event.to_string()), Delivery::Nothing);
        }
    }
}

#[test]
fn a_button_in_a_thread() {
    let clicked = clicked(fixture!("block_actions_button_in_thread.json"));
    assert_eq!(names(&clicked.who), "T0MJRM1A7 - U0D15K92L T0MJRM1A7");
    let container = &clicked.container;
    assert_eq!(container.message_ts.as_ref().unwrap().as_str(), "1721609601.000200");
    assert_eq!(container.thread_ts.as_ref().unwrap().as_str(), "1721609600.000100");
    assert_eq!(container.channel.as_ref().unwrap().as_str(), "C0LAN2Q65");
    assert!(!container.ephemeral && clicked.view.is_none());
    let [action] = clicked.actions.as_slice() else { panic!("{:?}", clicked.actions) };
    assert_eq!(action.action_id, "plan_approve");
    assert_eq!(action.block_id.as_deref(), Some("plan:abc"));
    assert_eq!(action.value.as_deref(), Some("v1.sess_123"));
    assert_eq!(action.action_ts.as_deref(), Some("1721609700.123456"));
    assert!(clicked.trigger.is_some() && clicked.response_url.is_some());
}

#[test]
fn a_button_of_an_organisation_wide_install_has_no_team() {
    let clicked = clicked(fixture!("block_actions_button_org_wide.json"));
    assert_eq!(names(&clicked.who), "- E111* U0D15K92L T0MJRM1A7");
    assert_eq!(clicked.who.installation().unwrap().as_str(), "E111");
}

#[test]
fn a_button_in_an_ephemeral_message_has_no_message() {
    let clicked = clicked(fixture!("block_actions_button_in_ephemeral.json"));
    assert!(clicked.container.ephemeral);
    assert_eq!(clicked.container.message_ts.unwrap().as_str(), "1721609601.000200");
    assert_eq!(clicked.container.thread_ts, None);
}

#[test]
fn a_select_in_a_form_of_an_organisation_wide_install() {
    let clicked = clicked(fixture!("block_actions_select_in_modal_org_wide.json"));
    assert_eq!(names(&clicked.who), "E111 E111* W111 T111");
    assert_eq!(clicked.container.view_id.as_deref(), Some("V111"));
    assert_eq!(clicked.view.unwrap().hash.as_deref(), Some("1596529361.xxx"));
    assert_eq!(clicked.actions[0].selected.as_deref(), Some("main"));
    assert_eq!(clicked.actions[0].selected_label.as_deref(), Some("main"));
}

#[test]
fn a_form_that_was_sent() {
    for (fixture, who) in [
        (fixture!("view_submission.json"), "T1234567 - U1234567 T1234567"),
        (fixture!("view_submission_org_wide.json"), "E111 E111* U1234567 T1234567"),
    ] {
        let received = interaction(fixture);
        let Payload::ViewSubmission(sent) = received else { panic!("{received:?}") };
        assert_eq!(names(&sent.who), who);
        assert_eq!(sent.view.id.as_deref(), Some("VNHU13V36"));
        assert_eq!(sent.view.callback_id.as_deref(), Some("jules_new"));
        assert_eq!(sent.view.private_metadata, r#"{"v":1,"channel":"C0LAN2Q65"}"#);
        let values = &sent.view.values;
        assert_eq!(values.text("prompt", "prompt_input"), Some("Fix the flaky test"));
        assert_eq!(values.text("branch", "branch_input"), None);
        assert_eq!(
            values.selected("repo", "repo_select"),
            Some(Selected { value: "sources/github/acme/api", label: "acme/api" })
        );
        assert_eq!(values.checked("opts", "opts_cb"), [""; 0]);
        assert!(sent.trigger.is_some());
    }
}

#[test]
fn a_form_that_was_dismissed() {
    let received = interaction(fixture!("view_closed.json"));
    let Payload::ViewClosed(closed) = received else { panic!("{received:?}") };
    assert_eq!(names(&closed.who), "T111 - U111 T111");
    assert_eq!(closed.view.id.as_deref(), Some("V111"));
    assert!(!closed.all);
}

#[test]
fn a_shortcut() {
    for (fixture, who) in [
        (fixture!("shortcut.json"), "T111 - U111 T111"),
        (fixture!("shortcut_org_wide.json"), "- E111* U111 T111"),
    ] {
        let received = interaction(fixture);
        let Payload::Shortcut(shortcut) = received else { panic!("{received:?}") };
        assert_eq!(names(&shortcut.who), who);
        assert_eq!(shortcut.callback_id, "jules_new_task");
        assert!(shortcut.trigger.is_some());
    }
}

#[test]
fn a_shortcut_on_a_message() {
    let received = interaction(fixture!("message_action_in_org.json"));
    let Payload::MessageShortcut(used) = received else { panic!("{received:?}") };
    assert_eq!(names(&used.who), "T111 E111 W111 -");
    assert_eq!(used.callback_id, "jules_from_message");
    assert_eq!(used.channel.unwrap().as_str(), "C111");
    assert_eq!(used.message_ts.unwrap().as_str(), "1583636382.000300");
    assert_eq!(used.thread_ts.unwrap().as_str(), "1583636000.000100");
    assert_eq!(used.text, "<@W222> the build is red");
}

#[test]
fn a_select_that_asks_for_options() {
    let received = interaction(fixture!("block_suggestion.json"));
    let Payload::BlockSuggestion(suggest) = received else { panic!("{received:?}") };
    assert_eq!(names(&suggest.who), "T111 - W111 T111");
    assert_eq!((suggest.action_id.as_str(), suggest.query.as_str()), ("repo_select", "api"));
    assert_eq!(suggest.view.unwrap().callback_id.as_deref(), Some("jules_new"));
}

#[test]
fn a_reply_in_a_thread() {
    let event = event(fixture!("event_message_thread_reply.json"));
    assert_eq!(names(&event.who), "T111 - U222 T111");
    assert_eq!((event.kind.as_str(), event.event_id.as_deref()), ("message", Some("Ev0111")));
    let message = message(&event);
    assert_eq!(message.channel.as_ref().unwrap().as_str(), "C111");
    assert_eq!(message.channel_type.as_deref(), Some("channel"));
    assert_eq!(message.text, "also update the README &amp; add tests");
    assert_eq!(message.ts.as_ref().unwrap().as_str(), "1721609800.000300");
    assert_eq!(message.thread_ts.as_ref().unwrap().as_str(), "1721609600.000100");
    assert_eq!((&message.bot_id, &message.subtype, message.hidden), (&None, &None, false));
}

#[test]
fn a_mention_reads_as_a_message() {
    let event = event(fixture!("event_app_mention.json"));
    assert_eq!(event.kind, "app_mention");
    assert_eq!(message(&event).text, "<@U0BOT> fix the flaky test");
}

#[test]
fn parts_of_a_message_that_nobody_knows_cost_nothing() {
    let event = event(fixture!("event_message_from_bot_odd_parts.json"));
    let message = message(&event);
    assert_eq!(message.text, "Plan ready");
    assert_eq!(
        (message.bot_id.as_deref(), message.app_id.as_deref()),
        (Some("B0BOT"), Some("A02"))
    );
    assert_eq!((message.subtype.as_deref(), message.files.len()), (Some("bot_message"), 2));
    assert!(event.who.shared);
}

#[test]
fn somebody_from_another_organisation_can_be_told() {
    let event = event(fixture!("event_message_from_other_organisation.json"));
    assert_eq!(names(&event.who), "T111 - U999 T999");
    assert!(event.who.shared);
}

#[test]
fn other_events_are_kept_as_they_came() {
    let opened = event(fixture!("event_app_home_opened_org_wide.json"));
    assert_eq!(names(&opened.who), "T111 E111* W111 -");
    assert_eq!(opened.kind, "app_home_opened");

    let revoked = event(fixture!("event_tokens_revoked.json"));
    assert_eq!(names(&revoked.who), "T111 - - -");
    let EventBody::Other(body) = revoked.what else { panic!("{revoked:?}") };
    assert_eq!(body["tokens"]["bot"], json!(["U0BOT"]));

    let stopped = event(fixture!("event_agent_session_stopped.json"));
    assert_eq!(names(&stopped.who), "T0123ABC456 - U123ABC456 -");
}

#[test]
fn slack_trying_us_out() {
    assert_eq!(
        receive(JSON, fixture!("url_verification.json")),
        Ok(Payload::Challenge("3eZbrw1aBm2rZgRNFdxV2595E9CY3gmdALWMmHkvFXO7tYXAYM8P".to_owned()))
    );
    assert_eq!(receive(FORM, fixture!("ssl_check.form")), Ok(Payload::SslCheck));
}

#[test]
fn unknown_kinds_are_not_errors() {
    let other = |kind: &str| Ok(Payload::Other { kind: kind.to_owned() });
    assert_eq!(receive(JSON, fixture!("app_rate_limited.json")), other("app_rate_limited"));
    assert_eq!(
        interaction(r#"{"type":"workflow_step_edit"}"#),
        other("workflow_step_edit").unwrap()
    );
    assert_eq!(receive_frame("hello_again", json!({})), other("hello_again"));
    assert_eq!(event(r#"{"type":"event_callback"}"#).kind, "");
}

#[test]
fn what_is_not_slacks_is_malformed() {
    for (content_type, body, expected) in [
        (None, "{}", Malformed::ContentType),
        (Some("text/plain"), "{}", Malformed::ContentType),
        (JSON, "", Malformed::Json),
        (JSON, "{}", Malformed::Json),
        (JSON, "[]", Malformed::Json),
        (JSON, r#"{"type":"secret"#, Malformed::Json),
        (JSON, r#"{"type":"url_verification"}"#, Malformed::Json),
        (FORM, "", Malformed::Form),
        (FORM, "text=secret", Malformed::Form),
        (FORM, "payload=secret", Malformed::Json),
    ] {
        let malformed = receive(content_type, body).unwrap_err();
        assert_eq!(malformed, expected, "{body}");
        assert!(!malformed.to_string().contains("secret"));
    }
    assert_eq!(receive_frame("slash_commands", Value::Null), Err(Malformed::Form));
}
