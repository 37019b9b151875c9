//! The few Block Kit shapes that our messages and forms are made of.
//!
//! Words of people and of Jules are `rich_text` or plain text, in which Slack parses nothing. Lengths
//! are cut here, in one place, to Slack's limits (slack-platform.md §8).

use super::action::{Action, LinkTo};
use super::rich_text::{Line, cut};
use slack_morphism::prelude::*;
use url::Url;

/// What a button's label, an option's text and its description take.
pub(crate) const LONGEST_LABEL: usize = 75;

/// Small grey print of ours.
pub(crate) fn context(line: &Line) -> SlackBlock {
    context_of(vec![line.mrkdwn()])
}

/// Small grey print in several parts.
pub(crate) fn context_of(parts: Vec<SlackContextBlockElement>) -> SlackBlock {
    SlackContextBlock::new(parts).into()
}

/// A part of small grey print with other people's words.
pub(crate) fn plain_text(text: &str, longest: usize) -> SlackContextBlockElement {
    let text = SlackBlockPlainText::new(cut(text, longest)).with_emoji(false);
    SlackContextBlockElement::Plain(text)
}

/// A row of buttons.
pub(crate) fn actions(block_id: &str, buttons: Vec<SlackBlockButtonElement>) -> SlackBlock {
    let elements = buttons.into_iter().map(SlackActionBlockElement::Button).collect();
    SlackActionsBlock::new(elements).with_block_id(block_id.into()).into()
}

/// A button that does something.
pub(crate) fn button(label: &str, action: &Action) -> SlackBlockButtonElement {
    let mut button = SlackBlockButtonElement::new(plain(label, LONGEST_LABEL));
    button.action_id = Some(action.id().into());
    button.value = action.value();
    button
}

/// A button that is meant to be pressed.
pub(crate) fn primary(button: SlackBlockButtonElement) -> SlackBlockButtonElement {
    button.with_style(SlackBlockButtonStyle::Primary)
}

/// A button that asks once before it does something that cannot be taken back easily. Slack: a
/// title of 100 characters, a text of 300, labels of 30.
pub(crate) fn confirmed(
    button: SlackBlockButtonElement,
    title: &str,
    text: &str,
    yes: &str,
    no: &str,
) -> SlackBlockButtonElement {
    let text = SlackBlockText::Plain(SlackBlockPlainText::new(cut(text, 300)).with_emoji(false));
    let confirm =
        SlackBlockConfirmItem::new(plain(title, 100), text, plain(yes, 30), plain(no, 30));
    button.with_confirm(confirm)
}

/// A button that opens a page; none when the address is not one that may be linked.
pub(crate) fn link_button(label: &str, url: &str, to: LinkTo) -> Option<SlackBlockButtonElement> {
    let url = Url::parse(url).ok().filter(|url| url.scheme() == "https")?;
    Some(button(label, &Action::Link(to)).with_url(url))
}

/// Plain text: nothing in it is parsed.
pub(crate) fn plain(text: &str, longest: usize) -> SlackBlockPlainTextOnly {
    SlackBlockPlainText::new(cut(text, longest)).with_emoji(false).into()
}

/// An option of a select: its text is its value, cut to what Slack shows.
pub(crate) fn option(text: &str, value: &str) -> SlackBlockChoiceItem<SlackBlockPlainTextOnly> {
    SlackBlockChoiceItem::new(plain(text, LONGEST_LABEL), value.to_owned())
}
