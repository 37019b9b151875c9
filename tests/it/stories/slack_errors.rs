//! Slack on bad days: where nothing can be written the author is told in private, what was lost is
//! looked for, and there is never a second card or link.

use crate::harness::bot::{Bot, stories};
use insta::{allow_duplicates, assert_snapshot};
use sim::slack::Fault;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

/// Longer than all looks for a lost message together.
const ALL_LOOKS: u32 = 40;

const POST: &str = "chat.postMessage";

async fn types(bot: &Bot) {
    bot.types("ann", "/jules repo=404less rename frontend to website").await;
}

fn refusal(code: &str) -> Fault {
    Fault::Error(code.to_owned())
}

/// The card cannot be posted at first and can be a little later.
async fn card_meets(bot: &Bot, fault: Fault) {
    bot.slack.fault(fault).on(POST).times(1);
    types(bot).await;
    bot.pass(ALL_LOOKS).await;
    bot.assert_once("dev");
}

/// The card is posted well; then its link cannot be, and can be a little later.
async fn link_meets(bot: &Bot, fault: Fault) {
    bot.slack.fault(fault).on(POST).after(1).times(1);
    types(bot).await;
    bot.pass(ALL_LOOKS).await;
    bot.assert_once("dev");
}

stories! {
    async fn outside_the_channel_the_bot_asks_to_be_invited(bot: Bot) {
        bot.slack.remove("dev", "jules");
        types(&bot).await;
        allow_duplicates!(assert_snapshot!(bot.screen("dev"), @"
        #dev

        jules (only visible to ann):
          On it! `AshikNesin/404less`, branch `main`.

        jules (only visible to ann):
          I couldn't start this task. I'm not in that channel. Type `/invite @jules` there.
          [Try again]
        "));
        bot.assert_nothing_started();
        bot.slack.invite("dev", "jules");
        bot.clicks("ann", "Try again").await;
        bot.assert_once("dev");
        assert!(!bot.privately("ann").contains("I couldn't start this task"), "the offer is gone");
    }

    async fn a_private_channel_without_the_bot_is_told_in_private(bot: Bot) {
        bot.slack.private_channel("secret", &["ann"]);
        bot.types_in("ann", "secret", "/jules repo=404less tidy up").await;
        allow_duplicates!(assert_snapshot!(bot.whispered("ann"), @"
        I couldn't start this task. I can't see that conversation, because it's private or between other people. Type `/invite @jules` there, or use a channel that I'm in.
        [Try again]
        "));
        bot.slack.invite("secret", "jules");
        bot.clicks_in("ann", "secret", "Try again").await;
        bot.assert_once("secret");
    }

    async fn a_conversation_between_others_is_told_in_private(bot: Bot) {
        bot.slack.dm_between("ann", "ben");
        bot.types_in("ann", "ann+ben", "/jules repo=404less tidy up").await;
        assert!(bot.whispered("ann").contains("I can't see that conversation"));
        bot.assert_nothing_started();
    }

    async fn an_archived_channel_is_told_in_private(bot: Bot) {
        bot.slack.archive("dev");
        types(&bot).await;
        allow_duplicates!(assert_snapshot!(bot.whispered("ann"), @"
        I couldn't start this task. That channel is archived. Unarchive it, or use another one.
        [Try again]
        "));
        bot.assert_nothing_started();
    }

    async fn a_channel_where_only_some_may_post_is_told_in_private(bot: Bot) {
        bot.slack.fault(refusal("restricted_action_read_only_channel")).on(POST).times(1);
        types(&bot).await;
        allow_duplicates!(assert_snapshot!(bot.whispered("ann"), @"
        I couldn't start this task. That channel's settings don't let me post (`restricted_action_read_only_channel`). Ask an admin, or use another channel.
        [Try again]
        "));
        bot.assert_nothing_started();
    }

    async fn a_dead_token_is_told_in_private_and_waited_for(bot: Bot) {
        bot.slack.fault(refusal("invalid_auth")).on(POST).times(1);
        types(&bot).await;
        allow_duplicates!(assert_snapshot!(bot.whispered("ann"), @"Slack doesn't accept this app's token. The person who runs the app has to reinstall it and set SLACK_BOT_TOKEN. I'll keep trying."));
        bot.assert_nothing_started();
        bot.pass(5).await;
        bot.assert_once("dev");
    }

    async fn a_missing_permission_is_named_and_waited_for(bot: Bot) {
        bot.slack.grant(&["commands"]);
        types(&bot).await;
        allow_duplicates!(assert_snapshot!(bot.whispered("ann"), @"This app is missing the Slack permission `chat:write`. The person who runs it has to add it and reinstall the app. I'll keep trying."));
        bot.assert_nothing_started();
        bot.slack.grant(&["commands", "chat:write", "channels:history"]);
        bot.pass(5).await;
        bot.assert_once("dev");
    }

    async fn what_slack_does_not_allow_is_said_without_guessing_why(bot: Bot) {
        bot.slack.fault(refusal("access_denied")).on(POST).times(1);
        types(&bot).await;
        allow_duplicates!(assert_snapshot!(bot.whispered("ann"), @"Slack doesn't let this app do that. The person who runs it can see why in its log. I'll keep trying."));
        bot.pass(5).await;
        bot.assert_once("dev");
    }

    async fn a_message_that_slack_does_not_take_is_our_fault(bot: Bot) {
        bot.slack.fault(refusal("invalid_blocks")).on(POST).times(2);
        types(&bot).await;
        allow_duplicates!(assert_snapshot!(bot.whispered("ann"), @"
        I couldn't start this task. Slack rejected my message (`invalid_blocks`). That's a bug in this app, so please report it.
        [Try again]
        "));
        bot.assert_nothing_started();
    }

    async fn a_refusal_that_passes_costs_nothing(bot: Bot) {
        card_meets(&bot, refusal("external_channel_migrating")).await;
        bot.slack.fault(refusal("a_code_of_tomorrow")).on(POST).times(3);
        let session = bot.session();
        bot.account().plan(&session, &[("Look", ""), ("Rename", "")]);
        bot.watch(60).await;
        assert!(bot.said().contains("*Plan* · 2 steps"), "{}", bot.said());
        bot.slack.fault(refusal("update_failed")).on("chat.update").times(4);
        bot.account().finish(&session);
        bot.watch(180).await;
        assert!(bot.card().contains("*Done*"), "{}", bot.card());
        assert!(!bot.privately("ann").contains("report it"), "{}", bot.privately("ann"));
    }

    async fn a_refusal_that_nobody_knows_and_that_stays_is_a_no(bot: Bot) {
        bot.slack.fault(refusal("a_code_of_tomorrow")).on(POST).times(999);
        types(&bot).await;
        bot.pass(600).await;
        assert!(!bot.whispered("ann").contains("I couldn't start"), "{}", bot.whispered("ann"));
        bot.pass(600).await;
        assert!(bot.whispered("ann").contains("Slack rejected my message (`a_code_of_tomorrow`)"), "{}", bot.whispered("ann"));
    }

    async fn one_odd_answer_does_not_end_a_thread(bot: Bot) {
        types(&bot).await;
        let session = bot.session();
        bot.slack.fault(refusal("message_not_found")).on("chat.update").times(2);
        bot.slack.fault(refusal("thread_not_found")).on(POST).times(2);
        bot.account().say(&session, "Nearly there.");
        bot.watch(60).await;
        bot.account().finish(&session);
        bot.watch(120).await;
        assert!(bot.said().contains("Nearly there.") && bot.card().contains("*Done*"), "{}\n{}", bot.card(), bot.said());
        let told = bot.privately("ann") + &bot.slack.screen("@ann");
        assert!(!told.contains("was deleted"), "{told}");
    }

    async fn a_card_that_could_not_be_drawn_in_its_channel_is_drawn_later(bot: Bot) {
        types(&bot).await;
        let session = bot.session();
        bot.watch(10).await;
        // Nobody tells that it's open again.
        for method in [POST, "chat.update"] {
            bot.slack.fault(refusal("is_archived")).on(method).times(2);
        }
        bot.account().finish(&session);
        bot.watch(1_500).await;
        assert!(bot.card().contains("*Done*") && bot.said().contains("*Done*"), "{}\n{}", bot.card(), bot.said());
    }

    async fn lookups_that_slack_slows_down_still_come_to_an_end(bot: Bot) {
        let asked = Arc::new(AtomicU32::new(0));
        // One lookup in a minute, as an app that is distributed has it.
        bot.slack.gate(Arc::new(move |call| {
            let is_slow = call.method == "conversations.history"
                && asked.fetch_add(1, Ordering::Relaxed) % 2 == 1;
            is_slow.then_some(Fault::Limited(Some(60)))
        }));
        bot.slack.fault(Fault::DropBefore).on(POST).times(1);
        types(&bot).await;
        bot.pass(400).await;
        bot.assert_once("dev");
    }

    async fn a_workspace_that_refuses_our_blocks_gets_the_same_words_in_plain_ones(bot: Bot) {
        bot.types("ann", "/jules repo=404less title=\"*rename* it\" rename frontend").await;
        bot.slack.refuse_blocks(&["rich_text", "table"]);
        let posts = bot.slack_calls(POST);
        let table = "| File | Lines |\n|---|---|\n| a.rs | 7 |";
        bot.account().say(&bot.session(), &format!("Look, **this** changed:\n\n{table}"));
        bot.watch(20).await;
        assert!(bot.said().contains("Look, this changed:\nFile | Lines\na.rs | 7"), "{}", bot.said());
        assert_eq!(bot.slack_calls(POST), posts + 2, "refused once, posted once");
        // From then on it is known, for whatever goes there.
        bot.account().fail(&bot.session(), Some("no `disk`"));
        bot.watch(30).await;
        assert_eq!(bot.slack_calls(POST), posts + 3);
        let card = bot.card();
        for words in ["*rename* it", "rename frontend", "Failed", "Asked by @ann"] {
            assert!(card.contains(words), "{words} is not in {card}");
        }
        assert!(bot.cards("dev")[0].blocks.iter().all(|block| block["type"] != "rich_text"));
        let ack = bot.types("ann", "/jules help").await;
        assert!(ack.shown.unwrap_or_default().contains("Copy, change and send"));
    }

    async fn a_table_alone_that_is_refused_is_shown_as_text(bot: Bot) {
        bot.slack.refuse_blocks(&["table"]);
        bot.types("ann", "/jules repo=404less tidy up").await;
        assert!(bot.card().contains("*tidy up*"), "{}", bot.card());
        bot.account().say(&bot.session(), "| File | Lines |\n|---|---|\n| a.rs | 7 |");
        bot.watch(20).await;
        assert!(bot.said().contains("a.rs | 7"), "{}", bot.said());
    }

    async fn only_the_first_try_again_counts(bot: Bot) {
        bot.slack.remove("dev", "jules");
        types(&bot).await;
        bot.slack.invite("dev", "jules");
        bot.clicks("ann", "Try again").await;
        bot.slack.user("ann").redeliver_last().await.expect("was clicked");
        bot.settle().await;
        bot.assert_once("dev");
    }

    async fn a_busy_slack_is_waited_for_as_long_as_it_says(bot: Bot) {
        bot.slack.fault(Fault::Limited(Some(30))).on(POST).times(1);
        types(&bot).await;
        bot.pass(29).await;
        assert_eq!(bot.slack_calls(POST), 1);
        bot.pass(10).await;
        bot.assert_once("dev");
        assert_eq!(bot.slack_calls("conversations.history"), 0, "certainly not done: no look");
    }

    async fn a_busy_slack_that_does_not_say_is_waited_for_too(bot: Bot) {
        card_meets(&bot, Fault::Limited(None)).await;
    }

    async fn another_channel_does_not_wait_for_a_busy_one(bot: Bot) {
        bot.slack.channel("ops");
        bot.slack.fault(Fault::Limited(Some(300))).on(POST).times(1);
        types(&bot).await;
        bot.types_in("ann", "ops", "/jules repo=boba tidy up").await;
        bot.assert_once("ops");
    }

    async fn a_card_that_met_an_error_is_posted_once(bot: Bot) {
        card_meets(&bot, Fault::Status(503)).await;
    }

    async fn a_card_that_met_silence_is_posted_once(bot: Bot) {
        card_meets(&bot, Fault::HangBefore).await;
    }

    async fn a_card_that_met_a_lost_connection_is_posted_once(bot: Bot) {
        card_meets(&bot, Fault::DropBefore).await;
    }

    async fn a_card_whose_answer_was_lost_is_posted_once(bot: Bot) {
        card_meets(&bot, Fault::DropAfter).await;
        assert_eq!(bot.slack_calls(POST), 2, "the card and its link");
    }

    async fn a_card_whose_answer_never_came_is_posted_once(bot: Bot) {
        card_meets(&bot, Fault::HangAfter).await;
        assert_eq!(bot.slack_calls(POST), 2, "the card and its link");
    }

    async fn a_card_whose_answer_was_an_error_is_posted_once(bot: Bot) {
        card_meets(&bot, Fault::ErrorAfter).await;
        assert_eq!(bot.slack_calls(POST), 2, "the card and its link");
    }

    async fn a_link_that_met_an_error_is_posted_once(bot: Bot) {
        link_meets(&bot, Fault::Status(500)).await;
    }

    async fn a_link_that_met_silence_is_posted_once(bot: Bot) {
        link_meets(&bot, Fault::HangBefore).await;
    }

    async fn a_link_whose_answer_was_lost_is_posted_once(bot: Bot) {
        link_meets(&bot, Fault::DropAfter).await;
        assert_eq!(bot.slack_calls(POST), 2, "the card and its link");
    }

    async fn a_link_that_slack_limits_is_posted_later(bot: Bot) {
        link_meets(&bot, Fault::Limited(Some(20))).await;
    }

    async fn a_link_that_cannot_be_posted_is_on_the_card(bot: Bot) {
        bot.slack.fault(refusal("restricted_action_thread_locked")).on(POST).after(1).times(1);
        types(&bot).await;
        let url = format!("https://jules.google.com/session/{}", bot.account().sessions()[0].id);
        assert!(bot.card().contains(&format!("[Open in Jules] <{url}>")), "{}", bot.card());
    }

    async fn a_card_that_cannot_be_redrawn_at_once_is_redrawn_later(bot: Bot) {
        bot.account().limits(100, 100);
        for fault in [
            Fault::Limited(Some(5)),
            Fault::Status(500),
            Fault::HangBefore,
            Fault::DropAfter,
            Fault::ErrorAfter,
        ] {
            bot.slack.fault(fault.clone()).on("chat.update").times(1);
            types(&bot).await;
            bot.pass(ALL_LOOKS).await;
            let card = bot.cards("dev").pop().expect("a card").shown;
            assert!(card.contains("*Queued in Jules*"), "{fault:?}: {card}");
        }
    }

    async fn a_card_that_is_called_gone_and_is_there_is_drawn_again(bot: Bot) {
        bot.slack.fault(refusal("message_not_found")).on("chat.update").times(1);
        types(&bot).await;
        bot.pass(ALL_LOOKS).await;
        assert_eq!(bot.account().sessions().len(), 1);
        assert_eq!(bot.slack_calls("chat.update"), 2);
        assert!(bot.card().contains("*Queued in Jules*"), "{}", bot.card());
    }

    async fn while_slack_is_out_of_reach_the_task_waits(bot: Bot) {
        let ack = bot.slack.user("ann").types("dev", "/jules repo=404less tidy up").await;
        assert!(ack.expect("can type there").ok());
        bot.slack.refuse().await.expect("the port stays ours");
        bot.pass(30).await;
        bot.slack.resume().await.expect("the port is ours");
        bot.pass(75).await;
        // Whether it looks first depends on when its client notices that an open connection was closed.
        bot.assert_once("dev");
    }

    // Nobody can look whether it was shown, and without it nobody would hear that the task didn't start.
    async fn a_private_line_that_may_be_lost_is_said_once_more(bot: Bot) {
        bot.slack.remove("dev", "jules");
        bot.slack.fault(Fault::DropAfter).on("response_url").times(1);
        types(&bot).await;
        bot.pass(ALL_LOOKS).await;
        assert_eq!(bot.privately("ann").matches("I'm not in that channel").count(), 2);
    }
}
