//! Three replicas and Jules' limit: who comes first is served first, each once, and everybody is told.

use super::three::Three;
use super::type_everywhere;
use crate::harness::bot::{Bot, Place};
use jiff::SignedDuration;
use sim::jules::State;

/// How many tasks want the one slot.
const TASKS: usize = 5;

#[tokio::test]
async fn the_line_keeps_its_order() {
    for seed in 0..super::ROUNDS {
        let three = Three::slow(seed).await;
        three.bot.account().limits(1, 1000);
        let prompts: Vec<String> = (0..TASKS).map(|n| format!("mend thing {n:02}")).collect();
        for prompt in &prompts {
            type_everywhere(&three, prompt).await;
            three.settle().await;
        }
        for started in 1..=TASKS {
            until_started(&three, started).await;
            // The task that is next asks again only when its time has come; until then all stay.
            let sessions = three.bot.account().sessions();
            let order: Vec<&str> = sessions.iter().map(|one| one.prompt.as_str()).collect();
            assert_eq!(order, prompts[..started], "seed {seed}");
            three.bot.account().finish(&sessions[started - 1].id);
        }
        three.rest().await;
        super::each_has_its_own(&three, &prompts);
        assert_eq!(three.bot.searches(), 0, "a refused create is no reason to look");
    }
}

/// Lets time pass until so many sessions were started.
async fn until_started(three: &Three, started: usize) {
    let begun = three.bot.hands.now();
    while three.bot.account().sessions().len() < started {
        three.settle().await;
        if let Some(at) = three.bot.next_wake(three.bot.running()).await {
            three.bot.hands.forward_to(at);
        }
        let waited = three.bot.hands.now().duration_since(begun);
        assert!(waited < SignedDuration::from_mins(3), "{}", three.bot.screen("dev"));
    }
}

#[tokio::test]
async fn whoever_moves_up_is_told_even_if_somebody_joins_at_that_moment() {
    let bot = Bot::new(Place::file()).await;
    bot.account().limits(1, 1000);
    for prompt in ["first", "second", "third"] {
        bot.types("ann", &format!("/jules repo=404less {prompt}")).await;
    }
    let running = bot.account().sessions();
    bot.account().set_state(&running[0].id, State::Completed);
    // The second one asks again in a moment and starts; the fourth joins right behind it.
    let asks = bot.next_wake(bot.running()).await.expect("somebody waits");
    bot.hands.forward_to(asks);
    let typed = "/jules repo=404less fourth";
    assert!(bot.slack.user("ann").types("dev", typed).await.expect("can type there").ok());
    bot.settle().await;
    let screen = bot.screen("dev");
    assert_eq!(bot.account().sessions().len(), 2, "{screen}");
    for (prompt, place) in [("third", "next in line"), ("fourth", "2nd in line")] {
        let cards = bot.slack.channel_messages("dev");
        let mut cards = cards.iter().filter(|card| card.shown.contains(&format!("*{prompt}*")));
        let card = cards.next().expect("has a card");
        assert!(card.shown.contains(&format!("*Queued*, {place}\n")), "{prompt}: {}", card.shown);
    }
}
