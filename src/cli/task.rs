//! `jules-slack task`: one task with everything that is known of it, and what the operator can do about it.

use super::audit::{line, trail};
use super::data::StorePlace;
use super::remark;
use super::tasks::{all, cannot_be_read, effect, span};
use crate::config::{self, Variables};
use crate::engine::{Operated, operate};
use crate::local::{Running, Trail};
use crate::terminal::show;
use anyhow::{Context, bail};
use clap::Args;
use domain::audit::AuditRecord;
use domain::ids::{ChannelId, MessageTs, SessionId, TaskId};
use domain::session_link::SessionLink;
use domain::task::{NotOperable, OperatorAct, TaskOverview};
use jiff::Timestamp;
use platform::clock;
use serde_json::json;
use std::io::{self, IsTerminal};
use store::documents::task_key;
use store::records::{self, RecordError, Records};
use store::seal::Sealer;

/// Which task, and what to do.
#[derive(Debug, Args)]
#[command(after_help = "On a running file store it asks the process that has the file, through\n\
                  NAME.sock next to it. On Redis, running bots carry on from there.\n\n\
                  Exit codes: 0, 1 when there is no such task, it can't be read, or it\n\
                  isn't changed as wanted, or 2 when an argument or a setting is wrong.")]
pub(super) struct Wanted {
    /// Its id, as on its card, or a link to its thread or session
    #[arg(value_name = "ID|LINK", value_parser = Meant::parse)]
    meant: Meant,
    #[command(flatten)]
    place: StorePlace,
    /// Print JSON
    #[arg(long, conflicts_with_all = ["retry", "drop"])]
    json: bool,
    /// Try what it waits for again, now
    #[arg(long, conflicts_with = "drop")]
    retry: bool,
    /// Give it up, and tell its thread or its author
    #[arg(long)]
    drop: bool,
    /// Don't ask before a running task is dropped
    #[arg(long, requires = "drop")]
    yes: bool,
}

/// Which task is meant.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Meant {
    Id(TaskId),
    /// In the thread with this root, or with this card.
    Message(ChannelId, MessageTs),
    Session(SessionId),
}

impl Meant {
    fn parse(text: &str) -> Result<Self, String> {
        let wrong = || {
            format!(
                "`{text}` is neither a task's id, nor the link of a message in Slack or a session"
            )
        };
        if let Some((_, behind)) = text.split_once("/archives/") {
            return message(behind).ok_or_else(wrong);
        }
        match SessionLink::parse(text) {
            Some(SessionLink::Session(id)) => Ok(Self::Session(id)),
            Some(SessionLink::PullRequest(_)) => Err(wrong()),
            None => TaskId::parse(text).map(Self::Id).map_err(|_| wrong()),
        }
    }

    fn fits(&self, task: &TaskOverview) -> bool {
        match self {
            Self::Id(id) => task.id == *id,
            Self::Session(id) => task.session.as_ref() == Some(id),
            Self::Message(channel, ts) => {
                let is_it = |found: &Option<MessageTs>| found.as_ref() == Some(ts);
                task.channel.as_ref() == Some(channel) && (is_it(&task.thread) || is_it(&task.card))
            }
        }
    }
}

/// The message of a permalink: `C0123/p1721609601000200?thread_ts=1721609600.000100` (Slack: permalinks).
fn message(path: &str) -> Option<Meant> {
    let (path, query) = path.split_once('?').unwrap_or((path, ""));
    let (channel, number) = path.trim_end_matches('/').split_once("/p")?;
    let (seconds, rest) = number.split_at_checked(number.len().checked_sub(6)?)?;
    let root = query.split('&').find_map(|part| part.strip_prefix("thread_ts="));
    let ts = root.map_or_else(|| format!("{seconds}.{rest}"), ToOwned::to_owned);
    Some(Meant::Message(ChannelId::parse(channel).ok()?, MessageTs::parse(&ts).ok()?))
}

/// Does what is wanted with the task, or prints it.
pub(super) async fn run(wanted: &Wanted) -> anyhow::Result<()> {
    let (now, url) = (clock::system()(), wanted.place.url()?);
    let task = find(wanted, &url, now).await?;
    if wanted.retry {
        return change(&task, &url, OperatorAct::Retry).await;
    }
    if wanted.drop {
        if !task.state.is_over() && !wanted.yes && !confirmed(&task)? {
            bail!("nothing was dropped");
        }
        return change(&task, &url, OperatorAct::Drop).await;
    }
    let Trail { read: mut records, unreadable } = trail(&url, now).await?;
    records.retain(|record| record.task.as_ref() == Some(&task.id));
    show(&if wanted.json {
        serde_json::to_string_pretty(&json!({ "task": task, "audit": records }))?
    } else {
        page(&task, &records, now)
    })?;
    // They may be of this task.
    cannot_be_read(&unreadable, "audit record")
}

async fn find(wanted: &Wanted, url: &str, now: Timestamp) -> anyhow::Result<TaskOverview> {
    let tasks = all(url, now).await?;
    let mut found: Vec<TaskOverview> =
        tasks.read.into_iter().filter(|task| wanted.meant.fits(task)).collect();
    if found.len() > 1 {
        let ids: Vec<&str> = found.iter().map(|task| task.id.as_str()).collect();
        bail!("{} tasks belong there. Name one of them: {}", found.len(), ids.join(", "));
    }
    let unreadable = |id: &TaskId| {
        let name = format!("`{}`", task_key(id).as_str());
        tasks.unreadable.iter().find(|one| one.contains(&name))
    };
    match (found.pop(), &wanted.meant) {
        (Some(task), _) => Ok(task),
        (None, Meant::Id(id)) if let Some(why) = unreadable(id) => {
            bail!("the task can't be read, and is left as it is: {why}")
        }
        (None, _) => bail!(
            "there is no such task in this store. Finished ones are kept for 90 days; `tasks` lists \
             those that aren't over"
        ),
    }
}

/// Asks whether a task that isn't over is to be dropped.
#[expect(clippy::print_stderr, reason = "a question at a terminal")]
fn confirmed(task: &TaskOverview) -> anyhow::Result<bool> {
    if !io::stdin().is_terminal() {
        bail!(
            "the task is {}, and there is no terminal to ask whether to drop it. Add --yes to drop it",
            task.state.name()
        );
    }
    let session = if task.session.is_some() { "; the session continues in Jules" } else { "" };
    eprint!(
        "The task is {}. Dropping it ends all work on it here, and {} is told{session}. Drop it? [y/N] ",
        task.state.name(),
        told(task)
    );
    let mut answer = String::new();
    io::stdin().read_line(&mut answer)?;
    Ok(matches!(answer.trim(), "y" | "Y" | "yes"))
}

/// Who hears of it that a task which isn't over is dropped.
fn told(task: &TaskOverview) -> &'static str {
    if task.card.is_some() { "its thread" } else { "its author" }
}

/// What was done. A task that was changed here is carried on by the next bot that runs.
fn done(task: &TaskOverview, act: OperatorAct, is_here: bool) -> String {
    let when = if is_here { " as soon as a bot runs on this store" } else { "" };
    match act {
        OperatorAct::Retry if is_here => format!("what it waits for is tried again{when}"),
        OperatorAct::Retry => "what it waits for is tried again now".to_owned(),
        OperatorAct::Drop if task.state.is_over() => format!("dropped; it's recorded{when}"),
        OperatorAct::Drop => {
            format!("dropped; {} is told, and it's recorded{when}", told(task))
        }
    }
}

async fn change(task: &TaskOverview, url: &str, act: OperatorAct) -> anyhow::Result<()> {
    let running = Running::of(url).await?;
    let operated = match &running {
        Some(running) => running.operate(&task.id, act).await?,
        None => change_here(&task.id, url, act).await?,
    };
    match operated {
        Operated::Done => {
            remark(&done(task, act, running.is_none()));
            Ok(())
        }
        Operated::Unknown => bail!("the task is gone"),
        Operated::Not(NotOperable::UnderWay(until)) => bail!(
            "something is being done for this task, until {} at the latest. Try again then",
            until.strftime("%H:%M:%S UTC")
        ),
        Operated::Not(NotOperable::NothingToRetry) => bail!(
            "this task isn't waiting for another attempt. If it has stopped, start it again with the \
             button Retry or Try again on its card"
        ),
        Operated::Not(NotOperable::NothingToDrop) => {
            bail!("this task is over, and there is nothing left to do for it")
        }
    }
}

/// Changes a task in a store that no process has to itself.
async fn change_here(id: &TaskId, url: &str, act: OperatorAct) -> anyhow::Result<Operated> {
    let (clock, sealer) = (clock::system(), || sealer(url));
    let store = store::open(url)?;
    let key = task_key(id);
    // Writing it would lose a secret that can't be opened.
    if let Some((_, doc)) = store.get(&key, clock()).await? {
        records::inspect(&key, &doc.body, Some(&sealer()?)).map_err(unopened)?;
    }
    Ok(operate(&Records::new(store, sealer()?), id, act, &*clock).await?)
}

fn unopened(error: RecordError) -> anyhow::Error {
    let is_secret = matches!(error, RecordError::Secret { .. });
    let error = anyhow::Error::from(error);
    if is_secret {
        return error
            .context("nothing was changed: set ENCRYPTION_KEY to the key that the bot has");
    }
    error
}

fn sealer(url: &str) -> anyhow::Result<Sealer> {
    if let Some(keys) = config::encryption_key(&Variables::read())? {
        return Ok(Sealer::parse(keys.expose())?);
    }
    let file = store::key_file(url).filter(|file| file.exists());
    let file = file.context("ENCRYPTION_KEY is not set: set it to the key that the bot has")?;
    Ok(Sealer::load_or_create(&file)?)
}

/// A task, for people.
fn page(task: &TaskOverview, records: &[AuditRecord], now: Timestamp) -> String {
    let at = |time: Timestamp| time.strftime("%Y-%m-%d %H:%M:%S UTC").to_string();
    let name = |value: &dyn std::fmt::Display| value.to_string();
    let stuck = if task.stuck { ", stuck" } else { "" };
    let since = format!("{} ({}){stuck}", at(task.since), span(now.duration_since(task.since)));
    let lease = task.lease.as_ref().map(|lease| {
        let over = if lease.over { " (over)" } else { "" };
        format!("process {}, until {}{over}", lease.holder, at(lease.until))
    });
    let facts = [
        ("task", Some(name(&task.id))),
        ("state", Some(format!("{} since {since}", task.state.name()))),
        ("workspace", Some(name(&task.team))),
        ("asked by", Some(format!("{} at {}", task.author, at(task.created)))),
        ("channel", task.channel.as_ref().map(|one| name(one))),
        ("thread", task.thread.as_ref().map(|one| name(one))),
        ("repository", task.repo.clone()),
        ("session", task.url.clone().or_else(|| task.session.as_ref().map(|one| name(one)))),
        ("account", Some(name(&task.account))),
        ("changed", Some(at(task.changed))),
        ("worked on by", lease),
    ];
    let facts = facts.iter().filter_map(|(name, value)| Some((name, value.as_ref()?)));
    let mut lines: Vec<String> = facts.map(|(name, value)| format!("{name:<13} {value}")).collect();
    lines.push(format!(
        "{:<13} {}",
        "waits for",
        if task.waiting.is_empty() { "nothing" } else { "" }
    ));
    lines.extend(task.waiting.iter().map(|one| format!("  {}", effect(one, now))));
    lines.push(format!("{:<13} {}", "on record", if records.is_empty() { "nothing" } else { "" }));
    lines.extend(records.iter().map(|record| format!("  {}", line(record))));
    lines.iter().map(|line| line.trim_end()).collect::<Vec<_>>().join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::ids::{AccountId, DeliveryId, TeamId, UserId};
    use domain::task::TaskState;

    fn task(state: TaskState, card: Option<MessageTs>) -> TaskOverview {
        let at = Timestamp::UNIX_EPOCH;
        TaskOverview {
            id: TaskId::for_delivery(&DeliveryId::of(&["one"])),
            team: TeamId::parse("T0ACME").unwrap(),
            state,
            since: at,
            stuck: false,
            author: UserId::parse("U0ANN").unwrap(),
            channel: None,
            card,
            thread: None,
            repo: None,
            session: None,
            url: None,
            account: AccountId::of_settings(),
            waiting: Vec::new(),
            lease: None,
            created: at,
            changed: at,
        }
    }

    #[test]
    fn the_operator_hears_who_is_told_and_when() {
        let draft = task(TaskState::Draft, None);
        let carded = task(TaskState::Running, MessageTs::parse("1721609601.000200").ok());
        let over = task(TaskState::Done, MessageTs::parse("1721609601.000200").ok());
        for (task, act, is_here, words) in [
            (&draft, OperatorAct::Drop, false, "dropped; its author is told, and it's recorded"),
            (&carded, OperatorAct::Drop, false, "dropped; its thread is told, and it's recorded"),
            (
                &carded,
                OperatorAct::Drop,
                true,
                "dropped; its thread is told, and it's recorded as soon as a bot runs on this store",
            ),
            (&over, OperatorAct::Drop, false, "dropped; it's recorded"),
            (&carded, OperatorAct::Retry, false, "what it waits for is tried again now"),
            (
                &carded,
                OperatorAct::Retry,
                true,
                "what it waits for is tried again as soon as a bot runs on this store",
            ),
        ] {
            assert_eq!(done(task, act, is_here), words);
        }
    }

    #[test]
    fn a_task_is_meant_by_its_id_its_messages_or_its_session() {
        let message = |ts: &str| {
            let channel = ChannelId::parse("C0LAN2Q65").unwrap();
            Ok(Meant::Message(channel, MessageTs::parse(ts).unwrap()))
        };
        let page = "https://acme.slack.com/archives/C0LAN2Q65/p1721609601000200";
        assert_eq!(Meant::parse(page), message("1721609601.000200"));
        let reply = format!("{page}?thread_ts=1721609600.000100&cid=C0LAN2Q65");
        assert_eq!(Meant::parse(&reply), message("1721609600.000100"));
        let session = Meant::parse("https://jules.google.com/session/31415926535897932384");
        assert_eq!(session, Ok(Meant::Session(SessionId::parse("31415926535897932384").unwrap())));
        let id = TaskId::parse("7f3k9x2q4m1a").unwrap();
        assert_eq!(Meant::parse("7f3k9x2q4m1a"), Ok(Meant::Id(id)));
        for wrong in ["", "https://example.com/x", "https://acme.slack.com/archives/C1/pé"] {
            assert!(Meant::parse(wrong).is_err(), "{wrong}");
        }
    }
}
