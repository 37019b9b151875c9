//! Webhooks: what GitHub sends of its own accord. It sends each once, waits ten seconds for an answer, and does not
//! send it again when it fails.

use super::JULES;
use super::hand::Pull;
use super::model::{Happened, PullRequest};
use super::server::SimGitHub;
use super::wire::{self, At};
use data_encoding::HEXLOWER;
use hmac::{Hmac, KeyInit, Mac};
use platform::lock::lock;
use serde_json::{Value, json};
use sha2::Sha256;
use std::time::Duration;

/// GitHub gives up on an answer after this. [GitHub: best practices for using webhooks]
const PATIENCE: Duration = Duration::from_secs(10);

/// Where webhooks go, and what signs them.
#[derive(Debug, Clone)]
pub(super) struct Hooks {
    url: String,
    secret: String,
}

/// A delivery as it is sent.
#[derive(Debug, Clone)]
pub struct Delivery {
    /// `X-GitHub-Event`.
    pub event: String,
    /// `X-GitHub-Delivery`.
    pub id: String,
    /// `X-Hub-Signature-256`.
    pub signature: String,
    /// The body.
    pub body: String,
    url: String,
}

impl SimGitHub {
    /// From now on webhooks go to this address, signed with this secret.
    pub fn hook(&self, url: &str, secret: &str) {
        let (url, secret) = (url.to_owned(), secret.to_owned());
        lock(&self.shared.world).hooks = Some(Hooks { url, secret });
    }

    /// A delivery of this kind about a pull request: of what happened to it last, of its last review or comment, or
    /// of its checks. `None` where no webhook is set up, and while there is nothing of that kind.
    #[must_use]
    pub fn delivery(&self, event: &str, pull: &Pull<'_>) -> Option<Delivery> {
        let (name, number) = pull.name();
        let mut world = lock(&self.shared.world);
        let id = format!("{:08x}-0000-11f0-8000-000000000000", world.next());
        let Hooks { url, secret } = world.hooks.clone()?;
        let repo = world.named(name)?;
        let found = repo.pulls.get(&number)?;
        let at = At { base: &self.shared.base, repo };
        let (mut body, by) = told(event, found, at)?;
        body["repository"] = wire::repository(at);
        body["sender"] = wire::user(by, at.base);
        let body = body.to_string();
        let mut mac = Hmac::<Sha256>::new_from_slice(secret.as_bytes()).ok()?;
        mac.update(body.as_bytes());
        let signature = format!("sha256={}", HEXLOWER.encode(&mac.finalize().into_bytes()));
        Some(Delivery { event: event.to_owned(), id, signature, body, url })
    }
}

/// What is in a delivery of this kind, and whose doing it is.
fn told<'a>(event: &str, pull: &'a PullRequest, at: At<'_>) -> Option<(Value, &'a str)> {
    Some(match event {
        // Who did the rest is not known.
        "pull_request" => (happened(pull, at), pull.ended_by.as_deref().unwrap_or(JULES)),
        "pull_request_review" => {
            let last = pull.reviews.last()?;
            let mut review = wire::review(last, pull, at);
            // In capitals in the API's answers, and not here.
            review["state"] = json!(last.state.to_lowercase());
            let pull = wire::simple(pull, at);
            (json!({ "action": "submitted", "review": review, "pull_request": pull }), &*last.by)
        }
        "pull_request_review_comment" => {
            let last = pull.comments.last()?;
            let comment = wire::comment(last, pull, at);
            let pull = wire::simple(pull, at);
            (json!({ "action": "created", "comment": comment, "pull_request": pull }), &*last.by)
        }
        "issue_comment" => {
            let (place, last) = pull.said.iter().enumerate().next_back()?;
            let comment = wire::issue_comment(last, place, pull.number, at);
            let issue = wire::pull_as_issue(pull, at);
            (json!({ "action": "created", "comment": comment, "issue": issue }), &*last.by)
        }
        "check_suite" => (wire::suite(pull, at)?, JULES),
        "check_run" => (wire::run(pull, at)?, JULES),
        "status" => (wire::status_event(pull, at)?, JULES),
        _ => return None,
    })
}

/// [GitHub: webhook events, pull_request]
fn happened(pull: &PullRequest, at: At<'_>) -> Value {
    let mut body = json!({
        "action": pull.last.action(), "number": pull.number, "pull_request": wire::pull(pull, at),
    });
    if let Happened::Pushed { before } = &pull.last {
        body["before"] = json!(before);
        body["after"] = json!(pull.head());
    }
    body
}

impl Delivery {
    /// Sends it; the code of the answer, 0 when there is none within ten seconds.
    pub async fn send(&self) -> u16 {
        self.send_within(PATIENCE).await
    }

    /// The same, waiting so long for the answer.
    pub async fn send_within(&self, patience: Duration) -> u16 {
        let sent = platform::tls::client().timeout(patience).build().map(|client| {
            client
                .post(&self.url)
                .header("content-type", "application/json")
                .header("x-github-event", &self.event)
                .header("x-github-delivery", &self.id)
                .header("x-hub-signature-256", &self.signature)
                .body(self.body.clone())
        });
        match sent {
            Ok(request) => request.send().await.map_or(0, |answer| answer.status().as_u16()),
            Err(_) => 0,
        }
    }
}
