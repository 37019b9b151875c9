//! One delivery, as a value: who sent what, from where.

use super::Verb;
use super::verb::Reads;
use crate::form::{FormOwner, FormValues, KeyValues, SettingsValues};
use crate::ids::{
    ChannelId, DeliveryId, GroupId, MessageTs, PlanId, SessionId, TaskId, TeamId, UserId,
};
use crate::message::Scope;
use crate::offer::Offer;
use crate::secret::Secret;
use crate::task::{FileRef, ReplyKind, ReplyTo};
use crate::tenant::{Who, Whose};
use crate::words::Words;
use jiff::Timestamp;

/// One delivery that asks for something.
#[derive(Debug, Clone, PartialEq)]
pub struct Incoming {
    /// Who sent it, as the delivery says.
    pub who: Who,
    /// From where.
    pub origin: Origin,
    /// What it asks for.
    pub inbound: Inbound,
}

/// Where something came from, and how its sender is answered.
#[derive(Debug, Clone, PartialEq)]
pub struct Origin {
    /// Names this delivery: the same when Slack delivers it again.
    pub delivery: DeliveryId,
    /// Where it was typed, pressed or written; a form says nothing about that.
    pub place: Option<Place>,
    /// How the sender is answered.
    pub reply: ReplyRoute,
    /// Lets one form be opened, for three seconds.
    pub trigger: Option<Secret>,
}

/// A place in Slack.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place {
    /// The channel.
    pub channel: ChannelId,
    /// The thread in it.
    pub root: Option<MessageTs>,
}

/// How a sender is answered.
#[derive(Debug, Clone, PartialEq)]
pub enum ReplyRoute {
    /// A command: in the response, and this way afterwards.
    Command(Option<ReplyTo>),
    /// A form or a field of one: in the response.
    Form,
    /// A button: this way, since the response can carry nothing.
    Button {
        /// The way back.
        to: Option<ReplyTo>,
        /// Nobody else sees the message that the button is in.
        is_private: bool,
    },
    /// A message: by another message.
    Message,
    /// A shortcut: this way, or by a message.
    Shortcut(Option<ReplyTo>),
    /// Their App Home: by drawing it again.
    Home,
}

impl ReplyRoute {
    /// The `response_url`, if there is one.
    #[must_use]
    pub fn to(&self) -> Option<&ReplyTo> {
        match self {
            Self::Command(to) | Self::Shortcut(to) | Self::Button { to, .. } => to.as_ref(),
            Self::Form | Self::Message | Self::Home => None,
        }
    }
}

impl Origin {
    /// The channel it came from, if it came from one.
    #[must_use]
    pub fn channel(&self) -> Option<&ChannelId> {
        self.place.as_ref().map(|place| &place.channel)
    }
}

/// What a delivery asks for.
#[derive(Debug, Clone, PartialEq)]
pub enum Inbound {
    /// `/jules …`, as typed.
    Command(Words),
    /// A command that is longer than anything we accept.
    CommandTooLong,
    /// *Run this*, below a command with a slip.
    Run(Offer),
    /// A button that does something with a task.
    Press(TaskId, Verb),
    /// The next page of a list.
    More(Scope, String),
    /// The form that starts a task was sent.
    TaskForm(TaskId, FormValues),
    /// The form that binds a channel was sent.
    BindForm(ChannelId, FormValues),
    /// The form that asks for changes was sent.
    ChangesForm(TaskId, PlanId, String),
    /// The form that answers a question was sent.
    AnswerForm(TaskId, u32, String),
    /// A form with defaults was sent.
    SettingsForm {
        /// Whose.
        whose: Whose,
        /// Where they were asked for.
        channel: Option<ChannelId>,
        /// What was filled in.
        values: SettingsValues,
    },
    /// The form with these defaults, in this open view.
    ShowSettings {
        /// Whose.
        whose: Whose,
        /// Where they were asked for.
        channel: Option<ChannelId>,
        /// Slack's name of the view.
        view: String,
        /// Its state, so that something newer is not overwritten.
        hash: Option<String>,
    },
    /// Another page of what a session changed, in this open view.
    TurnPage {
        /// The task.
        task: TaskId,
        /// Which page, counted from 0.
        page: u32,
        /// Slack's name of the view.
        view: String,
    },
    /// The list of sessions was sent, from this channel, with the one that was picked.
    FollowForm(ChannelId, Option<SessionId>),
    /// Another page of what was said in a session, in this open view.
    TurnMessages {
        /// The task.
        task: TaskId,
        /// Which page, counted from the newest.
        page: u32,
        /// Slack's name of the view.
        view: String,
    },
    /// A repository was picked in an open form.
    Picked(Box<PickedRepository>),
    /// A field of an open form asks what can be picked in it.
    Search(Search),
    /// A message that a person wrote.
    Message(Box<WrittenMessage>),
    /// Someone opened their App Home.
    HomeOpened,
    /// A new task, from nowhere in particular: the shortcut of the workspace, or *New task* in the App Home.
    NewTask,
    /// The shortcut in the menu of a message.
    SendToJules(Box<PointedMessage>),
    /// The form that sends a message on to a task was sent.
    SendForm(TaskId, String),
    /// The form for the person's own key was sent.
    KeyForm(Whose, Box<KeyValues>),
}

/// A message that someone points at; the author may be someone else.
#[derive(Debug, Clone, PartialEq)]
pub struct PointedMessage {
    /// Its id.
    pub ts: MessageTs,
    /// Who wrote it; `None` for most apps.
    pub author: Option<UserId>,
    /// What it says.
    pub words: Words,
    /// What is forwarded in it.
    pub forwarded: Vec<Forwarded>,
    /// What is attached.
    pub files: Vec<FileRef>,
}

/// A repository was picked: the branch field has to follow.
#[derive(Debug, Clone, PartialEq)]
pub struct PickedRepository {
    /// What the form belongs to.
    pub owner: FormOwner,
    /// What is filled in.
    pub values: FormValues,
    /// Slack's name of the open form.
    pub view: String,
    /// Its state, so that something newer is not overwritten.
    pub hash: Option<String>,
}

/// What a field of a form asks for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Search {
    /// Repositories.
    Repository {
        /// What was typed in the field so far.
        query: String,
        /// What was typed in the command, while no repository is certain: what fits it comes first.
        typed: Option<String>,
    },
    /// Branches.
    Branch {
        /// What was typed in the field so far.
        query: String,
        /// The repository that is picked.
        repo: Option<String>,
    },
}

/// A message that a person wrote.
#[derive(Debug, Clone, PartialEq)]
pub struct WrittenMessage {
    /// Whether it is new.
    pub kind: ReplyKind,
    /// Its id.
    pub ts: MessageTs,
    /// What it says.
    pub words: Words,
    /// What is forwarded in it.
    pub forwarded: Vec<Forwarded>,
    /// What is attached.
    pub files: Vec<FileRef>,
    /// Who began the thread that it is in, if Slack says.
    pub thread_by: Option<UserId>,
    /// Slack told of it as a mention, which does not say what is attached.
    pub is_partial: bool,
}

/// A message that is forwarded in another.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Forwarded {
    /// What its author is called.
    pub author: Option<String>,
    /// What it says; empty when that cannot be seen from here.
    pub words: Words,
    /// What is attached to it.
    pub files: Vec<FileRef>,
}

impl WrittenMessage {
    /// Whether it is for the bot wherever it stands: it mentions the bot, or is in a direct conversation.
    #[must_use]
    pub fn is_addressed(&self, bot: Option<&UserId>, place: Option<&Place>) -> bool {
        let is_direct = place.is_some_and(|place| place.channel.is_dm());
        is_direct || bot.is_some_and(|bot| self.words.name(bot))
    }
}

/// What has to be read before something can be answered.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Needs<'a> {
    /// The task it is about.
    pub task: Option<TaskOf<'a>>,
    /// The task in its place, if it was started again before.
    pub successor: bool,
    /// What a channel is bound to.
    pub binding: Option<BindingOf<'a>>,
    /// The person's and the workspace's defaults.
    pub defaults: bool,
    /// Whether the same delivery was remembered before.
    pub seen: bool,
}

/// Which task something is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TaskOf<'a> {
    /// The one of this name.
    Id(&'a TaskId),
    /// The one whose thread it came from.
    Thread,
}

/// Which channel's binding is meant.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BindingOf<'a> {
    /// That of the channel it came from, or else of the task's.
    Place,
    /// That of this channel.
    Channel(&'a ChannelId),
}

impl Inbound {
    /// What has to be read before it can be answered. Nothing else decides which facts are read. `bot` is
    /// what a message calls it by, `place` where it came from.
    #[must_use]
    pub fn needs(&self, bot: Option<&UserId>, place: Option<&Place>) -> Needs<'_> {
        let task = |id| Some(TaskOf::Id(id));
        let with_all = |id| Needs {
            task: task(id),
            successor: true,
            binding: Some(BindingOf::Place),
            defaults: true,
            ..Needs::default()
        };
        let of_command =
            Needs { binding: Some(BindingOf::Place), defaults: true, ..Needs::default() };
        match self {
            Self::Command(_) => of_command,
            Self::Press(id, verb) => match verb.spec().reads {
                Reads::Task => Needs { task: task(id), ..Needs::default() },
                Reads::Defaults => Needs { task: task(id), ..of_command },
                Reads::Successor => {
                    Needs { task: task(id), successor: true, defaults: true, ..Needs::default() }
                }
                Reads::All => with_all(id),
            },
            Self::TaskForm(id, filled) => Needs {
                binding: Some(match &filled.channel {
                    Some(channel) => BindingOf::Channel(channel),
                    None => BindingOf::Place,
                }),
                ..with_all(id)
            },
            Self::BindForm(channel, _) => {
                Needs { binding: Some(BindingOf::Channel(channel)), ..Needs::default() }
            }
            Self::FollowForm(channel, _) => Needs {
                binding: Some(BindingOf::Channel(channel)),
                defaults: true,
                ..Needs::default()
            },
            Self::TurnPage { task: id, .. } | Self::TurnMessages { task: id, .. } => {
                Needs { task: task(id), ..Needs::default() }
            }
            Self::AnswerForm(id, ..) => Needs { task: task(id), ..Needs::default() },
            Self::ChangesForm(id, ..) => Needs { task: task(id), ..Needs::default() },
            Self::Message(message) => {
                let is_addressed = message.is_addressed(bot, place);
                let binding = is_addressed.then_some(BindingOf::Place);
                let task = Some(TaskOf::Thread);
                Needs { task, binding, defaults: is_addressed, ..Needs::default() }
            }
            // The client names the channel, and what it sends isn't trusted, so the channel's binding isn't read.
            Self::SettingsForm { .. } | Self::ShowSettings { .. } => {
                Needs { defaults: true, ..Needs::default() }
            }
            Self::Run(_) => Needs { task: Some(TaskOf::Thread), seen: true, ..of_command },
            Self::SendToJules(_) => Needs { task: Some(TaskOf::Thread), ..of_command },
            Self::NewTask => Needs { defaults: true, ..Needs::default() },
            Self::SendForm(id, _) => Needs { task: task(id), ..Needs::default() },
            Self::KeyForm(..) => Needs { defaults: true, ..Needs::default() },
            // The Home reads what it shows afterwards: an opening must not wait for it.
            Self::CommandTooLong
            | Self::More(..)
            | Self::Picked(_)
            | Self::Search(_)
            | Self::HomeOpened => Needs::default(),
        }
    }

    /// Whether the answer may depend on who the person is in the workspace. Slack is asked only then: most of what
    /// comes in is messages that are nothing to us. `is_for_us` says that a message isn't.
    #[must_use]
    pub fn asks_about_the_person(&self, is_for_us: bool) -> bool {
        match self {
            Self::Message(_) => is_for_us,
            Self::CommandTooLong
            | Self::More(..)
            | Self::Picked(_)
            | Self::Search(_)
            | Self::HomeOpened
            | Self::TurnPage { .. }
            | Self::TurnMessages { .. } => false,
            Self::Command(_)
            | Self::Run(_)
            | Self::Press(..)
            | Self::TaskForm(..)
            | Self::BindForm(..)
            | Self::ChangesForm(..)
            | Self::AnswerForm(..)
            | Self::SettingsForm { .. }
            | Self::ShowSettings { .. }
            | Self::FollowForm(..)
            | Self::NewTask
            | Self::SendToJules(_)
            | Self::KeyForm(..)
            | Self::SendForm(..) => true,
        }
    }

    /// The words in it that may name someone by an id.
    #[must_use]
    pub fn words(&self) -> Vec<&Words> {
        match self {
            Self::Command(words) => vec![words],
            Self::Message(message) => {
                let forwarded = message.forwarded.iter().map(|one| &one.words);
                std::iter::once(&message.words).chain(forwarded).collect()
            }
            Self::SendToJules(message) => {
                let forwarded = message.forwarded.iter().map(|one| &one.words);
                std::iter::once(&message.words).chain(forwarded).collect()
            }
            Self::CommandTooLong
            | Self::NewTask
            | Self::SendForm(..)
            | Self::KeyForm(..)
            | Self::Run(_)
            | Self::Press(..)
            | Self::More(..)
            | Self::TaskForm(..)
            | Self::BindForm(..)
            | Self::ChangesForm(..)
            | Self::AnswerForm(..)
            | Self::SettingsForm { .. }
            | Self::ShowSettings { .. }
            | Self::FollowForm(..)
            | Self::TurnPage { .. }
            | Self::TurnMessages { .. }
            | Self::Picked(_)
            | Self::Search(_)
            | Self::HomeOpened => Vec::new(),
        }
    }
}

/// Something that happened to the workspace or a channel; nobody asked for anything.
#[derive(Debug, Clone, PartialEq)]
pub struct WorkspaceEvent {
    /// Where it happened, as the delivery says.
    pub who: Who,
    /// Names this delivery.
    pub delivery: DeliveryId,
    /// Slack's name of the kind of event.
    pub kind: String,
    /// When it happened, by Slack's clock, where Slack says.
    pub at: Option<Timestamp>,
    /// What happened.
    pub change: WorkspaceChange,
}

/// What happened to the workspace or a channel.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum WorkspaceChange {
    /// This person joined a channel; it may be the bot.
    Joined(UserId, ChannelId),
    /// A channel is in use again.
    Unarchived(ChannelId),
    /// A channel has another id.
    Renamed {
        /// Its id before.
        old: ChannelId,
        /// Its id now.
        new: ChannelId,
    },
    /// Slack knows something else of a person by now.
    Person {
        /// Who.
        user: UserId,
        /// Their account is deactivated.
        is_deactivated: bool,
    },
    /// A user group has other people by now.
    Group(GroupId),
    /// The app was removed from the workspace.
    Removed,
    /// Its token was revoked.
    Revoked,
    /// It was added to workspaces of the organisation, or taken out of them.
    Access {
        /// Which.
        teams: Vec<TeamId>,
        /// Whether it was added.
        is_granted: bool,
    },
    /// Nothing that concerns us.
    Other,
}
