//! `jules-slack forget`: removes what a person or a workspace left behind. A store that is a file belongs to the process
//! that has it open, so a running one does it.

use super::data::StorePlace;
use crate::doctor::counted;
use crate::local::Running;
use crate::terminal::show;
use clap::Args;
use domain::ids::{TeamId, UserId};
use platform::clock;
use std::io::{self, IsTerminal, Write};
use store::forget::{Whom, forget};

/// Who.
#[derive(Debug, Args)]
#[command(
    after_help = "For a person, this removes their key, defaults and tasks. What they did stays\n\
                  in the audit trail for AUDIT_DAYS.\n\n\
                  For a workspace, it removes everything.\n\n\
                  Keys go first. Sessions in Jules and messages in Slack stay.\n\n\
                  Exit codes: 0, 1 when not everything was removed, or 2 when an argument\n\
                  or a setting is wrong."
)]
pub(super) struct Wanted {
    #[command(flatten)]
    place: StorePlace,
    /// The person: their id in Slack
    #[arg(long, value_name = "U…", value_parser = user, required_unless_present = "workspace")]
    user: Option<UserId>,
    /// The workspace, or that of the person: its id in Slack
    #[arg(long, value_name = "T…", value_parser = team)]
    workspace: Option<TeamId>,
    /// Don't ask first
    #[arg(long)]
    yes: bool,
}

/// A person's id, as it is typed.
pub(super) fn user(text: &str) -> Result<UserId, String> {
    let is_one = text.starts_with(['U', 'W']);
    let wrong = || format!("`{text}` is not the id of a person, like U0123ABCD");
    UserId::parse(text).ok().filter(|_| is_one).ok_or_else(wrong)
}

fn team(text: &str) -> Result<TeamId, String> {
    let is_one = text.starts_with(['T', 'E']);
    let wrong = || format!("`{text}` is not the id of a workspace, like T0123ABCD");
    TeamId::parse(text).ok().filter(|_| is_one).ok_or_else(wrong)
}

/// Forgets, once that is confirmed.
pub(super) async fn run(wanted: &Wanted) -> anyhow::Result<()> {
    let whom = Whom { team: wanted.workspace.clone(), user: wanted.user.clone() };
    if !wanted.yes && !confirmed(&whom)? {
        anyhow::bail!("nothing was removed");
    }
    let url = wanted.place.url()?;
    let count = match Running::of(&url).await? {
        Some(running) => running.forget(&whom).await?,
        None => {
            // Opening it to write would create a store where there is none.
            drop(store::open_to_read(&url)?);
            forget(&*store::open(&url)?, &whom, clock::system()()).await?
        }
    };
    show(&format!("removed {} of {}", counted(count, "document"), named(&whom)))
}

fn confirmed(whom: &Whom) -> anyhow::Result<bool> {
    if !io::stdin().is_terminal() {
        anyhow::bail!("this can't be undone, so it asks first; without a terminal, add --yes");
    }
    let mut out = io::stdout().lock();
    write!(out, "Remove everything of {}? This can't be undone. Type yes: ", named(whom))?;
    out.flush()?;
    let mut answer = String::new();
    io::stdin().read_line(&mut answer)?;
    Ok(answer.trim() == "yes")
}

fn named(whom: &Whom) -> String {
    match (&whom.user, &whom.team) {
        (Some(user), Some(team)) => format!("{user} in the workspace {team}"),
        (Some(user), None) => format!("{user} in every workspace"),
        (None, Some(team)) => format!("the workspace {team}"),
        (None, None) => "nobody".to_owned(),
    }
}
