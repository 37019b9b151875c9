//! What forms say besides the notices above their fields.

use super::{more, settings};
use crate::rich_text::{Line, Rich, link, say};
use domain::command::{Ping, PlanMode, PrMode};
use domain::form::AboutMessage;
use domain::tenant::Whose;

pub(crate) use super::key::{
    KEY_FIELD, KEY_HINT, KEY_PLAN, KEY_SUBMIT, key_about, key_plan, key_removal, key_remove,
    key_title,
};
pub(crate) use settings::{in_effect, ping_word, plan_word, pr_word, repo_in_effect};

pub(crate) const CANCEL: &str = "Cancel";

pub(crate) const TASK: &str = "New Jules task";
pub(crate) const TASK_SUBMIT: &str = "Start";
pub(crate) const PROMPT: &str = "What should Jules do?";
pub(crate) const PROMPT_EXAMPLE: &str = "Rename the folder frontend to website";
pub(crate) const TITLE: &str = "Title";
pub(crate) const TITLE_DEFAULT: &str = "The first line of the task";
pub(crate) const CHANNEL: &str = "Post in";

pub(crate) const BIND: &str = "Bind this channel";
pub(crate) const BIND_SUBMIT: &str = "Bind";

pub(crate) const REPOSITORY: &str = "Repository";
pub(crate) const REPOSITORY_SEARCH: &str = "Type to search";
pub(crate) const BRANCH: &str = "Branch";
pub(crate) const BRANCH_DEFAULT: &str = "Default branch";
pub(crate) const BRANCH_HINT: &str = "Leave empty for the default branch.";
pub(crate) const OPTIONS: &str = "Options";
pub(crate) const ASK_PLAN: &str = "Let me approve the plan first";
pub(crate) const OPEN_PR: &str = "Open a pull request when done";
pub(crate) const MAKE_DEFAULT: &str = "Make this repository my default";
pub(crate) const QUIET: &str = "Quiet thread (only post when Jules needs someone or is done)";

pub(crate) const CHANGES: &str = "Ask for changes";
pub(crate) const CHANGES_SUBMIT: &str = "Send";
pub(crate) const CHANGES_FIELD: &str = "What should change?";
pub(crate) const CHANGES_EXAMPLE: &str = "Keep the old name working, and leave the tests alone";
pub(crate) const CHANGES_HINT: &str = "Jules will use this for a new plan.";

pub(crate) const ANSWER: &str = "Answer Jules";
pub(crate) const ANSWER_SUBMIT: &str = "Send";
pub(crate) const ANSWER_FIELD: &str = "Your answer";
pub(crate) const ANSWER_EXAMPLE: &str = "Yes, and keep the old name as an alias";
pub(crate) const ANSWER_HINT: &str = "I'll send it to Jules and post it in the thread.";

pub(crate) const DIFF: &str = "Changes";
pub(crate) const CLOSE: &str = "Close";

pub(crate) const MY_SETTINGS: &str = "My defaults";
pub(crate) const WORKSPACE_SETTINGS: &str = "Workspace defaults";
pub(crate) const SETTINGS_SUBMIT: &str = "Save";
pub(crate) const PLAN: &str = "Plan";
pub(crate) const PULL_REQUEST: &str = "Pull request";
pub(crate) const PING: &str = "Notify me";

/// What counts in place of a choice.
pub(crate) fn no_choice(whose: Whose) -> &'static str {
    match whose {
        Whose::Mine => "No choice (use the workspace default)",
        Whose::Workspace => "No choice (use the built-in default)",
    }
}

pub(crate) fn plan(plan: PlanMode) -> &'static str {
    match plan {
        PlanMode::Ask => "Wait for approval of the plan",
        PlanMode::Auto => "Start right away",
    }
}

pub(crate) fn pull_request(pr: PrMode) -> &'static str {
    match pr {
        PrMode::Auto => "Open one when done",
        PrMode::None => "Don't open one",
    }
}

pub(crate) fn ping(ping: Ping) -> &'static str {
    match ping {
        Ping::Thread => "In the thread",
        Ping::Dm => "In a direct message",
        Ping::Off => "Not at all",
    }
}

/// What counts right now, below a field.
pub(crate) fn now(in_effect: &str) -> String {
    format!("Now: {in_effect}")
}
pub(crate) const FOLLOW: &str = "Follow a session";
pub(crate) const FOLLOW_SUBMIT: &str = "Follow";
pub(crate) const SESSION: &str = "Session";
pub(crate) const SESSION_EXAMPLE: &str = "Pick a session";

pub(crate) const MESSAGES: &str = "Earlier messages";

pub(crate) const SEND: &str = "Send to Jules";
pub(crate) const SEND_SUBMIT: &str = "Send";
pub(crate) const SEND_FIELD: &str = "Message to Jules";

/// What stands above the message that is sent on.
pub(crate) fn send(page: Option<&str>) -> Line {
    let task = page.map_or_else(|| Line::from("a task"), |page| link(page, "a task"));
    say!(
        "This thread is already {}, so this goes to Jules there. For a new task, reply with \
         `@jules new` and what to do.",
        task
    )
}

/// What stands above the fields of a form about a message.
pub(crate) fn about(about: &AboutMessage) -> Line {
    let author =
        about.author.as_ref().map_or_else(|| Line::from("an app"), |author| say!("{}", author));
    match (&about.channel, about.is_away) {
        (Some(channel), true) => say!(
            "From a message by {}. I'm not in {}. Invite me there, or choose where to post the task.",
            author,
            channel
        ),
        (Some(channel), false) => say!("From a message by {} in {}", author, channel),
        (None, _) => say!("From a message by {}", author),
    }
}

/// The checkbox that has the thread go along.
pub(crate) fn along(messages: Option<u32>) -> String {
    match messages {
        Some(1) => "Include the thread (1 message)".to_owned(),
        Some(messages) => format!("Include the thread ({messages} messages)"),
        None => "Include the thread".to_owned(),
    }
}

pub(crate) const CONTEXT: &str = "Messages for Jules";

/// How much of them a view shows: a little less than Slack accepts.
const LONGEST_CONTEXT: usize = 11_000;

/// What Jules got besides the task itself.
pub(crate) fn context(text: Option<&str>) -> Rich {
    match text {
        Some(text) => Rich::from(say!("I sent this to Jules along with your task."))
            .and(Rich::default().code(text).cut(LONGEST_CONTEXT, more)),
        None => {
            say!("I've deleted these messages, because I keep them for 7 days after the task ends.")
                .into()
        }
    }
}

/// In place of the field for the prompt, which would cut it.
pub(crate) fn kept_prompt(length: usize) -> Line {
    say!("*What should Jules do?*\nI kept your text of {} characters as you typed it.", length)
}
