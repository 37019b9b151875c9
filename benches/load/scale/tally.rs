//! What became of every task, counted from the simulated Slack and Jules: what is in the channels and
//! their threads, and which sessions there are.

use crate::world::KEY;
use sim::jules::SimJules;
use sim::slack::{Post, SimSlack};
use std::collections::{BTreeSet, HashMap};

/// What there is of one task.
#[derive(Debug, Default, Clone, Copy)]
struct Seen {
    cards: usize,
    sessions: usize,
    links: usize,
    finishes: usize,
    /// In a thread: the link, whatever else, and the finish last.
    is_in_order: bool,
}

impl Seen {
    fn each(&self) -> [usize; 4] {
        [self.cards, self.sessions, self.links, self.finishes]
    }

    fn is_whole(&self) -> bool {
        self.each().iter().all(|count| *count > 0)
    }

    fn is_doubled(&self) -> bool {
        self.each().iter().any(|count| *count > 1)
    }
}

/// All of it, by the commands' numbers.
#[derive(Debug, Default)]
pub(super) struct Tally(HashMap<u64, Seen>);

impl Tally {
    pub(super) fn take(slack: &SimSlack, jules: &SimJules, channels: &[String]) -> Self {
        let mut tally = Self::default();
        for session in jules.account(KEY).sessions() {
            if let Some(number) = number(&session.prompt) {
                tally.0.entry(number).or_default().sessions += 1;
            }
        }
        for channel in channels {
            for card in slack.channel_messages(channel) {
                if let Some(number) = card.text.split('”').next().and_then(number) {
                    let thread = slack.thread(channel, &card.ts);
                    tally.0.entry(number).or_default().look(&thread[1..]);
                }
            }
        }
        tally
    }

    fn of(&self, number: u64) -> Seen {
        self.0.get(&number).copied().unwrap_or_default()
    }

    /// Those of these that lack something.
    pub(super) fn missing(&self, numbers: &[u64]) -> Vec<u64> {
        numbers.iter().copied().filter(|number| !self.of(*number).is_whole()).collect()
    }

    /// Those that have something twice, acknowledged or not.
    pub(super) fn doubled(&self) -> BTreeSet<u64> {
        self.0.iter().filter(|(_, seen)| seen.is_doubled()).map(|(number, _)| *number).collect()
    }

    /// Those that have everything, and not in order.
    pub(super) fn out_of_order(&self) -> BTreeSet<u64> {
        let wrong = self.0.iter().filter(|(_, seen)| seen.is_whole() && !seen.is_in_order);
        wrong.map(|(number, _)| *number).collect()
    }

    /// Cards, sessions, links and finishes.
    pub(super) fn sums(&self) -> [usize; 4] {
        [0, 1, 2, 3].map(|nth| self.0.values().map(|seen| seen.each()[nth]).sum())
    }

    /// How many tasks there are, acknowledged or not.
    pub(super) fn tasks(&self) -> usize {
        self.0.len()
    }

    /// What there is of one, in words for a report.
    pub(super) fn tell(&self, number: u64) -> String {
        format!("task {number}: {:?}", self.of(number))
    }
}

impl Seen {
    /// Counts a card with its thread.
    fn look(&mut self, thread: &[Post]) {
        self.cards += 1;
        let is_link =
            |post: &&Post| post.shown.contains("/session/") && post.shown.contains("talk to Jules");
        let is_end = |post: &&Post| post.shown.contains("*Done*");
        self.links += thread.iter().filter(is_link).count();
        self.finishes += thread.iter().filter(is_end).count();
        self.is_in_order = thread.first().as_ref().is_some_and(is_link)
            && thread.last().as_ref().is_some_and(is_end);
    }
}

/// The number at the end of the words that were typed.
fn number(words: &str) -> Option<u64> {
    words.rsplit(' ').next()?.parse().ok()
}
