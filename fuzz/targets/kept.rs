//! What is read from the store: every kind, whatever is there in its place.

use async_trait::async_trait;
use bytes::Bytes;
use domain::audit::AuditRecord;
use domain::binding::ChannelBinding;
use domain::meter::Meter;
use domain::policy::Starts;
use domain::pull::WatchedPull;
use domain::queue::WaitQueue;
use domain::task::Task;
use domain::tenant::{Holders, Install, Installation, PersonSettings, WorkspaceSettings};
use domain::watch::{Watch, WatchedSession};
use futures_util::FutureExt;
use jiff::Timestamp;
use platform::lock::lock;
use std::fmt::Debug;
use std::sync::{Arc, Mutex};
use store::documents::{AccountPointer, ChannelAlias, KINDS, Process, ProcessedEvent, TaskPointer};
use store::records::{self as kept, Record, RecordError, Records};
use store::seal::Sealer;
use store::{Doc, Due, Expect, Key, Precondition, PutResult, Result, Rev, Store};

/// A store with one document in it, under every name.
struct One(Mutex<Bytes>);

#[async_trait]
impl Store for One {
    fn is_for_one_process(&self) -> bool {
        true
    }

    async fn get(&self, _: &Key, _: Timestamp) -> Result<Option<(Rev, Doc)>> {
        let body = lock(&self.0).clone();
        Ok(Some((Rev(1), Doc { body, wake_at: None, expires_at: None })))
    }

    async fn put_given(
        &self,
        _: &Key,
        doc: &Doc,
        _: Expect,
        _: &[Precondition<'_>],
        _: Timestamp,
    ) -> Result<PutResult> {
        *lock(&self.0) = doc.body.clone();
        Ok(PutResult::Stored(Rev(1)))
    }

    async fn due(&self, _: Option<&Due>, _: usize, _: Timestamp) -> Result<Vec<Due>> {
        Ok(Vec::new())
    }

    async fn list(&self, _: &str, _: Option<&Key>, _: usize, _: Timestamp) -> Result<Vec<Key>> {
        Ok(Vec::new())
    }
}

/// A document as each kind of record. What can be read is written, and read again as it was.
pub(super) fn records(data: &[u8]) {
    let fed = [
        record::<Task>(data),
        record::<ChannelBinding>(data),
        record::<PersonSettings>(data),
        record::<WorkspaceSettings>(data),
        record::<Starts>(data),
        record::<Holders>(data),
        record::<AccountPointer>(data),
        record::<AuditRecord>(data),
        record::<WaitQueue>(data),
        record::<ProcessedEvent>(data),
        record::<Watch>(data),
        record::<WatchedSession>(data),
        record::<WatchedPull>(data),
        record::<Meter>(data),
        record::<Installation>(data),
        record::<Install>(data),
        record::<TaskPointer>(data),
        record::<ChannelAlias>(data),
        record::<Process>(data),
    ];
    assert!(fed.into_iter().eq(KINDS.iter().map(|(kind, _)| *kind)), "a kind is not fed");
}

/// The kind that was fed.
fn record<T: Record + PartialEq + Debug>(data: &[u8]) -> &'static str {
    let key = T::key("golden");
    let now = Timestamp::UNIX_EPOCH;
    let sealer = || Sealer::new(&[7; 32], &[]);
    let store = Arc::new(One(Mutex::new(Bytes::copy_from_slice(data))));
    let records = Records::new(store, sealer());
    let get = || records.get::<T>(&key, now).now_or_never().expect("waits for nobody");

    let read = get();
    let looked = kept::inspect(&key, data, Some(&sealer()));
    // A secret that does not open counts as absent when the document is read, and is named by a look.
    let fits = matches!(looked, Ok(_) | Err(RecordError::Secret { .. }));
    let Ok(Some((rev, record))) = read else { return T::KIND };
    // A damaged one may be replaced; a newer one never is.
    let is_replaced = || {
        matches!(looked, Err(RecordError::Unfit { .. }))
            && T::if_damaged().as_ref() == Some(&record)
    };
    assert!(fits || is_replaced(), "{looked:?}");
    let put = records.put(&key, &record, None, None, Expect::At(rev), now);
    match put.now_or_never().expect("waits for nobody") {
        Ok(_) => assert_eq!(get().expect("is read").expect("is there").1, record),
        // The store's own mark, in a document that it did not write.
        Err(RecordError::Unfit { .. }) => {}
        Err(other) => panic!("{other}"),
    }
    T::KIND
}
