//! From a [`Payload`] to what it asks for. Behind this nothing knows what a payload looks like.

use super::{
    BlockActions, BlockSuggestion, EventBody, Message, MessageShortcut, Payload, Shortcut,
    SlackEvent, SlashCommand, UsedElement, View, ViewSubmission,
};
use crate::action::Action;
use crate::form;
use crate::mrkdwn::decode;
use domain::form::FormOwner;
use domain::ids::{ChannelId, DeliveryId, GroupId, TeamId, UserId};
use domain::inbound::{
    Inbound, Incoming, Origin, PickedRepository, Place, PointedMessage, ReplyRoute, Search, Verb,
    WorkspaceChange, WorkspaceEvent, WrittenMessage, is_aside,
};
use domain::secret::Secret;
use domain::task::{ReplyKind, ReplyTo};
use domain::tenant::{Who, Whose};
use domain::words::Words;
use jiff::{SignedDuration, Timestamp};
use serde_json::Value;

/// Slack accepts a `response_url` for 30 minutes; ours ends a little earlier.
const REPLY_LIVES: SignedDuration = SignedDuration::from_mins(29);

/// The events that are acted on; the manifest subscribes to them.
pub const EVENTS: &[&str] = &[
    "app_uninstalled",
    "tokens_revoked",
    "team_access_granted",
    "team_access_revoked",
    "app_mention",
    "message.channels",
    "message.groups",
    "message.im",
    "member_joined_channel",
    "channel_unarchive",
    "group_unarchive",
    "channel_id_changed",
    "app_home_opened",
    "user_change",
    "subteam_updated",
    "subteam_members_changed",
];

/// What a delivery comes to.
#[derive(Debug, Clone, PartialEq)]
pub enum Delivery {
    /// Slack tries our URL; this text is the answer.
    Challenge(String),
    /// Someone asks for something. Where it is a form that was sent, the answer stands at its fields.
    Request(Box<Incoming>, Option<Box<View>>),
    /// Something happened that nobody asked for.
    Event(Box<WorkspaceEvent>),
    /// Nothing of ours.
    Nothing,
}

/// What a payload asks for. Of one that is too large, only its author is told.
#[must_use]
pub fn to_inbound(payload: Payload, is_too_large: bool, now: Timestamp) -> Delivery {
    let delivery = payload.delivery_id();
    match (payload, delivery) {
        (Payload::Challenge(challenge), _) => Delivery::Challenge(challenge),
        (Payload::SlashCommand(command), Some(delivery)) => {
            slash_command(command, delivery, is_too_large, now)
        }
        (Payload::SlackEvent(event), Some(delivery)) => slack_event(event, delivery, is_too_large),
        (_, _) if is_too_large => Delivery::Nothing,
        (Payload::BlockActions(clicked), Some(delivery)) => block_actions(clicked, delivery, now),
        (Payload::ViewSubmission(sent), Some(delivery)) => view_submission(sent, delivery),
        (Payload::BlockSuggestion(suggestion), _) => block_suggestion(suggestion),
        (Payload::Shortcut(used), Some(delivery)) => shortcut(used, delivery),
        (Payload::MessageShortcut(used), Some(delivery)) => message_shortcut(used, delivery, now),
        (
            Payload::SlashCommand(_)
            | Payload::SlackEvent(_)
            | Payload::BlockActions(_)
            | Payload::ViewSubmission(_)
            | Payload::ViewClosed(_)
            | Payload::Shortcut(_)
            | Payload::MessageShortcut(_)
            | Payload::SslCheck
            | Payload::Other { .. },
            _,
        ) => Delivery::Nothing,
    }
}

fn request(who: Who, origin: Origin, inbound: Inbound) -> Delivery {
    Delivery::Request(Box::new(Incoming { who, origin, inbound }), None)
}

fn way_back(response_url: Option<Secret>, now: Timestamp) -> Option<ReplyTo> {
    response_url.map(|url| ReplyTo { url: url.into(), until: now + REPLY_LIVES })
}

fn in_channel(channel: Option<ChannelId>) -> Option<Place> {
    channel.map(|channel| Place { channel, root: None })
}

/// The shortcut of the workspace; the manifest has it.
pub(crate) const NEW_TASK: &str = "new_jules_task";

/// The shortcut in the menu of a message; the manifest has it.
pub(crate) const SEND_TO_JULES: &str = "send_to_jules";

fn shortcut(used: Shortcut, delivery: DeliveryId) -> Delivery {
    if used.callback_id != NEW_TASK {
        return Delivery::Nothing;
    }
    let reply = ReplyRoute::Shortcut(None);
    let origin = Origin { delivery, place: None, reply, trigger: used.trigger };
    request(used.who, origin, Inbound::NewTask)
}

fn message_shortcut(used: MessageShortcut, delivery: DeliveryId, now: Timestamp) -> Delivery {
    let (Some(channel), Some(ts)) = (used.channel, used.message_ts) else {
        return Delivery::Nothing;
    };
    if used.callback_id != SEND_TO_JULES {
        return Delivery::Nothing;
    }
    let origin = Origin {
        delivery,
        place: Some(Place { channel, root: used.thread_ts }),
        reply: ReplyRoute::Shortcut(way_back(used.response_url, now)),
        trigger: used.trigger,
    };
    let pointed = PointedMessage {
        ts,
        author: used.author,
        words: decode(&used.text),
        forwarded: used.forwarded,
        files: used.files,
    };
    request(used.who, origin, Inbound::SendToJules(Box::new(pointed)))
}

fn slash_command(
    command: SlashCommand,
    delivery: DeliveryId,
    is_too_large: bool,
    now: Timestamp,
) -> Delivery {
    let origin = Origin {
        delivery,
        place: in_channel(command.channel),
        reply: ReplyRoute::Command(way_back(command.response_url, now)),
        trigger: command.trigger,
    };
    let inbound = if is_too_large {
        Inbound::CommandTooLong
    } else {
        Inbound::Command(decode(&command.text))
    };
    request(command.who, origin, inbound)
}

fn block_actions(clicked: BlockActions, delivery: DeliveryId, now: Timestamp) -> Delivery {
    let is_home = clicked.view.as_ref().is_some_and(|view| view.is_home);
    if let Some(view) = clicked.view.filter(|_| !is_home) {
        if let Some(turned) = turned(&view, &clicked.actions) {
            return request(clicked.who, of_form(delivery, clicked.trigger), turned);
        }
        if let Some(asked) = other_settings(&view, &clicked.actions) {
            return request(clicked.who, of_form(delivery, clicked.trigger), asked);
        }
        let picks = |used: &UsedElement| form::is_repository(&used.action_id);
        return match picked(view).filter(|_| clicked.actions.iter().any(picks)) {
            Some(picked) => request(clicked.who, of_form(delivery, clicked.trigger), picked),
            None => Delivery::Nothing,
        };
    }
    let action = clicked.actions.iter().find_map(|used| {
        let value = used.value.as_deref().or(used.selected.as_deref());
        let action = Action::parse(&used.action_id, value);
        action.filter(|action| !matches!(action, Action::Link(_)))
    });
    let (inbound, delivery) = match action {
        Some(Action::Press(task, verb)) => (Inbound::Press(task, verb), delivery),
        Some(Action::More(scope, after)) => (Inbound::More(scope, after), delivery),
        // Two clicks at once start one task: it is named after the offer.
        Some(Action::Run(offer)) => {
            let delivery = offer.delivery();
            (Inbound::Run(offer), delivery)
        }
        Some(Action::NewTask) => (Inbound::NewTask, delivery),
        // As when the person types it, with a trigger that opens the form.
        Some(Action::Settings(Whose::Mine)) => {
            (Inbound::Command(Words::plain("settings")), delivery)
        }
        Some(Action::Key(Whose::Mine)) => (Inbound::Command(Words::plain("key")), delivery),
        Some(Action::Key(Whose::Workspace)) => {
            (Inbound::Command(Words::plain("key workspace")), delivery)
        }
        Some(Action::Settings(Whose::Workspace) | Action::Link(_)) | None => {
            return Delivery::Nothing;
        }
    };
    if is_home {
        return match inbound {
            Inbound::Press(..) | Inbound::NewTask | Inbound::Command(_) => {
                request(clicked.who, at_home(delivery, clicked.trigger), inbound)
            }
            // Its other buttons stand in messages alone.
            _ => Delivery::Nothing,
        };
    }
    let container = clicked.container;
    let origin = Origin {
        delivery,
        place: container.channel.map(|channel| Place { channel, root: container.thread_ts }),
        reply: ReplyRoute::Button {
            to: way_back(clicked.response_url, now),
            is_private: container.ephemeral,
        },
        trigger: clicked.trigger,
    };
    request(clicked.who, origin, inbound)
}

fn of_form(delivery: DeliveryId, trigger: Option<Secret>) -> Origin {
    Origin { delivery, place: None, reply: ReplyRoute::Form, trigger }
}

/// The Home is in no channel, whatever a click there says.
fn at_home(delivery: DeliveryId, trigger: Option<Secret>) -> Origin {
    Origin { delivery, place: None, reply: ReplyRoute::Home, trigger }
}

/// Another page was asked for. Whose changes they are stands in what only this app sees of the view, not in
/// the button.
fn turned(view: &View, actions: &[UsedElement]) -> Option<Inbound> {
    let mut verbs = actions.iter().filter_map(|used| {
        match Action::parse(&used.action_id, used.value.as_deref())? {
            Action::Press(_, verb) => Some(verb),
            _ => None,
        }
    });
    let (owner, view) = (form::owner(view)?, view.id.clone()?);
    match (owner, verbs.next()?) {
        (FormOwner::Diff(task), Verb::ShowChanges(page)) => {
            Some(Inbound::TurnPage { task, page, view })
        }
        (FormOwner::Messages(task), Verb::ShowMessages(page)) => {
            Some(Inbound::TurnMessages { task, page, view })
        }
        _ => None,
    }
}

/// Other defaults were asked for, in a form with some. Where the person came from stands in what only this
/// app sees of the view.
fn other_settings(view: &View, actions: &[UsedElement]) -> Option<Inbound> {
    let Some(FormOwner::Settings(_, channel)) = form::owner(view) else { return None };
    let whose = actions.iter().find_map(|used| {
        match Action::parse(&used.action_id, used.value.as_deref())? {
            Action::Settings(whose) => Some(whose),
            _ => None,
        }
    })?;
    let (view, hash) = (view.id.clone()?, view.hash.clone());
    Some(Inbound::ShowSettings { whose, channel, view, hash })
}

fn picked(view: View) -> Option<Inbound> {
    let (owner, values) = (form::owner(&view)?, form::read(&view));
    let picked = PickedRepository { owner, values, view: view.id?, hash: view.hash };
    Some(Inbound::Picked(Box::new(picked)))
}

fn view_submission(sent: ViewSubmission, delivery: DeliveryId) -> Delivery {
    let filled = || form::read(&sent.view);
    let inbound = match form::owner(&sent.view) {
        Some(FormOwner::Task(task)) => Inbound::TaskForm(task, filled()),
        Some(FormOwner::Bind(channel)) => Inbound::BindForm(channel, filled()),
        Some(FormOwner::Changes(task, plan)) => {
            Inbound::ChangesForm(task, plan, form::read_changes(&sent.view))
        }
        Some(FormOwner::Answer(task, question)) => {
            Inbound::AnswerForm(task, question, form::read_answer(&sent.view))
        }
        Some(FormOwner::Settings(whose, channel)) => {
            Inbound::SettingsForm { whose, channel, values: form::read_settings(&sent.view) }
        }
        Some(FormOwner::Follow(channel)) => {
            Inbound::FollowForm(channel, form::read_session(&sent.view))
        }
        Some(FormOwner::Send(task)) => Inbound::SendForm(task, form::read_send(&sent.view)),
        Some(FormOwner::Key(whose)) => {
            Inbound::KeyForm(whose, Box::new(form::read_key(&sent.view)))
        }
        Some(FormOwner::Diff(_) | FormOwner::Messages(_)) | None => return Delivery::Nothing,
    };
    let origin = of_form(delivery, sent.trigger);
    let incoming = Incoming { who: sent.who, origin, inbound };
    Delivery::Request(Box::new(incoming), Some(Box::new(sent.view)))
}

fn block_suggestion(suggestion: BlockSuggestion) -> Delivery {
    let BlockSuggestion { who, action_id, query, view, .. } = suggestion;
    let view = view.as_ref();
    let search = if form::is_branch(&action_id) {
        Search::Branch { query, repo: view.and_then(form::picked_repo) }
    } else {
        Search::Repository { query, typed: view.and_then(form::typed_repo) }
    };
    // Nothing is done for it, so there is nothing to be done twice.
    let delivery = DeliveryId::of(&["search"]);
    request(who, of_form(delivery, None), Inbound::Search(search))
}

fn slack_event(event: SlackEvent, delivery: DeliveryId, is_too_large: bool) -> Delivery {
    let SlackEvent { who, kind, at, what, .. } = event;
    let change = match what {
        EventBody::Message(message) => {
            let is_mention = kind == "app_mention";
            let written = if is_too_large {
                ReplyKind::TooLong
            } else if is_mention && message.edited {
                // Slack tells of a mention that was added by an edit like of a new one.
                ReplyKind::Edited
            } else {
                ReplyKind::Written
            };
            return said(who, *message, written, is_mention);
        }
        EventBody::MessageChanged(change) => {
            let was_aside = change.before.as_deref().is_some_and(is_aside);
            if was_aside || !change.is_of_words() {
                return Delivery::Nothing;
            }
            return said(who, change.message, ReplyKind::Edited, false);
        }
        EventBody::Other(_) if is_too_large => return Delivery::Nothing,
        EventBody::Other(event) if kind == "app_home_opened" => {
            // Its other tab is the conversation with the bot.
            return match event["tab"].as_str() {
                Some("home") => request(who, at_home(delivery, None), Inbound::HomeOpened),
                _ => Delivery::Nothing,
            };
        }
        EventBody::Other(event) => change(&kind, &event),
    };
    Delivery::Event(Box::new(WorkspaceEvent { who, delivery, kind, at, change }))
}

/// What a person wrote. It is named after the message, which may be told of twice: as a message and as a
/// mention. A mention does not say what is attached.
fn said(who: Who, message: Message, kind: ReplyKind, is_mention: bool) -> Delivery {
    // An app that mentions the bot may be one that is allowed to.
    if !is_said(&message) || message.bot_id.is_some() && !is_mention {
        return Delivery::Nothing;
    }
    let Message { channel: Some(channel), ts: Some(ts), thread_ts, .. } = message else {
        return Delivery::Nothing;
    };
    let name = match kind {
        ReplyKind::Written | ReplyKind::TooLong => "reply",
        ReplyKind::Edited => "edit",
    };
    let team = who.team_or_organisation().map_or("", TeamId::as_str);
    let origin = Origin {
        delivery: DeliveryId::of(&[name, team, channel.as_str(), ts.as_str()]),
        place: Some(Place { channel, root: thread_ts.filter(|root| *root != ts) }),
        reply: ReplyRoute::Message,
        trigger: None,
    };
    let written = WrittenMessage {
        kind,
        ts,
        words: decode(&message.text),
        forwarded: message.forwarded,
        is_partial: is_mention && message.files.is_empty(),
        files: message.files,
        thread_by: message.parent,
    };
    request(who, origin, Inbound::Message(Box::new(written)))
}

/// Whether it is what someone said: not a deletion, not a join (slack-platform.md §11, "facts for forwarding
/// replies").
fn is_said(message: &Message) -> bool {
    let said = matches!(message.subtype.as_deref(), None | Some("file_share" | "thread_broadcast"));
    said && message.user.is_some() && !message.hidden
}

/// Something about the workspace or a channel.
fn change(kind: &str, event: &Value) -> WorkspaceChange {
    let channel = |field: &str| {
        let value = &event[field];
        let id = value.as_str().or_else(|| value["id"].as_str());
        id.and_then(|id| ChannelId::parse(id).ok())
    };
    let user = event["user"].as_str().and_then(|id| UserId::parse(id).ok());
    let change = match kind {
        "app_uninstalled" => Some(WorkspaceChange::Removed),
        // People's own tokens may be revoked, too, and we have none.
        "tokens_revoked" => {
            let bots = event["tokens"]["bot"].as_array();
            bots.is_some_and(|bots| !bots.is_empty()).then_some(WorkspaceChange::Revoked)
        }
        "team_access_granted" | "team_access_revoked" => {
            let teams = event["team_ids"].as_array().into_iter().flatten();
            let teams = teams.filter_map(|id| TeamId::parse(id.as_str()?).ok()).collect();
            Some(WorkspaceChange::Access { teams, is_granted: kind == "team_access_granted" })
        }
        "member_joined_channel" => {
            user.zip(channel("channel")).map(|(user, at)| WorkspaceChange::Joined(user, at))
        }
        "channel_unarchive" | "group_unarchive" => {
            channel("channel").map(WorkspaceChange::Unarchived)
        }
        "channel_id_changed" => channel("old_channel_id")
            .zip(channel("new_channel_id"))
            .map(|(old, new)| WorkspaceChange::Renamed { old, new }),
        "user_change" => {
            let user = event["user"]["id"].as_str().and_then(|id| UserId::parse(id).ok());
            let is_deactivated = event["user"]["deleted"] == true;
            user.map(|user| WorkspaceChange::Person { user, is_deactivated })
        }
        "subteam_updated" | "subteam_members_changed" => {
            let group = event["subteam_id"].as_str().or_else(|| event["subteam"]["id"].as_str());
            group.and_then(|id| GroupId::parse(id).ok()).map(WorkspaceChange::Group)
        }
        _ => None,
    };
    change.unwrap_or(WorkspaceChange::Other)
}
