//! What a session that is done leaves behind: pull requests, in whatever order Jules lists them, and
//! changes, wherever it keeps them.

use crate::harness::bot::{Bot, stories};
use serde_json::{Value, json};
use sim::jules::{Fault, Finish, Op, State};

/// A task whose session is at work.
async fn working(bot: &Bot) -> String {
    bot.types("ann", "/jules repo=404less rename frontend to website").await;
    bot.watch(10).await;
    bot.session()
}

/// The same, after it was done and someone asked for more.
async fn woken_after(bot: &Bot, outputs: &[Value]) -> String {
    let session = working(bot).await;
    bot.account().complete_with(&session, outputs);
    bot.watch(60).await;
    bot.replies("ben", "one more thing").await;
    bot.account().say(&session, "I will do that as well.");
    bot.watch(30).await;
    session
}

fn pull(number: &str) -> Value {
    let url = format!("https://github.com/AshikNesin/404less/pull/{number}");
    json!({ "pullRequest": { "url": url, "title": format!("change {number}") } })
}

fn change_set(patch: &str) -> Value {
    json!({ "changeSet": { "source": "sources/github/AshikNesin/404less",
        "gitPatch": { "baseCommitId": "cc774b08", "unidiffPatch": patch } } })
}

/// The newest message in the thread that says that Jules is done.
fn last_end(bot: &Bot) -> String {
    let ends: Vec<String> = bot
        .thread()
        .into_iter()
        .map(|post| post.shown)
        .filter(|shown| shown.contains("*Done*"))
        .collect();
    ends.last().unwrap_or_else(|| panic!("it never ended:\n{}", bot.said())).clone()
}

const HEADERLESS: &str = "--- a/src/app.js\n+++ b/src/app.js\n@@ -1 +1,2 @@\n-a\n+b\n+c\n";
const WITH_HEADER: &str = "diff --git a/src/app.js b/src/app.js\n--- a/src/app.js\n+++ b/src/app.js\n@@ -1 +1,2 @@\n-a\n+b\n+c\n";

stories! {
    async fn a_second_pull_request_is_told_wherever_it_stands(bot: Bot) {
        let session = woken_after(&bot, &[pull("11")]).await;
        assert!(last_end(&bot).contains("/pull/11"), "{}", bot.said());
        bot.account().complete_with(&session, &[pull("12"), pull("11")]);
        bot.watch(60).await;
        assert_eq!(bot.said().matches("*Done*").count(), 2, "{}", bot.said());
        let end = last_end(&bot);
        assert!(end.contains("Jules opened pull request #12, *change 12*.") && !end.contains("/pull/11"), "{end}");
        let card = bot.card();
        assert!(card.contains("/pull/12") && !card.contains("/pull/11"), "{card}");
    }

    async fn two_new_pull_requests_are_both_told(bot: Bot) {
        let session = woken_after(&bot, &[pull("11")]).await;
        bot.account().complete_with(&session, &[pull("13"), pull("11"), pull("12")]);
        bot.watch(60).await;
        let end = last_end(&bot);
        assert!(end.contains("/pull/12") && end.contains("/pull/13"), "{end}");
        assert!(!end.contains("/pull/11"), "{end}");
        assert!(bot.card().contains("/pull/13"), "the newest:\n{}", bot.card());
    }

    async fn the_same_pull_request_again_is_not_told_as_a_new_one(bot: Bot) {
        let session = woken_after(&bot, &[pull("11")]).await;
        bot.account().complete_with(&session, &[pull("11")]);
        bot.watch(60).await;
        let end = last_end(&bot);
        assert!(end.contains("There's no new pull request") && end.contains("/pull/11"), "{end}");
        let session = bot.session();
        bot.replies("ben", "and another thing").await;
        bot.account().complete_with(&session, &[change_set(WITH_HEADER), pull("11")]);
        bot.watch(60).await;
        let end = last_end(&bot);
        assert!(end.contains("Jules updated pull request #11") && end.contains("/pull/11"), "{end}");
    }

    async fn a_pull_request_without_a_number_is_told_like_any_other(bot: Bot) {
        let session = woken_after(&bot, &[pull("11")]).await;
        bot.account().complete_with(&session, &[pull("new-one"), pull("11")]);
        bot.watch(60).await;
        assert!(last_end(&bot).contains("/pull/new-one"), "{}", last_end(&bot));
        assert!(bot.card().contains("/pull/new-one"), "{}", bot.card());
    }

    async fn a_pull_request_that_comes_after_the_end_is_told_once(bot: Bot) {
        let session = woken_after(&bot, &[pull("11")]).await;
        bot.account().complete_with(&session, &[pull("11")]);
        bot.watch(60).await;
        bot.account().complete_with(&session, &[pull("12"), pull("11")]);
        bot.watch(600).await;
        assert_eq!(bot.said().matches("Jules opened pull request #12").count(), 1, "{}", bot.said());
    }

    async fn a_change_that_only_the_outputs_have_is_a_change(bot: Bot) {
        let session = working(&bot).await;
        bot.account().complete_with(&session, &[change_set(WITH_HEADER)]);
        bot.watch(60).await;
        let end = last_end(&bot);
        assert!(!end.contains("changed nothing"), "{end}");
        assert!(end.contains("1 file changed, +2 −1:") && end.contains("`src/app.js`"), "{end}");
        assert!(bot.standing().starts_with(":white_check_mark: *Done*"), "{}", bot.card());
    }

    async fn a_patch_without_headers_of_git_is_a_change(bot: Bot) {
        let session = working(&bot).await;
        bot.account().complete_with(&session, &[change_set(HEADERLESS)]);
        bot.watch(60).await;
        let end = last_end(&bot);
        assert!(end.contains("1 file changed, +2 −1:") && end.contains("`src/app.js`"), "{end}");
    }

    async fn a_patch_in_an_activity_without_headers_of_git_is_a_change(bot: Bot) {
        let session = working(&bot).await;
        bot.account().add_activity(&session, &json!({ "originator": "agent",
            "progressUpdated": { "title": "Done" }, "artifacts": [change_set(HEADERLESS)] }));
        bot.account().complete_with(&session, &[]);
        bot.watch(60).await;
        let end = last_end(&bot);
        assert!(end.contains("1 file changed, +2 −1:"), "{end}");
    }

    async fn a_patch_that_nobody_can_read_is_a_change(bot: Bot) {
        let session = working(&bot).await;
        bot.account().complete_with(&session, &[change_set("something else entirely")]);
        bot.watch(60).await;
        let end = last_end(&bot);
        assert!(end.contains("Jules changed the code"), "{end}");
        assert!(!end.contains("changed nothing") && !end.contains("0 files"), "{end}");
    }

    async fn a_change_that_cannot_be_had_is_no_claim(bot: Bot) {
        let session = working(&bot).await;
        bot.jules.fault(Fault::status(500)).on(Op::GetActivity).for_ever();
        bot.account().finish_with(&session, &Finish { change_set: true, ..Finish::empty() });
        bot.account().complete_with(&session, &[]);
        bot.watch(90).await;
        let end = last_end(&bot);
        assert!(!end.contains("changed nothing") && !end.contains("changed the code"), "{end}");
    }

    async fn an_end_is_told_where_jules_does_not_show_what_came_of_it(bot: Bot) {
        let session = working(&bot).await;
        bot.jules.fault(Fault::status(503)).on(Op::GetSession).for_ever();
        bot.account().complete_with(&session, &[pull("11")]);
        bot.watch(60).await;
        assert!(!bot.said().contains("*Done*"), "it may pass:\n{}", bot.said());
        bot.watch(300).await;
        let end = last_end(&bot);
        assert!(end.contains("Jules opened pull request #11") && !end.contains("changed"), "{end}");
        assert!(bot.standing().contains("*Done*"), "{}", bot.card());
        assert_eq!(bot.said().matches("*Done*").count(), 1, "{}", bot.said());
    }

    async fn an_end_that_only_the_state_tells_is_no_claim(bot: Bot) {
        let session = working(&bot).await;
        bot.account().set_state(&session, State::Completed);
        bot.watch(120).await;
        assert!(!last_end(&bot).contains("changed nothing"), "{}", last_end(&bot));
    }

    async fn a_task_that_did_nothing_has_no_green_tick(bot: Bot) {
        let session = working(&bot).await;
        bot.account().complete_with(&session, &[]);
        bot.watch(60).await;
        let end = last_end(&bot);
        assert!(end.contains(", without changing anything") && !end.contains(":white_check_mark:"), "{end}");
        assert!(bot.standing().contains("*Done*") && !bot.card().contains(":white_check_mark:"), "{}", bot.card());
    }
}
