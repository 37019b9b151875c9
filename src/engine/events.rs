//! What happens in Slack that nobody asked for: channels that change, and the end of an installation.
//!
//! An event is acknowledged once what follows from it is stored; what is not is delivered again by
//! Slack (Slack: Events API, retries), and each step here may be done twice.

use super::Engine;
use super::update::Update;
use super::workspace::NoWorkspace;
use domain::binding::{Binding, ChannelBinding};
use domain::ids::{ChannelId, TeamId};
use domain::inbound::{Response, WorkspaceChange, WorkspaceEvent};
use domain::task::Input;
use domain::tenant::{Actor, Installation, Role};
use store::documents::{ChannelAlias, binding_key, channel_prefix, former_key, renamed_key};
use store::records::{Record, RecordError};
use store::{Expect, Key};

/// How many tasks of a channel are told that the bot is back.
const MOST_TOLD: usize = 50;

impl Engine {
    /// Follows an event.
    pub async fn happened(&self, event: WorkspaceEvent) -> Response {
        if let WorkspaceChange::Removed | WorkspaceChange::Revoked = event.change {
            let ended = self.end_install(&event).await;
            return self.acknowledge(&event, ended).await;
        }
        let workspace = match self.authorize_workspace(&event.who).await {
            Ok(workspace) => workspace,
            // It may be ours: Slack delivers it again, and by then we know.
            Err(NoWorkspace::NotReady) => return Response::TryAgain,
            Err(NoWorkspace::NotOurs) => return Response::Done,
        };
        let Some(us) = workspace.installation() else { return Response::TryAgain };
        match &event.change {
            // Slack tells of everyone in the workspace, and there's nothing to store.
            WorkspaceChange::Person { user, is_deactivated } => {
                workspace.forget_person(user);
                if !is_deactivated {
                    return Response::Done;
                }
            }
            WorkspaceChange::Group(group) => {
                workspace.forget_group(group);
                return Response::Done;
            }
            _ => {}
        }
        let followed = self.change(&event.change, us).await;
        self.acknowledge(&event, followed).await
    }

    /// An event is acknowledged once what follows from it is stored.
    async fn acknowledge(
        &self,
        event: &WorkspaceEvent,
        followed: Result<(), RecordError>,
    ) -> Response {
        let remembered = match followed {
            Ok(()) => self.remember(&event.delivery, &event.kind).await,
            Err(error) => Err(error),
        };
        match remembered {
            Ok(_) => Response::Done,
            Err(error) => {
                tracing::warn!(%error, "an event could not be stored; Slack delivers it again");
                Response::TryAgain
            }
        }
    }

    async fn change(&self, change: &WorkspaceChange, us: &Installation) -> Result<(), RecordError> {
        match change {
            WorkspaceChange::Joined(user, channel) => {
                if *user == us.bot {
                    self.returned(&us.team, channel).await
                } else {
                    Ok(())
                }
            }
            WorkspaceChange::Unarchived(channel) => self.returned(&us.team, channel).await,
            WorkspaceChange::Renamed { old, new } => {
                self.channel_has_new_id(&us.team, old, new).await
            }
            WorkspaceChange::Access { teams, is_granted } => {
                let (org, teams) = (us.team.as_str(), join(teams));
                if *is_granted {
                    tracing::info!(
                        org,
                        teams,
                        "the app was added to workspaces of an organisation"
                    );
                } else {
                    tracing::warn!(
                        org,
                        teams,
                        "the app was taken out of workspaces of an organisation"
                    );
                }
                Ok(())
            }
            WorkspaceChange::Person { user, .. } => {
                let (team, user) = (us.team.clone(), user.clone());
                let actor = Actor { team, user, role: Role::Member };
                self.try_to_remove_own(false, &actor).await.map(|_| ())
            }
            WorkspaceChange::Removed
            | WorkspaceChange::Revoked
            | WorkspaceChange::Group(_)
            | WorkspaceChange::Other => Ok(()),
        }
    }

    /// The bot can write in a channel again: what waited there is said.
    async fn returned(&self, team: &TeamId, channel: &ChannelId) -> Result<(), RecordError> {
        let prefix = channel_prefix(team, channel);
        let (tasks, _) = self.tasks_under(&prefix, None, MOST_TOLD, |_| true).await?;
        for task in tasks.iter().filter(|task| task.away.is_some()) {
            self.apply(&task.id, Input::Returned).await?;
        }
        Ok(())
    }

    /// A channel has another id: its binding goes along, and its tasks find the new one when they
    /// need it.
    async fn channel_has_new_id(
        &self,
        team: &TeamId,
        old: &ChannelId,
        new: &ChannelId,
    ) -> Result<(), RecordError> {
        self.file(&renamed_key(team, old), &ChannelAlias { channel: new.clone() }).await?;
        self.file(&former_key(team, new), &ChannelAlias { channel: old.clone() }).await?;
        let now = self.now();
        let bound = self.records.get::<ChannelBinding>(&binding_key(team, old), now).await;
        let bound = self.unless_damaged(bound)?;
        let Some((_, ChannelBinding { binding: Some(binding), changes })) = bound else {
            return Ok(());
        };
        let binding = Some(Binding { channel: new.clone(), ..binding });
        self.file(&binding_key(team, new), &ChannelBinding { binding, changes }).await?;
        self.update(&binding_key(team, old), |live: Option<ChannelBinding>, _| {
            let record = ChannelBinding { binding: None, ..live.unwrap_or_default() };
            let expires_at = record.expires_at();
            Update::Write { record, wake_at: None, expires_at, back: () }
        })
        .await
    }

    /// Files something that is kept, unless something is there.
    async fn file<T: Record>(&self, key: &Key, record: &T) -> Result<(), RecordError> {
        self.records.put(key, record, None, None, Expect::Absent, self.now()).await.map(|_| ())
    }
}

/// Ids for a log line.
fn join(teams: &[TeamId]) -> String {
    teams.iter().map(TeamId::as_str).collect::<Vec<_>>().join(" ")
}
