//! Jules accounts: connecting one's own or the workspace's, and removing it. A key is typed in a form and nowhere else.

use super::{Answer, Context, FollowUp, KeyRequest, Reply};
use crate::form::{Field, FieldError, KeyValues, Removal};
use crate::message::Notice;
use crate::tenant::Whose;

/// Opens the form; a message has nothing to open it with.
pub(super) fn open(whose: Whose, cx: &Context<'_>) -> Answer {
    let command = match whose {
        Whose::Mine => "key",
        Whose::Workspace => "key workspace",
    };
    match cx.origin.trigger {
        Some(_) => Answer::run(FollowUp::OpenKey(whose)),
        None => Answer::notice(Notice::TypeCommand { command: command.to_owned() }),
    }
}

/// The form was sent. Jules says whether it knows the key before it is kept.
pub(super) fn form(whose: Whose, values: &KeyValues, cx: &Context<'_>) -> Answer {
    let has_key = match whose {
        Whose::Mine => cx.facts.person.is_some_and(|person| person.key.is_some()),
        Whose::Workspace => cx.facts.settings.is_some_and(|settings| settings.key.is_some()),
    };
    match (&values.key, values.remove.filter(|_| has_key)) {
        (Some(key), _) => {
            let delivery = cx.origin.delivery.clone();
            let request = KeyRequest { whose, key: key.clone(), plan: values.plan, delivery };
            Answer {
                reply: Reply::Lookup,
                follow_up: Some(FollowUp::KeepKey(Box::new(request))),
                ..Answer::nothing()
            }
        }
        (None, Some(removal)) => {
            Answer::run(FollowUp::RemoveKey { whose, now: removal == Removal::Now })
        }
        (None, None) => Answer::errors(vec![(Field::Key, FieldError::NoKey)]),
    }
}
