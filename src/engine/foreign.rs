//! Documents of another installation, which uses the same store by mistake. They are left alone: nothing
//! of them is done, nothing is written to them, and it is said once.
//!
//! What tells them apart is the workspace. The Jules account does not: it is another one whenever the
//! key was changed, and the tasks that began with the old key continue.

use super::Engine;
use super::workspace::Workspace;
use domain::ids::{TaskId, TeamId};
use domain::task::Task;
use domain::tenant::Installation;
use jiff::SignedDuration;
use platform::metrics;
use store::documents::{installation_key, task_key};
use store::records::RecordError;
use store::{Expect, Key, Rev};

/// How long it is remembered whose documents are ours.
const HOME_LIVES: SignedDuration = SignedDuration::from_hours(24 * 365);

/// Whose documents are ours, as far as it is known.
pub(super) struct Homes<'e> {
    known: Vec<&'e Installation>,
    /// Of every workspace.
    is_complete: bool,
}

impl Homes<'_> {
    /// Nothing is known.
    pub(super) fn is_empty(&self) -> bool {
        self.known.is_empty()
    }

    /// Whether documents of this workspace are ours, or may be.
    pub(super) fn may_serve(&self, team: &TeamId) -> bool {
        !self.is_complete || self.known.iter().any(|home| home.serves(team))
    }
}

impl Engine {
    /// Whose documents are ours: as Slack has said, or as it said to an earlier process with the same
    /// token, so that a start needs no Slack.
    pub(super) async fn homes(&self) -> Homes<'_> {
        let (mut known, mut is_complete) = (Vec::new(), true);
        for workspace in self.workspaces() {
            match self.home(workspace).await {
                Some(home) => known.push(home),
                None => is_complete = false,
            }
        }
        Homes { known, is_complete }
    }

    async fn home<'e>(&self, workspace: &'e Workspace) -> Option<&'e Installation> {
        let found = workspace.home.get_or_try_init(|| async {
            let key = installation_key(&workspace.slack.installation());
            let now = self.now();
            let Some(said) = workspace.installation() else {
                let kept = self.records.get::<Installation>(&key, now).await;
                return kept.ok().flatten().map(|(_, home)| home).ok_or(());
            };
            let until = Some(now + HOME_LIVES);
            // Without it only a start while Slack is down would have to wait.
            drop(self.records.put(&key, said, None, until, Expect::Absent, now).await);
            Ok(said.clone())
        });
        found.await.ok()
    }

    /// A task of ours.
    ///
    /// # Errors
    /// [`RecordError::Foreign`] for one of another installation.
    pub(super) async fn own_task(&self, id: &TaskId) -> Result<Option<(Rev, Task)>, RecordError> {
        let key = task_key(id);
        let found = self.records.get::<Task>(&key, self.now()).await?;
        if let Some((_, task)) = &found
            && !self.homes().await.may_serve(&task.team)
        {
            return Err(RecordError::Foreign { key, team: task.team.clone() });
        }
        Ok(found)
    }

    /// That none of these tasks is another installation's, and so the document that names them neither.
    pub(super) async fn none_foreign<'t>(
        &self,
        tasks: impl Iterator<Item = &'t TaskId>,
    ) -> Result<(), RecordError> {
        for task in tasks {
            match self.own_task(task).await {
                Err(error) if error.is_foreign() || !error.is_about_the_document() => {
                    return Err(error);
                }
                Ok(_) | Err(_) => {}
            }
        }
        Ok(())
    }

    /// Another installation's document was met and is left alone.
    pub(super) fn report_foreign(&self, key: &Key, error: &RecordError) {
        metrics::foreign_document();
        self.foreign.call_once(|| {
            tracing::error!(
                %error,
                document = %key,
                "another installation uses the same store; give each its own STORE. Its documents are \
                 left alone, and further ones are without a word"
            );
        });
    }
}
