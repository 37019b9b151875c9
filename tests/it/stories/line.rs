//! Flow 5: Jules' limit is reached. Tasks wait in line, say so, and start in order by themselves.

use crate::harness::bot::{Bot, stories};
use insta::{allow_duplicates, assert_snapshot};
use jiff::SignedDuration;
use sim::jules::{Fault, Op, State};

/// Longer than the longest time between two questions of the task that is first in line.
const A_PROBE: u32 = 45;

/// How every card in `#dev` says it is going, oldest first.
fn standings(bot: &Bot) -> Vec<String> {
    let of = |shown: &str| {
        let standing = shown.lines().find(|line| line.starts_with(':')).unwrap_or_default();
        let standing = standing.split(':').take(3).collect::<Vec<_>>().join(":");
        // Without how long it took, or takes.
        let ends = [" in 1", " in 2", " in 3", " in 4", " in 5", " after ", " for "];
        let end = ends.iter().filter_map(|word| standing.find(word)).min();
        standing[..end.unwrap_or(standing.len())].to_owned()
    };
    bot.cards("dev").iter().map(|card| of(&card.shown)).collect()
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

const QUEUED: &str = ":large_blue_circle: *Queued in Jules*";
const NEXT: &str = ":hourglass: *Queued*, next in line";
const SECOND: &str = ":hourglass: *Queued*, 2nd in line";
const THIRD: &str = ":hourglass: *Queued*, 3rd in line";
const FINISHED: &str = ":white_check_mark: *Done*";

stories! {
    async fn a_task_over_the_limit_waits_and_says_so(bot: Bot) {
        for n in 0..2 {
            bot.types("ann", &format!("/jules repo=404less before {n}")).await;
        }
        bot.types("ann", "/jules repo=404less one").await;
        bot.types("ben", "/jules repo=404less two").await;
        let waiting = bot.cards("dev").pop().expect("a card").shown;
        allow_duplicates!(assert_snapshot!(waiting, @"
        *two*
        :hourglass: *Queued*, next in line
        Jules is already running 3 of 3 tasks, so this one starts when there's room.
        Asked by @ben  AshikNesin/404less · main
        [Stop]
        "));
        bot.pass(3 * A_PROBE).await;
        assert_eq!(started(&bot).len(), 3, "nothing starts before a slot is free");
        finish(&bot, "one");
        bot.pass(A_PROBE).await;
        assert_eq!(started(&bot)[2..], ["one", "two"]);
        assert_eq!(standings(&bot)[2..], [FINISHED, QUEUED]);
        let card = bot.cards("dev").pop().expect("a card");
        assert_eq!(bot.slack.thread("dev", &card.ts).len(), 2, "its link is in its thread");
    }

    /// What Jules says when its limit is reached is a 400, as if the task made no sense.
    async fn a_limit_whose_words_are_lost_on_the_way_is_waited_for_too(bot: Bot) {
        bot.account().limits(1, 100);
        bot.types("ann", "/jules repo=404less one").await;
        for fault in [Fault::EmptyBody, Fault::TruncatedJson, Fault::JsonNull] {
            bot.jules.fault(fault).on(Op::CreateSession).once();
        }
        bot.types("ben", "/jules repo=404less two").await;
        bot.pass(10 * A_PROBE).await;
        assert_eq!(standings(&bot), [QUEUED, NEXT]);
        finish(&bot, "one");
        bot.pass(A_PROBE).await;
        assert_eq!(started(&bot), ["one", "two"]);
    }

    async fn several_wait_in_the_order_in_which_they_came(bot: Bot) {
        bot.account().limits(1, 100);
        for prompt in ["one", "two", "three", "four"] {
            bot.types("ann", &format!("/jules repo=404less {prompt}")).await;
        }
        assert_eq!(standings(&bot), [QUEUED, NEXT, SECOND, THIRD]);
        finish(&bot, "one");
        bot.pass(A_PROBE).await;
        assert_eq!(started(&bot), ["one", "two"]);
        assert_eq!(standings(&bot), [FINISHED, QUEUED, NEXT, SECOND]);
        finish(&bot, "two");
        bot.pass(A_PROBE).await;
        finish(&bot, "three");
        bot.pass(A_PROBE).await;
        assert_eq!(started(&bot), ["one", "two", "three", "four"]);
        assert_eq!(standings(&bot), [FINISHED, FINISHED, FINISHED, QUEUED]);
    }

    async fn several_slots_are_filled_at_once(bot: Bot) {
        bot.account().limits(1, 100);
        for prompt in ["one", "two", "three"] {
            bot.types("ann", &format!("/jules repo=404less {prompt}")).await;
        }
        bot.account().limits(3, 100);
        bot.pass(A_PROBE).await;
        assert_eq!(started(&bot), ["one", "two", "three"]);
    }

    async fn who_comes_later_stands_behind_even_if_a_slot_is_free(bot: Bot) {
        bot.account().limits(1, 100);
        bot.types("ann", "/jules repo=404less one").await;
        bot.types("ann", "/jules repo=404less two").await;
        finish(&bot, "one");
        bot.types("ben", "/jules repo=404less three").await;
        assert!(!started(&bot).contains(&"three".to_owned()));
        bot.pass(A_PROBE).await;
        assert_eq!(started(&bot), ["one", "two"]);
        finish(&bot, "two");
        bot.pass(A_PROBE).await;
        assert_eq!(started(&bot), ["one", "two", "three"]);
    }

    async fn the_limit_of_a_day_is_waited_for_as_well(bot: Bot) {
        bot.account().limits(100, 1);
        bot.types("ann", "/jules repo=404less one").await;
        bot.types("ann", "/jules repo=404less two").await;
        finish(&bot, "one");
        bot.hands.forward(SignedDuration::from_hours(23));
        bot.pass(A_PROBE).await;
        assert_eq!(started(&bot), ["one"]);
        bot.hands.forward(SignedDuration::from_hours(1));
        bot.pass(A_PROBE).await;
        assert_eq!(started(&bot), ["one", "two"]);
    }

    async fn a_task_that_jules_refuses_does_not_block_the_line(bot: Bot) {
        bot.account().limits(1, 100);
        bot.types("ann", "/jules repo=404less one").await;
        bot.types("ann", "/jules repo=boba two").await;
        bot.types("ann", "/jules repo=404less three").await;
        bot.account().source("bobalover", "boba").disconnect();
        finish(&bot, "one");
        bot.pass(2 * A_PROBE).await;
        assert_eq!(started(&bot), ["one", "three"]);
        let cards = bot.cards("dev");
        assert!(cards[1].shown.contains("*Not started*"), "{}", cards[1].shown);
        assert!(cards[1].buttons.contains(&"Try again".to_owned()));
    }

    async fn the_line_outlives_the_process(mut bot: Bot) {
        bot.account().limits(1, 100);
        for prompt in ["one", "two", "three"] {
            bot.types("ann", &format!("/jules repo=404less {prompt}")).await;
        }
        bot.kill().await;
        finish(&bot, "one");
        bot.start().await;
        bot.types("ben", "/jules repo=404less four").await;
        bot.pass(A_PROBE).await;
        assert_eq!(started(&bot), ["one", "two"]);
        finish(&bot, "two");
        bot.pass(A_PROBE).await;
        // Ben's first task comes before ann's next one.
        assert_eq!(started(&bot), ["one", "two", "four"]);
        finish(&bot, "four");
        bot.pass(A_PROBE).await;
        assert_eq!(started(&bot), ["one", "two", "four", "three"]);
    }

    async fn waiting_costs_few_calls(bot: Bot) {
        for prompt in ["one", "two", "three", "four", "five", "six", "seven"] {
            bot.types("ann", &format!("/jules repo=404less {prompt}")).await;
        }
        bot.pass(120).await;
        bot.jules.clear_calls();
        let edits = bot.slack_calls("chat.update");
        bot.pass(600).await;
        let asked = bot.asked_of_jules().len();
        assert!((10..=25).contains(&asked), "asked {asked} times in ten minutes");
        // Only the three that go on show for how long.
        let edits = bot.slack_calls("chat.update") - edits;
        assert!((1..=9).contains(&edits), "{edits} edits, though nothing happened");
        assert_eq!(bot.account().sessions()[0].state, State::Queued);
    }
}
