//! Whose a document is. Those of another installation, which uses the same store by mistake, are left alone: nothing
//! of them is done, nothing is written to them, and it is said once. Those of a workspace that the app was removed
//! from wait.
//!
//! What tells them apart is the workspace. The Jules account does not: it is another one whenever the
//! key was changed, and the tasks that began with the old key continue.

use super::Engine;
use super::workspace::Workspace;
use domain::ids::{TaskId, TeamId};
use domain::task::Task;
use domain::tenant::Installation;
use jiff::SignedDuration;
use platform::lock::lock;
use platform::metrics;
use store::documents::{installation_key, task_key};
use store::records::RecordError;
use store::{Expect, Key, Rev};

/// How long it is remembered whose documents are ours.
const HOME_LIVES: SignedDuration = SignedDuration::from_hours(24 * 365);

/// Whose a document is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Belonging {
    /// That of a workspace that is served.
    Served,
    /// That of a workspace that is not served now, or not known yet.
    Waiting,
    /// Another installation's.
    Foreign,
}

impl Engine {
    /// Whose the documents of a workspace are: as Slack has said, as it said to an earlier process with the same
    /// token, so that a start needs no Slack, or as the app was installed there.
    ///
    /// # Errors
    /// The store's.
    pub(super) async fn belonging(&self, team: &TeamId) -> Result<Belonging, RecordError> {
        let is_complete = self.learn_homes().await;
        if self.load_workspace(team).await?.is_some() {
            return Ok(Belonging::Served);
        }
        if !is_complete || self.was_installed(team).await? {
            return Ok(Belonging::Waiting);
        }
        Ok(Belonging::Foreign)
    }

    /// Learns who we are in the workspaces of the settings; whether that is known of all of them.
    async fn learn_homes(&self) -> bool {
        let mut is_complete = true;
        for workspace in self.workspaces.of_settings() {
            is_complete &= self.home(workspace).await.is_some();
        }
        is_complete
    }

    async fn home<'e>(&self, workspace: &'e Workspace) -> Option<&'e Installation> {
        let is_news = !workspace.home.initialized();
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
        let home = found.await.ok();
        if is_news && home.is_some() {
            self.wake_all();
        }
        home
    }

    /// Whether it is known whose documents any are that could be carried on.
    pub(super) async fn knows_a_home(&self) -> bool {
        self.learn_homes().await;
        self.workspaces.all().iter().any(|one| one.home.get().is_some())
    }

    /// The workspaces whose documents are ours, as far as Slack has said, now or to an earlier process with
    /// the same tokens, and those in which the app is installed.
    pub(crate) async fn known_workspaces(&self) -> Vec<TeamId> {
        self.learn_homes().await;
        let all = self.workspaces.all();
        all.iter().filter_map(|one| Some(one.home.get()?.team.clone())).collect()
    }

    /// A task of ours.
    ///
    /// # Errors
    /// [`RecordError::Foreign`] for one of another installation.
    pub(super) async fn own_task(&self, id: &TaskId) -> Result<Option<(Rev, Task)>, RecordError> {
        let key = task_key(id);
        let found = self.records.get::<Task>(&key, self.now()).await?;
        if let Some((_, task)) = &found
            && self.belonging(&task.team).await? == Belonging::Foreign
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

    /// Leaves a document of a workspace that isn't served alone until it is served again.
    pub(super) fn leave_asleep(&self, team: &TeamId, key: Key) {
        lock(&self.asleep).entry(team.clone()).or_default().insert(key);
    }

    /// Whether a document waits for its workspace.
    pub(super) fn is_asleep(&self, key: &Key) -> bool {
        lock(&self.asleep).values().any(|keys| keys.contains(key))
    }

    /// It is known of more documents now whose they are.
    fn wake_all(&self) {
        if !std::mem::take(&mut *lock(&self.asleep)).is_empty() {
            self.bell.ring();
        }
    }

    /// The workspace is served again.
    pub(super) fn wake_documents(&self, team: &TeamId) {
        if lock(&self.asleep).remove(team).is_some() {
            self.bell.ring();
        }
    }
}
