//! The line in front of a Jules account: tasks that wait for a slot. Fair between people, first come
//! first served within a person: whoever asked for ten tasks does not make the next person wait for
//! all of them.

use super::ids::{TaskId, UserId};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// A place in line.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Entry {
    /// The task that waits.
    pub task: TaskId,
    /// Who asked for it.
    pub user: UserId,
    /// Since when.
    pub since: Timestamp,
    /// In which round it is served; given when it joins. Each person has one task in a round.
    #[serde(default)]
    pub round: u64,
}

/// Everybody who waits, the next one first.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct WaitQueue {
    entries: Vec<Entry>,
    /// The round that is being served.
    #[serde(default)]
    round: u64,
    /// The rounds in which people were served last, unless that is long ago.
    #[serde(default)]
    served: BTreeMap<UserId, u64>,
}

impl WaitQueue {
    /// Whether nobody waits.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    /// The place of a task, counted from 1.
    #[must_use]
    pub fn place_of(&self, task: &TaskId) -> Option<u32> {
        let index = self.entries.iter().position(|entry| entry.task == *task)?;
        u32::try_from(index + 1).ok()
    }

    /// Whether somebody else has to start before this task may.
    #[must_use]
    pub fn must_wait(&self, task: &TaskId) -> bool {
        !self.is_empty() && self.place_of(task) != Some(1)
    }

    /// Puts a task in the first round in which its person has none, behind everybody else of that
    /// round; unless it waits already.
    pub fn join(&mut self, entry: Entry) {
        if self.place_of(&entry.task).is_some() {
            return;
        }
        let own = self.entries.iter().filter(|waiting| waiting.user == entry.user);
        let last = own.map(|waiting| waiting.round).chain(self.served.get(&entry.user).copied());
        let round = last.max().map_or(self.round, |last| self.round.max(last + 1));
        let behind = self.entries.iter().position(|waiting| waiting.round > round);
        let place = behind.unwrap_or(self.entries.len());
        self.entries.insert(place, Entry { round, ..entry });
    }

    /// Takes a task out; false when it did not wait. Who leaves from the head was served.
    pub fn leave(&mut self, task: &TaskId) -> bool {
        let Some(index) = self.entries.iter().position(|entry| entry.task == *task) else {
            return false;
        };
        let entry = self.entries.remove(index);
        if index == 0 {
            self.round = self.round.max(entry.round);
            self.served.insert(entry.user, entry.round);
            self.served.retain(|_, round| *round >= self.round);
        }
        true
    }

    /// All waiting tasks with their places, the next one first.
    pub fn places(&self) -> impl Iterator<Item = (u32, &TaskId)> {
        (1_u32..).zip(self.entries.iter().map(|entry| &entry.task))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entry(task: &str) -> Entry {
        ticket_of(task, "U1")
    }

    fn ticket_of(task: &str, user: &str) -> Entry {
        Entry {
            task: TaskId::parse(task).unwrap(),
            user: UserId::parse(user).unwrap(),
            since: Timestamp::UNIX_EPOCH,
            round: 0,
        }
    }

    fn order(queue: &WaitQueue) -> Vec<String> {
        queue.places().map(|(_, task)| task.to_string()).collect()
    }

    #[test]
    fn people_take_turns_however_many_tasks_one_has() {
        let mut queue = WaitQueue::default();
        for (task, user) in [("a1", "A"), ("a2", "A"), ("a3", "A"), ("b1", "B"), ("b2", "B")] {
            queue.join(ticket_of(task, user));
        }
        assert_eq!(order(&queue), ["a1", "b1", "a2", "b2", "a3"]);
        queue.leave(&TaskId::parse("a1").unwrap());
        // Who was just served does not come again before the others.
        queue.join(ticket_of("a4", "A"));
        queue.join(ticket_of("c1", "C"));
        assert_eq!(order(&queue), ["b1", "c1", "a2", "b2", "a3", "a4"]);
    }

    #[test]
    fn nobody_waits_for_more_than_one_task_of_anybody_else() {
        let mut queue = WaitQueue::default();
        for n in 0..10 {
            queue.join(ticket_of(&format!("a{n}"), "A"));
        }
        queue.join(ticket_of("b", "B"));
        assert_eq!(queue.place_of(&TaskId::parse("b").unwrap()), Some(2));
        // Serving goes on, and those who come later still have only their turn to wait for.
        queue.leave(&TaskId::parse("a0").unwrap());
        queue.leave(&TaskId::parse("b").unwrap());
        queue.join(ticket_of("b2", "B"));
        assert_eq!(queue.place_of(&TaskId::parse("b2").unwrap()), Some(2));
    }

    #[test]
    fn who_comes_first_is_served_first_and_nobody_stands_twice() {
        let mut queue = WaitQueue::default();
        for task in ["a", "b", "a", "c"] {
            queue.join(entry(task));
        }
        let id = |task| TaskId::parse(task).unwrap();
        assert_eq!(queue.place_of(&id("c")), Some(3));
        assert!(queue.must_wait(&id("b")) && queue.must_wait(&id("new")));
        assert!(!queue.must_wait(&id("a")));
        assert!(queue.leave(&id("a")) && !queue.leave(&id("a")));
        assert_eq!(
            queue.places().map(|(n, t)| (n, t.to_string())).collect::<Vec<_>>(),
            [(1, "b".to_owned()), (2, "c".to_owned())]
        );
    }

    #[test]
    fn an_empty_line_holds_nobody_back() {
        assert!(!WaitQueue::default().must_wait(&TaskId::parse("a").unwrap()));
    }
}
