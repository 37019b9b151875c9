//! A GitHub issue as a task.

use super::bad_days::damages;
use super::pulls::TOKEN;
use super::refused::{Spoilt, spoil};
use crate::harness::bot::{Bot, stories};
use sim::github::TokenKind;

const PULL: &str = "https://github.com/AshikNesin/404less/pull/7";
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

    async fn a_number_alone_is_an_issue_of_the_channels_repository(mut bot: Bot) {
        with_issue(&mut bot, "MEMBER").await;
        bot.types("ann", "/jules repo=404less fix #12").await;
        bot.watch(10).await;
        assert_eq!(prompt(&bot), "fix #12", "the channel has no repository");
        bot.types("ann", "/jules bind 404less").await;
        bot.types("ann", "/jules fix #12").await;
        bot.watch(10).await;
        assert!(prompt(&bot).starts_with(&format!("fix {LINK}\n")), "{}", prompt(&bot));
        assert_eq!(bot.asked_of_jules()[1]["title"], "AshikNesin/404less#12");
        let cards = bot.cards("dev");
        assert!(cards.iter().any(|card| card.shown.contains("AshikNesin/404less#12")), "{cards:#?}");
        bot.types("ann", "/jules compare #12 with the docs").await;
        bot.watch(10).await;
        assert_eq!(prompt(&bot), "compare #12 with the docs");
    }

    async fn an_issue_that_someone_works_on_already_is_asked_about_first(mut bot: Bot) {
        with_issue(&mut bot, "MEMBER").await;
        bot.types("ann", &format!("/jules {LINK}")).await;
        bot.watch(10).await;
        let page = format!("/p{}", bot.root().replace('.', ""));
        bot.types("ben", &format!("/jules {LINK}")).await;
        bot.watch(10).await;
        assert_eq!(bot.asked_of_jules().len(), 1);
        let told = bot.privately("ben");
        assert!(told.contains("@ann already started `AshikNesin/404less#12`") && told.contains(&page), "{told}");
        bot.clicks("ben", "Start anyway").await;
        bot.watch(10).await;
        assert_eq!(bot.asked_of_jules().len(), 2, "{told}");
    }

    async fn what_is_damaged_keeps_an_issue_from_nobody(mut bot: Bot) {
        with_issue(&mut bot, "MEMBER").await;
        bot.types("ann", &format!("/jules {LINK}")).await;
        bot.watch(10).await;
        spoil(&bot, LINK, Spoilt::Unreadable).await;
        bot.types("ben", &format!("/jules {LINK}")).await;
        bot.watch(10).await;
        assert_eq!(bot.asked_of_jules().len(), 2, "{}", bot.privately("ben"));
        assert!(damages(&bot, "pointer/issue/").await > 0);
        bot.types("ann", &format!("/jules {LINK}")).await;
        bot.watch(10).await;
        assert_eq!(bot.asked_of_jules().len(), 3, "{}", bot.privately("ann"));
        // A healthy one has it.
        bot.types("ben", &format!("/jules {LINK}")).await;
        bot.watch(10).await;
        assert_eq!(bot.asked_of_jules().len(), 3);
        let told = bot.privately("ben");
        assert!(told.contains("@ann already started `AshikNesin/404less#12`"), "{told}");
    }

    async fn an_issue_is_free_once_its_task_is_over(mut bot: Bot) {
        with_issue(&mut bot, "MEMBER").await;
        bot.types("ann", &format!("/jules {LINK}")).await;
        bot.watch(10).await;
        bot.account().complete_with(&bot.session(), &[]);
        bot.watch(60).await;
        bot.types("ben", &format!("/jules {LINK}")).await;
        bot.watch(10).await;
        assert_eq!(bot.asked_of_jules().len(), 2, "{}", bot.privately("ben"));
    }

    async fn a_link_to_someones_pull_request_offers_its_branch(mut bot: Bot) {
        with_issue(&mut bot, "MEMBER").await;
        bot.github().open(PULL);
        bot.types("ann", &format!("/jules {PULL} fix the typo")).await;
        bot.watch(10).await;
        assert!(bot.asked_of_jules().is_empty());
        let told = bot.privately("ann");
        assert!(told.contains("Work on the branch of `#7` (`jules-7`)?"), "{told}");
        bot.clicks("ann", "Work on it").await;
        bot.watch(10).await;
        let asked = bot.asked_of_jules();
        let branch = &asked[0]["sourceContext"]["githubRepoContext"]["startingBranch"];
        assert_eq!((branch, &asked[0]["prompt"]), (&"jules-7".into(), &format!("{PULL} fix the typo").into()));
    }

    async fn a_typed_branch_and_a_closed_pull_request_are_not_asked_about(mut bot: Bot) {
        with_issue(&mut bot, "MEMBER").await;
        bot.github().open(PULL);
        bot.types("ann", &format!("/jules branch=main {PULL} fix the typo")).await;
        bot.watch(10).await;
        assert_eq!(bot.asked_of_jules().len(), 1, "{}", bot.privately("ann"));
        bot.github().open(PULL).close("ben");
        bot.types("ann", &format!("/jules {PULL} do it again")).await;
        bot.watch(10).await;
        assert_eq!(bot.asked_of_jules().len(), 2, "{}", bot.privately("ann"));
    }

    async fn a_link_to_jules_own_pull_request_leads_to_its_session(mut bot: Bot) {
        super::pulls::opened(&mut bot).await;
        let url = super::pulls::URL;
        bot.types("ben", &format!("/jules {url} and the docs")).await;
        bot.watch(10).await;
        assert_eq!(bot.asked_of_jules().len(), 1);
        let told = bot.privately("ben");
        assert!(told.contains(&format!("/jules follow {url}")), "{told}");
        bot.clicks("ben", "Start anyway").await;
        bot.watch(10).await;
        assert_eq!(bot.asked_of_jules().len(), 2, "{told}");
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
