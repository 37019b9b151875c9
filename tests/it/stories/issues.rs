//! A GitHub issue as a task.

use super::pulls::TOKEN;
use crate::harness::bot::{Bot, stories};
use sim::github::TokenKind;

const LINK: &str = "https://github.com/AshikNesin/404less/issues/12";

/// A bot that can read the issues of the repository; there is one.
async fn with_issue(bot: &mut Bot, association: &str) {
    bot.sees_github(Some(TOKEN)).await;
    let repo = bot.github().repo("AshikNesin/404less");
    repo.issue(12, ("ann", association), "Login fails", "It does, on Safari.");
    bot.github().token(TOKEN, TokenKind::Classic);
}

fn prompt(bot: &Bot) -> String {
    let asked = bot.asked_of_jules();
    asked.last().expect("a session was asked for")["prompt"].as_str().unwrap().to_owned()
}

stories! {
    async fn a_link_to_an_issue_is_a_task_with_its_words(mut bot: Bot) {
        with_issue(&mut bot, "MEMBER").await;
        bot.github().repo("AshikNesin/404less").issue_comment(12, ("ben", "OWNER"), "Here too.");
        bot.types("ann", &format!("/jules {LINK}")).await;
        bot.watch(10).await;
        let prompt = prompt(&bot);
        assert!(prompt.starts_with(LINK), "{prompt}");
        assert!(prompt.contains("Solve the issue below.") && prompt.contains("`Fixes #12`"), "{prompt}");
        assert!(prompt.contains("It does, on Safari.") && prompt.contains("Here too."), "{prompt}");
        let asked = bot.asked_of_jules();
        assert_eq!(asked[0]["title"], "AshikNesin/404less#12");
        assert_ne!(asked[0]["requirePlanApproval"], true);
        assert!(bot.github().calls().iter().all(|call| call.method == "GET"));
    }

    async fn strangers_words_make_the_plan_wait_for_approval(mut bot: Bot) {
        with_issue(&mut bot, "NONE").await;
        bot.types("ann", &format!("/jules {LINK} keep the tests")).await;
        bot.watch(10).await;
        assert_eq!(bot.asked_of_jules()[0]["requirePlanApproval"], true);
        assert!(bot.card().contains("Includes text from people outside AshikNesin"), "{}", bot.card());
    }

    async fn a_closed_issue_is_asked_about_first(mut bot: Bot) {
        with_issue(&mut bot, "MEMBER").await;
        bot.github().repo("AshikNesin/404less").close_issue(12, "completed");
        bot.types("ann", &format!("/jules {LINK}")).await;
        bot.watch(10).await;
        assert!(bot.asked_of_jules().is_empty());
        assert!(bot.privately("ann").contains("is closed (completed on"), "{}", bot.privately("ann"));
        bot.clicks("ann", "Start anyway").await;
        bot.watch(10).await;
        assert_eq!(bot.asked_of_jules().len(), 1, "{}", bot.privately("ann"));
    }

    async fn of_an_issue_that_cannot_be_read_jules_gets_the_link(mut bot: Bot) {
        bot.sees_github(None).await;
        bot.github().repo("AshikNesin/404less").private();
        bot.types("ann", &format!("/jules {LINK}")).await;
        bot.watch(10).await;
        assert_eq!(prompt(&bot), LINK);
        assert!(bot.card().contains("Jules only got the link."), "{}", bot.card());
    }
}
