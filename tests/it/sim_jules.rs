//! The simulated Jules, looked at from outside, over HTTP: one test for each row and fault of the
//! API reference's checklist (§7).
#![expect(clippy::unwrap_used, reason = "what helps a test stops it, as a test stops itself")]

mod faults;
mod hand;
mod lists;
mod masks;
mod oddities;
mod sessions;
mod strict;

use jiff::{SignedDuration, Timestamp};
use reqwest::{Client, Method, RequestBuilder, Response};
use serde_json::{Value, json};
use sim::jules::{Account, SimJules};
use std::sync::{Arc, Mutex};
use std::time::Duration;

const KEY: &str = "key-1";
const SOURCE: &str = "sources/github/AshikNesin/404less";

/// A simulation with one account, a clock turned by hand, and a client.
struct Api {
    jules: SimJules,
    account: Account,
    now: Arc<Mutex<Timestamp>>,
    http: Client,
}

impl Api {
    /// With the default sources.
    async fn new() -> Self {
        platform::tls::install();
        let now = Arc::new(Mutex::new("2026-09-01T10:00:00Z".parse::<Timestamp>().unwrap()));
        let clock = {
            let now = Arc::clone(&now);
            Arc::new(move || *now.lock().unwrap())
        };
        let jules = SimJules::start(clock).await.unwrap();
        let account = jules.default_sources(KEY);
        let http = Client::builder().no_proxy().timeout(Duration::from_secs(10)).build().unwrap();
        Self { jules, account, now, http }
    }

    fn pass(&self, time: SignedDuration) {
        *self.now.lock().unwrap() += time;
    }

    fn now(&self) -> Timestamp {
        *self.now.lock().unwrap()
    }

    fn request(&self, method: Method, path: &str) -> RequestBuilder {
        self.http.request(method, self.jules.url() + path).header("X-Goog-Api-Key", KEY)
    }

    async fn get(&self, path: &str) -> (u16, Value) {
        read(self.request(Method::GET, path).send().await.unwrap()).await
    }

    /// A GET with query parameters, encoded.
    async fn query(&self, path: &str, query: &[(&str, &str)]) -> (u16, Value) {
        read(self.request(Method::GET, path).query(query).send().await.unwrap()).await
    }

    async fn post(&self, path: &str, body: &Value) -> (u16, Value) {
        read(self.request(Method::POST, path).json(body).send().await.unwrap()).await
    }

    /// Creates a session on the repository under test and gives its id.
    async fn create(&self, more: Value) -> String {
        let (status, session) = self.post("/sessions", &task(more)).await;
        assert_eq!(status, 200, "{session}");
        session["id"].as_str().unwrap().to_owned()
    }

    async fn state(&self, id: &str) -> String {
        let (_, session) = self.get(&format!("/sessions/{id}")).await;
        session["state"].as_str().unwrap().to_owned()
    }

    /// The activities of a session, one page.
    async fn activities(&self, id: &str) -> Vec<Value> {
        let (status, page) = self.get(&format!("/sessions/{id}/activities")).await;
        assert_eq!(status, 200, "{page}");
        page["activities"].as_array().cloned().unwrap_or_default()
    }

    /// All pages of a list, as the client walks them.
    async fn pages(&self, path: &str, key: &str, query: &[(&str, &str)]) -> Vec<Vec<Value>> {
        let mut pages = Vec::new();
        let mut token = String::new();
        loop {
            let mut query = query.to_vec();
            if !token.is_empty() {
                query.push(("pageToken", &token));
            }
            let (status, page) = self.query(path, &query).await;
            assert_eq!(status, 200, "{page}");
            pages.push(page[key].as_array().cloned().unwrap_or_default());
            match page["nextPageToken"].as_str() {
                Some(next) => token = next.to_owned(),
                None => return pages,
            }
        }
    }
}

/// The body of a create, with more fields or others.
fn task(more: Value) -> Value {
    let mut body = json!({
        "prompt": "rename frontend to website",
        "sourceContext": {
            "source": SOURCE,
            "githubRepoContext": { "startingBranch": "main" },
        },
    });
    if let Value::Object(more) = more {
        more.into_iter().for_each(|(key, value)| body[key] = value);
    }
    body
}

async fn read(response: Response) -> (u16, Value) {
    let status = response.status().as_u16();
    let body = response.bytes().await.unwrap();
    (status, serde_json::from_slice(&body).unwrap_or(Value::Null))
}

fn fixture(name: &str) -> Value {
    let path = format!("{}/tests/fixtures/jules/{name}.json", env!("CARGO_MANIFEST_DIR"));
    serde_json::from_slice(&std::fs::read(path).unwrap()).unwrap()
}

/// The key that says what kind an activity is.
fn kind(activity: &Value) -> &str {
    let beside = ["name", "id", "createTime", "originator", "description", "artifacts"];
    let kind = activity.as_object().unwrap().keys().find(|k| !beside.contains(&k.as_str()));
    kind.map_or("", String::as_str)
}

fn kinds(activities: &[Value]) -> Vec<&str> {
    activities.iter().map(kind).collect()
}
