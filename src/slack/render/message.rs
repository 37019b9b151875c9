//! A message of a [`Notice`] or a [`Post`], for each of the places where one goes.

use super::{list, thread};
use crate::domain::message::{Notice, Post};
use crate::domain::words::Names;
use crate::slack::blocks::{context, sections};
use crate::slack::client::Content;
use crate::slack::mrkdwn::{Escaped, cut, decode};
use crate::slack::response_url::{ResponseMessage, ResponseType};
use slack_morphism::blocks::SlackBlock;

/// The longest message: what is longer is cut at a line. Slack's own limit for all blocks together
/// is about 13,200 (slack-platform.md §8).
const LONGEST: usize = 12_000;

/// A message for a [`Notice`].
#[must_use]
pub fn notice(notice: &Notice) -> Content {
    match notice {
        Notice::Tasks(listing) => list::content(listing),
        Notice::Plan { task, plan, url } => thread::plan(task, plan, url),
        _ => content(super::notice::words(notice), super::notice::buttons(notice)),
    }
}

/// A message for a [`Post`]; one for a plan is made by [`plan`](super::plan).
#[must_use]
pub fn post(post: &Post) -> Content {
    content(thread::words(post), thread::buttons(post))
}

/// The same, where nobody can tell whether it was posted before.
#[must_use]
pub fn again(content: Content) -> Content {
    let mut blocks = content.blocks;
    blocks.push(context(
        "Slack didn't tell me whether I had already posted this, so it may be here twice.",
    ));
    Content { blocks, ..content }
}

fn content(words: String, buttons: Option<SlackBlock>) -> Content {
    let text = Escaped::drawn(words).cut(LONGEST).into_string();
    let mut blocks = sections(&text);
    blocks.extend(buttons);
    Content { text, blocks }
}

/// A notice as the answer to a command (Slack: implementing slash commands), or for a `response_url`.
#[must_use]
pub fn reply(notice: &Notice, who: ResponseType) -> ResponseMessage {
    let Content { text, blocks } = self::notice(notice);
    ResponseMessage {
        response_type: Some(who),
        text: Some(text),
        blocks,
        ..ResponseMessage::default()
    }
}

/// The words alone, as mrkdwn, for a line in a form.
#[must_use]
pub fn note(notice: &Notice) -> String {
    super::notice::words(notice)
}

/// The words alone, without any markup, for the error at a field.
#[must_use]
pub fn plain_words(notice: &Notice) -> String {
    let words = decode(&super::notice::words(notice)).spelled(&Names::new());
    cut(&words.replace(['`', '*'], ""), 300)
}

/// Says in a form that a long prompt is kept.
#[must_use]
pub fn kept_prompt(length: usize) -> String {
    format!("*What should Jules do?*\nYour text of {length} characters is kept as you typed it.")
}
