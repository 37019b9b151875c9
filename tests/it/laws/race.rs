//! The law of races: three replicas on one Redis, everything delivered to all of them, all of them at
//! the same tasks; in the end there is one card, one session, one link for each, made by one call
//! each.

mod accounts;
mod followed;
mod issue;
mod lease;
mod life;
mod line;
mod mention;
mod three;
mod twins;

use super::one_of_each::Public;
use sim::jules::{Fault, Op};
use sim::slack::Outcome;
use three::Three;

/// How often a race is run, each time with other delays.
const ROUNDS: u64 = 4;

/// How many tasks there are at a time.
const TASKS: usize = 12;

#[tokio::test]
async fn many_tasks_delivered_to_all_are_started_once_each() {
    for seed in 0..ROUNDS {
        let three = Three::slow(seed).await;
        let prompts: Vec<String> = (0..TASKS).map(|n| format!("mend thing {n:02}")).collect();
        three
            .while_working(async {
                for prompt in &prompts {
                    type_everywhere(&three, prompt).await;
                }
            })
            .await;
        three.rest().await;
        let public = Public::of(&three.bot);
        let screen = three.bot.screen("dev");
        assert_eq!(public.cards.len(), TASKS, "seed {seed}\n{screen}");
        assert!(public.replies.iter().all(|replies| replies.len() == 1), "seed {seed}\n{screen}");
        each_has_its_own(&three, &prompts);
        // Nobody had to look whether someone else did it, and nobody did it for nothing.
        assert_eq!(three.jules_calls(Op::CreateSession), TASKS);
        assert_eq!(three.bot.searches(), 0);
        assert_eq!(three.bot.slack_calls("chat.postMessage"), 2 * TASKS);
        assert_eq!(three.bot.slack_calls("conversations.history"), 0);
        assert_eq!(three.bot.slack_calls("conversations.replies"), 0);
    }
}

async fn type_everywhere(three: &Three, prompt: &str) {
    deliver_everywhere(three, &format!("/jules repo=404less {prompt}")).await;
}

/// Ann's line, delivered to all of them.
async fn deliver_everywhere(three: &Three, typed: &str) {
    let ann = three.bot.slack.user("ann");
    let again = || async { ann.redeliver_last().await.unwrap().ok() };
    let first = async { ann.types("dev", typed).await.unwrap().ok() };
    three.deliver(first, again(), again()).await;
}

/// For each prompt one session, in the thread of that prompt.
fn each_has_its_own(three: &Three, prompts: &[String]) {
    let sessions = three.bot.account().sessions();
    assert_eq!(sessions.len(), prompts.len());
    let cards = three.bot.slack.channel_messages("dev");
    for prompt in prompts {
        let session = sessions.iter().find(|session| session.prompt == *prompt).expect("exists");
        let mut of_prompt =
            cards.iter().filter(|card| card.only_for.is_none() && card.shown.contains(prompt));
        let card = of_prompt.next().expect("has a card");
        assert!(of_prompt.next().is_none(), "two cards for {prompt}");
        let thread = three.bot.slack.thread("dev", &card.ts);
        assert!(thread.iter().any(|post| post.shown.contains(&session.id)), "{thread:?}");
        let is_anothers = |shown: &str| {
            sessions.iter().any(|other| other.id != session.id && shown.contains(&other.id))
        };
        assert!(!thread.iter().any(|post| is_anothers(&post.shown)), "{thread:?}");
    }
}

#[tokio::test]
async fn a_channel_that_one_of_them_binds_anew_is_bound_anew_for_all() {
    let three = Three::slow(0).await;
    let bot = &three.bot;
    bot.types("ben", "/jules bind 404less").await;
    deliver_everywhere(&three, "/jules first").await;
    three.rest().await;
    // All of them have read the binding; only the first hears of another one.
    bot.types("ben", "/jules bind boba").await;
    three.rest().await;
    deliver_everywhere(&three, "/jules second").await;
    three.rest().await;
    let sources = bot.account().sessions().into_iter().map(|session| session.source);
    let sources: Vec<_> = sources.flatten().collect();
    assert_eq!(sources, ["sources/github/AshikNesin/404less", "sources/github/bobalover/boba"]);
}

#[tokio::test]
async fn two_people_who_press_the_same_button_press_it_once() {
    for seed in 0..ROUNDS {
        let three = Three::slow(seed).await;
        let (ann, ben) = (three.bot.slack.user("ann"), three.bot.slack.user("ben"));
        three.bot.jules.clear_gate();
        three.bot.jules.fault(Fault::status(400)).on(Op::CreateSession).once();
        three.bot.types("ann", "/jules repo=404less rename frontend to website").await;
        three
            .while_working(three.deliver(
                async { ann.clicks("dev", "", "Try again").await.unwrap().ok() },
                async { ben.clicks("dev", "", "Try again").await.unwrap().ok() },
                async { ann.redeliver_last().await.unwrap().ok() },
            ))
            .await;
        three.rest().await;
        let public = Public::of(&three.bot);
        assert!(public.is_one_of_each(), "seed {seed}\n{}", three.bot.screen("dev"));
        assert_eq!(three.jules_calls(Op::CreateSession), 2, "one refused, one not");
    }
}

#[tokio::test]
async fn a_form_that_is_sent_at_all_of_them_is_sent_once() {
    for seed in 0..ROUNDS {
        let three = Three::slow(seed).await;
        let ann = three.bot.slack.user("ann");
        three.bot.types("ann", "/jules rename frontend to website").await;
        let form = three.bot.slack.open_view("ann").expect("the form is open");
        form.type_ahead("Repository", "404less").await.expect("finds it");
        form.choose("Repository", "AshikNesin/404less").await.expect("is offered");
        three.settle().await;
        three
            .while_working(three.deliver(
                async { form.submit().await.unwrap() == Outcome::Closed },
                // A double click.
                async { form.submit().await.unwrap() == Outcome::Closed },
                async { ann.redeliver_last().await.unwrap().ok() },
            ))
            .await;
        three.rest().await;
        let public = Public::of(&three.bot);
        assert!(public.is_one_of_each(), "seed {seed}\n{}", three.bot.screen("dev"));
        assert_eq!(three.jules_calls(Op::CreateSession), 1);
    }
}

#[tokio::test]
async fn defaults_that_are_sent_at_all_of_them_are_saved_once_and_one_of_two_people_wins_whole() {
    for seed in 0..ROUNDS {
        let three = Three::slow(seed).await;
        let bot = &three.bot;
        let ann = bot.slack.user("ann");
        bot.slack.make_admin("ann");
        bot.slack.make_admin("ben");
        // All of them have read that there are none.
        deliver_everywhere(&three, "/jules repo=404less first").await;
        three.rest().await;
        for (name, plan, pr) in [
            ("ben", "Wait for approval of the plan", "Open one when done"),
            ("ann", "Start right away", "Don't open one"),
        ] {
            bot.types(name, "/jules settings").await;
            bot.form(name).clicks("Workspace defaults").await.expect("is there");
            three.settle().await;
            bot.form(name).choose("Plan", plan).await.expect("is offered");
            bot.form(name).choose("Pull request", pr).await.expect("is offered");
        }
        let (bens, anns) = (bot.form("ben"), bot.form("ann"));
        three
            .while_working(three.deliver(
                async { bens.submit().await.unwrap() == Outcome::Closed },
                async { anns.submit().await.unwrap() == Outcome::Closed },
                async { ann.redeliver_last().await.unwrap().ok() },
            ))
            .await;
        three.rest().await;
        // What is decided next is decided by what is stored, at each of them.
        deliver_everywhere(&three, "/jules repo=404less second").await;
        three.rest().await;
        let sessions = bot.account().sessions();
        assert_eq!(sessions.len(), 2, "seed {seed}\n{}", bot.screen("dev"));
        let is_bens = sessions[1].require_plan_approval;
        let opens = sessions[1].automation_mode.is_some();
        assert_eq!(is_bens, opens, "seed {seed}: half of one and half of the other");
    }
}
