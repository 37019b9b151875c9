//! Someone's App Home: what waits for them first, then what is going on, then how to begin.
//!
//! No channel is named: a private one may be one that they have left.

use super::card::{headline, title};
use super::follow::repository;
use super::list::usage;
use super::thread::plan_standing;
use super::{audit, name, notice};
use crate::action::{Action, LinkTo};
use crate::blocks::{actions, button, context, link_button, plain, primary};
use crate::rich_text::{Line, Rich, link, say};
use crate::scopes::OPTIONAL_SCOPES;
use domain::command::{Ping, PlanMode};
use domain::home::{
    DoneRow, GoneRepo, Home, MySettings, MyTasks, Need, RunningRow, Said, Today, WaitingRow,
    WorkspaceHealth,
};
use domain::inbound::Verb;
use domain::task::Card;
use domain::tenant::Whose;
use slack_morphism::prelude::*;

/// How much of a title a row shows.
const TITLE: usize = 80;

/// The blocks of a Home: far fewer than Slack's 100.
#[must_use]
pub fn home(home: &Home) -> Vec<SlackBlock> {
    let mut blocks = Vec::new();
    if let Some(note) = &home.note {
        blocks.extend(notice::words(note).blocks());
        blocks.extend(notice::buttons(note));
        blocks.push(divider());
    }
    match &home.tasks {
        Some(tasks) => blocks.extend(waiting(tasks)),
        None => blocks.extend(
            Rich::from(say!("I can't load your tasks right now. Running tasks continue.")).blocks(),
        ),
    }
    blocks.push(actions("new", vec![primary(button("New task", &Action::NewTask))]));
    if let Some(tasks) = &home.tasks {
        blocks.extend(running_and_done(tasks));
    }
    if let Some(settings) = &home.settings {
        blocks.push(heading("My settings"));
        blocks.extend(Rich::from(settings_words(settings)).blocks());
        let account =
            if settings.has_account { "My Jules account" } else { "Connect my Jules account" };
        let row = vec![
            button("Change", &Action::Settings(Whose::Mine)),
            button(account, &Action::Key(Whose::Mine)),
        ];
        blocks.push(actions("settings", row));
    }
    if let Some(workspace) = &home.workspace {
        blocks.push(heading("Workspace"));
        blocks.extend(workspace_words(workspace).blocks());
        if !workspace.has_account {
            let connect = button("Connect one for everyone", &Action::Key(Whose::Workspace));
            blocks.push(actions("workspace", vec![primary(connect)]));
        }
        if !workspace.audit.is_empty() {
            blocks.push(heading("Audit"));
            blocks.extend(audit::latest(&workspace.audit).blocks());
        }
    }
    blocks.push(heading("Ways to work with me"));
    blocks.extend(help().blocks());
    blocks
}

fn heading(words: &str) -> SlackBlock {
    SlackHeaderBlock::new(plain(words, 150)).into()
}

fn divider() -> SlackBlock {
    SlackDividerBlock::new().into()
}

fn waiting(tasks: &MyTasks) -> Vec<SlackBlock> {
    let mut blocks = vec![heading("Waiting for you")];
    for row in &tasks.waiting.rows {
        blocks.extend(Rich::from(task(&row.card, needed(row), None)).blocks());
        let buttons = waiting_buttons(row);
        if !buttons.is_empty() {
            blocks.push(actions(&format!("home-{}", row.card.task), buttons));
        }
    }
    match (tasks.waiting.rows.is_empty(), tasks.waiting.more, tasks.looked_at) {
        (true, _, None) => {
            blocks.extend(Rich::from(say!("Nothing is waiting for you.")).blocks());
        }
        (true, _, Some(looked_at)) => {
            let words = say!(
                "Nothing is waiting for you among your latest {} tasks. `/jules approve` looks through all.",
                looked_at
            );
            blocks.extend(Rich::from(words).blocks());
        }
        (false, 0, _) => {}
        (false, more, _) => blocks.push(context(&say!("and {} more in `/jules approve`", more))),
    }
    blocks
}

/// What a task is waiting for, and since when.
fn needed(row: &WaitingRow) -> Line {
    let need = match row.need {
        Need::Approval(_) => say!(":raised_hand: Plan ready for approval"),
        Need::Answer(_) => say!(":raised_hand: Jules has a question"),
    };
    match row.since {
        Some(since) => say!("{} since {}", need, since),
        None => need,
    }
}

fn waiting_buttons(row: &WaitingRow) -> Vec<SlackBlockButtonElement> {
    let press = |verb| Action::Press(row.card.task.clone(), verb);
    let act = match &row.need {
        Need::Approval(Some(plan)) => Some(button("Approve", &press(Verb::Approve(plan.clone())))),
        Need::Answer(Some(question)) => Some(button("Answer", &press(Verb::Answer(*question)))),
        Need::Approval(None) | Need::Answer(None) => None,
    };
    act.map(primary).into_iter().chain(open_thread(row.thread.as_deref())).collect()
}

fn open_thread(page: Option<&str>) -> Option<SlackBlockButtonElement> {
    link_button("Open thread", page?, LinkTo::Thread)
}

fn running_and_done(tasks: &MyTasks) -> Vec<SlackBlock> {
    let mut blocks = Vec::new();
    if !tasks.running.rows.is_empty() {
        blocks.push(heading("Running"));
        blocks.extend(items(tasks.running.rows.iter().map(running)).blocks());
    }
    if !tasks.done.rows.is_empty() {
        blocks.push(heading(match tasks.since {
            Today::Midnight(_) => "Done today",
            Today::LastDay(_) => "Done in the last 24 hours",
        }));
        blocks.extend(items(tasks.done.rows.iter().map(done)).blocks());
    }
    let more = tasks.running.more + tasks.done.more;
    if more > 0 {
        blocks.push(context(&say!("and {} more in `/jules status`", more)));
    }
    blocks
}

fn items(lines: impl Iterator<Item = Line>) -> Rich {
    lines.fold(Rich::default(), |rich, line| rich.item(None, line))
}

fn running(row: &RunningRow) -> Line {
    let state = match &row.said {
        Some(Said::OfPlan(status)) => plan_standing(status),
        Some(Said::Answer) => say!(":hourglass_flowing_sand: Answered. Letting Jules know…"),
        None => headline(&row.card),
    };
    task(&row.card, state, row.thread.as_deref())
}

fn done(row: &DoneRow) -> Line {
    let mut state = headline(&row.card);
    if let Some(pull_request) = row.pull_request() {
        let words = match pull_request.number() {
            Some(number) => format!("pull request #{number}"),
            None => "pull request".to_owned(),
        };
        state = say!("{} · {}", state, link(&pull_request.url, &words));
    }
    if let Some(changes) = &row.changes {
        state = say!("{} · +{} −{}", state, changes.added, changes.removed);
    }
    task(&row.card, state, row.thread.as_deref())
}

/// A task: its title and repository, how it is going, and the way to its thread.
fn task(card: &Card, state: Line, thread: Option<&str>) -> Line {
    let line = say!("*{}* · {}\n{}", title(card, TITLE), repository(card), state);
    match thread {
        Some(page) => say!("{} · {}", line, link(page, "open thread")),
        None => line,
    }
}

fn settings_words(settings: &MySettings) -> Line {
    let repo = match &settings.repo {
        Some(repo) => say!("Repository {}", name(repo)),
        None => say!("No default repository"),
    };
    let plan = match settings.plan {
        PlanMode::Ask => say!("plans need approval"),
        PlanMode::Auto => say!("Jules starts without approval"),
    };
    let ping = match settings.ping {
        Ping::Thread => say!("I mention you in the thread"),
        Ping::Dm => say!("I notify you in a direct message"),
        Ping::Off => say!("I don't notify you"),
    };
    Line::join([repo, plan, ping], " · ")
}

fn workspace_words(workspace: &WorkspaceHealth) -> Rich {
    let mut rich = match workspace.has_account {
        true => Rich::from(usage(workspace.usage, workspace.limits)),
        false => Rich::from(say!("No Jules account is connected to this workspace yet.")),
    };
    for GoneRepo { repo, channels } in &workspace.gone.rows {
        let bound =
            if *channels == 1 { say!("1 channel is") } else { say!("{} channels are", *channels) };
        rich = rich.item(
            None,
            say!(
                "{} bound to {}, which Jules isn't connected to any more. `/jules bindings` shows which.",
                bound,
                name(repo)
            ),
        );
    }
    if workspace.gone.more > 0 {
        rich = rich.item(
            None,
            say!(
                "{} more bound repositories aren't connected to Jules any more.",
                workspace.gone.more
            ),
        );
    }
    for lacking in &workspace.lacking {
        if let Some(known) = OPTIONAL_SCOPES.iter().find(|one| one.scope == lacking) {
            let without = Line::ours(known.without, []);
            rich = rich.item(None, say!("Without the scope `{}`, {}.", known.scope, without));
        }
    }
    rich
}

/// All ways in.
fn help() -> Rich {
    Rich::default()
        .item(
            None,
            say!(
                "Type `/jules fix the login page` in a channel that I'm in, or mention me there: `@jules fix the \
                 login page`. In a thread, Jules also gets the messages before yours."
            ),
        )
        .item(
            None,
            say!(
                "Reply in a task's thread to talk to Jules. Start with `!aside` to keep a message between \
                 people."
            ),
        )
        .item(
            None,
            say!(
                "Use *Send to Jules* in a message's menu, write me a direct message, or bring a session here with \
                 `/jules follow`. `/jules help` lists everything."
            ),
        )
}
