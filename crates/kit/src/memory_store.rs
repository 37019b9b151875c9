//! A store in memory: what it costs is next to nothing, so that only the program's own work counts.
//! And the app, in this process.

use async_trait::async_trait;
use jiff::Timestamp;
use jules_slack::app::{App, Timeouts};
use jules_slack::config::Config;
use platform::clock::Clock;
use platform::lock::lock;
use sim::jules::SimJules;
use sim::slack::SimSlack;
use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, Mutex};
use store::{Doc, Due, Expect, Key, Precondition, PutResult, Result, Rev, Store};

/// The app on this store between these two, once it knows both. Nothing runs until the bench ticks it.
pub async fn app(
    store: Arc<dyn Store>,
    slack: &SimSlack,
    jules: &SimJules,
    key: &str,
    clock: Clock,
) -> App {
    let vars = [
        ("SLACK_SIGNING_SECRET", slack.signing_secret()),
        ("SLACK_BOT_TOKEN", slack.bot_token()),
        ("SLACK_API_URL", &slack.url()),
        ("JULES_API_KEY", key),
        ("JULES_API_URL", &jules.url()),
        ("ENCRYPTION_KEY", "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8="),
    ];
    let vars = HashMap::from(vars.map(|(name, value)| (name.to_owned(), value.to_owned())));
    let mut config = Config::read(&vars.into()).expect("all is set");
    // Tests never reach the real one; those that need GitHub set a simulated one.
    config.github = None;
    let app = App::on(store, &config, &Timeouts::default(), clock, None).expect("can be built");
    app.engine.learn_identity().await.expect("Slack says who we are");
    app.engine.read_sources(Timestamp::UNIX_EPOCH).await;
    app
}

/// Documents by name; nothing expires.
#[derive(Default)]
pub struct MemoryStore(Mutex<BTreeMap<Key, (Rev, Doc)>>);

#[async_trait]
impl Store for MemoryStore {
    fn is_for_one_process(&self) -> bool {
        true
    }

    async fn get(&self, key: &Key, _: Timestamp) -> Result<Option<(Rev, Doc)>> {
        Ok(lock(&self.0).get(key).cloned())
    }

    async fn put_given(
        &self,
        key: &Key,
        doc: &Doc,
        expect: Expect,
        given: &[Precondition<'_>],
        _: Timestamp,
    ) -> Result<PutResult> {
        let mut documents = lock(&self.0);
        let live = |key: &Key| documents.get(key).map(|(rev, _)| *rev);
        let holds = |given: &Precondition<'_>| given.is.holds(live(given.key));
        if !expect.holds(live(key)) || !given.iter().all(holds) {
            return Ok(PutResult::Conflict);
        }
        let live = live(key);
        let rev = Rev(live.map_or(1, |Rev(rev)| rev + 1));
        documents.insert(key.clone(), (rev, doc.clone()));
        Ok(PutResult::Stored(rev))
    }

    async fn due(&self, after: Option<&Due>, limit: usize, now: Timestamp) -> Result<Vec<Due>> {
        let documents = lock(&self.0);
        let waking = documents
            .iter()
            .filter_map(|(key, (_, doc))| Some(Due { wake_at: doc.wake_at?, key: key.clone() }));
        let is_next = |due: &Due| due.wake_at <= now && after.is_none_or(|after| due > after);
        let mut due: Vec<_> = waking.filter(is_next).collect();
        due.sort_unstable();
        due.truncate(limit);
        Ok(due)
    }

    async fn list(
        &self,
        prefix: &str,
        after: Option<&Key>,
        limit: usize,
        _: Timestamp,
    ) -> Result<Vec<Key>> {
        let documents = lock(&self.0);
        let keys = documents.keys().filter(|key| key.as_str().starts_with(prefix));
        let later = keys.filter(|key| after.is_none_or(|after| *key > after));
        Ok(later.take(limit).cloned().collect())
    }
}
