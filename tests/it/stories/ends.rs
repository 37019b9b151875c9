//! How a session ends: finished, failed, stopped, deleted, archived; and what one can do then.

use crate::harness::bot::{Bot, stories};
use insta::{allow_duplicates, assert_snapshot};
use serde_json::json;
use sim::jules::{Fault, Finish, Op, State};

async fn started(bot: &Bot) -> String {
    bot.types("ann", "/jules repo=404less rename frontend to website").await;
    bot.session()
}

/// How many seconds it takes until this is so.
async fn seconds_until(bot: &Bot, is_so: impl Fn(&Bot) -> bool) -> u32 {
    for second in 0..120 {
        if is_so(bot) {
            return second;
        }
        bot.pass(1).await;
    }
    panic!("it never is:\n{}", bot.screen("dev"));
}

stories! {
    async fn one_that_fails_after_it_was_done_is_told_without_a_word_of_jules(bot: Bot) {
        bot.types("ann", "/jules repo=404less tidy up").await;
        let session = bot.session();
        bot.account().finish(&session);
        bot.watch(60).await;
        bot.replies("ann", "and the docs").await;
        bot.account().set_state(&session, State::Failed);
        bot.watch(120).await;
        assert_eq!(bot.said().matches("@ann, this failed.").count(), 1, "{}", bot.said());
    }

    async fn a_failure_whose_reason_comes_late_is_told_once(bot: Bot) {
        let session = started(&bot).await;
        bot.watch(10).await;
        bot.account().set_state(&session, State::Failed);
        bot.watch(120).await;
        assert_eq!(bot.said().matches("@ann, this failed.").count(), 1, "{}", bot.said());
        let reason = json!({ "originator": "system", "sessionFailed": { "reason": "The disk is full" } });
        bot.account().add_activity(&session, &reason);
        bot.watch(300).await;
        assert_eq!(bot.said().matches("@ann, this failed.").count(), 1, "{}", bot.said());
        assert!(bot.card().contains("The disk is full"), "{}", bot.card());
    }

    async fn a_finish_with_a_pull_request_says_what_there_is_to_review(bot: Bot) {
        let session = started(&bot).await;
        bot.watch(60).await;
        bot.account().finish(&session);
        bot.watch(30).await;
        allow_duplicates!(assert_snapshot!(bot.said(), @"
        @ann, it's done.
        :white_check_mark: *Done* in 1 min
        Jules opened pull request #1039, *feat: export the app's name*.
        2 files changed, +4 −1:
        • `README.md` +2 −1
        • `src/app.js` +2 −0 (new)
        Suggested commit message:
        > feat: export the app's name
        >
        > The README says it, too.
        [Open pull request] <https://github.com/AshikNesin/404less/pull/1039> [Show changes]
        "));
        assert!(bot.thread()[0].buttons.contains(&"Open pull request".to_owned()));
        let card = bot.card();
        assert!(card.contains("*Done* in 1 min") && card.contains("[Open pull request]"), "{card}");
        assert!(!card.contains("[Stop]"), "{card}");
    }

    async fn without_a_pull_request_the_way_to_publish_is_said(bot: Bot) {
        bot.types("ann", "/jules repo=404less pr=none rename frontend to website").await;
        bot.account().finish_with(&bot.session(), &Finish::change_set());
        bot.watch(30).await;
        let said = bot.said();
        assert!(said.contains("No pull request was opened. You can publish the changes from Jules."), "{said}");
        assert!(said.contains("2 files changed, +4 −1:"), "{said}");
        assert!(bot.thread()[0].buttons.contains(&"Publish in Jules".to_owned()), "{said}");
    }

    async fn a_pull_request_that_comes_late_is_waited_for(bot: Bot) {
        let session = started(&bot).await;
        bot.account().finish_with(&session, &Finish { pull_request_after: jiff::SignedDuration::from_secs(15), ..Finish::pull_request() });
        bot.watch(90).await;
        let said = bot.said();
        assert_eq!(said.matches("*Done*").count(), 1, "{said}");
        assert!(said.contains("Jules opened pull request #"), "{said}");
    }

    async fn nothing_to_change_is_a_finish_too(bot: Bot) {
        let session = started(&bot).await;
        bot.account().finish_with(&session, &Finish::empty());
        bot.watch(30).await;
        assert!(bot.said().contains(", without changing anything"), "{}", bot.said());
    }

    async fn a_state_that_says_it_is_done_is_believed_when_it_stays(bot: Bot) {
        let session = started(&bot).await;
        bot.watch(10).await;
        bot.account().set_state(&session, State::Completed);
        bot.watch(120).await;
        assert_eq!(bot.said().matches("*Done*").count(), 1, "{}", bot.said());
    }

    async fn an_end_that_only_the_state_tells_is_in_the_thread_about_as_soon_as_on_the_card(bot: Bot) {
        let session = started(&bot).await;
        bot.watch(60).await;
        bot.account().set_state(&session, State::Completed);
        let on_card = seconds_until(&bot, |bot| bot.standing().contains("*Done*")).await;
        let in_thread = seconds_until(&bot, |bot| bot.said().contains("*Done*")).await;
        assert!(on_card <= 10 && in_thread <= 15, "after {on_card} s, and {in_thread} s more");
        assert_eq!(bot.said().matches("*Done*").count(), 1, "{}", bot.said());
    }

    async fn a_failure_says_why_and_can_be_tried_again(bot: Bot) {
        let session = started(&bot).await;
        bot.account().fail(&session, Some("Unable to install dependencies"));
        bot.watch(30).await;
        assert!(bot.said().contains("*Jules failed*\nUnable to install dependencies"), "{}", bot.said());
        bot.clicks("ben", "Retry").await;
        bot.slack.user("ben").redeliver_last().await.expect("again");
        bot.settle().await;
        assert_eq!(bot.account().sessions().len(), 2);
        let cards = bot.cards("dev");
        assert_eq!(cards.len(), 2);
        assert!(cards[1].shown.contains("Asked by @ben"), "{}", cards[1].shown);
        assert_eq!(bot.asked_of_jules()[1]["prompt"], "rename frontend to website");
    }

    async fn a_failure_is_retried_once_whoever_presses(bot: Bot) {
        let session = started(&bot).await;
        bot.account().fail(&session, None);
        bot.watch(30).await;
        assert!(bot.said().contains("without giving a reason"), "{}", bot.said());
        bot.clicks("ben", "Retry").await;
        bot.slack.user("ann").clicks("dev", "Jules failed", "Retry").await.expect("is there");
        bot.settle().await;
        assert_eq!(bot.account().sessions().len(), 2);
        assert!(bot.whispered("ann").contains("Already retried"), "{}", bot.whispered("ann"));
    }

    async fn edit_and_retry_opens_the_form_filled(bot: Bot) {
        let session = started(&bot).await;
        bot.account().fail(&session, None);
        bot.watch(30).await;
        bot.clicks("ben", "Edit and retry").await;
        let form = bot.form("ben").screen();
        assert!(form.contains("AshikNesin/404less") && form.contains("rename frontend to website"), "{form}");
        bot.form("ben").fill("What should Jules do?", "rename frontend to site").await.expect("fills");
        bot.sends("ben").await;
        assert_eq!(bot.asked_of_jules()[1]["prompt"], "rename frontend to site");
    }

    async fn stop_archives_and_says_so(bot: Bot) {
        started(&bot).await;
        bot.watch(10).await;
        bot.clicks("ben", "Stop").await;
        let session = &bot.account().sessions()[0];
        assert!(session.archived && session.state == State::Paused, "{session:?}");
        bot.watch(20).await;
        assert!(bot.card().contains("*Stopped* by @ben (session archived in Jules)"), "{}", bot.card());
        assert!(!bot.said().contains("session page"), "it was us:\n{}", bot.said());
        bot.replies("ann", "go on").await;
        assert!(bot.whispered("ann").contains("This task is stopped"), "{}", bot.whispered("ann"));
    }

    async fn a_list_from_before_a_stop_does_not_undo_it(bot: Bot) {
        let session = started(&bot).await;
        bot.watch(10).await;
        bot.clicks("ben", "Stop").await;
        let before = Fault::rewrite(|body| {
            let sessions = body["sessions"].as_array_mut().expect("a list");
            sessions.iter_mut().for_each(|one| one["archived"] = false.into());
        });
        bot.jules.fault(before).on(Op::ListSessions).once();
        bot.watch(60).await;
        assert!(!bot.said().contains("archive"), "{}", bot.said());
        assert!(bot.card().contains("*Stopped* by @ben"), "{}", bot.card());
        bot.account().user_archives(&session, false);
        bot.watch(240).await;
        assert!(bot.said().contains("was unarchived in Jules"), "{}", bot.said());
    }

    async fn a_stop_on_an_old_card_never_hits_a_newer_session(bot: Bot) {
        let session = started(&bot).await;
        bot.watch(10).await;
        let old = bot.slack.user("ann").sees("dev", "", "Stop").expect("is there");
        bot.account().fail(&session, None);
        bot.watch(30).await;
        bot.clicks("ben", "Retry").await;
        bot.slack.user("ann").presses(&old).await.expect("is there");
        bot.settle().await;
        assert_eq!(bot.jules_calls(Op::ArchiveSession), 0);
        assert!(bot.whispered("ann").contains("This task failed"), "{}", bot.whispered("ann"));
    }

    async fn a_task_in_line_is_stopped_before_it_starts(bot: Bot) {
        bot.account().limits(1, 100);
        bot.types("ann", "/jules repo=404less one").await;
        bot.types("ann", "/jules repo=404less two").await;
        bot.types("ben", "/jules repo=404less three").await;
        bot.slack.user("ann").clicks("dev", "two", "Stop").await.expect("is there");
        bot.settle().await;
        let cards = bot.cards("dev");
        assert!(cards[1].shown.contains("*Stopped* by @ann before Jules started"), "{}", cards[1].shown);
        bot.account().finish(&bot.account().sessions()[0].id);
        bot.watch(60).await;
        let started: Vec<String> = bot.account().sessions().into_iter().map(|one| one.prompt).collect();
        assert_eq!(started, ["one", "three"]);
    }

    async fn a_session_deleted_at_jules_is_noticed(bot: Bot) {
        let session = started(&bot).await;
        bot.watch(180).await;
        bot.account().user_deletes(&session);
        bot.watch(240).await;
        assert!(!bot.said().contains("was deleted"), "one 404 says little:\n{}", bot.said());
        bot.watch(600).await;
        assert!(bot.said().contains("This session was deleted in Jules"), "{}", bot.said());
        assert!(bot.card().contains("was deleted"), "{}", bot.card());
        let old = bot.jules.calls().len();
        bot.watch(3600).await;
        assert!(bot.jules.calls().len() - old <= 14, "it is hardly asked for any more");
        bot.watch(90_000).await;
        let old = bot.jules.calls().len();
        bot.watch(3600).await;
        assert_eq!(bot.jules.calls().len(), old, "nobody asks for it any more");
    }

    async fn a_finished_session_that_is_archived_stays_finished(bot: Bot) {
        let session = started(&bot).await;
        bot.watch(10).await;
        bot.account().finish(&session);
        bot.watch(60).await;
        bot.account().user_archives(&session, true);
        bot.watch(120).await;
        assert!(!bot.said().contains("archived"), "{}", bot.said());
        assert!(bot.standing().contains("*Done*"), "{}", bot.card());
    }

    async fn one_that_finished_and_was_archived_before_anyone_looked_has_finished(bot: Bot) {
        let session = started(&bot).await;
        bot.watch(10).await;
        bot.jules.fault(Fault::status(503)).on(Op::ListActivities).times(2);
        bot.account().finish(&session);
        bot.account().user_archives(&session, true);
        bot.watch(90).await;
        let said = bot.said();
        assert!(!said.contains("archived"), "{said}");
        assert_eq!(said.matches("*Done*").count(), 1, "{said}");
        assert!(bot.standing().contains("*Done*"), "{}", bot.card());
    }

    async fn one_that_is_archived_while_it_cannot_be_read_is_said_to_be_once_it_can(bot: Bot) {
        let session = started(&bot).await;
        bot.watch(10).await;
        bot.jules.fault(Fault::status(503)).on(Op::ListActivities).times(3);
        bot.account().say(&session, "Nearly there.");
        bot.account().user_archives(&session, true);
        bot.watch(90).await;
        let said = bot.said();
        let archived = said.find("This session was archived in Jules");
        assert!(said.find("Nearly there.").is_some_and(|words| archived > Some(words)), "{said}");
        assert!(!said.contains("Jules paused this session"), "{said}");
    }

    async fn after_a_wake_up_the_time_counts_anew(bot: Bot) {
        let session = started(&bot).await;
        bot.watch(10).await;
        bot.account().finish(&session);
        bot.watch(1500).await;
        bot.replies("ann", "one more thing").await;
        bot.account().set_state(&session, State::InProgress);
        bot.account().progress(&session, "Add the thing", "");
        bot.watch(10).await;
        assert!(!bot.card().contains(" min"), "it has only just begun:\n{}", bot.card());
    }

    async fn a_session_that_works_again_without_a_word_is_timed_and_its_silence_noticed(bot: Bot) {
        let session = started(&bot).await;
        bot.watch(10).await;
        bot.account().finish(&session);
        bot.watch(1500).await;
        bot.replies("ann", "one more thing").await;
        bot.account().set_state(&session, State::InProgress);
        bot.watch(11 * 60).await;
        let card = bot.card();
        assert!(card.contains("*Working* for ") && !card.contains("No update"), "{card}");
        bot.watch(9 * 60).await;
        assert!(bot.card().contains("No update from Jules in 15 min"), "{}", bot.card());
    }

    async fn a_look_that_shows_what_was_before_the_end_makes_no_second_end(bot: Bot) {
        let session = started(&bot).await;
        bot.watch(10).await;
        bot.account().finish(&session);
        bot.watch(300).await;
        bot.account().set_state(&session, State::InProgress);
        bot.watch(60).await;
        bot.account().set_state(&session, State::Completed);
        bot.watch(300).await;
        assert!(bot.standing().contains("*Done*"), "{}", bot.card());
        assert_eq!(bot.said().matches("*Done*").count(), 1, "{}", bot.said());
    }

    async fn a_state_that_lags_behind_the_end_is_no_wake_up(bot: Bot) {
        let session = started(&bot).await;
        bot.watch(10).await;
        bot.account().finish(&session);
        bot.account().set_state(&session, State::InProgress);
        bot.watch(900).await;
        assert!(bot.standing().contains("*Done*"), "{}", bot.card());
        assert_eq!(bot.said().matches("*Done*").count(), 1, "{}", bot.said());
        bot.account().progress(&session, "Add the thing", "");
        bot.watch(300).await;
        assert!(bot.standing().contains("*Working*"), "{}", bot.card());
    }

    async fn a_session_archived_at_jules_is_noticed_and_so_is_its_return(bot: Bot) {
        let session = started(&bot).await;
        bot.watch(10).await;
        bot.account().user_archives(&session, true);
        bot.watch(30).await;
        assert!(bot.said().contains("This session was archived in Jules"), "{}", bot.said());
        bot.account().user_archives(&session, false);
        bot.watch(240).await;
        assert!(bot.said().contains("was unarchived in Jules"), "{}", bot.said());
    }

    async fn a_reply_that_comes_too_late_has_the_archive_looked_at(bot: Bot) {
        let session = started(&bot).await;
        bot.account().user_archives(&session, true);
        bot.watch(30).await;
        bot.watch(4 * 3600).await;
        bot.account().user_archives(&session, false);
        bot.replies("ann", "and the docs").await;
        assert_eq!(bot.told_jules(), Vec::<String>::new(), "nobody had looked");
        bot.watch(60).await;
        assert!(bot.said().contains("was unarchived in Jules"), "{}", bot.said());
        bot.replies("ann", "and the docs").await;
        assert_eq!(bot.told_jules(), ["and the docs"]);
    }

    async fn a_huge_patch_does_not_hold_up_the_news(bot: Bot) {
        let session = started(&bot).await;
        bot.jules.fault(Fault::Flood(64_000_000)).on(Op::GetActivity).for_ever();
        bot.account().finish(&session);
        bot.watch(60).await;
        assert_eq!(bot.said().matches("*Done*").count(), 1, "{}", bot.said());
    }
}
