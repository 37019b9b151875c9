//! On the whole app in this process, with a clock that is moved by hand.

use super::Figure;
use super::heard::Heard;
use super::tally_store::{Tally, Written};
use crate::lab::Lab;
use crate::stage::{is_posted, says};
use jiff::{SignedDuration, Timestamp};
use sim::jules::{Call as JulesCall, Fault as JulesFault, Op};
use sim::slack::{Call, Fault};
use std::collections::HashSet;
use std::sync::Arc;

const HOW: &str = "the app, simulated time";

const STEP: SignedDuration = SignedDuration::from_millis(500);
const MINUTE: SignedDuration = SignedDuration::from_mins(1);

/// Words that Jules says in a session now and then.
struct Words {
    said: Vec<(String, Timestamp)>,
    every: SignedDuration,
    next: Timestamp,
}

impl Words {
    fn of(lab: &Lab, every: SignedDuration) -> Self {
        Self { said: Vec::new(), every, next: lab.now() }
    }

    /// Jules says the next word when its time has come.
    fn say(&mut self, lab: &Lab, session: &str, now: Timestamp) {
        if now < self.next {
            return;
        }
        let words = format!("Healthy word number {}.", self.said.len());
        lab.account.say(session, &words);
        self.said.push((words, now));
        self.next = now + self.every;
    }

    /// How long it took until each was posted.
    fn heard(&self, lab: &Lab) -> Heard {
        let end = lab.now();
        let first = self.said.first().map_or(end, |(_, at)| *at);
        let mut heard = Heard::within(end.duration_since(first).unsigned_abs());
        let posts: Vec<_> = lab.slack.calls().into_iter().filter(is_posted).collect();
        for (words, said) in &self.said {
            let post = posts.iter().find(|post| post.at >= *said && says(post, words));
            heard.note(post.map(|post| post.at.duration_since(*said).unsigned_abs()));
        }
        heard
    }
}

/// How many sessions cannot be read.
const SICK: usize = 16;

/// A healthy session says a word each minute, alone and next to sick ones in which something moves twice a
/// minute.
pub(super) async fn sick(is_short: bool) -> Vec<Figure> {
    let words = if is_short { 5 } else { 20 };
    let alone = beside(0, words).await;
    let together = beside(SICK, words).await;
    let ratio = |share| match (alone.share(share), together.share(share)) {
        (Some(alone), Some(together)) => {
            format!("{:.1}", together.as_secs_f64() / alone.as_secs_f64().max(0.5))
        }
        (_, None) => "never".to_owned(),
        (None, _) => "-".to_owned(),
    };
    let ratios = format!("× {} median, × {} worst", ratio(0.5), ratio(1.0));
    let figure = |what: String, figure: String, aim| Figure { what, figure, aim, how: HOW };
    vec![
        figure("a healthy thread alone".to_owned(), alone.words(), "-"),
        figure(format!("next to {SICK} sick sessions"), together.words(), "-"),
        figure(format!("next to {SICK} sick sessions, of alone"), ratios, "≤ × 2"),
    ]
}

async fn beside(sick: usize, words: i32) -> Heard {
    let lab = Lab::start().await;
    lab.begin(sick + 1, &channels(sick + 1)).await;
    let sessions = sessions(&lab);
    let ill: HashSet<String> =
        sessions[1..].iter().map(|id| format!("/v1alpha/sessions/{id}/activities")).collect();
    lab.jules.gate(Arc::new(move |call: &JulesCall| {
        ill.contains(&call.path).then(|| JulesFault::status(500))
    }));
    let mut moves = lab.now();
    let mut healthy = Words::of(&lab, MINUTE);
    for session in &sessions {
        lab.account.progress(session, "Looking around", "");
    }
    // The last word has ten minutes to be heard of.
    lab.pass(MINUTE * (words + 10), STEP, |now| {
        if healthy.said.len() < usize::try_from(words).unwrap_or_default() {
            healthy.say(&lab, &sessions[0], now);
        }
        if now >= moves {
            for session in &sessions[1..] {
                lab.account.progress(session, "Nobody can read this", "");
            }
            moves = now + MINUTE / 2;
        }
    })
    .await;
    healthy.heard(&lab)
}

/// How many sessions ended.
const ENDED: usize = 120;

/// An hour after the end, next to one session that works.
pub(super) async fn ended(is_short: bool) -> Vec<Figure> {
    let minutes = if is_short { 5 } else { 30 };
    let lab = Lab::start().await;
    lab.begin(ENDED + 1, &channels(ENDED + 1)).await;
    let sessions = sessions(&lab);
    for session in &sessions[1..] {
        lab.account.finish(session);
    }
    let mut working = Words::of(&lab, MINUTE);
    lab.pass(MINUTE * 60, STEP * 2, |now| {
        working.say(&lab, &sessions[0], now);
        lab.jules.clear_calls();
        lab.slack.clear_calls();
    })
    .await;
    let mut working = Words::of(&lab, MINUTE);
    lab.pass(MINUTE * minutes, STEP, |now| working.say(&lab, &sessions[0], now)).await;
    let lists = lab.jules.calls().into_iter().filter(|call| call.op == Op::ListActivities);
    let (mine, others): (Vec<_>, Vec<_>) =
        lists.partition(|call| call.path.contains(&format!("/{}/", sessions[0])));
    let minute = |count: usize| {
        let count = u32::try_from(count).unwrap_or(u32::MAX);
        format!("{:.1}", f64::from(count) / f64::from(minutes))
    };
    let figure = |what: &str, figure, aim| Figure { what: what.to_owned(), figure, aim, how: HOW };
    vec![
        figure(
            "activity lists a minute for 120 sessions that ended an hour ago",
            minute(others.len()),
            "0",
        ),
        figure("the same for the one session that works", minute(mine.len()), "-"),
        figure("until that one's words are posted", working.heard(&lab).words(), "-"),
    ]
}

/// One reply in one thread, while so many sessions are followed. The clock stands, so nothing else is due.
pub(super) async fn touch(is_short: bool) -> Vec<Figure> {
    let counts: &[usize] = if is_short { &[100, 500] } else { &[100, 10_000] };
    let mut figures = Vec::new();
    for count in counts {
        let tally = Tally::default();
        let lab = Lab::start_on(tally.store()).await;
        lab.begin(*count, &channels(*count)).await;
        lab.pass(MINUTE / 6, STEP, |_| {}).await;
        lab.pump().await;
        let root = lab.slack.channel_messages("c-0")[0].ts.clone();
        tally.take();
        let ann = lab.slack.user("ann");
        ann.says("c-0", Some(&root), "and one more thing").await.expect("ann is in the channel");
        lab.pump().await;
        let mut written = tally.take();
        let task = written.remove("task").unwrap_or_default();
        let sum = |of: fn(&Written) -> usize| written.values().map(of).sum::<usize>();
        let largest = written.iter().max_by_key(|(_, written)| written.largest);
        let largest = largest.map_or("none".to_owned(), |(room, written)| {
            format!("`{room}/…` {} bytes", written.largest)
        });
        figures.push(Figure {
            what: format!("bytes written for one touch at {count} sessions"),
            figure: format!(
                "largest write: {largest}; {} writes of {} bytes in all, besides {} of {} bytes of the \
                 task's own",
                sum(|one| one.writes),
                sum(|one| one.bytes),
                task.writes,
                task.bytes
            ),
            aim: "≤ 4 kB",
            how: HOW,
        });
    }
    figures
}

/// How many tasks begin in one channel at once.
const CROWD: usize = 500;

/// A session runs in a channel; then a crowd of commands is typed there. Slack's limits are on.
pub(super) async fn crowd(is_short: bool) -> Vec<Figure> {
    let minutes = if is_short { 3 } else { 15 };
    let lab = Lab::start().await;
    lab.begin(1, &["crowd".to_owned()]).await;
    let running = sessions(&lab)[0].clone();
    lab.account.progress(&running, "Looking around", "");
    lab.pass(MINUTE, STEP, |_| {}).await;
    lab.slack.limit_rates(true);
    lab.commands(CROWD, &["crowd".to_owned()]).await;
    let mut words = Words::of(&lab, MINUTE / 2);
    lab.slack.clear_calls();
    lab.pass(MINUTE * minutes, STEP, |now| words.say(&lab, &running, now)).await;
    let posts: Vec<_> =
        lab.slack.calls().into_iter().filter(|call| call.method == "chat.postMessage").collect();
    let refused = posts.iter().filter(|call| matches!(call.fault, Some(Fault::Limited(_)))).count();
    let accepted =
        |of: fn(&Call) -> bool| posts.iter().filter(|call| is_posted(call) && of(call)).count();
    let cards = accepted(|call| call.args["thread_ts"].is_null());
    let links = accepted(|call| says(call, "/session/"));
    let share = 100 * refused / posts.len().max(1);
    let figure = |what: String, figure, aim| Figure { what, figure, aim, how: HOW };
    vec![
        figure(
            format!("{CROWD} tasks in one channel at once: posts refused in {minutes} min"),
            format!(
                "{share} % ({refused} of {}; {cards} cards and {links} links stand)",
                posts.len()
            ),
            "≤ 5 %",
        ),
        figure(
            format!("the same: a message of a session that runs in that channel, {minutes} min"),
            words.heard(&lab).words(),
            "≤ 10 s",
        ),
    ]
}

fn sessions(lab: &Lab) -> Vec<String> {
    lab.account.sessions().into_iter().map(|session| session.id).collect()
}

/// Ten tasks to a channel.
fn channels(count: usize) -> Vec<String> {
    (0..count.div_ceil(10)).map(|n| format!("c-{n}")).collect()
}
