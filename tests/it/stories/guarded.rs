//! Nothing that may overwrite people's work goes to Jules without a person's yes.

use super::pulls::{TOKEN, URL, change_set, change_to, done, opened, output, pull};
use crate::harness::bot::stories;
use sim::github::Trouble;

stories! {
    async fn people_are_asked_before_jules_overwrites_their_commits(mut bot: Bot) {
        opened(&mut bot).await;
        pull(&bot).push();
        pull(&bot).push();
        let before = bot.told_jules();
        bot.replies("ben", "Use the new name in the docs, too.").await;
        bot.watch(120).await;
        assert_eq!(bot.told_jules(), before, "{}", bot.said());
        assert!(bot.said().contains("has 2 new commits since Jules' last one"), "{}", bot.said());
        bot.replies("ann", "And in the tests.").await;
        bot.watch(30).await;
        assert_eq!(bot.said().matches("new commits since").count(), 1, "asked once: {}", bot.said());
        bot.clicks("ann", "Send anyway").await;
        bot.watch(10).await;
        let told = bot.told_jules();
        let expected = ["Use the new name in the docs, too.", "And in the tests."];
        assert_eq!(told[before.len()..], expected, "{told:?}");
        bot.clicks("ben", "Send anyway").await;
        bot.watch(10).await;
        assert_eq!(bot.told_jules(), told, "a second click sends nothing");
        assert!(bot.privately("ben").contains("Someone already decided this."));
    }

    async fn a_yes_covers_what_was_shown_and_no_push_after_it(mut bot: Bot) {
        opened(&mut bot).await;
        pull(&bot).push();
        let before = bot.told_jules();
        bot.replies("ben", "One more thing.").await;
        pull(&bot).push();
        bot.clicks("ann", "Send anyway").await;
        bot.watch(10).await;
        assert_eq!(bot.told_jules(), before, "somebody has pushed since: {}", bot.said());
        assert!(bot.said().contains("has 2 new commits"), "{}", bot.said());
        bot.clicks("ann", "Cancel").await;
        bot.watch(60).await;
        assert_eq!(bot.told_jules(), before);
        assert!(bot.said().contains("cancelled it, so Jules didn't get it."), "{}", bot.said());
    }

    async fn while_the_token_is_refused_people_are_asked(mut bot: Bot) {
        opened(&mut bot).await;
        pull(&bot).push();
        bot.github().revoke(TOKEN);
        let before = bot.told_jules();
        bot.replies("ben", "Use the new name in the docs, too.").await;
        bot.watch(120).await;
        assert_eq!(bot.told_jules(), before, "{}", bot.said());
        assert!(bot.said().contains("Send anyway"), "{}", bot.said());
    }

    async fn a_merged_pull_request_is_asked_about_and_a_new_task_begins_instead(mut bot: Bot) {
        opened(&mut bot).await;
        pull(&bot).merge("cy");
        let before = bot.told_jules();
        bot.replies("ann", "Also rename the logo.").await;
        bot.watch(30).await;
        assert_eq!(bot.told_jules(), before);
        assert!(bot.said().contains("This is already merged (by cy)"), "{}", bot.said());
        let sessions = bot.account().sessions().len();
        bot.clicks("ben", "New task").await;
        bot.clicks("ann", "New task").await;
        bot.watch(30).await;
        let asked = bot.asked_of_jules();
        assert_eq!(asked.len(), sessions + 1, "one, whoever presses: {asked:?}");
        assert_eq!(asked.last().unwrap()["prompt"], "Also rename the logo.");
        let branch = &asked.last().unwrap()["sourceContext"]["githubRepoContext"]["startingBranch"];
        assert_eq!(branch, "main");
    }

    async fn jules_own_pushes_are_no_reason_to_ask(mut bot: Bot) {
        opened(&mut bot).await;
        let session = bot.session();
        for word in ["c", "d"] {
            bot.replies("ann", "Rename the logo.").await;
            bot.watch(10).await;
            bot.account().progress(&session, "Working", "");
            bot.watch(30).await;
            pull(&bot).force_push();
            bot.account().complete_with(&session, &[output(), change_to(word)]);
            bot.watch(90).await;
        }
        let before = bot.told_jules().len();
        bot.replies("ann", "Rename the icon.").await;
        bot.watch(10).await;
        assert_eq!(bot.told_jules().len(), before + 1, "{}", bot.said());
        assert!(!bot.said().contains("since Jules' last"), "{}", bot.said());
    }

    async fn a_push_that_github_could_not_show_at_the_end_is_jules_own(mut bot: Bot) {
        opened(&mut bot).await;
        let session = bot.session();
        bot.replies("ann", "Rename the logo.").await;
        bot.account().progress(&session, "Working", "");
        bot.watch(30).await;
        pull(&bot).force_push();
        bot.github().trouble(Some(Trouble::Down));
        bot.account().complete_with(&session, &[output(), change_set()]);
        bot.watch(60).await;
        bot.github().trouble(None);
        bot.watch(200).await;
        let before = bot.told_jules().len();
        bot.replies("ann", "Rename the icon.").await;
        bot.watch(10).await;
        assert_eq!(bot.told_jules().len(), before + 1, "{}", bot.said());
    }

    async fn a_push_that_jules_left_alone_stays_peoples(mut bot: Bot) {
        opened(&mut bot).await;
        pull(&bot).push();
        bot.replies("ann", "Why is it called that?").await;
        bot.clicks("ann", "Send anyway").await;
        bot.watch(10).await;
        let session = bot.session();
        bot.account().say(&session, "Because of the folder.");
        bot.watch(10).await;
        bot.account().complete_with(&session, &[output()]);
        bot.watch(90).await;
        let before = bot.told_jules();
        bot.replies("ann", "Rename it.").await;
        bot.watch(30).await;
        assert_eq!(bot.told_jules(), before, "Jules pushed nothing, so it is still theirs: {}", bot.said());
    }

    async fn a_question_to_a_finished_session_changes_nothing(mut bot: Bot) {
        opened(&mut bot).await;
        bot.replies("ann", "Why is the folder called that?").await;
        bot.watch(10).await;
        let told = bot.told_jules();
        assert!(told.last().unwrap().ends_with("Answer in words; do not change or push anything."), "{told:?}");
        assert!(bot.privately("ann").contains("Sent as a question, no changes."));
        bot.replies("ann", "!do Is it done?").await;
        bot.watch(10).await;
        assert_eq!(bot.told_jules().last().unwrap(), "Is it done?");
    }

    async fn while_github_does_not_answer_a_person_decides(mut bot: Bot) {
        opened(&mut bot).await;
        bot.github().trouble(Some(Trouble::Down));
        let before = bot.told_jules();
        bot.replies("ann", "One more thing.").await;
        bot.watch(60).await;
        assert_eq!(bot.told_jules(), before);
        assert!(bot.said().contains("I can't read GitHub right now, so I can't check"), "{}", bot.said());
        bot.clicks("ann", "Send anyway").await;
        bot.watch(60).await;
        assert_eq!(bot.told_jules().len(), before.len() + 1, "{}", bot.said());
    }

    async fn what_cannot_be_seen_is_said_once_and_sent(mut bot: Bot) {
        bot.sees_github(None).await;
        bot.github().repo("AshikNesin/404less").private();
        bot.github().open(URL);
        done(&bot).await;
        let before = bot.told_jules().len();
        bot.replies("ann", "One more thing.").await;
        bot.replies("ann", "And another.").await;
        bot.watch(20).await;
        assert_eq!(bot.told_jules().len(), before + 2, "{}", bot.said());
        let hints = bot.privately("ann").matches("I can't see whether people have pushed").count();
        assert_eq!(hints, 1, "{}", bot.privately("ann"));
    }

    async fn what_is_kept_back_survives_a_restart(mut bot: Bot) {
        opened(&mut bot).await;
        pull(&bot).push();
        let before = bot.told_jules().len();
        bot.replies("ben", "One more thing.").await;
        bot.kill().await;
        bot.start().await;
        bot.github().token(TOKEN, sim::github::TokenKind::Classic);
        bot.watch(60).await;
        assert_eq!(bot.told_jules().len(), before, "{}", bot.said());
        bot.clicks("ann", "Send anyway").await;
        bot.watch(10).await;
        assert_eq!(bot.told_jules().len(), before + 1, "{}", bot.said());
    }
}
