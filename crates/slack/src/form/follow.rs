//! The views of sessions that began elsewhere: the list to pick one from, and what was said before.

use super::{Metadata, modal, words};
use crate::blocks::{LONGEST_LABEL, plain};
use crate::render::follow;
use domain::form::{FormOwner, MessagesView, SessionChoice, SessionPicker, SessionsShown};
use slack_morphism::prelude::*;

const FOLLOW: &str = "follow";
const MESSAGES: &str = "messages";

/// The field that a session is picked in.
pub(super) const SESSION: &str = "session";

/// The list. It can be sent only while there is something to pick.
pub(super) fn picker(picker: &SessionPicker) -> SlackView {
    let owner = FormOwner::Follow(picker.channel.clone());
    match &picker.shows {
        SessionsShown::List(sessions) if !sessions.is_empty() => {
            let metadata = Metadata::of(owner);
            modal(FOLLOW, words::FOLLOW, words::FOLLOW_SUBMIT, &metadata, vec![select(sessions)])
        }
        shows => shown(FOLLOW, words::FOLLOW, owner, follow::sessions(shows)),
    }
}

fn select(sessions: &[SessionChoice]) -> SlackBlock {
    let option = |session: &SessionChoice| {
        let title = plain(&follow::choice_title(session), LONGEST_LABEL);
        SlackBlockChoiceItem::new(title, session.id.to_string())
            .with_description(plain(&follow::choice_about(session), LONGEST_LABEL))
    };
    let select = SlackBlockStaticSelectElement::new()
        .with_action_id(SESSION.into())
        .with_placeholder(plain(words::SESSION_EXAMPLE, 150))
        .with_options(sessions.iter().map(option).collect());
    SlackInputBlock::new(plain(words::SESSION, 200), SlackInputBlockElement::StaticSelect(select))
        .with_block_id(SESSION.into())
        .into()
}

/// What was said before.
pub(super) fn messages(view: &MessagesView) -> SlackView {
    let owner = FormOwner::Messages(view.task.clone());
    shown(MESSAGES, words::MESSAGES, owner, follow::messages(view))
}

/// A view in which nothing is filled in.
fn shown(callback: &str, title: &str, owner: FormOwner, blocks: Vec<SlackBlock>) -> SlackView {
    let metadata = Metadata::of(owner);
    // A struct of strings always becomes JSON.
    let metadata = serde_json::to_string(&metadata).unwrap_or_default();
    SlackView::Modal(
        SlackModalView::new(plain(title, 24), blocks)
            .with_callback_id(callback.into())
            .with_private_metadata(metadata)
            .with_close(plain(words::CLOSE, 24)),
    )
}
