//! Golden files: every document of every released version is still read, and what is written today
//! has everything that the newest golden file shows. The shapes are frozen since 0.1.0.

mod held;
mod released;

use crate::harness::bot::Place;
use bytes::Bytes;
use domain::audit::{Action, ActorKind, AuditOutcome, AuditRecord};
use domain::binding::ChannelBinding;
use domain::ids::TeamId;
use domain::meter::Meter;
use domain::policy::Starts;
use domain::pull::{PullState, WatchedPull};
use domain::queue::WaitQueue;
use domain::task::{Phase, Task};
use domain::tenant::{Holders, Install, Installation, PersonSettings, WorkspaceSettings};
use domain::watch::{Watch, WatchedSession};
use jiff::Timestamp;
use serde_json::Value;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use store::documents::{AccountPointer, ChannelAlias, KINDS, Process, ProcessedEvent, TaskPointer};
use store::records::{Record, Records};
use store::seal::Sealer;
use store::{self, Doc, Expect, Store};

fn golden_folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/records")
}

fn golden_path(name: &str) -> PathBuf {
    golden_folder().join(format!("{name}.json"))
}

pub(crate) fn golden(name: &str) -> String {
    fs::read_to_string(golden_path(name)).expect("the golden file is there")
}

/// The names of all golden files, without their ending.
pub(crate) fn golden_names() -> Vec<String> {
    let files = fs::read_dir(golden_folder()).expect("is a folder");
    let names =
        files.map(|file| file.expect("is a file").file_name().into_string().expect("is text"));
    let mut names: Vec<String> =
        names.filter_map(|name| name.strip_suffix(".json").map(str::to_owned)).collect();
    names.sort();
    names
}

/// Of which kind and version the document in a golden file is: `KIND.v1` or `KIND_something.v1`.
pub(crate) fn kind_and_version(name: &str) -> (&'static str, u32) {
    let (rest, version) = name.rsplit_once(".v").expect("names its version");
    let is_of = |kind: &str| {
        rest.strip_prefix(kind).is_some_and(|more| more.is_empty() || more.starts_with('_'))
    };
    let kind = KINDS.iter().map(|(kind, _)| *kind).find(|kind| is_of(kind));
    (kind.expect("is a kind"), version.parse().expect("is a number"))
}

/// Reads a golden file through a real store, writes it again, and compares.
async fn reads_and_writes<T: Record>(name: &str) -> T {
    let place = Place::file();
    let store: Arc<dyn Store> = store::open(place.url()).expect("the store opens");
    let records = Records::new(Arc::clone(&store), Sealer::new(&[7; 32], &[]));
    let now = Timestamp::UNIX_EPOCH;
    let key = T::key("golden");
    let text = golden(name);
    let doc = Doc { body: Bytes::from(text.clone()), wake_at: None, expires_at: None };
    store.put(&key, &doc, Expect::Absent, now).await.expect("is stored");
    let (rev, record) = records.get::<T>(&key, now).await.expect("is read").expect("is there");
    records.put(&key, &record, None, None, Expect::At(rev), now).await.expect("is written");
    let (_, again) = store.get(&key, now).await.expect("is read").expect("is there");
    let written: Value = serde_json::from_slice(&again.body).expect("is JSON");
    let wanted: Value = serde_json::from_str(&text).expect("is JSON");
    assert!(holds(&written, &wanted), "what is written is not what {name}.json shows: {written}");
    record
}

/// Whether everything in `old` is in `new` as it was. A field that came later has a default, and
/// stands in `new` only; one without a value need not be written.
fn holds(new: &Value, old: &Value) -> bool {
    match (new, old) {
        (Value::Object(new), Value::Object(old)) => {
            old.iter().all(|(name, old)| holds(new.get(name).unwrap_or(&Value::Null), old))
        }
        (Value::Array(new), Value::Array(old)) => {
            new.len() == old.len() && new.iter().zip(old).all(|(new, old)| holds(new, old))
        }
        (new, old) => new == old,
    }
}

#[tokio::test]
async fn a_task_of_version_1() {
    let task: Task = reads_and_writes("task.v1").await;
    assert_eq!(task.title(), "rename frontend to website");
    assert!(matches!(task.phase, Phase::Running { .. }));
    assert_eq!(task.outbox.len(), 1, "the card is still to be redrawn");
}

#[tokio::test]
async fn a_task_in_line_of_version_1() {
    let task: Task = reads_and_writes("task_in_queue.v1").await;
    let Phase::InQueue { standing } = &task.phase else { panic!("{:?}", task.phase) };
    assert_eq!(standing.place.map(|place| place.number()), Some(2));
}

#[tokio::test]
async fn a_binding_of_version_1() {
    let channel: ChannelBinding = reads_and_writes("binding.v1").await;
    let binding = channel.binding.expect("is bound");
    assert_eq!(channel.changes.len(), 1);
    assert_eq!(binding.repo.to_string(), "AshikNesin/404less");
}

#[tokio::test]
async fn what_is_kept_of_a_person_of_version_1() {
    let person: PersonSettings = reads_and_writes("person_settings.v1").await;
    assert!(person.dm_confirmed && person.preferences.ping.is_some());
    let repo = person.preferences.repo.expect("has a default");
    assert_eq!(repo.repo.to_string(), "AshikNesin/404less");
}

#[tokio::test]
async fn what_is_kept_of_a_workspace_of_version_1() {
    let workspace: WorkspaceSettings = reads_and_writes("settings.v1").await;
    assert!(workspace.preferences.plan.is_some());
    assert_eq!(workspace.changes.len(), 1);
}

#[tokio::test]
async fn what_counts_towards_a_cap_of_version_1() {
    let starts: Starts = reads_and_writes("starts.v1").await;
    assert_eq!(starts.open().count(), 1);
}

#[tokio::test]
async fn an_account_that_people_have_brought_of_version_1() {
    let account: Holders = reads_and_writes("account.v1").await;
    assert_eq!(account.holders.len(), 2);
    let pointer: AccountPointer = reads_and_writes("key.v1").await;
    assert_eq!(pointer.account.as_str(), "n5732ck2j9rd");
}

#[tokio::test]
async fn a_record_of_the_audit_trail_of_version_1() {
    let record: AuditRecord = reads_and_writes("audit.v1").await;
    assert_eq!((record.action, record.outcome), (Action::PlanApprove, AuditOutcome::Done));
    let record: AuditRecord = reads_and_writes("audit_operator.v1").await;
    assert_eq!((record.action, record.kind), (Action::TaskDrop, ActorKind::Operator));
}

#[tokio::test]
async fn a_line_of_version_1() {
    let queue: WaitQueue = reads_and_writes("queue.v1").await;
    assert_eq!(queue.len(), 2);
}

#[tokio::test]
async fn an_event_of_version_1() {
    let seen: ProcessedEvent = reads_and_writes("event.v1").await;
    assert_eq!(seen.kind, "app_uninstalled");
}

#[tokio::test]
async fn a_task_with_a_life_of_version_1() {
    let task: Task = reads_and_writes("task_alive.v1").await;
    assert!(task.progress.open_plan().is_some());
    assert_eq!(task.progress.mark.recent.len(), 1);
}

#[tokio::test]
async fn a_watch_of_version_1() {
    let watch: Watch = reads_and_writes("watch.v1").await;
    assert!(watch.usage.is_some() && watch.lease.is_some());
}

#[tokio::test]
async fn a_session_of_version_1() {
    let session: WatchedSession = reads_and_writes("session.v1").await;
    assert!(session.is_expected() && session.is_busy());
}

#[tokio::test]
async fn a_watched_pull_request_of_version_1() {
    let pull: WatchedPull = reads_and_writes("pull.v1").await;
    let sight = pull.sight.expect("it was looked at");
    assert_eq!((sight.pull.state, sight.reviews.len()), (PullState::Open, 1));
    assert_eq!(pull.quotes.len(), 1);
}

#[tokio::test]
async fn a_meter_of_version_1() {
    let meter: Meter = reads_and_writes("meter.v1").await;
    assert_ne!(meter, Meter::default());
}

#[tokio::test]
async fn an_installation_of_version_1() {
    let home: Installation = reads_and_writes("installation.v1").await;
    let serves = ["T0ACME", "E0ACME", "T0OTHER"]
        .map(|team| home.serves(&TeamId::parse(team).expect("a workspace")));
    assert_eq!(serves, [true, true, false]);
}

#[tokio::test]
async fn how_the_app_is_installed_of_version_1() {
    let install: Install = reads_and_writes("install.v1").await;
    assert_eq!(install.id().as_str(), "T0ACME");
    assert!(install.wake_at().is_some(), "its token is renewed");
}

#[tokio::test]
async fn where_a_thread_leads_of_version_1() {
    let pointer: TaskPointer = reads_and_writes("pointer.v1").await;
    assert_eq!(pointer.task.as_str(), "n5732ck2j9rd");
}

#[tokio::test]
async fn a_channel_with_another_id_of_version_1() {
    let renamed: ChannelAlias = reads_and_writes("alias.v1").await;
    assert_eq!(renamed.channel.as_str(), "C0SHARED");
}

#[tokio::test]
async fn a_process_of_version_1() {
    let process: Process = reads_and_writes("process.v1").await;
    assert_eq!(process.renewed.to_string(), "2026-11-24T09:01:11Z");
}
