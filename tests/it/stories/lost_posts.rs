//! A post whose answer was lost, in a channel where it is hard to find again: the task continues all the
//! same, nothing is there twice without a word, and people who are waiting are told.

use crate::harness::bot::{Bot, stories};
use sim::jules::{Fault as JulesFault, Op};
use sim::slack::{Call, Fault};

const POST: &str = "chat.postMessage";

/// Longer than all lookups together, those that tell nothing included.
const ALL_LOOKUPS: i64 = 400;

/// What a message says that may be there twice.
const AGAIN: &str = "it may be here twice";

/// The same for a card.
const CARD_AGAIN: &str = "If there are two";

/// What a bot needs, without reading what was said.
const BLIND: [&str; 4] = ["commands", "chat:write", "channels:read", "reactions:write"];

const ALL: [&str; 5] =
    ["commands", "chat:write", "channels:read", "channels:history", "reactions:write"];

/// The next post happens, and its answer is lost.
fn lose_answer(bot: &Bot) {
    bot.slack.fault(Fault::DropAfter).on(POST).times(1);
}

async fn types(bot: &Bot) {
    bot.types("ann", "/jules repo=404less rename frontend to website").await;
}

/// A bot that watches something says so many things in the channel or in a thread.
async fn alerts(bot: &Bot, thread: Option<&str>, count: usize, words: &str) {
    for _ in 0..count {
        bot.slack.other_bot_says("dev", thread, words).await.expect("can write");
    }
}

async fn working(bot: &Bot) -> String {
    types(bot).await;
    bot.watch(30).await;
    bot.session()
}

/// How often the thread of the only task shows this.
fn shown(bot: &Bot, words: &str) -> usize {
    bot.thread().iter().filter(|post| post.shown.contains(words)).count()
}

stories! {
    async fn a_card_is_found_before_anything_that_was_said_long_after_it(bot: Bot) {
        lose_answer(&bot);
        // Slack shows no history for some minutes, and then there is more than anyone looks through.
        bot.slack.fault(Fault::Status(503)).on("conversations.history").times(11);
        types(&bot).await;
        bot.watch(400).await;
        assert_eq!(bot.slack_calls(POST), 1, "it is still looked for");
        alerts(&bot, None, 1100, "disk almost full").await;
        bot.slack.clear_calls();
        bot.watch(400).await;
        let calls = bot.slack.calls();
        let is_page = |call: &&Call| call.method == "conversations.history" && call.fault.is_none();
        assert_eq!(calls.iter().filter(is_page).count(), 1, "one page");
        bot.assert_once("dev");
        assert_eq!(bot.slack_calls(POST), 1, "the link");
    }

    async fn a_card_is_found_among_large_messages(bot: Bot) {
        lose_answer(&bot);
        bot.slack.fault(Fault::Status(503)).on("conversations.history").times(1);
        types(&bot).await;
        alerts(&bot, None, 60, &"stack trace ".repeat(2_500)).await;
        bot.watch(120).await;
        bot.assert_once("dev");
        assert_eq!(bot.slack_calls(POST), 2, "the card and its link");
        bot.replies("ann", "use tabs").await;
        assert_eq!(bot.told_jules(), ["use tabs"], "the thread is known");
    }

    async fn words_of_jules_are_found_among_large_ones(bot: Bot) {
        let session = working(&bot).await;
        let root = bot.root();
        lose_answer(&bot);
        bot.slack.fault(Fault::Status(503)).on("conversations.replies").times(1);
        bot.account().ask(&session, "どのフォルダーですか？");
        bot.watch(4).await;
        alerts(&bot, Some(&root), 60, &"フォルダー".repeat(1_800)).await;
        bot.account().finish(&session);
        bot.watch(120).await;
        let counts = ["どのフォルダーですか？", "*Done*", AGAIN].map(|words| shown(&bot, words));
        assert_eq!(counts, [1, 1, 0]);
    }

    async fn a_card_that_cannot_be_looked_for_is_posted_again_and_says_so(bot: Bot) {
        lose_answer(&bot);
        bot.slack.grant(&BLIND);
        types(&bot).await;
        bot.watch(ALL_LOOKUPS).await;
        let cards = bot.cards("dev");
        assert_eq!(cards.len(), 2, "{cards:#?}");
        assert!(!cards[0].shown.contains(CARD_AGAIN), "{}", cards[0].shown);
        assert!(cards[1].shown.contains(CARD_AGAIN), "{}", cards[1].shown);
        assert_eq!(bot.account().sessions().len(), 1);
        bot.replies("ann", "use tabs").await;
        assert_eq!(bot.told_jules(), ["use tabs"], "the card that says so is the one");
        assert!(bot.logged().contains("channels:history"), "{}", bot.logged());
    }

    async fn what_cannot_be_looked_for_in_a_thread_holds_nothing_up(bot: Bot) {
        let session = working(&bot).await;
        lose_answer(&bot);
        bot.slack.grant(&BLIND);
        bot.account().ask(&session, "Which folder is meant?");
        bot.watch(ALL_LOOKUPS).await;
        assert_eq!(shown(&bot, "Which folder is meant?"), 2, "{}", bot.said());
        assert_eq!(shown(&bot, AGAIN), 1, "{}", bot.said());
        bot.account().finish(&session);
        bot.watch(120).await;
        assert_eq!(shown(&bot, "*Done*"), 1, "{}", bot.said());
        assert_eq!(shown(&bot, AGAIN), 1, "only what is in doubt says so:\n{}", bot.said());
    }

    async fn a_lookup_that_tells_nothing_at_first_is_made_again(bot: Bot) {
        lose_answer(&bot);
        bot.slack.grant(&BLIND);
        types(&bot).await;
        bot.watch(20).await;
        bot.slack.grant(&ALL);
        bot.watch(ALL_LOOKUPS).await;
        bot.assert_once("dev");
        assert_eq!(bot.slack_calls(POST), 2, "the card and its link");
    }

    async fn after_a_second_time_in_doubt_the_author_is_told_and_it_ends(bot: Bot) {
        bot.slack.grant(&BLIND);
        bot.slack.fault(Fault::DropAfter).on(POST).times(2);
        types(&bot).await;
        bot.watch(2 * ALL_LOOKUPS).await;
        assert_eq!(bot.cards("dev").len(), 2, "no third one");
        let told = bot.privately("ann");
        assert_eq!(told.matches("whether Slack posted the card").count(), 1, "{told}");
        assert_eq!(bot.account().sessions().len(), 0);
        bot.slack.grant(&ALL);
        bot.clicks("ann", "Try again").await;
        bot.watch(ALL_LOOKUPS).await;
        assert_eq!((bot.cards("dev").len(), bot.account().sessions().len()), (3, 1));
    }

    async fn a_plan_in_doubt_twice_still_lets_the_end_be_told(bot: Bot) {
        let session = working(&bot).await;
        bot.slack.grant(&BLIND);
        bot.slack.fault(Fault::DropBefore).on(POST).times(2);
        bot.account().ask(&session, "Which folder is meant?");
        bot.watch(2 * ALL_LOOKUPS).await;
        let told = bot.privately("ann");
        assert_eq!(told.matches("Which folder is meant?").count(), 1, "{told}");
        bot.account().finish(&session);
        bot.watch(120).await;
        assert_eq!(shown(&bot, "*Done*"), 1, "{}", bot.said());
    }

    async fn while_a_card_cannot_be_posted_its_author_is_told_once(bot: Bot) {
        bot.slack.fault(Fault::Status(503)).on(POST).times(30);
        bot.slack.fault(Fault::Status(503)).on("conversations.history").times(30);
        types(&bot).await;
        bot.watch(300).await;
        let told = bot.privately("ann");
        assert_eq!(told.matches("Slack isn't responding.").count(), 1, "{told}");
        bot.slack.heal();
        bot.watch(120).await;
        bot.assert_once("dev");
    }

    async fn a_session_that_cannot_be_looked_for_is_a_persons_decision(bot: Bot) {
        bot.jules.fault(JulesFault::DropAfter).on(Op::CreateSession).once();
        bot.jules.fault(JulesFault::Html200).on(Op::ListSessions).for_ever();
        types(&bot).await;
        bot.watch(2 * ALL_LOOKUPS).await;
        let card = bot.card();
        assert!(card.contains("whether Jules started this task"), "{card}");
        assert_eq!(bot.account().sessions().len(), 1, "none is created blindly");
        bot.jules.clear_faults();
        bot.clicks("ann", "Try again").await;
        bot.watch(120).await;
        assert!(bot.standing().contains("*Queued in Jules*"), "{}", bot.card());
    }

    async fn a_reply_that_cannot_be_looked_for_is_its_authors_decision(bot: Bot) {
        let session = working(&bot).await;
        bot.jules.fault(JulesFault::DropBefore).on(Op::SendMessage).once();
        bot.jules.fault(JulesFault::Html200).on(Op::ListActivities).for_ever();
        bot.replies("ben", "use tabs").await;
        bot.watch(2 * ALL_LOOKUPS).await;
        let told = bot.privately("ben");
        assert_eq!(told.matches("whether Jules got your message").count(), 1, "{told}");
        assert!(told.contains("use tabs"), "{told}");
        bot.jules.clear_faults();
        bot.replies("ben", "and no spaces").await;
        bot.watch(120).await;
        assert_eq!(bot.told_jules(), ["use tabs", "and no spaces"]);
        bot.account().finish(&session);
        bot.watch(120).await;
        assert_eq!(shown(&bot, "*Done*"), 1, "{}", bot.said());
    }

    async fn while_jules_is_down_nothing_is_decided(bot: Bot) {
        bot.jules.fault(JulesFault::DropAfter).on(Op::CreateSession).once();
        bot.jules.fault(JulesFault::status(503)).on(Op::ListSessions).for_ever();
        types(&bot).await;
        bot.watch(3600).await;
        assert!(bot.standing().contains("Jules isn't responding"), "{}", bot.card());
        bot.jules.clear_faults();
        bot.watch(120).await;
        bot.assert_once("dev");
    }

    async fn a_lookup_that_slack_never_answers_does_not_hold_the_thread(bot: Bot) {
        let session = working(&bot).await;
        lose_answer(&bot);
        bot.slack.fault(Fault::Status(503)).on("conversations.replies").times(1000);
        bot.account().ask(&session, "Which folder is meant?");
        bot.watch(600).await;
        assert_eq!(shown(&bot, "Which folder is meant?"), 1, "{}", bot.said());
        bot.watch(600).await;
        assert_eq!(shown(&bot, AGAIN), 1, "{}", bot.said());
        bot.account().finish(&session);
        bot.watch(120).await;
        assert_eq!(shown(&bot, "*Done*"), 1, "{}", bot.said());
    }

    async fn while_slack_is_down_for_long_nothing_is_given_up(bot: Bot) {
        let session = working(&bot).await;
        for method in [POST, "conversations.replies"] {
            bot.slack.fault(Fault::Status(503)).on(method).times(1000);
        }
        bot.account().ask(&session, "Which folder is meant?");
        bot.watch(7200).await;
        bot.slack.heal();
        bot.watch(200).await;
        assert_eq!(shown(&bot, "Which folder is meant?"), 1, "{}", bot.said());
    }

    async fn a_look_in_a_channel_that_the_bot_left_is_decided_too(bot: Bot) {
        let session = working(&bot).await;
        lose_answer(&bot);
        bot.account().ask(&session, "Which folder is meant?");
        bot.watch(4).await;
        bot.slack.remove("dev", "jules");
        bot.watch(ALL_LOOKUPS).await;
        bot.slack.invite("dev", "jules");
        bot.account().finish(&session);
        bot.watch(1200).await;
        assert!(shown(&bot, "Which folder is meant?") >= 1, "{}", bot.said());
        assert_eq!(shown(&bot, "*Done*"), 1, "{}", bot.said());
    }
}
