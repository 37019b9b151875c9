//! Two people at one session that began elsewhere, each at another replica: it gets one thread.

use super::three::Three;
use sim::jules::{Op, Origin};

const SOURCE: &str = "sources/github/AshikNesin/404less";

/// A session that nobody follows, and that both ask for.
async fn asked_for_by_both(three: &Three) -> String {
    let account = three.bot.account();
    let id = account.add_foreign_session(Origin::Web, "Make the footer sticky", SOURCE);
    account.say(&id, "I've looked around.");
    both_type(three, &id).await;
    id
}

async fn both_type(three: &Three, id: &str) {
    let (ann, ben) = (three.bot.slack.user("ann"), three.bot.slack.user("ben"));
    let typed = format!("/jules follow {id}");
    let (first, second) = (typed.clone(), typed);
    three
        .while_working(three.deliver(
            async { ann.types("dev", &first).await.unwrap().ok() },
            async { ben.types("dev", &second).await.unwrap().ok() },
            async { true },
        ))
        .await;
    three.settle().await;
}

/// Both press it, and one of them twice.
async fn both_press(three: &Three, label: &str) {
    let (ann, ben) = (three.bot.slack.user("ann"), three.bot.slack.user("ben"));
    let (hers, his) = (ann.sees("dev", "", label).unwrap(), ben.sees("dev", "", label).unwrap());
    three
        .while_working(three.deliver(
            async { ann.presses(&hers).await.unwrap().ok() },
            async { ben.presses(&his).await.unwrap().ok() },
            async { ann.redeliver_last().await.unwrap().ok() },
        ))
        .await;
    three.watch(30).await;
}

/// How many threads of the channel have this in them.
fn threads_with(three: &Three, words: &str) -> usize {
    let cards = three.bot.cards("dev");
    let said = |card: &&sim::slack::Post| {
        three
            .bot
            .slack
            .thread("dev", &card.ts)
            .iter()
            .skip(1)
            .any(|post| post.shown.contains(words))
    };
    cards.iter().filter(said).count()
}

#[tokio::test]
async fn two_who_follow_one_session_get_one_thread() {
    for seed in 0..super::ROUNDS {
        let three = Three::slow(seed).await;
        asked_for_by_both(&three).await;
        both_press(&three, "Follow here").await;
        let screen = three.bot.screen("dev");
        assert_eq!(three.bot.cards("dev").len(), 1, "seed {seed}\n{screen}");
        assert_eq!(screen.matches("I've looked around.").count(), 1, "seed {seed}\n{screen}");
        let told = three.bot.privately("ann") + three.bot.privately("ben").as_str();
        assert_eq!(told.matches("already has a thread").count(), 1, "seed {seed}\n{told}");
        assert_eq!(three.jules_calls(Op::CreateSession), 0);
    }
}

#[tokio::test]
async fn two_who_move_one_session_leave_it_in_one_thread() {
    for seed in 0..super::ROUNDS {
        let three = Three::slow(seed).await;
        let id = asked_for_by_both(&three).await;
        let ann = three.bot.slack.user("ann");
        let hers = ann.sees("dev", "", "Follow here").unwrap();
        assert!(ann.presses(&hers).await.unwrap().ok());
        three.watch(30).await;
        both_type(&three, &id).await;
        both_press(&three, "Move it here").await;
        let screen = three.bot.screen("dev");
        let cards = three.bot.cards("dev");
        let live = cards.iter().filter(|card| !card.shown.contains("*Moved*")).count();
        assert_eq!((cards.len(), live), (2, 1), "seed {seed}\n{screen}");
        assert_eq!(threads_with(&three, "moved this session"), 1, "seed {seed}\n{screen}");
        three.bot.account().say(&id, "Nearly there.");
        three.watch(60).await;
        assert_eq!(
            threads_with(&three, "Nearly there."),
            1,
            "seed {seed}\n{}",
            three.bot.screen("dev")
        );
    }
}
