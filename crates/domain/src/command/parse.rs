//! Text to command.

use super::request::{BindArgs, Command, Options, Request};
use super::scan::{Token, TokenKind, prose, scan, tidy, verbatim};
use super::slip::{self, Doubt, Slip};
use super::table::{Takes, VERBS, Verb, bound, verb_of};
use super::{lone, quote, typo};
use crate::invisible::visible;
use crate::repo::{Branch, RepoQuery};
use crate::secret_text::holds_credential;
use crate::session_link::SessionLink;
use serde::{Deserialize, Serialize};

/// Something that nobody would type on purpose. Nothing is done; the author is told, and
/// can put `--` before it if it was meant as a prompt.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CommandError {
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
        /// The value as typed; empty when there was none, at most 500 characters long.
        typed: String,
        /// What it takes, to end the sentence "`key=` takes …".
        allowed: String,
        /// It was for a channel's binding, and not for a task.
        #[serde(default, skip_serializing_if = "std::ops::Not::not")]
        binds: bool,
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
    /// A word or two that no one means as work: `retry`, `login`, `delete it`.
    NoTask {
        /// As typed.
        typed: String,
    },
    /// The text holds a key or a token, which is repeated nowhere.
    Credential,
}

impl CommandError {
    /// The command that was meant, as far as that is clear.
    #[must_use]
    pub fn corrected(&self) -> Option<&str> {
        match self {
            Self::Word { corrected, .. } | Self::Superfluous { corrected, .. } => Some(corrected),
            Self::Value { .. } | Self::NoTask { .. } | Self::Credential => None,
        }
    }
}

/// A text that was read, with what may be slips in it.
#[derive(Debug, Clone, PartialEq)]
pub struct Reading {
    text: String,
    /// As the text says it, before any slip is looked at.
    plain: Result<Command, CommandError>,
    slips: Vec<Slip>,
}

impl Reading {
    /// What the text means, where `accepts` says whether a key accepts a value in this text. Ask it with
    /// what is known of the repositories: a slip is the more certain the more is known.
    ///
    /// # Errors
    /// [`CommandError`] for what no one types on purpose.
    pub fn settle(
        self,
        accepts: impl Fn(Doubt<'_>, &Self) -> bool,
    ) -> Result<Command, CommandError> {
        match slip::correction(&self.text, &self.slips, |doubt| accepts(doubt, &self)) {
            Some(misspelt) => Err(misspelt),
            None => self.plain,
        }
    }

    /// What the text means as long as no key accepts what may be its value.
    ///
    /// # Errors
    /// As [`settle`](Self::settle).
    pub fn unsettled(&self) -> Result<&Command, &CommandError> {
        self.plain.as_ref()
    }
}

/// Reads the text after `/jules`, Slack's escapes already undone (Slack: `should_escape`); the
/// grammar is in the [module's doc](super). Never panics, takes linear time.
///
/// # Errors
/// [`CommandError`] for what nobody would type on purpose.
pub fn parse(text: &str) -> Result<Command, CommandError> {
    read(text).settle(|_, _| false)
}

/// As [`parse`], leaving open what depends on the repositories that are connected.
#[must_use]
pub fn read(text: &str) -> Reading {
    let text = clean(text);
    if holds_credential(&text) {
        return Reading {
            text: String::new(),
            plain: Err(CommandError::Credential),
            slips: Vec::new(),
        };
    }
    let verbatim = verbatim(&text);
    let pieces = scan(&text, &verbatim);
    let slips = slip::find(&text, &pieces, &verbatim);
    Reading { plain: plain(&text, &pieces), text, slips }
}

fn plain(text: &str, pieces: &[Token]) -> Result<Command, CommandError> {
    let options = options(text, pieces)?;
    let literal = pieces.iter().find(|piece| matches!(piece.kind, TokenKind::Literal));
    if let Some(literal) = literal {
        return Ok(start(tidy(&text[literal.at.clone()]), options));
    }
    let prompt = prose(text, pieces);
    if let Some(command) = sub_command(&prompt, &options)? {
        return Ok(command);
    }
    if let Some(command) = lone::read(&prompt, &options)? {
        return Ok(command);
    }
    match typo::verb(&prompt) {
        Some(misspelt) if options.is_empty() => Err(misspelt),
        _ => Ok(start(prompt, options)),
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
fn options(text: &str, pieces: &[Token]) -> Result<Options, CommandError> {
    let mut options = Options::default();
    for piece in pieces {
        if let TokenKind::Set { key, value } = &piece.kind
            && !(key.set)(&mut options, value)
        {
            let typed = value.chars().take(super::VALUE_MAX).collect();
            return Err(CommandError::Value {
                key: key.name.to_owned(),
                typed,
                allowed: key.allowed.to_owned(),
                binds: is_about_a_binding(text, pieces),
            });
        }
    }
    Ok(options)
}

/// Whether it's `bind` or `unbind`, whatever its options are.
fn is_about_a_binding(text: &str, pieces: &[Token]) -> bool {
    let is_literal = pieces.iter().any(|piece| matches!(piece.kind, TokenKind::Literal));
    let means = |command: &str| BINDS.contains(&command);
    !is_literal
        && match sub_command(&prose(text, pieces), &Options::default()) {
            Ok(command) => command.as_ref().and_then(verb_of).is_some_and(means),
            Err(CommandError::Superfluous { command, .. }) => means(&command),
            Err(_) => false,
        }
}

/// What changes a channel's binding.
const BINDS: &[&str] = &["bind", "unbind"];

fn start(prompt: String, options: Options) -> Command {
    if prompt.is_empty() && options.is_empty() {
        Command::OpenForm
    } else {
        Command::Start(Request { prompt, options })
    }
}

/// The sub-command that the whole text is; `None` when it is a prompt.
fn sub_command(prompt: &str, options: &Options) -> Result<Option<Command>, CommandError> {
    let (word, rest) = prompt.split_once(char::is_whitespace).unwrap_or((prompt, ""));
    let Some(verb) = VERBS.iter().find(|verb| verb.word.eq_ignore_ascii_case(word)) else {
        return Ok(None);
    };
    let rest = rest.trim();
    let command = match &verb.takes {
        Takes::Nothing(command) if rest.is_empty() => command.clone(),
        Takes::Nothing(Command::Unbind) if speaks_of_a_repository(rest) => {
            return Err(CommandError::Superfluous {
                command: verb.word.to_owned(),
                words: rest.to_owned(),
                corrected: verb.word.to_owned(),
            });
        }
        Takes::Nothing(_) => return Ok(None),
        Takes::Text => match (rest, one(rest)) {
            ("", _) => Command::Repos { filter: None },
            (_, Some(text)) => {
                let text = visible(&text);
                Command::Repos { filter: (!text.is_empty()).then_some(text) }
            }
            (_, None) => return Ok(None),
        },
        Takes::Repo => return bind(verb, rest, options),
        Takes::Session => match session(verb, rest)? {
            Some(command) => command,
            None => return Ok(None),
        },
    };
    if options.is_empty() { Ok(Some(command)) } else { Err(too_much(verb, options, &command)) }
}

/// `follow` with what follows it. A session's link makes a command of it, whatever else is there, unless that
/// is what Slack says of the link; a pull request's may be work: `follow PULL_REQUEST and fix the comments`.
fn session(verb: &Verb, rest: &str) -> Result<Option<Command>, CommandError> {
    let follow = |typed: &str| {
        let typed = visible(typed);
        Command::Follow { session: Some(typed).filter(|typed| !typed.is_empty()) }
    };
    if let Some(typed) = one(rest) {
        return Ok(Some(follow(&typed)));
    }
    let Some((first, others)) = rest.split_once(char::is_whitespace) else {
        return Ok(Some(Command::Follow { session: None }));
    };
    let Some(link) = SessionLink::parse(first) else { return Ok(None) };
    let others = others.trim();
    if others.starts_with('(') && others.ends_with(')') {
        return Ok(Some(follow(first)));
    }
    match link {
        SessionLink::PullRequest(_) => Ok(None),
        SessionLink::Session(_) => Err(CommandError::Superfluous {
            command: verb.word.to_owned(),
            words: others.to_owned(),
            corrected: follow(first).to_string(),
        }),
    }
}

/// `bind` with what follows it. Its repository may be bare or an option, not both.
fn bind(verb: &Verb, rest: &str, options: &Options) -> Result<Option<Command>, CommandError> {
    let defaults = bound(options);
    let made = |repo: Option<String>| Command::Bind(BindArgs { repo, options: defaults.clone() });
    if rest.is_empty() || one(rest).is_some_and(|word| RepoQuery::parse(&word).is_ok()) {
        let bare = one(rest).map(|word| visible(&word)).filter(|word| !word.is_empty());
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
    // `bind this channel to acme/api` is no work for Jules; `bind the socket to port 3000` is.
    let words: Vec<&str> = rest.split_whitespace().collect();
    let named = words.iter().position(|word| names_a_repository(word));
    let named = named.filter(|_| speaks_of_a_repository(rest)).or_else(|| only_name(&words));
    let Some(at) = named else { return Ok(None) };
    let (repo, branch) = with_branch(words[at]);
    let mut options = defaults;
    options.branch = branch.or_else(|| branch_after(&words[at + 1..])).or(options.branch);
    let command = Command::Bind(BindArgs { repo: Some(repo), options });
    let others = words.iter().enumerate().filter(|(n, _)| *n != at);
    let others: Vec<&str> = others.map(|(_, word)| *word).collect();
    let words = if others.is_empty() { words } else { others };
    Err(CommandError::Superfluous {
        command: verb.word.to_owned(),
        words: words.join(" "),
        corrected: command.to_string(),
    })
}

/// Where the name stands in `this channel to shop` and `shop please`.
fn only_name(words: &[&str]) -> Option<usize> {
    let is_filler = |word: &&str| lone::is_polite(word) || is_about_the_channel(word);
    let mut named = words.iter().enumerate().filter(|(_, word)| !is_filler(word));
    let (at, word) = named.next()?;
    let is_polite = words.iter().any(|word| lone::is_polite(word));
    let is_channel = words.iter().any(|word| is_the_channel(word));
    // `the key` is a thing, `the shop repo` is one by name.
    let at_is = |at: usize, known: &[&str]| {
        words.get(at).is_some_and(|word| known.contains(&lone::bare(word).as_str()))
    };
    let is_thing =
        at > 0 && at_is(at - 1, &["our", "the", "this"]) && !at_is(at + 1, &["repo", "repository"]);
    let alone = named.next().is_none() && !is_thing && (is_polite || is_channel);
    (alone && RepoQuery::parse(word).is_ok()).then_some(at)
}

fn is_the_channel(word: &str) -> bool {
    ["channel", "here"].contains(&lone::bare(word).as_str()) || word.starts_with(['#', '<'])
}

fn is_about_the_channel(word: &str) -> bool {
    is_the_channel(word)
        || ["our", "repo", "repository", "the", "this", "to", "with"]
            .contains(&lone::bare(word).as_str())
}

/// The branch in `acme/api on trunk`, `acme/api branch trunk` and `acme/api trunk`.
fn branch_after(words: &[&str]) -> Option<String> {
    let is_filler = |word: &&&str| {
        ["at", "branch", "from", "on", "the", ""].contains(&lone::bare(word).as_str())
    };
    let mut rest = words.iter().skip_while(is_filler);
    let name = rest.next()?.trim_start_matches(['@', '#', ':']);
    let is_name = !lone::is_polite(name) && !is_about_the_channel(name);
    (rest.next().is_none() && is_name).then(|| Branch::parse(name))?.map(|branch| branch.0)
}

/// Whether a sub-command about the channel was meant: a repository at either end of what follows it, or
/// its address, or one and the word *channel*.
fn speaks_of_a_repository(rest: &str) -> bool {
    let words: Vec<&str> = rest.split_whitespace().collect();
    let at_an_end = [words.first(), words.last()].into_iter().flatten();
    let about_one =
        |word: &&str| word.eq_ignore_ascii_case("channel") || word.contains("github.com");
    at_an_end.copied().any(names_a_repository)
        || (words.iter().any(about_one) && words.iter().any(|word| names_a_repository(word)))
}

/// An owner and a name, an address, or a source, perhaps with a branch behind it: words alone are prose.
fn names_a_repository(word: &str) -> bool {
    match RepoQuery::parse(&with_branch(word).0) {
        Ok(RepoQuery::Full(_) | RepoQuery::Source(_)) => true,
        Ok(RepoQuery::Name(_)) | Err(_) => false,
    }
}

/// `acme/api#dev`, `acme/api@dev` and `acme/api:dev` name a branch, too.
fn with_branch(word: &str) -> (String, Option<String>) {
    let word = word.trim_matches(quote::is_mark);
    let address = word.contains("://") || word.starts_with("git@");
    match word.split_once(['#', '@', ':']).filter(|_| !address) {
        Some((repo, branch)) if Branch::parse(branch).is_some() => {
            (repo.to_owned(), Some(branch.to_owned()))
        }
        Some((repo, _)) => (repo.to_owned(), None),
        None => (word.to_owned(), None),
    }
}

pub(super) fn too_much(verb: &Verb, options: &Options, rest: &Command) -> CommandError {
    CommandError::Superfluous {
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
