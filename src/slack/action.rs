//! Buttons: what a click means, as the `action_id` and `value` that Slack hands back.
//!
//! Buttons stay in Slack for ever and anybody who sees them can press them, so a button names a
//! task, and the plan it is about, and nothing more; whether the click still means something is
//! decided from the task. Only *Run this* carries a command, which no other than its author can run.

use crate::domain::ids::{PlanId, TaskId};
use crate::domain::message::Scope;
use crate::domain::offer::Offer;

/// What a button does.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Action {
    /// Takes one of the repositories on offer.
    Choose(TaskId, usize),
    /// Tries a task again that could not begin.
    Resume(TaskId),
    /// Opens the form of a draft.
    OpenForm(TaskId),
    /// Approves a plan.
    Approve(TaskId, PlanId),
    /// Opens the form that asks for changes of a plan.
    AskChanges(TaskId, PlanId),
    /// Stops a task.
    Stop(TaskId),
    /// Asks Jules to go on.
    Nudge(TaskId),
    /// Starts a task once more, as it was.
    Retry(TaskId),
    /// Opens the form, filled with a task, to start it once more.
    EditRetry(TaskId),
    /// Shows the next page of a list, from here.
    More(Scope, String),
    /// Runs a corrected command.
    Run(Offer),
    /// Only a link. Slack reports the click all the same, and it has to be acknowledged.
    Link(LinkTo),
}

/// Where a button leads that is only a link.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LinkTo {
    /// The session's page.
    Session,
    /// The pull request.
    PullRequest,
}

impl Action {
    /// The `action_id`: unique within a row of buttons.
    #[must_use]
    pub fn id(&self) -> String {
        match self {
            Self::Choose(_, index) => format!("choose-{index}"),
            Self::Resume(_) => "resume".to_owned(),
            Self::OpenForm(_) => "open-form".to_owned(),
            Self::Approve(..) => "approve".to_owned(),
            Self::AskChanges(..) => "ask-changes".to_owned(),
            Self::Stop(_) => "stop".to_owned(),
            Self::Nudge(_) => "nudge".to_owned(),
            Self::Retry(_) => "retry".to_owned(),
            Self::EditRetry(_) => "edit-retry".to_owned(),
            Self::More(Scope::Channel, _) => "more-channel".to_owned(),
            Self::More(Scope::Mine, _) => "more-mine".to_owned(),
            Self::More(Scope::Open, _) => "more-open".to_owned(),
            Self::More(Scope::Waiting, _) => "more-waiting".to_owned(),
            Self::Run(_) => "run".to_owned(),
            Self::Link(LinkTo::Session) => "link".to_owned(),
            Self::Link(LinkTo::PullRequest) => "link-pull-request".to_owned(),
        }
    }

    /// The `value`: the task, and the plan behind a space.
    #[must_use]
    pub fn value(&self) -> Option<String> {
        match self {
            Self::Choose(task, _)
            | Self::Resume(task)
            | Self::OpenForm(task)
            | Self::Stop(task)
            | Self::Nudge(task)
            | Self::Retry(task)
            | Self::EditRetry(task) => Some(task.to_string()),
            Self::Approve(task, plan) | Self::AskChanges(task, plan) => {
                Some(format!("{task} {plan}"))
            }
            Self::More(_, after) => Some(after.clone()),
            Self::Run(offer) => Some(offer.to_string()),
            Self::Link(_) => None,
        }
    }

    /// Reads a click; `None` for a button that this version does not know.
    #[must_use]
    pub fn parse(action_id: &str, value: Option<&str>) -> Option<Self> {
        match action_id {
            "link" => return Some(Self::Link(LinkTo::Session)),
            "link-pull-request" => return Some(Self::Link(LinkTo::PullRequest)),
            "run" => return Offer::parse(value?).map(Self::Run),
            "more-channel" => return Some(Self::More(Scope::Channel, value?.to_owned())),
            "more-mine" => return Some(Self::More(Scope::Mine, value?.to_owned())),
            "more-open" => return Some(Self::More(Scope::Open, value?.to_owned())),
            "more-waiting" => return Some(Self::More(Scope::Waiting, value?.to_owned())),
            _ => {}
        }
        let (task, plan) = match value?.split_once(' ') {
            Some((task, plan)) => (task, PlanId::parse(plan).ok()),
            None => (value?, None),
        };
        let task = TaskId::parse(task).ok()?;
        match action_id {
            "resume" => Some(Self::Resume(task)),
            "open-form" => Some(Self::OpenForm(task)),
            "approve" => Some(Self::Approve(task, plan?)),
            "ask-changes" => Some(Self::AskChanges(task, plan?)),
            "stop" => Some(Self::Stop(task)),
            "nudge" => Some(Self::Nudge(task)),
            "retry" => Some(Self::Retry(task)),
            "edit-retry" => Some(Self::EditRetry(task)),
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
        let plan = PlanId::parse("5103d604240042cd9f59a4cb2355643a").unwrap();
        for action in [
            Action::Choose(task.clone(), 0),
            Action::Choose(task.clone(), 4),
            Action::Resume(task.clone()),
            Action::OpenForm(task.clone()),
            Action::Approve(task.clone(), plan.clone()),
            Action::AskChanges(task.clone(), plan),
            Action::Stop(task.clone()),
            Action::Nudge(task.clone()),
            Action::Retry(task.clone()),
            Action::EditRetry(task),
            Action::More(Scope::Channel, "in/T1/C1/0001".to_owned()),
            Action::More(Scope::Mine, "of/T1/U1/0001".to_owned()),
            Action::More(Scope::Open, "of/T1/U1/0001".to_owned()),
            Action::More(Scope::Waiting, "of/T1/U1/0001".to_owned()),
            Action::Run(Offer::parse("U1 C1 0 repo=a fix\nit").unwrap()),
            Action::Link(LinkTo::Session),
            Action::Link(LinkTo::PullRequest),
        ] {
            assert_eq!(Action::parse(&action.id(), action.value().as_deref()), Some(action));
        }
    }

    #[test]
    fn an_unknown_button_is_nothing() {
        assert_eq!(Action::parse("fly", Some("7f3k9x2q")), None);
        assert_eq!(Action::parse("resume", None), None);
        assert_eq!(Action::parse("approve", Some("7f3k9x2q")), None);
        assert_eq!(Action::parse("choose-x", Some("7f3k9x2q")), None);
        assert_eq!(Action::parse("resume", Some("../x")), None);
    }
}
