//! Who manages a workspace: its owners and admins, as Slack says. What Slack doesn't say is a no.

use super::workspace::Workspace;
use domain::ids::UserId;
use domain::inbound::{Manages, NotManager};
use jiff::{SignedDuration, Timestamp};
use slack::error::CallError;
use std::time::Duration;

/// So long an answer is believed: someone who is no admin any more may have to be kept out soon.
const BELIEVED: SignedDuration = SignedDuration::from_mins(10);

/// Slack waits three seconds for an answer, so this question must take less.
const PATIENCE: Duration = Duration::from_millis(1500);

/// The scope with which Slack says it. It is optional in the manifest.
const SCOPES: &[&str] = &["users:read"];

impl Workspace {
    /// Whether this person manages the workspace.
    pub(super) async fn manages(&self, user: &UserId, now: Timestamp) -> Manages {
        let answer = |does| if does { Manages::Yes } else { Manages::No(NotManager::Member) };
        let known = self.managers.get(user);
        if let Some((does, _)) = known.filter(|(_, at)| now.duration_since(*at) < BELIEVED) {
            return answer(does);
        }
        if !self.installation().is_none_or(|us| us.may_use_any(SCOPES)) {
            return Manages::No(NotManager::NoScope);
        }
        match tokio::time::timeout(PATIENCE, self.slack.user_info(user)).await {
            Ok(Ok(info)) => {
                self.managers.insert(user.clone(), (info.manages, now));
                answer(info.manages)
            }
            Ok(Err(CallError::MissingRights { .. })) => Manages::No(NotManager::NoScope),
            Ok(Err(error)) => {
                tracing::warn!(%error, "Slack doesn't say whether someone manages the workspace");
                Manages::No(NotManager::Unknown)
            }
            Err(_) => Manages::No(NotManager::Unknown),
        }
    }
}
