//! People's own Jules accounts: what is said of keys, and never a key.

use super::jules;
use crate::rich_text::{Line, say};
use domain::form::{FieldError, KeyForm, Removal};
use domain::quota::Plan;
use domain::tenant::Whose;

pub(crate) const KEY_SUBMIT: &str = "Save";
pub(crate) const KEY_FIELD: &str = "API key";
pub(crate) const KEY_HINT: &str =
    "From jules.google.com/settings. It's visible while you type, and never shown again.";
pub(crate) const KEY_PLAN: &str = "Plan";

pub(crate) fn key_title(whose: Whose) -> &'static str {
    match whose {
        Whose::Mine => "My Jules account",
        Whose::Workspace => "Workspace's account",
    }
}

pub(crate) fn key_remove(whose: Whose) -> &'static str {
    match whose {
        Whose::Mine => "Remove my key",
        Whose::Workspace => "Remove the workspace's key",
    }
}

/// What the form says above its fields.
pub(crate) fn key_about(form: &KeyForm) -> Line {
    match form {
        KeyForm { whose: Whose::Workspace, connected: None, .. } => say!(
            "Everyone here who hasn't connected their own account uses this one, and their tasks count towards its \
             limits."
        ),
        KeyForm { whose: Whose::Workspace, .. } => say!(
            "Everyone here who hasn't connected their own account uses the workspace's. While tasks run on it, a new \
             key has to belong to the same account."
        ),
        KeyForm { connected: None, .. } => say!(
            "With a key of your own, your tasks run on your Jules account and count towards your limits. \
             Others in the channel can answer, approve and stop tasks that run on it."
        ),
        KeyForm { leaves: true, .. } => say!(
            "Your key is being removed once the tasks that run on it are done. To keep using your account, \
             enter a key again."
        ),
        KeyForm { .. } => say!(
            "Your tasks run on your own Jules account. While tasks run on it, a new key has to belong to the same \
             account."
        ),
    }
}

pub(crate) fn key_plan(plan: Plan) -> &'static str {
    match plan {
        Plan::Free => "Free (15 tasks a day)",
        Plan::Pro => "Pro (100 tasks a day)",
        Plan::Ultra => "Ultra (300 tasks a day)",
    }
}

pub(crate) fn key_removal(removal: Removal, running: u32) -> String {
    match (removal, running) {
        (Removal::WhenDone, 0) => "When my tasks are done (none is running)".to_owned(),
        (Removal::WhenDone, 1) => "When my task is done (within 24 hours)".to_owned(),
        (Removal::WhenDone, running) => {
            format!("When my {running} tasks are done (within 24 hours)")
        }
        (Removal::Now, 0) => "Now".to_owned(),
        (Removal::Now, 1) => "Now (I'll stop following 1 task)".to_owned(),
        (Removal::Now, running) => format!("Now (I'll stop following {running} tasks)"),
    }
}

pub(super) fn no_account(of_workspace: bool) -> Line {
    if of_workspace {
        return say!(
            "No Jules account is connected to this workspace yet, so I didn't start anything. A manager can connect \
             one for everyone, and you can connect your own."
        );
    }
    say!(
        "Tasks here run on people's own Jules accounts, and you haven't connected yours yet, so I didn't start \
         anything."
    )
}

pub(super) fn kept(whose: Whose, is_empty: bool) -> Line {
    if whose == Whose::Workspace {
        return if is_empty {
            say!(
                "The workspace's Jules account is connected. It has no repositories yet. Connect one at {}.",
                jules()
            )
        } else {
            say!(
                "The workspace's Jules account is connected. Type `/jules bind` in a channel to choose its \
                 repository, or start a task with `/jules`."
            )
        };
    }
    if is_empty {
        say!(
            "Your Jules account is connected. It has no repositories yet. Connect one at {}, and your tasks on that \
             repository will run on your account.",
            jules()
        )
    } else {
        say!(
            "Your Jules account is connected, and your new tasks run on it. Others in the channel can answer, \
             approve and stop them."
        )
    }
}

/// What is wrong with a key, in a message.
pub(super) fn not_kept(error: &FieldError) -> Line {
    if *error == FieldError::SetByOperator {
        return say!("{}", wrong(error));
    }
    say!("I didn't save your key. {}", wrong(error))
}

/// What is wrong with a key, at its field or in a message.
pub(super) fn wrong(error: &FieldError) -> &'static str {
    match error {
        FieldError::BadKey => "Jules doesn't recognise this key.",
        FieldError::OtherAccount => {
            "That key belongs to another account, and tasks are running on yours. Use a key of the same account, or \
             wait until they're done."
        }
        FieldError::SetByOperator => {
            "The person who runs this app set the workspace's Jules account. Ask them to change it."
        }
        FieldError::NoKey => "Enter a key, or choose when to remove the one that is saved.",
        _ => "Jules isn't responding, so I couldn't check the key. Try again in a minute.",
    }
}

pub(super) fn removed(whose: Whose, after: u32) -> Line {
    if whose == Whose::Workspace {
        return say!(
            "I removed the workspace's key. Tasks on its account are waiting until a manager adds a new one."
        );
    }
    match after {
        0 => say!("I removed your key. Your new tasks run on the workspace's Jules account."),
        1 => say!(
            "I'll remove your key when your task is done, within 24 hours. Nothing new starts on it."
        ),
        after => say!(
            "I'll remove your key when your {} tasks are done, within 24 hours. Nothing new starts on it.",
            after
        ),
    }
}

pub(super) fn refused(whose: Whose, tasks: u32) -> Line {
    if whose == Whose::Workspace {
        return say!(
            "Jules no longer accepts the workspace's key, which you added. Tasks on its account are waiting until a \
             manager adds a new one."
        );
    }
    match tasks {
        0 => say!(
            "Jules no longer accepts your key. Your new tasks are waiting until you add a new one."
        ),
        1 => say!(
            "Jules no longer accepts your key. I can't follow 1 of your tasks until you add a new one."
        ),
        tasks => say!(
            "Jules no longer accepts your key. I can't follow {} of your tasks until you add a new one.",
            tasks
        ),
    }
}
