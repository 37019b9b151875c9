//! What people write: a request, a reply to a task, or nothing that is for us.
//!
//! A message that mentions the bot, and every message in a direct conversation with it, gets an answer: a task, a
//! question, or a line that says why not.

use super::handle::{command, handle_command, reading_of};
use super::start::start;
use super::{Answer, Context, FollowUp, Reply, Write, WrittenMessage};
use crate::command::{Command, Request};
use crate::form::Form;
use crate::ids::{DeliveryId, MessageTs, TaskId};
use crate::message::Notice;
use crate::policy::{Act, Denied, Right, may};
use crate::task::{
    BARE_PROMPT, Beside, Entrance, Hears, Input, Reads, ReplyKind, Task, ThreadReply, Way,
};

/// A line in a thread that begins with this stays among people.
const ASIDE: &str = "!aside";

/// What people write in a direct message who want nothing yet.
const GREETINGS: &[&str] = &[
    "bye",
    "cheers",
    "good afternoon",
    "good evening",
    "good morning",
    "hallo",
    "hello",
    "hello there",
    "hey",
    "hey there",
    "hi",
    "hi there",
    "hiya",
    "howdy",
    "morning",
    "ok",
    "okay",
    "ping",
    "test",
    "thank you",
    "thanks",
    "thanks a lot",
    "thx",
    "ty",
    "yo",
];

/// Whether a message in a thread stays among people.
#[must_use]
pub fn is_aside(text: &str) -> bool {
    text.trim_start().to_lowercase().starts_with(ASIDE)
}

/// What becomes of a message.
pub(super) fn message(message: &WrittenMessage, cx: &Context<'_>) -> Answer {
    // A draft has no thread yet, so a mention there asks for another task.
    match cx.facts.task.filter(|task| !task.is_draft()) {
        Some(task) => in_task(task, message, cx),
        None if is_addressed(message, cx) => once(addressed(message, cx), cx),
        None => Answer::nothing(),
    }
}

/// What becomes of a message of someone who may not do that. They are told once for the whole thread.
pub(super) fn refuse(message: &WrittenMessage, notice: Notice, cx: &Context<'_>) -> Answer {
    match cx.facts.task.filter(|task| !task.is_draft()) {
        Some(_) if is_aside(&message.text(cx.facts)) => Answer::nothing(),
        Some(task) => Answer::input(task.id.clone(), Input::Outsider(cx.click())),
        None if is_addressed(message, cx) => once_for_thread(message, notice, cx),
        None => Answer::nothing(),
    }
}

/// Tells someone something once for the whole thread.
fn once_for_thread(message: &WrittenMessage, notice: Notice, cx: &Context<'_>) -> Answer {
    let (team, user) = (cx.actor.team.as_str(), cx.actor.user.as_str());
    let channel = cx.origin.channel().map_or("", |channel| channel.as_str());
    let thread = root(cx).unwrap_or(&message.ts).as_str();
    let told = DeliveryId::of(&["refused", team, channel, thread, user]);
    Answer { write: Some(Write::Once(told)), ..Answer::notice(notice) }
}

fn is_addressed(message: &WrittenMessage, cx: &Context<'_>) -> bool {
    message.is_addressed(cx.facts.bot, cx.origin.place.as_ref())
}

fn mentions_the_bot(message: &WrittenMessage, cx: &Context<'_>) -> bool {
    cx.facts.bot.is_some_and(|bot| message.words.name(bot))
}

/// The root of the thread that a message was written in.
fn root<'c>(cx: &'c Context<'_>) -> Option<&'c MessageTs> {
    cx.origin.place.as_ref()?.root.as_ref()
}

fn is_direct(cx: &Context<'_>) -> bool {
    cx.origin.channel().is_some_and(|channel| channel.is_dm())
}

/// The answer, given once: Slack may tell of a message twice, as a message and as a mention.
pub(super) fn once(answer: Answer, cx: &Context<'_>) -> Answer {
    // What it was told of first changed the binding, and was answered.
    if cx.facts.applied.is_some() {
        return Answer::nothing();
    }
    let says_something = answer.reply != Reply::Nothing || answer.follow_up.is_some();
    let write =
        answer.write.or_else(|| says_something.then(|| Write::Once(cx.origin.delivery.clone())));
    match answer.follow_up {
        // There is nothing to open a form with.
        Some(FollowUp::Open(form)) if cx.origin.trigger.is_none() => {
            let command = if matches!(*form, Form::Bind(_)) { "bind" } else { "" };
            let command = command.to_owned();
            Answer { write, ..Answer::notice(Notice::TypeCommand { command }) }
        }
        follow_up => Answer { reply: answer.reply, write, follow_up },
    }
}

/// A message for the bot that belongs to no task.
fn addressed(message: &WrittenMessage, cx: &Context<'_>) -> Answer {
    match message.kind {
        ReplyKind::Edited if is_direct(cx) => return Answer::notice(Notice::EditNotSent),
        ReplyKind::Edited => return Answer::notice(Notice::MentionedInEdit),
        ReplyKind::TooLong => return Answer::notice(Notice::TooLong),
        ReplyKind::Written => {}
    }
    let text = message.text(cx.facts);
    if text.trim().is_empty() {
        return without_words(message, cx);
    }
    if is_direct(cx) && is_greeting(&text) {
        return hello(cx);
    }
    let entrance = entrance_of(message, cx);
    let text = after_new(&text).unwrap_or(&text);
    command(text, &cx.with(entrance))
}

/// A message without words: only files, or only a mention of the bot.
fn without_words(message: &WrittenMessage, cx: &Context<'_>) -> Answer {
    match root(cx) {
        _ if !message.all_files().is_empty() => Answer::notice(Notice::OnlyFiles),
        Some(_) if !is_direct(cx) => {
            let entrance =
                Entrance { is_bare: true, is_to_confirm: true, ..entrance_of(message, cx) };
            let ask = Request { prompt: BARE_PROMPT.to_owned(), ..Request::default() };
            start(ask, &cx.with(entrance))
        }
        Some(_) | None if is_direct(cx) => hello(cx),
        Some(_) | None => Answer::notice(Notice::HowToStart),
    }
}

/// What someone is told who greets the bot: how to start, and what counts for them.
fn hello(cx: &Context<'_>) -> Answer {
    let settings = cx.facts.defaults().settings(cx.facts.sources);
    Answer::notice(Notice::Hello(settings))
}

fn is_greeting(text: &str) -> bool {
    let words: Vec<String> = text
        .split(|c: char| !c.is_alphanumeric())
        .filter(|word| !word.is_empty())
        .map(str::to_lowercase)
        .collect();
    let words = words.join(" ");
    // A smile alone is a greeting too.
    words.is_empty() || GREETINGS.contains(&words.as_str())
}

/// What follows `new`.
fn after_new(text: &str) -> Option<&str> {
    let (word, rest) = text.trim_start().split_once(char::is_whitespace)?;
    word.eq_ignore_ascii_case("new").then(|| rest.trim_start()).filter(|rest| !rest.is_empty())
}

/// How a task comes in that a message asks for.
fn entrance_of(message: &WrittenMessage, cx: &Context<'_>) -> Entrance {
    let direct = is_direct(cx);
    let reads = Reads {
        message: message.is_partial,
        thread: root(cx).cloned(),
        files: message.all_files(),
        ..Reads::default()
    };
    Entrance {
        way: way_of(direct),
        root: Some(root(cx).unwrap_or(&message.ts).clone()),
        message: Some(message.ts.clone()),
        reads: Some(reads),
        // The first one is asked about: it may not have been meant as a task at all.
        is_to_confirm: direct && !cx.facts.person.is_some_and(|person| person.dm_confirmed),
        // Until the thread was read it is not known who was talking in it.
        hears: match root(cx) {
            Some(_) if !direct => Hears::Mentions,
            Some(_) | None => Hears::Everyone,
        },
        ..Entrance::default()
    }
}

fn way_of(is_direct: bool) -> Way {
    if is_direct { Way::DirectMessage } else { Way::Mention }
}

/// How a task comes in that is run from a button in a thread: as if it had been written there.
pub(super) fn from_thread(root: &MessageTs, is_direct: bool) -> Entrance {
    Entrance {
        way: way_of(is_direct),
        root: Some(root.clone()),
        reads: Some(Reads { thread: Some(root.clone()), ..Reads::default() }),
        hears: if is_direct { Hears::Everyone } else { Hears::Mentions },
        ..Entrance::default()
    }
}

/// How a task comes in that is run from a button in another task's thread: its card goes to the channel.
pub(super) fn beside(task: &Task, is_direct: bool, cx: &Context<'_>) -> Entrance {
    Entrance { way: way_of(is_direct), beside: Some(beside_of(task, cx)), ..Entrance::default() }
}

fn beside_of(task: &Task, cx: &Context<'_>) -> Beside {
    let page = cx.facts.workspace.and_then(|workspace| task.page(workspace));
    Beside { task: task.id.clone(), page }
}

/// A message in the thread of a task is a reply, unless it mentions the bot to ask for something else.
fn in_task(task: &Task, message: &WrittenMessage, cx: &Context<'_>) -> Answer {
    let text = message.text(cx.facts);
    let mentions = mentions_the_bot(message, cx);
    let request = task.entrance.message.as_ref();
    // Jules already has a request that is delivered again, and earlier messages that come late. Only someone
    // who calls the bot always gets an answer.
    let is_earlier = !mentions && request.is_some_and(|request| message.ts.time() < request.time());
    let is_request = task.id == TaskId::for_delivery(&cx.origin.delivery);
    if is_aside(&text) || is_earlier || is_request {
        return Answer::nothing();
    }
    if mentions && message.kind == ReplyKind::Written {
        if let Some(prompt) = after_new(&text) {
            let entrance = Entrance {
                root: None,
                hears: Hears::Everyone,
                beside: Some(beside_of(task, cx)),
                ..entrance_of(message, cx)
            };
            return once(command(prompt, &cx.with(entrance)), cx);
        }
        if let Some(command) = sub_command(&text, cx) {
            return once(handle_command(command, cx), cx);
        }
    }
    if !mentions && !is_heard(task, cx) {
        return Answer::nothing();
    }
    if let Err(denied) = may_reply(task, cx) {
        let Some(notice) = denied.notice() else { return Answer::nothing() };
        return match mentions {
            true => once(Answer::notice(notice), cx),
            false => once_for_thread(message, notice, cx),
        };
    }
    let (kind, ts, files) = (message.kind, message.ts.clone(), message.all_files());
    let is_partial = message.is_partial;
    let reply = ThreadReply { kind, click: cx.click(), ts, text, files, is_partial };
    Answer::input(task.id.clone(), Input::Reply(Box::new(reply)))
}

/// Whether what someone writes in the thread of a task goes to Jules.
fn may_reply(task: &Task, cx: &Context<'_>) -> Result<(), Denied> {
    let access = &cx.facts.access;
    let act = Act {
        right: Right::Steer,
        scope: access.scope(task.channel.as_ref(), None),
        repo: task.repo(),
        requester: Some(&task.author),
    };
    may(&access.asker(cx.actor), &act, access.policy)
}

/// Whether a reply is heard that does not mention the bot.
fn is_heard(task: &Task, cx: &Context<'_>) -> bool {
    let answers = task.author == cx.actor.user && task.is_asking();
    task.entrance.hears == Hears::Everyone || answers
}

/// The sub-command that is all of a text.
fn sub_command(text: &str, cx: &Context<'_>) -> Option<Command> {
    match reading_of(text, cx) {
        Ok(Command::Start(_) | Command::OpenForm) | Err(_) => None,
        Ok(command) => Some(command),
    }
}
