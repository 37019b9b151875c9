//! Said once, and accurately: what cards, lists and threads say of what happened.

use crate::harness::bot::{Bot, stories};
use sim::jules::Op;
use sim::slack::Fault;

async fn started(bot: &Bot) -> String {
    bot.types("ann", "/jules repo=404less rename frontend to website").await;
    bot.session()
}

async fn failed(bot: &Bot) {
    let session = started(bot).await;
    bot.account().fail(&session, Some("Unable to install `dependencies`\nsee the log"));
    bot.watch(30).await;
}

stories! {
    async fn a_code_block_in_the_prompt_keeps_its_indentation_on_the_card(bot: Bot) {
        bot.types("ann", "/jules repo=404less make this faster:\n```rust\nfn main() {\n    if a < b && c {\n\t\tgo();\n    }\n}\n```\nand *test* it, <!channel>").await;
        let card = bot.card();
        for line in ["> make this faster:", "fn main() {", "    if a < b && c {", "\t\tgo();", "> and *test* it, <!channel>"] {
            assert!(card.lines().any(|shown| shown == line), "{line:?} is not in\n{card}");
        }
        bot.types("ann", "/jules repo=404less ```\n  never closed\n    but kept").await;
        let card = &bot.cards("dev")[1].shown;
        assert!(card.contains("\n    but kept"), "{card}");
    }

    async fn what_jules_writes_comes_out_as_it_was_meant(bot: Bot) {
        let session = started(&bot).await;
        bot.account().say(&session, "**標題：**正文 `code` :tada: <!channel> https://x.test/__init__.py\n\n\
            - one\n  - two, on\n    two lines\n\n<details><summary>Log</summary>\n\n```\n  a ``b\n```\n\n</details>\n\n\
            | File | Lines |\n|---|--:|\n| `a.rs` | 7 |\n\n[github。com](https://evil.test/x)");
        bot.watch(20).await;
        let said = bot.said();
        for words in [
            "*標題：*正文 `code` :tada: <!channel> <https://x.test/__init__.py>",
            "• one\n  • two, on\ntwo lines",
            "*Log*\n```\n  a ``b\n```",
            "| File | Lines |\n| `a.rs` | 7 |",
            "github。com <https://evil.test/x> (evil.test)",
        ] {
            assert!(said.contains(words), "{words} is not in\n{said}");
        }
        let posts = bot.thread();
        let kinds: Vec<_> = posts[posts.len() - 1].blocks.iter().map(|block| block["type"].clone()).collect();
        assert_eq!(kinds, ["rich_text", "table", "rich_text"]);
    }

    async fn a_text_of_jules_that_is_too_long_says_how_much_is_missing_and_where_it_is(bot: Bot) {
        let session = started(&bot).await;
        bot.account().say(&session, &"One sentence of many words. ".repeat(450));
        bot.watch(20).await;
        let said = bot.said();
        let page = format!("Read the rest in Jules <https://jules.google.com/session/{session}>");
        assert!(said.contains(" more characters. ") && said.contains(&page), "{}", &said[said.len() - 400..]);
    }

    async fn a_list_shows_a_title_as_it_is(bot: Bot) {
        bot.types("ann", "/jules repo=404less fix \"a < b && c > d\" &amp; <Tag>").await;
        bot.types("ann", "/jules list").await;
        let list = bot.whispered("ann");
        assert!(list.contains("fix \"a < b && c > d\" &amp; <Tag>") || list.contains("fix \"a < b && c > d\" & <Tag>"), "{list}");
        assert!(!list.contains("&lt;") && !list.contains("&amp;amp;") && !list.contains("&amp;&amp;"), "{list}");
    }

    async fn a_plan_without_steps_is_not_announced(bot: Bot) {
        let session = started(&bot).await;
        bot.account().plan(&session, &[]);
        bot.watch(20).await;
        assert!(!bot.said().contains("Plan"), "{}", bot.said());
        bot.account().plan(&session, &[("Look", "")]);
        bot.watch(20).await;
        assert!(bot.said().contains("*Plan* · 1 step"), "{}", bot.said());
    }

    async fn a_plan_without_steps_that_needs_approval_says_so_with_the_link(bot: Bot) {
        bot.types("ann", "/jules repo=404less plan=ask rename frontend").await;
        bot.account().plan(&bot.session(), &[]);
        bot.watch(20).await;
        let said = bot.said();
        assert!(!said.contains("0 steps"), "{said}");
        assert!(said.contains("Jules sent no steps"), "{said}");
        assert!(said.contains(&format!("https://jules.google.com/session/{}", bot.session())), "{said}");
        bot.clicks("ben", "Approve").await;
        assert_eq!(bot.jules_calls(Op::ApprovePlan), 1);
    }

    async fn a_failed_card_says_why_in_one_line(bot: Bot) {
        failed(&bot).await;
        let card = bot.card();
        assert!(card.contains("Failed"), "{card}");
        assert!(card.lines().any(|line| line.contains("Unable to install") && !line.contains("see the log")), "{card}");
    }

    async fn a_list_of_bindings_has_their_options_and_who_and_when(bot: Bot) {
        bot.types("ann", "/jules bind 404less branch=develop plan=ask pr=none quiet=yes").await;
        bot.types("ben", "/jules bindings").await;
        let told = bot.whispered("ben");
        for part in ["#dev → `AshikNesin/404less` · `develop`", "plan=ask", "pr=none", "quiet=yes", "@ann", "2026-11-24"] {
            assert!(told.contains(part), "{part} is not in {told}");
        }
    }

    async fn a_retry_is_linked_in_both_directions_and_has_no_second(bot: Bot) {
        failed(&bot).await;
        let old = bot.root();
        bot.slack.user("ben").clicks("dev", &old, "Retry").await.expect("is there");
        bot.settle().await;
        bot.watch(20).await;
        let cards = bot.cards("dev");
        assert_eq!(cards.len(), 2);
        let page = |ts: &str| format!("https://acme.slack.com/archives/C0DEV/p{}", ts.replace('.', ""));
        assert!(cards[0].shown.contains("Retried by @ben"), "{}", cards[0].shown);
        assert!(cards[0].shown.contains(&page(&cards[1].ts)), "{}", cards[0].shown);
        assert!(!cards[0].buttons.iter().any(|label| label.contains("etry")), "{:?}", cards[0].buttons);
        assert!(cards[1].shown.contains("Retry of"), "{}", cards[1].shown);
        assert!(cards[1].shown.contains(&page(&cards[0].ts)), "{}", cards[1].shown);
        // The message of the failure still has its buttons; neither makes a second one.
        bot.slack.user("ann").clicks("dev", "Jules failed", "Retry").await.expect("is there");
        bot.settle().await;
        let told = bot.whispered("ann");
        assert!(told.contains("Already retried") && told.contains(&page(&cards[1].ts)), "{told}");
        bot.slack.user("ann").clicks("dev", "Jules failed", "Edit and retry").await.expect("is there");
        bot.settle().await;
        assert!(bot.slack.open_view("ann").is_err(), "no form for what was retried already");
        assert_eq!(bot.account().sessions().len(), 2);
    }

    async fn retry_and_edit_and_retry_make_one_follow_up(bot: Bot) {
        failed(&bot).await;
        let old = bot.root();
        for name in ["ann", "ben"] {
            bot.slack.user(name).clicks("dev", &old, "Edit and retry").await.expect("is there");
            bot.settle().await;
        }
        bot.form("ann").fill("What should Jules do?", "rename it by ann").await.expect("fills");
        bot.form("ben").fill("What should Jules do?", "rename it by ben").await.expect("fills");
        bot.sends("ben").await;
        bot.sends("ann").await;
        bot.slack.user("ann").clicks("dev", "Jules failed", "Retry").await.expect("is there");
        bot.settle().await;
        bot.watch(20).await;
        let prompts: Vec<String> = bot.account().sessions().into_iter().map(|one| one.prompt).collect();
        assert_eq!(prompts, ["rename frontend to website", "rename it by ben"]);
        let cards = bot.cards("dev");
        assert!(cards[0].shown.contains("Retried by @ben"), "{}", cards[0].shown);
        assert!(cards[1].shown.contains("Asked by @ben") && cards[1].shown.contains("Retry of"), "{}", cards[1].shown);
    }

    async fn what_was_asked_for_as_a_change_stands_in_the_thread(bot: Bot) {
        bot.types("ann", "/jules repo=404less plan=ask rename frontend").await;
        bot.account().plan(&bot.session(), &[("Look", ""), ("Rename", "")]);
        bot.watch(10).await;
        bot.clicks("ben", "Ask for changes").await;
        bot.form("ben").fill("What should change?", "Keep the old name\nand the tests").await.expect("fills");
        bot.sends("ben").await;
        bot.watch(10).await;
        let said = bot.said();
        assert!(said.contains("@ben asked for changes"), "{said}");
        assert!(said.contains("> Keep the old name\n> and the tests"), "{said}");
        assert!(said.contains("A new plan is on its way."), "{said}");
    }

    async fn the_answer_of_jules_takes_the_place_of_the_line_that_it_is_asked(bot: Bot) {
        bot.hands.forward(jiff::SignedDuration::from_mins(1));
        let ack = bot.types("ann", "/jules repo=404-less rename frontend").await;
        let shown = ack.shown.unwrap_or_default();
        assert!(shown.contains("`404-less`") && shown.contains("I didn't start anything"), "{shown}");
        let ack = bot.types("ann", "/jules bind 404-less").await;
        let shown = ack.shown.unwrap_or_default();
        assert!(shown.contains("`404-less`") && shown.contains("nothing changed"), "{shown}");
        assert_eq!(bot.slack.ephemerals("ann").len(), 2, "one line each:\n{}", bot.privately("ann"));
        let ack = bot.types("ann", "/jules repo=404less branch=develop fix it").await;
        assert!(ack.shown.unwrap_or_default().contains("branch `develop`"), "{}", bot.privately("ann"));
        bot.assert_once("dev");
    }

    async fn nothing_lands_in_the_channel_when_the_card_was_deleted(bot: Bot) {
        bot.types("ann", "/jules repo=404less plan=ask rename frontend").await;
        let session = bot.session();
        bot.watch(10).await;
        bot.slack.admin_deletes("dev", &bot.root()).await;
        bot.account().plan(&session, &[("Look around", ""), ("Rename", "")]);
        bot.watch(20).await;
        bot.account().say(&session, "Nearly there.");
        bot.watch(20).await;
        assert!(!bot.screen("dev").contains("Look around"), "{}", bot.screen("dev"));
        assert!(!bot.screen("dev").contains("Nearly there"), "{}", bot.screen("dev"));
        let dm = bot.slack.screen("@ann");
        assert!(dm.contains("Look around") && dm.contains("[Approve]"), "{dm}");
        bot.clicks_in("ann", "@ann", "Approve").await;
        assert_eq!(bot.jules_calls(Op::ApprovePlan), 1);
        bot.account().finish(&session);
        bot.watch(60).await;
        let dm = bot.slack.screen("@ann");
        assert_eq!(dm.matches("was deleted, and its thread").count(), 1, "{dm}");
        assert!(dm.contains("*Done*"), "{dm}");
        assert!(bot.slack_calls("chat.delete") <= 1, "{}", bot.slack_calls("chat.delete"));
    }

    async fn what_landed_in_the_channel_without_our_knowing_is_taken_back_too(bot: Bot) {
        bot.types("ann", "/jules repo=404less plan=ask rename frontend").await;
        let session = bot.session();
        bot.watch(10).await;
        bot.slack.admin_deletes("dev", &bot.root()).await;
        bot.slack.fault(Fault::DropAfter).on("chat.postMessage").times(1);
        bot.account().plan(&session, &[("Look around", ""), ("Rename", "")]);
        bot.watch(400).await;
        assert!(!bot.screen("dev").contains("Look around"), "{}", bot.screen("dev"));
        let dm = bot.slack.screen("@ann");
        assert!(dm.contains("Look around") && dm.contains("[Approve]"), "{dm}");
        assert_eq!(bot.slack_calls("chat.delete"), 1);
    }

    async fn what_landed_in_the_channel_is_taken_back_although_the_clock_jumps(bot: Bot) {
        bot.types("ann", "/jules repo=404less plan=ask rename frontend").await;
        let session = bot.session();
        bot.watch(10).await;
        bot.slack.admin_deletes("dev", &bot.root()).await;
        bot.slack.fault(Fault::DropAfter).on("chat.postMessage").times(1);
        for lookup in ["conversations.history", "conversations.replies"] {
            bot.slack.fault(Fault::Status(503)).on(lookup).times(1000);
        }
        bot.account().plan(&session, &[("Look around", ""), ("Rename", "")]);
        bot.pass(20).await;
        assert!(bot.screen("dev").contains("Look around"), "{}", bot.screen("dev"));
        bot.set_clock_ahead(jiff::SignedDuration::from_hours(1));
        bot.pass(5).await;
        bot.slack.heal();
        bot.pass(300).await;
        assert!(!bot.screen("dev").contains("Look around"), "{}", bot.screen("dev"));
        assert_eq!(bot.slack_calls("chat.delete"), 1);
    }
}
