//! The law of crashes: the process dies at any point, before or after any write and any call, and
//! dies again a little later; in the end there is one card, one session, one link.
//!
//! A death is a real one as far as a test can have it: the runtime of the process ends with
//! everything in it. Slack, Jules and the store go on. Then a new process starts on what is stored,
//! and time passes until nothing waits any more.

mod flow;

use flow::{End, Flow, On, Story, play};
use jiff::SignedDuration;

/// The longest that a task may need: one lease of a look at Jules, all looks, and what comes after,
/// for each of the deaths.
fn patience(deaths: usize) -> SignedDuration {
    SignedDuration::from_mins(5) * i32::try_from(deaths + 1).unwrap()
}

/// A run in which nothing happens: what has to be seen, and how many points there are.
async fn undisturbed(flow: Flow, on: On) -> End {
    let end = play(flow, on, &Story::default()).await;
    assert!(end.public.is_one_of_each(), "{}", end.screen);
    assert_eq!(end.acknowledged, 1);
    end
}

/// Plays a story and holds it against the run in which nothing happened.
async fn holds(flow: Flow, on: On, story: &Story, usual: &End) -> End {
    let end = play(flow, on, story).await;
    let told = format!("{flow:?} on {on:?}, {story:?}, died {:?}\n{}", end.died, end.screen);
    let begun = end.acknowledged > 0 || !end.public.cards.is_empty();
    if begun {
        assert_eq!(end.public, usual.public, "{told}");
    } else {
        assert!(!story.redelivers, "never acknowledged: {told}");
        assert_eq!(end.public.sessions, 0, "{told}");
    }
    let answers = usual.whispers * end.acknowledged;
    assert!(end.whispers <= answers.max(usual.whispers), "{} private lines: {told}", end.whispers);
    assert!(end.took <= patience(story.deaths.len()), "{} for {told}", end.took);
    end
}

/// Dies at every point, with and without Slack's delivering again.
async fn dies_once(flow: Flow, on: On) {
    let usual = undisturbed(flow, on).await;
    for point in 0..usual.passed.len() {
        for redelivers in [true, false] {
            let story = Story { deaths: vec![point], redelivers };
            let t = std::time::Instant::now();
            let end = holds(flow, on, &story, &usual).await;
            eprintln!("{:?} {story:?} {:?} took {}", t.elapsed(), end.died, end.took);
            assert_eq!(end.died, [usual.passed[point].as_str()]);
            if !redelivers && end.acknowledged > 0 {
                break;
            }
        }
    }
    eprintln!("{flow:?} {on:?} {} {:?}", usual.passed.len(), usual.passed);
}

#[tokio::test]
async fn dying_at_any_point_on_a_file() {
    dies_once(Flow::Command, On::File).await;
}
#[tokio::test]
async fn zz_time() {
    for on in [On::File, On::Redis] {
        for story in [Story::default(), Story{deaths: vec![9], redelivers: true}] {
            let t = std::time::Instant::now();
            play(Flow::Command, on, &story).await;
            eprintln!("{on:?} {story:?} {:?}", t.elapsed());
        }
    }
    let t = std::time::Instant::now();
    let mut bot = crate::harness::bot::Bot::new(On::File.place()).await;
    eprintln!("new {:?}", t.elapsed());
    let t = std::time::Instant::now();
    bot.kill().await;
    eprintln!("kill {:?}", t.elapsed());
    let t = std::time::Instant::now();
    bot.start().await;
    eprintln!("start {:?}", t.elapsed());
    let t = std::time::Instant::now();
    bot.types("ann", "/jules repo=404less rename frontend to website").await;
    eprintln!("types {:?}", t.elapsed());
    let t = std::time::Instant::now();
    bot.rest().await;
    eprintln!("rest {:?}", t.elapsed());
    let t = std::time::Instant::now();
    drop(bot);
    eprintln!("drop {:?}", t.elapsed());
}
