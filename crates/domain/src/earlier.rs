//! What was said in a session before a task followed it: messages, in pages that a view can hold.

use super::activity::{Activity, Event};
use jiff::Timestamp;

/// How much of a message is shown, in characters.
const LONGEST: usize = 2_000;
/// How much is on one page, in characters, and in how many messages.
const PAGE: usize = 6_000;
const MOST_ON_A_PAGE: usize = 10;

/// Something that was said in a session.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EarlierMessage {
    /// Jules said it; else someone on the session's page.
    pub by_jules: bool,
    /// When, if Jules tells.
    pub at: Option<Timestamp>,
    /// What: Markdown if it is Jules'. Only the beginning of what is long.
    pub text: String,
    /// How many characters of it are missing.
    pub missing: usize,
}

/// What was said until a time, by Jules' clock, oldest first.
#[must_use]
pub fn earlier(activities: &[Activity], until: Timestamp) -> Vec<EarlierMessage> {
    let mut said: Vec<EarlierMessage> = Vec::new();
    for activity in activities {
        if activity.created.is_some_and(|created| created > until) {
            continue;
        }
        for event in &activity.events {
            let (by_jules, text) = match event {
                Event::AgentMessaged(text) => (true, text.trim()),
                Event::UserMessaged(text) => (false, text.trim()),
                Event::PlanGenerated(_)
                | Event::PlanApproved(_)
                | Event::Progress { .. }
                | Event::SessionCompleted
                | Event::SessionFailed { .. }
                | Event::Other(_) => continue,
            };
            if !text.is_empty() {
                let missing = text.chars().count().saturating_sub(LONGEST);
                let text = text.chars().take(LONGEST).collect();
                said.push(EarlierMessage { by_jules, at: activity.created, text, missing });
            }
        }
    }
    said.sort_by_key(|message| message.at);
    said
}

/// The messages in pages, the newest page first; on a page the oldest message first.
#[must_use]
pub fn pages(messages: Vec<EarlierMessage>) -> Vec<Vec<EarlierMessage>> {
    let mut pages: Vec<Vec<EarlierMessage>> = Vec::new();
    let mut room = 0;
    for message in messages.into_iter().rev() {
        let takes = message.text.chars().count();
        match pages.last_mut().filter(|page| takes <= room && page.len() < MOST_ON_A_PAGE) {
            Some(page) => {
                room -= takes;
                page.push(message);
            }
            None => {
                room = PAGE.saturating_sub(takes);
                pages.push(vec![message]);
            }
        }
    }
    pages.iter_mut().for_each(|page| page.reverse());
    pages
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::activity::{ActivityId, Originator};

    fn said(n: i64, text: &str) -> Activity {
        Activity {
            id: ActivityId(n.to_string()),
            created: Timestamp::from_second(n).ok(),
            originator: Originator::Agent,
            description: None,
            events: vec![Event::AgentMessaged(text.to_owned())],
            artifacts: Vec::new(),
            without_artifacts: false,
        }
    }

    #[test]
    fn every_message_until_then_is_on_one_page_and_the_newest_page_comes_first() {
        let activities: Vec<Activity> =
            (1..=40).map(|n| said(n, &format!("{n} {}", "x".repeat(900)))).collect();
        let messages = earlier(&activities, Timestamp::from_second(30).unwrap());
        assert_eq!(messages.len(), 30);
        let pages = pages(messages.clone());
        assert!(pages.len() > 3 && pages[0].last() == messages.last());
        let back: Vec<EarlierMessage> = pages.into_iter().rev().flatten().collect();
        assert_eq!(back, messages);
    }

    #[test]
    fn a_long_message_is_cut_and_counted() {
        let messages = earlier(&[said(1, &"é".repeat(2_500))], Timestamp::MAX);
        assert_eq!((messages[0].text.chars().count(), messages[0].missing), (2_000, 500));
    }
}
