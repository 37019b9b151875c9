//! Text to command.

use super::request::{BindArgs, Command, Options, Request};
use super::scan::{Kind, Piece, prose, scan, tidy};
use super::table::{Takes, VERBS, Verb, bound};
use super::{near, quote};
use crate::domain::repo::Typed;
use crate::domain::unseen::seen;
use serde::{Deserialize, Serialize};

/// Something that nobody would type on purpose. Nothing is done; the author is told. Whoever did
/// mean it as a prompt puts `--` before it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Misspelt {
    /// A word one slip away from a key or a sub-command.
    Word {
        /// As typed, a key with its `=`.
        typed: String,
        /// What it comes near, a key with its `=`.
        meant: String,
        /// The whole text with every such word put right, to be sent again after `/jules`.
        corrected: String,
    },
    /// A key with a value that it does not take.
    Value {
        /// The key, without `=`.
        key: String,
        /// The value as typed; empty when there was none, at most
        /// [`VALUE_MAX`](super::VALUE_MAX) characters long.
        typed: String,
        /// What it takes, to end the sentence "`key=` takes …".
        allowed: String,
    },
    /// A sub-command with something that it does not take.
    Superfluous {
        /// The sub-command.
        command: String,
        /// What is too much, as typed or as it would be typed.
        words: String,
        /// The command without it, to be sent again after `/jules`.
        corrected: String,
    },
}

/// Reads the text after `/jules`, Slack's escapes already undone (Slack: `should_escape`); the
/// grammar is in the [module's doc](super). Never panics, takes linear time.
///
/// # Errors
/// [`Misspelt`] for what nobody would type on purpose.
pub fn parse(text: &str) -> Result<Command, Misspelt> {
    let text = clean(text);
    let pieces = scan(&text);
    if let Some(misspelt) = near::at_the_ends(&text, &pieces) {
        return Err(misspelt);
    }
    let options = options(&pieces)?;
    let literal = pieces.iter().find(|piece| matches!(piece.kind, Kind::Literal));
    if let Some(literal) = literal {
        return Ok(start(tidy(&text[literal.at.clone()]), options));
    }
    let prompt = prose(&text, &pieces);
    if let Some(command) = sub_command(&prompt, &options)? {
        return Ok(command);
    }
    match near::verb(&prompt) {
        Some(misspelt) if options.is_empty() => Err(misspelt),
        Some(_) | None => Ok(start(prompt, options)),
    }
}

/// Without control characters other than tabs and line breaks, which become `\n`.
fn clean(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut chars = text.chars().peekable();
    while let Some(c) = chars.next() {
        match c {
            '\r' if chars.peek() == Some(&'\n') => {}
            '\r' | '\u{b}' | '\u{c}' | '\u{85}' => out.push('\n'),
            '\n' | '\t' => out.push(c),
            c if c.is_control() => {}
            c => out.push(c),
        }
    }
    out
}

/// All options; the last of each wins.
fn options(pieces: &[Piece]) -> Result<Options, Misspelt> {
    let mut options = Options::default();
    for piece in pieces {
        if let Kind::Set { key, value } = &piece.kind
            && !(key.set)(&mut options, value)
        {
            let typed = value.chars().take(super::VALUE_MAX).collect();
            return Err(Misspelt::Value {
                key: key.name.to_owned(),
                typed,
                allowed: key.allowed.to_owned(),
            });
        }
    }
    Ok(options)
}

fn start(prompt: String, options: Options) -> Command {
    if prompt.is_empty() && options.is_empty() {
        Command::OpenForm
    } else {
        Command::Start(Request { prompt, options })
    }
}

/// The sub-command that the whole text is; `None` when it is a prompt.
fn sub_command(prompt: &str, options: &Options) -> Result<Option<Command>, Misspelt> {
    let (word, rest) = prompt.split_once(char::is_whitespace).unwrap_or((prompt, ""));
    let Some(verb) = VERBS.iter().find(|verb| verb.word.eq_ignore_ascii_case(word)) else {
        return Ok(None);
    };
    let rest = rest.trim();
    let command = match &verb.takes {
        Takes::Nothing(command) if rest.is_empty() => command.clone(),
        Takes::Nothing(_) => return Ok(None),
        Takes::Text => match (rest, one(rest)) {
            ("", _) => Command::Repos { filter: None },
            (_, Some(text)) => {
                let text = seen(&text);
                Command::Repos { filter: (!text.is_empty()).then_some(text) }
            }
            (_, None) => return Ok(None),
        },
        Takes::Repo => return bind(verb, rest, options),
    };
    if options.is_empty() { Ok(Some(command)) } else { Err(too_much(verb, options, &command)) }
}

/// `bind` with what follows it. Its repository may be bare or an option, not both.
fn bind(verb: &Verb, rest: &str, options: &Options) -> Result<Option<Command>, Misspelt> {
    let defaults = bound(options);
    let made = |repo: Option<String>| Command::Bind(BindArgs { repo, options: defaults.clone() });
    if rest.is_empty() || one(rest).is_some_and(|word| Typed::parse(&word).is_ok()) {
        let bare = one(rest).map(|word| seen(&word)).filter(|word| !word.is_empty());
        let extra = Options {
            repo: options.repo.clone().filter(|_| bare.is_some()),
            title: options.title.clone(),
            ..Options::default()
        };
        let command = made(bare.or_else(|| options.repo.clone()));
        return if extra.is_empty() {
            Ok(Some(command))
        } else {
            Err(too_much(verb, &extra, &command))
        };
    }
    // `bind acme/api to this channel` is no work for Jules; `bind the socket` is.
    let (repo, words) = rest.split_once(char::is_whitespace).unwrap_or((rest, ""));
    match Typed::parse(repo) {
        Ok(Typed::Full(_) | Typed::Source(_)) => Err(Misspelt::Superfluous {
            command: verb.word.to_owned(),
            words: words.trim().to_owned(),
            corrected: made(Some(repo.to_owned())).to_string(),
        }),
        Ok(Typed::Name(_)) | Err(_) => Ok(None),
    }
}

fn too_much(verb: &Verb, options: &Options, rest: &Command) -> Misspelt {
    Misspelt::Superfluous {
        command: verb.word.to_owned(),
        words: options.to_string(),
        corrected: rest.to_string(),
    }
}

/// The one value that `text` is: a word, or several in quotes.
fn one(text: &str) -> Option<String> {
    let (value, len) = quote::read(text);
    (len == text.len() && !text.is_empty()).then_some(value)
}
