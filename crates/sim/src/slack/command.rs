//! Slash commands: typing one, and what becomes of the app's answer.
//!
//! Source: reference section 3 (Slack: Implementing slash commands).

use super::answer;
use super::args::Args;
use super::channel::{Author, Message};
use super::chat::{self, Content, For};
use super::deliver::{Ack, Failure, To};
use super::model::{Origin, World};
use super::person::{NotThere, Person, Sent, not_there, seen};
use super::routes::Ask;
use super::{draw, events, interact, text};
use jiff::Timestamp;
use serde_json::json;

/// A command as someone typed it.
pub(super) struct Typed<'a> {
    pub(super) user: &'a str,
    pub(super) channel: &'a str,
    pub(super) text: &'a str,
}

impl Person {
    /// Types a slash command into a channel, for example `/jules help`. The answer's message, if
    /// there is one, appears in the channel and in [`Ack::shown`].
    ///
    /// # Errors
    /// [`NotThere`] when the person is not in that channel or the text is no command.
    pub async fn types(&self, channel: &str, typed: &str) -> Result<Ack, NotThere> {
        let (command, words) = typed.split_once(' ').unwrap_or((typed, ""));
        if !command.starts_with('/') || command.len() < 2 {
            return not_there(format!("{typed:?} is no slash command"));
        }
        let now = self.slack.now();
        let host = self.slack.host();
        let sent = self.slack.change(|world| {
            let id = self.inside(world, channel)?;
            if world.user(&self.id).is_some_and(|user| user.team.is_some()) {
                // Nor shortcuts (Slack Connect: what external members can do).
                return not_there("commands are not offered to people of another organisation");
            }
            let trigger = world.trigger(&self.id, Origin::Channel(id.clone()), now);
            let path = world.reply_path("commands", interact::reply_to(&self.id, &id, None, now));
            let escape = world.settings.should_escape;
            let words = words.trim();
            let words = if escape { text::typed(world, words) } else { words.to_owned() };
            let name = text::name_of(world, &self.id);
            let url = format!("{host}{path}");
            let there = seen(world, &id)?;
            let who = (self.id.as_str(), name.as_str());
            let body = interact::command(world, there, who, (command, &words), (&trigger, &url));
            Ok(Sent { to: To::Command, body, command: Some((id, typed.to_owned())) })
        })?;
        Ok(self.deliver(sent).await)
    }
}

/// Puts the answer where Slack puts it: a line for the person alone, or with `in_channel` the typed
/// command and then the message. A failure becomes Slack's own line.
pub(super) fn shows(world: &mut World, typed: &Typed<'_>, ack: &mut Ack, now: Timestamp) {
    if ack.failure.is_none() {
        match answered(world, ack, now) {
            Ok(None) => return,
            Ok(Some((in_channel, content))) => {
                ack.shown = place(world, typed, in_channel, content, now);
                return;
            }
            Err(why) => ack.failure = Some(Failure::BadAnswer(why)),
        }
    }
    let command = typed.text.split(' ').next().unwrap_or_default();
    let why = ack.failure.as_ref().map(ToString::to_string).unwrap_or_default();
    let line = format!("{command} failed with the error \"{why}\"");
    let mut message = Message::new(Author::Slack, text::escape(&line));
    message.only_for = Some(typed.user.to_owned());
    put(world, typed.channel, message, now);
    ack.shown = Some(line);
}

/// The message of an answer, and whether it is for the channel. `None`: nothing to show.
fn answered(
    world: &mut World,
    ack: &Ack,
    now: Timestamp,
) -> Result<Option<(bool, Option<Content>)>, String> {
    if ack.body.is_empty() {
        return Ok(None);
    }
    let value = if ack.content_type.starts_with("application/json") {
        serde_json::from_str(&ack.body).map_err(|_| "not JSON".to_owned())?
    } else {
        json!({ "text": ack.body })
    };
    let args = Args { given: answer::fields(value), no_charset: false };
    if args.given.is_empty() {
        return Ok(None);
    }
    let in_channel = args.text("response_type").as_deref() == Some("in_channel");
    let mut ask = Ask { world, args: &args, method: "command", scopes: &[], now };
    match chat::content(&mut ask, For::Posting) {
        Ok(content) => Ok(Some((in_channel, Some(content)))),
        // `{"response_type":"in_channel"}` alone only shows the command.
        Err(refusal) if refusal.code == "no_text" && in_channel => Ok(Some((true, None))),
        Err(refusal) => Err(refusal.code),
    }
}

fn place(
    world: &mut World,
    typed: &Typed<'_>,
    in_channel: bool,
    content: Option<Content>,
    now: Timestamp,
) -> Option<String> {
    if in_channel {
        let author = Author::Person(typed.user.to_owned());
        let mut command = Message::new(author, text::escape(typed.text));
        command.read = true;
        put(world, typed.channel, command, now);
    }
    let mut message = chat::message_of(Author::AppReply, content?);
    message.only_for = (!in_channel).then(|| typed.user.to_owned());
    let shown = draw::message(world, &message);
    put(world, typed.channel, message, now);
    Some(shown)
}

fn put(world: &mut World, channel: &str, message: Message, now: Timestamp) {
    let Some(there) = world.channel_mut(channel) else { return };
    let ts = chat::put(there, message, now);
    events::posted(world, channel, &ts, now);
}
