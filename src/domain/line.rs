//! The line in front of a Jules account: tasks that wait for a slot, first come first served.

use super::ids::{TaskId, UserId};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// A place in line.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ticket {
    /// The task that waits.
    pub task: TaskId,
    /// Who asked for it.
    pub user: UserId,
    /// Since when.
    pub since: Timestamp,
}

/// Everybody who waits, the next one first.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Line {
    tickets: Vec<Ticket>,
}

impl Line {
    /// Whether nobody waits.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.tickets.is_empty()
    }

    /// The place of a task, counted from 1.
    #[must_use]
    pub fn place_of(&self, task: &TaskId) -> Option<u32> {
        let index = self.tickets.iter().position(|ticket| ticket.task == *task)?;
        u32::try_from(index + 1).ok()
    }

    /// Whether somebody else has to start before this task may.
    #[must_use]
    pub fn holds_back(&self, task: &TaskId) -> bool {
        !self.is_empty() && self.place_of(task) != Some(1)
    }

    /// Puts a task at the end, unless it waits already.
    pub fn join(&mut self, ticket: Ticket) {
        if self.place_of(&ticket.task).is_none() {
            self.tickets.push(ticket);
        }
    }

    /// Takes a task out; false when it did not wait.
    pub fn leave(&mut self, task: &TaskId) -> bool {
        let before = self.tickets.len();
        self.tickets.retain(|ticket| ticket.task != *task);
        before != self.tickets.len()
    }

    /// All waiting tasks with their places, the next one first.
    pub fn places(&self) -> impl Iterator<Item = (u32, &TaskId)> {
        (1_u32..).zip(self.tickets.iter().map(|ticket| &ticket.task))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ticket(task: &str) -> Ticket {
        Ticket {
            task: TaskId::parse(task).unwrap(),
            user: UserId::parse("U1").unwrap(),
            since: Timestamp::UNIX_EPOCH,
        }
    }

    #[test]
    fn who_comes_first_is_served_first_and_nobody_stands_twice() {
        let mut line = Line::default();
        for task in ["a", "b", "a", "c"] {
            line.join(ticket(task));
        }
        let id = |task| TaskId::parse(task).unwrap();
        assert_eq!(line.place_of(&id("c")), Some(3));
        assert!(line.holds_back(&id("b")) && line.holds_back(&id("new")));
        assert!(!line.holds_back(&id("a")));
        assert!(line.leave(&id("a")) && !line.leave(&id("a")));
        assert_eq!(
            line.places().map(|(n, t)| (n, t.to_string())).collect::<Vec<_>>(),
            [(1, "b".to_owned()), (2, "c".to_owned())]
        );
    }

    #[test]
    fn an_empty_line_holds_nobody_back() {
        assert!(!Line::default().holds_back(&TaskId::parse("a").unwrap()));
    }
}
