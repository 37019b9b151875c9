//! Credentials that are refused for a while, as during a rotation: nothing is lost or said twice, and
//! everything continues when they are accepted again.

use crate::harness::bot::{Bot, stories};
use sim::jules::{Op, State};
use sim::slack::Fault;

/// Of each kind that an operator can fix, one or two. The unit test in `engine/fault.rs` has all.
const CODES: [&str; 6] = [
    "invalid_auth",
    "token_expired",
    "two_factor_setup_required",
    "access_denied",
    "not_allowed_token_type",
    "method_deprecated",
];

/// Longer than the longest wait between two attempts while an operator is needed.
const OPERATOR: i64 = 310;

const POST: &str = "chat.postMessage";

async fn working(bot: &Bot) -> String {
    bot.account().limits(100, 100);
    bot.types("ann", "/jules repo=404less plan=ask rename frontend to website").await;
    bot.watch(30).await;
    bot.session()
}

/// The places of these words in a text, in which each of them stands once and in this order.
#[track_caller]
fn assert_in_order(text: &str, words: &[&str]) {
    let mut from = 0;
    for word in words {
        assert_eq!(text.matches(word).count(), 1, "{word:?} is there once:\n{text}");
        let at = text.find(word).unwrap_or_default();
        assert!(at >= from, "{word:?} comes too early:\n{text}");
        from = at;
    }
}

stories! {
    async fn a_plan_that_meets_a_refused_token_is_shown_when_it_is_accepted(bot: Bot) {
        for code in CODES {
            let session = working(&bot).await;
            bot.slack.refuse_token(code);
            bot.account().plan(&session, &[("Rename the folder", "")]);
            bot.watch(40).await;
            bot.slack.accept_token();
            assert_eq!(bot.said(), "", "{code}");
            bot.watch(OPERATOR).await;
            assert_in_order(&bot.said(), &["*Plan*", "Rename the folder", "[Approve]"]);
            let card = bot.cards("dev").pop().expect("a card").shown;
            assert!(card.contains("Plan ready and waiting for approval"), "{code}: {card}");
            bot.clicks("ben", "Approve").await;
            let card = bot.cards("dev").pop().expect("a card").shown;
            assert!(card.contains("Plan approved by @ben"), "{code}: {card}");
        }
    }

    async fn an_approval_that_meets_a_refused_token_is_drawn_when_it_is_accepted(bot: Bot) {
        let session = working(&bot).await;
        bot.account().plan(&session, &[("Rename the folder", "")]);
        bot.watch(20).await;
        bot.slack.refuse_token("account_inactive");
        bot.clicks("ben", "Approve").await;
        assert_eq!(bot.account().sessions()[0].state, State::InProgress, "Jules is told at once");
        bot.watch(700).await;
        assert!(bot.said().contains("[Approve]"), "nothing can be drawn:\n{}", bot.said());
        bot.slack.accept_token();
        bot.watch(OPERATOR).await;
        assert!(bot.said().contains("Approved by @ben."), "{}", bot.said());
        assert!(bot.card().contains("Plan approved by @ben"), "{}", bot.card());
        assert_eq!(bot.thread().len(), 1, "an approval is no message:\n{}", bot.said());
    }

    async fn a_question_that_meets_a_refused_token_is_asked_when_it_is_accepted(bot: Bot) {
        for code in CODES {
            let session = working(&bot).await;
            bot.slack.refuse_token(code);
            bot.account().say(&session, "I have looked around.");
            bot.account().ask(&session, "Which folder is meant?");
            bot.watch(40).await;
            bot.slack.accept_token();
            bot.watch(OPERATOR).await;
            assert_in_order(&bot.said(), &["I have looked around.", "Which folder is meant?"]);
            let card = bot.cards("dev").pop().expect("a card").shown;
            assert!(card.contains("Jules has a question"), "{code}: {card}");
        }
    }

    async fn an_end_that_meets_a_refused_token_is_told_when_it_is_accepted(bot: Bot) {
        for code in CODES {
            let finished = working(&bot).await;
            let first = bot.root();
            let failed = working(&bot).await;
            bot.slack.refuse_token(code);
            bot.account().finish(&finished);
            bot.account().fail(&failed, Some("It did not build."));
            bot.watch(60).await;
            bot.slack.accept_token();
            bot.watch(OPERATOR).await;
            let thread = bot.slack.thread("dev", &first);
            let said: Vec<_> = thread.iter().map(|post| post.shown.as_str()).collect();
            assert_in_order(&said[1..].join("\n"), &["Jules is working on", "*Done*"]);
            assert!(said[0].contains("*Done* in"), "{code}: {}", said[0]);
            assert_in_order(&bot.said(), &["It did not build."]);
            let card = bot.cards("dev").pop().expect("a card").shown;
            assert!(card.contains("Failed"), "{code}: {card}");
        }
    }

    async fn everything_that_waited_for_a_token_comes_in_order(bot: Bot) {
        let session = working(&bot).await;
        bot.slack.refuse_token("token_revoked");
        bot.account().plan(&session, &[("Rename the folder", "")]);
        bot.watch(700).await;
        bot.account().user_approves(&session);
        bot.account().say(&session, "Half of it is done.");
        bot.watch(700).await;
        bot.account().ask(&session, "Which folder is meant?");
        bot.watch(700).await;
        bot.account().finish(&session);
        bot.watch(3600).await;
        assert_eq!(bot.said(), "");
        let tried = bot.slack_calls(POST) + bot.slack_calls("chat.update");
        assert!(tried < 75, "{tried} attempts in an hour and a half");
        bot.slack.accept_token();
        bot.watch(OPERATOR).await;
        let order = ["*Plan*", "Half of it is done.", "Which folder is meant?", "*Done*"];
        assert_in_order(&bot.said(), &order);
        assert!(!bot.said().contains("[Approve]"), "the plan is as it is now:\n{}", bot.said());
        assert!(bot.standing().contains("*Done*"), "{}", bot.card());
    }

    async fn a_task_that_meets_a_refused_token_starts_when_it_is_accepted(bot: Bot) {
        for (n, code) in CODES.into_iter().enumerate() {
            bot.slack.refuse_token(code);
            bot.types("ann", &format!("/jules repo=404less task {n}")).await;
            bot.watch(60).await;
            let told = bot.privately("ann");
            assert!(!told.contains("I couldn't start this task"), "{code}: {told}");
            assert_eq!(told.matches("I'll keep trying.").count(), n + 1, "once: {told}");
            assert_eq!(bot.account().sessions().len(), n, "{code}");
            bot.slack.accept_token();
            bot.watch(OPERATOR).await;
            assert_eq!((bot.cards("dev").len(), bot.account().sessions().len()), (n + 1, n + 1));
            assert_eq!(bot.privately("ann"), told, "nothing more is said in private");
            bot.account().finish(&bot.session());
            bot.watch(30).await;
        }
    }

    async fn what_would_be_out_of_date_is_not_said_in_private(bot: Bot) {
        // Longer than a response URL lives: nothing can be said in private without the token.
        bot.slack.fault(Fault::Limited(Some(2000))).on("response_url").times(1);
        bot.slack.refuse_token("invalid_auth");
        bot.types("ann", "/jules repo=404less tidy up").await;
        bot.watch(3000).await;
        bot.slack.accept_token();
        bot.watch(2 * OPERATOR).await;
        bot.assert_once("dev");
        let told = bot.privately("ann");
        assert!(!told.contains("does not accept"), "the token works by now:\n{told}");
    }

    async fn a_missing_permission_is_waited_for_too(bot: Bot) {
        let session = working(&bot).await;
        bot.slack.grant(&["commands"]);
        bot.account().ask(&session, "Which folder is meant?");
        bot.watch(40).await;
        assert_eq!(bot.said(), "");
        bot.slack.grant(&["commands", "chat:write", "channels:history"]);
        bot.watch(OPERATOR).await;
        assert_in_order(&bot.said(), &["Which folder is meant?"]);
        assert!(bot.standing().contains("Jules has a question"), "{}", bot.card());
    }

    async fn reactions_wait_for_the_token_and_do_without_the_permission(bot: Bot) {
        working(&bot).await;
        bot.slack.refuse_token("invalid_auth");
        let ts = bot.replies("ben", "use tabs").await;
        bot.watch(40).await;
        assert_eq!(bot.told_jules(), ["use tabs"], "Jules is told at once");
        bot.slack.accept_token();
        bot.watch(OPERATOR).await;
        assert_eq!(bot.reactions(&ts), ["eyes", "white_check_mark"]);
        bot.slack.grant(&["commands", "chat:write", "channels:history"]);
        bot.slack.clear_calls();
        let ts = bot.replies("ben", "and spaces").await;
        bot.watch(2 * OPERATOR).await;
        assert_eq!(bot.reactions(&ts), Vec::<String>::new());
        assert_eq!(bot.slack_calls("reactions.add"), 2, "one attempt at each");
    }

    async fn a_private_line_waits_for_the_token_and_is_said_once(bot: Bot) {
        working(&bot).await;
        let root = bot.root();
        bot.slack.refuse_token("account_inactive");
        let files: &[(&str, &str, &[u8])] = &[("a.png", "image/png", b"\x89PNG")];
        bot.slack.user("ann").says_with_files("dev", Some(&root), "see this", files).await.expect("can");
        bot.watch(40).await;
        assert!(!bot.privately("ann").contains("a.png"), "{}", bot.privately("ann"));
        bot.slack.accept_token();
        bot.watch(OPERATOR).await;
        assert_eq!(bot.privately("ann").matches("a.png").count(), 1, "{}", bot.privately("ann"));
    }

    async fn a_file_is_not_left_out_because_of_the_token(bot: Bot) {
        working(&bot).await;
        let root = bot.root();
        bot.slack.refuse_token("invalid_auth");
        let files: &[(&str, &str, &[u8])] = &[("a.txt", "text/plain", b"the whole list")];
        bot.slack.user("ann").says_with_files("dev", Some(&root), "see this", files).await.expect("can");
        bot.watch(40).await;
        bot.slack.accept_token();
        bot.watch(OPERATOR).await;
        let told = bot.told_jules();
        assert_eq!(told.len(), 1, "{told:?}");
        assert!(told[0].contains("the whole list"), "{told:?}");
        assert!(!bot.said().contains("does not accept"), "{}", bot.said());
    }

    async fn what_may_have_been_posted_is_looked_for_once_the_token_is_accepted(bot: Bot) {
        let session = working(&bot).await;
        bot.slack.fault(Fault::DropAfter).on(POST).times(1);
        bot.account().ask(&session, "Which folder is meant?");
        bot.watch(3).await;
        bot.slack.refuse_token("invalid_auth");
        bot.watch(3600).await;
        let looks = bot.slack_calls("conversations.replies") + bot.slack_calls("auth.test");
        assert!((2..40).contains(&looks), "{looks} looks in an hour");
        bot.slack.accept_token();
        bot.watch(OPERATOR).await;
        assert_in_order(&bot.said(), &["Which folder is meant?"]);
    }

    async fn a_refused_key_loses_nothing(bot: Bot) {
        bot.account().revoke();
        bot.types("ann", "/jules repo=404less plan=ask rename frontend to website").await;
        bot.watch(700).await;
        assert!(bot.card().contains("doesn't accept the API key"), "{}", bot.card());
        bot.account().restore();
        bot.watch(OPERATOR).await;
        bot.assert_once("dev");
        let session = bot.session();
        bot.account().plan(&session, &[("Rename the folder", "")]);
        bot.watch(40).await;

        bot.account().revoke();
        bot.clicks("ben", "Approve").await;
        bot.replies("ann", "one").await;
        bot.replies("ann", "two").await;
        bot.watch(700).await;
        assert_eq!(bot.account().sessions()[0].state, State::AwaitingPlanApproval);
        bot.account().restore();
        bot.watch(OPERATOR).await;
        let tried = bot.told_jules();
        assert_eq!(tried[tried.len() - 2..], ["one", "two"], "{tried:?}");
        let said = bot.account().activities(&session);
        assert_eq!(said.iter().filter(|one| one["userMessaged"].is_object()).count(), 2);
        assert!(bot.said().contains("Approved by @ben."), "{}", bot.said());
        assert!(bot.card().contains("Plan approved by @ben"), "{}", bot.card());

        bot.account().revoke();
        bot.account().finish(&session);
        bot.watch(700).await;
        bot.account().restore();
        bot.watch(OPERATOR).await;
        assert_in_order(&bot.said(), &["*Done*"]);
        assert!(bot.standing().contains("*Done*"), "{}", bot.card());
    }

    async fn a_key_that_is_refused_at_the_end_tells_the_whole_end_later(bot: Bot) {
        let session = working(&bot).await;
        bot.account().plan(&session, &[("Rename the folder", "")]);
        bot.account().user_approves(&session);
        bot.watch(40).await;
        // What changed is asked for last, and only that is refused.
        bot.jules.fault(sim::jules::Fault::status(401)).on(Op::GetActivity).times(3);
        bot.account().finish(&session);
        bot.watch(120).await;
        assert_in_order(&bot.said(), &["*Done*", "2 files changed"]);
        assert!(bot.standing().contains("*Done*"), "{}", bot.card());
    }

    async fn a_key_that_is_refused_at_the_end_is_off_the_card_once_jules_answers(bot: Bot) {
        let session = working(&bot).await;
        bot.jules.fault(sim::jules::Fault::status(401)).on(Op::GetActivity).times(3);
        bot.jules.fault(sim::jules::Fault::status(404)).on(Op::GetActivity).once();
        bot.account().finish(&session);
        bot.watch(120).await;
        assert_in_order(&bot.said(), &["*Done*"]);
        assert!(bot.standing().contains("*Done*"), "{}", bot.card());
    }

    async fn a_key_that_is_refused_while_it_is_stopped_stops_it_later(bot: Bot) {
        working(&bot).await;
        bot.account().revoke();
        bot.clicks("ben", "Stop").await;
        bot.watch(700).await;
        assert!(!bot.account().sessions()[0].archived);
        bot.account().restore();
        bot.watch(OPERATOR).await;
        assert!(bot.account().sessions()[0].archived);
        assert!(bot.standing().contains("*Stopped* by @ben"), "{}", bot.card());
    }

    /// An attempt that was certainly refused approved nothing.
    async fn an_approval_elsewhere_is_not_taken_for_ours_after_a_refusal(bot: Bot) {
        let session = working(&bot).await;
        bot.account().plan(&session, &[("Rename the folder", "")]);
        bot.watch(20).await;
        bot.account().revoke();
        bot.clicks("ben", "Approve").await;
        bot.account().set_state(&session, State::InProgress);
        bot.account().restore();
        bot.watch(OPERATOR).await;
        assert!(!bot.card().contains("approved by @ben"), "{}", bot.card());
        assert!(!bot.said().contains("Approved by @ben"), "{}", bot.said());
    }
}
