//! Type-ahead: the options of the repository and branch fields, from the list in memory. Only when
//! there is none yet is Jules waited for, and never longer than Slack waits for us.

use super::Engine;
use super::account::Account;
use super::accounts::{read_all, sources_so_far, with_name};
use super::workspace::Caller;
use domain::ids::ChannelId;
use domain::inbound::Search;
use domain::repo::{self, RepoQuery, Resolution};
use jiff::SignedDuration;
use platform::clock::is_younger;
use std::sync::Arc;
use std::time::Duration;

/// A select takes at most this many options (slack-platform.md §7).
const MOST_OPTIONS: usize = 100;

/// Slack shows "no results" after 3 s; the answer needs some of that for its way back.
const PATIENCE: Duration = Duration::from_millis(2200);

/// How much of that the first reading of the list is waited for; then what was read by now is offered.
const LIST_PATIENCE: Duration = Duration::from_millis(2000);

/// A list older than this is read again while the old one answers.
const STALE: SignedDuration = SignedDuration::from_mins(1);

impl Engine {
    /// What can be picked in a field.
    pub(super) async fn search(
        &self,
        search: &Search,
        caller: &Caller,
        channel: Option<&ChannelId>,
    ) -> Vec<String> {
        let accounts = self.accounts_of(caller, channel).await;
        let wanted = async {
            match search {
                Search::Repository { query, typed } => {
                    self.repository_options(query, typed.as_deref(), (caller, channel), &accounts)
                        .await
                }
                Search::Branch { query, repo: Some(repo) } => {
                    branch_options(&accounts, query, repo).await
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
        (caller, channel): (&Caller, Option<&ChannelId>),
        accounts: &[Arc<Account>],
    ) -> Vec<String> {
        let now = self.now();
        let read = accounts.iter().map(|account| account.source_cache.read_at()).min().flatten();
        let accounts_then = accounts.to_vec();
        match read {
            None => {
                // Carried on in the background, so that a page that takes longer is not lost.
                let reading = self
                    .follow_ups
                    .spawn(async move { read_all(&accounts_then, now - STALE).await });
                let _ = tokio::time::timeout(LIST_PATIENCE, reading).await;
            }
            Some(read) if !is_younger(read, STALE, now) => {
                self.follow_ups.spawn(async move { read_all(&accounts_then, now - STALE).await });
            }
            Some(_) => {}
        }
        let sources = sources_so_far(accounts);
        let Caller { workspace, actor, .. } = caller;
        let sources = self.usable_by(workspace, actor, channel, sources).await;
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

async fn branch_options(accounts: &[Arc<Account>], query: &str, repo: &str) -> Vec<String> {
    let Some(account) = with_name(accounts, repo) else { return Vec::new() };
    let branches = account.branches_of(repo).await;
    let found = repo::search_branches(query, &branches, MOST_OPTIONS);
    found.iter().map(|branch| branch.0.clone()).collect()
}
