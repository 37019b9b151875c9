//! Webhooks: what GitHub sends of its own accord. It sends each once, and not again when it fails.

use super::hand::Pull;
use super::server::SimGitHub;
use super::wire::{self, At};
use data_encoding::HEXLOWER;
use hmac::{Hmac, KeyInit, Mac};
use platform::lock::lock;
use serde_json::json;
use sha2::Sha256;

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

    /// A delivery of this kind about a pull request; `None` where no webhook is set up.
    #[must_use]
    pub fn delivery(&self, event: &str, pull: &Pull<'_>) -> Option<Delivery> {
        let (name, number) = pull.name();
        let mut world = lock(&self.shared.world);
        let id = format!("{:08x}-0000-11f0-8000-000000000000", world.next());
        let Hooks { url, secret } = world.hooks.clone()?;
        let repo = world.named(name)?;
        let found = repo.pulls.get(&number)?;
        let at = At { base: &self.shared.base, repo };
        let mut body = json!({ "action": "completed", "repository": wire::repository(at) });
        match event {
            "check_suite" | "check_run" => {
                body[event] =
                    json!({ "head_sha": found.head(), "pull_requests": [{ "number": number }] });
            }
            "status" => body["sha"] = json!(found.head()),
            _ => body["pull_request"] = wire::pull(found, at),
        }
        let body = body.to_string();
        let mut mac = Hmac::<Sha256>::new_from_slice(secret.as_bytes()).ok()?;
        mac.update(body.as_bytes());
        let signature = format!("sha256={}", HEXLOWER.encode(&mac.finalize().into_bytes()));
        Some(Delivery { event: event.to_owned(), id, signature, body, url })
    }
}

impl Delivery {
    /// Sends it; the code of the answer, 0 when there is none.
    pub async fn send(&self) -> u16 {
        let sent = platform::tls::client().build().map(|client| {
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
