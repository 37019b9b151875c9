//! Words about what is typed after `/jules`: help, slips, bindings, repositories.

use super::card::time;
use super::{JULES, branch_name, code, name};
use crate::domain::binding::Binding;
use crate::domain::command::{CommandError, Options, PlanMode, PrMode, help as table};
use crate::domain::repo::RepoRef;
use crate::slack::mrkdwn::{self, cut};

pub(super) fn misspelt(misspelt: &CommandError) -> String {
    match misspelt {
        CommandError::Word { typed, meant, corrected } => format!(
            "{} looks like {}, so nothing was started. Send this instead:\n{}\nIf it was meant \
             as it stands, put `--` before the task.",
            code(typed),
            code(meant),
            fenced(&format!("/jules {corrected}"))
        ),
        CommandError::Value { key, typed, allowed } if typed.is_empty() => {
            format!(
                "{} takes {allowed}, and there was nothing after it. Nothing was started.",
                code(&format!("{key}="))
            )
        }
        CommandError::Value { key, typed, allowed } => format!(
            "{} takes {allowed}, not {}. Nothing was started.",
            code(&format!("{key}=")),
            code(typed)
        ),
        CommandError::Superfluous { command, words, corrected } => format!(
            "{} does not take {}. Send this instead:\n{}",
            code(&format!("/jules {command}")),
            code(words),
            fenced(&format!("/jules {corrected}"))
        ),
        CommandError::NoTask { typed } => format!(
            "{} doesn't look like a task, so I didn't start anything. `/jules help` lists what I can \
             do. To give Jules these words as a task, put `--` before them.",
            code(typed)
        ),
        CommandError::Credential => "That looks like a key or a token, so I didn't start anything, and I \
                                 won't repeat it. It has been in a message now: revoke it and make a \
                                 new one."
            .to_owned(),
    }
}

/// A command to be copied whole.
fn fenced(text: &str) -> String {
    format!("```{}```", mrkdwn::harmless(&cut(text, 2000)))
}

pub(super) fn help() -> String {
    let help = table();
    let row = |usage: String, does: &str| format!("{}  {does}", code(usage.trim_end()));
    let mut lines = vec!["*What you can type*".to_owned()];
    lines.extend(help.commands.iter().map(|each| row(format!("/jules {}", each.usage), each.does)));
    lines.push("*Options, anywhere in a task*".to_owned());
    lines.extend(help.options.iter().map(|each| row(each.usage.clone(), each.does)));
    lines.join("\n")
}

pub(super) fn bound(binding: &Binding) -> String {
    let branch = match &binding.branch {
        Some(branch) => branch_name(branch),
        None => "its default branch".to_owned(),
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
    format!(
        "<@{}> bound this channel to {}, {branch}{plan}{pr}{quiet}. `/jules …` needs no `repo=` here now. If I am \
         not a member yet: `/invite @jules`.",
        binding.by,
        name(&binding.repo)
    )
}

pub(super) fn bindings(bindings: &[Binding]) -> String {
    if bindings.is_empty() {
        return "No channel is bound to a repository. Bind one with `/jules bind owner/repo` in \
                that channel."
            .to_owned();
    }
    let lines: Vec<String> = bindings
        .iter()
        .map(|binding| {
            let branch = binding.branch.as_ref().map(branch_name);
            let branch = branch.unwrap_or_else(|| "default branch".to_owned());
            let options = Options {
                plan: binding.plan,
                pr: binding.pr,
                quiet: binding.quiet,
                ..Options::default()
            };
            let options = Some(options.to_string()).filter(|options| !options.is_empty());
            let options = options.map(|options| format!(" · {}", code(&options)));
            format!(
                "<#{}> → {} · {branch}{} · by <@{}>, {}",
                binding.channel,
                name(&binding.repo),
                options.unwrap_or_default(),
                binding.by,
                time(binding.at)
            )
        })
        .collect();
    lines.join("\n")
}

pub(super) fn repos(filter: Option<&str>, shown: &[RepoRef], total: usize) -> String {
    let (noun, fit) = if total == 1 { ("repository", "fits") } else { ("repositories", "fit") };
    let about = filter.map(|text| format!(" that {fit} {}", code(text)));
    let about = about.unwrap_or_default();
    if total == 0 {
        return format!("Jules has no repositories{about}. To connect one, open {JULES}.");
    }
    let mut lines = vec![format!("Jules has {total} connected {noun}{about}:")];
    lines.extend(shown.iter().map(|repo| format!("• {}", name(repo))));
    let more = total.saturating_sub(shown.len());
    if more > 0 {
        lines.push(format!("… and {more} more: narrow it down with `/jules repos TEXT`."));
    }
    lines.join("\n")
}
