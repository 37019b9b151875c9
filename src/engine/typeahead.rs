//! Type-ahead: the options of the repository and branch fields, from the list in memory. Only when
//! there is none yet is Jules waited for, and never longer than Slack waits for us.

use super::Engine;
use super::account::Account;
use domain::inbound::Search;
use domain::repo::{self, RepoQuery, Resolution};
use jiff::SignedDuration;
use std::sync::Arc;
use std::time::Duration;

/// A select takes at most this many options (slack-platform.md §7).
const MOST_OPTIONS: usize = 100;

/// Slack shows "no results" after 3 s; the answer needs some of that for its way back.
const PATIENCE: Duration = Duration::from_millis(2200);

/// How much of that the first reading of the list is waited for; then what was read by now is offered.
const LIST_PATIENCE: Duration = Duration::from_millis(2000);

/// A list older than this is read anew while the old one answers.
const STALE: SignedDuration = SignedDuration::from_mins(1);

impl Engine {
    /// What can be picked in a field.
    pub(super) async fn search(&self, search: &Search, account: &Arc<Account>) -> Vec<String> {
        let wanted = async {
            match search {
                Search::Repository { query, typed } => {
                    self.repository_options(query, typed.as_deref(), account).await
                }
                Search::Branch { query, repo: Some(repo) } => {
                    account.branch_options(query, repo).await
                }
                Search::Branch { repo: None, .. } => Vec::new(),
            }
        };
        tokio::time::timeout(PATIENCE, wanted).await.unwrap_or_default()
    }

    async fn repository_options(
        &self,
        query: &str,
        typed: Option<&str>,
        account: &Arc<Account>,
    ) -> Vec<String> {
        let now = self.now();
        match account.source_cache.read_at() {
            None => {
                // Carried on in the background, so that a page that takes longer is not lost.
                let account = Arc::clone(account);
                let reading =
                    self.follow_ups.spawn(async move { account.read_sources(now - STALE).await });
                let _ = tokio::time::timeout(LIST_PATIENCE, reading).await;
            }
            Some(read) if now.duration_since(read) > STALE => {
                let account = Arc::clone(account);
                self.follow_ups.spawn(async move { account.read_sources(now - STALE).await });
            }
            Some(_) => {}
        }
        let sources = account.source_cache.sources_so_far();
        let mut found = repo::search(query, &sources, usize::MAX);
        if let Some(Ok(typed)) = typed.map(RepoQuery::parse)
            && let Resolution::Several(fits) = repo::resolve(&typed, &sources)
        {
            // The sort is stable: both parts stay in their order.
            found.sort_by_key(|source| !fits.contains(source));
        }
        found.iter().take(MOST_OPTIONS).map(|source| source.repo.to_string()).collect()
    }
}

impl Account {
    async fn branch_options(&self, query: &str, repo: &str) -> Vec<String> {
        let branches = self.branches_of(repo).await;
        let found = repo::search_branches(query, &branches, MOST_OPTIONS);
        found.iter().map(|branch| branch.0.clone()).collect()
    }
}
