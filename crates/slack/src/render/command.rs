//! Words about what is typed after `/jules`: help, slips, bindings, repositories.

use super::{branch_name, code, jules, name};
use crate::rich_text::{Line, Rich, cut, say};
use domain::binding::Binding;
use domain::command::{CommandError, Options, Ping, PlanMode, PrMode, help as table};
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
        CommandError::Value { key, typed, allowed } if typed.is_empty() => say!(
            "{} needs {}. There's nothing after it, so I didn't start anything.",
            code(&format!("{key}=")),
            allowed.as_str()
        ),
        CommandError::Value { key, typed, allowed } => say!(
            "{} needs {}, not {}. I didn't start anything.",
            code(&format!("{key}=")),
            allowed.as_str(),
            code(typed)
        ),
        CommandError::NoTask { typed } => say!(
            "{} doesn't look like a task, so I didn't start anything. `/jules help` lists what I can \
             do. To give Jules these words as a task, put `--` before them.",
            code(typed)
        ),
        CommandError::Credential => say!(
            "That looks like a key or a token, so I didn't start anything, and I won't repeat it. It \
             has been in a message now: revoke it and make a new one."
        ),
    };
    Rich::from(words)
}

/// A command to be copied whole.
fn command(words: &str) -> String {
    cut(&format!("/jules {words}"), 2000)
}

pub(super) fn help() -> Rich {
    let help = table();
    let row = |usage: &str, does: &'static str| {
        say!("{}  {}", code(usage.trim_end()), Line::ours(does, []))
    };
    let mut rich = Rich::from(say!("*What you can type*"));
    for each in &help.commands {
        rich = rich.line(row(&format!("/jules {}", each.usage), each.does));
    }
    rich = rich.line(say!("*Options, anywhere in a task*"));
    for each in &help.options {
        rich = rich.line(row(&each.usage, each.does));
    }
    rich
}

pub(super) fn bound(binding: &Binding) -> Line {
    let branch = match &binding.branch {
        Some(branch) => branch_name(branch),
        None => say!("its default branch"),
    };
    let plan = match binding.plan {
        Some(PlanMode::Ask) => ", asking before work starts",
        Some(PlanMode::Auto) | None => "",
    };
    let pr = match binding.pr {
        Some(PrMode::None) => ", without pull requests",
        Some(PrMode::Auto) | None => "",
    };
    let quiet = match binding.quiet {
        Some(true) => ". Threads hear only what waits for somebody, and how it ended",
        Some(false) | None => "",
    };
    let ping = match binding.ping {
        Some(Ping::Dm) => ". I'll notify people in a direct message",
        Some(Ping::Off) => ". I won't notify anyone",
        Some(Ping::Thread) | None => "",
    };
    say!(
        "{} bound this channel to {}, {}{}{}{}{}. `/jules …` needs no `repo=` here now. If I am \
         not a member yet: `/invite @jules`.",
        &binding.by,
        name(&binding.repo),
        branch,
        plan,
        pr,
        quiet,
        ping
    )
}

pub(super) fn bindings(bindings: &[Binding]) -> Rich {
    if bindings.is_empty() {
        return say!(
            "No channel is bound to a repository. Bind one with `/jules bind owner/repo` in that \
             channel."
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
    let (noun, fit) = if total == 1 { ("repository", "fits") } else { ("repositories", "fit") };
    let about = filter.map(|text| say!(" that {} {}", fit, code(text))).unwrap_or_default();
    if total == 0 {
        return say!("Jules has no repositories{}. To connect one, open {}.", about, jules())
            .into();
    }
    let mut rich = Rich::from(say!("Jules has {} connected {}{}:", total, noun, about));
    rich = shown.iter().map(name).fold(rich, |rich, repo| rich.item(None, repo));
    let more = total.saturating_sub(shown.len());
    if more > 0 {
        rich = rich.line(say!("… and {} more: narrow it down with `/jules repos TEXT`.", more));
    }
    rich
}
