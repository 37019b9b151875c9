//! Jules takes half a minute for each page of a long list of sessions (jules-api.md §1.5): nobody's news wait for
//! more of it than they need.

use super::watch::many_behind_the_list;
use crate::harness::bot::{Bot, stories};
use jiff::SignedDuration;
use sim::jules::{Op, Origin};
use std::sync::Arc;

/// How long a page takes.
const PAGE: SignedDuration = SignedDuration::from_secs(31);

/// Lets time pass until the thread with this root has these words, and gives how long that took.
async fn until_heard(bot: &Bot, root: &str, words: &str) -> SignedDuration {
    let begun = bot.hands.now();
    for _ in 0..300 {
        let thread = bot.slack.thread("dev", root);
        if thread.iter().any(|post| post.shown.contains(words)) {
            return bot.hands.now().duration_since(begun);
        }
        bot.pass(1).await;
    }
    panic!("never: {words}\n{}", bot.screen("dev"));
}

stories! {
    async fn a_thousand_younger_sessions_on_slow_pages_hold_up_nobody(bot: Bot) {
        let (old, roots) = many_behind_the_list(&bot, 7).await;
        bot.account().limits(2_000, 2_000);
        for number in 0..850 {
            let prompt = format!("more from the web {number}");
            bot.account().add_foreign_session(Origin::Web, &prompt, "sources/github/AshikNesin/404less");
        }
        bot.types("ben", "/jules repo=404less plan=ask the young one").await;
        let (young, root) = (bot.session(), bot.root());
        let hands = bot.hands.clone();
        bot.jules.gate(Arc::new(move |call| {
            if call.op == Op::ListSessions {
                hands.forward(PAGE);
            }
            None
        }));
        let begun = bot.hands.now();
        bot.account().plan(&young, &[("Look", ""), ("Rename", "")]);
        for session in &old {
            bot.account().say(session, "Here I am.");
        }
        let took = until_heard(&bot, &root, "*Plan*").await;
        assert!(took <= PAGE * 2 + SignedDuration::from_secs(15), "{took:?}");
        for root in &roots {
            until_heard(&bot, root, "Here I am.").await;
        }
        let took = bot.hands.now().duration_since(begun);
        assert!(took <= SignedDuration::from_mins(6), "{took:?}");
    }
}
