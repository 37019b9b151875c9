//! The laws of the store, written once and stamped for every backend.
//!
//! A new backend is right when a line for it at the end of this file passes.

mod kill;
mod model;
pub(crate) mod place;

use jiff::{SignedDuration, Timestamp};
use place::Place;
use std::collections::HashSet;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use store::{Doc, Due, Expect, Key, Precondition, PutResult, Rev, Store};

/// Some time; the laws hold at any.
pub(crate) fn noon() -> Timestamp {
    "2026-03-01T12:00:00Z".parse().expect("a time")
}

/// So many seconds after noon, or before it.
pub(crate) fn at(seconds: i64) -> Timestamp {
    noon() + SignedDuration::from_secs(seconds)
}

pub(crate) fn doc(body: &str) -> Doc {
    Doc { body: body.to_owned().into(), wake_at: None, expires_at: None }
}

pub(crate) fn waking(body: &str, wake_at: Timestamp) -> Doc {
    Doc { wake_at: Some(wake_at), ..doc(body) }
}

pub(crate) fn expiring(body: &str, expires_at: Timestamp) -> Doc {
    Doc { expires_at: Some(expires_at), ..doc(body) }
}

pub(crate) fn key(name: &str) -> Key {
    Key::new(name)
}

/// Writes what must not conflict.
pub(crate) async fn stored(
    store: &dyn Store,
    name: &str,
    doc: &Doc,
    expect: Expect,
    now: Timestamp,
) -> Rev {
    match store.put(&key(name), doc, expect, now).await.expect("the store answers") {
        PutResult::Stored(rev) => rev,
        PutResult::Conflict => panic!("{name}: conflict"),
    }
}

async fn conflicts(store: &dyn Store, name: &str, expect: Expect, now: Timestamp) {
    let written = store.put(&key(name), &doc("late"), expect, now).await;
    assert_eq!(written.expect("the store answers"), PutResult::Conflict, "{name} {expect:?}");
}

/// Writes a new document while another is as expected.
pub(super) async fn put_given(
    store: &dyn Store,
    name: &str,
    other: &str,
    is: Expect,
    now: Timestamp,
) -> PutResult {
    let (key, other) = (key(name), key(other));
    let given = [Precondition { key: &other, is }];
    let written = store.put_given(&key, &doc("x"), Expect::Absent, &given, now).await;
    written.expect("the store answers")
}

pub(crate) async fn got(store: &dyn Store, name: &str, now: Timestamp) -> Option<(Rev, Doc)> {
    store.get(&key(name), now).await.expect("the store answers")
}

pub(crate) async fn due(store: &dyn Store, now: Timestamp, limit: usize) -> Vec<String> {
    let due = store.due(None, limit, now).await.expect("the store answers");
    due.iter().map(|due| due.key.to_string()).collect()
}

/// All that is due, asked for a few at a time.
pub(crate) async fn due_in_pages(store: &dyn Store, now: Timestamp, page: usize) -> Vec<String> {
    let (mut all, mut after) = (Vec::new(), None);
    loop {
        let due = store.due(after.as_ref(), page, now).await.expect("the store answers");
        assert!(due.len() <= page && due.is_sorted());
        all.extend(due.iter().map(|due| due.key.to_string()));
        if due.len() < page {
            return all;
        }
        after = due.last().cloned();
    }
}

pub(crate) async fn list(
    store: &dyn Store,
    prefix: &str,
    after: Option<&str>,
    limit: usize,
    now: Timestamp,
) -> Vec<String> {
    let after = after.map(Key::new);
    let keys = store.list(prefix, after.as_ref(), limit, now).await.expect("the store answers");
    keys.iter().map(Key::to_string).collect()
}

/// Law 1.
async fn what_is_put_is_what_is_got(place: Place) {
    let store = place.open();
    let every_byte: Vec<u8> = (0..=255).collect();
    let far_off: Timestamp = "9999-12-30T21:59:59.999999Z".parse().expect("a time");
    let docs = [
        doc(""),
        doc("{\"v\":1}"),
        Doc { body: every_byte.into(), ..waking("", at(1)) },
        Doc { body: vec![b'x'; 1_000_000].into(), ..expiring("", at(60)) },
        Doc {
            wake_at: Some(noon() + SignedDuration::from_micros(123_457)),
            expires_at: Some(at(60) + SignedDuration::from_micros(1)),
            ..doc("both, to the microsecond")
        },
        Doc { wake_at: Some(far_off), ..expiring("far off", far_off) },
        doc("no times any more"),
    ];
    assert_eq!(got(&*store, "a/ä {x} \n", noon()).await, None);
    let mut expect = Expect::Absent;
    for doc in docs {
        let rev = stored(&*store, "a/ä {x} \n", &doc, expect, noon()).await;
        let (again, back) = got(&*store, "a/ä {x} \n", noon()).await.expect("is there");
        assert!(back == doc && again == rev, "{:?} {:?}", doc.wake_at, back.wake_at);
        expect = Expect::At(rev);
    }
    assert_eq!(got(&*store, "a/ä {x} ", noon()).await, None, "another name is another document");
}

/// Law 2.
async fn create_is_exclusive(place: Place) {
    let store = place.open();
    stored(&*store, "a", &doc("first"), Expect::Absent, noon()).await;
    conflicts(&*store, "a", Expect::Absent, noon()).await;
    assert_eq!(got(&*store, "a", noon()).await.expect("is there").1, doc("first"));
}

/// Law 3.
async fn a_stale_writer_loses(place: Place) {
    let store = place.open();
    conflicts(&*store, "a", Expect::At(Rev(1)), noon()).await;
    let first = stored(&*store, "a", &doc("1"), Expect::Absent, noon()).await;
    let second = stored(&*store, "a", &doc("2"), Expect::At(first), noon()).await;
    conflicts(&*store, "a", Expect::At(first), noon()).await;
    conflicts(&*store, "a", Expect::At(Rev(second.0.wrapping_add(9))), noon()).await;
    assert_eq!(got(&*store, "a", noon()).await, Some((second, doc("2"))));
}

/// Law 3, where a write relies on another document.
async fn a_writer_who_relies_on_what_has_changed_loses(place: Place) {
    let store = place.open();
    let put = async |name, is, now| put_given(&*store, name, "other", is, now).await;
    assert!(matches!(put("before", Expect::Absent, noon()).await, PutResult::Stored(_)));
    assert_eq!(put("a", Expect::At(Rev(1)), noon()).await, PutResult::Conflict);

    let mortal = expiring("1", at(10));
    let old = stored(&*store, "other", &mortal, Expect::Absent, noon()).await;
    assert_eq!(put("a", Expect::Absent, noon()).await, PutResult::Conflict);
    let new = stored(&*store, "other", &mortal, Expect::At(old), noon()).await;
    assert_eq!(put("a", Expect::At(old), noon()).await, PutResult::Conflict);
    assert_eq!(got(&*store, "a", noon()).await, None, "nothing was written");
    assert_eq!(list(&*store, "", None, 9, noon()).await, ["before", "other"]);

    assert!(matches!(put("a", Expect::At(new), noon()).await, PutResult::Stored(_)));
    assert_eq!(put("a", Expect::At(new), noon()).await, PutResult::Conflict, "it is there already");
    assert_eq!(got(&*store, "other", noon()).await, Some((new, mortal)), "it is only looked at");

    assert_eq!(put("b", Expect::At(new), at(10)).await, PutResult::Conflict, "it has expired");
    assert!(matches!(put("b", Expect::Absent, at(10)).await, PutResult::Stored(_)));
}

/// Law 4.
async fn a_revision_is_never_reused(place: Place) {
    let store = place.open();
    let mut seen = HashSet::new();
    for life in 0..5 {
        let day = |hours: i64| at(life * 86_400 + hours * 3600);
        let born = stored(&*store, "a", &expiring("x", day(1)), Expect::Absent, day(0)).await;
        assert!(seen.insert(born), "{born:?} again");
        // Enough writes, late enough, for whatever a backend does to forget the document.
        for other in ["b", "c", "d"] {
            let doc = expiring("y", day(13));
            let rev = stored(&*store, other, &doc, Expect::Absent, day(12)).await;
            assert!(seen.insert(rev), "{rev:?} again");
        }
        conflicts(&*store, "a", Expect::At(born), day(12)).await;
    }
}

/// Law 5.
async fn expired_is_absent(place: Place) {
    let store = place.open();
    let mortal = Doc { wake_at: Some(at(0)), ..expiring("x", at(10)) };
    let rev = stored(&*store, "a", &mortal, Expect::Absent, noon()).await;
    let just_before = at(10) - SignedDuration::from_micros(1);
    assert!(got(&*store, "a", just_before).await.is_some());
    assert_eq!(due(&*store, just_before, 9).await, ["a"]);
    assert_eq!(list(&*store, "", None, 9, just_before).await, ["a"]);
    conflicts(&*store, "a", Expect::Absent, just_before).await;

    assert_eq!(got(&*store, "a", at(10)).await, None);
    assert!(due(&*store, at(10), 9).await.is_empty());
    assert!(list(&*store, "", None, 9, at(10)).await.is_empty());
    conflicts(&*store, "a", Expect::At(rev), at(10)).await;
    stored(&*store, "a", &doc("new"), Expect::Absent, at(10)).await;
    assert_eq!(got(&*store, "a", at(99_999)).await.expect("does not expire").1, doc("new"));
    assert!(due(&*store, at(99_999), 9).await.is_empty(), "the old wake-up time went with it");
}

/// Law 5, where many have expired and hide the few that have not.
async fn the_expired_do_not_hide_the_live(place: Place) {
    let store = place.open();
    for n in 0..250 {
        let mortal = Doc { wake_at: Some(at(n)), ..expiring("x", at(300)) };
        stored(&*store, &format!("a/{n:03}"), &mortal, Expect::Absent, noon()).await;
    }
    for n in [7, 100, 249] {
        let name = format!("a/{n:03}+");
        stored(&*store, &name, &waking("y", at(n)), Expect::Absent, noon()).await;
    }
    let live = ["a/007+", "a/100+", "a/249+"];
    assert_eq!(due(&*store, at(300), 9).await, live);
    assert_eq!(due(&*store, at(300), 2).await, live[..2]);
    assert_eq!(list(&*store, "a/", None, 9, at(300)).await, live);
    assert_eq!(list(&*store, "a/", Some("a/008"), 1, at(300)).await, live[1..2]);
}

/// Law 6.
async fn due_is_in_time_order_and_follows_the_last_write(place: Place) {
    let store = place.open();
    for (name, wake) in [("c", 3), ("a", 2), ("b", 2), ("later", 6), ("d", -5)] {
        stored(&*store, name, &waking("x", at(wake)), Expect::Absent, noon()).await;
    }
    stored(&*store, "asleep", &doc("x"), Expect::Absent, noon()).await;
    assert_eq!(due(&*store, at(5), 9).await, ["d", "a", "b", "c"]);
    assert_eq!(due(&*store, at(5), 2).await, ["d", "a"]);
    assert!(due(&*store, at(5), 0).await.is_empty());
    assert_eq!(due(&*store, at(6), usize::MAX).await.len(), 5, "the time itself counts");

    let (rev, _) = got(&*store, "d", noon()).await.expect("is there");
    let rev = stored(&*store, "d", &waking("x", at(4)), Expect::At(rev), noon()).await;
    assert_eq!(due(&*store, at(5), 9).await, ["a", "b", "c", "d"]);
    conflicts(&*store, "a", Expect::Absent, noon()).await;
    stored(&*store, "d", &doc("x"), Expect::At(rev), noon()).await;
    assert_eq!(due(&*store, at(5), 9).await, ["a", "b", "c"]);
}

/// Law 6, where so many are due that a reader that cannot read the first of them looks behind them.
async fn what_is_due_is_found_behind_any_number_of_others(place: Place) {
    let store = place.open();
    // Many at the same time, whose names are all there is to tell them apart.
    for n in 0..250 {
        let name = format!("a/{n:03}");
        stored(&*store, &name, &waking("x", at(n % 2)), Expect::Absent, noon()).await;
    }
    for name in ["Z", "é", "a/", "a/1"] {
        stored(&*store, name, &waking("x", at(1)), Expect::Absent, noon()).await;
    }
    stored(&*store, "later", &waking("x", at(6)), Expect::Absent, noon()).await;
    let all = due(&*store, at(5), usize::MAX).await;
    assert_eq!(all.len(), 254);
    for page in [1, 7, 100, 254, 300] {
        assert_eq!(due_in_pages(&*store, at(5), page).await, all, "{page} at a time");
    }
    let first = |wake, name: &str| {
        let after = Due { wake_at: wake, key: key(name) };
        let store = &store;
        async move {
            let next = store.due(Some(&after), 1, at(5)).await.expect("the store answers");
            next.first().map(|due| (due.wake_at, due.key.to_string()))
        }
    };
    let due = |wake, name: &str| Some((wake, name.to_owned()));
    assert_eq!(first(at(0), "a/248").await, due(at(1), "Z"));
    assert_eq!(first(at(1), "a/001").await, due(at(1), "a/003"));
    // A place that nobody has, or has any more, is a place all the same.
    assert_eq!(first(at(-9), "zzz").await, due(at(0), "a/000"));
    assert_eq!(first(at(1), "a/0").await, due(at(1), "a/001"));
    assert_eq!(first(at(1), "é").await, None);
    assert_eq!(first(at(9), "a").await, None, "behind now");
}

/// Law 6, where a store has lost the document `a` and still has its name: that is taken out of what is due, and the
/// document can be made again, also by a process whose clock is behind.
pub(super) async fn what_is_lost_is_due_no_more(store: &dyn Store) {
    let found = store.due(None, 9, at(5)).await.expect("the store answers");
    let names: Vec<&str> = found.iter().map(|due| due.key.as_str()).collect();
    assert_eq!(names, ["a", "b"]);
    for (due, is_lost) in found.iter().zip([true, false]) {
        let dropped = store::drop_if_gone(store, due, at(5)).await.expect("the store answers");
        assert_eq!(dropped, is_lost, "{due:?}");
    }
    assert_eq!(due(store, at(5), 9).await, ["b"]);
    assert_eq!(list(store, "", None, 9, at(5)).await, ["b"]);
    let behind = at(-86_400);
    let rev = stored(store, "a", &waking("again", at(2)), Expect::Absent, behind).await;
    assert_eq!(due(store, at(5), 9).await, ["b", "a"]);
    assert!(!store::drop_if_gone(store, &found[0], at(5)).await.expect("the store answers"));
    assert_eq!(got(store, "a", at(5)).await, Some((rev, waking("again", at(2)))));
}

/// Law 7.
async fn list_pages_one_prefix_in_order(place: Place) {
    let store = place.open();
    for name in ["task/b", "task/", "task", "task0", "task/é", "task/a/1", "task/A", "t", "tasl"] {
        stored(&*store, name, &doc("x"), Expect::Absent, noon()).await;
    }
    let all = ["task/", "task/A", "task/a/1", "task/b", "task/é"];
    assert_eq!(list(&*store, "task/", None, 99, noon()).await, all);
    let mut paged = Vec::new();
    let mut after = None;
    loop {
        let page = list(&*store, "task/", after.as_deref(), 2, noon()).await;
        assert!(page.len() <= 2);
        after = page.last().cloned();
        paged.extend(page);
        if after.is_none() || paged.len() > all.len() {
            break;
        }
    }
    assert_eq!(paged, all);
    assert_eq!(list(&*store, "task/", Some("a"), 1, noon()).await, ["task/"], "before the prefix");
    assert!(list(&*store, "task/", Some("u"), 9, noon()).await.is_empty(), "behind the prefix");
    assert_eq!(list(&*store, "task/", Some("task/aa"), 1, noon()).await, ["task/b"], "not a name");
    assert_eq!(list(&*store, "", None, 99, noon()).await.len(), 9);
    assert!(list(&*store, "task/", None, 0, noon()).await.is_empty());
}

/// Law 8, creating: of many, one wins, and what is stored is the winner's.
async fn of_many_creators_exactly_one_wins(place: Place) {
    for round in 0..10 {
        let name = format!("prize/{round}");
        let racers = (0..16).map(|racer| {
            let (store, key) = (place.open(), key(&name));
            async move {
                let doc = doc(&racer.to_string());
                let written = store.put(&key, &doc, Expect::Absent, noon()).await;
                (racer, written.expect("the store answers"))
            }
        });
        let endings = run_all(racers).await;
        let won: Vec<_> = endings.iter().filter(|(_, end)| *end != PutResult::Conflict).collect();
        assert_eq!(won.len(), 1, "{endings:?}");
        let (rev, kept) = got(&*place.open(), &name, noon()).await.expect("is there");
        assert_eq!((PutResult::Stored(rev), kept), (won[0].1, doc(&won[0].0.to_string())));
    }
}

/// Law 8, changing: no update is lost.
async fn of_many_counters_none_loses_a_count(place: Place) {
    stored(&*place.open(), "sum", &doc("0"), Expect::Absent, noon()).await;
    let counters = (0..8).map(|_| {
        let store = place.open();
        async move {
            for _ in 0..10 {
                while !count(&*store).await {}
            }
        }
    });
    run_all(counters).await;
    assert_eq!(got(&*place.open(), "sum", noon()).await.expect("is there").1, doc("80"));
}

/// Law 8, relying on another document: nothing is written after it has changed.
async fn of_many_who_rely_on_what_changes_none_is_late(place: Place) {
    for round in 0..10 {
        let other = format!("other/{round}");
        let first = stored(&*place.open(), &other, &doc("1"), Expect::Absent, noon()).await;
        let changed = Arc::new(AtomicBool::new(false));
        let racers = (0..16).map(|racer| {
            let (store, other, changed) = (place.open(), other.clone(), Arc::clone(&changed));
            async move {
                if racer == 8 {
                    stored(&*store, &other, &doc("2"), Expect::At(first), noon()).await;
                    changed.store(true, Ordering::SeqCst);
                    return;
                }
                for turn in 0..4 {
                    let is_late = changed.load(Ordering::SeqCst);
                    let name = format!("new/{round}/{racer}/{turn}");
                    let end = put_given(&*store, &name, &other, Expect::At(first), noon()).await;
                    assert!(!is_late || end == PutResult::Conflict, "{name} was written too late");
                }
            }
        });
        run_all(racers).await;
    }
}

async fn count(store: &dyn Store) -> bool {
    let (rev, old) = got(store, "sum", noon()).await.expect("is there");
    let sum: u32 = std::str::from_utf8(&old.body).expect("text").parse().expect("a number");
    let new = doc(&(sum + 1).to_string());
    let written = store.put(&key("sum"), &new, Expect::At(rev), noon()).await;
    written.expect("the store answers") != PutResult::Conflict
}

/// Runs them at the same time, on all threads.
async fn run_all<T: Send + 'static>(
    tasks: impl Iterator<Item = impl Future<Output = T> + Send + 'static>,
) -> Vec<T> {
    tasks.collect::<tokio::task::JoinSet<T>>().join_all().await
}

/// Hands the list of all laws to another macro.
macro_rules! every_law {
    ($stamp:ident! $($for:tt)*) => {
        $stamp! {
            $($for)*;
            what_is_put_is_what_is_got
            create_is_exclusive
            a_stale_writer_loses
            a_writer_who_relies_on_what_has_changed_loses
            a_revision_is_never_reused
            expired_is_absent
            the_expired_do_not_hide_the_live
            due_is_in_time_order_and_follows_the_last_write
            what_is_due_is_found_behind_any_number_of_others
            list_pages_one_prefix_in_order
            of_many_creators_exactly_one_wins
            of_many_counters_none_loses_a_count
            of_many_who_rely_on_what_changes_none_is_late
        }
    };
}

/// One test for each law; the expression makes a fresh, empty [`Place`].
macro_rules! tests {
    ($backend:ident = $place:expr; $($law:ident)*) => {
        mod $backend {
            use super::{Place, model};
            $(
                #[tokio::test(flavor = "multi_thread", worker_threads = 4)]
                async fn $law() {
                    super::$law($place).await;
                }
            )*

            #[test]
            fn any_history_is_as_in_the_model() {
                model::compare(|| $place);
            }
        }
    };
}

/// One function for all laws, for backends whose servers are too many to start for each.
macro_rules! in_turn {
    ($name:ident; $($law:ident)*) => {
        pub(crate) async fn $name(place: impl Fn() -> Place) {
            $($law(place()).await;)*
        }
    };
}

every_law!(tests! embedded = Place::file());
every_law!(tests! redis = Place::redis());
every_law!(in_turn! all);
