//! After the pull request: reviews, checks and merges reach the thread, once each.

use crate::harness::bot::{Bot, WEBHOOK_SECRET, stories, stories_over_http};
use domain::secret::Secret;
use jiff::SignedDuration;
use serde_json::{Value, json};
use sim::github::{Mark, Pull, TokenKind, Trouble};
use sim::jules::Origin;

/// The pull request that Jules opens.
pub(super) const URL: &str = "https://github.com/AshikNesin/404less/pull/214";
pub(super) const TOKEN: &str = "ghp_of-the-team";

pub(super) fn output() -> Value {
    json!({ "pullRequest": { "url": URL, "title": "Rename frontend" } })
}

/// What Jules has changed.
pub(super) fn change_set() -> Value {
    change_to("c")
}

/// The same in other words, which are as many lines.
pub(super) fn change_to(word: &str) -> Value {
    let patch = format!("--- a/a.js\n+++ b/a.js\n@@ -1 +1,2 @@\n-a\n+b\n+{word}\n");
    json!({ "changeSet": { "source": "sources/github/AshikNesin/404less",
        "gitPatch": { "baseCommitId": "cc774b08", "unidiffPatch": patch } } })
}

/// A task that is done, whose pull request GitHub shows to a token.
pub(crate) async fn opened(bot: &mut Bot) {
    bot.sees_github(Some(TOKEN)).await;
    bot.github().repo("AshikNesin/404less").private();
    bot.github().open(URL);
    bot.github().token(TOKEN, TokenKind::Classic);
    done(bot).await;
}

/// A task that is done.
pub(super) async fn done(bot: &Bot) {
    bot.types("ann", "/jules repo=404less rename frontend to website").await;
    bot.watch(10).await;
    bot.account().complete_with(&bot.session(), &[output()]);
    bot.watch(90).await;
}

pub(crate) fn pull(bot: &Bot) -> Pull<'_> {
    bot.github().open(URL)
}

fn times(bot: &Bot, words: &str) -> usize {
    bot.said().matches(words).count()
}

stories! {
    async fn a_thread_follows_its_pull_request_to_the_merge(mut bot: Bot) {
        opened(&mut bot).await;
        assert!(bot.said().contains("I'll post here when it's reviewed or merged."), "{}", bot.said());
        pull(&bot).review("ben", "CHANGES_REQUESTED", "Keep the old name working.", &[("a.js", 3, "Why?")]);
        bot.watch(150).await;
        let said = bot.said();
        assert!(said.contains("ben *requested changes* (1 comment):"), "{said}");
        assert!(said.contains("Keep the old name working."), "{said}");
        assert!(bot.card().contains("pull request open · changes requested"), "{}", bot.card());
        pull(&bot).review("ben", "APPROVED", "", &[]);
        bot.watch(150).await;
        assert!(bot.said().contains("Pull request #214 was approved by ben."), "{}", bot.said());
        assert!(bot.card().contains("1 approval") && !bot.card().contains("changes requested"));
        pull(&bot).merge("cy");
        bot.watch(150).await;
        bot.watch(3_600).await;
        assert_eq!(times(&bot, "was *merged* by cy"), 1, "{}", bot.said());
        assert_eq!(times(&bot, "requested changes*"), 1, "{}", bot.said());
        assert!(bot.card().contains("*Merged*"), "{}", bot.card());
        assert!(bot.reactions(&bot.root()).contains(&"white_check_mark".to_owned()));
    }

    async fn a_session_that_had_ended_when_it_was_followed_has_its_pull_request_watched(mut bot: Bot) {
        bot.sees_github(Some(TOKEN)).await;
        bot.github().repo("AshikNesin/404less").private();
        bot.github().open(URL);
        bot.github().token(TOKEN, TokenKind::Classic);
        let account = bot.account();
        let source = "sources/github/AshikNesin/404less";
        let id = account.add_foreign_session(Origin::Web, "Rename frontend", source);
        account.complete_with(&id, &[output()]);
        bot.hands.forward(SignedDuration::from_hours(3));
        bot.types("ann", &format!("/jules follow https://jules.google.com/session/{id}")).await;
        bot.clicks("ann", "Follow here").await;
        bot.watch(200).await;
        assert!(bot.card().contains("pull request open"), "{}", bot.card());
        pull(&bot).push();
        pull(&bot).merge("cy");
        bot.watch(300).await;
        let shown = bot.slack.screen("dev");
        assert_eq!(shown.matches("was *merged* by cy").count(), 1, "{shown}");
    }

    async fn failed_checks_are_told_once_after_jules_had_its_time_and_green_takes_the_mark_away(mut bot: Bot) {
        opened(&mut bot).await;
        pull(&bot).checks(&[("build", Mark::Red), ("lint", Mark::Green), ("e2e", Mark::Running)]);
        bot.watch(150).await;
        pull(&bot).checks(&[("build", Mark::Red), ("lint", Mark::Green), ("e2e", Mark::Green)]);
        bot.watch(500).await;
        assert_eq!(times(&bot, "checks failed"), 0, "Jules' own fixer has ten minutes: {}", bot.said());
        bot.watch(400).await;
        assert!(bot.said().contains(":warning: 1 of 3 checks failed: `build`."), "{}", bot.said());
        assert!(bot.reactions(&bot.root()).contains(&"warning".to_owned()));
        bot.watch(3_600).await;
        assert_eq!(times(&bot, "checks failed:"), 1, "{}", bot.said());
        pull(&bot).push();
        pull(&bot).checks(&[("build", Mark::Green)]);
        bot.watch(1_300).await;
        assert!(!bot.reactions(&bot.root()).contains(&"warning".to_owned()));
        assert!(bot.card().contains("checks green"), "{}", bot.card());
        assert_eq!(times(&bot, "green"), 0, "it is no message: {}", bot.said());
    }

    async fn what_jules_fixes_in_time_is_never_told(mut bot: Bot) {
        opened(&mut bot).await;
        pull(&bot).checks(&[("build", Mark::Red)]);
        bot.watch(300).await;
        pull(&bot).push();
        pull(&bot).checks(&[("build", Mark::Green)]);
        bot.watch(3_600).await;
        assert_eq!(times(&bot, "failed"), 0, "{}", bot.said());
    }

    async fn a_review_of_three_hundred_comments_is_one_message_and_apps_are_counted(mut bot: Bot) {
        opened(&mut bot).await;
        let comments: Vec<(&str, u32, &str)> = (0..300).map(|n| ("src/app.js", n, "No.")).collect();
        pull(&bot).review("ben", "CHANGES_REQUESTED", "Oh dear.", &comments);
        pull(&bot).review("ben", "COMMENTED", "", &[("a.js", 1, "Because of the folder.")]);
        pull(&bot).review("lint[bot]", "COMMENTED", "I found something.", &[("a.js", 1, "Unused")]);
        bot.watch(300).await;
        let said = bot.said();
        assert_eq!(times(&bot, "Oh dear."), 1, "{said}");
        assert_eq!(times(&bot, "ben reviewed"), 0, "a reply is no review: {said}");
        assert!(said.contains("(300 comments)") && !said.contains("I found something"), "{said}");
        assert!(bot.card().contains("1 comment by an app"), "{}", bot.card());
    }

    async fn github_down_for_an_hour_is_silence_and_then_what_happened_once(mut bot: Bot) {
        opened(&mut bot).await;
        let before = bot.said();
        bot.github().trouble(Some(Trouble::Down));
        pull(&bot).review("ben", "APPROVED", "", &[]);
        pull(&bot).merge("cy");
        bot.watch(3_600).await;
        assert_eq!(bot.said(), before);
        bot.github().trouble(None);
        bot.watch(1_300).await;
        assert_eq!(times(&bot, "approved by ben"), 1, "{}", bot.said());
        assert_eq!(times(&bot, "was *merged* by cy"), 1, "{}", bot.said());
    }

    async fn a_conflict_and_a_review_that_nobody_writes_are_told_once(mut bot: Bot) {
        opened(&mut bot).await;
        pull(&bot).conflict(true);
        bot.watch(300).await;
        assert_eq!(times(&bot, "There's a conflict with `main`."), 1, "{}", bot.said());
        pull(&bot).conflict(false);
        for _ in 0..4 {
            bot.watch(24 * 3_600).await;
        }
        assert_eq!(times(&bot, "has been waiting for a review for a day"), 1, "{}", bot.said());
    }

    async fn a_renamed_repository_is_followed_and_a_deleted_one_is_said_to_be_gone(mut bot: Bot) {
        opened(&mut bot).await;
        bot.github().repo("AshikNesin/404less").rename("AshikNesin/found");
        bot.watch(300).await;
        bot.github().repo("AshikNesin/found").open(214).review("ben", "APPROVED", "", &[]);
        bot.watch(1_300).await;
        assert_eq!(times(&bot, "approved by ben"), 1, "{}", bot.said());
        bot.github().repo("AshikNesin/found").delete();
        bot.watch(1_300).await;
        assert_eq!(times(&bot, "I can't see pull request #214"), 1, "{}", bot.said());
        bot.watch(7_200).await;
        assert_eq!(times(&bot, "I can't see pull request #214"), 1, "{}", bot.said());
    }

    async fn without_a_token_private_pull_requests_are_said_not_to_be_watched(mut bot: Bot) {
        bot.sees_github(None).await;
        bot.github().repo("AshikNesin/404less").private();
        bot.github().open(URL);
        done(&bot).await;
        assert!(bot.said().contains("I can't see this repository on GitHub."), "{}", bot.said());
        bot.watch(7_200).await;
        let calls = bot.github().calls().len();
        assert!(calls < 30, "{calls}");
    }

    async fn a_token_that_cannot_read_checks_still_watches_reviews(mut bot: Bot) {
        bot.sees_github(Some(TOKEN)).await;
        bot.github().open(URL);
        bot.github().token(TOKEN, TokenKind::FineGrained);
        done(&bot).await;
        pull(&bot).statuses(&[("ci/old", Mark::Green)]);
        pull(&bot).review("ben", "APPROVED", "", &[]);
        bot.watch(300).await;
        let card = bot.card();
        assert!(card.contains("I'm watching reviews, but the GitHub token can't read all checks."), "{card}");
        assert!(card.contains("1 approval · checks green"), "{card}");
    }

    async fn a_review_goes_to_jules_on_a_click_and_as_it_was_shown(mut bot: Bot) {
        opened(&mut bot).await;
        pull(&bot).review("ben", "CHANGES_REQUESTED", "Not yet.", &[("src/app.js", 3, "Why?")]);
        bot.watch(150).await;
        let before = bot.told_jules();
        bot.clicks("ann", "Send it to Jules").await;
        assert_eq!(bot.told_jules(), before, "a click alone sends nothing");
        let shown = bot.form("ann").screen();
        assert!(shown.contains("src/app.js:3") && shown.contains("Not yet."), "{shown}");
        bot.sends("ann").await;
        bot.watch(10).await;
        let told = bot.told_jules();
        assert_eq!(told.len(), before.len() + 1, "{told:?}");
        assert!(told.last().unwrap().starts_with("Please address this review by ben:"), "{told:?}");
    }

    async fn what_is_set_aside_is_not_offered_any_more(mut bot: Bot) {
        opened(&mut bot).await;
        pull(&bot).review("ben", "CHANGES_REQUESTED", "Not yet.", &[]);
        bot.watch(150).await;
        bot.clicks("ben", "Not now").await;
        let said = bot.said();
        assert!(said.contains("Not yet.") && said.contains("Set aside by @ben."), "{said}");
        assert!(!said.contains("[Send it to Jules]") && !said.contains("[Not now]"), "{said}");
        assert_eq!(times(&bot, "*requested changes*"), 1, "the message itself has changed: {said}");
        pull(&bot).review("ben", "CHANGES_REQUESTED", "Still not.", &[]);
        bot.watch(150).await;
        assert!(bot.said().contains("[Not now]"), "the next one is news: {}", bot.said());
    }

    async fn a_restart_in_between_tells_nothing_twice(mut bot: Bot) {
        opened(&mut bot).await;
        pull(&bot).review("ben", "APPROVED", "", &[]);
        bot.watch(150).await;
        bot.kill().await;
        bot.start().await;
        pull(&bot).merge("cy");
        bot.watch(300).await;
        assert_eq!(times(&bot, "approved by ben"), 1, "{}", bot.said());
        assert_eq!(times(&bot, "was *merged*"), 1, "{}", bot.said());
    }
}

stories_over_http! {
    async fn a_webhook_means_look_now_and_nothing_else(mut bot: Bot) {
        opened(&mut bot).await;
        bot.watch(3_600).await;
        pull(&bot).merge("cy");
        let delivery = bot.github().delivery("pull_request", &pull(&bot)).expect("a hook");
        assert_eq!(delivery.send().await, 200);
        bot.settle().await;
        assert_eq!(times(&bot, "was *merged* by cy"), 1, "{}", bot.said());
        let calls = bot.github().calls().len();
        assert_eq!(delivery.send().await, 200);
        bot.settle().await;
        assert_eq!(bot.github().calls().len(), calls, "a replay is nothing");
        let mut forged = delivery.clone();
        forged.body = forged.body.replace("closed", "opened");
        assert_eq!(forged.send().await, 401);
        forged.signature = github::sign(&Secret::new("guessed"), forged.body.as_bytes());
        assert_eq!(forged.send().await, 401);
        let mut lie = delivery.clone();
        lie.id = "another".to_owned();
        lie.body = lie.body.replace("\"merged\":true", "\"merged\":false");
        lie.signature = github::sign(&Secret::new(WEBHOOK_SECRET), lie.body.as_bytes());
        assert_eq!(lie.send().await, 200);
        bot.settle().await;
        assert_eq!(times(&bot, "was *merged* by cy"), 1, "what it says is not believed: {}", bot.said());
        let mut unknown = delivery.clone();
        (unknown.event, unknown.id) = ("star".to_owned(), "third".to_owned());
        let calls = bot.github().calls().len();
        assert_eq!(unknown.send().await, 200);
        bot.settle().await;
        assert_eq!(bot.github().calls().len(), calls, "an unknown kind is nothing");
    }

    async fn checks_that_end_are_heard_of_by_a_webhook(mut bot: Bot) {
        opened(&mut bot).await;
        bot.hands.forward(SignedDuration::from_hours(3));
        bot.settle().await;
        pull(&bot).checks(&[("build", Mark::Green)]);
        for event in ["status", "check_suite"] {
            let delivery = bot.github().delivery(event, &pull(&bot)).expect("a hook");
            let calls = bot.github().calls().len();
            assert_eq!(delivery.send().await, 200, "{event}");
            bot.settle().await;
            assert!(bot.github().calls().len() > calls, "{event}");
        }
        assert!(bot.card().contains("checks green"), "{}", bot.card());
    }
}
