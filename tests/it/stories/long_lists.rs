//! Thousands of repositories, in pages of seconds: one reading is enough for everybody who waits, and nobody
//! waits longer than it takes.

use crate::harness::bot::{Bot, stories};
use jiff::SignedDuration;
use sim::jules::{Fault, Op};
use std::sync::Arc;

/// Connects so many repositories more; the list was read too long ago for a miss to be believed.
fn connects(bot: &Bot, more: usize) {
    for nth in 0..more {
        bot.account().add_source("zz-many", &format!("r{nth:04}")).default_branch("main");
    }
    bot.hands.forward(SignedDuration::from_mins(20));
    bot.jules.clear_calls();
}

/// Every page takes Jules so long.
fn pages_take(bot: &Bot, millis: i64) {
    let hands = bot.hands.clone();
    bot.jules.gate(Arc::new(move |call| {
        if call.op == Op::ListSources {
            hands.forward(SignedDuration::from_millis(millis));
        }
        None
    }));
}

stories! {
    async fn an_unknown_name_is_refused_after_one_reading_however_long(bot: Bot) {
        connects(&bot, 4904);
        pages_take(&bot, 3200);
        let asked = bot.hands.now();
        bot.types("ann", "/jules repo=nowhere tidy up").await;
        assert!(bot.whispered("ann").contains("so I didn't start anything"), "{}", bot.privately("ann"));
        assert_eq!(bot.jules_calls(Op::ListSources), 50);
        let took = bot.hands.now().duration_since(asked);
        assert!(took < SignedDuration::from_secs(170), "{took}");
        bot.types("ann", "/jules repo=acme/nowhere tidy up").await;
        assert!(bot.whispered("ann").contains("so I didn't start anything"), "{}", bot.privately("ann"));
        assert_eq!(bot.jules_calls(Op::ListSources), 50, "the list was read to its end a moment ago");
    }

    async fn one_reading_is_enough_for_everybody_who_waits(bot: Bot) {
        connects(&bot, 404);
        let ann = bot.slack.user("ann");
        let typed: Vec<String> = (0..10).map(|nth| format!("/jules repo=nowhere{nth} tidy up")).collect();
        let acks = futures_util::future::join_all(typed.iter().map(|text| ann.types("dev", text))).await;
        assert!(acks.into_iter().all(|ack| ack.expect("can type there").ok()));
        assert_eq!(bot.jules_calls(Op::ListSources), 5);
        bot.settle().await;
        assert_eq!(bot.privately("ann").matches("so I didn't start anything").count(), 10);
    }

    async fn a_repository_starts_as_soon_as_its_page_is_read(bot: Bot) {
        bot.account().add_source("Acme-Corp", "fresh").default_branch("main").branches(["main"]);
        connects(&bot, 404);
        // Typed in another letter case, by which Jules does not find it alone.
        bot.jules.gate(Arc::new(|call| {
            let is_later = call.op == Op::ListSources && call.param("pageToken").is_some();
            is_later.then_some(Fault::HangBefore)
        }));
        bot.types("ann", "/jules repo=acme-corp/FRESH tidy up").await;
        bot.assert_once("dev");
        assert!(bot.card().contains("Acme-Corp/fresh"), "{}", bot.card());
    }

    async fn a_short_name_waits_for_the_end_where_another_may_have_it_too(bot: Bot) {
        bot.account().add_source("Acme-Corp", "fresh").default_branch("main").branches(["main"]);
        bot.account().add_source("zz-other", "fresh").default_branch("main").branches(["main"]);
        connects(&bot, 404);
        bot.types("ann", "/jules repo=fresh tidy up").await;
        bot.assert_nothing_started();
        assert!(bot.whispered("ann").contains("zz-other/fresh"), "{}", bot.whispered("ann"));
    }

    async fn a_page_that_fails_does_not_begin_the_list_anew(bot: Bot) {
        connects(&bot, 404);
        let failed = std::sync::atomic::AtomicUsize::new(0);
        bot.jules.gate(Arc::new(move |call| {
            if call.op != Op::ListSources {
                return None;
            }
            let nth = failed.fetch_add(1, std::sync::atomic::Ordering::SeqCst);
            (nth % 2 == 1).then(|| Fault::status(503))
        }));
        bot.types("ann", "/jules repo=nowhere tidy up").await;
        bot.pass(60).await;
        assert!(bot.whispered("ann").contains("so I didn't start anything"), "{}", bot.privately("ann"));
        assert_eq!(bot.jules_calls(Op::ListSources), 9, "five pages, and four that failed");
    }

    async fn a_place_in_the_list_that_is_not_accepted_any_more_begins_it_anew(bot: Bot) {
        connects(&bot, 404);
        let asked = std::sync::atomic::AtomicUsize::new(0);
        bot.jules.gate(Arc::new(move |call| {
            let is_list = call.op == Op::ListSources;
            let nth = asked.fetch_add(usize::from(is_list), std::sync::atomic::Ordering::SeqCst);
            // The third page, with the whole mask, with less of it, and with none.
            (is_list && (2..5).contains(&nth)).then(|| Fault::status(400))
        }));
        bot.engine().read_sources(bot.hands.now()).await;
        bot.engine().read_sources(bot.hands.now()).await;
        assert_eq!(bot.sources().expect("was read").len(), 500);
    }

    async fn whoever_leaves_in_the_middle_leaves_what_was_read(bot: Bot) {
        connects(&bot, 404);
        let slow = std::time::Duration::from_millis(40);
        bot.jules.fault(Fault::SlowHeaders(slow)).on(Op::ListSources).for_ever();
        let mut rounds = 0;
        while bot.sources().expect("was read").len() < 500 {
            rounds += 1;
            assert!(rounds < 30, "it is begun anew and anew");
            let reading = bot.engine().read_sources(bot.hands.now());
            let _ = tokio::time::timeout(std::time::Duration::from_millis(100), reading).await;
        }
        assert!(bot.jules_calls(Op::ListSources) <= 5 + rounds);
    }
}
