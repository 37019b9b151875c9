//! `jules-slack tasks`: what the bot is doing for whom, and what it waits for.

use super::data::StorePlace;
use super::remark;
use crate::doctor::counted;
use crate::local::{Running, Tasks};
use crate::terminal::show;
use clap::builder::PossibleValuesParser;
use clap::{Args, builder::TypedValueParser};
use domain::ids::ChannelId;
use domain::task::{TaskOverview, TaskState, WaitingEffect};
use jiff::{SignedDuration, Timestamp};
use platform::clock;

/// Which tasks.
#[derive(Debug, Args)]
#[command(after_help = "On a running file store it asks the process that has the file, through\n\
                  NAME.sock next to it.\n\n\
                  Exit codes: 0, 1 when the store or a task can't be read, or 2 when an\n\
                  argument or a setting is wrong.\n\n\
                  States: draft, resolving, reading, carding, starting, in_line, running,\n\
                  waiting, done, failed, stopped.")]
pub(super) struct Wanted {
    #[command(flatten)]
    place: StorePlace,
    /// In this state; without it, all that aren't over
    #[arg(long, value_parser = state(), hide_possible_values = true)]
    state: Option<TaskState>,
    /// Only those stuck for over 15 minutes, but not by a limit
    #[arg(long)]
    stuck: bool,
    /// One JSON object per line
    #[arg(long)]
    json: bool,
}

fn state() -> impl TypedValueParser<Value = TaskState> {
    PossibleValuesParser::new(TaskState::ALL.map(TaskState::name)).try_map(|name| {
        TaskState::ALL.into_iter().find(|state| state.name() == name).ok_or("no state")
    })
}

/// All tasks of a store. The process that has a file open is asked.
pub(super) async fn all(url: &str, now: Timestamp) -> anyhow::Result<Tasks> {
    match Running::of(url).await? {
        Some(running) => running.tasks().await,
        None => Ok(Tasks::of(&*store::open_to_read(url)?, now).await?),
    }
}

/// Prints them, oldest first.
pub(super) async fn print(wanted: &Wanted) -> anyhow::Result<()> {
    let now = clock::system()();
    let Tasks { mut read, unreadable } = all(&wanted.place.url()?, now).await?;
    read.retain(|task| wanted.fits(task));
    if wanted.json {
        for task in &read {
            show(&serde_json::to_string(task)?)?;
        }
    } else if read.is_empty() {
        let is_filtered = wanted.state.is_some() || wanted.stuck;
        remark(if is_filtered { "no tasks match" } else { "no open tasks" });
    } else {
        show(&table(&read, now))?;
    }
    cannot_be_read(&unreadable, "task")
}

/// Tells of documents that can't be read. They are left as they are.
pub(super) fn cannot_be_read(unreadable: &[String], what: &str) -> anyhow::Result<()> {
    /// More are counted.
    const NAMED: usize = 10;
    if unreadable.is_empty() {
        return Ok(());
    }
    let count = unreadable.len();
    let named = unreadable.iter().take(NAMED).map(|one| format!("\n  - {one}")).collect::<String>();
    let more = if count > NAMED { "\n  - …" } else { "" };
    let left = if count == 1 { "is left as it is" } else { "are left as they are" };
    anyhow::bail!("{} can't be read, and {left}:{named}{more}", counted(count, what))
}

impl Wanted {
    fn fits(&self, task: &TaskOverview) -> bool {
        let in_state = match self.state {
            Some(state) => task.state == state,
            // A task that is over and still has something to say is as open as any other.
            None => !task.state.is_over() || task.stuck,
        };
        in_state && (task.stuck || !self.stuck)
    }
}

const COLUMNS: [&str; 6] = ["TASK", "STATE", "FOR", "CHANNEL", "REPOSITORY", "WAITS FOR"];

fn table(tasks: &[TaskOverview], now: Timestamp) -> String {
    let rows = tasks.iter().map(|task| row(task, now));
    let rows: Vec<[String; 6]> = std::iter::once(COLUMNS.map(str::to_owned)).chain(rows).collect();
    let width = |column: usize| rows.iter().map(|row| row[column].chars().count()).max();
    let widths: Vec<usize> = (0..COLUMNS.len()).filter_map(width).collect();
    let line = |row: &[String; 6]| {
        let cells = row.iter().zip(&widths).map(|(cell, width)| format!("{cell:<width$}"));
        cells.collect::<Vec<_>>().join("  ").trim_end().to_owned()
    };
    rows.iter().map(line).collect::<Vec<_>>().join("\n")
}

fn row(task: &TaskOverview, now: Timestamp) -> [String; 6] {
    [
        task.id.to_string(),
        task.state.name().to_owned(),
        span(now.duration_since(task.since)),
        task.channel.as_ref().map_or("-", ChannelId::as_str).to_owned(),
        task.repo.clone().unwrap_or_else(|| "-".to_owned()),
        waits(task, now),
    ]
}

/// What a task waits for, in short: the first thing that isn't behind another.
fn waits(task: &TaskOverview, now: Timestamp) -> String {
    let first = task.waiting.iter().filter(|one| !one.held).max_by_key(|one| one.attempts);
    let stuck = if task.stuck { "STUCK " } else { "" };
    first.map_or_else(|| "-".to_owned(), |one| format!("{stuck}{}", effect(one, now)))
}

/// Something that is still to be done.
pub(super) fn effect(one: &WaitingEffect, now: Timestamp) -> String {
    let mut parts = vec![one.kind.clone()];
    if one.attempts > 0 {
        parts.push(match one.attempts {
            1 => "tried once".to_owned(),
            attempts => format!("tried {attempts} times"),
        });
    }
    if let Some(cause) = &one.cause {
        let code = one.code.as_ref().map(|code| format!(" ({code})")).unwrap_or_default();
        parts.push(format!("{cause}{code}"));
    }
    if one.reserved {
        parts.push("has its time under Slack's limit".to_owned());
    }
    parts.push(match one.next.duration_since(now) {
        _ if one.held => "after what is above".to_owned(),
        wait if wait.is_positive() => format!("next in {}", span(wait)),
        _ => "next now".to_owned(),
    });
    if one.maybe_done {
        parts.push("may be done already, so it's looked for first".to_owned());
    }
    parts.join(", ")
}

/// A stretch of time, as much of it as one cares about: to the minute below a day.
pub(super) fn span(time: SignedDuration) -> String {
    match time.as_secs().max(0) {
        seconds @ 0..=99 => format!("{seconds} s"),
        seconds @ 100..=3_599 => format!("{} min", seconds / 60),
        seconds @ 3_600..=86_399 if seconds % 3_600 >= 60 => {
            format!("{} h {} min", seconds / 3_600, seconds % 3_600 / 60)
        }
        seconds @ 3_600..=172_799 => format!("{} h", seconds / 3_600),
        seconds => format!("{} days", seconds / 86_400),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_stretch_of_time_is_told_to_the_minute_below_a_day() {
        for (seconds, told) in [
            (-5, "0 s"),
            (99, "99 s"),
            (100, "1 min"),
            (3_599, "59 min"),
            (3_600, "1 h"),
            (3_659, "1 h"),
            (6_960, "1 h 56 min"),
            (86_399, "23 h 59 min"),
            (86_400, "24 h"),
            (172_799, "47 h"),
            (172_800, "2 days"),
        ] {
            assert_eq!(span(SignedDuration::from_secs(seconds)), told, "{seconds}");
        }
    }
}
