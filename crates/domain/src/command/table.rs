//! The one table: every option and every sub-command, with how it is read, printed and explained.

use super::VALUE_MAX;
use super::request::{BindArgs, Command, ContextMode, Options, Ping, PlanMode, PrMode};
use crate::invisible::{visible, visible_in_name};
use crate::repo::{Branch, RepoQuery};
use crate::tenant::Whose;

/// An option: `name=value`.
#[derive(Debug)]
pub(super) struct OptionKey {
    /// Left of the `=`, in lower case.
    pub(super) name: &'static str,
    /// Right of it, as `help` shows it.
    form: &'static str,
    does: &'static str,
    /// What the value may be, to end the sentence "`name=` accepts …".
    pub(super) allowed: &'static str,
    /// Names that people type for this one although no letter-by-letter slip leads there.
    pub(super) also: &'static [&'static str],
    /// Reads the value; `false` when it is not allowed.
    pub(super) set: fn(&mut Options, &str) -> bool,
    /// The value, as it is typed.
    pub(super) get: fn(&Options) -> Option<&str>,
}

/// A key is its name: the table has each once.
impl PartialEq for OptionKey {
    fn eq(&self, other: &Self) -> bool {
        self.name == other.name
    }
}

pub(super) const KEYS: &[OptionKey] = &[
    OptionKey {
        name: "repo",
        form: "REPO",
        does: "repository name, `owner/name` or GitHub address (default: the linked issue's, then this channel's, yours, the workspace's)",
        allowed: "a repository name, owner/name or GitHub address",
        also: &["repository"],
        set: |options, value| {
            keep(&mut options.repo, visible_in_name(value), |v| RepoQuery::parse(v).is_ok())
        },
        get: |options| options.repo.as_deref(),
    },
    OptionKey {
        name: "branch",
        form: "BRANCH",
        does: "branch to start from (default: the repository's default branch)",
        allowed: "a branch name",
        also: &["branches"],
        set: |options, value| {
            keep(&mut options.branch, visible_in_name(value), |v| Branch::parse(v).is_some())
        },
        get: |options| options.branch.as_deref(),
    },
    OptionKey {
        name: "title",
        form: "\"WORDS\"",
        does: "short name for the task (default: its first line)",
        allowed: "words, in quotes if there are several",
        also: &[],
        set: |options, value| keep(&mut options.title, visible(value), |v| !v.is_empty()),
        get: |options| options.title.as_deref(),
    },
    OptionKey {
        name: "plan",
        form: "ask|auto",
        does: "`ask` waits for approval, `auto` (default) starts right away",
        allowed: "ask or auto",
        also: &[],
        set: |options, value| pick(&mut options.plan, value, PLANS),
        get: |options| word(options.plan, PLANS),
    },
    OptionKey {
        name: "pr",
        form: "auto|none",
        does: "`auto` (default) opens a pull request when done, `none` doesn't",
        allowed: "auto or none",
        also: &["prs", "rp", "ppr", "prr", "pull-request"],
        set: |options, value| pick(&mut options.pr, value, PRS),
        get: |options| word(options.pr, PRS),
    },
    OptionKey {
        name: "quiet",
        form: "yes|no",
        does: "`yes` only posts when Jules needs someone or is done, `no` (default) posts what Jules says too",
        allowed: "yes or no",
        also: &["silent"],
        set: |options, value| pick(&mut options.quiet, value, YES_OR_NO),
        get: |options| word(options.quiet, YES_OR_NO),
    },
    OptionKey {
        name: "ping",
        form: "thread|dm|off",
        does: "notify me in the `thread` (default) or in a `dm`, or turn it `off`",
        allowed: "thread, dm or off",
        also: &["pings"],
        set: |options, value| pick(&mut options.ping, value, PINGS),
        get: |options| word(options.ping, PINGS),
    },
    OptionKey {
        name: "context",
        form: "thread|none",
        does: "in a thread, send its messages along (`thread`, default for mentions) or not (`none`)",
        allowed: "thread or none",
        also: &["ctx"],
        set: |options, value| pick(&mut options.context, value, CONTEXTS),
        get: |options| word(options.context, CONTEXTS),
    },
];

const PLANS: &[(&str, PlanMode)] = &[("ask", PlanMode::Ask), ("auto", PlanMode::Auto)];
const PRS: &[(&str, PrMode)] = &[("auto", PrMode::Auto), ("none", PrMode::None)];
const PINGS: &[(&str, Ping)] = &[("thread", Ping::Thread), ("dm", Ping::Dm), ("off", Ping::Off)];
const CONTEXTS: &[(&str, ContextMode)] =
    &[("thread", ContextMode::Thread), ("none", ContextMode::None)];
const YES_OR_NO: &[(&str, bool)] = &[("yes", true), ("no", false)];

fn keep(place: &mut Option<String>, value: String, allowed: impl Fn(&str) -> bool) -> bool {
    let fits = value.chars().count() <= VALUE_MAX && allowed(&value);
    if fits {
        *place = Some(value);
    }
    fits
}

fn pick<T: Copy>(place: &mut Option<T>, value: &str, words: &[(&str, T)]) -> bool {
    let value = visible_in_name(value);
    let found = words.iter().find(|(word, _)| word.eq_ignore_ascii_case(&value));
    *place = found.map(|(_, mode)| *mode).or(*place);
    found.is_some()
}

fn word<T: PartialEq>(
    value: Option<T>,
    words: &'static [(&'static str, T)],
) -> Option<&'static str> {
    let value = value?;
    words.iter().find(|(_, mode)| *mode == value).map(|(word, _)| *word)
}

/// A sub-command.
pub(super) struct Verb {
    /// In lower case.
    pub(super) word: &'static str,
    /// Words that people type for it.
    also: &'static [&'static str],
    /// A second word changes nothing about what is meant: `stop it`, `help me`.
    pub(super) is_clear: bool,
    pub(super) takes: Takes,
    does: &'static str,
    goal: Goal,
}

impl Verb {
    /// Whether `word` is one slip away from this verb or from another word for it.
    pub(super) fn is_near(&self, word: &str, near: impl Fn(&str, &str) -> bool) -> bool {
        // Shorter ones have too many neighbours.
        let also = self.also.iter().filter(|also| also.len() > 4);
        near(word, self.word) || also.copied().any(|also| near(word, also))
    }

    /// Whether `word` is a form of this verb or of another word for it.
    pub(super) fn is_form(&self, word: &str, form: impl Fn(&str, &str) -> bool) -> bool {
        form(word, self.word) || self.also.iter().copied().any(|also| form(word, also))
    }

    /// Whether `word`, in lower case, is this verb or another word for it.
    pub(super) fn is(&self, word: &str) -> bool {
        self.word == word || self.also.contains(&word)
    }
}

/// A verb to begin a row with; what is usual is left out there.
const VERB: Verb =
    Verb { word: "", also: &[], is_clear: false, takes: Takes::Text, does: "", goal: Goal::App };

/// What may follow a sub-command.
pub(super) enum Takes {
    /// Nothing.
    Nothing(Command),
    /// A repository and the defaults of a channel.
    Repo,
    /// A word, or several in quotes.
    Text,
    /// A session's link or id, or the address of its pull request.
    Session,
}

pub(super) const VERBS: &[Verb] = &[
    Verb {
        word: "help",
        also: &["?", "h", "usage", "commands"],
        is_clear: true,
        takes: Takes::Nothing(Command::Help),
        does: "this help",
        ..VERB
    },
    Verb {
        word: "bind",
        takes: Takes::Repo,
        does: "send this channel's tasks to a repository, with its own branch and options",
        goal: Goal::Channel,
        ..VERB
    },
    Verb {
        word: "unbind",
        takes: Takes::Nothing(Command::Unbind),
        does: "unlink this channel",
        goal: Goal::Channel,
        ..VERB
    },
    Verb {
        word: "bindings",
        takes: Takes::Nothing(Command::Bindings),
        does: "all channels and their repositories",
        goal: Goal::Channel,
        ..VERB
    },
    Verb {
        word: "repos",
        takes: Takes::Text,
        does: "repositories connected to Jules, all or those matching TEXT",
        goal: Goal::See,
        ..VERB
    },
    Verb {
        word: "list",
        also: &["ls", "tasks", "sessions"],
        takes: Takes::Nothing(Command::List),
        does: "tasks in this channel or conversation",
        goal: Goal::See,
        ..VERB
    },
    Verb {
        word: "status",
        takes: Takes::Nothing(Command::Status),
        does: "my tasks in every channel, plus today's usage",
        goal: Goal::See,
        ..VERB
    },
    Verb {
        word: "stop",
        also: &["cancel", "abort", "kill", "halt"],
        is_clear: true,
        takes: Takes::Nothing(Command::Stop),
        does: "my open tasks, each with a Stop button",
        goal: Goal::Steer,
    },
    Verb {
        word: "approve",
        also: &["approved", "accept", "lgtm"],
        is_clear: true,
        takes: Takes::Nothing(Command::Approve),
        does: "my tasks that are waiting for someone, each with a link",
        goal: Goal::Steer,
    },
    Verb {
        word: "follow",
        takes: Takes::Session,
        does: "bring a session that began in Jules here (without LINK: pick one)",
        goal: Goal::Start,
        ..VERB
    },
    Verb {
        word: "version",
        also: &["v"],
        is_clear: true,
        takes: Takes::Nothing(Command::Version),
        does: "which version of this app is running",
        ..VERB
    },
    Verb {
        word: "settings",
        takes: Takes::Nothing(Command::Settings),
        does: "my defaults: repository, plan, pull request, notifications",
        goal: Goal::Mine,
        ..VERB
    },
    Verb {
        word: "access",
        also: &["permissions", "rights"],
        takes: Takes::Nothing(Command::Access),
        does: "who may do what here, and where that is set",
        goal: Goal::See,
        ..VERB
    },
    Verb {
        word: "key",
        also: &["keys"],
        takes: Takes::Nothing(Command::Key(Whose::Mine)),
        does: "connect or remove my own Jules account, or with `workspace` everyone's (a form opens; never type a \
               key in a message)",
        goal: Goal::Mine,
        ..VERB
    },
];

/// Whether a word, in lower case, begins as an option does.
pub(super) fn begins_with_a_key(word: &str) -> bool {
    let is_key = |name: &str| KEYS.iter().any(|key| key.name == name);
    word.split_once('=').is_some_and(|(name, _)| is_key(name))
}

/// The options that make a channel's defaults: all but those that belong to a single task or are
/// said otherwise (the repository).
pub(super) fn bound(options: &Options) -> Options {
    Options { repo: None, title: None, ..options.clone() }
}

/// The word that a sub-command begins with; `None` for the form and for tasks.
pub(super) fn verb_of(command: &Command) -> Option<&'static str> {
    let is = |verb: &&Verb| match (&verb.takes, command) {
        (Takes::Nothing(Command::Key(_)), Command::Key(_)) => true,
        (Takes::Nothing(other), _) => other == command,
        (Takes::Repo, other) => matches!(other, Command::Bind(BindArgs { .. })),
        (Takes::Text, other) => matches!(other, Command::Repos { .. }),
        (Takes::Session, other) => matches!(other, Command::Follow { .. }),
    };
    VERBS.iter().find(is).map(|verb| verb.word)
}

/// What someone wants to do who looks for a command.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Goal {
    /// Give Jules a task.
    Start,
    /// Answer Jules, approve, stop.
    Steer,
    /// See what is there and how it goes.
    See,
    /// Choose a channel's repository.
    Channel,
    /// Choose one's own defaults.
    Mine,
    /// Learn about this app.
    App,
}

impl Goal {
    /// All of them, as help shows them.
    pub const ALL: [Self; 6] =
        [Self::Start, Self::Steer, Self::See, Self::Channel, Self::Mine, Self::App];
}

/// One line of help.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HelpRow {
    /// What to type: after `/jules` for a command, anywhere in it for an option.
    pub usage: String,
    /// What it does, in a few words; backticks mark what is typed.
    pub does: &'static str,
    /// What it is for.
    pub goal: Goal,
}

/// Everything that can be typed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Help {
    /// What may follow `/jules`; the first row is nothing at all.
    pub commands: Vec<HelpRow>,
    /// What may stand anywhere in a task.
    pub options: Vec<HelpRow>,
}

/// Everything that can be typed, in the order of the table.
#[must_use]
pub fn help() -> Help {
    let row = |usage: &str, does, goal| HelpRow { usage: usage.to_owned(), does, goal };
    let mut commands = vec![
        row("", "open the form", Goal::Start),
        row("[options] PROMPT", "start a task", Goal::Start),
        row("[options] -- PROMPT", "start a task even if it reads like a command", Goal::Start),
    ];
    commands.extend(VERBS.iter().map(|verb| {
        let usage = match verb.takes {
            Takes::Nothing(_) => verb.word.to_owned(),
            Takes::Repo => format!("{} [REPO] [options]", verb.word),
            Takes::Text => format!("{} [TEXT]", verb.word),
            Takes::Session => format!("{} [LINK]", verb.word),
        };
        row(&usage, verb.does, verb.goal)
    }));
    let option =
        |key: &OptionKey| row(&format!("{}={}", key.name, key.form), key.does, Goal::Start);
    Help { commands, options: KEYS.iter().map(option).collect() }
}
