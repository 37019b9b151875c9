//! Where a process dies or stands still: every write to the store and every call is two points, one
//! before and one after it, and a test chooses at which of them it happens.

use super::bot::{Bot, Wrap};
use async_trait::async_trait;
use kit::around::{Around, Wrapped};
use sim::{jules, slack};
use std::sync::{Arc, Mutex};
use store::{Doc, Key, PutResult, Result};
use tokio::sync::watch;

/// What happens to a process, and at which point. Clones are the same fate.
#[derive(Clone)]
pub(crate) struct Fate(Arc<Inner>);

struct Inner {
    state: Mutex<State>,
    /// The point at which it met its fate.
    met: watch::Sender<Option<String>>,
}

#[derive(Default)]
struct State {
    /// Whether points are counted.
    counts: bool,
    passed: Vec<String>,
    /// The number of the point at which it happens, counted from 0.
    at: Option<usize>,
}

impl Fate {
    /// Nothing happens, and nothing is counted yet.
    pub(crate) fn open() -> Self {
        let (met, _) = watch::channel(None);
        Self(Arc::new(Inner { state: Mutex::default(), met }))
    }

    /// From here on points count; at number `at`, from 0, it happens.
    pub(crate) fn falls(&self, at: Option<usize>) {
        *self.state() = State { counts: true, passed: Vec::new(), at };
    }

    /// What stood still goes on, nothing more happens, and nothing counts.
    pub(crate) fn lift(&self) {
        *self.state() = State::default();
        self.0.met.send_replace(None);
    }

    /// The points passed since they count.
    pub(crate) fn passed(&self) -> Vec<String> {
        self.state().passed.clone()
    }

    /// Ends when it has happened, with the point's name.
    pub(crate) async fn met(&self) -> String {
        let mut met = self.0.met.subscribe();
        let point = met.wait_for(Option::is_some).await.expect("we hold the sender");
        point.clone().unwrap_or_default()
    }

    fn state(&self) -> std::sync::MutexGuard<'_, State> {
        self.0.state.lock().expect("not poisoned")
    }

    /// Passes a point; true when it is the one, or one was met before.
    fn meets(&self, point: &str) -> bool {
        if self.0.met.borrow().is_some() {
            return true;
        }
        let mut state = self.state();
        if !state.counts {
            return false;
        }
        state.passed.push(point.to_owned());
        let met = state.at.is_some_and(|at| at + 1 == state.passed.len());
        drop(state);
        if met {
            self.0.met.send_replace(Some(point.to_owned()));
        }
        met
    }

    /// Passes a point of the store, where it stands until the fate is lifted.
    async fn pass(&self, point: &str) {
        if self.meets(point) {
            let mut met = self.0.met.subscribe();
            met.wait_for(Option::is_none).await.expect("we hold the sender");
        }
    }

    /// Puts itself around a store.
    pub(crate) fn around(&self) -> Wrap {
        let fate = self.clone();
        Arc::new(move |store| Arc::new(Wrapped { store, around: fate.clone() }))
    }

    /// Puts itself between a bot and the two services.
    pub(crate) fn between(&self, bot: &Bot) {
        let fate = self.clone();
        bot.slack.gate(Arc::new(move |call| {
            let name = &call.method;
            if fate.meets(&format!("before {name}")) {
                return Some(slack::Fault::HangBefore);
            }
            fate.meets(&format!("after {name}")).then_some(slack::Fault::HangAfter)
        }));
        let fate = self.clone();
        bot.jules.gate(Arc::new(move |call| {
            let name = call.op.method_name();
            if fate.meets(&format!("before {name}")) {
                return Some(jules::Fault::HangBefore);
            }
            fate.meets(&format!("after {name}")).then_some(jules::Fault::HangAfter)
        }));
    }
}

/// Every write is two points.
#[async_trait]
impl Around for Fate {
    async fn before_write(&self, key: &Key, _: &Doc) {
        if let Some(room) = room(key) {
            self.pass(&format!("before a write of {room}")).await;
        }
    }

    async fn after_write(&self, key: &Key, written: Result<PutResult>) -> Result<PutResult> {
        if let Some(room) = room(key) {
            self.pass(&format!("after a write of {room}")).await;
        }
        written
    }
}

/// The kind of a document. A sign of life has none: it's given besides, at no particular point.
fn room(key: &Key) -> Option<&str> {
    key.as_str().split('/').next().filter(|room| *room != "process")
}
