//! Jules refuses to start tasks: what cards say about it, and who is held up by it.

use crate::harness::bot::{Bot, stories};
use jiff::SignedDuration;
use sim::jules::{Fault, Op, Origin, State};
use store::Expect;

/// How the card of a task says it is going.
fn says(bot: &Bot, prompt: &str) -> String {
    let cards = bot.cards("dev");
    let card = cards.iter().find(|card| card.shown.contains(&format!("*{prompt}*")));
    let shown = &card.unwrap_or_else(|| panic!("{prompt} has no card")).shown;
    let lines = shown.lines().skip_while(|line| !line.starts_with(':'));
    lines.take(2).collect::<Vec<_>>().join("\n")
}

/// The prompts of all sessions, in the order in which they were made.
fn started(bot: &Bot) -> Vec<String> {
    bot.account().sessions().into_iter().map(|session| session.prompt).collect()
}

fn finish(bot: &Bot, prompt: &str) {
    let sessions = bot.account().sessions();
    let session = sessions.iter().find(|session| session.prompt == prompt);
    bot.account().finish(&session.expect("was started").id);
}

/// What becomes of the document of a task in line.
#[derive(Clone, Copy)]
pub(super) enum Spoilt {
    Forgotten,
    Unreadable,
}

/// Spoils the document of the task with this prompt.
pub(super) async fn spoil(bot: &Bot, prompt: &str, how: Spoilt) {
    let (now, wanted) = (bot.hands.now(), format!("\"{prompt}\""));
    let spoilt = bot.running().run(move |engine| async move {
        let store = engine.store();
        for key in store.list("task/", None, 1000, now).await.expect("the store answers") {
            let live = store.get(&key, now).await.expect("the store answers");
            let (rev, mut doc) = live.expect("is there");
            if !String::from_utf8_lossy(&doc.body).contains(&wanted) {
                continue;
            }
            doc.wake_at = None;
            match how {
                Spoilt::Forgotten => doc.expires_at = Some(now),
                Spoilt::Unreadable => doc.body = "{\"v\":1,\"nothing\":\"we know\"}".into(),
            }
            store.put(&key, &doc, Expect::At(rev), now).await.expect("the store answers");
            return true;
        }
        false
    });
    assert_eq!(spoilt.await, Some(true), "{prompt} has no document");
}

stories! {
    async fn a_repository_that_jules_refuses_holds_up_nobody(bot: Bot) {
        bot.account().source("bobalover", "boba").refuse_creates(true);
        bot.types("ann", "/jules repo=boba bad").await;
        bot.types("ben", "/jules repo=404less good").await;
        bot.pass(10).await;
        assert_eq!(started(&bot), ["good"], "{}", bot.screen("dev"));
        bot.types("ann", "/jules repo=404less another").await;
        bot.pass(10).await;
        assert_eq!(started(&bot), ["good", "another"], "{}", bot.screen("dev"));
        let card = says(&bot, "bad");
        assert!(card.contains("gave no reason") && card.contains("2 of 3 running"), "{card}");
        assert!(!card.contains("in line"), "nobody is behind it:\n{card}");
        // It keeps trying, less and less often.
        bot.jules.clear_calls();
        bot.pass(1_800).await;
        let asked = bot.asked_of_jules().len();
        assert!((5..=15).contains(&asked), "asked {asked} times in half an hour");
        bot.account().source("bobalover", "boba").refuse_creates(false);
        bot.pass(330).await;
        assert_eq!(started(&bot), ["good", "another", "bad"]);
        assert!(says(&bot, "bad").contains("*Queued in Jules*"), "{}", says(&bot, "bad"));
    }

    async fn several_repositories_that_jules_refuses_hold_up_nobody(bot: Bot) {
        for repo in ["boba", "boba-web"] {
            bot.account().source("bobalover", repo).refuse_creates(true);
        }
        for (who, repo, prompt) in [
            ("ann", "boba", "bad 1"), ("ann", "boba", "bad 2"), ("ann", "boba-web", "bad 3"),
            ("ann", "404less", "good 1"), ("ben", "boba-web", "bad 4"), ("ben", "404less", "good 2"),
        ] {
            bot.types(who, &format!("/jules repo={repo} {prompt}")).await;
        }
        bot.pass(60).await;
        let mut started = started(&bot);
        started.sort();
        assert_eq!(started, ["good 1", "good 2"], "{}", bot.screen("dev"));
    }

    async fn a_refusal_is_told_from_a_limit(bot: Bot) {
        bot.account().refuse_creates_until(bot.hands.now() + SignedDuration::from_mins(3));
        bot.types("ann", "/jules repo=404less one").await;
        for _ in 0..4 {
            let card = says(&bot, "one");
            assert!(card.contains("gave no reason"), "{card}");
            assert!(card.contains("0 of 3 running, 0 of 15 in the last 24 hours"), "{card}");
            assert!(!card.contains("limit") && !card.contains("tasks were started"), "{card}");
            bot.pass(30).await;
        }
        bot.pass(120).await;
        assert_eq!(started(&bot), ["one"]);
    }

    async fn as_many_as_run_at_once_are_said_to_be_running(bot: Bot) {
        for prompt in ["one", "two", "three", "four", "five"] {
            bot.types("ann", &format!("/jules repo=404less {prompt}")).await;
        }
        let words = "Jules is already running 3 of 3 tasks, so this one starts when there's room.";
        assert_eq!(says(&bot, "four"), format!(":hourglass: *Queued*, next in line\n{words}"));
        assert_eq!(says(&bot, "five"), format!(":hourglass: *Queued*, 2nd in line\n{words}"));
    }

    async fn as_many_as_a_day_allows_are_said_to_be_used_and_when_the_next_frees_up(bot: Bot) {
        for n in 0..15 {
            bot.types("ann", &format!("/jules repo=404less task{n}")).await;
            finish(&bot, &format!("task{n}"));
            bot.watch(60).await;
        }
        bot.types("ann", "/jules repo=404less late").await;
        let card = says(&bot, "late");
        assert!(card.contains("Today's 15 tasks are used"), "{card}");
        assert!(card.contains("frees up at about 09:00 UTC"), "{card}");
        assert!(!card.contains("room") && !card.contains("running"), "all slots are free:\n{card}");
        bot.pass(40).await;
        assert_eq!(says(&bot, "late"), card);
        bot.hands.forward_to("2026-11-25T08:59:00Z".parse().expect("a time"));
        bot.pass(120).await;
        assert_eq!(started(&bot).len(), 16, "{}", says(&bot, "late"));
    }

    /// What people start on Jules' own page counts as well.
    async fn sessions_of_others_count_against_the_limit(bot: Bot) {
        let account = bot.account();
        let source = account.source("AshikNesin", "404less").name();
        for n in 0..3 {
            let id = account.add_foreign_session(
                Origin::Web, &format!("by hand {n}"), &source);
            account.set_state(&id, State::InProgress);
        }
        bot.types("ann", "/jules repo=404less one").await;
        assert!(says(&bot, "one").contains("already running 3 of 3 tasks"), "{}", says(&bot, "one"));
    }

    async fn where_jules_cannot_be_asked_nothing_is_claimed(bot: Bot) {
        bot.account().refuse_creates_until(bot.hands.now() + SignedDuration::from_mins(1));
        bot.jules.fault(Fault::status(500)).on(Op::ListSessions).for_ever();
        bot.types("ann", "/jules repo=404less one").await;
        let card = says(&bot, "one");
        assert!(card.contains("gives no reason") && !card.contains(" of "), "{card}");
    }

    async fn a_task_that_jules_refuses_for_long_is_shown_to_its_author_and_kept(bot: Bot) {
        bot.account().source("AshikNesin", "404less").refuse_creates(true);
        bot.types("ann", "/jules repo=404less one").await;
        bot.pass(240).await;
        let root = bot.root();
        assert_eq!(bot.slack.thread("dev", &root).len(), 1, "it may still be a hiccup");
        bot.pass(1_200).await;
        let thread = bot.slack.thread("dev", &root);
        assert_eq!(thread.len(), 2, "told once: {thread:#?}");
        let told = &thread[1].shown;
        assert!(told.contains("@ann, Jules has refused this task"), "{told}");
        assert!(told.contains("`AshikNesin/404less`") && told.contains("jules.google.com"), "{told}");
        bot.account().source("AshikNesin", "404less").refuse_creates(false);
        bot.pass(60).await;
        assert_eq!(started(&bot), ["one"]);
    }

    async fn a_limit_is_waited_for_without_calling_the_author(bot: Bot) {
        for prompt in ["one", "two", "three", "four"] {
            bot.types("ann", &format!("/jules repo=404less {prompt}")).await;
        }
        bot.pass(1_200).await;
        assert_eq!(bot.slack.thread("dev", &bot.root()).len(), 1);
    }

    async fn a_colleague_sees_the_true_place_at_once(bot: Bot) {
        for n in 0..60 {
            bot.types("ann", &format!("/jules repo=404less mine{n}")).await;
        }
        // A channel's messages have their times.
        bot.pass(200).await;
        let edits = bot.slack_calls("chat.update");
        bot.types("ben", "/jules repo=404less his").await;
        let card = says(&bot, "his");
        assert!(card.starts_with(":hourglass: *Queued*, 2nd in line\n"), "{card}");
        let edits = bot.slack_calls("chat.update") - edits;
        assert!(edits <= 6, "{edits} edits: its card is posted with its place");
        let last = says(&bot, "mine59");
        assert!(last.starts_with(":hourglass: *Queued*, about 50th in line\n"), "{last}");
        finish(&bot, "mine0");
        bot.watch(30).await;
        finish(&bot, "mine1");
        bot.watch(30).await;
        assert!(started(&bot).contains(&"his".to_owned()), "{:?}", started(&bot));
    }

    async fn a_task_that_leaves_moves_few_cards(bot: Bot) {
        for n in 0..60 {
            bot.types("ann", &format!("/jules repo=404less task{n}")).await;
        }
        bot.watch(300).await;
        let edits = bot.slack_calls("chat.update");
        finish(&bot, "task0");
        bot.watch(120).await;
        let edits = bot.slack_calls("chat.update") - edits;
        assert!(edits <= 20, "{edits} edits because one task ended");
        assert!(says(&bot, "task4").contains("next in line"), "{}", says(&bot, "task4"));
    }

    async fn a_task_in_line_that_is_gone_holds_up_nobody(bot: Bot) {
        bot.account().limits(1, 100);
        for prompt in ["one", "ghost", "riddle", "last"] {
            bot.types("ann", &format!("/jules repo=404less {prompt}")).await;
        }
        spoil(&bot, "ghost", Spoilt::Forgotten).await;
        spoil(&bot, "riddle", Spoilt::Unreadable).await;
        finish(&bot, "one");
        bot.pass(45).await;
        assert_eq!(started(&bot), ["one", "last"], "{}", bot.screen("dev"));
    }
}
