//! A whole life: started, planned, changed, approved, asked, answered, finished, woken, finished
//! again. Wherever the process dies on the way, the same is said in the same thread, once and in order, and Jules
//! hears everything once.

use super::flow::On;
use crate::harness::bot::Bot;
use crate::harness::fate::Fate;
use crate::laws::one_of_each::plain;
use sim::slack::{Outcome, SimSlack};

/// What happens in a life, one thing after the other.
#[derive(Debug, Clone, Copy)]
pub(in crate::laws) enum Event {
    RepoQuery,
    Planned,
    ChangesAsked,
    Revised,
    Approved,
    Asked,
    Replied(&'static str),
    Finished,
    WentOn,
}

/// The whole of it, each with the seconds that pass after it.
pub(in crate::laws) const LIFE: &[(Event, i64)] = &[
    (Event::RepoQuery, 20),
    (Event::Planned, 20),
    (Event::ChangesAsked, 60),
    (Event::Revised, 20),
    (Event::Approved, 60),
    (Event::Asked, 40),
    (Event::Replied("remove it"), 60),
    (Event::Finished, 90),
    (Event::Replied("and one more thing"), 60),
    (Event::WentOn, 120),
];

/// What there is in the end.
#[derive(Debug, PartialEq, Eq)]
pub(in crate::laws) struct Lived {
    pub(in crate::laws) card: String,
    pub(in crate::laws) thread: Vec<String>,
    /// What Jules heard: its activities that came from people.
    pub(in crate::laws) heard: Vec<String>,
}

impl Lived {
    pub(in crate::laws) fn of(bot: &Bot) -> Self {
        let account = bot.account();
        let sessions = account.sessions();
        assert_eq!(sessions.len(), 1, "{}", bot.screen("dev"));
        let cards = bot.cards("dev");
        assert_eq!(cards.len(), 1, "{}", bot.screen("dev"));
        let thread = bot.slack.thread("dev", &cards[0].ts).into_iter().skip(1);
        let heard = account.activities(&sessions[0].id);
        let heard = heard.iter().filter(|one| one["originator"] == "user");
        Self {
            card: plain(bot, &cards[0].shown),
            thread: thread
                .filter(|post| post.only_for.is_none())
                .map(|post| plain(bot, &post.shown))
                .collect(),
            heard: heard
                .map(|one| match one["userMessaged"]["userMessage"].as_str() {
                    Some(text) => text.to_owned(),
                    None => "approved".to_owned(),
                })
                .collect(),
        }
    }
}

/// What Jules does by itself, or the person who sits at it. `false` when a person in Slack acts.
pub(in crate::laws) fn happens_at_jules(bot: &Bot, event: Event) -> bool {
    let account = bot.account();
    match event {
        Event::Planned => account.plan(&bot.session(), &[("Look around", ""), ("Rename it", "")]),
        Event::Revised | Event::WentOn => account.run(&bot.session()),
        Event::Asked => account.ask(&bot.session(), "Should the old name keep working?"),
        Event::Finished => account.finish(&bot.session()),
        Event::RepoQuery | Event::ChangesAsked | Event::Approved | Event::Replied(_) => {
            return false;
        }
    }
    true
}

/// What a person in Slack does; true when it was acknowledged. The first time, or again: Slack
/// delivers a command or click once more byte for byte, and an event by itself.
pub(in crate::laws) async fn acts(
    slack: SimSlack,
    event: Event,
    root: String,
    again: bool,
) -> bool {
    let ann = slack.user("ann");
    match event {
        Event::RepoQuery if again => ann.redeliver_last().await.expect("was sent").ok(),
        Event::RepoQuery => {
            let typed = "/jules repo=404less plan=ask rename frontend to website";
            ann.types("dev", typed).await.expect("can type there").ok()
        }
        // The form opens without a promise: who does not see it presses again.
        Event::ChangesAsked => {
            if let Ok(form) = slack.open_view("ann") {
                form.fill("What should change?", "leave the tests alone").await.expect("fills");
                return form.submit().await.expect("can be sent") == Outcome::Closed;
            }
            // Whether that was heard, the form will show.
            drop(ann.clicks("dev", "", "Ask for changes").await);
            false
        }
        Event::Approved if again => ann.redeliver_last().await.expect("was sent").ok(),
        Event::Approved => ann.clicks("dev", "", "Approve").await.expect("is there").ok(),
        Event::Replied(_) if again => {
            let far = "2030-01-01T00:00:00Z".parse().expect("a time");
            slack.deliver_retries(far).await.iter().all(|ack| ack.ok())
        }
        Event::Replied(words) => {
            let said = ann.says("dev", Some(&root), words).await.expect("can write there");
            said.acks.iter().all(|ack| ack.ok())
        }
        Event::Planned | Event::Revised | Event::Asked | Event::Finished | Event::WentOn => true,
    }
}

/// The thread of the task, once there is a card.
pub(in crate::laws) fn root(bot: &Bot) -> String {
    bot.cards("dev").last().map(|card| card.ts.clone()).unwrap_or_default()
}

/// How often a person tries before something must be wrong.
pub(in crate::laws) const MOST_TRIES: usize = 10;

/// Lives once, and dies at this point on the way.
async fn live(on: On, death: Option<usize>) -> (Lived, Vec<String>, Option<String>) {
    let fate = Fate::open();
    let mut bot = Bot::with_store(on.place(), fate.around()).await;
    fate.between(&bot);
    fate.falls(death);
    let mut died = None;
    for (event, seconds) in LIFE {
        if !happens_at_jules(&bot, *event) {
            let mut again = false;
            for tries in 0.. {
                assert!(tries < MOST_TRIES, "{event:?} is never taken\n{}", bot.screen("dev"));
                let mut act = Box::pin(acts(bot.slack.clone(), *event, root(&bot), again));
                let taken = tokio::select! {
                    taken = &mut act => taken,
                    point = fate.met() => {
                        died = Some(point);
                        bot.kill().await;
                        act.await;
                        fate.lift();
                        bot.start().await;
                        again = true;
                        continue;
                    }
                };
                if let Some(point) = meets(&bot, &fate, async { bot.settle().await }).await {
                    died = Some(point);
                    revive(&mut bot, &fate).await;
                }
                if taken {
                    break;
                }
            }
        }
        while let Some(point) = meets(&bot, &fate, bot.watch(*seconds)).await {
            died = Some(point);
            revive(&mut bot, &fate).await;
        }
        // A process that died has to find out first whether it was done.
        if died.is_some() {
            bot.watch(400).await;
        }
    }
    (Lived::of(&bot), fate.passed(), died)
}

/// The point at which the process died while something went on; none when it did not.
async fn meets(_bot: &Bot, fate: &Fate, what: impl Future<Output = ()>) -> Option<String> {
    tokio::select! {
        biased;
        point = fate.met() => Some(point),
        () = what => None,
    }
}

async fn revive(bot: &mut Bot, fate: &Fate) {
    bot.kill().await;
    fate.lift();
    bot.start().await;
    bot.pass(bot.place.heir_begins_within()).await;
    bot.assert_nothing_is_held().await;
}

/// How many of the points are tried on each store; every one of them takes minutes.
const TRIED: usize = 14;

async fn dies(on: On, points: impl Fn(usize) -> Vec<usize>) {
    let (usual, passed, _) = live(on, None).await;
    assert!(usual.heard.len() >= 4, "{usual:#?}");
    assert!(passed.len() > 100, "only {} points", passed.len());
    for point in points(passed.len()) {
        let (lived, _, died) = live(on, Some(point)).await;
        assert!(died.is_some(), "point {point} of {} on {on:?} is never met", passed.len());
        assert_eq!(lived, usual, "died {died:?}, point {point} of {} on {on:?}", passed.len());
    }
}

/// Spread over the whole life; `shift` makes the two stores try others.
fn some(points: usize, shift: usize) -> Vec<usize> {
    let stride = points / TRIED;
    (0..TRIED).map(|n| n * stride + shift * stride / 2).collect()
}

#[tokio::test]
async fn a_whole_life_survives_a_death_on_a_file() {
    dies(On::File, |points| some(points, 0)).await;
}

#[tokio::test]
async fn a_whole_life_survives_a_death_on_redis() {
    dies(On::Redis, |points| some(points, 1)).await;
}

#[tokio::test]
#[ignore = "every point, about ten minutes: cargo test --test it -- --ignored every_point"]
async fn a_whole_life_survives_a_death_at_every_point() {
    dies(On::File, |points| (0..points).collect()).await;
}
