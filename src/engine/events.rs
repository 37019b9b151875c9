//! What happens in Slack that nobody asked for: channels that change, and the end of an installation.
//!
//! An event is acknowledged once what follows from it is stored; what is not is delivered again by
//! Slack (Slack: Events API, retries), and each step here may be done twice.

use super::Engine;
use super::identity::NotAdmitted;
use super::update::Update;
use domain::binding::{Binding, ChannelBinding};
use domain::ids::ChannelId;
use domain::inbound::{Response, WorkspaceChange, WorkspaceEvent};
use domain::task::Input;
use store::documents::{ChannelAlias, binding_key, channel_prefix, former_key, renamed_key};
use store::records::{Record, RecordError};
use store::{Expect, Key};

/// How many tasks of a channel are told that the bot is back.
const MOST_TOLD: usize = 50;

impl Engine {
    /// Follows an event.
    pub async fn happened(&self, event: WorkspaceEvent) -> Response {
        match self.authorize_workspace(&event.who) {
            Ok(_) => {}
            // It may be ours: Slack delivers it again, and by then we know.
            Err(NotAdmitted::NotReady) => return Response::TryAgain,
            Err(NotAdmitted::NotOurs) => return Response::Done,
        }
        let followed = match self.change(&event.change).await {
            Ok(()) => self.remember(&event.delivery, &event.kind).await,
            Err(error) => Err(error),
        };
        match followed {
            Ok(_) => Response::Done,
            Err(error) => {
                tracing::warn!(%error, "an event could not be stored; Slack delivers it again");
                Response::TryAgain
            }
        }
    }

    async fn change(&self, change: &WorkspaceChange) -> Result<(), RecordError> {
        match change {
            WorkspaceChange::Joined(user, channel) => {
                let is_us = self.identity().is_some_and(|us| *user == us.user);
                if is_us { self.returned(channel).await } else { Ok(()) }
            }
            WorkspaceChange::Unarchived(channel) => self.returned(channel).await,
            WorkspaceChange::Renamed { old, new } => self.channel_has_new_id(old, new).await,
            WorkspaceChange::Removed => {
                tracing::error!(
                    "the app was removed from the workspace or its token revoked: install it again \
                     and set SLACK_BOT_TOKEN"
                );
                Ok(())
            }
            WorkspaceChange::Other => Ok(()),
        }
    }

    /// The bot can write in a channel again: what waited there is said.
    async fn returned(&self, channel: &ChannelId) -> Result<(), RecordError> {
        let Some(identity) = self.identity() else { return Ok(()) };
        let prefix = channel_prefix(&identity.team, channel);
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
        old: &ChannelId,
        new: &ChannelId,
    ) -> Result<(), RecordError> {
        let Some(identity) = self.identity() else { return Ok(()) };
        let team = &identity.team;
        self.file(&renamed_key(team, old), &ChannelAlias { channel: new.clone() }).await?;
        self.file(&former_key(team, new), &ChannelAlias { channel: old.clone() }).await?;
        let now = self.now();
        let bound = self.records.get::<ChannelBinding>(&binding_key(team, old), now).await?;
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
