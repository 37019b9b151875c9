//! A message of a [`Notice`] or a [`Post`], for each of the places where one goes.

use super::words::more;
use super::{list, thread};
use crate::blocks::context;
use crate::client::Content;
use crate::response_url::{ResponseMessage, ResponseType};
use crate::rich_text::{Rich, cut, link, say};
use domain::message::{Notice, Post};
use slack_morphism::blocks::SlackBlock;

/// The longest message. Slack's own limit for all blocks together is about 13,200
/// (slack-platform.md §8).
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
    let words = thread::words(post);
    let spoken = match post {
        // Its button shows no address, and a notification has no buttons.
        Post::Link { url, .. } => Some(words.clone().line(link(url, "")).notification()),
        _ => None,
    };
    let content = content(words, thread::buttons(post));
    Content { text: spoken.unwrap_or(content.text), blocks: content.blocks }
}

/// The same, where nobody can tell whether it was posted before.
#[must_use]
pub fn again(content: Content) -> Content {
    let mut blocks = content.blocks;
    blocks.push(context(&say!(
        "Slack didn't confirm whether I'd already posted this, so it may be here twice."
    )));
    Content { blocks, ..content }
}

fn content(words: Rich, buttons: Option<SlackBlock>) -> Content {
    let words = words.cut(LONGEST, more);
    let mut blocks = words.blocks();
    blocks.extend(buttons);
    Content { text: words.notification(), blocks }
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

/// The words alone, for a form.
#[must_use]
pub(crate) fn note(notice: &Notice) -> Rich {
    super::notice::words(notice)
}

/// The words alone, without any markup, for the error at a field.
#[must_use]
pub fn plain_words(notice: &Notice) -> String {
    cut(super::notice::words(notice).words().trim(), 300)
}
