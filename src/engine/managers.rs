//! Who manages a workspace: its owners and admins, as Slack says. What Slack doesn't say is a no.

use super::workspace::Workspace;
use domain::ids::UserId;
use domain::inbound::{Manages, NotManager};
use jiff::{SignedDuration, Timestamp};
use slack::error::CallError;
use std::time::Duration;

/// Cache lifetime of an answer. Short, so that a removed admin loses access within 10 minutes.
const BELIEVED: SignedDuration = SignedDuration::from_mins(10);

/// How long a failed lookup is cached, so that a retried decision doesn't wait for Slack twice.
const UNSAID: SignedDuration = SignedDuration::from_secs(5);

/// Slack waits three seconds for an answer, so this question must take less.
const PATIENCE: Duration = Duration::from_millis(1500);

/// The scope with which Slack says it. It is optional in the manifest.
const SCOPES: &[&str] = &["users:read"];

impl Workspace {
    /// Whether this person manages the workspace.
    pub(super) async fn manages(&self, user: &UserId, now: Timestamp) -> Manages {
        if let Some((known, at)) = self.managers.get(user)
            && now.duration_since(at) < believed_for(known)
        {
            return known;
        }
        if !self.installation().is_none_or(|us| us.may_use_any(SCOPES)) {
            return Manages::No(NotManager::NoScope);
        }
        let answer = self.ask_who_manages(user).await;
        self.managers.insert(user.clone(), (answer, now));
        answer
    }

    async fn ask_who_manages(&self, user: &UserId) -> Manages {
        match tokio::time::timeout(PATIENCE, self.slack.user_info(user)).await {
            Ok(Ok(info)) if info.manages => Manages::Yes,
            Ok(Ok(_)) => Manages::No(NotManager::Member),
            Ok(Err(CallError::MissingRights { .. })) => Manages::No(NotManager::NoScope),
            Ok(Err(error)) => {
                tracing::warn!(%error, "Slack doesn't say whether someone manages the workspace");
                Manages::No(NotManager::Unknown)
            }
            Err(_) => Manages::No(NotManager::Unknown),
        }
    }
}

fn believed_for(answer: Manages) -> SignedDuration {
    match answer {
        Manages::Yes | Manages::No(NotManager::Member) => BELIEVED,
        Manages::No(NotManager::NoScope | NotManager::Unknown) => UNSAID,
    }
}
