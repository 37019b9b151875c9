//! `/jules list` and `/jules status`: what goes on, with buttons that act.

use crate::harness::bot::{Bot, stories};
use insta::{allow_duplicates, assert_snapshot};
use sim::jules::Op;

/// The list that ann sees last.
fn listed(bot: &Bot) -> String {
    let is_list = |shown: &str| shown.contains("tasks*") || shown.contains("*Tasks");
    let lines = bot.slack.ephemerals("ann").into_iter().rev();
    lines.map(|line| line.shown).find(|shown| is_list(shown)).unwrap_or_default()
}

stories! {
    async fn a_channels_tasks_with_their_links_and_buttons(bot: Bot) {
        bot.types("ann", "/jules repo=404less rename frontend to website").await;
        bot.watch(60).await;
        bot.types("ben", "/jules repo=monolith plan=ask add a dark mode").await;
        let second = bot.session();
        bot.account().plan(&second, &[("Look around", "")]);
        bot.watch(30).await;
        bot.types("ann", "/jules list").await;
        allow_duplicates!(assert_snapshot!(listed(&bot), @"
        *Tasks of this channel*
        2 of 15 tasks today, 1 of 3 running
        *add a dark mode* <https://acme.slack.com/archives/C0DEV/p1795510860000100>
        :raised_hand: Waits for an approval of its plan, in the thread
        @ben · `Acme-Corp/Monolith` · `trunk` · 30 s ago
        [Approve] [Open in Jules] <https://jules.google.com/session/59810039365343700> [Stop]
        *rename frontend to website* <https://acme.slack.com/archives/C0DEV/p1795510800000100>
        :large_blue_circle: *Queued in Jules*
        @ann · `AshikNesin/404less` · `main` · 1 min ago
        [Open in Jules] <https://jules.google.com/session/82378161473624850112> [Stop]
        That is all of them, newest first.
        "));
        bot.slack.user("ann").clicks("dev", "Tasks in this channel", "Approve").await.expect("is there");
        bot.settle().await;
        assert_eq!(bot.jules_calls(Op::ApprovePlan), 1);
    }

    async fn my_tasks_in_all_channels(bot: Bot) {
        bot.slack.channel("ops");
        bot.slack.invite("ops", "ann");
        bot.slack.invite("ops", "jules");
        bot.types("ann", "/jules repo=404less one").await;
        bot.types("ben", "/jules repo=404less not mine").await;
        bot.watch(1).await;
        bot.types_in("ann", "ops", "/jules repo=404less two").await;
        bot.types("ann", "/jules status").await;
        let shown = listed(&bot);
        assert!(shown.contains("3 of 15 tasks today, 3 of 3 running"), "{shown}");
        assert!(!shown.contains("not mine"), "{shown}");
        let (one, two) = (shown.find("one").unwrap(), shown.find("two").unwrap());
        assert!(two < one, "newest first:\n{shown}");
    }

    async fn an_empty_list_says_how_to_begin(bot: Bot) {
        bot.types("ann", "/jules list").await;
        assert!(listed(&bot).contains("No tasks yet. Try `/jules fix the login page`."), "{}", listed(&bot));
    }

    async fn long_lists_come_in_pages_of_ten(bot: Bot) {
        bot.account().limits(100, 100);
        for n in 1..=23 {
            bot.types("ann", &format!("/jules repo=404less task number {n:02}")).await;
        }
        // Slack takes about one message a second in a channel.
        bot.pass(60).await;
        bot.types("ann", "/jules status").await;
        let mut seen = Vec::new();
        for page in 0..3 {
            let shown = listed(&bot);
            let on_page: Vec<String> = (1..=23)
                .map(|n| format!("task number {n:02}"))
                .filter(|task| shown.contains(task.as_str()))
                .collect();
            assert_eq!(on_page.len(), if page < 2 { 10 } else { 3 }, "{shown}");
            seen.extend(on_page);
            if page < 2 {
                bot.clicks("ann", "Older tasks").await;
            }
        }
        seen.sort();
        seen.dedup();
        assert_eq!(seen.len(), 23);
    }

    async fn a_stop_in_a_list_stops_that_task(bot: Bot) {
        bot.types("ann", "/jules repo=404less one").await;
        bot.watch(1).await;
        bot.types("ann", "/jules repo=404less two").await;
        bot.watch(10).await;
        bot.types("ann", "/jules list").await;
        bot.slack.user("ann").clicks("dev", "Tasks in this channel", "Stop").await.expect("is there");
        bot.settle().await;
        let archived: Vec<bool> = bot.account().sessions().iter().map(|one| one.archived).collect();
        assert_eq!(archived, [false, true], "the first in the list is the newest");
    }

    async fn without_jules_the_list_comes_all_the_same(bot: Bot) {
        bot.types("ann", "/jules repo=404less one").await;
        bot.hands.forward(jiff::SignedDuration::from_mins(5));
        bot.jules.fault(sim::jules::Fault::status(503)).for_ever();
        bot.types("ann", "/jules list").await;
        let shown = listed(&bot);
        assert!(shown.contains("one") && shown.contains("Usage isn't available right now."), "{shown}");
    }
}
