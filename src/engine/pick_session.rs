//! The list of sessions to follow, and what was said in one before: views that open at once and are filled
//! when Jules has answered.

use super::Engine;
use super::account::Account;
use super::fault::{jules_fault, session_fault};
use super::tell::{Route, log_loss};
use super::workspace::Caller;
use domain::earlier::{earlier, pages};
use domain::fault::Cause;
use domain::form::{
    Form, MessagesShown, MessagesView, SessionChoice, SessionPicker, SessionsShown,
};
use domain::ids::{ChannelId, SessionId, TaskId};
use domain::inbound::Origin;
use domain::message::Notice;
use domain::session::Session;
use domain::task::Task;
use domain::watch::WatchedSession;
use futures_util::{StreamExt, stream};
use platform::walk::Walk;
use store::documents::session_key;

/// How many sessions are offered.
const OFFERED: usize = 20;
/// How many pages of sessions are read for them.
const MOST_PAGES: usize = 4;
/// How many documents are read at a time.
const AT_ONCE: usize = 16;

impl Engine {
    /// Offers the newest sessions that no thread follows.
    pub(super) async fn pick_session(
        &self,
        channel: &ChannelId,
        (caller, origin): (&Caller, &Origin),
    ) {
        let form = |shows| Form::Sessions(SessionPicker { channel: channel.clone(), shows });
        let Some(view) = self.open_view(&form(SessionsShown::Loading), (caller, origin)).await
        else {
            return;
        };
        let mut shows = SessionsShown::List(Vec::new());
        for account in self.accounts_of(caller, Some(channel)).await {
            shows = match (shows, self.unfollowed(&account).await) {
                (SessionsShown::List(mut all), Ok(more)) => {
                    all.extend(more);
                    all.truncate(OFFERED);
                    SessionsShown::List(all)
                }
                (SessionsShown::List(_), Err(cause)) => SessionsShown::Trouble(cause),
                (trouble, _) => trouble,
            };
        }
        self.fill_view(&view, &form(shows), caller).await;
    }

    async fn unfollowed(&self, account: &Account) -> Result<Vec<SessionChoice>, Cause> {
        let mut offered = Vec::new();
        let mut walk = Walk::of(MOST_PAGES);
        while walk.goes_on() && offered.len() < OFFERED {
            let page = account.jules.sessions_to_pick(walk.at()).await;
            let page = page.map_err(|error| jules_fault(&error, self.now()).cause().clone())?;
            let mut free = stream::iter(page.items)
                .map(async |session| (self.is_followed(account, &session.id).await, session))
                .buffered(AT_ONCE);
            while let Some((is_followed, session)) = free.next().await {
                if !is_followed {
                    offered.push(self.choice(account, session));
                }
            }
            drop(free);
            walk.turn(page.next);
        }
        offered.truncate(OFFERED);
        Ok(offered)
    }

    /// Whether a thread follows a session. One that nobody can tell of is not offered.
    async fn is_followed(&self, account: &Account, session: &SessionId) -> bool {
        let key = session_key(&account.id, session);
        !matches!(self.records.get::<WatchedSession>(&key, self.now()).await, Ok(None))
    }

    fn choice(&self, account: &Account, session: Session) -> SessionChoice {
        let age = session.created.map(|created| self.now().duration_since(created).as_secs());
        SessionChoice {
            repo: session.source.as_ref().and_then(|source| account.repo_of(source)),
            id: session.id,
            title: session.title,
            state: session.state,
            age: age.and_then(|age| u64::try_from(age).ok()),
        }
    }

    /// Shows a page of what was said in a session before: in the view that is open, or in a new one.
    pub(super) async fn show_messages(
        &self,
        id: &TaskId,
        page: u32,
        view: Option<String>,
        (caller, origin): (&Caller, &Origin),
    ) {
        let form = |shows| Form::Messages(MessagesView { task: id.clone(), shows });
        let view = match view {
            Some(view) => view,
            None => match self.open_view(&form(MessagesShown::Loading), (caller, origin)).await {
                Some(view) => view,
                None => return,
            },
        };
        let shows = match self.task(id, &caller.actor.team).await {
            Ok(Some((_, task))) => self.messages_of(&task, page).await,
            Ok(None) => MessagesShown::Missing,
            Err(error) => {
                tracing::warn!(%error, "a task was not read");
                MessagesShown::Trouble(Cause::StoreDown)
            }
        };
        self.fill_view(&view, &form(shows), caller).await;
    }

    async fn messages_of(&self, task: &Task, page: u32) -> MessagesShown {
        let account = self.account(&task.account);
        let Some((account, known)) = account.zip(task.session.as_ref()) else {
            return MessagesShown::Missing;
        };
        let read = match account.activities_since(&known.id, None).await {
            Ok(read) => read,
            Err(jules::Error::NotFound) => return MessagesShown::Missing,
            Err(error) => {
                return MessagesShown::Trouble(session_fault(&error, self.now()).cause().clone());
            }
        };
        let since = task.followed.as_ref().and_then(|followed| followed.since);
        let mut pages = pages(earlier(&read.activities, since.unwrap_or(task.created)));
        let of = u32::try_from(pages.len()).unwrap_or(u32::MAX);
        let at = page.min(of.saturating_sub(1));
        match usize::try_from(at).ok().filter(|at| *at < pages.len()) {
            Some(nth) => {
                let messages = pages.swap_remove(nth);
                MessagesShown::Page { messages, at: (at, of), url: known.url.clone() }
            }
            None => MessagesShown::Missing,
        }
    }

    /// Opens a view while its trigger lives; says so if Slack did not.
    async fn open_view(&self, form: &Form, (caller, origin): (&Caller, &Origin)) -> Option<String> {
        let trigger = origin.trigger.as_ref()?;
        match caller.workspace.slack().open_form(trigger, form).await {
            Ok(opened) => Some(opened.id),
            Err(error) => {
                tracing::warn!(%error, "a view was not opened");
                let notice = Notice::ViewNotOpened;
                log_loss(self.tell(&Route::to_sender(caller, origin), &notice).await);
                None
            }
        }
    }

    async fn fill_view(&self, view: &str, form: &Form, caller: &Caller) {
        if let Err(error) = caller.workspace.slack().update_form(view, None, form).await {
            tracing::info!(%error, "a view was not filled");
        }
    }
}
