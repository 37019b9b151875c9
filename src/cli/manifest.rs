//! `jules-slack manifest`.

use super::{WRONG_SETTINGS, complain, remark};
use crate::config::{Parts, Variables};
use crate::manifest::{self, Way};
use crate::terminal::show;
use anyhow::Context;
use clap::Args;
use std::process::ExitCode;
use url::Url;

/// What is wanted.
#[derive(Debug, Args)]
pub(super) struct Wanted {
    /// For Socket Mode (default if SLACK_APP_TOKEN is set)
    #[arg(long, conflicts_with = "url")]
    socket: bool,
    /// For requests to this https address (default: PUBLIC_URL)
    #[arg(long, value_parser = address)]
    url: Option<Url>,
    /// Print JSON instead of YAML
    #[arg(long)]
    json: bool,
    /// Print only the link that creates the app
    #[arg(long, conflicts_with = "json")]
    link: bool,
}

fn address(text: &str) -> Result<Url, &'static str> {
    let url =
        Url::parse(text).map_err(|_| "not an address; for example https://jules.example.com")?;
    if url.scheme() != "https" {
        return Err("Slack requires https");
    }
    if url.query().is_some() || url.fragment().is_some() {
        return Err("only a host and a path are allowed");
    }
    Ok(url)
}

/// Prints the manifest, and on standard error the link that creates the app from it.
pub(super) fn print(wanted: &Wanted) -> ExitCode {
    let environment = Variables::read();
    let is_told = wanted.socket || wanted.url.is_some();
    if !is_told && let Err(mistakes) = environment.file_is_right() {
        complain(&mistakes.to_string());
        return ExitCode::from(WRONG_SETTINGS);
    }
    let (parts, _) = Parts::read(&environment);
    let url = wanted.url.as_ref().or(parts.public_url.as_ref());
    let way = match url {
        _ if wanted.socket => Way::Socket,
        Some(url) if wanted.url.is_some() || parts.app_token.is_none() => Way::Address(url),
        _ if parts.app_token.is_some() => Way::Socket,
        _ => {
            complain(
                "how does Slack reach the bot? Add --socket (needs no public address) or --url https://…, \
                 or set SLACK_APP_TOKEN or PUBLIC_URL",
            );
            return ExitCode::from(WRONG_SETTINGS);
        }
    };
    match printed(wanted, way) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            complain(&format!("{error:#}"));
            ExitCode::FAILURE
        }
    }
}

fn printed(wanted: &Wanted, way: Way<'_>) -> anyhow::Result<()> {
    const UNREADABLE: &str = "the manifest can't be read";
    let link = manifest::link(way).context(UNREADABLE)?;
    if wanted.link {
        return show(&link);
    }
    let manifest = if wanted.json {
        format!("{:#}", manifest::json(way).context(UNREADABLE)?)
    } else {
        manifest::yaml(way)
    };
    show(manifest.trim_end())?;
    remark(&format!("open this link to create the app:\n{link}"));
    Ok(())
}
