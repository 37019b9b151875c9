//! What it costs to acknowledge each way in: at most one read and one write more than a command, and in a thread
//! two reads. Counted, not timed, once what is remembered has been read.

use crate::harness::bot::{Bot, Place, Transport};
use async_trait::async_trait;
use kit::around::{Around, Wrapped};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use store::{Doc, Key, Result};

/// Counts what is asked of the store.
#[derive(Clone, Default)]
struct Counted {
    asked: Arc<AtomicUsize>,
    written: Arc<AtomicUsize>,
}

#[async_trait]
impl Around for Counted {
    fn opens(&self) -> Result<()> {
        self.asked.fetch_add(1, Ordering::Relaxed);
        Ok(())
    }

    async fn before_write(&self, _key: &Key, _doc: &Doc) {
        self.written.fetch_add(1, Ordering::Relaxed);
    }
}

impl Counted {
    /// The reads and the writes since the last time.
    fn take(&self) -> (usize, usize) {
        let written = self.written.swap(0, Ordering::Relaxed);
        (self.asked.swap(0, Ordering::Relaxed) - written, written)
    }
}

async fn each_costs_little(place: Place) {
    let counted = Counted::default();
    let around = counted.clone();
    let wrap = Arc::new(move |store| Arc::new(Wrapped { store, around: around.clone() }) as Arc<_>);
    let bot = Bot::set_up(place, wrap, Transport::Http).await;
    // One event for each message: the other one is dropped by the same means.
    bot.slack.unsubscribe(&["app_mention"]);
    let ann = bot.slack.user("ann");
    bot.types("ann", "/jules repo=404less warm up").await;
    let root = bot.says("ben", None, "The login page is blank").await;
    ann.writes_to_the_bot(None, "hi").await.expect("can write");
    bot.settle().await;

    counted.take();
    ann.types("dev", "/jules repo=404less tidy up").await.expect("can type");
    let command = counted.take();
    bot.settle().await;

    let mut costs = Vec::new();
    counted.take();
    ann.mentions("dev", "repo=404less tidy up").await.expect("can write");
    costs.push(("a mention", counted.take()));
    bot.settle().await;
    counted.take();
    ann.mentions_in_thread("dev", &root, "repo=404less fix this").await.expect("can write");
    costs.push(("a mention in a thread", counted.take()));
    bot.settle().await;
    counted.take();
    ann.writes_to_the_bot(None, "repo=404less tidy up").await.expect("can write");
    costs.push(("a direct message", counted.take()));
    bot.settle().await;
    bot.says("ben", None, "Another report").await;
    counted.take();
    let used = ann.uses_message_shortcut("send_to_jules", "dev", "Another report").await;
    assert!(used.expect("is offered").ok());
    costs.push(("a shortcut on a message", counted.take()));
    bot.settle().await;
    counted.take();
    assert!(ann.uses_shortcut("new_jules_task").await.expect("is offered").ok());
    costs.push(("the shortcut of the workspace", counted.take()));
    bot.settle().await;

    for (way, (read, written)) in costs {
        // Whether the thread has a task, and whether its channel had another id when it began.
        let looks_for_a_thread =
            ["a mention in a thread", "a shortcut on a message"].contains(&way);
        let reads = if looks_for_a_thread { 2 } else { 1 };
        let told = format!("{way}: {read} + {written}, a command: {command:?}");
        assert!(read <= command.0 + reads && written <= command.1 + 1, "{told}");
    }
}

#[tokio::test]
async fn each_way_in_costs_about_as_much_as_a_command_on_a_file() {
    each_costs_little(Place::file()).await;
}

#[tokio::test]
async fn each_way_in_costs_about_as_much_as_a_command_on_redis() {
    each_costs_little(Place::redis()).await;
}
