//! Who we are in Slack, learnt once from `auth.test` or when the app was installed, and who is one of us. Until the first is known
//! nothing can be accepted: a request from a workspace that is not ours could not be told from one that
//! is.

use super::Engine;
use super::people::Told;
use super::workspace::{NoWorkspace, Workspace};
use domain::message::Notice;
use domain::policy::Standing;
use domain::tenant::{Actor, Home, Installation, Role, Who};
use futures_util::future::join_all;
use jiff::Timestamp;
use slack::error::CallError;
use slack::scopes::lacking;
use std::sync::Arc;
use std::time::Duration;

/// How often it is looked whether a workspace is known.
const IDENTIFIED_LOOK: Duration = Duration::from_millis(100);

impl NoWorkspace {
    /// What the person is told.
    pub(super) fn notice(self) -> Notice {
        match self {
            Self::NotReady => Notice::NotReady,
            Self::NotOurs => Notice::NotOurs,
        }
    }
}

impl Engine {
    /// Asks Slack who we are, in each workspace once.
    ///
    /// # Errors
    /// What Slack said of the first that it said nothing else of; asked again at the next call.
    pub async fn learn_identity(&self) -> Result<(), CallError> {
        let of_settings = self.workspaces.of_settings().iter();
        let asked = join_all(of_settings.map(|one| one.learn_identity())).await;
        asked.into_iter().try_for_each(|said| said.map(|_| ()))
    }

    /// Whether Slack has said who we are in every workspace of the settings. One whose token it refuses holds up no other.
    #[must_use]
    pub(crate) fn is_identified(&self) -> bool {
        let of_settings = self.workspaces.of_settings();
        let is_known = |one: &Arc<Workspace>| one.installation().is_some();
        let is_refused = |one: &Arc<Workspace>| one.slack.refusal().is_some();
        of_settings.iter().all(is_known)
            || (of_settings.iter().all(|one| is_known(one) || is_refused(one))
                && self.workspaces().iter().any(is_known))
    }

    /// Waits until that is known.
    pub(crate) async fn identified(&self) {
        while !self.is_identified() {
            tokio::time::sleep(IDENTIFIED_LOOK).await;
        }
    }

    /// Why Slack refuses the tokens of the settings, where there is no other workspace to serve.
    #[must_use]
    pub(crate) fn slack_refusal(&self) -> Option<String> {
        let refusals = self.workspaces().into_iter().map(|one| one.slack.refusal());
        refusals.collect::<Option<Vec<_>>>().and_then(|all| all.into_iter().next())
    }

    /// Asks Slack whether it accepts a token again that it refused last. While `/readyz` says no, there
    /// may be nothing else that calls Slack and would notice.
    pub async fn try_refused_token(&self) {
        let all = self.workspaces();
        let refused = all.iter().filter(|one| one.slack.refusal().is_some());
        // The client tells the credential what came of it.
        drop(join_all(refused.map(|one| one.slack.auth_test())).await);
    }

    /// Asks Slack again what the tokens may do that lack a scope: someone may have granted it since.
    pub async fn try_lacking_scopes(&self) {
        let all = self.workspaces();
        let lacking = all.iter().filter(|one| lacking(&one.scopes()).next().is_some());
        drop(join_all(lacking.map(|one| one.learn_scopes())).await);
    }

    /// Who acts, and where, if what came in is ours.
    pub(super) async fn actor(&self, who: &Who) -> Result<(Arc<Workspace>, Actor), NoWorkspace> {
        let workspace = self.authorize_workspace(who).await?;
        let (Some(us), Some(user)) = (workspace.installation(), who.user.clone()) else {
            return Err(NoWorkspace::NotOurs);
        };
        let role = if !who.by_app.is_empty() || user == us.bot {
            Role::App(who.by_app.clone())
        } else if workspace.is_stranger(us, who, self.now()).await {
            Role::External
        } else {
            Role::Member
        };
        let team = us.team.clone();
        Ok((workspace, Actor { team, user, role }))
    }

    /// The workspace that something came from, if it is ours.
    pub(super) async fn authorize_workspace(
        &self,
        who: &Who,
    ) -> Result<Arc<Workspace>, NoWorkspace> {
        let found = self.workspace_for(who).await;
        if let Err(NoWorkspace::NotOurs) = found {
            let team = who.team_or_organisation().map(ToString::to_string);
            self.strangers.call_once(|| {
                tracing::warn!(
                    team.id = team,
                    "a workspace that this installation does not serve was refused; further ones are \
                     refused without a word"
                );
            });
        }
        found
    }
}

impl Workspace {
    /// Whether a person belongs to another organisation. Where other organisations are in the
    /// channel, someone whose team Slack does not name counts as one of theirs.
    pub(super) async fn is_stranger(&self, us: &Installation, who: &Who, now: Timestamp) -> bool {
        match us.home_of(who) {
            Home::Ours => false,
            Home::Unknown => who.shared,
            Home::Elsewhere => !Box::pin(self.is_colleague(us, who, now)).await,
        }
    }

    /// Whether a person of another workspace belongs to our organisation. What Slack does not say is
    /// a no. A workspace of the organisation stays one, so it's asked about once: in an organisation-wide
    /// installation everyone is of another workspace, and nobody becomes a stranger when Slack is slow.
    async fn is_colleague(&self, us: &Installation, who: &Who, now: Timestamp) -> bool {
        let (Some(ours), Some(user)) = (&us.enterprise, &who.user) else { return false };
        let Some(team) = &who.user_team else { return false };
        if self.sisters.get(team).is_some() {
            return true;
        }
        if us.org_wide
            && let Some(added) = self.added_to(ours, now).await
            && added.contains(team)
        {
            self.sisters.insert(team.clone(), ());
            return true;
        }
        let told = self.told_of(user, now).await;
        if told == Told::NoScope {
            tracing::warn!(
                "someone from another workspace was taken for a stranger: colleagues in the same \
                 organisation are told apart with the scope users:read"
            );
        }
        let is_colleague = told.said().is_some_and(|info| {
            info.enterprise.as_ref() == Some(ours) && info.standing != Standing::Stranger
        });
        if is_colleague {
            self.sisters.insert(team.clone(), ());
        }
        is_colleague
    }
}
