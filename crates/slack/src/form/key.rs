//! The view that a person's own key, or the workspace's, is typed in. Slack has no field that hides what is typed, so nothing ever puts a
//! key back into one.

use super::{Metadata, modal, mode, words};
use crate::blocks::{option, plain};
use crate::inbound::View;
use crate::rich_text::Rich;
use domain::form::{FormOwner, KeyForm, KeyValues, Removal};
use domain::quota::Plan;
use domain::secret::Secret;
use domain::tenant::Whose;
use slack_morphism::prelude::*;

/// The field for the key.
pub(super) const KEY: &str = "key";
const PLAN: &str = "plan";
const REMOVE: &str = "remove";

/// The plans, by the values that are sent back.
const PLANS: &[(&str, Plan)] = &[("free", Plan::Free), ("pro", Plan::Pro), ("ultra", Plan::Ultra)];

/// When a key is removed, by the values that are sent back.
const REMOVALS: &[(&str, Removal)] = &[("when-done", Removal::WhenDone), ("now", Removal::Now)];

/// The form.
pub(super) fn view(form: &KeyForm) -> SlackView {
    let is_connected = form.connected.is_some();
    let mut blocks = Rich::from(words::key_about(form)).blocks();
    let input = SlackBlockPlainTextInputElement::new()
        .with_action_id(KEY.into())
        .with_focus_on_load(true)
        .with_max_length(200);
    let key = SlackInputBlock::new(
        plain(words::KEY_FIELD, 200),
        SlackInputBlockElement::PlainTextInput(input),
    );
    let key = key
        .with_block_id(KEY.into())
        .with_hint(plain(words::KEY_HINT, 200))
        .with_optional(is_connected);
    blocks.push(key.into());
    let plans: Vec<_> =
        PLANS.iter().map(|(value, plan)| option(words::key_plan(*plan), value)).collect();
    let at = PLANS.iter().position(|(_, plan)| *plan == form.connected.unwrap_or_default());
    let chosen = at.and_then(|at| plans.get(at).cloned());
    blocks.push(select(PLAN, words::KEY_PLAN, plans, chosen, false));
    if is_connected {
        // Everyone's tasks are never done.
        let offered = |removal| form.whose == Whose::Mine || removal == Removal::Now;
        let removals = REMOVALS
            .iter()
            .filter(|(_, removal)| offered(*removal))
            .map(|(value, removal)| option(&words::key_removal(*removal, form.running), value));
        let label = words::key_remove(form.whose);
        blocks.push(select(REMOVE, label, removals.collect(), None, true));
    }
    let metadata = Metadata::of(FormOwner::Key(form.whose));
    modal(KEY, words::key_title(form.whose), words::KEY_SUBMIT, &metadata, blocks)
}

fn select(
    id: &str,
    label: &str,
    options: Vec<SlackBlockChoiceItem<SlackBlockPlainTextOnly>>,
    chosen: Option<SlackBlockChoiceItem<SlackBlockPlainTextOnly>>,
    optional: bool,
) -> SlackBlock {
    let mut select =
        SlackBlockStaticSelectElement::new().with_action_id(id.into()).with_options(options);
    select.initial_option = chosen;
    SlackInputBlock::new(plain(label, 200), SlackInputBlockElement::StaticSelect(select))
        .with_block_id(id.into())
        .with_optional(optional)
        .into()
}

/// What was filled in.
#[must_use]
pub fn read(view: &View) -> KeyValues {
    let values = &view.values;
    let picked = |id: &str| values.selected(id, id).map(|selected| selected.value);
    let key = values.text(KEY, KEY).map(str::trim).filter(|key| !key.is_empty());
    KeyValues {
        key: key.map(Secret::new),
        plan: picked(PLAN).and_then(|value| mode(value, PLANS)).unwrap_or_default(),
        remove: picked(REMOVE).and_then(|value| mode(value, REMOVALS)),
    }
}
