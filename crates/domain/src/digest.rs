//! Activities → what is news, in order. Pure, and forgiving: what is not known is passed over, what
//! comes late or twice is noticed, and nothing here decides what to say.

use super::activity::{Activity, ActivityId, Artifact, Event, Originator, Plan, PlanStep};
use super::ids::PlanId;
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

/// How far back a look asks again: an activity may show up late, with an earlier time
/// (jules-api.md §7.2, F10).
pub(crate) const OVERLAP: SignedDuration = SignedDuration::from_mins(2);

/// The most activities that are remembered as taken in. A stored one is some 70 bytes.
const REMEMBERED: usize = 400;

/// How far the activities of a session were taken in.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct ReadMark {
    /// The time of the newest activity, by Jules' clock, but never beyond our own now: what came from the
    /// future would hide everything until then. Where Jules' clock is ahead, more is asked for again.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub newest: Option<Timestamp>,
    /// The activities that were taken in lately: whatever a look with overlap can show again.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub recent: Vec<(ActivityId, Option<Timestamp>)>,
    /// Everything up to this time was taken in, remembered or not. More came at a time than is
    /// remembered.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub settled: Option<Timestamp>,
    /// The time of the newest plan or message of Jules.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub said: Option<Timestamp>,
    /// Jules went on with its work since then, so what it may be waiting for was not said yet.
    pub moved_on: bool,
    /// Some activities were read without their artifacts, so a change may have been missed.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub without_artifacts: bool,
}

impl ReadMark {
    /// From when a look asks, so that what comes late is seen. Where Jules is waiting for a person
    /// (`awaits`) and nothing says for what, that is the time of what it said last: the plan or the
    /// question may come minutes late, with its own time.
    ///
    /// A reading that continues one that was cut short passes `false`, or it would read the same again.
    #[must_use]
    pub fn ask_from(&self, awaits: bool) -> Option<Timestamp> {
        let from = self.newest.map(|newest| newest.saturating_sub(OVERLAP).unwrap_or(newest));
        let from = from.max(self.settled);
        if awaits && self.moved_on { from.min(self.said) } else { from }
    }

    /// Whether an activity was taken in before, or is too old to be news.
    fn knows(&self, activity: &Activity, awaits: bool) -> bool {
        if self.recent.iter().any(|(id, _)| *id == activity.id) {
            return true;
        }
        let Some(created) = activity.created else { return false };
        if self.settled.is_some_and(|settled| created <= settled) {
            return true;
        }
        // A server that does not know our filter shows what was taken in long ago.
        let is_old = self.ask_from(false).is_some_and(|from| created < from);
        let is_late = awaits && says(activity) && self.said < Some(created);
        is_old && !is_late
    }

    fn take(&mut self, activity: &Activity, now: Timestamp) {
        self.recent.push((activity.id.clone(), activity.created));
        self.without_artifacts |= activity.without_artifacts;
        let at = activity.created.map(|created| created.min(now));
        self.newest = self.newest.max(at);
        if says(activity) {
            self.said = self.said.max(at);
            self.moved_on = false;
        } else if is_agents(activity) {
            self.moved_on = true;
        }
    }

    /// Forgets what no look can show again.
    fn forget(&mut self) {
        if let Some(from) = self.ask_from(false) {
            self.recent.retain(|(_, created)| created.is_none_or(|created| created >= from));
        }
        let surplus = self.recent.len().saturating_sub(REMEMBERED);
        if surplus > 0 {
            // The oldest go first, whatever the order in which they came.
            self.recent.sort_by_key(|(_, created)| *created);
            let gone = self.recent.drain(..surplus);
            self.settled = gone.filter_map(|(_, created)| created).chain(self.settled).max();
        }
    }
}

/// Whether Jules says something that a person may have to answer.
fn says(activity: &Activity) -> bool {
    let says = |event: &Event| matches!(event, Event::PlanGenerated(_) | Event::AgentMessaged(_));
    activity.events.iter().any(says)
}

/// Whether Jules itself did this. Where it isn't told who did, its kind says so.
fn is_agents(activity: &Activity) -> bool {
    match activity.originator {
        Originator::Agent => true,
        Originator::User => false,
        Originator::System | Originator::Unknown(_) => {
            activity.events.iter().any(|event| match event {
                Event::PlanGenerated(_)
                | Event::AgentMessaged(_)
                | Event::Progress { .. }
                | Event::SessionCompleted
                | Event::SessionFailed { .. } => true,
                Event::PlanApproved(_) | Event::UserMessaged(_) | Event::Other(_) => false,
            })
        }
    }
}

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
    /// A plan was approved, by anyone.
    Approved(Option<PlanId>),
    /// Jules says or asks something.
    Message(String),
    /// Someone wrote to Jules: we did, or a person on its own page.
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
    /// How far everything was taken in now.
    pub mark: ReadMark,
    /// The agent itself did something.
    pub agent: bool,
}

/// Takes in what a look showed: all of it again, or only what is new, in any order. `awaits`: Jules is
/// waiting for a person.
#[must_use]
pub fn digest(activities: &[Activity], mark: &ReadMark, awaits: bool, now: Timestamp) -> Digest {
    let mut digest = Digest { mark: mark.clone(), ..Digest::default() };
    let mut fresh: Vec<&Activity> = Vec::new();
    for activity in activities {
        let again = fresh.iter().any(|known| known.id == activity.id);
        if !again && !mark.knows(activity, awaits) {
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
        digest.mark.take(activity, now);
        digest.agent |= is_agents(activity);
        let is_late = activity.created.is_some_and(|created| mark.newest > Some(created));
        take_in(activity, is_late, &mut digest.news);
    }
    digest.mark.forget();
    digest
}

/// Progress that comes late is none: Jules was further already, or done.
fn take_in(activity: &Activity, is_late: bool, news: &mut Vec<News>) {
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
    let is_past = |event: &&Event| is_late && matches!(event, Event::Progress { .. });
    for event in activity.events.iter().filter(|event| !is_past(event)) {
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
pub(crate) fn step_of(progress: &str, steps: &[PlanStep]) -> Option<u32> {
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
            without_artifacts: false,
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

    /// What a look shows after `mark`, long after all of it happened.
    fn look(page: &[Activity], mark: &ReadMark) -> Digest {
        digest(page, mark, false, Timestamp::from_second(1_000_000).unwrap())
    }

    #[test]
    fn what_comes_twice_or_late_is_taken_in_once_and_in_order() {
        let first = look(&[say("b", 20), say("a", 10)], &ReadMark::default());
        assert_eq!(told(&first), ["a", "b"]);
        let late = [say("a", 10), say("b", 20), say("late", 15), say("c", 20)];
        let second = look(&late, &first.mark);
        assert_eq!(told(&second), ["late", "c"]);
        assert_eq!(second.mark.newest, first.mark.newest);
        let third = look(&late, &second.mark);
        assert!(third.news.is_empty());
    }

    #[test]
    fn progress_that_comes_late_is_none() {
        let progress = |id: &str, second| {
            let event = Event::Progress { title: Some(id.to_owned()), description: None };
            activity(id, Some(second), event)
        };
        let first = look(&[progress("a", 10), say("b", 20)], &ReadMark::default());
        assert_eq!(first.news.len(), 2);
        let page = [progress("late", 15), progress("c", 20), progress("d", 30)];
        let second = look(&page, &first.mark);
        let told = [News::Progress("c".to_owned()), News::Progress("d".to_owned())];
        assert_eq!(second.news, told);
    }

    #[test]
    fn where_jules_does_not_tell_whose_an_activity_is_its_kind_does() {
        let is_agents = |originator: Originator, event: Event| {
            let one = Activity { originator, ..activity("a", Some(10), event) };
            look(&[one], &ReadMark::default()).agent
        };
        let progress =
            || Event::Progress { title: Some("Ran tests".to_owned()), description: None };
        assert!(is_agents(Originator::System, progress()));
        assert!(is_agents(Originator::Unknown("robot".to_owned()), progress()));
        assert!(!is_agents(Originator::User, progress()));
        assert!(!is_agents(Originator::System, Event::UserMessaged("hello".to_owned())));
        assert!(!is_agents(Originator::System, Event::Other("haikuComposed".to_owned())));
    }

    #[test]
    fn what_was_forgotten_is_not_news_when_the_filter_is_not_heeded() {
        let first = look(&[say("a", 10), say("b", 10_000)], &ReadMark::default());
        assert!(!first.mark.recent.iter().any(|(id, _)| id.0 == "a"));
        let again = look(&[say("a", 10), say("b", 10_000)], &first.mark);
        assert!(again.news.is_empty(), "{again:?}");
    }

    #[test]
    fn two_kinds_in_one_activity_are_both_news_and_an_unknown_one_is_none() {
        let mut both = say("a", 10);
        both.events.push(Event::Other("haikuComposed".to_owned()));
        both.events.push(Event::SessionCompleted);
        assert_eq!(look(&[both], &ReadMark::default()).news.len(), 2);
    }

    #[test]
    fn an_activity_from_the_future_is_told_once_and_deafens_nobody() {
        let now = Timestamp::from_second(1_000).unwrap();
        let first = digest(&[say("a", 990), say("odd", 99_999)], &ReadMark::default(), false, now);
        assert_eq!(told(&first), ["a", "odd"]);
        let later = Timestamp::from_second(1_100).unwrap();
        let page = [say("a", 990), say("odd", 99_999), say("b", 1_050)];
        let second = digest(&page, &first.mark, false, later);
        assert_eq!(told(&second), ["b"]);
    }

    #[test]
    fn more_at_a_time_than_is_remembered_is_told_once() {
        let page: Vec<Activity> = (0..450).map(|n| say(&n.to_string(), 100 + n / 4)).collect();
        let first = look(&page, &ReadMark::default());
        assert_eq!(told(&first).len(), 450);
        assert!(first.mark.recent.len() <= REMEMBERED);
        let again = look(&page, &first.mark);
        assert_eq!(told(&again), Vec::<&str>::new());
        let next = look(&[say("450", 213)], &again.mark);
        assert_eq!(told(&next), ["450"]);
    }

    #[test]
    fn a_question_that_comes_minutes_late_is_found_where_jules_is_waiting() {
        let worked = |id, second| {
            let title = Some(id);
            activity(
                id,
                Some(second),
                Event::Progress { title: title.map(str::to_owned), description: None },
            )
        };
        let first = look(&[say("plan", 10), worked("w", 1_000)], &ReadMark::default());
        let late = [say("plan", 10), say("question", 700), worked("w", 1_000)];
        assert_eq!(told(&look(&late, &first.mark)), Vec::<&str>::new(), "nobody is waited for");
        assert_eq!(first.mark.ask_from(true), Timestamp::from_second(10).ok());
        let now = Timestamp::from_second(1_100).unwrap();
        let found = digest(&late, &first.mark, true, now);
        assert_eq!(told(&found), ["question"]);
        assert!(digest(&late, &found.mark, true, now).news.is_empty());
        // What was waited for is known now: a look asks as usual.
        assert_eq!(found.mark.ask_from(true), found.mark.ask_from(false));
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
        fn the_mark_never_goes_back_and_nothing_is_told_twice(
            looks in prop::collection::vec(prop::collection::vec((0_u8..40, prop::option::of(0_i64..900)), 0..12), 1..8)
        ) {
            let mut mark = ReadMark::default();
            let mut all = Vec::new();
            // An activity keeps its time.
            let mut times = std::collections::HashMap::new();
            for shown in looks {
                let page: Vec<Activity> = shown
                    .into_iter()
                    .map(|(n, second)| {
                        let second = *times.entry(n).or_insert(second);
                        activity(&n.to_string(), second, Event::AgentMessaged(n.to_string()))
                    })
                    .collect();
                let digest = look(&page, &mark);
                prop_assert!(digest.mark.newest >= mark.newest);
                all.extend(told(&digest).into_iter().map(str::to_owned));
                mark = digest.mark;
            }
            let mut once = all.clone();
            once.sort();
            once.dedup();
            prop_assert_eq!(once.len(), all.len());
        }
    }
}
