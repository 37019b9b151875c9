//! Buttons and menus: what a click means, as the `action_id` and `value` that Slack hands back.

use domain::ids::TaskId;
use domain::inbound::Verb;
use domain::message::Scope;
use domain::offer::Offer;
use domain::tenant::Whose;

/// What a button does.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Action {
    /// Something with a task.
    Press(TaskId, Verb),
    /// Shows the next page of a list, from here.
    More(Scope, String),
    /// Opens the form of a new task.
    NewTask,
    /// Opens the form for one's own key.
    Key(Whose),
    /// Runs a corrected command, which nobody but its author can run.
    Run(Offer),
    /// Opens the form with these defaults.
    Settings(Whose),
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
    /// The task's thread.
    Thread,
    /// The message with a plan.
    Plan,
}

/// The links, by the names that their buttons have.
const LINKS: [(&str, LinkTo); 4] = [
    ("link", LinkTo::Session),
    ("link-pull-request", LinkTo::PullRequest),
    ("link-thread", LinkTo::Thread),
    ("link-plan", LinkTo::Plan),
];

/// The name of the button that opens the form of a new task.
const NEW_TASK: &str = "new-task";

/// The name of the button that opens the form for one's own key.
const KEY: &str = "own-key";
const WORKSPACE_KEY: &str = "workspace-key";

/// The forms with defaults, by the names that their buttons have.
const SETTINGS: [(&str, Whose); 2] =
    [("settings-mine", Whose::Mine), ("settings-workspace", Whose::Workspace)];

/// The `action_id` of a menu. Which of its options was chosen is in the value.
pub(crate) const ROW: &str = "row";

/// The lists, by the names that their buttons have.
const LISTS: [(&str, Scope); 4] = [
    ("more-channel", Scope::Channel),
    ("more-mine", Scope::Mine),
    ("more-open", Scope::Open),
    ("more-waiting", Scope::Waiting),
];

impl Action {
    /// The `action_id`: unique within a row of buttons, so the choices and pages are numbered.
    #[must_use]
    pub fn id(&self) -> String {
        match self {
            Self::Press(_, verb @ Verb::Choose(index)) => format!("{}-{index}", verb.name()),
            Self::Press(_, verb @ (Verb::ShowChanges(page) | Verb::ShowMessages(page))) => {
                format!("{}-{page}", verb.name())
            }
            Self::Press(_, verb) => verb.name().to_owned(),
            Self::More(scope, _) => {
                let named = LISTS.iter().find(|(_, list)| list == scope);
                named.map_or("more", |(name, _)| name).to_owned()
            }
            Self::NewTask => NEW_TASK.to_owned(),
            Self::Key(Whose::Mine) => KEY.to_owned(),
            Self::Key(Whose::Workspace) => WORKSPACE_KEY.to_owned(),
            Self::Run(_) => "run".to_owned(),
            Self::Settings(whose) => {
                let named = SETTINGS.iter().find(|(_, known)| known == whose);
                named.map_or("settings", |(name, _)| name).to_owned()
            }
            Self::Link(to) => {
                let named = LINKS.iter().find(|(_, known)| known == to);
                named.map_or("link", |(name, _)| name).to_owned()
            }
        }
    }

    /// The `value`: the task, and what the verb is about behind a space.
    #[must_use]
    pub fn value(&self) -> Option<String> {
        match self {
            Self::Press(task, verb) => Some(match verb.object() {
                Some(object) => format!("{task} {object}"),
                None => task.to_string(),
            }),
            Self::More(_, after) => Some(after.clone()),
            Self::Run(offer) => Some(offer.to_string()),
            Self::NewTask | Self::Key(_) | Self::Settings(_) | Self::Link(_) => None,
        }
    }

    /// The value of an option in a menu: the name of the action, and its own value behind a space.
    #[must_use]
    pub(crate) fn in_menu(&self) -> String {
        match self.value() {
            Some(value) => format!("{} {value}", self.id()),
            None => self.id(),
        }
    }

    /// Reads what was clicked or chosen; `None` for what this version doesn't know.
    #[must_use]
    pub fn parse(action_id: &str, value: Option<&str>) -> Option<Self> {
        if action_id != ROW {
            return Self::parse_button(action_id, value);
        }
        match value?.split_once(' ') {
            Some((name, value)) => Self::parse_button(name, Some(value)),
            None => Self::parse_button(value?, None),
        }
    }

    fn parse_button(action_id: &str, value: Option<&str>) -> Option<Self> {
        if let Some((_, to)) = LINKS.iter().find(|(name, _)| *name == action_id) {
            return Some(Self::Link(*to));
        }
        if action_id == NEW_TASK {
            return Some(Self::NewTask);
        }
        if action_id == KEY {
            return Some(Self::Key(Whose::Mine));
        }
        if action_id == WORKSPACE_KEY {
            return Some(Self::Key(Whose::Workspace));
        }
        if let Some((_, whose)) = SETTINGS.iter().find(|(name, _)| *name == action_id) {
            return Some(Self::Settings(*whose));
        }
        if action_id == "run" {
            return Offer::parse(value?).map(Self::Run);
        }
        if let Some((_, scope)) = LISTS.iter().find(|(name, _)| *name == action_id) {
            return Some(Self::More(*scope, value?.to_owned()));
        }
        let (task, object) = match value?.split_once(' ') {
            Some((task, object)) => (task, Some(object)),
            None => (value?, None),
        };
        let numbered = ["choose", "show-changes", "show-messages"].into_iter().find(|verb| {
            action_id.strip_prefix(verb).is_some_and(|number| number.starts_with('-'))
        });
        let verb = numbered.unwrap_or(action_id);
        Some(Self::Press(TaskId::parse(task).ok()?, Verb::parse(verb, object)?))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::ids::PlanId;

    #[test]
    fn print_and_parse_are_a_pair() {
        let task = TaskId::parse("7f3k9x2q").unwrap();
        let plan = PlanId::parse("5103d604240042cd9f59a4cb2355643a").unwrap();
        let verbs = [
            Verb::Choose(0),
            Verb::Choose(4),
            Verb::Resume,
            Verb::OpenForm,
            Verb::Approve(plan.clone()),
            Verb::AskChanges(plan),
            Verb::Stop,
            Verb::AskStop,
            Verb::Nudge,
            Verb::Retry,
            Verb::EditRetry,
            Verb::Answer(3),
            Verb::ShowChanges(0),
            Verb::ShowChanges(12),
            Verb::FollowHere,
            Verb::MoveHere,
            Verb::CancelFollow,
            Verb::ShowMessages(0),
            Verb::ShowMessages(7),
        ];
        let presses = verbs.map(|verb| Action::Press(task.clone(), verb));
        let lists = LISTS.map(|(_, scope)| Action::More(scope, "in/T1/C1/0001".to_owned()));
        let links = LINKS.map(|(_, to)| Action::Link(to));
        let settings = SETTINGS.map(|(_, whose)| Action::Settings(whose));
        let run = Action::Run(Offer::parse("U1 C1 0 repo=a fix\nit").unwrap());
        for action in presses
            .into_iter()
            .chain(lists)
            .chain(links)
            .chain(settings)
            .chain([run, Action::NewTask])
        {
            let (id, value) = (action.id(), action.value());
            assert_eq!(Action::parse(&id, value.as_deref()), Some(action.clone()));
            assert_eq!(Action::parse(ROW, Some(&action.in_menu())), Some(action));
        }
    }

    #[test]
    fn an_unknown_button_is_nothing() {
        for (id, value) in [
            ("fly", Some("7f3k9x2q")),
            ("resume", None),
            ("resume", Some("../x")),
            ("resume", Some("7f3k9x2q extra")),
            ("approve", Some("7f3k9x2q")),
            ("choose-0", Some("7f3k9x2q")),
            ("choose-0", Some("7f3k9x2q x")),
            ("more-elsewhere", Some("in/T1/C1/0001")),
            (ROW, None),
            (ROW, Some("row stop 7f3k9x2q")),
            (ROW, Some("stop")),
        ] {
            assert_eq!(Action::parse(id, value), None, "{id} {value:?}");
        }
    }
}
