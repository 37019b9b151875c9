//! The one way in: whatever Slack sent, over whichever transport, becomes an answer within three
//! seconds. Facts are gathered, `answer` decides, its one write is stored, and only then does the
//! response go out.

use super::Engine;
use super::binding_cache::CachedBinding;
use super::identity::NotAdmitted;
use super::tell::Route;
use crate::domain::binding::{Binding, ChannelBinding};
use crate::domain::command::{self, read};
use crate::domain::ids::{ChannelId, DeliveryId, TaskId, TeamId};
use crate::domain::inbound::{Answer, Facts, Inbound, Reply, Sender, Write, handle};
use crate::domain::message::Notice;
use crate::domain::offer::Offer;
use crate::domain::repo::Source;
use crate::domain::secret::Secret;
use crate::domain::task::Task;
use crate::metrics;
use crate::slack::action::Action;
use crate::slack::client::Identity;
use crate::slack::form::{self, Owner};
use crate::slack::inbound::{BlockActions, Payload, SlashCommand, View, ViewSubmission, Who};
use crate::slack::render;
use crate::slack::response_url::{self, ResponseType};
use crate::store::documents::{binding_key, binding_prefix, task_key};
use crate::store::records::RecordError;
use crate::store::{Names, PutResult};
use serde_json::Value;
use std::sync::Arc;

/// What goes back over the transport.
#[derive(Debug, Clone, PartialEq)]
pub enum Ack {
    /// An empty 200.
    Empty,
    /// A 200 with this message, the answer to a command.
    Message(Box<response_url::ResponseMessage>),
    /// A 200 with this body: a `response_action`, options.
    Body(Value),
    /// The challenge of `url_verification`.
    Challenge(String),
    /// Not taken; Slack shall deliver it again (503).
    TryAgain,
}

/// The store did not answer, or not well.
pub(super) struct NotStored {
    pub(super) error: RecordError,
    /// What was to be written may be written all the same, now or when the store comes to it.
    may_be_written: bool,
}

/// Nothing has been written while the facts are read.
impl From<RecordError> for NotStored {
    fn from(error: RecordError) -> Self {
        Self { error, may_be_written: false }
    }
}

impl NotStored {
    pub(super) fn by_a_write(error: RecordError) -> Self {
        Self { may_be_written: error.may_be_written(), error }
    }

    pub(super) fn notice(&self) -> Notice {
        tracing::warn!(error = %self.error, "what came in could not be stored");
        not_stored(self.may_be_written)
    }
}

/// What is said to somebody whose request was not stored, or not for certain.
pub(super) fn not_stored(may_be_written: bool) -> Notice {
    if may_be_written { Notice::Unconfirmed } else { Notice::StoreDown }
}

impl Engine {
    /// Answers one delivery. Everything that the answer promises is stored when it returns.
    pub async fn receive(self: &Arc<Self>, received: Payload) -> Ack {
        let kind = kind_of(&received);
        let delivery = received.delivery_id();
        let ack = match received {
            Payload::Challenge(challenge) => Ack::Challenge(challenge),
            Payload::SslCheck
            | Payload::Other { .. }
            | Payload::ViewClosed(_)
            | Payload::Shortcut(_)
            | Payload::MessageShortcut(_) => Ack::Empty,
            Payload::SlashCommand(command) => self.command(command, delivery).await,
            Payload::BlockActions(clicked) => self.clicked(clicked, delivery).await,
            Payload::ViewSubmission(submitted) => self.submitted(submitted, delivery).await,
            Payload::BlockSuggestion(suggest) => self.suggest(suggest).await,
            Payload::SlackEvent(event) => self.event(event, delivery).await,
        };
        let result = match &ack {
            Ack::Empty => "empty",
            Ack::Message(_) | Ack::Body(_) => "body",
            Ack::Challenge(_) => "challenge",
            Ack::TryAgain => "try_again",
        };
        metrics::delivery(kind, result);
        ack
    }

    async fn command(self: &Arc<Self>, command: SlashCommand, delivery: Option<DeliveryId>) -> Ack {
        let SlashCommand { who, channel, response_url, trigger, .. } = command;
        let admitted = self.admit(&who, false).await;
        let sender = admitted.and_then(|identity| {
            self.sender(identity, &who, channel, response_url, trigger, delivery)
        });
        let sender = match sender {
            Ok(sender) => sender,
            Err(not_admitted) => return ephemeral(&not_admitted.notice()),
        };
        let text = self.plain_words(&command.text).await;
        match self.handle(Inbound::Command(read(&text)), sender).await {
            Ok(answer) => reply(&answer.reply, None),
            Err(error) => ephemeral(&error.notice()),
        }
    }

    /// Whoever sent something that was admitted.
    pub(super) fn sender(
        &self,
        identity: &Identity,
        who: &Who,
        channel: Option<ChannelId>,
        response_url: Option<Secret>,
        trigger: Option<Secret>,
        delivery: Option<DeliveryId>,
    ) -> Result<Sender, NotAdmitted> {
        let (Some(user), Some(delivery)) = (who.user.clone(), delivery) else {
            return Err(NotAdmitted::NotOurs);
        };
        Ok(Sender {
            team: identity.team.clone(),
            user,
            channel,
            reply: self.reply_to(response_url),
            trigger,
            delivery,
        })
    }

    /// Gathers the facts, decides, stores, and sees to the rest. Where somebody else's retry was stored in
    /// between, all begins again, once, and meets it.
    pub(super) async fn handle(
        self: &Arc<Self>,
        inbound: Inbound,
        sender: Sender,
    ) -> Result<Answer, NotStored> {
        match self.try_to_handle(inbound.clone(), sender.clone()).await? {
            (_, true) => Ok(self.try_to_handle(inbound, sender).await?.0),
            (answer, false) => Ok(answer),
        }
    }

    /// The answer, and whether it came too late: another task has its name.
    async fn try_to_handle(
        self: &Arc<Self>,
        inbound: Inbound,
        sender: Sender,
    ) -> Result<(Answer, bool), NotStored> {
        if let Some(answer) = self.start_as_remembered(&inbound, &sender).await? {
            return Ok((answer, false));
        }
        let now = self.now();
        let task = match task_of(&inbound) {
            Some(id) => self.records.get::<Task>(&task_key(id), now).await?.map(|(_, task)| task),
            None => None,
        };
        let channel = match (&sender.channel, &task, &inbound) {
            (Some(channel), _, _) | (None, _, Inbound::BindForm(channel, _)) => {
                Some(channel.clone())
            }
            (None, Some(task), _) => task.channel.clone(),
            (None, None, _) => None,
        };
        let bound = self.bound(&sender.team, channel.as_ref()).await?;
        let mut bindings = Vec::new();
        if let Inbound::Command(reading) = &inbound
            && reading.unsettled() == Ok(&command::Command::Bindings)
        {
            bindings = self.bindings(&sender.team).await?;
        }
        let successor = match task.as_ref().and_then(|task| retried(&inbound, task)) {
            Some(old) => self.records.get::<Task>(&task_key(&old.successor()), now).await?,
            None => None,
        };
        let successor = successor.map(|(_, task)| task);
        let sources = self.source_cache.sources();
        let facts = Facts {
            bindings: &bindings,
            task: task.as_ref(),
            successor: successor.as_ref(),
            applied: bound.as_ref().and_then(|bound| bound.applied(&sender.delivery)),
            ..self.facts(bound.as_deref(), sources.as_deref())
        };
        let answer = handle(inbound, &sender, &facts, now);
        let answer = self.look_up(answer, &sender).await;
        if let Some(write) = &answer.write
            && self.write(write).await.map_err(NotStored::by_a_write)?
            && matches!(write, Write::Task(task) if task.is_successor())
        {
            return Ok((answer, true));
        }
        if let Some(follow_up) = &answer.follow_up {
            self.run(follow_up.clone(), sender);
        }
        Ok((answer, false))
    }

    /// A task from a channel whose binding was read before, in one write. `None` for anything else, and
    /// when something has changed: the binding, or that this delivery came before.
    async fn start_as_remembered(
        &self,
        inbound: &Inbound,
        sender: &Sender,
    ) -> Result<Option<Answer>, NotStored> {
        let (Inbound::Command(reading), Some(channel)) = (inbound, &sender.channel) else {
            return Ok(None);
        };
        if !matches!(reading.unsettled(), Ok(command::Command::Start(_))) {
            return Ok(None);
        }
        let Some(bound) = self.binding_cache.get(&binding_key(&sender.team, channel)) else {
            return Ok(None);
        };
        let (now, sources) = (self.now(), self.source_cache.sources());
        let facts = self.facts(Some(&bound), sources.as_deref());
        let answer = handle(inbound.clone(), sender, &facts, now);
        let Answer { write: Some(Write::Task(task)), follow_up: None, reply } = &answer else {
            return Ok(None);
        };
        if *reply == Reply::Lookup {
            return Ok(None);
        }
        let written = self.store_new_task(task, Some(bound.given()), now).await;
        let written = written.map_err(NotStored::by_a_write)?;
        Ok((written != PutResult::Conflict).then_some(answer))
    }

    /// What is known of a channel and the repositories, and of no task.
    fn facts<'a>(
        &'a self,
        bound: Option<&'a CachedBinding>,
        sources: Option<&'a [Source]>,
    ) -> Facts<'a> {
        Facts {
            account: &self.account,
            binding: bound.and_then(CachedBinding::binding),
            applied: None,
            bindings: &[],
            sources,
            task: None,
            successor: None,
            workspace: self.identity().and_then(|identity| identity.url.as_deref()),
        }
    }

    /// What the channel is bound to.
    async fn bound(
        &self,
        team: &TeamId,
        channel: Option<&ChannelId>,
    ) -> Result<Option<Arc<CachedBinding>>, RecordError> {
        let Some(channel) = channel else { return Ok(None) };
        let key = binding_key(team, channel);
        let found = self.records.get::<ChannelBinding>(&key, self.now()).await?;
        Ok(Some(self.binding_cache.remember(CachedBinding::new(key, found))))
    }

    /// The bindings of a workspace; more than a message can show are not read.
    async fn bindings(&self, team: &TeamId) -> Result<Vec<Binding>, RecordError> {
        const MOST: usize = 50;
        let now = self.now();
        let prefix = binding_prefix(team);
        let (mut bindings, mut names) = (Vec::new(), Names::under(&prefix, None, MOST));
        while let Some(keys) = names.next(&*self.store, now).await? {
            for key in keys {
                let found =
                    self.passing_over(self.records.get::<ChannelBinding>(&key, now).await)?;
                bindings.extend(found.flatten().and_then(|(_, channel)| channel.binding));
                if bindings.len() == MOST {
                    return Ok(bindings);
                }
            }
        }
        Ok(bindings)
    }

    /// Stores it, and says whether the task was there already: mostly from the same delivery, and then
    /// that is the answer.
    async fn write(&self, write: &Write) -> Result<bool, RecordError> {
        match write {
            Write::Task(task) => {
                let written = self.store_new_task(task, None, self.now()).await?;
                return Ok(written == PutResult::Conflict);
            }
            Write::Input(id, input) => self.apply(id, (**input).clone()).await?,
            // Applied before, it stays as the first time.
            Write::Bind(binding, change) => {
                self.bind(binding, change).await?;
            }
            Write::Unbind(team, channel, change) => {
                self.change_binding(team, channel, None, change).await?;
            }
        }
        Ok(false)
    }

    async fn clicked(self: &Arc<Self>, clicked: BlockActions, delivery: Option<DeliveryId>) -> Ack {
        if let Some(view) = &clicked.view {
            if clicked.actions.iter().any(|action| form::is_repository(&action.action_id))
                && self.admit(&clicked.who, false).await.is_ok()
            {
                self.picked_repository(view.clone());
            }
            return Ack::Empty;
        }
        if let Some(offer) = clicked.actions.iter().find_map(offered) {
            return self.run_offered(&offer, clicked, delivery).await;
        }
        let Some(inbound) = clicked.actions.iter().find_map(button) else { return Ack::Empty };
        let channel = clicked.container.channel.clone();
        let url = clicked.response_url.clone();
        let who = &clicked.who;
        let back = Route::back(self.reply_to(url.clone()));
        let sender = self.admit(who, false).await.and_then(|identity| {
            self.sender(identity, who, channel, url, clicked.trigger.clone(), delivery)
        });
        let sender = match sender {
            Ok(sender) => sender,
            Err(not_admitted) => {
                self.tell_soon(back, not_admitted.notice());
                return Ack::Empty;
            }
        };
        // A choice is made once; a list stays, to be used again.
        let offers =
            matches!(inbound, Inbound::Choose(..) | Inbound::Resume(_) | Inbound::OpenForm(_));
        let is_used_up = clicked.container.ephemeral && offers;
        match self.handle(inbound, sender).await {
            Ok(Answer { reply: Reply::Notice(notice), .. }) => self.tell_soon(back, *notice),
            Ok(_) if is_used_up => self.remove_choice(clicked.response_url),
            Ok(_) => {}
            Err(error) => self.tell_soon(back, error.notice()),
        }
        Ack::Empty
    }

    async fn submitted(
        self: &Arc<Self>,
        sent: ViewSubmission,
        delivery: Option<DeliveryId>,
    ) -> Ack {
        let Some(owner) = form::owner(&sent.view) else { return Ack::Empty };
        let filled = form::read(&sent.view);
        let sender = self.admit(&sent.who, false).await.and_then(|identity| {
            self.sender(identity, &sent.who, None, None, sent.trigger, delivery)
        });
        let sender = match sender {
            Ok(sender) => sender,
            Err(not_admitted) => return form_note(&not_admitted.notice(), &sent.view),
        };
        let inbound = match owner {
            Owner::Task(task) => Inbound::TaskForm(task, filled),
            Owner::Bind(channel) => Inbound::BindForm(channel, filled),
            Owner::Changes(task, plan) => {
                Inbound::ChangesForm(task, plan, form::read_changes(&sent.view))
            }
        };
        match self.handle(inbound, sender).await {
            Ok(answer) => reply(&answer.reply, Some(&sent.view)),
            Err(error) => form_note(&error.notice(), &sent.view),
        }
    }
}

fn kind_of(received: &Payload) -> &'static str {
    match received {
        Payload::SlashCommand(_) => "command",
        Payload::BlockActions(_) => "block_actions",
        Payload::ViewSubmission(_) => "view_submission",
        Payload::ViewClosed(_) => "view_closed",
        Payload::Shortcut(_) => "shortcut",
        Payload::MessageShortcut(_) => "message_action",
        Payload::BlockSuggestion(_) => "block_suggestion",
        Payload::SlackEvent(_) => "event_callback",
        Payload::Challenge(_) => "url_verification",
        Payload::SslCheck => "ssl_check",
        Payload::Other { .. } => "other",
    }
}

/// The task that is to be started once more.
fn retried<'t>(inbound: &'t Inbound, task: &'t Task) -> Option<&'t TaskId> {
    match inbound {
        Inbound::Retry(id) | Inbound::EditRetry(id) => Some(id),
        // The form that a task was edited in.
        Inbound::TaskForm(..) => {
            let retry_of = task.retry_of.as_ref()?;
            (!task.is_successor()).then_some(&retry_of.task)
        }
        Inbound::Command(_)
        | Inbound::BindForm(..)
        | Inbound::Choose(..)
        | Inbound::Resume(_)
        | Inbound::OpenForm(_)
        | Inbound::Approve(..)
        | Inbound::AskChanges(..)
        | Inbound::ChangesForm(..)
        | Inbound::Stop(_)
        | Inbound::Nudge(_)
        | Inbound::Reply(..)
        | Inbound::More(..) => None,
    }
}

/// The task that something is about.
fn task_of(inbound: &Inbound) -> Option<&TaskId> {
    match inbound {
        Inbound::TaskForm(id, _)
        | Inbound::Choose(id, _)
        | Inbound::Resume(id)
        | Inbound::OpenForm(id)
        | Inbound::Approve(id, _)
        | Inbound::AskChanges(id, _)
        | Inbound::ChangesForm(id, _, _)
        | Inbound::Stop(id)
        | Inbound::Nudge(id)
        | Inbound::Retry(id)
        | Inbound::EditRetry(id)
        | Inbound::Reply(id, _) => Some(id),
        Inbound::Command(_) | Inbound::BindForm(..) | Inbound::More(..) => None,
    }
}

fn button(action: &crate::slack::inbound::UsedElement) -> Option<Inbound> {
    match Action::parse(&action.action_id, action.value.as_deref())? {
        Action::Choose(task, index) => Some(Inbound::Choose(task, index)),
        Action::Resume(task) => Some(Inbound::Resume(task)),
        Action::OpenForm(task) => Some(Inbound::OpenForm(task)),
        Action::Approve(task, plan) => Some(Inbound::Approve(task, plan)),
        Action::AskChanges(task, plan) => Some(Inbound::AskChanges(task, plan)),
        Action::Stop(task) => Some(Inbound::Stop(task)),
        Action::Nudge(task) => Some(Inbound::Nudge(task)),
        Action::Retry(task) => Some(Inbound::Retry(task)),
        Action::EditRetry(task) => Some(Inbound::EditRetry(task)),
        Action::More(scope, after) => Some(Inbound::More(scope, after)),
        Action::Run(_) | Action::Link(_) => None,
    }
}

/// The corrected command that was clicked.
fn offered(action: &crate::slack::inbound::UsedElement) -> Option<Offer> {
    match Action::parse(&action.action_id, action.value.as_deref())? {
        Action::Run(offer) => Some(offer),
        _ => None,
    }
}

pub(super) fn ephemeral(notice: &Notice) -> Ack {
    message(notice, ResponseType::Ephemeral)
}

fn message(notice: &Notice, who: ResponseType) -> Ack {
    Ack::Message(Box::new(render::reply(notice, who)))
}

fn reply(reply: &Reply, view: Option<&View>) -> Ack {
    match (reply, view) {
        (Reply::Nothing | Reply::Lookup, _)
        | (Reply::Announce(_), Some(_))
        | (Reply::Errors(_), None) => Ack::Empty,
        (Reply::Notice(notice), None) => ephemeral(notice),
        (Reply::Announce(notice), None) => message(notice, ResponseType::InChannel),
        (Reply::Notice(notice), Some(view)) => form_note(notice, view),
        (Reply::Errors(errors), Some(view)) => Ack::Body(form::errors(errors, view)),
    }
}

/// Something that concerns the whole form stands at its first field.
fn form_note(notice: &Notice, view: &View) -> Ack {
    Ack::Body(form::note(form::first_field(view), notice, view))
}
