//! A repository that is given as an address of a page within it: the branch in the address counts.

use crate::harness::bot::{Bot, stories};
use sim::jules::{Fault, Op};

const ADDRESS: &str = "https://github.com/AshikNesin/404less";

fn branches(bot: &Bot, branches: &[&str]) {
    bot.account().source("AshikNesin", "404less").branches(branches.iter().copied());
}

fn newest(bot: &Bot) -> Option<String> {
    bot.account().sessions().last().and_then(|session| session.branch.clone())
}

stories! {
    async fn the_branch_in_an_address_is_the_branch(bot: Bot) {
        branches(&bot, &["main", "develop", "release/1.x", "feature/login", "feature/login-form", "fix#12"]);
        bot.account().limits(100, 100);
        for (page, branch) in [
            ("/tree/release/1.x", "release/1.x"),
            ("/tree/release/1.x/", "release/1.x"),
            ("/tree/release/1.x/src/app", "release/1.x"),
            ("/blob/release/1.x/src/main.rs#L3-L9", "release/1.x"),
            ("/commits/release/1.x", "release/1.x"),
            ("/commits/release/1.x/README.md?author=ann", "release/1.x"),
            ("/blame/develop/README.md", "develop"),
            ("/blob/refs/heads/develop/README.md", "develop"),
            ("/tree/feature/login-form", "feature/login-form"),
            ("/tree/feature/login/form", "feature/login"),
            ("/tree/fix%2312", "fix#12"),
            ("/tree/main", "main"),
            ("/pull/3", "main"),
            ("", "main"),
        ] {
            bot.types("ann", &format!("/jules repo={ADDRESS}{page} fix it")).await;
            // A channel's messages have their times.
            bot.pass(5).await;
            assert_eq!(newest(&bot).as_deref(), Some(branch), "{page}: {}", bot.privately("ann"));
            assert_eq!(bot.asked_of_jules().last().expect("one")["prompt"], "fix it");
        }
        assert_eq!(bot.account().sessions().len(), 14);
    }

    async fn a_typed_branch_wins_over_the_one_in_the_address(bot: Bot) {
        bot.types("ann", &format!("/jules repo={ADDRESS}/tree/develop branch=gh-pages fix it")).await;
        assert_eq!(newest(&bot).as_deref(), Some("gh-pages"));
    }

    async fn a_branch_pushed_after_the_list_was_read_is_found_in_an_address(bot: Bot) {
        branches(&bot, &["main", "brand/new"]);
        bot.types("ann", &format!("/jules repo={ADDRESS}/tree/brand/new/docs fix it")).await;
        assert_eq!(newest(&bot).as_deref(), Some("brand/new"));
    }

    async fn an_address_whose_branch_is_not_there_is_asked_about_and_never_guessed(bot: Bot) {
        for page in ["/tree/release/9.x", "/blob/release/9.x/src/main.rs", "/tree/v1.0", "/commits/develo"] {
            bot.types("ann", &format!("/jules repo={ADDRESS}{page} fix it")).await;
            let told = bot.whispered("ann");
            assert!(told.contains("I can't tell which branch of `AshikNesin/404less`"), "{page}: {told}");
            assert!(told.contains("[Open the form]"), "{told}");
        }
        bot.assert_nothing_started();
        bot.clicks("ann", "Open the form").await;
        let form = bot.form("ann");
        assert_eq!(form.field("Repository").expect("is there").value, "AshikNesin/404less");
        assert_eq!(form.field("What should Jules do?").expect("is there").value, "fix it");
        bot.picks("ann", "Branch", "develop").await;
        bot.sends("ann").await;
        bot.assert_once("dev");
        assert_eq!(newest(&bot).as_deref(), Some("develop"));
    }

    async fn a_source_that_lists_no_branches_is_asked_about_unless_it_is_the_default(bot: Bot) {
        branches(&bot, &[]);
        bot.types("ann", &format!("/jules repo={ADDRESS}/blob/release/1.x/a.rs fix it")).await;
        bot.assert_nothing_started();
        bot.types("ann", &format!("/jules repo={ADDRESS}/blob/main/a.rs fix it")).await;
        assert_eq!(newest(&bot).as_deref(), Some("main"));
    }

    async fn a_channel_is_bound_to_the_branch_in_the_address(bot: Bot) {
        branches(&bot, &["main", "release/1.x"]);
        bot.types("ann", &format!("/jules bind {ADDRESS}/tree/release/1.x/src")).await;
        assert!(bot.screen("dev").contains("bound this channel to `AshikNesin/404less`"), "{}", bot.screen("dev"));
        bot.types("ben", "/jules fix it").await;
        assert_eq!(newest(&bot).as_deref(), Some("release/1.x"));
    }

    async fn an_address_whose_branch_is_not_there_binds_nothing(bot: Bot) {
        bot.types("ann", &format!("/jules bind {ADDRESS}/tree/release/9.x")).await;
        assert!(bot.privately("ann").contains("I can't tell which branch of"), "{}", bot.privately("ann"));
        bot.types("ann", "/jules bindings").await;
        assert!(!bot.whispered("ann").contains("404less"), "{}", bot.whispered("ann"));
    }

    async fn while_jules_does_not_answer_an_addresss_branch_waits(bot: Bot) {
        branches(&bot, &["main", "release/1.x"]);
        bot.jules.fault(Fault::status(503)).on(Op::GetSource).times(2);
        bot.types("ann", &format!("/jules repo={ADDRESS}/tree/release/1.x fix it")).await;
        bot.assert_nothing_started();
        bot.pass(60).await;
        assert_eq!(newest(&bot).as_deref(), Some("release/1.x"));
    }
}
