//! A channel that wants to hear little: what waits for someone, and how it ended.

use crate::harness::bot::{Bot, stories};
use sim::jules::State;
use sim::slack::Outcome;

const STEPS: &[(&str, &str)] = &[("Look around", ""), ("Rename it", "")];

/// A task in a channel that is bound to be quiet.
async fn quiet(bot: &Bot, options: &str) -> String {
    bot.types("ann", "/jules bind 404less quiet=yes").await;
    bot.types("ann", &format!("/jules {options} rename frontend to website")).await;
    bot.session()
}

stories! {
    async fn a_quiet_channel_hears_the_end_only(bot: Bot) {
        let session = quiet(&bot, "").await;
        bot.account().plan(&session, STEPS);
        bot.account().say(&session, "I renamed the folder.");
        bot.account().progress(&session, "Rename it", "");
        bot.watch(60).await;
        assert_eq!(bot.said(), "");
        assert!(bot.card().contains("Step 2 of 2: Rename it"), "the card follows all the same: {}", bot.card());
        bot.account().finish(&session);
        bot.watch(60).await;
        assert_eq!(bot.thread().len(), 1, "{}", bot.said());
        assert!(bot.said().contains("*Done*"), "{}", bot.said());
    }

    async fn what_waits_for_somebody_is_said_in_a_quiet_channel_too(bot: Bot) {
        let session = quiet(&bot, "plan=ask").await;
        bot.account().plan(&session, STEPS);
        bot.watch(20).await;
        bot.clicks("ann", "Approve").await;
        bot.watch(20).await;
        bot.account().ask(&session, "Should the old name keep working?");
        bot.watch(20).await;
        assert!(bot.said().contains("*Plan*"), "{}", bot.said());
        assert!(bot.said().contains("Should the old name keep working?"), "{}", bot.said());
    }

    async fn a_remark_that_turns_out_to_be_a_question_is_said_then(bot: Bot) {
        let session = quiet(&bot, "").await;
        bot.account().say(&session, "Shall I go on?");
        bot.watch(20).await;
        assert!(!bot.said().contains("Shall I go on?"), "{}", bot.said());
        bot.account().set_state(&session, State::AwaitingUserFeedback);
        bot.watch(60).await;
        assert_eq!(bot.said().matches("Shall I go on?").count(), 1, "{}", bot.said());
    }

    async fn whoever_writes_in_a_quiet_thread_is_answered_there(bot: Bot) {
        let session = quiet(&bot, "").await;
        bot.replies("ben", "what are you doing?").await;
        bot.account().say(&session, "I rename the folder.");
        bot.watch(30).await;
        assert!(bot.said().contains("I rename the folder."), "{}", bot.said());
    }

    async fn one_task_may_be_loud_in_a_quiet_channel(bot: Bot) {
        let session = quiet(&bot, "quiet=no").await;
        bot.account().say(&session, "I renamed the folder.");
        bot.watch(30).await;
        assert!(bot.said().contains("I renamed the folder."), "{}", bot.said());
    }

    async fn a_channel_is_made_quiet_in_the_form(bot: Bot) {
        bot.types("ann", "/jules bind").await;
        let form = bot.slack.open_view("ann").expect("is open");
        form.type_ahead("Repository", "404").await.expect("results");
        form.choose("Repository", "AshikNesin/404less").await.expect("picks");
        let little = "Quiet thread (only post when Jules needs someone or is done)";
        form.choose("Options", little).await.expect("ticks");
        assert_eq!(form.submit().await.expect("can be sent"), Outcome::Closed);
        bot.settle().await;
        assert!(bot.screen("dev").contains("Here threads are quiet, and you can skip `repo=`."), "{}", bot.screen("dev"));
        bot.types("ann", "/jules rename frontend to website").await;
        let session = bot.session();
        bot.account().say(&session, "I renamed the folder.");
        bot.watch(30).await;
        assert_eq!(bot.said(), "");
        let link = "This thread is quiet. I'll only post when Jules needs you and when it's done.";
        assert!(bot.screen("dev").contains(link), "{}", bot.screen("dev"));
    }
}
