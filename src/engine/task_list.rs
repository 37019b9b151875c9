//! `/jules list` and `/jules status`: a page of tasks, and what the account used.

use super::Engine;
use super::account::Account;
use super::receive::not_read;
use super::tell::{Route, log_loss};
use super::workspace::Caller;
use domain::inbound::Origin;
use domain::message::{Listing, Notice, Scope, TaskRow};
use domain::task::Task;
use domain::watch::{Usage, Watch};
use jiff::SignedDuration;
use platform::clock::is_younger;
use std::time::Duration;
use store::Key;
use store::documents::{author_prefix, channel_prefix, watch_key};

/// How many tasks a page has.
const PAGE: usize = 10;

/// What was counted this lately is as good as counting again.
const RECENT: SignedDuration = SignedDuration::from_secs(5);

/// Nobody waits longer for a count.
const PATIENCE: Duration = Duration::from_secs(5);

impl Engine {
    pub(super) async fn list_tasks(
        &self,
        scope: Scope,
        after: Option<String>,
        caller: &Caller,
        origin: &Origin,
    ) {
        let actor = &caller.actor;
        let accounts = self.accounts_of(caller, origin.channel()).await;
        let account = accounts.first();
        let prefix = match (scope, origin.channel()) {
            (Scope::Mine | Scope::Open | Scope::Waiting, _) => {
                author_prefix(&actor.team, &actor.user)
            }
            (Scope::Channel, Some(channel)) => channel_prefix(&actor.team, channel),
            (Scope::Channel, None) => return,
        };
        let is_next = after.is_some();
        // A place in someone else's list is no place in this one.
        let after = after.filter(|after| after.starts_with(&prefix)).map(Key::new);
        let listed = |task: &Task| match scope {
            Scope::Channel | Scope::Mine => true,
            Scope::Open => task.can_be_stopped(),
            Scope::Waiting => task.waits_for_someone(),
        };
        let notice = match self.tasks_under(&prefix, after.as_ref(), PAGE, listed).await {
            Ok((tasks, next)) => {
                let usage = match account {
                    Some(account) => {
                        tokio::time::timeout(PATIENCE, self.usage(account)).await.ok().flatten()
                    }
                    None => None,
                };
                let rows = tasks.iter().filter_map(|task| self.row(task)).collect();
                let next = next.map(|next| next.as_str().to_owned());
                let limits = account.map(|account| account.limits);
                Notice::Tasks(Box::new(Listing { scope, rows, next, usage, limits }))
            }
            Err(error) => {
                tracing::warn!(%error, "tasks could not be listed");
                not_read(&error)
            }
        };
        let route = Route::to_sender(caller, origin).replacing(is_next);
        log_loss(self.tell(&route, &notice).await);
    }

    fn row(&self, task: &Task) -> Option<TaskRow> {
        let card = task.card()?;
        let age = self.now().duration_since(task.created).as_secs();
        Some(TaskRow {
            age: u64::try_from(age).unwrap_or(0),
            channel: task.channel.clone()?,
            thread: self.page_of(task),
            plan: self.plan_page_of(task),
            card,
        })
    }

    /// A thread's page in Slack.
    pub(super) fn page_of(&self, task: &Task) -> Option<String> {
        task.page(self.workspace(&task.team)?.installation()?.url.as_deref()?)
    }

    /// The page of the message with the plan that someone can decide about.
    pub(super) fn plan_page_of(&self, task: &Task) -> Option<String> {
        task.plan_page(self.workspace(&task.team)?.installation()?.url.as_deref()?)
    }

    /// What the account used: as the watch counted it a moment ago, else counted now.
    pub(super) async fn usage(&self, account: &Account) -> Option<Usage> {
        let now = self.now();
        let watch = self.records.get::<Watch>(&watch_key(&account.id), now).await.ok().flatten();
        let known = watch.and_then(|(_, watch)| watch.usage);
        if let Some(known) = known.filter(|known| is_younger(known.at, RECENT, now)) {
            return Some(known);
        }
        let (tally, more) = account.tally().await?;
        Some(tally.usage(more, now))
    }
}
