//! The key that sealed the secrets in stored documents is gone: what they held counts as absent, and the
//! tasks go on. So do secrets that nobody needs any more.

use crate::harness::bot::{Bot, stories};
use jiff::SignedDuration;
use sim::jules::{Fault, Op};

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
        assert_eq!(sealed(&bot).await, 0, "what cannot be opened is not kept");
        let log = bot.logged();
        assert!(log.contains("counts as absent") && log.contains("ENCRYPTION_KEY"), "{log}");
        assert_eq!(log.matches("counts as absent").count(), 1, "{log}");
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

    async fn a_way_back_that_slack_no_longer_accepts_is_forgotten(bot: Bot) {
        bot.types("ann", "/jules repo=404less rename frontend").await;
        assert_eq!(sealed(&bot).await, 1);
        bot.hands.forward(SignedDuration::from_mins(40));
        bot.replies("ben", "use tabs").await;
        bot.watch(60).await;
        assert_eq!(sealed(&bot).await, 0);
    }
}
