//! The few Block Kit shapes that our messages and forms are made of.
//!
//! Every mrkdwn text is `verbatim`, so that Slack does not turn words of people or of Jules into
//! mentions and channel links (Slack: formatting message text). Lengths are cut here, in one place,
//! to Slack's limits (slack-platform.md §8).

use super::action::{Action, LinkTo};
use super::mrkdwn::{Escaped, cut};
use slack_morphism::prelude::*;
use url::Url;

/// What a text object takes.
const LONGEST_TEXT: usize = 3000;
/// What a button's label, an option's text and its description take.
pub(crate) const LONGEST_LABEL: usize = 75;

/// A paragraph of mrkdwn, escaped already. What is longer than a text object is cut.
pub(crate) fn section(mrkdwn: &str) -> SlackBlock {
    SlackSectionBlock::new().with_text(md(mrkdwn).into()).into()
}

/// As many paragraphs as the text needs.
pub(crate) fn sections(mrkdwn: &str) -> Vec<SlackBlock> {
    let parts = Escaped::drawn(mrkdwn.to_owned()).parts(LONGEST_TEXT);
    parts.iter().map(|part| section(part.as_str())).collect()
}

/// Small grey print, mrkdwn, escaped already.
pub(crate) fn context(mrkdwn: &str) -> SlackBlock {
    SlackContextBlock::new(vec![SlackContextBlockElement::MarkDown(md(mrkdwn))]).into()
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

fn md(mrkdwn: &str) -> SlackBlockMarkDownText {
    let whole = Escaped::drawn(mrkdwn.to_owned()).cut(LONGEST_TEXT);
    SlackBlockMarkDownText::new(whole.into_string()).with_verbatim(true)
}

/// An option of a select: its text is its value, cut to what Slack shows.
pub(crate) fn option(text: &str, value: &str) -> SlackBlockChoiceItem<SlackBlockPlainTextOnly> {
    SlackBlockChoiceItem::new(plain(text, LONGEST_LABEL), value.to_owned())
}
