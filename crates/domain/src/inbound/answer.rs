//! What is known when something is answered, and what goes back.

use super::{Access, PickedRepository, Search};
use crate::binding::Binding;
use crate::change::{Change, IsLatest};
use crate::command::{ContextMode, Ping, PlanMode, PrMode};
use crate::form::{Field, FieldError, Form, TaskForm};
use crate::ids::{AccountId, ChannelId, DeliveryId, MessageTs, TaskId, TeamId, UserId};
use crate::message::{Notice, Scope};
use crate::quota::Plan;
use crate::repo::{RepoRef, Source};
use crate::secret::Secret;
use crate::task::{Input, Task};
use crate::tenant::{AccountRef, Defaults, PersonSettings, Preferences, Whose, WorkspaceSettings};
use crate::words::Names;

/// What is known at the moment of answering. Only what the inbound needs is filled in.
#[derive(Debug, Clone)]
pub struct Facts<'a> {
    /// The Jules accounts that a task of the person may begin on, in this order.
    pub accounts: &'a [UsableAccount<'a>],
    /// The channel's binding.
    pub binding: Option<&'a Binding>,
    /// The channel's binding can't be read, because its document is damaged.
    pub is_binding_damaged: bool,
    /// What is kept of the person.
    pub person: Option<&'a PersonSettings>,
    /// What is kept of the workspace.
    pub settings: Option<&'a WorkspaceSettings>,
    /// What the gate asks.
    pub access: Access<'a>,
    /// This very delivery has bound or unbound the channel before.
    pub applied: Option<IsLatest>,
    /// What the people and channels are called that it names.
    pub names: &'a Names,
    /// The connected repositories, when the list was read.
    pub sources: Option<&'a [Source]>,
    /// The task in question.
    pub task: Option<&'a Task>,
    /// The task in its place, if it was tried again before.
    pub successor: Option<&'a Task>,
    /// The same delivery was remembered before.
    pub seen: bool,
    /// The bot, as a user of Slack.
    pub bot: Option<&'a UserId>,
    /// The address of the workspace in Slack.
    pub workspace: Option<&'a str>,
}

/// An account that a task may begin on.
#[derive(Debug, Clone, Copy)]
pub struct UsableAccount<'a> {
    /// The account.
    pub id: &'a AccountId,
    /// Who brought it; `None` for the workspace's.
    pub owner: Option<&'a UserId>,
    /// Its connected repositories, when the list was read.
    pub sources: Option<&'a [Source]>,
}

impl UsableAccount<'_> {
    /// It, by name.
    #[must_use]
    pub fn to_ref(&self) -> AccountRef {
        AccountRef { id: self.id.clone(), owner: self.owner.cloned() }
    }

    fn may_have(&self, repo: &RepoRef) -> bool {
        let has = |sources: &[Source]| sources.iter().any(|source| source.repo.same(repo));
        self.sources.is_none_or(has)
    }
}

impl<'a> Facts<'a> {
    /// The account that a task for this repository begins on: the first that has it, or may have it. Jules is
    /// asked where that isn't certain, and another one may turn out to.
    #[must_use]
    pub(crate) fn account_for(&self, repo: Option<&RepoRef>) -> AccountRef {
        let fits = |one: &&UsableAccount<'_>| repo.is_none_or(|repo| one.may_have(repo));
        let found = self.accounts.iter().find(fits).or(self.accounts.first());
        // Nothing begins without an account; a draft needs none yet.
        let none = || AccountRef { id: AccountId::of_settings(), owner: None };
        found.map_or_else(none, UsableAccount::to_ref)
    }

    /// All that says something about a task where nothing was typed.
    #[must_use]
    pub fn defaults(&self) -> Defaults<'a> {
        Defaults {
            binding: self.binding,
            mine: self.person.map(|person| &person.preferences),
            workspace: self.settings.map(|settings| &settings.preferences),
        }
    }
}

/// What goes back to Slack at once, and what is to be done besides.
#[derive(Debug, Clone, PartialEq)]
pub struct Answer {
    /// What the response carries.
    pub reply: Reply,
    /// The one write without which the reply must not go out.
    pub write: Option<Write>,
    /// What is done right afterwards, without a promise.
    pub follow_up: Option<FollowUp>,
}

/// What a response carries.
#[derive(Debug, Clone, PartialEq)]
pub enum Reply {
    /// Nothing; a form closes.
    Nothing,
    /// What Jules says to a question, if it says it soon; else nothing, and that follows later.
    Lookup,
    /// Words that only the sender sees.
    Notice(Box<Notice>),
    /// Words that the channel sees.
    Announce(Box<Notice>),
    /// Errors that stand at the fields of the form.
    Errors(Vec<(Field, FieldError)>),
    /// What can be picked in a field.
    Options(Search),
}

/// The write behind an answer.
#[derive(Debug, Clone, PartialEq)]
pub enum Write {
    /// A new task. If it is there already, this delivery came before.
    Task(Box<Task>),
    /// Something happens to a task.
    Input(TaskId, Box<Input>),
    /// A channel is bound, unless this request was applied before.
    Bind(Box<Binding>, Change),
    /// The channel it came from is not bound any more, unless this request was applied before.
    Unbind(Change),
    /// Defaults are changed, unless this request was applied before.
    Settings(Box<SettingsChange>),
    /// This delivery is remembered; what was remembered before is not answered again.
    Once(DeliveryId),
}

/// What is done after the answer. A crash loses it, and nobody was promised it.
#[derive(Debug, Clone, PartialEq)]
pub enum FollowUp {
    /// Open a form.
    Open(Box<Form>),
    /// Remember that the person wants what they write to the bot directly to become tasks, and their default
    /// repository, if they picked one as that.
    ConfirmDirect(Option<String>),
    /// Open the form of a task about a message, and fill in what is found out while it is open: whether the bot
    /// is in the channel, and how long the thread is.
    OpenOnMessage(Box<TaskForm>, ThreadOf),
    /// Ask Jules about a repository and bind the channel to it.
    Bind(Box<BindRequest>),
    /// Say this in a channel, to everyone there.
    Announce(ChannelId, Box<Notice>),
    /// Read the connected repositories and list them.
    Repos(Option<String>),
    /// List tasks, from behind a place on.
    Tasks(Scope, Option<String>),
    /// List what the workspace's channels are bound to.
    Bindings,
    /// Tell the person what holds here of who may do what.
    Access(Option<ChannelId>),
    /// Open the form for the person's own key, or the workspace's.
    OpenKey(Whose),
    /// Check a key with Jules and keep it.
    KeepKey(Box<KeyRequest>),
    /// Remove a key: at once, or when what runs on it is done.
    RemoveKey {
        /// Whose.
        whose: Whose,
        /// At once.
        now: bool,
    },
    /// Tell the person every effective default, here if it came from a channel.
    Settings {
        /// Where it is told.
        channel: Option<ChannelId>,
        /// Whose defaults were saved, if any were.
        saved: Option<Whose>,
    },
    /// Show another form in an open view, unless that is another one by now.
    Replace {
        /// Slack's name of the view.
        view: String,
        /// Its state.
        hash: Option<String>,
        /// What it shows.
        form: Box<Form>,
    },
    /// Draw an open form again for the repository that was picked in it.
    Redraw(Box<PickedRepository>),
    /// Draw the person's App Home.
    Home(WhyHome),
    /// Open the form that sends a review to Jules, by its number; or, without one, which checks failed.
    OpenReview(TaskId, Option<u64>),
    /// Show a page of what a session changed: in this open view, or in a new one.
    ShowChanges(TaskId, u32, Option<String>),
    /// Offer the sessions that no thread follows, to follow one in this channel.
    PickSession(ChannelId),
    /// Show a page of what was said in a session before: in this open view, or in a new one.
    ShowMessages(TaskId, u32, Option<String>),
}

/// A request to change defaults.
#[derive(Debug, Clone, PartialEq)]
pub struct SettingsChange {
    /// The workspace.
    pub team: TeamId,
    /// Who asks.
    pub by: UserId,
    /// Whose defaults.
    pub whose: Whose,
    /// What they are from now on.
    pub to: Preferences,
    /// The request.
    pub change: Change,
}

/// Someone's wish to have their own key used, or another one for the workspace.
#[derive(Debug, Clone, PartialEq)]
pub struct KeyRequest {
    /// Whose key it is to be.
    pub whose: Whose,
    /// The key.
    pub key: Secret,
    /// The account's plan.
    pub plan: Plan,
    /// Names the request.
    pub delivery: DeliveryId,
}

/// The thread of a message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ThreadOf {
    /// The channel.
    pub channel: ChannelId,
    /// The root.
    pub root: MessageTs,
}

/// Why someone's App Home is drawn.
#[derive(Debug, Clone, PartialEq)]
pub enum WhyHome {
    /// They opened it.
    Opened,
    /// They clicked in it; this is what came of that, where something has to be said.
    Clicked(Option<Box<Notice>>),
}

/// A wish to bind a channel, with names as typed.
#[derive(Debug, Clone, PartialEq)]
pub struct BindRequest {
    /// The channel.
    pub channel: ChannelId,
    /// The repository, as typed.
    pub repo: String,
    /// The branch, as typed.
    pub branch: Option<String>,
    /// Ask before starting work.
    pub plan: Option<PlanMode>,
    /// Open pull requests.
    pub pr: Option<PrMode>,
    /// Tell the threads little.
    pub quiet: Option<bool>,
    /// How requesters are notified.
    pub ping: Option<Ping>,
    /// Whether threads go along.
    pub context: Option<ContextMode>,
    /// The request.
    pub change: Change,
}

impl Answer {
    /// Only words for the sender.
    #[must_use]
    pub fn notice(notice: Notice) -> Self {
        Self { reply: Reply::Notice(Box::new(notice)), write: None, follow_up: None }
    }

    /// Nothing at all.
    #[must_use]
    pub fn nothing() -> Self {
        Self { reply: Reply::Nothing, write: None, follow_up: None }
    }

    /// The channel is bound, which everyone there is told.
    #[must_use]
    pub fn bound(binding: Binding, change: Change) -> Self {
        Self {
            reply: Reply::Announce(Box::new(Notice::Bound(binding.clone()))),
            write: Some(Write::Bind(Box::new(binding), change)),
            follow_up: None,
        }
    }

    pub(super) fn input(id: TaskId, input: Input) -> Self {
        Self { write: Some(Write::Input(id, Box::new(input))), ..Self::nothing() }
    }

    /// Whether a binding or defaults that have changed meanwhile would make it another answer.
    #[must_use]
    pub fn rests_on_settings(&self) -> bool {
        let of_others = matches!(
            self.follow_up,
            Some(
                FollowUp::Tasks(..)
                    | FollowUp::Bindings
                    | FollowUp::Repos(_)
                    | FollowUp::ShowChanges(..)
            )
        );
        let fixed = match &self.reply {
            Reply::Notice(notice) => matches!(
                **notice,
                Notice::Help | Notice::Version | Notice::NoSources | Notice::Repos { .. }
            ),
            Reply::Nothing
            | Reply::Lookup
            | Reply::Announce(_)
            | Reply::Errors(_)
            | Reply::Options(_) => false,
        };
        !of_others && !fixed
    }

    /// Whether a corrected command was not run.
    #[must_use]
    pub fn is_stale_offer(&self) -> bool {
        matches!(&self.reply, Reply::Notice(notice) if matches!(**notice, Notice::OfferNotRun(_)))
    }

    pub(super) fn run(follow_up: FollowUp) -> Self {
        Self { follow_up: Some(follow_up), ..Self::nothing() }
    }

    pub(super) fn errors(errors: Vec<(Field, FieldError)>) -> Self {
        Self { reply: Reply::Errors(errors), write: None, follow_up: None }
    }
}

/// What goes back over the transport.
#[derive(Debug, Clone, PartialEq)]
pub enum Response {
    /// That it was received.
    Done,
    /// An answer.
    Reply(Reply),
    /// What can be picked in a field.
    Options(Vec<String>),
    /// That it was not: Slack shall deliver it again.
    TryAgain,
}
