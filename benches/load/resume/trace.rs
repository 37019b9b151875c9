//! What the program did after a death, from the calls that the simulations got.
//!
//! A call belongs to a task by its channel (each task has one of its own) or by its prompt. A search in the
//! list of sessions names no task, so searches are dealt out: each to the task that has waited longest among
//! those that died between their card and their first reply, didn't look for the card next and have done nothing
//! else yet.

use super::Struck;
use crate::stage::{Stage, is_link, number};
use crate::world::KEY;
use jiff::Timestamp;
use sim::jules::{Call, Op};
use sim::slack::Call as SlackCall;
use std::collections::HashMap;
use std::time::Duration;

/// A moment in the life of a task.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum What {
    /// Its card is posted.
    Card,
    /// Its session is being created, which comes after the card.
    Create,
    /// Something is posted into its thread, which comes after the session.
    Reply,
    /// Its link stands in the thread.
    Link,
    /// Anything else: the card is looked for or drawn, at whatever time.
    Other,
}

pub(super) struct Trace {
    /// Calls that belong to a task, in order of time.
    calls: Vec<(Timestamp, u64, What)>,
    /// Searches in the list of sessions.
    searches: Vec<Timestamp>,
}

impl Trace {
    pub(super) fn of(stage: &Stage) -> Self {
        let channels: HashMap<&str, u64> =
            stage.author.channels.iter().map(String::as_str).zip(0..).collect();
        let mut calls = Vec::new();
        for call in stage.slack.calls() {
            let channel = call.args["channel"].as_str().and_then(|id| channels.get(id));
            if let Some(number) = channel {
                calls.push((call.at, *number, what(&call)));
            }
        }
        let mut searches = Vec::new();
        for call in stage.jules.calls() {
            if call.op == Op::CreateSession {
                let number = call.body["prompt"].as_str().and_then(number);
                calls.extend(number.map(|number| (call.at, number, What::Create)));
            } else if is_search(&call) {
                searches.push(call.at);
            }
        }
        calls.sort_unstable_by_key(|(at, _, _)| *at);
        Self { calls, searches }
    }

    /// Whether a task had its link at this time.
    pub(super) fn had_a_link(&self, number: u64, at: Timestamp) -> bool {
        self.calls.iter().any(|one| one.0 < at && one.1 == number && one.2 == What::Link)
    }

    /// How long after this time each task had its link, sorted; those that have it.
    pub(super) fn linked(&self, since: Timestamp) -> Vec<Duration> {
        let mut first = HashMap::new();
        for (at, number, _) in self.calls.iter().filter(|(_, _, what)| *what == What::Link) {
            first.entry(*number).or_insert(*at);
        }
        let mut times: Vec<Duration> = first.into_values().map(|at| later(at, since)).collect();
        times.sort_unstable();
        times
    }

    /// How long it took until each of these had begun its next attempt or lookup, sorted; those that have.
    pub(super) fn begun(&self, struck: &[Struck]) -> Vec<Duration> {
        let mut next: Vec<Option<Timestamp>> =
            struck.iter().map(|one| self.first_of(one.number, one.died)).collect();
        let mut waiting: Vec<usize> = (0..struck.len())
            .filter(|nth| self.was_creating(struck[*nth].number, struck[*nth].died))
            .collect();
        waiting.sort_by_key(|nth| struck[*nth].died);
        for search in &self.searches {
            let takes = waiting.iter().position(|nth| {
                struck[*nth].died < *search && next[*nth].is_none_or(|named| named > *search)
            });
            if let Some(place) = takes {
                next[waiting.remove(place)] = Some(*search);
            }
        }
        let begun = next.into_iter().zip(struck);
        let mut times: Vec<Duration> =
            begun.filter_map(|(at, one)| at.map(|at| later(at, one.from))).collect();
        times.sort_unstable();
        times
    }

    fn first_of(&self, number: u64, died: Timestamp) -> Option<Timestamp> {
        self.calls.iter().find(|one| one.0 > died && one.1 == number).map(|one| one.0)
    }

    /// Whether its session was being created, or had just been; or was about to be, and the call never
    /// arrived. One that looked for its card next wasn't that far.
    fn was_creating(&self, number: u64, died: Timestamp) -> bool {
        let its = || self.calls.iter().filter(|one| one.1 == number);
        let last = its().rfind(|one| one.2 != What::Other && one.0 <= died);
        let next = its().find(|one| one.0 > died);
        last.is_some_and(|one| matches!(one.2, What::Card | What::Create))
            && next.is_none_or(|one| one.2 != What::Other)
    }
}

fn what(call: &SlackCall) -> What {
    match call.method.as_str() {
        _ if is_link(call) => What::Link,
        "chat.postMessage" if call.args["thread_ts"].is_string() => What::Reply,
        "chat.postMessage" => What::Card,
        "conversations.replies" => What::Reply,
        _ => What::Other,
    }
}

/// Zero when it came before.
fn later(at: Timestamp, since: Timestamp) -> Duration {
    at.duration_since(since).max(jiff::SignedDuration::ZERO).unsigned_abs()
}

/// Whether it looks for a session by what was asked, which is not how sessions are watched.
fn is_search(call: &Call) -> bool {
    let reads = |field: &str| call.param("fields").is_some_and(|fields| fields.contains(field));
    call.op == Op::ListSessions && (reads("sourceContext") || reads("prompt"))
}

/// How many cards, sessions and links there are beyond one for each task.
pub(super) fn twice(stage: &Stage, tasks: u64) -> usize {
    let sessions = stage.jules.account(KEY).sessions();
    let of = |wanted| sessions.iter().filter(|one| number(&one.prompt) == Some(wanted)).count();
    let mut twice = 0;
    for wanted in 0..tasks {
        let channel = stage.channel(wanted);
        let cards = stage.slack.channel_messages(channel);
        let cards = cards.iter().filter(|post| post.author == "jules");
        let roots: Vec<&str> = cards.map(|post| post.ts.as_str()).collect();
        let links =
            roots.iter().flat_map(|root| stage.slack.thread(channel, root).into_iter().skip(1));
        let links = links.filter(|post| post.shown.contains("/session/")).count();
        let counts = [of(wanted), roots.len(), links];
        twice += counts.into_iter().map(|count| count.saturating_sub(1)).sum::<usize>();
    }
    twice
}
