//! Many tasks that begin together: all of them are watched, and what they share is not written once
//! for each.

use crate::harness::bot::{Bot, Place};
use async_trait::async_trait;
use futures_util::future::join_all;
use jiff::{SignedDuration, Timestamp};
use jules_slack::store::{Doc, Expect, Key, Result, Rev, Store, Written};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

const MANY: usize = 25;

/// Far more than it takes; only there so that a broken test ends.
const MOST_ROUNDS: usize = 200;

/// The documents that they share: the watch over all sessions, and the meter of edits.
const SHARED: [&str; 2] = ["watch/", "edits/"];

/// How often each of them was written, or tried to.
type Writes = Arc<[AtomicUsize; SHARED.len()]>;

/// A store that counts.
struct Counting {
    store: Arc<dyn Store>,
    writes: Writes,
}

#[async_trait]
impl Store for Counting {
    async fn get(&self, key: &Key, now: Timestamp) -> Result<Option<(Rev, Doc)>> {
        self.store.get(key, now).await
    }

    async fn put(&self, key: &Key, doc: &Doc, expect: Expect, now: Timestamp) -> Result<Written> {
        if let Some(nth) = SHARED.iter().position(|kind| key.as_str().starts_with(kind)) {
            self.writes[nth].fetch_add(1, Ordering::SeqCst);
        }
        self.store.put(key, doc, expect, now).await
    }

    async fn due(&self, now: Timestamp, limit: usize) -> Result<Vec<Key>> {
        self.store.due(now, limit).await
    }

    async fn list(
        &self,
        prefix: &str,
        after: Option<&Key>,
        limit: usize,
        now: Timestamp,
    ) -> Result<Vec<Key>> {
        self.store.list(prefix, after, limit, now).await
    }
}

/// Everything that is due, all at once as the scheduler does it, until there are this many sessions
/// and their links.
async fn begin_together(bot: &Bot) {
    for _ in 0..MOST_ROUNDS {
        if bot.account().sessions().len() == MANY && posted(bot) == 2 * MANY {
            return;
        }
        let ticked = bot.running().run(|engine| async move {
            let due: Vec<Key> = engine.due(1000).await.expect("the store answers");
            let ticks = due.iter().map(|key| engine.tick(key));
            for ticked in join_all(ticks).await {
                ticked.expect("the store answers");
            }
            due.len()
        });
        if ticked.await == Some(0) {
            bot.hands.forward_to(bot.hands.now() + SignedDuration::from_secs(1));
        }
    }
    panic!("they do not begin:\n{}", bot.logged());
}

fn posted(bot: &Bot) -> usize {
    bot.slack_calls("chat.postMessage")
}

#[tokio::test]
async fn many_that_begin_together_are_watched_and_share_their_writes() {
    let writes = Writes::default();
    let count = Arc::clone(&writes);
    let wrap =
        move |store| -> Arc<dyn Store> { Arc::new(Counting { store, writes: Arc::clone(&count) }) };
    let bot = Bot::with_store(Place::redis(), Arc::new(wrap)).await;
    bot.account().limits(MANY, MANY);
    for n in 0..MANY {
        let line = format!("/jules repo=404less mend {n}");
        let ack = bot.slack.user("ann").types("dev", &line).await;
        assert!(ack.expect("can type there").ok());
    }
    begin_together(&bot).await;
    for (kind, written) in SHARED.iter().zip(&*writes) {
        let written = written.load(Ordering::SeqCst);
        assert!((1..MANY).contains(&written), "{written} writes of {kind} for {MANY} tasks");
    }
    for session in bot.account().sessions() {
        bot.account().run(&session.id);
    }
    bot.watch(120).await;
    for card in bot.cards("dev") {
        let thread = bot.slack.thread("dev", &card.ts);
        let ends = thread.iter().filter(|post| post.shown.contains("*Finished*")).count();
        assert_eq!(ends, 1, "{thread:#?}");
    }
}
