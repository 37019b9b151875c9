//! What a session changed, for the person who asks: in a view that opens at once and is filled when Jules has
//! answered, or as a file for them alone.

use super::Engine;
use super::fault::session_fault;
use super::perform::Patch;
use super::tell::{Route, log_loss};
use super::workspace::Caller;
use domain::diff::{pages, summary};
use domain::fault::Cause;
use domain::form::{DiffShown, DiffView, Form};
use domain::ids::TaskId;
use domain::inbound::Origin;
use domain::message::Notice;
use domain::task::Task;
use slack::error::CallError;
use slack::files::NewFile;
use slack::render::{FILES_ON_A_PAGE, PAGE};

/// What takes more pages than this is sent as a file, if Slack accepts one.
const MOST_PAGES: usize = 10;

/// And otherwise has this many at most.
const MOST_WITHOUT_FILE: usize = 40;

impl Engine {
    /// Shows a page of what a session changed: in the view that is open, or in a new one.
    pub(super) async fn show_changes(
        &self,
        id: &TaskId,
        page: u32,
        view: Option<String>,
        (caller, origin): (&Caller, &Origin),
    ) {
        let slack = caller.workspace.slack();
        let diff = |shows| Form::Diff(DiffView { task: id.clone(), shows });
        let view = match (view, &origin.trigger) {
            (Some(view), _) => view,
            (None, Some(trigger)) => {
                match slack.open_form(trigger, &diff(DiffShown::Loading)).await {
                    Ok(opened) => opened.id,
                    Err(error) => {
                        tracing::warn!(%error, "a view was not opened");
                        let notice = Notice::ViewNotOpened;
                        let route = Route::to_sender(caller, origin);
                        return log_loss(self.tell(&route, &notice).await);
                    }
                }
            }
            (None, None) => return,
        };
        let shows = match self.task(id, &caller.actor.team).await {
            Ok(Some((_, task))) => self.changes_of(&task, page, caller).await,
            Ok(None) => DiffShown::Missing,
            Err(error) => {
                tracing::warn!(%error, "a task was not read");
                DiffShown::Trouble(Cause::StoreDown)
            }
        };
        if let Err(error) = slack.update_form(&view, None, &diff(shows)).await {
            tracing::info!(%error, "a view was not filled");
        }
    }

    async fn changes_of(&self, task: &Task, page: u32, caller: &Caller) -> DiffShown {
        let Some(known) = &task.session else { return DiffShown::Missing };
        // It is at the account that the task was started on, no matter who asks.
        let Some(account) = self.account(&task.account) else { return DiffShown::Missing };
        let session = match account.jules.session(&known.id).await {
            Ok(session) => session,
            Err(jules::Error::NotFound) => return DiffShown::Missing,
            Err(error) => {
                return DiffShown::Trouble(session_fault(&error, self.now()).cause().clone());
            }
        };
        match self.newest_patch(&account, task, &session).await {
            Ok(Patch::Read { patch, .. }) if !patch.trim().is_empty() => {
                self.patch_shown(task, &patch, page, caller).await
            }
            Ok(Patch::TooLarge) => DiffShown::TooLarge,
            Ok(Patch::Read { .. } | Patch::None) => DiffShown::Missing,
            Err(fault) => DiffShown::Trouble(fault.cause().clone()),
        }
    }

    /// A page of a patch. One of very many pages is sent as a file instead: to the person who asked, and not into
    /// the thread, where people of other organisations may read along.
    async fn patch_shown(&self, task: &Task, patch: &str, page: u32, caller: &Caller) -> DiffShown {
        let stat = summary(patch);
        let mut pages = pages(patch, PAGE, FILES_ON_A_PAGE);
        if pages.len() > MOST_PAGES {
            match send_patch(task, patch, caller).await {
                Ok(name) => return DiffShown::Sent { stat, name },
                Err(error) => tracing::info!(%error, "a patch was not sent as a file"),
            }
        }
        let rest = pages.split_off(pages.len().min(MOST_WITHOUT_FILE));
        let missing = rest.iter().flat_map(|page| &page.0);
        let missing = missing.map(|piece| piece.lines.chars().count()).sum();
        let of = u32::try_from(pages.len()).unwrap_or(u32::MAX);
        let at = page.min(of.saturating_sub(1));
        let Some(page) = usize::try_from(at).ok().and_then(|at| pages.into_iter().nth(at)) else {
            // Nothing in it is a patch.
            return DiffShown::Missing;
        };
        DiffShown::Page { stat, page, at: (at, of), missing, url: task.url() }
    }
}

/// Sends a patch as a file, in the app's own conversation with the person who asked.
async fn send_patch(task: &Task, patch: &str, caller: &Caller) -> Result<String, CallError> {
    let slack = caller.workspace.slack();
    let channel = slack.open_dm(&caller.actor.user).await?;
    let name = format!("changes-{}.patch", task.id);
    let file = NewFile { name: &name, title: &name, text: patch };
    slack.share_file(&channel, None, file).await?;
    Ok(name)
}
