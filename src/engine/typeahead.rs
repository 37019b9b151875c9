//! Type-ahead: the options of the repository and branch fields, from the list in memory. Only when
//! there is none yet is Jules waited for, and never longer than Slack waits for us.

use super::{Ack, Engine};
use crate::domain::repo::{self, RepoQuery, Resolution};
use crate::slack::form::{self, MOST_OPTIONS};
use crate::slack::inbound::BlockSuggestion;
use jiff::SignedDuration;
use serde_json::Value;
use std::sync::Arc;
use std::time::Duration;

/// Slack shows "no results" after 3 s; the answer needs some of that for its way back.
const PATIENCE: Duration = Duration::from_millis(2200);

/// How much of that the first reading of the list is waited for; then what was read by now is offered.
const LIST_PATIENCE: Duration = Duration::from_millis(2000);

/// A list older than this is read anew while the old one answers.
const STALE: SignedDuration = SignedDuration::from_mins(1);

impl Engine {
    pub(super) async fn suggest(self: &Arc<Self>, suggest: BlockSuggestion) -> Ack {
        if self.admit(&suggest.who, false).await.is_err() {
            return Ack::Body(no_options());
        }
        let wanted = async {
            if form::is_branch(&suggest.action_id) {
                self.branch_options(&suggest).await
            } else {
                self.repository_options(&suggest).await
            }
        };
        Ack::Body(tokio::time::timeout(PATIENCE, wanted).await.unwrap_or_else(|_| no_options()))
    }

    async fn repository_options(self: &Arc<Self>, suggest: &BlockSuggestion) -> Value {
        let now = self.now();
        match self.source_cache.read_at() {
            None => {
                // Carried on in the background, so that a page that takes longer is not lost.
                let engine = Arc::clone(self);
                let reading =
                    self.follow_ups.spawn(async move { engine.read_sources(now - STALE).await });
                let _ = tokio::time::timeout(LIST_PATIENCE, reading).await;
            }
            Some(read) if now.duration_since(read) > STALE => {
                let engine = Arc::clone(self);
                self.follow_ups.spawn(async move { engine.read_sources(now - STALE).await });
            }
            Some(_) => {}
        }
        let sources = self.source_cache.sources_so_far();
        let mut found = repo::search(&suggest.query, &sources, usize::MAX);
        let typed = suggest.view.as_ref().and_then(form::typed_repo);
        if let Some(Ok(typed)) = typed.as_deref().map(RepoQuery::parse)
            && let Resolution::Several(fits) = repo::resolve(&typed, &sources)
        {
            // The sort is stable: both parts stay in their order.
            found.sort_by_key(|source| !fits.contains(source));
        }
        let found = found.iter().take(MOST_OPTIONS);
        let names: Vec<String> = found.map(|source| source.repo.to_string()).collect();
        form::options(names.iter().map(String::as_str))
    }

    async fn branch_options(&self, suggest: &BlockSuggestion) -> Value {
        let Some(repo) = suggest.view.as_ref().and_then(form::picked_repo) else {
            return no_options();
        };
        let branches = self.branches_of(&repo).await;
        let found = repo::search_branches(&suggest.query, &branches, MOST_OPTIONS);
        form::options(found.iter().map(|branch| branch.0.as_str()))
    }

    /// Reads the connected repositories unless that was done after `not_before`. A failure is
    /// logged here; whoever needs the list goes on with the one there is.
    pub async fn read_sources(&self, not_before: jiff::Timestamp) {
        if let Err(error) = self.source_cache.refresh(not_before).await {
            tracing::warn!(%error, "the connected repositories could not be read from Jules");
        }
    }
}

fn no_options() -> Value {
    form::options(std::iter::empty())
}
