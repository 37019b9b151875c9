//! Someone's own Jules account: connecting it and removing it. A key is typed in a form and nowhere else.

use super::{Answer, Context, FollowUp, KeyRequest, Reply};
use crate::form::{Field, FieldError, KeyValues, Removal};
use crate::message::Notice;

/// Opens the form; a message has nothing to open it with.
pub(super) fn open(cx: &Context<'_>) -> Answer {
    match cx.origin.trigger {
        Some(_) => Answer::run(FollowUp::OpenKey),
        None => Answer::notice(Notice::TypeCommand { command: "key".to_owned() }),
    }
}

/// The form was sent. Jules says whether it knows the key before it is kept.
pub(super) fn form(values: &KeyValues, cx: &Context<'_>) -> Answer {
    let has_key = cx.facts.person.is_some_and(|person| person.key.is_some());
    match (&values.key, values.remove.filter(|_| has_key)) {
        (Some(key), _) => {
            let delivery = cx.origin.delivery.clone();
            let request = KeyRequest { key: key.clone(), plan: values.plan, delivery };
            Answer {
                reply: Reply::Lookup,
                follow_up: Some(FollowUp::KeepKey(Box::new(request))),
                ..Answer::nothing()
            }
        }
        (None, Some(removal)) => Answer::run(FollowUp::RemoveKey { now: removal == Removal::Now }),
        (None, None) => Answer::errors(vec![(Field::Key, FieldError::NoKey)]),
    }
}
