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
        *Tasks here*
        2 of 15 tasks today, 1 of 3 running
        add a dark mode · Acme-Corp/Monolith
        :raised_hand: Plan ready for approval · @ben · 30 s ago
        [… Review plan | Open thread | Open in Jules | Stop…]
        rename frontend to website · AshikNesin/404less
        :large_blue_circle: Queued in Jules for 1 min · @ann · 1 min ago
        [… Open thread | Open in Jules | Stop…]
        "));
        let plan = &bot.thread()[0];
        let page = format!("https://acme.slack.com/archives/C0DEV/p{}", plan.ts.replace('.', ""));
        let page = format!("{page}?thread_ts={}&cid=C0DEV", bot.root());
        assert!(plan.buttons.contains(&"Approve".to_owned()), "{plan:?}");
        let list = bot.slack.ephemerals("ann").pop().expect("the list");
        let menu = list.blocks[1]["accessory"]["options"].to_string();
        assert!(menu.contains(&page), "{page} is not in {menu}");
        let card = &bot.cards("dev")[1];
        assert!(card.shown.contains(&format!("[Review plan] <{page}>")), "{}", card.shown);
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
        bot.slack.user("ann").chooses("dev", "Tasks here", "Stop…").await.expect("is there");
        bot.settle().await;
        let asked = bot.whispered("ann");
        assert!(asked.contains("*Stop this task?* Jules can't cancel"), "{asked}");
        assert_eq!(bot.jules_calls(Op::ArchiveSession), 0, "it was only asked");
        bot.slack.user("ann").clicks("dev", "Stop this task?", "Stop task").await.expect("is there");
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
