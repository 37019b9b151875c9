//! The store as one would explain it on a napkin; any history on a real one must look the same.

use super::place::Place;
use super::{at, due, due_in_pages, got, key, list};
use jiff::{SignedDuration, Timestamp};
use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};
use std::collections::BTreeMap;
use store::{Doc, Expect, Precondition, PutResult, Rev, Store};

/// Few names, so that histories meet; each a prefix of some other.
const NAMES: [&str; 5] = ["a", "a/", "a/b", "a/c", "b"];

/// The current document of each name, live or not.
#[derive(Default)]
struct Model {
    documents: BTreeMap<&'static str, (Rev, Doc)>,
    last: u64,
}

impl Model {
    fn live(&self, name: &str, now: Timestamp) -> Option<&(Rev, Doc)> {
        let live = |doc: &Doc| doc.expires_at.is_none_or(|expires| now < expires);
        self.documents.get(name).filter(|(_, doc)| live(doc))
    }

    /// What someone expects who believes this.
    fn expect(&self, name: &str, belief: Belief, now: Timestamp) -> Expect {
        let live = self.live(name, now).map(|(rev, _)| *rev);
        match (belief, live) {
            (Belief::Absent, _) | (Belief::Current, None) => Expect::Absent,
            (Belief::Current, Some(rev)) => Expect::At(rev),
            (Belief::Stale, Some(rev)) => Expect::At(Rev(rev.0.wrapping_sub(1))),
            // The revision of what has expired, or one that was never this document's.
            (Belief::Stale, None) => {
                Expect::At(self.documents.get(name).map_or(Rev(1), |(rev, _)| *rev))
            }
        }
    }

    fn is_as(&self, name: &str, expect: Expect, now: Timestamp) -> bool {
        let live = self.live(name, now).map(|(rev, _)| *rev);
        match expect {
            Expect::Absent => live.is_none(),
            Expect::At(rev) => live == Some(rev),
        }
    }

    fn names(&self, now: Timestamp) -> impl Iterator<Item = (&'static str, &Doc)> {
        self.documents.keys().filter_map(move |name| Some((*name, &self.live(name, now)?.1)))
    }

    fn due(&self, now: Timestamp, limit: usize) -> Vec<&'static str> {
        let active = |(name, doc): (&'static str, &Doc)| Some((doc.wake_at?, name));
        let mut queue: Vec<_> = self.names(now).filter_map(active).collect();
        queue.retain(|(wake, _)| *wake <= now);
        queue.sort();
        queue.into_iter().map(|(_, name)| name).take(limit).collect()
    }

    fn list(&self, prefix: &str, after: Option<&str>, limit: usize, now: Timestamp) -> Vec<&str> {
        let names = self.names(now).map(|(name, _)| name);
        let fits = |name: &&str| name.starts_with(prefix) && after.is_none_or(|a| *name > a);
        names.filter(fits).take(limit).collect()
    }
}

/// Which revision a writer believes in.
#[derive(Debug, Clone, Copy)]
enum Belief {
    Absent,
    Current,
    Stale,
}

#[derive(Debug, Clone)]
enum Step {
    /// Times are seconds from the step's own time.
    Put {
        name: usize,
        body: Vec<u8>,
        wake: Option<i64>,
        expiry: Option<i64>,
        belief: Belief,
        /// Other documents that are relied on.
        given: Vec<(usize, Belief)>,
    },
    Get {
        name: usize,
    },
    Due {
        limit: usize,
    },
    List {
        prefix: usize,
        after: Option<usize>,
        limit: usize,
    },
    Pass {
        seconds: i64,
    },
}

fn step() -> impl Strategy<Value = Step> {
    let name = 0..NAMES.len();
    let belief = prop_oneof![
        3 => Just(Belief::Absent),
        4 => Just(Belief::Current),
        1 => Just(Belief::Stale),
    ];
    let put = (
        name.clone(),
        prop::collection::vec(any::<u8>(), 0..20),
        prop::option::of(-5..20_i64),
        prop::option::of(-2..20_i64),
        belief.clone(),
        prop::collection::vec((name.clone(), belief), 0..4),
    );
    prop_oneof![
        6 => put.prop_map(|(name, body, wake, expiry, belief, given)| {
            Step::Put { name, body, wake, expiry, belief, given }
        }),
        2 => name.clone().prop_map(|name| Step::Get { name }),
        2 => (0..6_usize).prop_map(|limit| Step::Due { limit }),
        2 => (name.clone(), prop::option::of(name), 0..6_usize)
            .prop_map(|(prefix, after, limit)| Step::List { prefix, after, limit }),
        2 => prop_oneof![0..10_i64, Just(7200)].prop_map(|seconds| Step::Pass { seconds }),
    ]
}

/// Plays random histories on a fresh place and in the model.
pub(crate) fn compare(place: impl Fn() -> Place) {
    let runtime = tokio::runtime::Runtime::new().expect("a runtime");
    let config = Config { cases: 48, failure_persistence: None, ..Config::default() };
    let histories = prop::collection::vec(step(), 1..40);
    let result = TestRunner::new(config).run(&histories, |history| {
        let place = place();
        runtime.block_on(play(&*place.open(), history));
        Ok(())
    });
    if let Err(different) = result {
        panic!("{different}");
    }
}

async fn play(store: &dyn Store, history: Vec<Step>) {
    let mut model = Model::default();
    let mut now = at(0);
    for step in history {
        match step {
            Step::Put { name, body, wake, expiry, belief, given } => {
                let after = |seconds| now + SignedDuration::from_secs(seconds);
                let (wake_at, expires_at) = (wake.map(after), expiry.map(after));
                let doc = Doc { body: body.into(), wake_at, expires_at };
                let given =
                    given.into_iter().map(|(other, belief)| (NAMES[other], belief)).collect();
                put(store, &mut model, (NAMES[name], belief), doc, given, now).await;
            }
            Step::Get { name } => {
                let model = model.live(NAMES[name], now).cloned();
                assert_eq!(got(store, NAMES[name], now).await, model);
            }
            Step::Due { limit } => {
                assert_eq!(due(store, now, limit).await, model.due(now, limit));
                let all = model.due(now, usize::MAX);
                assert_eq!(due_in_pages(store, now, limit.max(1)).await, all);
            }
            Step::List { prefix, after, limit } => {
                let (prefix, after) = (NAMES[prefix], after.map(|after| NAMES[after]));
                let model = model.list(prefix, after, limit, now);
                assert_eq!(list(store, prefix, after, limit, now).await, model);
            }
            Step::Pass { seconds } => now += SignedDuration::from_secs(seconds),
        }
    }
}

/// The model says whether it is stored; which revision it gets is the store's choice, if a new one.
async fn put(
    store: &dyn Store,
    model: &mut Model,
    (name, belief): (&'static str, Belief),
    doc: Doc,
    given: Vec<(&'static str, Belief)>,
    now: Timestamp,
) {
    let expect = model.expect(name, belief, now);
    let given: Vec<_> =
        given.into_iter().map(|(other, is)| (other, model.expect(other, is, now))).collect();
    let fits = model.is_as(name, expect, now)
        && given.iter().all(|(other, expect)| model.is_as(other, *expect, now));
    let about = format!("{name} with {expect:?} given {given:?}");
    let others: Vec<_> = given.iter().map(|(other, is)| (key(other), *is)).collect();
    let given: Vec<_> = others.iter().map(|(key, is)| Precondition { key, is: *is }).collect();
    let written = store.put_given(&key(name), &doc, expect, &given, now).await;
    match written.expect("the store answers") {
        PutResult::Stored(rev) => {
            assert!(fits, "stored {about}");
            assert!(rev.0 > model.last, "{rev:?} is not new");
            model.last = rev.0;
            model.documents.insert(name, (rev, doc));
        }
        PutResult::Conflict => assert!(!fits, "conflict for {about}"),
    }
}
