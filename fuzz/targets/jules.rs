//! What Jules answers. Its shapes are nobody's business but the client's, so the bytes take the way
//! they always take: the answer of a server, over a connection, to a call.

use axum::Router;
use axum::http::StatusCode;
use domain::activity::{Activity, ActivityId, Artifact};
use domain::diff;
use domain::digest::{ReadMark, digest};
use domain::ids::SessionId;
use domain::repo::{Source, SourceName};
use domain::secret::Secret;
use domain::session::Session;
use jiff::Timestamp;
use jules::{Error, Http, JulesClient, Page, Timeouts};
use platform::lock::lock;
use serde::Serialize;
use serde::de::DeserializeOwned;
use std::fmt::Debug;
use std::sync::{Arc, Mutex};
use tokio::net::TcpListener;
use tokio::runtime::{Builder, Runtime};
use tokio_util::task::TaskTracker;

/// A server that gives one answer to everything, and a client that asks it.
struct Stand {
    runtime: Runtime,
    client: JulesClient,
    answer: Arc<Mutex<(StatusCode, Vec<u8>)>>,
}

thread_local! {
    static STAND: Stand = Stand::new();
}

impl Stand {
    fn new() -> Self {
        let runtime = Builder::new_current_thread().enable_all().build().expect("a runtime");
        let answer = Arc::new(Mutex::new((StatusCode::OK, Vec::new())));
        let given = Arc::clone(&answer);
        let router = Router::new().fallback(async move || lock(&given).clone());
        let listener = runtime.block_on(TcpListener::bind("127.0.0.1:0")).expect("a port");
        let base = format!("http://{}/v1alpha", listener.local_addr().expect("an address"));
        TaskTracker::new().spawn_on(
            async move { axum::serve(listener, router).await.expect("serves") },
            runtime.handle(),
        );
        let http = Http::new(Timeouts::default()).expect("a client");
        let base = base.parse().expect("an address");
        let client = JulesClient::new(http, base, &Secret::new("AQ.key")).expect("a client");
        Self { runtime, client, answer }
    }
}

/// Asks, and is answered with this.
fn answered<T>(code: StatusCode, data: &[u8], ask: impl AsyncFnOnce(&JulesClient) -> T) -> T {
    STAND.with(|stand| {
        *lock(&stand.answer) = (code, data.to_vec());
        stand.runtime.block_on(ask(&stand.client))
    })
}

/// What was read can be stored and read again.
fn is_kept<T: Serialize + DeserializeOwned + PartialEq + Debug>(read: &T) {
    let text = serde_json::to_string(read).expect("can be stored");
    assert_eq!(&serde_json::from_str::<T>(&text).expect("can be read again"), read);
}

/// An answer is read, or is none; there is no third.
fn read<T>(answer: Result<T, Error>) -> Option<T> {
    match answer {
        Ok(read) => Some(read),
        Err(Error::Decode(_)) => None,
        Err(other) => panic!("{other:?}"),
    }
}

fn items<T>(answer: Result<Page<T>, Error>) -> Vec<T> {
    read(answer).map(|page| page.items).unwrap_or_default()
}

/// Repositories and their branches. Each has a name.
pub(super) fn sources(data: &[u8]) {
    let name = SourceName("sources/github/o/r".to_owned());
    let (page, one) = answered(StatusCode::OK, data, async |jules| {
        (jules.source_page(None).await, jules.source(&name).await)
    });
    for source in items(page).into_iter().chain(read(one)) {
        let Source { name, repo, .. } = &source;
        assert!(![&name.0, &repo.owner, &repo.repo].iter().any(|text| text.is_empty()));
        is_kept(&source);
    }
}

/// Sessions. Every address in them is one of `https`.
pub(super) fn sessions(data: &[u8]) {
    let id = SessionId::parse("1").expect("an id");
    let (page, one) = answered(StatusCode::OK, data, async |jules| {
        (jules.sessions(None).await, jules.session(&id).await)
    });
    for session in items(page).into_iter().chain(read(one)) {
        let Session { url, pull_requests, .. } = &session;
        let others = pull_requests.iter().map(|request| &request.url);
        assert!([url].into_iter().chain(others).all(|url| url.starts_with("https://")), "{url}");
        is_kept(&session);
    }
}

/// Activities, and what is made of them. Nothing is news twice, and the cursor never goes back.
pub(super) fn activities(data: &[u8]) {
    let (id, which) = (SessionId::parse("1").expect("an id"), ActivityId("a".to_owned()));
    let (page, one) = answered(StatusCode::OK, data, async |jules| {
        (jules.activities(&id, None, None).await, jules.activity(&id, &which).await)
    });
    let all: Vec<Activity> = items(page).into_iter().chain(read(one)).collect();
    for artifact in all.iter().flat_map(|activity| &activity.artifacts) {
        if let Artifact::Change(change) = artifact {
            let stat = diff::summary(change.patch.as_deref().unwrap_or_default());
            assert!(stat.count() as usize >= stat.files.len());
        }
    }
    let since = Timestamp::UNIX_EPOCH;
    let mark = ReadMark { newest: Some(since), ..ReadMark::default() };
    let now = Timestamp::MAX;
    let first = digest(&all, &mark, false, now);
    assert!(first.mark.newest >= Some(since));
    let again = digest(&all, &first.mark, false, now);
    assert_eq!((again.news, again.mark.newest), (Vec::new(), first.mark.newest));
}

/// Refusals. A call that failed has failed, whatever the words; and they are quoted nowhere.
pub(super) fn refusals(data: &[u8]) {
    let id = SessionId::parse("1").expect("an id");
    for code in [400, 401, 403, 404, 409, 429, 500, 503] {
        let code = StatusCode::from_u16(code).expect("a status");
        let (read, settled) = answered(code, data, async |jules| {
            (jules.session(&id).await.map(|_| ()), jules.approve_plan(&id).await)
        });
        for error in [read, settled].map(|answer| answer.expect_err("a refusal")) {
            assert!(error.to_string().len() < 200, "{error}");
        }
    }
}
