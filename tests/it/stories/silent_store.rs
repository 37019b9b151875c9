//! The store writes and does not say so: the person who asked hears what is true, and that they should look before
//! they ask again.

use crate::harness::bot::{Bot, stories, stories_over_http};
use insta::{allow_duplicates, assert_snapshot};
use sim::slack::Outcome;

/// The channel's binding is remembered, so a command's first word with the store is its write.
async fn bound(bot: &Bot) {
    bot.types("ann", "/jules bind 404less branch=main").await;
    bot.types("ann", "/jules help").await;
    bot.types("ann", "/jules repo=boba first").await;
    assert_eq!(bot.account().sessions().len(), 1);
}

stories! {
    async fn a_command_is_not_said_to_have_done_nothing(bot: Bot) {
        bound(&bot).await;
        bot.store.silent();
        let ack = bot.slack.user("ann").types("dev", "/jules tidy up").await;
        let ack = ack.expect("can type there");
        assert_eq!(ack.status, Some(200));
        allow_duplicates!(assert_snapshot!(ack.shown.unwrap_or_default(), @"My store didn't answer in time, so I don't know whether that worked. Before you try again, look for the task in the channel, or for the bound channel with `/jules bindings`. If it stays like this, tell the person who runs this app."));
        bot.store.on();
        bot.settle().await;
        assert_eq!(bot.account().sessions().len(), 2, "it was written after all");
    }

    async fn a_binding_is_not_said_to_have_done_nothing(bot: Bot) {
        bound(&bot).await;
        bot.store.silent();
        let ack = bot.slack.user("ann").types("dev", "/jules bind boba").await;
        let told = ack.expect("can type there").shown.unwrap_or_default();
        assert!(told.contains("I don't know whether"), "{told}");
        let ack = bot.slack.user("ben").types("dev", "/jules unbind").await;
        let told = ack.expect("can type there").shown.unwrap_or_default();
        assert!(told.contains("I don't know whether"), "{told}");
        let ack = bot.slack.user("ben").types("dev", "/jules bind boba branch=develop").await;
        assert!(ack.expect("can type there").ok());
        bot.settle().await;
        assert!(bot.privately("ben").contains("I don't know whether"), "{}", bot.privately("ben"));
    }

    async fn a_form_says_so_and_may_be_sent_again(bot: Bot) {
        bound(&bot).await;
        bot.types("ben", "/jules repo=404less").await;
        bot.form("ben").fill("What should Jules do?", "tidy up").await.expect("fills");
        bot.store.silent();
        let outcome = bot.form("ben").submit().await.expect("can be sent");
        let Outcome::Errors(told) = outcome else { panic!("it was taken: {outcome:?}") };
        assert!(told["repository"].contains("I don't know whether"), "{told:?}");
        bot.store.on();
        bot.settle().await;
        assert_eq!(bot.sends("ben").await, Outcome::Closed);
        assert_eq!(bot.account().sessions().len(), 2, "sent twice, and begun once");
    }

    async fn a_click_says_so_and_may_be_repeated(bot: Bot) {
        bot.types("ann", "/jules repo=website tidy up").await;
        bot.store.silent();
        let ack = bot.slack.user("ann").clicks("dev", "", "Acme-Corp/website").await;
        assert!(ack.expect("is there").ok());
        bot.store.on();
        bot.settle().await;
        assert!(bot.privately("ann").contains("I don't know whether"), "{}", bot.privately("ann"));
        bot.assert_once("dev");
    }

    async fn a_mention_is_answered_although_that_may_be_stored_already(bot: Bot) {
        bot.types("ann", "/jules bind 404less branch=main").await;
        bot.types("ann", "/jules help").await;
        bot.store.silent();
        bot.mentions("ben", None, "help").await;
        bot.store.on();
        bot.hands.forward(jiff::SignedDuration::from_secs(90));
        bot.slack.deliver_retries(bot.hands.now()).await;
        bot.settle().await;
        assert!(bot.privately("ben").contains("/jules"), "{}", bot.privately("ben"));
    }

    async fn a_reply_is_delivered_again_and_passed_on_once(bot: Bot) {
        bot.types("ann", "/jules repo=404less tidy up").await;
        bot.store.silent();
        let root = bot.root();
        let said = bot.slack.user("ann").says("dev", Some(&root), "use tabs").await;
        assert!(said.expect("can write").acks.iter().any(|ack| !ack.ok()));
        bot.store.on();
        bot.hands.forward(jiff::SignedDuration::from_secs(90));
        bot.slack.deliver_retries(bot.hands.now()).await;
        bot.settle().await;
        assert_eq!(bot.told_jules(), ["use tabs"]);
    }
}

stories_over_http! {
    async fn who_hangs_up_while_something_is_written_is_answered_all_the_same(bot: Bot) {
        bot.types("ann", "/jules bind 404less branch=main").await;
        bot.types("ann", "/jules help").await;
        bot.store.slow();
        tokio::select! {
            () = async { drop(bot.mentions("ben", None, "help").await) } => panic!("it waits for the store"),
            () = bot.store.until_written() => {}
        }
        bot.store.on();
        bot.hands.forward(jiff::SignedDuration::from_secs(90));
        bot.slack.deliver_retries(bot.hands.now()).await;
        bot.settle().await;
        assert!(bot.privately("ben").contains("/jules"), "{}", bot.privately("ben"));
    }
}
