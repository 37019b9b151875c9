//! Who has the turn, and what cards are told.

use super::*;
use crate::quota::{Quota, Room};
use proptest::prelude::*;

fn at(second: i64) -> Timestamp {
    Timestamp::from_second(1_000_000 + second).unwrap()
}

fn id(task: &str) -> TaskId {
    TaskId::parse(task).unwrap()
}

/// The first letter of a task's name is its person, and its repository.
fn entry(task: &str) -> Entry {
    let user = UserId::parse(&task[..1].to_uppercase()).unwrap();
    Entry::new(id(task), user, SourceName(format!("sources/{}", &task[..1])), at(0))
}

fn line(tasks: &[&str]) -> WaitQueue {
    let mut queue = WaitQueue::default();
    tasks.iter().for_each(|task| queue.join(entry(task)));
    queue
}

fn order(queue: &WaitQueue) -> Vec<String> {
    queue.entries.iter().map(|entry| entry.task.to_string()).collect()
}

fn place(queue: &WaitQueue, task: &str) -> Option<u32> {
    queue.standing_of(&id(task)).unwrap().place.map(QueuePlace::number)
}

fn room() -> Shortage {
    Shortage::NoReason(Some(Room { today: 0, running: 0, quota: Quota::FREE }))
}

fn full() -> Shortage {
    Shortage::AllRunning { at_once: 3 }
}

/// The task that has the turn asks, for so many seconds; Jules refuses all but these.
fn ask(
    queue: &mut WaitQueue,
    seconds: std::ops::Range<i64>,
    why: &Shortage,
    good: &[&str],
) -> Vec<(i64, String)> {
    let mut asked = Vec::new();
    for second in seconds {
        while let Some(task) = queue.call_next(at(second)) {
            asked.push((second, task.to_string()));
            if good.contains(&task.to_string().as_str()) {
                queue.started(&task, at(second));
            } else {
                queue.refused(&task, why.clone(), at(second));
            }
        }
    }
    asked
}

fn who(asked: &[(i64, String)]) -> Vec<&str> {
    asked.iter().map(|(_, task)| task.as_str()).collect()
}

#[test]
fn people_take_turns_however_many_tasks_one_has() {
    let mut queue = line(&["a1", "a2", "a3", "b1", "b2"]);
    assert_eq!(order(&queue), ["a1", "b1", "a2", "b2", "a3"]);
    queue.leave(&id("a1"));
    // Who was just served does not come again before the others.
    queue.join(entry("a4"));
    queue.join(entry("c1"));
    assert_eq!(order(&queue), ["b1", "c1", "a2", "b2", "a3", "a4"]);
}

#[test]
fn nobody_waits_for_more_than_one_task_of_anybody_else() {
    let mut queue = WaitQueue::default();
    for n in 0..10 {
        queue.join(entry(&format!("a{n}")));
    }
    queue.join(entry("b1"));
    assert_eq!(place(&queue, "b1"), Some(2));
    // Serving goes on, and those who come later still have only their turn to wait for.
    queue.started(&id("a0"), at(0));
    queue.started(&id("b1"), at(0));
    queue.join(entry("b2"));
    assert_eq!(place(&queue, "b2"), Some(2));
}

#[test]
fn who_comes_first_is_served_first_and_nobody_stands_twice() {
    let mut queue = line(&["a1", "b1", "a1", "c1"]);
    assert_eq!(place(&queue, "c1"), Some(3));
    assert!(!queue.take_turn(&id("b1"), at(0)) && !queue.take_turn(&id("n1"), at(0)));
    assert!(queue.take_turn(&id("a1"), at(0)) && queue.take_turn(&id("a1"), at(1)));
    assert!(queue.leave(&id("a1")) && !queue.leave(&id("a1")));
    assert_eq!((place(&queue, "b1"), place(&queue, "c1")), (Some(1), Some(2)));
    assert!(queue.take_turn(&id("b1"), at(1)));
}

#[test]
fn while_the_limit_is_known_the_first_asks_and_only_now_and_then_the_next() {
    let mut queue = line(&["a1", "b1", "c1"]);
    let asked = ask(&mut queue, 0..200, &full(), &[]);
    let first = asked.iter().filter(|(_, task)| task == "a1").count();
    assert!((7..=9).contains(&first) && asked.len() - first == 1, "{asked:?}");
}

#[test]
fn a_task_that_jules_never_accepts_holds_up_nobody() {
    for why in [room(), full(), Shortage::NoReason(None)] {
        let mut queue = line(&["a1", "b1", "c1", "d1"]);
        let asked = ask(&mut queue, 0..120, &why, &["b1", "c1", "d1"]);
        assert_eq!(order(&queue), ["a1"], "{why:?}: {asked:?}");
        assert_eq!(place(&queue, "a1"), None, "it delays nobody");
        if why.has_room() {
            assert_eq!(who(&asked)[..4], ["a1", "b1", "c1", "d1"]);
            assert_eq!(asked[3].0, 0, "at once");
        }
    }
}

#[test]
fn however_many_jules_never_accepts_the_rest_is_started() {
    let bad: Vec<String> = (1..=20).map(|n| format!("a{n}")).collect();
    let mut all: Vec<&str> = bad.iter().map(String::as_str).collect();
    all.push("a99");
    let mut queue = line(&all);
    let asked = ask(&mut queue, 0..1_800, &room(), &["a99"]);
    assert!(who(&asked).contains(&"a99"), "{asked:?}");
    // Of another repository it is at once.
    let mut queue = line(&all[..20]);
    queue.join(entry("b1"));
    assert_eq!(ask(&mut queue, 0..1, &room(), &["b1"])[1], (0, "b1".to_owned()));
}

#[test]
fn what_is_refused_alone_tries_again_with_growing_waits() {
    let mut queue = line(&["a1", "b1"]);
    let asked = ask(&mut queue, 0..3_600, &room(), &["b1"]);
    let times: Vec<i64> =
        asked.iter().filter(|(_, task)| task == "a1").map(|(at, _)| *at).collect();
    assert_eq!(times[..6], [0, 15, 30, 60, 120, 240]);
    assert_eq!(times[times.len() - 1] - times[times.len() - 2], 300);
    // A task that comes later does not wait for it.
    queue.join(entry("c1"));
    assert_eq!(who(&ask(&mut queue, 3_600..3_601, &room(), &["c1"])), ["c1"]);
}

#[test]
fn people_take_turns_past_a_task_that_is_refused_alone() {
    let mut queue = line(&["x1", "a1", "b1", "b2"]);
    ask(&mut queue, 0..1, &room(), &["a1"]);
    assert_eq!(order(&queue), ["x1", "b1", "b2"]);
    queue.join(entry("a2"));
    assert_eq!(order(&queue), ["x1", "b1", "b2", "a2"], "ann was served in this round");
    assert_eq!((place(&queue, "b1"), place(&queue, "a2")), (Some(1), Some(3)));
}

#[test]
fn a_turn_that_is_not_used_goes_to_the_next() {
    let mut queue = line(&["a1", "b1"]);
    assert_eq!(queue.call_next(at(0)), Some(id("a1")));
    assert_eq!(queue.call_next(at(59)), None);
    assert_eq!(queue.wake_at(at(59)), Some(at(59)), "nobody was told yet");
    assert_eq!(queue.call_next(at(60)), Some(id("b1")));
    assert!(!queue.take_turn(&id("a1"), at(61)));
    queue.refused(&id("b1"), full(), at(61));
    assert_eq!(queue.call_next(at(95)), Some(id("a1")));
}

#[test]
fn places_far_back_are_told_in_coarse_steps() {
    let mut queue = WaitQueue::default();
    for n in 0..200 {
        queue.join(entry(&format!("a{n:03}")));
    }
    for (task, standing) in queue.untold() {
        queue.mark_told(&task, standing);
    }
    let mut most = 0;
    for n in 0..200 {
        queue.started(&id(&format!("a{n:03}")), at(n));
        let untold = queue.untold();
        most = most.max(untold.len());
        for (task, standing) in untold {
            queue.mark_told(&task, standing);
        }
    }
    assert!(most <= 8, "{most} cards for one departure");
    assert_eq!(
        [1, 3, 4, 9, 20, 57, 199].map(|n| QueuePlace::near(n).number()),
        [1, 3, 5, 10, 20, 50, 100]
    );
}

#[test]
fn a_reason_that_holds_for_all_is_told_to_all_and_one_tasks_own_to_that_task() {
    let mut queue = line(&["a1", "b1", "c1"]);
    queue.refused(&id("a1"), room(), at(0));
    assert_eq!(queue.standing_of(&id("a1")).unwrap().why, Some(room()));
    assert_eq!(queue.standing_of(&id("c1")).unwrap().why, None);
    queue.refused(&id("b1"), full(), at(1));
    assert_eq!(queue.standing_of(&id("c1")).unwrap().why, Some(full()));
    assert_eq!(queue.standing_of(&id("a1")).unwrap().why, Some(room()));
}

#[test]
fn a_clock_that_was_set_back_stops_nothing() {
    let mut queue = line(&["a1", "b1"]);
    queue.refused(&id("a1"), full(), at(100_000));
    assert_eq!(queue.call_next(at(0)), Some(id("a1")));
    queue.refused(&id("a1"), full(), at(100_000));
    assert_eq!(queue.call_next(at(100_010)), Some(id("a1")));
    assert_eq!(queue.call_next(at(10)), Some(id("b1")), "nobody has the turn for a day");
}

proptest! {
    /// Whatever Jules refuses, what it accepts is started within minutes, and the line asks for no more
    /// than a call or two every few seconds.
    #[test]
    fn what_jules_accepts_is_started(
        good in prop::collection::vec(any::<bool>(), 1..12),
        people in prop::collection::vec(0_u8..4, 12),
        counted in any::<bool>(),
    ) {
        let names: Vec<String> = good.iter().enumerate()
            .map(|(n, _)| format!("{}{n}", char::from(b'a' + people[n]))).collect();
        let all: Vec<&str> = names.iter().map(String::as_str).collect();
        let accepted: Vec<&str> =
            all.iter().zip(&good).filter(|(_, good)| **good).map(|(name, _)| *name).collect();
        let mut queue = line(&all);
        let why = if counted { room() } else { full() };
        let asked = ask(&mut queue, 0..3_600, &why, &accepted);
        for task in &accepted {
            prop_assert!(who(&asked).contains(task), "{asked:?}");
        }
        prop_assert!(asked.len() < 600, "{} calls in an hour", asked.len());
    }
}
