//! A text of one or two words that begins with a verb of this app or of another agent: `stop`,
//! `cancel it`, `--help`, `list mine`. It is never work for Jules, which costs a task of the day, so
//! nothing starts, and what can be meant is done.

use super::parse::{CommandError, too_much};
use super::request::{Command, Options};
use super::table::{Takes, VERBS, Verb};

/// Verbs of other agents and bots. Two words that begin with one of them are no task either.
const OTHERS: &[&str] = &[
    "config",
    "configure",
    "continue",
    "delete",
    "login",
    "logout",
    "new",
    "pause",
    "ping",
    "reject",
    "rerun",
    "resume",
    "retry",
    "whoami",
];

/// Words that are no task when nothing else is typed, though they may begin one: `start the server`.
const ALONE: &[&str] = &[
    "about",
    "again",
    "archive",
    "commands",
    "connect",
    "deny",
    "disconnect",
    "feedback",
    "follow",
    "hello",
    "hey",
    "hi",
    "info",
    "init",
    "install",
    "invite",
    "limits",
    "log",
    "logs",
    "me",
    "model",
    "models",
    "no",
    "nudge",
    "ok",
    "okay",
    "options",
    "plan",
    "quota",
    "remove",
    "reset",
    "restart",
    "run",
    "session",
    "setup",
    "show",
    "start",
    "subscribe",
    "task",
    "thanks",
    "undo",
    "uninstall",
    "unsubscribe",
    "update",
    "upgrade",
    "yes",
];

/// The command that one or two words mean; `None` when they may be work.
pub(super) fn read(prompt: &str, options: &Options) -> Result<Option<Command>, CommandError> {
    let mut words = prompt.split_whitespace();
    let (Some(first), second, None) = (words.next(), words.next(), words.next()) else {
        return Ok(None);
    };
    let word = bare(first);
    if let Some(verb) = VERBS.iter().find(|verb| verb.is(&word)) {
        return ours(verb, second, prompt, options).map(Some);
    }
    let is_other = OTHERS.contains(&word.as_str());
    let alone = second.is_none() && options.is_empty();
    if is_other || (alone && ALONE.contains(&word.as_str())) {
        return Err(CommandError::NoTask { typed: prompt.to_owned() });
    }
    Ok(None)
}

/// A word without the dashes of a command line, a slash, and the punctuation of a sentence; a question
/// mark alone stays.
fn bare(word: &str) -> String {
    let start = word.trim_start_matches(['-', '–', '—', '/']);
    let bare = start.trim_end_matches(['.', '!', '?', ',', ';', ':']);
    let bare = if bare.is_empty() { start } else { bare };
    bare.to_lowercase()
}

fn ours(
    verb: &Verb,
    second: Option<&str>,
    prompt: &str,
    options: &Options,
) -> Result<Command, CommandError> {
    let Takes::Nothing(command) = &verb.takes else {
        // `bind` and `repos` were read before, with whatever they take.
        return Err(superfluous(verb, second.unwrap_or(prompt)));
    };
    match (command, second) {
        // A key is never repeated, however short.
        (Command::Key, Some(_)) => return Err(CommandError::Credential),
        (_, Some(second)) if !verb.is_clear => return Err(superfluous(verb, second)),
        _ => {}
    }
    if options.is_empty() { Ok(command.clone()) } else { Err(too_much(verb, options, command)) }
}

fn superfluous(verb: &Verb, words: &str) -> CommandError {
    CommandError::Superfluous {
        command: verb.word.to_owned(),
        words: words.to_owned(),
        corrected: verb.word.to_owned(),
    }
}
