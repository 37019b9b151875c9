//! What is kept back from Jules, a person's yes, and a review that is sent on: wherever the process dies on the way,
//! people are asked once, and Jules hears it once, and not before the yes.

use super::life::MOST_TRIES;
use crate::harness::bot::{Bot, Place};
use crate::harness::fate::Fate;
use crate::stories::pulls::{opened, pull};

/// How many of the points are tried; each takes seconds.
const TRIED: usize = 5;

/// Where the process dies.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum During {
    /// After a reply behind a person's commit was taken.
    Question,
    /// After a person's yes was taken.
    Yes,
    /// After the form with a review was taken.
    Review,
}

/// Time passes; a process that dies is followed by another.
async fn passes(bot: &mut Bot, fate: &Fate, seconds: i64) -> Option<String> {
    let mut died = None;
    for _ in 0..MOST_TRIES {
        let point = tokio::select! {
            biased;
            point = fate.met() => point,
            () = bot.watch(seconds) => return died,
        };
        died = Some(point);
        bot.kill().await;
        fate.lift();
        bot.start().await;
        bot.pass(bot.place.heir_begins_within()).await;
    }
    panic!("it dies again and again");
}

/// How often people said something to Jules that it has: a call that never arrived doesn't count.
fn said_to_jules(bot: &Bot) -> usize {
    let activities = bot.account().activities(&bot.session());
    activities.iter().filter(|one| one["userMessaged"].is_object()).count()
}

/// Plays it once, and dies at this point; gives the points passed, and where it died.
async fn play(place: Place, during: During, death: Option<usize>) -> (Vec<String>, Option<String>) {
    let fate = Fate::open();
    let mut bot = Bot::with_store(place, fate.around()).await;
    fate.between(&bot);
    opened(&mut bot).await;
    let falls = |here: During| {
        if during == here {
            fate.falls(death);
        }
    };
    let before = said_to_jules(&bot);
    let heard = |bot: &Bot| said_to_jules(bot) - before;
    let root = bot.root();
    let (mut passed, mut died);
    if during == During::Review {
        pull(&bot).review("ben", "CHANGES_REQUESTED", "Not yet.", &[]);
        bot.watch(150).await;
        bot.clicks("ann", "Send it to Jules").await;
        let sent = bot.form("ann").submit().await.expect("can be sent");
        assert_eq!(sent, sim::slack::Outcome::Closed);
        falls(during);
        died = passes(&mut bot, &fate, 400).await;
        passed = fate.passed();
    } else {
        pull(&bot).push();
        let said = bot.slack.user("ben").says("dev", Some(&root), "One more thing.").await;
        assert!(said.expect("can write").acks.iter().all(|ack| ack.ok()));
        falls(During::Question);
        died = passes(&mut bot, &fate, 400).await;
        passed = fate.passed();
        assert_eq!(heard(&bot), 0, "nobody said yes: {died:?}\n{}", bot.said());
        let asked = bot.said().matches("has 1 new commit since").count();
        assert_eq!(asked, 1, "{died:?}\n{}", bot.said());
        let ack = bot.slack.user("ann").clicks("dev", "", "Send anyway").await.expect("is there");
        assert!(ack.ok());
        falls(During::Yes);
        died = passes(&mut bot, &fate, 400).await.or(died);
        if during == During::Yes {
            passed = fate.passed();
        }
    }
    assert_eq!(heard(&bot), 1, "{during:?} died {died:?}\n{}", bot.said());
    (passed, died)
}

async fn dies(during: During) {
    let (passed, _) = play(Place::file(), during, None).await;
    assert!(passed.len() >= 4, "{passed:?}");
    for point in (0..passed.len()).step_by(passed.len().div_ceil(TRIED)) {
        let (_, died) = play(Place::file(), during, Some(point)).await;
        assert_eq!(died.as_deref(), Some(passed[point].as_str()), "{during:?}, point {point}");
    }
}

#[tokio::test]
async fn a_question_before_people_are_overwritten_survives_a_death() {
    dies(During::Question).await;
}

#[tokio::test]
async fn a_yes_survives_a_death_and_counts_once() {
    dies(During::Yes).await;
}

#[tokio::test]
async fn a_review_that_is_sent_on_survives_a_death() {
    dies(During::Review).await;
}

#[tokio::test]
async fn two_people_who_say_yes_at_once_at_two_replicas_send_it_once() {
    let mut bot = Bot::new(Place::redis()).await;
    opened(&mut bot).await;
    pull(&bot).push();
    let before = bot.told_jules().len();
    bot.replies("ben", "One more thing.").await;
    let other = bot.replica().await;
    let (ann, ben) = (bot.slack.user("ann"), bot.slack.user("ben"));
    let (one, two) =
        tokio::join!(ann.clicks("dev", "", "Send anyway"), ben.clicks("dev", "", "Send anyway"));
    assert!(one.expect("is there").ok() && two.expect("is there").ok());
    bot.rest_on(&[bot.running(), &other]).await;
    assert_eq!(bot.told_jules().len(), before + 1, "{}", bot.said());
}
