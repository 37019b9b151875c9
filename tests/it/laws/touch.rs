//! What someone does in one thread is one small write, however many sessions are followed, and shifts
//! no other session's turn. Counted, not timed.

use crate::harness::bot::{Bot, Place, Wrap};
use async_trait::async_trait;
use domain::ids::{AccountId, SessionId, TaskId, TeamId};
use domain::session::SessionState;
use domain::watch::{Snapshot, WatchedSession};
use futures_util::future::join_all;
use jiff::{SignedDuration, Timestamp};
use kit::around::{Around, Wrapped};
use sim::jules::Op;
use std::sync::{Arc, Mutex};
use store::documents::session_key;
use store::records::Records;
use store::seal::Sealer;
use store::{self, Doc, Expect, Key, PutResult};

/// How many sessions are followed besides.
const SESSIONS: usize = 10_000;
/// What one touch may write.
const MOST_BYTES: usize = 4096;

/// Notes what is written for watching.
#[derive(Clone, Default)]
struct Noted(Arc<Mutex<Vec<(Key, usize)>>>);

#[async_trait]
impl Around for Noted {
    async fn before_write(&self, key: &Key, doc: &Doc) {
        if ["session/", "watch/"].iter().any(|kind| key.as_str().starts_with(kind)) {
            self.0.lock().expect("whole").push((key.clone(), doc.body.len()));
        }
    }
}

fn id(n: usize) -> SessionId {
    SessionId::parse(&format!("5{n:017}")).expect("an id")
}

/// Sessions at which Jules waits for people, all of them due later than this law takes, and no later than any session is.
async fn follow_many(place: &Place, now: Timestamp) {
    let store = store::open(place.url()).expect("the store opens");
    let records = Records::new(Arc::clone(&store), Sealer::new(&[7; 32], &[]));
    let account = AccountId::of_settings();
    let all: Vec<usize> = (0..SESSIONS).collect();
    for some in all.chunks(500) {
        let writes = some.iter().map(async |&n| {
            let (team, task) = (TeamId::parse("T0DEV").unwrap(), TaskId::parse("t").unwrap());
            let mut one = WatchedSession::new(team, account.clone(), task, now);
            one.look(
                Snapshot {
                    state: Some(SessionState::AwaitingUserFeedback),
                    updated: Some(now),
                    archived: false,
                    pull_requests: Vec::new(),
                },
                now,
            );
            one.mark_read(now);
            one.next = Some(now + SignedDuration::from_mins(14));
            let key = session_key(&account, &id(n));
            let put = records.put(&key, &one, one.next, None, Expect::Absent, now).await;
            assert!(matches!(put, Ok(PutResult::Stored(_))), "{put:?}");
        });
        join_all(writes).await;
    }
}

async fn a_touch_is_one_small_write(place: Place) {
    let noted = Noted::default();
    follow_many(&place, crate::harness::clock::Hands::at_nine().now()).await;
    let around = noted.clone();
    let wrap: Wrap = Arc::new(move |store| Arc::new(Wrapped { store, around: around.clone() }));
    let bot = Bot::with_store(place, wrap).await;
    let taken = || std::mem::take(&mut *noted.0.lock().expect("whole"));
    bot.types("ann", "/jules repo=404less tidy up").await;
    let own = session_key(&AccountId::of_settings(), &SessionId::parse(&bot.session()).unwrap());
    let begun = taken();
    assert!(begun.iter().all(|(key, _)| *key == own), "{begun:?}");
    assert!(begun.iter().map(|(_, bytes)| bytes).sum::<usize>() <= MOST_BYTES, "{begun:?}");

    bot.pass(60).await;
    let passes = taken();
    let rest = passes.iter().filter(|(key, _)| key.as_str().starts_with("session/"));
    assert!(rest.clone().all(|(key, _)| *key == own), "nobody else's turn came");
    assert!(passes.iter().all(|(_, bytes)| *bytes <= 1024), "a pass writes little, too");
    assert!(bot.jules_calls(Op::ListSessions) > 10, "it was looked at");

    for n in 0..3 {
        bot.replies("ann", &format!("and thing {n}")).await;
        let touched = taken();
        assert_eq!(touched.len(), 1, "one document: {touched:?}");
        assert!(touched[0].0 == own && touched[0].1 <= MOST_BYTES, "{touched:?}");
    }
}

#[tokio::test]
async fn a_touch_is_one_small_write_on_a_file() {
    a_touch_is_one_small_write(Place::file()).await;
}

#[tokio::test]
async fn a_touch_is_one_small_write_on_redis() {
    a_touch_is_one_small_write(Place::redis()).await;
}
