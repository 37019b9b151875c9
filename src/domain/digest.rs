//! Activities → what is news, in order. Pure, and forgiving: what is not known is passed over, what
//! comes late or twice is noticed, and nothing here decides what to say.

use super::activity::{Activity, ActivityId, Artifact, Event, Originator, Plan, PlanStep};
use super::ids::PlanId;
use jiff::{SignedDuration, Timestamp};

/// How far back a look asks again: an activity may show up late, with an earlier time
/// (jules-api.md §7.2, F10).
pub const OVERLAP: SignedDuration = SignedDuration::from_mins(2);

/// The most activities that are remembered as taken in.
const REMEMBERED: usize = 400;

/// Something that happened in a session.
#[derive(Debug, Clone, PartialEq)]
pub enum News {
    /// A plan was made.
    Plan {
        /// Its id, or that of its activity.
        id: PlanId,
        /// The plan.
        plan: Plan,
    },
    /// A plan was approved, by whomever.
    Approved(Option<PlanId>),
    /// Jules says or asks something.
    Message(String),
    /// Somebody wrote to Jules: we did, or a person on its own page.
    UserMessage(String),
    /// Work went on.
    Progress(String),
    /// The activity carries a change of the code.
    Patch {
        /// The activity that has it.
        activity: ActivityId,
        /// The commit message that Jules suggests.
        commit_message: Option<String>,
    },
    /// Jules is done, for now.
    Completed {
        /// The activity that says so.
        activity: ActivityId,
    },
    /// Jules gave up.
    Failed {
        /// The activity that says so.
        activity: ActivityId,
        /// Why, if it says.
        reason: Option<String>,
    },
}

/// What a look at a session's activities brought.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Digest {
    /// What is news, oldest first.
    pub news: Vec<News>,
    /// The newest time seen so far; never earlier than before.
    pub cursor: Option<Timestamp>,
    /// The activities that were taken in lately.
    pub recent: Vec<(ActivityId, Option<Timestamp>)>,
    /// The agent itself did something.
    pub agent: bool,
}

/// From when a look asks, so that what comes late is seen.
#[must_use]
pub fn ask_from(cursor: Option<Timestamp>) -> Option<Timestamp> {
    cursor.map(|cursor| cursor.saturating_sub(OVERLAP).unwrap_or(cursor))
}

/// Takes in what a look showed: all of it again, or only what is new, in any order.
#[must_use]
pub fn digest(
    activities: &[Activity],
    cursor: Option<Timestamp>,
    recent: &[(ActivityId, Option<Timestamp>)],
) -> Digest {
    let mut digest = Digest { cursor, recent: recent.to_vec(), ..Digest::default() };
    let mut fresh: Vec<&Activity> = Vec::new();
    for activity in activities {
        let known = |(id, _): &(ActivityId, _)| *id == activity.id;
        let before = digest.recent.iter().any(known);
        // A server that does not know our filter shows what was taken in long ago.
        let old = match (activity.created, ask_from(cursor)) {
            (Some(created), Some(from)) => created < from,
            _ => false,
        };
        if !before && !old {
            digest.recent.push((activity.id.clone(), activity.created));
            digest.cursor = digest.cursor.max(activity.created);
            fresh.push(activity);
        }
    }
    // In the order of their times; what has none stays where Jules put it, after what came before.
    let mut at = Timestamp::MIN;
    let mut ordered: Vec<(Timestamp, &Activity)> = Vec::new();
    for activity in fresh {
        at = activity.created.unwrap_or(at);
        ordered.push((at, activity));
    }
    ordered.sort_by_key(|(at, _)| *at);
    for (_, activity) in ordered {
        digest.agent |= activity.originator == Originator::Agent;
        take_in(activity, &mut digest.news);
    }
    forget(&mut digest);
    digest
}

/// Forgets what no look can show again.
fn forget(digest: &mut Digest) {
    if let Some(from) = ask_from(digest.cursor) {
        digest.recent.retain(|(_, created)| created.is_none_or(|created| created >= from));
    }
    let surplus = digest.recent.len().saturating_sub(REMEMBERED);
    digest.recent.drain(..surplus);
}

fn take_in(activity: &Activity, news: &mut Vec<News>) {
    let change = activity.artifacts.iter().rev().find_map(|artifact| match artifact {
        Artifact::Change(change) => Some(change),
        _ => None,
    });
    if let Some(change) = change {
        news.push(News::Patch {
            activity: activity.id.clone(),
            commit_message: change.commit_message.clone(),
        });
    }
    for event in &activity.events {
        news.extend(one(event, activity));
    }
}

fn one(event: &Event, activity: &Activity) -> Option<News> {
    Some(match event {
        Event::PlanGenerated(plan) => {
            News::Plan { id: activity.plan_id(plan)?, plan: plan.clone() }
        }
        Event::PlanApproved(plan) => News::Approved(plan.clone()),
        Event::AgentMessaged(text) => News::Message(said(text)?),
        Event::UserMessaged(text) => News::UserMessage(text.clone()),
        Event::Progress { title, description } => {
            let words = title.as_deref().or(description.as_deref())?;
            News::Progress(said(words)?)
        }
        Event::SessionCompleted => News::Completed { activity: activity.id.clone() },
        Event::SessionFailed { reason } => {
            News::Failed { activity: activity.id.clone(), reason: reason.as_deref().and_then(said) }
        }
        Event::Other(_) => return None,
    })
}

/// A text that says something.
fn said(text: &str) -> Option<String> {
    let text = text.trim();
    (!text.is_empty()).then(|| text.to_owned())
}

/// Which step of a plan some progress is about, counted from 1: the step of those words, or one with
/// nearly the same. Jules does not number its progress, so what is not alike is no step at all.
#[must_use]
pub fn step_of(progress: &str, steps: &[PlanStep]) -> Option<u32> {
    /// How alike the words have to be.
    const ALIKE: f64 = 0.8;
    let progress = words(progress);
    let alike = |step: &PlanStep| {
        let title = words(&step.title);
        let begins = title.len() >= 12
            && (progress.starts_with(&title)
                || (progress.len() >= 12 && title.starts_with(&progress)));
        if begins { 1.0 } else { strsim::sorensen_dice(&progress, &title) }
    };
    let best = steps.iter().enumerate().map(|(n, step)| (n, alike(step)));
    let (n, likeness) = best.max_by(|(_, one), (_, other)| one.total_cmp(other))?;
    if likeness < ALIKE {
        return None;
    }
    u32::try_from(n + 1).ok()
}

fn words(text: &str) -> String {
    let plain: String = text.chars().map(|c| if c.is_alphanumeric() { c } else { ' ' }).collect();
    plain.to_lowercase().split_whitespace().collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn activity(id: &str, second: Option<i64>, event: Event) -> Activity {
        Activity {
            id: ActivityId(id.to_owned()),
            created: second.map(|second| Timestamp::from_second(second).unwrap()),
            originator: Originator::Agent,
            description: None,
            events: vec![event],
            artifacts: Vec::new(),
        }
    }

    fn say(id: &str, second: i64) -> Activity {
        activity(id, Some(second), Event::AgentMessaged(id.to_owned()))
    }

    /// The messages; there is no other news here.
    fn told(digest: &Digest) -> Vec<&str> {
        let mut told = Vec::new();
        for news in &digest.news {
            if let News::Message(text) = news {
                told.push(text.as_str());
            }
        }
        assert_eq!(told.len(), digest.news.len());
        told
    }

    #[test]
    fn what_comes_twice_or_late_is_taken_in_once_and_in_order() {
        let first = digest(&[say("b", 20), say("a", 10)], None, &[]);
        assert_eq!(told(&first), ["a", "b"]);
        let late = [say("a", 10), say("b", 20), say("late", 15), say("c", 20)];
        let second = digest(&late, first.cursor, &first.recent);
        assert_eq!(told(&second), ["late", "c"]);
        assert_eq!(second.cursor, first.cursor);
        let third = digest(&late, second.cursor, &second.recent);
        assert!(third.news.is_empty());
    }

    #[test]
    fn what_was_forgotten_is_not_news_when_the_filter_is_not_heeded() {
        let first = digest(&[say("a", 10), say("b", 10_000)], None, &[]);
        assert!(!first.recent.iter().any(|(id, _)| id.0 == "a"));
        let again = digest(&[say("a", 10), say("b", 10_000)], first.cursor, &first.recent);
        assert!(again.news.is_empty(), "{again:?}");
    }

    #[test]
    fn two_kinds_in_one_activity_are_both_news_and_an_unknown_one_is_none() {
        let mut both = say("a", 10);
        both.events.push(Event::Other("haikuComposed".to_owned()));
        both.events.push(Event::SessionCompleted);
        let digest = digest(&[both], None, &[]);
        assert_eq!(digest.news.len(), 2);
    }

    #[test]
    fn a_step_is_known_by_its_words_and_never_guessed() {
        let steps =
            ["Look through the repository", "Rename the folder `frontend`", "Run the tests"]
                .map(|title| PlanStep { title: title.to_owned(), description: None });
        assert_eq!(step_of("Rename the folder frontend", &steps), Some(2));
        assert_eq!(step_of("rename the folder `frontend`: done", &steps), Some(2));
        assert_eq!(step_of("Run the tests.", &steps), Some(3));
        assert_eq!(step_of("Ran bash command", &steps), None);
        assert_eq!(step_of("", &steps), None);
        assert_eq!(step_of("Run the tests", &[]), None);
    }

    proptest! {
        #[test]
        fn the_cursor_never_goes_back_and_nothing_is_told_twice(
            looks in prop::collection::vec(prop::collection::vec((0_u8..40, prop::option::of(0_i64..900)), 0..12), 1..8)
        ) {
            let mut cursor = None;
            let mut recent = Vec::new();
            let mut all = Vec::new();
            // An activity keeps its time.
            let mut times = std::collections::HashMap::new();
            for look in looks {
                let page: Vec<Activity> = look
                    .into_iter()
                    .map(|(n, second)| {
                        let second = *times.entry(n).or_insert(second);
                        activity(&n.to_string(), second, Event::AgentMessaged(n.to_string()))
                    })
                    .collect();
                let digest = digest(&page, cursor, &recent);
                prop_assert!(digest.cursor >= cursor);
                all.extend(told(&digest).into_iter().map(str::to_owned));
                (cursor, recent) = (digest.cursor, digest.recent);
            }
            let mut once = all.clone();
            once.sort();
            once.dedup();
            prop_assert_eq!(once.len(), all.len());
        }
    }
}
