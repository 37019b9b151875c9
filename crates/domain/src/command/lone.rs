//! A text of one or two words that begins with a verb of this app or of another agent: `stop`,
//! `cancel it`, `--help`, `list mine`. It is never work for Jules, which costs a task of the day, so
//! nothing starts, and what can be meant is done.

use super::parse::{CommandError, too_much};
use super::request::{Command, Options};
use super::table::{Takes, VERBS, Verb};
use super::typo;
use crate::tenant::Whose;

/// Verbs of other agents and bots. Two words that begin with one of them are no task either.
pub(super) const OTHERS: &[&str] = &[
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
pub(super) const ALONE: &[&str] = &[
    "about",
    "again",
    "archive",
    "back",
    "cheers",
    "close",
    "commands",
    "connect",
    "create",
    "decline",
    "deny",
    "disconnect",
    "done",
    "end",
    "exit",
    "feedback",
    "hello",
    "hey",
    "hi",
    "hold",
    "info",
    "init",
    "install",
    "invite",
    "limits",
    "log",
    "logs",
    "man",
    "me",
    "model",
    "models",
    "no",
    "nudge",
    "ok",
    "okay",
    "options",
    "plan",
    "pong",
    "preferences",
    "prefs",
    "quit",
    "quota",
    "remove",
    "repo",
    "repositories",
    "repository",
    "reset",
    "restart",
    "revert",
    "rollback",
    "run",
    "session",
    "setup",
    "show",
    "signin",
    "signup",
    "start",
    "subscribe",
    "task",
    "thanks",
    "token",
    "undo",
    "uninstall",
    "unsubscribe",
    "update",
    "upgrade",
    "wait",
    "yes",
];

/// What people say in several words, none of them work.
const PHRASES: &[&str] = &[
    "carry on",
    "go ahead",
    "go on",
    "good morning",
    "hold on",
    "how does this work",
    "log in",
    "log out",
    "never mind",
    "sign in",
    "sign out",
    "sign up",
    "thank you",
    "try again",
    "what can you do",
    "who am i",
    "who are you",
];

/// Words of politeness at either end, which say nothing about what is meant.
const POLITE: &[&str] = &[
    "bitte", "can", "could", "hey", "hi", "jules", "just", "kindly", "now", "ok", "okay", "please",
    "pls", "plz", "thanks", "thx", "will", "would", "you",
];

/// Words that say only that the app's own things are meant: `cancel the last task`, `list all of mine`.
const OF_OURS: &[&str] = &[
    "a",
    "all",
    "an",
    "any",
    "channel",
    "current",
    "everything",
    "from",
    "here",
    "id",
    "in",
    "it",
    "job",
    "jobs",
    "last",
    "latest",
    "me",
    "mine",
    "my",
    "number",
    "of",
    "one",
    "ones",
    "open",
    "our",
    "plan",
    "plans",
    "running",
    "session",
    "sessions",
    "task",
    "tasks",
    "that",
    "the",
    "them",
    "these",
    "this",
    "those",
];

/// The command that one or two words mean, or more that only name the app's own things; `None` when
/// they may be work.
pub(super) fn read(prompt: &str, options: &Options) -> Result<Option<Command>, CommandError> {
    if prompt.len() > LONGEST {
        return Ok(None);
    }
    let no_task = || CommandError::NoTask { typed: prompt.to_owned() };
    let typed: Vec<&str> = prompt.split_whitespace().collect();
    let words: Vec<String> = typed.iter().map(|word| bare(word)).collect();
    let said = without_a_wish_to_see(without_politeness(&words));
    let Some(word) = said.first() else {
        let nothing = !prompt.is_empty() && options.is_empty();
        return if nothing { Err(no_task()) } else { Ok(None) };
    };
    let is_phrase = |words: &[String]| PHRASES.contains(&words.join(" ").trim());
    let is_shorter = said.len() < words.len();
    if options.is_empty() && (is_phrase(&words) || (is_shorter && is_phrase(said))) {
        return Err(no_task());
    }
    let is_ours = said[1..].iter().all(|word| names_ours(word));
    if !is_ours && typed.len() > 2 {
        return Ok(None);
    }
    if let Some(verb) = VERBS.iter().find(|verb| verb.is(word)) {
        let at = words.iter().position(|one| one == word).unwrap_or_default();
        let rest = typed.get(at + 1..).unwrap_or_default().join(" ");
        let second = (said.len() > 1).then_some(rest.as_str());
        return ours(verb, second, prompt, options).map(Some);
    }
    let alone = said.len() == 1 && options.is_empty();
    if OTHERS.contains(&word.as_str()) || (alone && ALONE.contains(&word.as_str())) {
        return Err(no_task());
    }
    Ok(None)
}

/// Longer than anything that is looked for, in bytes.
const LONGEST: usize = 120;

/// What is left between the words of politeness: nothing of `please`, and the last one of what is all
/// politeness otherwise, as `ok now`.
fn without_politeness(words: &[String]) -> &[String] {
    let is_said = |word: &String| !word.is_empty() && !POLITE.contains(&word.as_str());
    let from = words.iter().position(is_said);
    let to = words.iter().rposition(is_said);
    match (from, to) {
        (Some(from), Some(to)) => &words[from..=to],
        _ => &[],
    }
}

pub(super) fn is_polite(word: &str) -> bool {
    POLITE.contains(&bare(word).as_str())
}

/// `show my tasks` is `tasks`.
fn without_a_wish_to_see(words: &[String]) -> &[String] {
    const SHOW: &[&str] = &["my", "show", "view", "what", "which"];
    let Some(first) = words.first().filter(|first| SHOW.contains(&first.as_str())) else {
        return words;
    };
    let skipped = words[1..].iter().take_while(|word| OF_OURS.contains(&word.as_str()));
    // `tasks` and `sessions` name what is listed.
    let named = |word: &&String| !VERBS.iter().any(|verb| verb.is(word));
    let from = 1 + skipped.take_while(named).count();
    let is_verb = |word: &String| *word != *first && VERBS.iter().any(|verb| verb.is(word));
    if words.get(from).is_some_and(is_verb) { &words[from..] } else { words }
}

fn names_ours(word: &str) -> bool {
    OF_OURS.contains(&word) || word.is_empty() || word.contains(|c: char| c.is_ascii_digit())
}

/// A word without what is no letter around it: dashes, slashes, quotes, emphasis and the punctuation of
/// any language, and without emoji. A question mark alone stays, and so does code, which is prose.
pub(super) fn bare(word: &str) -> String {
    let is_emoji = word.len() > 2 && word.starts_with(':') && word.ends_with(':');
    let bare =
        if is_emoji { "" } else { word.trim_matches(|c: char| !c.is_alphanumeric() && c != '`') };
    if bare.is_empty() && word.contains(['?', '？']) {
        return "?".to_owned();
    }
    typo::plain_width(bare).to_lowercase()
}

/// Behind `key`: everyone's rather than one's own.
const WORKSPACE: &str = "workspace";

fn ours(
    verb: &Verb,
    second: Option<&str>,
    prompt: &str,
    options: &Options,
) -> Result<Command, CommandError> {
    let Takes::Nothing(command) = &verb.takes else {
        // `bind`, `repos` and `follow` were read before, with whatever they take.
        return Err(superfluous(verb, second.unwrap_or(prompt)));
    };
    match (command, second) {
        (Command::Key(_), Some(second))
            if second.eq_ignore_ascii_case(WORKSPACE) && options.is_empty() =>
        {
            return Ok(Command::Key(Whose::Workspace));
        }
        // A key is never repeated, however short.
        (Command::Key(_), Some(_)) => return Err(CommandError::Credential),
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
