//! What goes back over the transport, as Slack reads it.

use super::form;
use super::inbound::View;
use super::render;
use super::response_url::{ResponseMessage, ResponseType};
use domain::inbound::{Reply, Response};
use domain::message::Notice;
use serde_json::Value;

/// What goes back over the transport.
#[derive(Debug, Clone, PartialEq)]
pub enum Ack {
    /// An empty 200.
    Empty,
    /// A 200 with this message, the answer to a command.
    Message(Box<ResponseMessage>),
    /// A 200 with this body: a `response_action`, options.
    Body(Value),
    /// The challenge of `url_verification`.
    Challenge(String),
    /// Not taken; Slack shall deliver it again (503).
    TryAgain,
}

impl Ack {
    /// A response, to a form where there is one.
    #[must_use]
    pub fn of(response: Response, form: Option<&View>) -> Self {
        match response {
            Response::Done => Self::Empty,
            Response::TryAgain => Self::TryAgain,
            Response::Options(names) => Self::Body(form::options(names.iter().map(String::as_str))),
            Response::Reply(reply) => Self::of_reply(&reply, form),
        }
    }

    fn of_reply(reply: &Reply, form: Option<&View>) -> Self {
        match (reply, form) {
            (Reply::Notice(notice), None) => message(notice, ResponseType::Ephemeral),
            (Reply::Announce(notice), None) => message(notice, ResponseType::InChannel),
            // Something that concerns the whole form stands at its first field.
            (Reply::Notice(notice), Some(view)) => {
                Self::Body(form::note(form::first_field(view), notice, view))
            }
            (Reply::Errors(errors), Some(view)) => Self::Body(form::errors(errors, view)),
            (Reply::Nothing | Reply::Lookup | Reply::Options(_), _)
            | (Reply::Announce(_), Some(_))
            | (Reply::Errors(_), None) => Self::Empty,
        }
    }

    /// Its kind, for metrics.
    #[must_use]
    pub fn name(&self) -> &'static str {
        match self {
            Self::Empty => "empty",
            Self::Message(_) | Self::Body(_) => "body",
            Self::Challenge(_) => "challenge",
            Self::TryAgain => "try_again",
        }
    }
}

fn message(notice: &Notice, seen_by: ResponseType) -> Ack {
    Ack::Message(Box::new(render::reply(notice, seen_by)))
}
