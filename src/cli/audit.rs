//! `jules-slack audit`: who asked for what. A store that is a file belongs to the process that has it open, so a
//! running one is asked through its local socket.

use super::data::StorePlace;
use super::forget::user;
use super::remark;
use super::tasks::cannot_be_read;
use crate::local::{Running, Trail};
use crate::terminal::show;
use anyhow::Context;
use clap::Args;
use domain::audit::{AuditFilter, AuditRecord};
use domain::ids::{ChannelId, TaskId, UserId};
use jiff::{SignedDuration, Timestamp};
use platform::clock;

/// Which records.
#[derive(Debug, Args)]
#[command(after_help = "On a running file store it asks the process that has the file, through\n\
                  NAME.sock next to it.\n\n\
                  Exit codes: 0, 1 when the store or a record can't be read, or 2 when an\n\
                  argument or a setting is wrong.")]
pub(super) struct Wanted {
    #[command(flatten)]
    place: StorePlace,
    /// Since when: 7d, 12h, 30m, or a date
    #[arg(long, value_name = "AGE", default_value = "7d", value_parser = age)]
    since: Since,
    /// About this task
    #[arg(long, value_name = "ID", value_parser = task)]
    task: Option<TaskId>,
    /// Of this person: their id in Slack
    #[arg(long, value_name = "U…", value_parser = user)]
    user: Option<UserId>,
    /// In this channel: its id in Slack
    #[arg(long, value_name = "C…", value_parser = channel)]
    channel: Option<ChannelId>,
    /// One JSON object per line
    #[arg(long)]
    json: bool,
}

/// From when on.
#[derive(Debug, Clone, Copy)]
enum Since {
    Ago(SignedDuration),
    At(Timestamp),
}

fn age(text: &str) -> Result<Since, String> {
    let wrong =
        || format!("`{text}` is neither an age like 7d, 12h or 30m nor a date like 2026-11-24");
    if let Ok(date) = text.parse::<jiff::civil::Date>() {
        let midnight = date.to_zoned(jiff::tz::TimeZone::UTC).map_err(|_| wrong())?;
        return Ok(Since::At(midnight.timestamp()));
    }
    let unit = text.chars().last().ok_or_else(wrong)?;
    let count: i64 = text.trim_end_matches(unit).parse().map_err(|_| wrong())?;
    let minutes = match unit {
        'd' => 24 * 60,
        'h' => 60,
        'm' => 1,
        _ => return Err(wrong()),
    };
    let minutes = count.checked_mul(minutes).filter(|minutes| (0..=52_560_000).contains(minutes));
    Ok(Since::Ago(SignedDuration::from_mins(minutes.ok_or_else(wrong)?)))
}

fn task(text: &str) -> Result<TaskId, String> {
    TaskId::parse(text).map_err(|_| format!("`{text}` is not the id of a task, like 7f3k9x2q4m1a"))
}

fn channel(text: &str) -> Result<ChannelId, String> {
    let is_one = text.starts_with(['C', 'G', 'D']);
    let wrong = || format!("`{text}` is not the id of a channel, like C0123ABCD");
    ChannelId::parse(text).ok().filter(|_| is_one).ok_or_else(wrong)
}

/// Prints the records, oldest first.
pub(super) async fn print(wanted: &Wanted) -> anyhow::Result<()> {
    let now = clock::system()();
    let filter = AuditFilter {
        since: Some(match wanted.since {
            Since::Ago(age) => now - age,
            Since::At(at) => at,
        }),
        task: wanted.task.clone(),
        user: wanted.user.clone(),
        channel: wanted.channel.clone(),
    };
    let url = wanted.place.url()?;
    let Trail { mut read, unreadable } = trail(&url, now).await?;
    read.retain(|record| filter.fits(record));
    for record in &read {
        show(&if wanted.json { serde_json::to_string(record)? } else { line(record) })?;
    }
    // Of one that can't be read, nobody can tell whether it matches.
    if read.is_empty() && unreadable.is_empty() && !wanted.json {
        remark("no records match");
    }
    cannot_be_read(&unreadable, "record")
}

/// All records of a store. The process that has a file open is asked.
pub(super) async fn trail(url: &str, now: Timestamp) -> anyhow::Result<Trail> {
    if let Some(running) = Running::of(url).await? {
        return running.audit().await;
    }
    let store = store::open_to_read(url)?;
    Trail::of(&*store, now).await.context("the audit trail can't be read")
}

/// A record, for people.
pub(super) fn line(record: &AuditRecord) -> String {
    let at = record.at.strftime("%Y-%m-%d %H:%M:%S UTC");
    let who = record.user.as_ref().map_or("-", UserId::as_str);
    let mut line =
        format!("{at}  {who:<12} {:<16} {}", record.action.name(), record.outcome.name());
    let parts = [
        ("repo", record.repo.clone()),
        ("channel", record.channel.as_ref().map(ToString::to_string)),
        ("task", record.task.as_ref().map(ToString::to_string)),
        ("session", record.session.as_ref().map(ToString::to_string)),
        ("rule", record.rule.clone()),
    ];
    for (name, value) in parts {
        if let Some(value) = value {
            line.push_str(&format!("  {name}={value}"));
        }
    }
    line
}
