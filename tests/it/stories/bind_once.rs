//! A request to bind or unbind a channel is obeyed once, however often it is delivered, and what was asked
//! for last stands.

use crate::harness::bot::{Bot, stories};

use sim::slack::{Ack, Outcome};

/// Slack delivers someone's last request again; everything that follows at once is done.
async fn again(bot: &Bot, name: &str) -> Ack {
    let ack = bot.slack.user(name).redeliver_last().await.expect("again");
    assert!(ack.ok(), "{ack:?}");
    bot.settle().await;
    ack
}

/// What the channel is bound to, as the bot says it, without who bound it.
async fn bindings(bot: &Bot) -> String {
    bot.types("zoe", "/jules bindings").await;
    let told = bot.whispered("zoe");
    let (bound, _) = told.split_once(" · by ").unwrap_or((&told, ""));
    bound.replace(" · default branch", "")
}

fn announced(bot: &Bot) -> usize {
    bot.screen("dev").matches("bound this channel to").count()
}

stories! {
    async fn a_bind_that_is_delivered_again_does_not_undo_a_later_one(bot: Bot) {
        bot.slack.invite("dev", "zoe");
        bot.types("ann", "/jules bind 404less").await;
        bot.types("ben", "/jules bind boba").await;
        let ack = again(&bot, "ann").await;
        let told = ack.shown.unwrap_or_default();
        assert!(told.contains("after you asked, so I left it at") && told.contains("`bobalover/boba`"), "{told}");
        assert_eq!(bindings(&bot).await, "#dev → `bobalover/boba`");
        assert_eq!(announced(&bot), 2, "{}", bot.screen("dev"));
    }

    async fn a_bind_that_is_delivered_again_at_once_is_answered_as_before(bot: Bot) {
        bot.slack.invite("dev", "zoe");
        bot.types("ann", "/jules bind 404less").await;
        let ack = again(&bot, "ann").await;
        assert!(ack.shown.unwrap_or_default().contains("@ann bound this channel to `AshikNesin/404less`"));
        assert_eq!(bindings(&bot).await, "#dev → `AshikNesin/404less`");
    }

    async fn a_bind_that_is_delivered_again_does_not_undo_an_unbind(bot: Bot) {
        bot.slack.invite("dev", "zoe");
        bot.types("ann", "/jules bind 404less").await;
        bot.types("ben", "/jules unbind").await;
        let told = again(&bot, "ann").await.shown.unwrap_or_default();
        assert!(told.contains("after you asked, so I left it"), "{told}");
        assert!(bindings(&bot).await.contains("No channel is bound"));
    }

    async fn an_unbind_that_is_delivered_again_does_not_undo_a_later_bind(bot: Bot) {
        bot.slack.invite("dev", "zoe");
        bot.types("ann", "/jules bind 404less").await;
        bot.types("ben", "/jules unbind").await;
        bot.types("ann", "/jules bind boba").await;
        let told = again(&bot, "ben").await.shown.unwrap_or_default();
        assert!(told.contains("after you asked, so I left it"), "{told}");
        assert_eq!(bindings(&bot).await, "#dev → `bobalover/boba`");
    }

    async fn nor_does_one_that_found_nothing_to_undo(bot: Bot) {
        bot.slack.invite("dev", "zoe");
        bot.types("ben", "/jules unbind").await;
        bot.types("ann", "/jules bind boba").await;
        again(&bot, "ben").await;
        assert_eq!(bindings(&bot).await, "#dev → `bobalover/boba`");
    }

    async fn a_bind_that_asked_jules_is_obeyed_once_too(bot: Bot) {
        bot.slack.invite("dev", "zoe");
        bot.account().add_source("acme", "fresh").default_branch("main").branches(["main"]);
        bot.types("ann", "/jules bind acme/fresh branch=main").await;
        bot.types("ben", "/jules bind boba").await;
        again(&bot, "ann").await;
        assert_eq!(bindings(&bot).await, "#dev → `bobalover/boba`");
        assert_eq!(announced(&bot), 2, "{}", bot.screen("dev"));
    }

    async fn two_deliveries_that_ask_jules_at_once_are_one_bind(bot: Bot) {
        bot.slack.invite("dev", "zoe");
        bot.account().add_source("acme", "fresh").default_branch("main").branches(["main"]);
        let ann = bot.slack.user("ann");
        ann.types("dev", "/jules bind acme/fresh branch=main").await.expect("can type there");
        let (one, two) = tokio::join!(ann.redeliver_last(), ann.redeliver_last());
        assert!(one.expect("again").ok() && two.expect("again").ok());
        bot.settle().await;
        assert_eq!(bindings(&bot).await, "#dev → `acme/fresh` · `main`");
    }

    async fn a_form_that_is_delivered_again_is_obeyed_once(bot: Bot) {
        bot.slack.invite("dev", "zoe");
        bot.types("ann", "/jules bind").await;
        bot.picks("ann", "Repository", "AshikNesin/404less").await;
        assert_eq!(bot.sends("ann").await, Outcome::Closed);
        bot.types("ben", "/jules bind boba").await;
        again(&bot, "ann").await;
        assert_eq!(bindings(&bot).await, "#dev → `bobalover/boba`");
        assert_eq!(announced(&bot), 2, "{}", bot.screen("dev"));
    }

    async fn a_request_from_before_a_channel_had_another_id_is_not_obeyed_again(bot: Bot) {
        bot.slack.invite("dev", "zoe");
        bot.types("ann", "/jules bind 404less").await;
        bot.types("ben", "/jules bind boba").await;
        bot.slack.change_id("dev", "C0SHARED");
        bot.slack.deliver_events().await;
        again(&bot, "ann").await;
        assert_eq!(bindings(&bot).await, "#dev → `bobalover/boba`");
    }

    async fn many_unbound_channels_do_not_hide_the_bound_ones(bot: Bot) {
        bot.slack.invite("dev", "zoe");
        for nth in 0..60 {
            let channel = format!("c{nth:02}");
            bot.slack.channel(&channel);
            bot.slack.invite(&channel, "ann");
            bot.types_in("ann", &channel, "/jules unbind").await;
        }
        bot.slack.channel("last");
        bot.slack.invite("last", "ann");
        bot.types_in("ann", "last", "/jules bind boba").await;
        assert_eq!(bindings(&bot).await, "#last → `bobalover/boba`");
    }
}

#[tokio::test]
async fn another_replica_knows_what_was_obeyed() {
    use crate::harness::bot::Place;
    let bot = Bot::new(Place::redis()).await;
    bot.slack.invite("dev", "zoe");
    let other = bot.replica().await;
    bot.types("ann", "/jules bind 404less").await;
    bot.slack.deliver_to(&format!("{}/slack/events", other.url));
    bot.types("ben", "/jules bind boba").await;
    other.settle().await;
    again(&bot, "ann").await;
    other.settle().await;
    bot.slack.deliver_to(&format!("{}/slack/events", bot.url()));
    again(&bot, "ann").await;
    assert_eq!(bindings(&bot).await, "#dev → `bobalover/boba`");
    again(&bot, "ben").await;
    assert_eq!(bindings(&bot).await, "#dev → `bobalover/boba`");
}
