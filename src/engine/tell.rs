//! How someone is told something outside a task's thread: one way for every sender and every reason.

use super::Engine;
use super::workspace::{Caller, Workspace};
use domain::ids::{ChannelId, MessageTs, UserId};
use domain::inbound::Origin;
use domain::message::Notice;
use domain::secret::Secret;
use domain::task::{ReplyTo, Task};
use jiff::Timestamp;
use slack::error::CallError;
use slack::render;
use slack::response_url::{ResponseMessage, ResponseType};
use std::sync::Arc;

/// The ways to a person, tried in the order of the fields.
#[derive(Clone)]
pub(super) struct Route {
    /// In this workspace.
    workspace: Arc<Workspace>,
    /// The `response_url` of a command or click. It needs no membership.
    reply: Option<ReplyTo>,
    /// Whom; without it there is only the `response_url`.
    to: Option<UserId>,
    /// An ephemeral message here, and if the bot or the person is not there, a direct message.
    channel: Option<ChannelId>,
    /// The thread in that channel.
    thread: Option<MessageTs>,
    /// Everybody in the channel is to read it.
    for_all: bool,
    /// It takes the place of the message that was clicked in.
    replaces: bool,
}

impl Route {
    /// Back where a command or click came from, or not at all.
    pub(super) fn back(workspace: &Arc<Workspace>, reply: Option<ReplyTo>) -> Self {
        Self {
            workspace: Arc::clone(workspace),
            reply,
            to: None,
            channel: None,
            thread: None,
            for_all: false,
            replaces: false,
        }
    }

    /// To the sender, where they are.
    pub(super) fn to_sender(caller: &Caller, origin: &Origin) -> Self {
        Self {
            to: Some(caller.actor.user.clone()),
            channel: origin.channel().cloned(),
            thread: origin.place.as_ref().and_then(|place| place.root.clone()),
            ..Self::back(&caller.workspace, origin.reply.to().cloned())
        }
    }

    /// To the sender, directly.
    pub(super) fn to_person(caller: &Caller) -> Self {
        Self { to: Some(caller.actor.user.clone()), ..Self::back(&caller.workspace, None) }
    }

    /// To someone who has to do with a task. Nothing can be shown in a thread that is gone.
    pub(super) fn about(
        task: &Task,
        workspace: &Arc<Workspace>,
        to: &UserId,
        reply: Option<&ReplyTo>,
    ) -> Self {
        Self {
            to: Some(to.clone()),
            channel: task.channel.clone().filter(|_| !task.root_gone),
            thread: task.thread_so_far().cloned(),
            ..Self::back(workspace, reply.cloned())
        }
    }

    /// The same in this channel.
    pub(super) fn at(self, channel: &ChannelId) -> Self {
        Self { channel: Some(channel.clone()), ..self }
    }

    /// The same, for everybody in the channel.
    pub(super) fn for_all(self) -> Self {
        Self { for_all: true, ..self }
    }

    /// The same in place of the message that was clicked in, if `replaces`.
    pub(super) fn replacing(self, replaces: bool) -> Self {
        Self { replaces, ..self }
    }

    /// The `response_url`, while Slack accepts it.
    pub(super) fn live_reply(&self, now: Timestamp) -> Option<&Secret> {
        self.reply.as_ref().filter(|reply| reply.until > now)?.url.open()
    }

    fn response(&self, notice: &Notice) -> ResponseMessage {
        let seen_by = if self.for_all { ResponseType::InChannel } else { ResponseType::Ephemeral };
        ResponseMessage { replace_original: Some(self.replaces), ..render::reply(notice, seen_by) }
    }
}

impl Engine {
    /// Tells someone something, by the first of the ways that is open.
    ///
    /// # Errors
    /// Why not. It may have been told all the same, unless the error says otherwise.
    pub(super) async fn tell(&self, route: &Route, notice: &Notice) -> Result<(), CallError> {
        let slack = &route.workspace.slack;
        if let Some(url) = route.live_reply(self.now()) {
            match slack.respond(url, &route.response(notice)).await {
                // Used up, or gone before its time.
                Err(CallError::State(_) | CallError::UntrustedUrl) if route.to.is_some() => {}
                ended => return ended,
            }
        }
        let Some(to) = &route.to else { return Ok(()) };
        let content = render::notice(notice);
        if let Some(channel) = &route.channel {
            // Ephemeral messages don't show in a direct conversation.
            if channel.is_dm() {
                match slack.post(channel, route.thread.as_ref(), &content, None).await {
                    // It is between two people, and not with the bot.
                    Err(CallError::Place(_)) => return slack.dm(to, &content).await.map(|_| ()),
                    ended => return ended.map(|_| ()),
                }
            }
            if route.for_all && slack.post(channel, None, &content, None).await.is_ok() {
                return Ok(());
            }
            match slack.post_ephemeral(channel, to, route.thread.as_ref(), &content).await {
                Err(CallError::Place(_)) => {}
                ended => return ended,
            }
        }
        slack.dm(to, &content).await.map(|_| ())
    }

    /// Takes away the message that was clicked in, after its offer was accepted. It is private, so nobody
    /// else misses it.
    pub(super) fn take_away(self: &Arc<Self>, route: Route) {
        let engine = Arc::clone(self);
        self.follow_ups.spawn(async move {
            let Some(url) = route.live_reply(engine.now()) else { return };
            let gone =
                ResponseMessage { delete_original: Some(true), ..ResponseMessage::default() };
            log_loss(route.workspace.slack.respond(url, &gone).await);
        });
    }

    /// Tells someone something right after an answer, without a promise.
    pub(super) fn tell_soon(self: &Arc<Self>, route: Route, notice: Notice) {
        let engine = Arc::clone(self);
        self.follow_ups.spawn(async move { log_loss(engine.tell(&route, &notice).await) });
    }
}

/// Logs that something which nobody was promised was not told.
pub(super) fn log_loss(told: Result<(), CallError>) {
    if let Err(error) = told {
        tracing::warn!(%error, "a private line was not delivered");
    }
}
