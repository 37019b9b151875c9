//! What can be typed: three lines to copy, then everything by goal.

use super::code;
use crate::rich_text::{Line, Rich, say};
use domain::command::{Goal, HelpRow, help as table};
use domain::tenant::Settings;

/// Tasks as people write them.
const EXAMPLES: &str = "\
/jules fix the login page
/jules repo=acme/web branch=develop rename frontend to website
/jules repo=acme/web plan=ask move the settings to their own page";

/// The same, in a direct message.
const DIRECT: &str = "\
fix the login page
repo=acme/web branch=develop rename frontend to website
repo=acme/web plan=ask move the settings to their own page";

/// The same, by mentioning the bot.
const MENTIONS: &str = "\
@jules fix the login page
@jules repo=acme/web plan=ask move the settings to their own page";

pub(super) fn help() -> Rich {
    let help = table();
    let mut rich = Rich::from(say!("*Copy, change and send*")).code(EXAMPLES).line(say!(
        "Or mention me (`@jules fix this`; in a thread, Jules also gets the messages before yours), send me a direct \
         message, use *Send to Jules* in a message's menu or the shortcut *New Jules task*, or open my *Home* tab."
    ));
    for goal in Goal::ALL {
        rich = rich.line(heading(goal));
        for row in help.commands.iter().filter(|row| row.goal == goal) {
            rich = rich.line(line(&format!("/jules {}", row.usage), row));
        }
        if goal == Goal::Start {
            for row in &help.options {
                rich = rich.line(line(&row.usage, row));
            }
        }
        if goal == Goal::Steer {
            rich = rich.line(say!(
                "Reply in a task's thread to talk to Jules, no mention needed. Start with `!aside` to keep a \
                 message between people."
            ));
        }
    }
    rich
}

/// The least that someone has to know.
pub(super) fn how_to_start() -> Rich {
    Rich::from(say!(
        "Mention me with a task, like this. Jules works on it in that message's thread."
    ))
    .code(MENTIONS)
    .line(say!("In a thread, Jules also gets the messages before yours."))
    .line(say!("You can also mention me with `list`, `status` or `help`, or type `/jules`."))
}

/// The same in a direct message, where nobody has to be mentioned.
pub(super) fn hello(settings: &Settings) -> Rich {
    Rich::from(say!(
        "Hi! Tell me what to do, like this. Jules works on it in your message's thread."
    ))
    .code(DIRECT)
    .line(say!("`list`, `status`, `repos` and `help` work here too."))
    .and(super::settings::settings(None, settings))
}

fn heading(goal: Goal) -> Line {
    match goal {
        Goal::Start => say!("*Start a task* (options go anywhere in it)"),
        Goal::Steer => say!("*Work with Jules*"),
        Goal::See => say!("*See what's going on*"),
        Goal::Channel => say!("*Set up this channel*"),
        Goal::Mine => say!("*Set up your own tasks*"),
        Goal::App => say!("*About this app*"),
    }
}

fn line(usage: &str, row: &HelpRow) -> Line {
    say!("{}  {}", code(usage.trim_end()), Line::ours(row.does, []))
}
