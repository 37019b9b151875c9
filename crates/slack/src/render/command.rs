//! Answers to what is typed after `/jules`: slips, bindings, repositories.

use super::{branch_name, code, jules, name};
use crate::rich_text::{Line, Rich, cut, say};
use domain::binding::Binding;
use domain::command::{CommandError, Options, Ping, PlanMode, PrMode};
use domain::repo::RepoRef;

pub(super) fn misspelt(misspelt: &CommandError) -> Rich {
    let words = match misspelt {
        CommandError::Word { typed: _, meant, corrected } => {
            return Rich::from(say!("Did you mean {}? I didn't start anything.", code(meant)))
                .code(&command(corrected))
                .line(say!("To send it as is, put `--` before the task."));
        }
        CommandError::Superfluous { command: known, words, corrected } => {
            return Rich::from(say!(
                "{} doesn't accept {}, so I didn't do anything. Did you mean this?",
                code(&format!("/jules {known}")),
                code(words)
            ))
            .code(&command(corrected));
        }
        CommandError::Value { key, typed, allowed, binds } if typed.is_empty() => say!(
            "{} is empty, so {}. It accepts {}.",
            code(&format!("{key}=")),
            nothing_done(*binds),
            allowed.as_str()
        ),
        CommandError::Value { key, typed, allowed, binds } => say!(
            "{} accepts {}, not {}, so {}.",
            code(&format!("{key}=")),
            allowed.as_str(),
            code(typed),
            nothing_done(*binds)
        ),
        CommandError::NoTask { typed } => say!(
            "{} doesn't look like a task, so I didn't start anything. `/jules help` lists what I can do. \
             To send it as is, put `--` before it.",
            code(typed)
        ),
        CommandError::Credential => say!(
            "That looks like a key or token, so I didn't start anything, and I won't repeat it. Replace \
             the key, because it has been in a message."
        ),
    };
    Rich::from(words)
}

fn nothing_done(binds: bool) -> &'static str {
    if binds { "nothing changed" } else { "I didn't start anything" }
}

/// A command to be copied whole.
fn command(words: &str) -> String {
    cut(&format!("/jules {words}"), 2000)
}

pub(super) fn bound(binding: &Binding) -> Line {
    let branch = match &binding.branch {
        Some(branch) => branch_name(branch),
        None => say!("default branch"),
    };
    let plans = (binding.plan == Some(PlanMode::Ask)).then_some("plans need approval");
    let pull_requests = (binding.pr == Some(PrMode::None)).then_some("no pull requests are opened");
    let quiet = (binding.quiet == Some(true)).then_some("threads are quiet");
    let ping = match binding.ping {
        Some(Ping::Dm) => Some("I notify people in a direct message"),
        Some(Ping::Off) => Some("I don't notify anyone"),
        Some(Ping::Thread) | None => None,
    };
    let parts: Vec<&str> = [plans, pull_requests, quiet, ping].into_iter().flatten().collect();
    let here = match parts.as_slice() {
        [] => say!("You can skip `repo=` here."),
        parts => say!("Here {}, and you can skip `repo=`.", parts.join(", ")),
    };
    say!(
        "{} bound this channel to {} ({}). {} If I'm not in this channel yet, type `/invite @jules`.",
        &binding.by,
        name(&binding.repo),
        branch,
        here
    )
}

pub(super) fn bindings(bindings: &[Binding]) -> Rich {
    if bindings.is_empty() {
        return say!(
            "No channel is bound to a repository yet. To bind one, type `/jules bind owner/repo` there."
        )
        .into();
    }
    bindings.iter().map(bound_channel).fold(Rich::default(), Rich::line)
}

fn bound_channel(binding: &Binding) -> Line {
    let branch = binding.branch.as_ref().map(branch_name);
    let options = Options {
        plan: binding.plan,
        pr: binding.pr,
        quiet: binding.quiet,
        ping: binding.ping,
        ..Options::default()
    };
    let options = Some(options.to_string()).filter(|options| !options.is_empty());
    let options = options.map(|options| say!(" · {}", code(&options)));
    say!(
        "{} → {} · {}{} · by {}, {}",
        &binding.channel,
        name(&binding.repo),
        branch.unwrap_or_else(|| say!("default branch")),
        options.unwrap_or_default(),
        &binding.by,
        binding.at
    )
}

pub(super) fn repos(filter: Option<&str>, shown: &[RepoRef], total: usize) -> Rich {
    let named = filter.map(|text| say!(" matching {}", code(text))).unwrap_or_default();
    if total == 0 {
        return say!("Jules has no repository{}. To connect one, open {}.", named, jules()).into();
    }
    let noun = if total == 1 { "repository" } else { "repositories" };
    let head = say!("Jules has {} connected {}{}:", total, noun, named);
    let mut rich =
        shown.iter().map(name).fold(Rich::from(head), |rich, repo| rich.item(None, repo));
    let more = total.saturating_sub(shown.len());
    if more > 0 {
        rich = rich.line(say!("… and {} more. Narrow it down with `/jules repos TEXT`.", more));
    }
    rich
}
