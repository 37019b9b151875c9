//! The key that sealed the secrets in stored documents is gone: what they held counts as absent, and the
//! tasks go on. So do secrets that nobody needs any more.

use super::own_keys::{ANNS, anns, connects};
use crate::harness::bot::{Bot, stories};
use jiff::SignedDuration;
use sim::jules::{Fault, Op};
use sim::slack::Outcome;

/// Another 32 bytes.
const OTHER_KEY: &str = "HwAeARwCGwMaBBkFGAYXBxYIFQkUChMLEgwRDRAOHQ8=";

/// How many stored documents hold a sealed secret.
async fn sealed(bot: &Bot) -> usize {
    let (store, now) = (bot.engine().store().clone(), bot.hands.now());
    let mut sealed = 0;
    for key in store.list("", None, 1000, now).await.expect("the store answers") {
        let (_, doc) = store.get(&key, now).await.expect("answers").expect("is there");
        sealed += usize::from(String::from_utf8_lossy(&doc.body).contains("$sealed"));
    }
    sealed
}

stories! {
    async fn with_another_key_tasks_go_on(mut bot: Bot) {
        bot.types("ann", "/jules repo=404less plan=ask rename frontend").await;
        assert_eq!(sealed(&bot).await, 1);
        bot.kill().await;
        bot.sealing_key = OTHER_KEY;
        bot.start().await;
        let session = bot.session();
        bot.account().plan(&session, &[("Look", ""), ("Rename", "")]);
        bot.watch(60).await;
        assert!(bot.said().contains("*Plan* · 2 steps"), "{}", bot.said());
        bot.replies("ben", "use tabs").await;
        assert_eq!(bot.told_jules(), ["use tabs"]);
        assert_eq!(sealed(&bot).await, 1, "what can't be opened is kept as it is");
        let log = bot.logged();
        assert!(log.contains("counts as absent") && log.contains("ENCRYPTION_KEY"), "{log}");
        assert!(log.matches("counts as absent").count() <= 2, "one a minute:\n{log}");
        bot.hands.forward(SignedDuration::from_mins(40));
        bot.replies("ben", "and no spaces").await;
        assert_eq!(sealed(&bot).await, 0, "until Slack doesn't accept it any more");
    }

    async fn with_another_key_the_author_is_told_in_another_way(mut bot: Bot) {
        bot.jules.fault(Fault::status(503)).on(Op::GetSource).for_ever();
        bot.types("ann", "/jules repo=acme/nowhere tidy up").await;
        bot.kill().await;
        bot.jules.clear_faults();
        bot.sealing_key = OTHER_KEY;
        bot.start().await;
        bot.pass(60).await;
        assert!(bot.whispered("ann").contains("so I didn't start anything"), "{}", bot.whispered("ann"));
        assert_eq!(bot.slack_calls("chat.postEphemeral"), 1);
    }

    async fn what_cannot_be_opened_is_kept_and_opens_again_with_its_key(mut bot: Bot) {
        let anns = anns(&bot, &["dots"]);
        connects(&bot, "ann", ANNS).await;
        let right = std::mem::replace(&mut bot.sealing_key, OTHER_KEY);
        bot.kill().await;
        bot.start().await;
        // Her document is written by a process that can't open her key.
        bot.types("ann", "/jules settings").await;
        bot.form("ann").choose("Pull request", "Don't open one").await.expect("is offered");
        assert_eq!(bot.sends("ann").await, Outcome::Closed);
        bot.sealing_key = right;
        bot.kill().await;
        bot.start().await;
        bot.hands.forward(SignedDuration::from_mins(1));
        bot.types("ann", "/jules repo=dots tidy up").await;
        assert_eq!(anns.sessions().len(), 1, "{}", bot.whispered("ann"));
    }

    async fn a_way_back_that_slack_no_longer_accepts_is_forgotten(bot: Bot) {
        bot.types("ann", "/jules repo=404less rename frontend").await;
        assert_eq!(sealed(&bot).await, 1);
        bot.hands.forward(SignedDuration::from_mins(40));
        bot.replies("ben", "use tabs").await;
        bot.watch(60).await;
        assert_eq!(sealed(&bot).await, 0);
    }
}
