//! What is written in a task's thread goes to Jules, once, in order, and comes back as a sign.

use crate::harness::bot::{Bot, stories};
use jiff::SignedDuration;
use sim::jules::{Fault, Op, RetryAfter, State};
use sim::slack::Fault as SlackFault;

async fn started(bot: &Bot) -> String {
    bot.types("ann", "/jules repo=404less rename frontend to website").await;
    bot.session()
}

stories! {
    async fn a_reply_goes_to_jules_and_shows_that_it_did(bot: Bot) {
        started(&bot).await;
        let ts = bot.replies("ben", "also update the README & <b>tests</b>").await;
        assert_eq!(bot.told_jules(), ["also update the README & <b>tests</b>"]);
        assert_eq!(bot.reactions(&ts), ["eyes", "white_check_mark"]);
        bot.watch(30).await;
        assert!(!bot.said().contains("on the session page"), "it is ours:\n{}", bot.said());
    }

    async fn the_same_words_twice_reach_jules_twice(bot: Bot) {
        let session = started(&bot).await;
        bot.replies("ann", "carry on with it").await;
        bot.jules.fault(Fault::status(503)).on(Op::SendMessage).once();
        bot.replies("ben", "carry on with it").await;
        bot.watch(120).await;
        bot.jules.fault(Fault::DropAfter).on(Op::SendMessage).once();
        bot.replies("ann", "carry on with it").await;
        bot.watch(120).await;
        let activities = bot.account().activities(&session);
        let said = activities.iter().filter(|one| one["userMessaged"].is_object()).count();
        assert_eq!(said, 3, "{activities:#?}");
        assert!(!bot.said().contains("on the session page"), "{}", bot.said());
    }

    async fn however_many_replies_are_on_their_way_each_is_known_when_it_comes_back(bot: Bot) {
        started(&bot).await;
        for n in 0..40 {
            bot.replies("ann", &format!("point {n}")).await;
        }
        bot.watch(120).await;
        assert_eq!(bot.told_jules().len(), 40);
        assert!(!bot.said().contains("on the session page"), "{}", bot.said());
    }

    async fn replies_are_sent_in_order_and_once(bot: Bot) {
        started(&bot).await;
        bot.jules.fault(Fault::status(503)).on(Op::SendMessage).times(1);
        for n in 1..=4 {
            bot.replies("ann", &format!("step {n}")).await;
        }
        bot.watch(120).await;
        let told = bot.told_jules();
        let taken: Vec<&String> = told.iter().skip(1).collect();
        assert_eq!(told[0], "step 1", "refused, and tried again");
        assert_eq!(taken, ["step 1", "step 2", "step 3", "step 4"]);
    }

    async fn what_jules_does_not_take_holds_up_no_stop(bot: Bot) {
        started(&bot).await;
        bot.watch(10).await;
        bot.jules.fault(Fault::status(500)).on(Op::SendMessage).for_ever();
        bot.replies("ann", "use tabs").await;
        bot.watch(5).await;
        bot.clicks("ben", "Stop").await;
        bot.watch(20).await;
        assert!(bot.account().sessions()[0].archived, "{}", bot.card());
        bot.jules.clear_faults();
        bot.watch(120).await;
        let said = bot.account().activities(&bot.session());
        assert!(!said.iter().any(|one| one["userMessaged"].is_object()), "it would wake the session");
        let told = bot.privately("ann");
        assert!(told.contains("Your message didn't reach Jules. @ben stopped the task first."), "{told}");
    }

    async fn a_message_that_jules_never_takes_is_given_back(bot: Bot) {
        started(&bot).await;
        bot.watch(10).await;
        bot.jules.fault(Fault::status(500)).on(Op::SendMessage).for_ever();
        bot.replies("ann", "use tabs").await;
        bot.watch(600).await;
        assert!(!bot.privately("ann").contains("reach Jules"), "{}", bot.privately("ann"));
        bot.watch(1_200).await;
        let told = bot.privately("ann");
        let words = "Your message didn't reach Jules. Jules hasn't accepted it for 15 minutes. Send it again later.";
        assert!(told.contains(words) && told.contains("use tabs"), "{told}");
        bot.jules.clear_faults();
        bot.replies("ann", "use spaces").await;
        bot.watch(120).await;
        let said = bot.account().activities(&bot.session());
        let said: Vec<_> = said.iter().filter_map(|one| one["userMessaged"]["userMessage"].as_str()).collect();
        assert_eq!(said, ["use spaces"]);
    }

    async fn a_message_that_meets_an_outage_is_sent_when_it_is_over(bot: Bot) {
        started(&bot).await;
        bot.watch(10).await;
        for op in [Op::SendMessage, Op::ListActivities, Op::ListSessions, Op::GetSession] {
            bot.jules.fault(Fault::status(503)).on(op).for_ever();
        }
        bot.replies("ann", "use tabs").await;
        bot.watch(1_500).await;
        bot.jules.clear_faults();
        bot.jules.fault(Fault::status(503)).on(Op::SendMessage).times(1);
        bot.watch(400).await;
        let said = bot.account().activities(&bot.session());
        let said: Vec<_> = said.iter().filter_map(|one| one["userMessaged"]["userMessage"].as_str()).collect();
        assert_eq!(said, ["use tabs"]);
        assert!(!bot.privately("ann").contains("reach Jules"), "{}", bot.privately("ann"));
    }

    async fn a_long_wait_that_jules_asks_for_is_on_the_card_until_it_is_over(bot: Bot) {
        started(&bot).await;
        bot.watch(10).await;
        bot.jules.fault(Fault::too_many(&RetryAfter::Seconds(3600))).on(Op::SendMessage).once();
        let ts = bot.replies("ann", "use tabs").await;
        let words = ":warning: *On hold*\nJules is rate-limiting me. I'll keep trying.";
        for wait in [5, 600] {
            bot.watch(wait).await;
            assert_eq!(bot.standing(), words);
        }
        bot.watch(4_200).await;
        assert_eq!(bot.reactions(&ts), ["eyes", "white_check_mark"]);
        assert!(!bot.card().contains("On hold"), "{}", bot.card());
    }

    async fn the_same_message_told_of_twice_is_sent_once(bot: Bot) {
        started(&bot).await;
        bot.slack.subscribe(&["app_mention", "message.channels"]);
        bot.replies("ann", "@jules hurry up").await;
        bot.slack.user("ann").redeliver_last().await.expect("again");
        bot.settle().await;
        assert_eq!(bot.told_jules(), ["hurry up"], "without the mention of the bot, and once");
    }

    async fn a_reply_whose_answer_is_lost_is_looked_for_and_not_sent_again(bot: Bot) {
        started(&bot).await;
        bot.jules.fault(Fault::DropAfter).on(Op::SendMessage).once();
        let ts = bot.replies("ann", "use tabs").await;
        bot.watch(60).await;
        assert_eq!(bot.told_jules(), ["use tabs"]);
        assert_eq!(bot.reactions(&ts), ["eyes", "white_check_mark"]);
        assert!(!bot.said().contains("on the session page"), "{}", bot.said());
    }

    async fn a_reply_that_was_lost_before_it_arrived_is_sent_after_a_look(bot: Bot) {
        started(&bot).await;
        bot.jules.fault(Fault::DropBefore).on(Op::SendMessage).once();
        let ts = bot.replies("ann", "use tabs").await;
        bot.watch(120).await;
        assert_eq!(bot.told_jules(), ["use tabs", "use tabs"]);
        let said = bot.account().activities(&bot.session());
        let said = said.iter().filter(|one| one["userMessaged"].is_object()).count();
        assert_eq!(said, 1);
        assert_eq!(bot.reactions(&ts), ["eyes", "white_check_mark"]);
    }

    async fn the_same_words_twice_are_two_messages(bot: Bot) {
        started(&bot).await;
        bot.replies("ann", "yes").await;
        bot.watch(20).await;
        bot.jules.fault(Fault::DropBefore).on(Op::SendMessage).once();
        bot.replies("ann", "yes").await;
        bot.watch(120).await;
        let said = bot.account().activities(&bot.session());
        let said = said.iter().filter(|one| one["userMessaged"].is_object()).count();
        assert_eq!(said, 2, "the first is not taken for the second");
    }

    async fn an_aside_stays_among_people(bot: Bot) {
        started(&bot).await;
        let ts = bot.replies("ann", "!aside is this the right repository?").await;
        bot.replies("ann", "!ASIDE never mind").await;
        assert_eq!(bot.told_jules(), Vec::<String>::new());
        assert_eq!(bot.reactions(&ts), Vec::<String>::new());
    }

    async fn edits_and_deletions_are_not_sent(bot: Bot) {
        started(&bot).await;
        let ts = bot.replies("ann", "use tabs").await;
        let ann = bot.slack.user("ann");
        ann.edits("dev", &ts, "use spaces").await.expect("can edit");
        bot.settle().await;
        ann.deletes("dev", &ts).await.expect("can delete");
        bot.settle().await;
        assert_eq!(bot.told_jules(), ["use tabs"]);
    }

    async fn what_is_said_elsewhere_in_the_channel_is_nobodys_business(bot: Bot) {
        started(&bot).await;
        let said = bot.slack.user("ann").says("dev", None, "lunch?").await.expect("can write");
        bot.slack.user("ben").says("dev", Some(&said.ts), "at noon").await.expect("can write");
        bot.settle().await;
        assert_eq!(bot.told_jules(), Vec::<String>::new());
    }

    async fn a_reply_before_the_session_exists_is_kept_and_sent_in_order(bot: Bot) {
        let minute = jiff::SignedDuration::from_mins(1);
        bot.account().refuse_creates_until(bot.hands.now() + minute);
        bot.types("ann", "/jules repo=404less rename frontend to website").await;
        let first = bot.replies("ann", "and the tests").await;
        bot.replies("ben", "and the docs").await;
        assert_eq!(bot.reactions(&first), ["eyes"], "taken, and Jules does not have it yet");
        bot.watch(150).await;
        assert_eq!(bot.told_jules(), ["and the tests", "and the docs"]);
        assert_eq!(bot.reactions(&first), ["eyes", "white_check_mark"]);
    }

    async fn a_reply_answers_what_jules_asks(bot: Bot) {
        let session = started(&bot).await;
        bot.account().ask(&session, "Should the old name keep working?\n\n- `frontend`\n- **both**");
        bot.watch(20).await;
        let said = bot.said();
        assert!(said.contains(":question: *Jules has a question.* Reply here to answer it."), "{said}");
        assert!(said.contains("• `frontend`\n• *both*"), "{said}");
        assert!(bot.standing().contains("Jules has a question"), "{}", bot.card());
        bot.replies("ben", "remove it").await;
        assert_eq!(bot.account().sessions()[0].state, State::InProgress);
    }

    async fn a_reply_to_a_finished_session_wakes_it_and_the_card_follows(bot: Bot) {
        let session = started(&bot).await;
        bot.account().finish(&session);
        bot.watch(60).await;
        assert!(bot.standing().contains("*Done*"), "{}", bot.card());
        bot.watch(7200).await;
        bot.replies("ann", "make it corgi themed").await;
        bot.watch(20).await;
        assert!(bot.standing().contains("Working"), "{}", bot.card());
        bot.account().run(&session);
        bot.watch(60).await;
        assert!(bot.standing().contains("*Done*"), "{}", bot.card());
        let ends = bot.said().matches("*Done*").count();
        assert_eq!(ends, 2, "{}", bot.said());
    }

    async fn thanks_for_finished_work_wake_nobody(bot: Bot) {
        let session = started(&bot).await;
        bot.replies("ann", "thanks").await;
        assert_eq!(bot.told_jules(), ["thanks"], "it is still at work");
        bot.account().finish(&session);
        bot.watch(60).await;
        let thanks = bot.replies("ben", "Great, thank you Jules! :tada:").await;
        bot.watch(60).await;
        assert_eq!(bot.told_jules(), ["thanks"]);
        assert_eq!(bot.reactions(&thanks), ["raised_hands"]);
        assert!(bot.standing().contains("*Done*"), "{}", bot.card());
        bot.replies("ben", "!do thanks").await;
        bot.replies("ben", "thanks, now do the docs").await;
        assert_eq!(bot.told_jules(), ["thanks", "thanks", "thanks, now do the docs"]);
    }

    async fn a_reply_to_a_failed_session_is_answered_in_private(bot: Bot) {
        let session = started(&bot).await;
        bot.account().fail(&session, None);
        bot.watch(30).await;
        bot.replies("ben", "try again").await;
        assert_eq!(bot.told_jules(), Vec::<String>::new());
        assert!(bot.whispered("ben").contains("Press *Retry* to start over"), "{}", bot.whispered("ben"));
    }

    async fn what_somebody_writes_at_jules_is_said(bot: Bot) {
        let session = started(&bot).await;
        bot.account().user_writes(&session, "also the <!channel> docs");
        bot.watch(20).await;
        assert!(bot.said().contains("Someone wrote to Jules on the session page:\n> also the <!channel> docs"), "{}", bot.said());
    }

    async fn a_long_reply_is_passed_on_whole(bot: Bot) {
        started(&bot).await;
        let long = "word ".repeat(7000);
        bot.replies("ann", &long).await;
        assert_eq!(bot.told_jules()[0].trim(), long.trim());
    }

    async fn a_reply_is_kept_over_a_restart(mut bot: Bot) {
        started(&bot).await;
        bot.jules.fault(Fault::status(503)).on(Op::SendMessage).times(3);
        bot.replies("ann", "use tabs").await;
        bot.kill().await;
        bot.start().await;
        bot.watch(400).await;
        let said = bot.account().activities(&bot.session());
        let said = said.iter().filter(|one| one["userMessaged"].is_object()).count();
        assert_eq!(said, 1);
    }

    async fn after_a_start_an_older_thread_may_still_be_unfiled(mut bot: Bot) {
        // A message of ours that no task has filed, as after a crash right behind the card.
        let posted = bot.slack.user("ann").types("dev", "/jules bind 404less").await;
        assert!(posted.expect("can type there").ok());
        bot.settle().await;
        let root = bot.slack.channel_messages("dev").last().expect("it was announced").ts.clone();
        bot.hands.forward(SignedDuration::from_mins(10));
        let reply = async |bot: &Bot| {
            let said = bot.slack.user("ann").says("dev", Some(&root), "use tabs").await.expect("writes");
            said.acks.iter().all(|ack| ack.ok())
        };
        bot.kill().await;
        bot.start().await;
        assert!(!reply(&bot).await, "it is delivered again");
        bot.hands.forward(SignedDuration::from_mins(21));
        assert!(reply(&bot).await, "by now it would be filed");
    }

    async fn without_a_store_a_reply_is_asked_for_again(bot: Bot) {
        started(&bot).await;
        bot.store.off();
        let root = bot.root();
        let said = bot.slack.user("ann").says("dev", Some(&root), "use tabs").await.expect("writes");
        assert!(said.acks.iter().any(|ack| !ack.ok()), "nothing is accepted and lost");
        bot.store.on();
        bot.slack.deliver_retries(bot.hands.now()).await;
        bot.settle().await;
        assert_eq!(bot.told_jules(), ["use tabs"]);
    }

    async fn jules_reads_names_and_never_ids(bot: Bot) {
        started(&bot).await;
        bot.slack.private_channel("secret", &["ann"]);
        bot.replies("ann", "ask @ben, see #dev and #secret").await;
        assert_eq!(bot.told_jules(), ["ask @ben, see #dev and #channel"]);
        let calls = bot.slack_calls("users.info");
        bot.replies("ann", "ask @ben again").await;
        assert_eq!(bot.slack_calls("users.info"), calls, "a name is remembered");
    }

    async fn without_the_scope_a_mention_is_someone(bot: Bot) {
        started(&bot).await;
        let refused = SlackFault::Error("missing_scope".to_owned());
        bot.slack.fault(refused.clone()).on("users.info").times(9);
        bot.slack.fault(refused).on("conversations.info").times(9);
        bot.replies("ann", "ask @ben, see #dev and @here").await;
        assert_eq!(bot.told_jules(), ["ask @someone, see #dev and @here"]);
    }
}
