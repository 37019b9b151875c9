//! The forms as Slack views, built and read in one file so that both agree.
//!
//! `private_metadata`, which only this app sees, says what a form belongs to. The `block_id` of the
//! branch field has the repository's name, so Slack treats the field as a new one when another
//! repository is picked, and drops the branch of the old one.

mod follow;
mod key;

use super::action::Action;
use super::blocks::{actions, button, context, option, plain};
use super::inbound::View;
use super::render::form::{self as words, kept_prompt};
use super::render::{changes, note as note_words, plain_words, refusal};
use super::rich_text::Rich;
use domain::command::{ContextMode, Ping, PlanMode, PrMode};
use domain::form::{
    AboutMessage, AnswerForm, BindForm, ChangesForm, ContextView, DiffView, Field, FieldError,
    Form, FormOwner, FormValues, LONGEST_FIELD, SendForm, SettingsForm, SettingsValues, TaskForm,
};
use domain::ids::SessionId;
use domain::message::Notice;
use domain::repo::{Branch, RepoRef};
use domain::secret::Secret;
use domain::tenant::Whose;
use serde::{Deserialize, Serialize};
use slack_morphism::prelude::*;

const TASK: &str = "task";
const BIND: &str = "bind";
const REPOSITORY: &str = "repository";
const BRANCH: &str = "branch";
const PROMPT: &str = "prompt";
const TITLE: &str = "title";
const OPTIONS: &str = "options";
const CHANNEL: &str = "channel";
const CHANGES: &str = "changes";
const ANSWER: &str = "answer";
const DIFF: &str = "diff";
const SETTINGS: &str = "settings";
const PLAN: &str = "plan";
const PULL_REQUEST: &str = "pull-request";
const PING: &str = "ping";
/// The value of an option that chooses nothing.
const NO_CHOICE: &str = "none-of-these";
const CONTEXT: &str = "context";
const SEND: &str = "send";
const ALONG: &str = "along";
const MAKE_DEFAULT: &str = "default";
const ASK_PLAN: &str = "plan";
const OPEN_PR: &str = "pr";
const QUIET: &str = "quiet";

/// A select takes at most this many options (slack-platform.md §7).
pub const MOST_OPTIONS: usize = 100;

#[derive(Serialize, Deserialize)]
struct Metadata {
    owner: FormOwner,
    /// The repository that the branch field is for. Slack doesn't promise to send the other fields when
    /// it asks for the options of one.
    repo: Option<String>,
    /// What was typed for the repository, while none is certain: what fits it is offered first.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    typed: Option<String>,
    /// It asks where to post. In a form that doesn't, nobody can have picked a channel.
    #[serde(default)]
    asks_channel: bool,
    /// The message that it is about.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    about: Option<AboutMessage>,
}

impl Metadata {
    /// Of a form in which no other field depends on a repository, and which doesn't ask where to post.
    fn of(owner: FormOwner) -> Self {
        Self { owner, repo: None, typed: None, asks_channel: false, about: None }
    }
}

/// The form as a view.
#[must_use]
pub fn view(form: &Form) -> SlackView {
    match form {
        Form::Task(form) => task_view(form),
        Form::Bind(form) => bind_view(form),
        Form::Changes(form) => changes_view(form),
        Form::Answer(form) => answer_view(form),
        Form::Settings(form) => settings_view(form),
        Form::Send(form) => send_view(form),
        Form::Diff(view) => diff_view(view),
        Form::Sessions(picker) => follow::picker(picker),
        Form::Messages(view) => follow::messages(view),
        Form::Context(view) => context_view(view),
        Form::Key(form) => key::view(form),
    }
}

fn send_view(form: &SendForm) -> SlackView {
    let shown: String = form.text.chars().take(LONGEST_FIELD).collect();
    let mut input = SlackBlockPlainTextInputElement::new()
        .with_action_id(SEND.into())
        .with_multiline(true)
        .with_max_length(LONGEST_FIELD as u64);
    input.initial_value = Some(shown).filter(|text| !text.is_empty());
    let input = SlackInputBlockElement::PlainTextInput(input);
    let block =
        SlackInputBlock::new(plain(words::SEND_FIELD, 200), input).with_block_id(SEND.into());
    let owner = FormOwner::Send(form.task.clone());
    let metadata = Metadata::of(owner);
    let mut blocks = Rich::from(words::send(form.page.as_deref())).blocks();
    blocks.push(block.into());
    modal(SEND, words::SEND, words::SEND_SUBMIT, &metadata, blocks)
}

/// What is sent on, as it was written.
#[must_use]
pub(crate) fn read_send(view: &View) -> String {
    view.values.text(SEND, SEND).unwrap_or_default().to_owned()
}

/// Exactly what went along, as far as a view shows it.
fn context_view(view: &ContextView) -> SlackView {
    let text = view.text.as_ref().map(Secret::expose);
    SlackView::Modal(
        SlackModalView::new(plain(words::CONTEXT, 24), words::context(text).blocks())
            .with_callback_id(CONTEXT.into())
            .with_close(plain(words::CLOSE, 24)),
    )
}

fn diff_view(view: &DiffView) -> SlackView {
    let owner = FormOwner::Diff(view.task.clone());
    let metadata = Metadata::of(owner);
    let metadata = serde_json::to_string(&metadata).unwrap_or_default();
    SlackView::Modal(
        SlackModalView::new(plain(words::DIFF, 24), changes(view))
            .with_callback_id(DIFF.into())
            .with_private_metadata(metadata)
            .with_close(plain(words::CLOSE, 24)),
    )
}

fn changes_view(form: &ChangesForm) -> SlackView {
    let input = words_input(CHANGES, words::CHANGES_EXAMPLE);
    let block = SlackInputBlock::new(plain(words::CHANGES_FIELD, 200), input)
        .with_block_id(CHANGES.into())
        .with_hint(plain(words::CHANGES_HINT, 200));
    let owner = FormOwner::Changes(form.task.clone(), form.plan.clone());
    let metadata = Metadata::of(owner);
    modal(CHANGES, words::CHANGES, words::CHANGES_SUBMIT, &metadata, vec![block.into()])
}

fn answer_view(form: &AnswerForm) -> SlackView {
    let input = words_input(ANSWER, words::ANSWER_EXAMPLE);
    let block = SlackInputBlock::new(plain(words::ANSWER_FIELD, 200), input)
        .with_block_id(ANSWER.into())
        .with_hint(plain(words::ANSWER_HINT, 200));
    let owner = FormOwner::Answer(form.task.clone(), form.question);
    let metadata = Metadata::of(owner);
    modal(ANSWER, words::ANSWER, words::ANSWER_SUBMIT, &metadata, vec![block.into()])
}

/// A field for words to Jules.
fn words_input(action_id: &str, example: &str) -> SlackInputBlockElement {
    SlackInputBlockElement::PlainTextInput(
        SlackBlockPlainTextInputElement::new()
            .with_action_id(action_id.into())
            .with_multiline(true)
            .with_focus_on_load(true)
            .with_max_length(LONGEST_FIELD as u64)
            .with_placeholder(plain(example, 150)),
    )
}

/// The answer, as it was written.
#[must_use]
pub(crate) fn read_answer(view: &View) -> String {
    view.values.text(ANSWER, ANSWER).unwrap_or_default().to_owned()
}

pub use key::read as read_key;

/// The session that was picked.
#[must_use]
pub(crate) fn read_session(view: &View) -> Option<SessionId> {
    let picked = view.values.selected(follow::SESSION, follow::SESSION)?;
    SessionId::parse(picked.value).ok()
}

/// What should change, as it was written.
#[must_use]
pub fn read_changes(view: &View) -> String {
    view.values.text(CHANGES, CHANGES).unwrap_or_default().to_owned()
}

/// The field of a form that words about the whole of it stand at.
#[must_use]
pub fn first_field(view: &View) -> Field {
    match owner(view) {
        Some(FormOwner::Changes(..)) => Field::Changes,
        Some(FormOwner::Answer(..)) => Field::Answer,
        Some(FormOwner::Follow(_)) => Field::Session,
        Some(
            FormOwner::Task(_)
            | FormOwner::Bind(_)
            | FormOwner::Settings(..)
            | FormOwner::Diff(_)
            | FormOwner::Messages(_),
        )
        | None => Field::Repository,
        Some(FormOwner::Send(_)) => Field::Send,
        Some(FormOwner::Key(_)) => Field::Key,
    }
}

fn task_view(form: &TaskForm) -> SlackView {
    let mut blocks = Vec::new();
    if let Some(notice) = &form.note {
        blocks.extend(note_words(notice).blocks());
    }
    if let Some(about) = &form.about {
        blocks.push(context(&words::about(about)));
    }
    blocks.push(repository(form.repo.as_ref()));
    blocks.push(branch(form.repo.as_ref(), form.branch.as_ref()));
    if form.keeps_prompt() {
        let length = form.ask.prompt.chars().count();
        blocks.extend(Rich::from(kept_prompt(length)).blocks());
    } else {
        blocks.push(prompt(&form.ask.prompt));
    }
    let options = &form.ask.options;
    let along = form.about.as_ref().filter(|about| about.in_thread);
    let along = along.map(|about| (about.messages, options.context != Some(ContextMode::None)));
    blocks.push(checkboxes(options.plan, options.pr, None, along, form.offers_default));
    blocks.push(title(options.title.as_deref()));
    if form.asks_channel {
        blocks.push(channel());
    }
    let metadata = Metadata {
        owner: FormOwner::Task(form.task.clone()),
        repo: form.repo.as_ref().map(ToString::to_string),
        typed: form.ask.options.repo.clone().filter(|_| form.repo.is_none()),
        asks_channel: form.asks_channel,
        about: form.about.clone(),
    };
    modal(TASK, words::TASK, words::TASK_SUBMIT, &metadata, blocks)
}

fn bind_view(form: &BindForm) -> SlackView {
    let mut blocks = Vec::new();
    if let Some(notice) = &form.note {
        blocks.extend(note_words(notice).blocks());
    }
    blocks.push(repository(form.repo.as_ref()));
    blocks.push(branch(form.repo.as_ref(), form.branch.as_ref()));
    blocks.push(checkboxes(form.plan, form.pr, Some(form.quiet == Some(true)), None, false));
    let metadata = Metadata {
        owner: FormOwner::Bind(form.channel.clone()),
        repo: form.repo.as_ref().map(ToString::to_string),
        typed: None,
        asks_channel: false,
        about: None,
    };
    modal(BIND, words::BIND, words::BIND_SUBMIT, &metadata, blocks)
}

/// The options of a field with modes, by the values that are sent back.
const PLANS: &[(&str, PlanMode)] = &[("ask", PlanMode::Ask), ("auto", PlanMode::Auto)];
const PULL_REQUESTS: &[(&str, PrMode)] = &[("auto", PrMode::Auto), ("none", PrMode::None)];
const PINGS: &[(&str, Ping)] = &[("thread", Ping::Thread), ("dm", Ping::Dm), ("off", Ping::Off)];

fn settings_view(form: &SettingsForm) -> SlackView {
    let SettingsForm { whose, channel, chosen, settings, manages, note } = form;
    let mut blocks = Vec::new();
    if let Some(notice) = note {
        blocks.extend(note_words(notice).blocks());
    }
    let repo = chosen.repo.as_ref().map(|chosen| chosen.repo.to_string());
    blocks.push(default_repository(repo.as_deref(), &words::now(&words::repo_in_effect(settings))));
    let (plan, level) = settings.plan;
    let now = words::now(&words::in_effect(words::plan_word(plan), level));
    blocks.push(modes((PLAN, words::PLAN), *whose, PLANS, words::plan, chosen.plan, &now));
    let (pr, level) = settings.pr;
    let now = words::now(&words::in_effect(words::pr_word(pr), level));
    let field = (PULL_REQUEST, words::PULL_REQUEST);
    blocks.push(modes(field, *whose, PULL_REQUESTS, words::pull_request, chosen.pr, &now));
    let (ping, level) = settings.ping;
    let now = words::now(&words::in_effect(words::ping_word(ping), level));
    blocks.push(modes((PING, words::PING), *whose, PINGS, words::ping, chosen.ping, &now));
    if *manages {
        let to = Action::Settings(Whose::Workspace);
        blocks.push(actions(SETTINGS, vec![button(words::WORKSPACE_SETTINGS, &to)]));
    }
    let owner = FormOwner::Settings(*whose, channel.clone());
    let metadata = Metadata::of(owner);
    let title = match whose {
        Whose::Mine => words::MY_SETTINGS,
        Whose::Workspace => words::WORKSPACE_SETTINGS,
    };
    modal(SETTINGS, title, words::SETTINGS_SUBMIT, &metadata, blocks)
}

/// The repository of a form with defaults: it may be none, and no other field depends on it.
fn default_repository(chosen: Option<&str>, now: &str) -> SlackBlock {
    let mut select = SlackBlockExternalSelectElement::new()
        .with_action_id(REPOSITORY.into())
        .with_placeholder(plain(words::REPOSITORY_SEARCH, 150))
        .with_min_query_length(0);
    select.initial_option = chosen.map(|repo| option(repo, repo));
    let select = SlackInputBlockElement::ExternalSelect(select);
    SlackInputBlock::new(plain(words::REPOSITORY, 200), select)
        .with_block_id(REPOSITORY.into())
        .with_hint(plain(now, 200))
        .with_optional(true)
        .into()
}

/// A field that chooses a mode, or none.
fn modes<T: Copy + PartialEq>(
    (id, label): (&str, &str),
    whose: Whose,
    all: &[(&str, T)],
    words: fn(T) -> &'static str,
    chosen: Option<T>,
    now: &str,
) -> SlackBlock {
    let none = option(words::no_choice(whose), NO_CHOICE);
    let choices = all.iter().map(|(value, mode)| (*mode, option(words(*mode), value)));
    let choices: Vec<_> = choices.collect();
    let picked = choices.iter().find(|(mode, _)| chosen == Some(*mode)).map(|(_, one)| one.clone());
    let offered = std::iter::once(none.clone()).chain(choices.into_iter().map(|(_, one)| one));
    let mut select = SlackBlockStaticSelectElement::new()
        .with_action_id(id.into())
        .with_options(offered.collect());
    select.initial_option = Some(picked.unwrap_or(none));
    SlackInputBlock::new(plain(label, 200), SlackInputBlockElement::StaticSelect(select))
        .with_block_id(id.into())
        .with_hint(plain(now, 200))
        .into()
}

/// The defaults that were chosen in the form; what isn't one of its options is no choice.
#[must_use]
pub(crate) fn read_settings(view: &View) -> SettingsValues {
    let values = &view.values;
    let picked = |id: &str| values.selected(id, id).map(|selected| selected.value);
    SettingsValues {
        repo: picked(REPOSITORY).map(str::to_owned),
        plan: picked(PLAN).and_then(|value| mode(value, PLANS)),
        pr: picked(PULL_REQUEST).and_then(|value| mode(value, PULL_REQUESTS)),
        ping: picked(PING).and_then(|value| mode(value, PINGS)),
    }
}

fn mode<T: Copy>(value: &str, all: &[(&str, T)]) -> Option<T> {
    all.iter().find(|(known, _)| *known == value).map(|(_, mode)| *mode)
}

fn modal(
    callback: &str,
    title: &str,
    submit: &str,
    metadata: &Metadata,
    blocks: Vec<SlackBlock>,
) -> SlackView {
    // A struct of strings always becomes JSON.
    let metadata = serde_json::to_string(metadata).unwrap_or_default();
    SlackView::Modal(
        SlackModalView::new(plain(title, 24), blocks)
            .with_callback_id(callback.into())
            .with_private_metadata(metadata)
            .with_submit(plain(submit, 24))
            .with_close(plain(words::CANCEL, 24)),
    )
}

fn repository(picked: Option<&RepoRef>) -> SlackBlock {
    let mut select = SlackBlockExternalSelectElement::new()
        .with_action_id(REPOSITORY.into())
        .with_placeholder(plain(words::REPOSITORY_SEARCH, 150))
        // Slack's default of 3 would show nothing on opening, and never a short name.
        .with_min_query_length(0);
    select.initial_option = picked.map(|repo| option(&repo.to_string(), &repo.to_string()));
    SlackInputBlock::new(
        plain(words::REPOSITORY, 200),
        SlackInputBlockElement::ExternalSelect(select),
    )
    .with_block_id(REPOSITORY.into())
    .with_dispatch_action(true)
    .into()
}

/// The branch field's `block_id` for a repository.
fn branch_block(repo: Option<&str>) -> String {
    match repo {
        Some(repo) => format!("{BRANCH}:{}", repo.to_ascii_lowercase()),
        None => BRANCH.to_owned(),
    }
}

fn branch(repo: Option<&RepoRef>, picked: Option<&Branch>) -> SlackBlock {
    let mut select = SlackBlockExternalSelectElement::new()
        .with_action_id(BRANCH.into())
        .with_placeholder(plain(words::BRANCH_DEFAULT, 150))
        .with_min_query_length(0);
    select.initial_option = picked
        .filter(|branch| branch.0.chars().count() <= LONGEST_VALUE)
        .map(|branch| option(&branch.0, &branch.0));
    SlackInputBlock::new(plain(words::BRANCH, 200), SlackInputBlockElement::ExternalSelect(select))
        .with_block_id(branch_block(repo.map(ToString::to_string).as_deref()).into())
        .with_hint(plain(words::BRANCH_HINT, 200))
        .with_optional(true)
        .into()
}

fn prompt(typed: &str) -> SlackBlock {
    let mut input = SlackBlockPlainTextInputElement::new()
        .with_action_id(PROMPT.into())
        .with_multiline(true)
        .with_max_length(LONGEST_FIELD as u64)
        .with_placeholder(plain(words::PROMPT_EXAMPLE, 150));
    input.initial_value = Some(typed.to_owned()).filter(|text| !text.is_empty());
    SlackInputBlock::new(plain(words::PROMPT, 200), SlackInputBlockElement::PlainTextInput(input))
        .with_block_id(PROMPT.into())
        .into()
}

fn title(typed: Option<&str>) -> SlackBlock {
    let mut input = SlackBlockPlainTextInputElement::new()
        .with_action_id(TITLE.into())
        .with_max_length(100)
        .with_placeholder(plain(words::TITLE_DEFAULT, 150));
    input.initial_value = typed.map(|text| text.chars().take(100).collect());
    SlackInputBlock::new(plain(words::TITLE, 200), SlackInputBlockElement::PlainTextInput(input))
        .with_block_id(TITLE.into())
        .with_optional(true)
        .into()
}

/// `quiet` is asked of a channel only, and whether the thread goes along of a task that is about a message in
/// one: how many messages there are, and whether they do.
fn checkboxes(
    plan: Option<PlanMode>,
    pr: Option<PrMode>,
    quiet: Option<bool>,
    along: Option<(Option<u32>, bool)>,
    offers_default: bool,
) -> SlackBlock {
    let ask = choice(words::ASK_PLAN, ASK_PLAN);
    let open = choice(words::OPEN_PR, OPEN_PR);
    let little = choice(words::QUIET, QUIET);
    let mut offered = vec![ask.clone(), open.clone()];
    let mut checked = Vec::new();
    if plan == Some(PlanMode::Ask) {
        checked.push(ask);
    }
    if pr != Some(PrMode::None) {
        checked.push(open);
    }
    if quiet == Some(true) {
        checked.push(little.clone());
    }
    if quiet.is_some() {
        offered.push(little);
    }
    if let Some((messages, is_checked)) = along {
        let thread = choice(&words::along(messages), ALONG);
        checked.extend(is_checked.then(|| thread.clone()));
        offered.push(thread);
    }
    if offers_default {
        offered.push(choice(words::MAKE_DEFAULT, MAKE_DEFAULT));
    }
    let mut boxes = SlackBlockCheckboxesElement::new(offered).with_action_id(OPTIONS.into());
    boxes.initial_options = Some(checked).filter(|checked| !checked.is_empty());
    SlackInputBlock::new(plain(words::OPTIONS, 200), SlackInputBlockElement::Checkboxes(boxes))
        .with_block_id(OPTIONS.into())
        .with_optional(true)
        .into()
}

fn choice(text: &str, value: &str) -> SlackBlockChoiceItem<SlackBlockText> {
    SlackBlockChoiceItem::new(
        SlackBlockText::Plain(SlackBlockPlainText::new(text.to_owned())),
        value.to_owned(),
    )
}

fn channel() -> SlackBlock {
    // Where a task can be posted: not among people alone, and not before another organisation's eyes.
    let filter = SlackBlockConversationFilter::new()
        .with_include(vec![
            SlackConversationFilterInclude::Public,
            SlackConversationFilterInclude::Private,
        ])
        .with_exclude_external_shared_channels(true);
    let select = SlackBlockConversationsSelectElement::new()
        .with_action_id(CHANNEL.into())
        .with_default_to_current_conversation(true)
        .with_filter(filter);
    SlackInputBlock::new(
        plain(words::CHANNEL, 200),
        SlackInputBlockElement::ConversationsSelect(select),
    )
    .with_block_id(CHANNEL.into())
    .into()
}

/// What a form belongs to; `None` for a form of another app.
#[must_use]
pub fn owner(view: &View) -> Option<FormOwner> {
    metadata(view).map(|metadata| metadata.owner)
}

fn metadata(view: &View) -> Option<Metadata> {
    serde_json::from_str(&view.private_metadata).ok()
}

/// The `block_id` of the branch field in a form as it is shown now.
fn shown_branch_block(view: &View) -> String {
    branch_block(metadata(view).and_then(|known| known.repo).as_deref())
}

/// What was filled in.
#[must_use]
pub fn read(view: &View) -> FormValues {
    let values = &view.values;
    let picked = |block: &str, action: &str| {
        values.selected(block, action).map(|selected| selected.value.to_owned())
    };
    let checked = values.checked(OPTIONS, OPTIONS);
    let known = metadata(view);
    let about = known.as_ref().and_then(|known| known.about.clone());
    let title = values.text(TITLE, TITLE).filter(|title| !title.trim().is_empty());
    FormValues {
        repo: picked(REPOSITORY, REPOSITORY),
        branch: picked(&shown_branch_block(view), BRANCH),
        prompt: values.text(PROMPT, PROMPT).map(str::to_owned),
        title: title.map(str::to_owned),
        plan: if checked.contains(&ASK_PLAN) { PlanMode::Ask } else { PlanMode::Auto },
        pr: if checked.contains(&OPEN_PR) { PrMode::Auto } else { PrMode::None },
        quiet: checked.contains(&QUIET),
        channel: values
            .conversation(CHANNEL, CHANNEL)
            .filter(|_| known.as_ref().is_some_and(|known| known.asks_channel)),
        along: about.as_ref().filter(|about| about.in_thread).map(|_| checked.contains(&ALONG)),
        make_default: checked.contains(&MAKE_DEFAULT),
        about,
    }
}

/// The repository that is picked while the form is still open.
#[must_use]
pub fn picked_repo(view: &View) -> Option<String> {
    let picked = view.values.selected(REPOSITORY, REPOSITORY);
    picked
        .map(|selected| selected.value.to_owned())
        .or_else(|| metadata(view).and_then(|known| known.repo))
}

/// What was typed for the repository before the form opened, if it left the choice open.
#[must_use]
pub fn typed_repo(view: &View) -> Option<String> {
    metadata(view).and_then(|known| known.typed)
}

/// Whether the element of a form is the repository's.
#[must_use]
pub(crate) fn is_repository(action_id: &str) -> bool {
    action_id == REPOSITORY
}

/// Whether the element of a form is the branch's.
#[must_use]
pub(crate) fn is_branch(action_id: &str) -> bool {
    action_id == BRANCH
}

/// The `block_id` that an error stands at.
fn block_of(field: Field, view: &View) -> String {
    match field {
        Field::Repository => REPOSITORY.to_owned(),
        Field::Branch => shown_branch_block(view),
        Field::Prompt => PROMPT.to_owned(),
        Field::Title => TITLE.to_owned(),
        Field::Channel => CHANNEL.to_owned(),
        Field::Changes => CHANGES.to_owned(),
        Field::Answer => ANSWER.to_owned(),
        Field::Session => follow::SESSION.to_owned(),
        Field::Send => SEND.to_owned(),
        Field::Key => key::KEY.to_owned(),
    }
}

/// Errors at their fields, as the answer to a sent form.
#[must_use]
pub fn errors(mistakes: &[(Field, FieldError)], view: &View) -> serde_json::Value {
    let errors: serde_json::Map<String, serde_json::Value> = mistakes
        .iter()
        .map(|(field, mistake)| (block_of(*field, view), refusal(mistake).into()))
        .collect();
    serde_json::json!({ "response_action": "errors", "errors": errors })
}

/// Words about the whole form, which Slack can only show at a field.
#[must_use]
pub fn note(field: Field, notice: &Notice, view: &View) -> serde_json::Value {
    let mut errors = serde_json::Map::new();
    errors.insert(block_of(field, view), plain_words(notice).into());
    serde_json::json!({ "response_action": "errors", "errors": errors })
}

/// An option's `value` takes at most this many characters (slack-platform.md §7).
pub(crate) const LONGEST_VALUE: usize = 150;

/// Options of a select, as the answer to a type-ahead. A name that is too long to be a value is
/// left out: it can still be typed with `repo=` or `branch=`.
#[must_use]
pub fn options<'a>(names: impl Iterator<Item = &'a str>) -> serde_json::Value {
    let options: Vec<serde_json::Value> = names
        .filter(|name| name.chars().count() <= LONGEST_VALUE)
        .take(MOST_OPTIONS)
        .map(|name| serde_json::to_value(option(name, name)).unwrap_or_default())
        .collect();
    serde_json::json!({ "options": options })
}
