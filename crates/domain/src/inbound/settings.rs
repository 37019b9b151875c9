//! Defaults: a person's own, and the workspace's.

use super::{Answer, Context, FollowUp, SettingsChange, Write};
use crate::change::Change;
use crate::form::{Field, FieldError, Form, SettingsForm, SettingsValues};
use crate::ids::ChannelId;
use crate::message::Notice;
use crate::policy::Manages;
use crate::repo::{Resolution, find};
use crate::tenant::{Preferences, RepoChoice, Whose};

/// Opens the form with the person's defaults; where none can be opened, says what counts.
pub(super) fn settings(cx: &Context<'_>) -> Answer {
    let channel = cx.origin.channel();
    Answer::run(match cx.origin.trigger {
        Some(_) => FollowUp::Open(Box::new(form(Whose::Mine, channel, None, cx))),
        None => FollowUp::Settings { channel: channel.cloned(), saved: None },
    })
}

/// Shows the form with these defaults in an open view.
pub(super) fn show_settings(
    whose: Whose,
    channel: Option<&ChannelId>,
    (view, hash): (&str, Option<&String>),
    note: Option<Notice>,
    cx: &Context<'_>,
) -> Answer {
    let form = Box::new(form(whose, channel, note, cx));
    Answer::run(FollowUp::Replace { view: view.to_owned(), hash: hash.cloned(), form })
}

fn form(whose: Whose, channel: Option<&ChannelId>, note: Option<Notice>, cx: &Context<'_>) -> Form {
    let facts = cx.facts;
    let counts = facts.defaults().seen_by(Some(whose));
    let note = note.or_else(|| facts.sources.is_none().then_some(Notice::NoListYet));
    Form::Settings(SettingsForm {
        whose,
        channel: channel.cloned(),
        chosen: chosen(whose, cx).cloned().unwrap_or_default(),
        settings: counts.settings(facts.sources),
        manages: whose == Whose::Mine && facts.access.manages == Manages::Yes,
        note: note.map(Box::new),
    })
}

/// The defaults that were chosen so far.
fn chosen<'a>(whose: Whose, cx: &Context<'a>) -> Option<&'a Preferences> {
    let all = cx.facts.defaults();
    match whose {
        Whose::Mine => all.mine,
        Whose::Workspace => all.workspace,
    }
}

/// The form was sent. Whether the person may change the workspace's defaults was asked at the gate, now.
pub(super) fn settings_form(
    whose: Whose,
    channel: Option<&ChannelId>,
    values: &SettingsValues,
    cx: &Context<'_>,
) -> Answer {
    let delivery = &cx.origin.delivery;
    let applied = match whose {
        Whose::Mine => cx.facts.person.and_then(|person| person.changes.applied(delivery)),
        Whose::Workspace => {
            cx.facts.settings.and_then(|settings| settings.changes.applied(delivery))
        }
    };
    // It was said the first time: the form closes.
    if applied.is_some() {
        return Answer::nothing();
    }
    let repo = match values.repo.as_deref().map(|repo| repo_choice(repo, whose, cx)).transpose() {
        Ok(repo) => repo,
        Err(error) => return Answer::errors(vec![(Field::Repository, error)]),
    };
    let SettingsValues { repo: _, plan, pr, ping } = *values;
    let change = SettingsChange {
        team: cx.actor.team.clone(),
        by: cx.actor.user.clone(),
        whose,
        to: Preferences { repo, plan, pr, ping },
        change: Change { delivery: delivery.clone(), asked: cx.now },
    };
    Answer {
        write: Some(Write::Settings(Box::new(change))),
        follow_up: Some(FollowUp::Settings { channel: channel.cloned(), saved: Some(whose) }),
        ..Answer::nothing()
    }
}

/// The repository that was picked. One that was chosen before stays while the list can't be read.
fn repo_choice(picked: &str, whose: Whose, cx: &Context<'_>) -> Result<RepoChoice, FieldError> {
    let Some(sources) = cx.facts.sources else {
        let known = chosen(whose, cx).and_then(|chosen| chosen.repo.as_ref());
        let is_it = |known: &&RepoChoice| known.repo.to_string() == picked;
        return known.filter(is_it).cloned().ok_or(FieldError::NoListYet);
    };
    match find(picked, sources) {
        Resolution::One(source) => {
            Ok(RepoChoice { source: source.name.clone(), repo: source.repo.clone() })
        }
        Resolution::Several(_) | Resolution::None { .. } => {
            Err(FieldError::UnknownRepo(picked.to_owned()))
        }
    }
}
