//! Every word the bot says, in one file. Data in ([`Say`], [`Card`]), a Slack message out.
//!
//! People's and Jules' text is escaped where it enters a sentence (`mrkdwn`), so nobody pings a
//! channel or forges a link through a prompt, a title or a repository name. Each message has a
//! fallback text that reads well in a notification and aloud; no emoji and no colour is the only
//! sign of anything.

use super::action::Action;
use super::blocks::{actions, button, context, link_button, section, sections};
use super::client::Content;
use super::mrkdwn::{self, Escaped, cut, decode};
use super::respond::{Reply, ResponseType};
use crate::domain::binding::Binding;
use crate::domain::command::{self, Misspelt, PlanMode, PrMode};
use crate::domain::fault::Cause;
use crate::domain::form::Mistake;
use crate::domain::ids::TaskId;
use crate::domain::repo::{Branch, RepoRef};
use crate::domain::say::Say;
use crate::domain::session::SessionState;
use crate::domain::task::{Card, Fit, Standing, Why};
use slack_morphism::prelude::*;

const JULES_SETTINGS: &str = "<https://jules.google.com/settings#api|jules.google.com/settings>";
const JULES: &str = "<https://jules.google.com|jules.google.com>";
const INVITE: &str = "Type `/invite @jules` there";

/// The longest message: what is longer is cut at a line. Slack's own limit for all blocks together
/// is about 13,200 (slack-platform.md §8).
const LONGEST: usize = 12_000;

/// How much of a title, a repository's and a branch's name a line shows.
const TITLE: usize = 150;
const NAME: usize = 140;
const WORDS: usize = 300;

/// A message for a [`Say`].
#[must_use]
pub fn message(say: &Say) -> Content {
    let text = Escaped::drawn(words(say)).cut(LONGEST).into_string();
    let mut blocks = sections(&text);
    blocks.extend(buttons(say));
    Content { text, blocks }
}

/// A message as the answer to a command (Slack: implementing slash commands).
#[must_use]
pub fn answer(say: &Say, who: ResponseType) -> serde_json::Value {
    // A struct of texts and blocks always becomes JSON.
    serde_json::to_value(reply(say, who)).unwrap_or_default()
}

/// A message for a `response_url`.
#[must_use]
pub fn reply(say: &Say, who: ResponseType) -> Reply {
    let Content { text, blocks } = message(say);
    Reply { response_type: Some(who), text: Some(text), blocks, ..Reply::default() }
}

/// The words alone, as mrkdwn, for a line in a form.
#[must_use]
pub fn note(say: &Say) -> String {
    words(say)
}

/// The words alone, without any markup, for the error at a field.
#[must_use]
pub fn plain_words(say: &Say) -> String {
    cut(&decode(&words(say)).replace(['`', '*'], ""), 300)
}

fn words(say: &Say) -> String {
    match say {
        Say::Taken { repo, branch, why } => {
            format!("On it: {} from {}, {}.", name(repo), branch_name(branch), why_words(*why))
        }
        Say::Looking { typed } => {
            format!("Asking Jules about {}. This takes a moment.", code(typed))
        }
        Say::Choose { typed, fits, .. } => choose(typed, fits),
        Say::SeveralFit { typed, fits } => {
            let fits: Vec<String> = fits.iter().take(MOST_CHOICES).map(name).collect();
            format!(
                "Several repositories fit {}: {}. Name one of them as `owner/repo`.",
                code(typed),
                fits.join(", ")
            )
        }
        Say::UnknownRepo { task, typed, nearest } => unknown_repo(task.as_ref(), typed, nearest),
        Say::UnknownBranch { task, repo, typed, nearest } => {
            unknown_branch(task.as_ref(), repo, typed, nearest)
        }
        Say::NoDefaultBranch { repo, .. } => format!(
            "Jules reports no default branch for {}. Pick a branch, or type it as `branch=…`.",
            name(repo)
        ),
        Say::NoSources => format!(
            "No repository is connected to Jules yet. Connect one at {JULES}, then type the \
             command again."
        ),
        Say::NotStarted { cause, .. } => format!("Nothing was started. {}", cause_words(cause)),
        Say::FormNotOpened { task: Some(_) } => {
            "Slack did not open the form in time. What you typed is kept.".to_owned()
        }
        Say::FormNotOpened { task: None } => "Slack did not open the form in time. Type the \
                                              command again, or all of it: `/jules bind \
                                              owner/repo`."
            .to_owned(),
        Say::FormExpired => {
            "That request is more than a day old and I no longer have it, so nothing was started. \
             Type `/jules` again."
                .to_owned()
        }
        Say::Link { url, repo, branch } => link_words(url, repo, branch),
        Say::Misspelt(misspelt) => misspelt_words(misspelt),
        Say::Help => help(),
        Say::Bound(binding) => bound(binding),
        Say::Unbound { repo, by } => {
            format!("<@{by}> unbound this channel from {}.", name(repo))
        }
        Say::NotBound => "This channel is not bound to a repository. Bind it with \
                          `/jules bind owner/repo`."
            .to_owned(),
        Say::Bindings(bindings) => bindings_words(bindings),
        Say::Repos { filter, shown, total } => repos(filter.as_deref(), shown, *total),
        Say::Trouble(cause) => {
            format!("{} Nothing was changed; try again in a minute.", cause_words(cause))
        }
        Say::Held(cause) => held_words(cause),
        Say::NoListYet => "I could not read the repositories from Jules yet, so there may be none \
                           to pick. If it stays like this, whoever runs this app has to look at \
                           its Jules key."
            .to_owned(),
        Say::StoreDown => "I cannot save anything just now, so nothing was started. Try again in \
                           a minute; if it stays like this, tell whoever runs this app that its \
                           store does not answer."
            .to_owned(),
        Say::NotOurs => "This app is not set up for your workspace. Ask whoever runs it to \
                         install it there."
            .to_owned(),
        Say::NotReady => "I am just starting and have not reached Slack yet, so nothing was \
                          started. Try again in a minute."
            .to_owned(),
        Say::NotYet { command } => format!(
            "{} does not exist in this version yet. `/jules help` lists what does. To give Jules \
             these words as a task, type `/jules -- {command}`.",
            code(&format!("/jules {command}"))
        ),
    }
}

fn buttons(say: &Say) -> Option<SlackBlock> {
    match say {
        Say::Choose { task, fits, .. } => {
            let mut row: Vec<_> = fits
                .iter()
                .enumerate()
                .take(MOST_CHOICES)
                .map(|(index, fit)| {
                    button(&fit.repo.to_string(), &Action::Choose(task.clone(), index))
                })
                .collect();
            row.push(button("Open the form", &Action::OpenForm(task.clone())));
            Some(actions(&block_id(task), row))
        }
        Say::UnknownRepo { task: Some(task), .. }
        | Say::UnknownBranch { task: Some(task), .. }
        | Say::NoDefaultBranch { task: Some(task), .. }
        | Say::FormNotOpened { task: Some(task) } => {
            let open = button("Open the form", &Action::OpenForm(task.clone()));
            Some(actions(&block_id(task), vec![open]))
        }
        Say::NotStarted { task, .. } => {
            let again = button("Try again", &Action::Again(task.clone()));
            Some(actions(&block_id(task), vec![again]))
        }
        Say::Link { url, .. } => {
            link_button("Open in Jules", url).map(|link| actions("link", vec![link]))
        }
        Say::Taken { .. }
        | Say::Looking { .. }
        | Say::UnknownRepo { task: None, .. }
        | Say::UnknownBranch { task: None, .. }
        | Say::NoDefaultBranch { task: None, .. }
        | Say::NoSources
        | Say::FormNotOpened { task: None }
        | Say::FormExpired
        | Say::SeveralFit { .. }
        | Say::Misspelt(_)
        | Say::Help
        | Say::Bound(_)
        | Say::Unbound { .. }
        | Say::NotBound
        | Say::Bindings(_)
        | Say::Repos { .. }
        | Say::Trouble(_)
        | Say::Held(_)
        | Say::NoListYet
        | Say::StoreDown
        | Say::NotOurs
        | Say::NotReady
        | Say::NotYet { .. } => None,
    }
}

/// More choices than this are better made in the form.
const MOST_CHOICES: usize = 10;

/// Unique in its message, and another one after a change (slack-platform.md §9).
fn block_id(task: &TaskId) -> String {
    format!("task-{task}")
}

/// The card: the task's face in the channel.
#[must_use]
pub fn card(card: &Card) -> Content {
    let (emoji, standing) = standing_words(&card.standing);
    let title = Some(harmless(&cut(&card.title, TITLE))).filter(|title| !title.is_empty());
    // A title of characters that nobody sees would leave an empty message.
    let title = title.unwrap_or_else(|| "Jules task".to_owned());
    let mut blocks = vec![section(&format!("*{title}*"))];
    let quoted = card.prompt.as_deref().map(quote).filter(|quoted| !quoted.is_empty());
    blocks.extend(quoted.map(|quoted| section(&quoted)));
    blocks.push(section(&format!("{emoji} {standing}")));
    blocks.push(context(&format!(
        "<@{}> asked {} · {} · {} · {}",
        card.author,
        time(card.created),
        name(&card.repo),
        branch_name(&card.branch),
        why_words(card.why)
    )));
    let mut row: Vec<_> =
        card.url.as_deref().and_then(|url| link_button("Open in Jules", url)).into_iter().collect();
    if matches!(card.standing, Standing::Stopped(_)) {
        row.push(button("Try again", &Action::Again(card.task.clone())));
    }
    if !row.is_empty() {
        blocks.push(actions(&block_id(&card.task), row));
    }
    let text = format!("Jules task “{title}” on {}: {standing}", name(&card.repo));
    Content { text, blocks }
}

/// How much of the prompt the card quotes, and over how many lines.
const QUOTED: usize = 600;

fn quote(prompt: &str) -> String {
    let prompt = cut(prompt, QUOTED);
    let quoted = |line: &str| format!("> {}", mrkdwn::harmless(line)).trim_end().to_owned();
    prompt.trim().lines().map(quoted).collect::<Vec<_>>().join("\n")
}

/// A time in the reader's own zone (Slack: date formatting).
fn time(at: jiff::Timestamp) -> String {
    let fallback = at.strftime("%Y-%m-%d %H:%M UTC");
    format!("<!date^{}^{{date_short_pretty}} at {{time}}|{fallback}>", at.as_second())
}

fn standing_words(standing: &Standing) -> (&'static str, String) {
    match standing {
        Standing::Starting => (":hourglass_flowing_sand:", "Starting at Jules".to_owned()),
        Standing::Held(cause) => (":warning:", held_words(cause)),
        Standing::InLine(place) => (
            ":hourglass:",
            format!(
                "Waiting in line, place {place}: Jules' limit of tasks is used up. It starts by \
                 itself when a slot is free."
            ),
        ),
        Standing::Session(state) => session_words(state),
        Standing::Stopped(cause) => (":x:", format!("Not started. {}", cause_words(cause))),
    }
}

fn session_words(state: &SessionState) -> (&'static str, String) {
    let (emoji, words) = match state {
        SessionState::Queued => (":large_blue_circle:", "Queued at Jules"),
        SessionState::Planning => (":memo:", "Planning"),
        SessionState::AwaitingPlanApproval => {
            (":raised_hand:", "Waits for an approval of its plan")
        }
        SessionState::AwaitingUserFeedback => (":question:", "Waits for an answer"),
        SessionState::InProgress => (":hammer_and_wrench:", "Working"),
        SessionState::Paused => (":double_vertical_bar:", "Paused"),
        SessionState::Failed => (":x:", "Failed"),
        SessionState::Completed => (":white_check_mark:", "Finished"),
        SessionState::Unspecified | SessionState::Unknown(_) => {
            (":large_blue_circle:", "With Jules")
        }
    };
    (emoji, words.to_owned())
}

fn choose(typed: &str, fits: &[Fit]) -> String {
    let names: Vec<String> = fits.iter().take(MOST_CHOICES).map(|fit| name(&fit.repo)).collect();
    let more = fits.len().saturating_sub(MOST_CHOICES);
    let rest = if more == 0 { String::new() } else { format!(" and {more} more") };
    format!(
        "{} repositories fit {}: {}{rest}. Which one is meant?",
        fits.len(),
        code(typed),
        names.join(", ")
    )
}

/// What did not happen: a refused task, or without one a refused binding.
fn nothing_done(task: Option<&TaskId>) -> &'static str {
    if task.is_some() { "nothing was started" } else { "nothing was bound" }
}

fn unknown_repo(task: Option<&TaskId>, typed: &str, nearest: &[RepoRef]) -> String {
    let near: Vec<String> = nearest.iter().map(name).collect();
    let near =
        if near.is_empty() { String::new() } else { format!(" Nearest: {}.", near.join(", ")) };
    format!(
        "No repository connected to Jules is called {}, so {}.{near} To connect a repository, open \
         {JULES}.",
        code(typed),
        nothing_done(task)
    )
}

fn unknown_branch(
    task: Option<&TaskId>,
    repo: &RepoRef,
    typed: &str,
    nearest: &[Branch],
) -> String {
    let near: Vec<String> = nearest.iter().map(branch_name).collect();
    let near =
        if near.is_empty() { String::new() } else { format!(" Nearest: {}.", near.join(", ")) };
    format!(
        "{} has no branch {}, so {}.{near} Push the branch first, or take another one.",
        name(repo),
        code(typed),
        nothing_done(task)
    )
}

fn link_words(url: &str, repo: &RepoRef, branch: &Branch) -> String {
    let link = mrkdwn::link(url, "").into_string();
    format!(
        "Jules works on {} from {}: {link}\nThe session's page shows every step; questions and \
         the pull request appear there.",
        name(repo),
        branch_name(branch)
    )
}

fn misspelt_words(misspelt: &Misspelt) -> String {
    match misspelt {
        Misspelt::Word { typed, meant, corrected } => format!(
            "{} looks like {}, so nothing was started. Send this instead:\n{}\nIf it was meant \
             as it stands, put `--` before the task.",
            code(typed),
            code(meant),
            fenced(&format!("/jules {corrected}"))
        ),
        Misspelt::Value { key, typed, allowed } if typed.is_empty() => {
            format!(
                "{} takes {allowed}, and there was nothing after it. Nothing was started.",
                code(&format!("{key}="))
            )
        }
        Misspelt::Value { key, typed, allowed } => format!(
            "{} takes {allowed}, not {}. Nothing was started.",
            code(&format!("{key}=")),
            code(typed)
        ),
        Misspelt::Superfluous { command, words, corrected } => format!(
            "{} does not take {}. Send this instead:\n{}",
            code(&format!("/jules {command}")),
            code(words),
            fenced(&format!("/jules {corrected}"))
        ),
    }
}

/// A command to be copied whole.
fn fenced(text: &str) -> String {
    format!("```{}```", mrkdwn::harmless(&cut(text, 2000)))
}

fn help() -> String {
    let help = command::help();
    let row = |usage: String, does: &str| format!("{}  {does}", code(usage.trim_end()));
    let mut lines = vec!["*What you can type*".to_owned()];
    lines.extend(help.commands.iter().map(|each| row(format!("/jules {}", each.usage), each.does)));
    lines.push("*Options, anywhere in a task*".to_owned());
    lines.extend(help.options.iter().map(|each| row(each.usage.clone(), each.does)));
    lines.join("\n")
}

fn bound(binding: &Binding) -> String {
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
    format!(
        "<@{}> bound this channel to {}, {branch}{plan}{pr}. `/jules …` needs no `repo=` here now. If I am \
         not a member yet: `/invite @jules`.",
        binding.by,
        name(&binding.repo)
    )
}

fn bindings_words(bindings: &[Binding]) -> String {
    if bindings.is_empty() {
        return "No channel is bound to a repository. Bind one with `/jules bind owner/repo` in \
                that channel."
            .to_owned();
    }
    let lines: Vec<String> = bindings
        .iter()
        .map(|binding| {
            let branch =
                binding.branch.as_ref().map(|branch| format!(" · {}", branch_name(branch)));
            format!(
                "<#{}> → {}{}",
                binding.channel,
                name(&binding.repo),
                branch.unwrap_or_default()
            )
        })
        .collect();
    lines.join("\n")
}

fn repos(filter: Option<&str>, shown: &[RepoRef], total: usize) -> String {
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

/// Says in a form that a long prompt is kept.
#[must_use]
pub fn kept_prompt(length: usize) -> String {
    format!("*What should Jules do?*\nYour text of {length} characters is kept as you typed it.")
}

/// What is wrong with a field: plain text, shown at the field.
#[must_use]
pub fn refusal(mistake: &Mistake) -> String {
    match mistake {
        Mistake::NoPrompt => "Write what Jules should do.".to_owned(),
        Mistake::NoRepo => "Pick a repository.".to_owned(),
        Mistake::NoChannel => "Pick a channel to post in.".to_owned(),
        Mistake::UnknownRepo(repo) => {
            format!("{repo} is not connected to Jules. Connect it at jules.google.com.")
        }
        Mistake::UnknownBranch(branch, nearest) => {
            let near: Vec<&str> = nearest.iter().map(|branch| branch.0.as_str()).collect();
            let near = if near.is_empty() {
                String::new()
            } else {
                format!(" Nearest: {}.", near.join(", "))
            };
            format!("There is no branch {branch}.{near}")
        }
        Mistake::NoDefaultBranch => {
            "Jules reports no default branch for this repository: pick a branch.".to_owned()
        }
    }
}

fn why_words(why: Why) -> &'static str {
    match why {
        Why::Asked => "as asked",
        Why::Binding => "from this channel's binding",
        Why::OnlySource => "the only connected repository",
    }
}

fn held_words(cause: &Cause) -> String {
    format!("{} I keep trying by myself.", cause_words(cause))
}

/// Every cause in one or two sentences: what it is, and the next step.
fn cause_words(cause: &Cause) -> String {
    match cause {
        Cause::JulesDown => "Jules does not answer just now.".to_owned(),
        Cause::JulesBusy => "Jules asks to slow down.".to_owned(),
        Cause::JulesKeyRefused => format!(
            "Jules does not accept the API key. Whoever runs this app can make a new one at \
             {JULES_SETTINGS}."
        ),
        Cause::JulesForbidden => format!(
            "Jules does not allow this for the API key in use. Check the account at {JULES}."
        ),
        Cause::SourceGone => format!(
            "The repository is not connected to Jules any more. Connect it at {JULES}, then try \
             again."
        ),
        Cause::LimitReached => "Jules' limit of tasks is used up.".to_owned(),
        Cause::JulesRefused(words) if words.is_empty() => {
            "Jules does not take the task and does not say why. Try again, or type it anew."
                .to_owned()
        }
        Cause::JulesRefused(words) => format!(
            "Jules does not take the task: “{}” Try again, or type it anew.",
            harmless(&cut(words, 300))
        ),
        Cause::StoreDown => "I cannot reach my own store just now.".to_owned(),
        Cause::SlackDown => "Slack does not answer just now.".to_owned(),
        Cause::SlackBusy => "Slack asks to slow down.".to_owned(),
        Cause::NotInChannel => format!("I am not in that channel. {INVITE}, then try again."),
        Cause::ChannelNotFound => format!(
            "I cannot see that conversation: it is private, or between other people. {INVITE}, or \
             use a channel that I am in."
        ),
        Cause::ChannelArchived => {
            "That channel is archived. Unarchive it, or use another one.".to_owned()
        }
        Cause::PostingRestricted(code_) => format!(
            "That channel's settings do not let me post ({}). Ask an admin, or use another \
             channel.",
            code(code_)
        ),
        Cause::SlackTokenRefused => "Slack does not accept this app's token. Whoever runs the app \
                                     has to install it again and set SLACK_BOT_TOKEN."
            .to_owned(),
        Cause::MissingScope(scope) => format!(
            "This app lacks a permission in Slack{}. Whoever runs it has to add it and install \
             the app again.",
            scope.as_ref().map(|scope| format!(" ({})", code(scope))).unwrap_or_default()
        ),
        Cause::MessageRefused(code_) => format!(
            "Slack did not take my message ({}). This is a fault of this app; please report it.",
            code(code_)
        ),
        Cause::MessageGone => "The message is gone.".to_owned(),
    }
}

/// Somebody else's words amid ours, as much of them as a sentence bears.
fn harmless(text: &str) -> String {
    mrkdwn::harmless(&cut(text, WORDS)).into_string()
}

/// What is typed, or a name.
fn code(text: &str) -> String {
    mrkdwn::code(&cut(text, NAME)).into_string()
}

fn name(repo: &RepoRef) -> String {
    code(&repo.to_string())
}

fn branch_name(branch: &Branch) -> String {
    code(&branch.0)
}
