//! Someone's App Home: what it shows is read after the answer, drawn and published. What came of a click
//! there stands at its top, or goes to the person directly where there is no Home to draw.

use super::Engine;
use super::homes::{Drawn, Turn};
use super::tell::{Route, log_loss};
use super::workspace::Caller;
use domain::home::{Few, Home, MySettings, MyTasks, TasksRead, WorkspaceHealth};
use domain::inbound::WhyHome;
use domain::message::Notice;
use domain::policy::{Manages, Standing};
use domain::tenant::{Actor, Role, Settings};
use jiff::SignedDuration;
use platform::clock::is_younger;
use slack::error::CallError;
use slack::render;
use slack::scopes::lacking;
use std::sync::Arc;
use std::time::Duration;
use store::documents::author_prefix;

/// So many of a person's newest tasks are read for their Home.
const MOST_READ: usize = 200;

/// So long the part about the workspace may be old: counting what was used costs calls to Jules.
const HEALTH_LIVES: SignedDuration = SignedDuration::from_mins(1);

/// Timeout for optional reads (user info, usage). The Home is drawn without them.
const PATIENCE: Duration = Duration::from_secs(3);

impl Engine {
    /// Draws a person's Home because of something that they did.
    pub(super) async fn answer_at_home(&self, why: WhyHome, caller: &Caller) {
        let actor = &caller.actor;
        let (person, now) = ((actor.team.clone(), actor.user.clone()), self.now());
        match why {
            WhyHome::Opened => {
                if let Some(turn) = self.homes.opened(&person, now) {
                    self.draw_home(caller, None, &turn, false).await;
                }
            }
            WhyHome::Clicked(note) => {
                let turn = self.homes.clicked(&person, now);
                self.draw_home(caller, note, &turn, false).await;
            }
        }
    }

    /// Draws the Homes again that show something old, of those that were opened lately.
    pub fn refresh_homes(self: &Arc<Self>) {
        for ((team, user), turn) in self.homes.due(self.now()) {
            let Some(workspace) = self.workspace(&team) else { continue };
            let caller = Caller {
                workspace,
                actor: Actor { team, user, role: Role::Member },
                is_shared: false,
            };
            let engine = Arc::clone(self);
            self.follow_ups
                .spawn(async move { engine.draw_home(&caller, None, &turn, true).await });
        }
    }

    /// Draws a Home and publishes it; `only_new`: unless it would look the same. A note that can't stand in
    /// it is sent to the person.
    async fn draw_home(
        &self,
        caller: &Caller,
        note: Option<Box<Notice>>,
        turn: &Turn,
        only_new: bool,
    ) {
        let Actor { team, user, role } = &caller.actor;
        if *role != Role::Member {
            return;
        }
        let mut drawn = turn.lock().await;
        let published = if self.homes.is_off(team, self.now()) {
            Err(CallError::State(NOT_ENABLED.to_owned()))
        } else {
            self.publish_home(caller, note.as_deref(), &mut drawn, only_new).await
        };
        let Err(error) = published else { return };
        *drawn = Drawn::default();
        if matches!(&error, CallError::State(code) if code == NOT_ENABLED) {
            if !self.homes.is_off(team, self.now()) && self.homes.switched_off(team, self.now()) {
                tracing::warn!(
                    team.id = %team,
                    "Slack says that this app has no App Home, so none is shown: switch on \"Home Tab\" on \
                     the app's page under App Home. It is tried again in an hour"
                );
            }
        } else {
            tracing::warn!(%error, "an App Home was not drawn");
            if may_work_soon(&error) {
                self.homes.changed(team, user);
            }
        }
        if let Some(note) = note {
            log_loss(self.tell(&Route::to_person(caller), &note).await);
        }
    }

    /// Publishes a Home if it is still as this process drew it. If it isn't, another process has drawn it
    /// since, maybe after what was read here: so all is read again, and then it is the newest that there is.
    async fn publish_home(
        &self,
        caller: &Caller,
        note: Option<&Notice>,
        drawn: &mut Drawn,
        only_new: bool,
    ) -> Result<(), CallError> {
        let Actor { team, user, .. } = &caller.actor;
        let slack = caller.workspace.slack();
        loop {
            let Some(home) = self.home_of(caller, note).await else { return Ok(()) };
            if home.tasks.is_none() {
                // Redraw soon, so that the error doesn't stay.
                self.homes.changed(team, user);
            }
            if only_new && drawn.home.as_ref() == Some(&home) {
                return Ok(());
            }
            match slack.publish_home(user, &render::home(&home), drawn.hash.as_deref()).await {
                Ok(view) => {
                    self.homes.works(team);
                    *drawn = Drawn { hash: view.hash, home: Some(home) };
                    return Ok(());
                }
                Err(CallError::State(code)) if code == "hash_conflict" && drawn.hash.is_some() => {
                    *drawn = Drawn::default();
                }
                Err(error) => return Err(error),
            }
        }
    }

    /// What a person's Home shows; `None` for someone of another organisation.
    async fn home_of(&self, caller: &Caller, note: Option<&Notice>) -> Option<Home> {
        let Caller { workspace, actor, .. } = caller;
        let now = self.now();
        let person = workspace.told_of(&actor.user, now).await.said();
        if person.as_ref().is_some_and(|person| person.standing == Standing::Stranger) {
            return None;
        }
        let prefix = author_prefix(&actor.team, &actor.user);
        let tasks = match self.tasks_under(&prefix, None, MOST_READ, |_| true).await {
            Ok((tasks, next)) => {
                let read = TasksRead {
                    tasks: &tasks,
                    is_cut: next.is_some(),
                    ahead: person.as_ref().and_then(|person| person.ahead),
                    workspace: workspace.installation().and_then(|us| us.url.as_deref()),
                };
                Some(MyTasks::of(read, now))
            }
            Err(error) => {
                tracing::warn!(%error, "the tasks of an App Home could not be read");
                None
            }
        };
        let known = self.known(workspace, actor, None, false).await;
        let manages = known.access().manages == Manages::Yes;
        let workspace = match &tasks {
            Some(_) if manages => self.workspace_health(caller).await,
            _ => None,
        };
        let settings = match self.effective_settings(None, None, caller).await {
            Ok(Settings { repo, plan, ping, .. }) => {
                let accounts = self.accounts_of(caller, None).await;
                let has_account = accounts.iter().any(|account| account.owner().is_some());
                let repo = repo.map(|(repo, _)| repo);
                Some(MySettings { repo, plan: plan.0, ping: ping.0, has_account })
            }
            // The tasks say that the store is away.
            Err(_) => None,
        };
        Some(Home { note: note.cloned().map(Box::new), tasks, settings, workspace })
    }

    /// How the workspace is doing, as it was read in the last minute.
    async fn workspace_health(&self, caller: &Caller) -> Option<WorkspaceHealth> {
        let Caller { workspace, actor, .. } = caller;
        let now = self.now();
        if let Some((health, at)) = workspace.health.get(&actor.team)
            && is_younger(at, HEALTH_LIVES, now)
        {
            return Some(health);
        }
        let account = self.shared_account(workspace, &actor.team).await.ok().flatten();
        let usage = match &account {
            Some(account) => {
                tokio::time::timeout(PATIENCE, self.usage(account)).await.ok().flatten()
            }
            None => None,
        };
        let bindings = match self.bindings(&actor.team).await {
            Ok(bindings) => bindings,
            Err(error) => {
                tracing::warn!(%error, "the bindings for an App Home could not be read");
                return None;
            }
        };
        let sources = account.as_ref().and_then(|account| account.source_cache.sources());
        let granted = workspace.scopes();
        // Where Slack doesn't say which scopes there are, none is said to be missing.
        let lacking = lacking(&granted).filter(|_| !granted.is_empty());
        let audit = match self.latest_audit(&actor.team).await {
            Ok(audit) => audit,
            Err(error) => {
                tracing::warn!(%error, "the audit trail for an App Home could not be read");
                return None;
            }
        };
        let health = WorkspaceHealth {
            audit,
            usage,
            has_account: account.is_some(),
            limits: account.as_ref().map(|account| account.limits),
            gone: Few::gone(&bindings, sources.as_deref()),
            lacking: lacking.map(|one| one.scope.to_owned()).collect(),
        };
        workspace.health.insert(actor.team.clone(), (health.clone(), now));
        Some(health)
    }
}

/// Whether the same call may work a little later. What Slack refuses for good is drawn again when the person
/// opens it again.
fn may_work_soon(error: &CallError) -> bool {
    match error {
        CallError::RateLimited { .. }
        | CallError::Unreachable(_)
        | CallError::Unknown(_)
        | CallError::Unclear(_) => true,
        CallError::Place(_)
        | CallError::DeadInstallation(_)
        | CallError::MissingRights { .. }
        | CallError::Content { .. }
        | CallError::State(_)
        | CallError::TooLarge
        | CallError::UntrustedUrl => false,
    }
}

/// Slack's code for an app without a home tab.
const NOT_ENABLED: &str = "not_enabled";
