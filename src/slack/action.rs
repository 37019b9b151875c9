//! Buttons: what a click means, as the `action_id` and `value` that Slack hands back.
//!
//! Buttons stay in Slack for ever and anybody who sees them can press them, so a button names a
//! task and nothing more; whether the click still means something is decided from the task.

use crate::domain::ids::TaskId;

/// What a button does.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Action {
    /// Takes one of the repositories on offer.
    Choose(TaskId, usize),
    /// Tries a task again that could not begin.
    Again(TaskId),
    /// Opens the form of a draft.
    OpenForm(TaskId),
    /// Only a link. Slack reports the click all the same, and it has to be acknowledged.
    Link,
}

impl Action {
    /// The `action_id`: unique within a message.
    #[must_use]
    pub fn id(&self) -> String {
        match self {
            Self::Choose(_, index) => format!("choose-{index}"),
            Self::Again(_) => "again".to_owned(),
            Self::OpenForm(_) => "open-form".to_owned(),
            Self::Link => "link".to_owned(),
        }
    }

    /// The `value`: the task.
    #[must_use]
    pub fn value(&self) -> Option<String> {
        match self {
            Self::Choose(task, _) | Self::Again(task) | Self::OpenForm(task) => {
                Some(task.to_string())
            }
            Self::Link => None,
        }
    }

    /// Reads a click; `None` for a button that this version does not know.
    #[must_use]
    pub fn parse(action_id: &str, value: Option<&str>) -> Option<Self> {
        if action_id == "link" {
            return Some(Self::Link);
        }
        let task = TaskId::parse(value?).ok()?;
        match action_id {
            "again" => Some(Self::Again(task)),
            "open-form" => Some(Self::OpenForm(task)),
            other => {
                let index = other.strip_prefix("choose-")?.parse().ok()?;
                Some(Self::Choose(task, index))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn print_and_parse_are_a_pair() {
        let task = TaskId::parse("7f3k9x2q").unwrap();
        for action in [
            Action::Choose(task.clone(), 0),
            Action::Choose(task.clone(), 4),
            Action::Again(task.clone()),
            Action::OpenForm(task),
            Action::Link,
        ] {
            assert_eq!(Action::parse(&action.id(), action.value().as_deref()), Some(action));
        }
    }

    #[test]
    fn an_unknown_button_is_nothing() {
        assert_eq!(Action::parse("fly", Some("7f3k9x2q")), None);
        assert_eq!(Action::parse("again", None), None);
        assert_eq!(Action::parse("choose-x", Some("7f3k9x2q")), None);
        assert_eq!(Action::parse("again", Some("../x")), None);
    }
}
