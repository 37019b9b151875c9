//! The page that people see when Slack sends them back after an installation: what was done, and the next step.

use super::install;
use crate::engine::{Installed, NotInstalled};
use slack::install_state::BadState;

/// A page: what happened, and what to do next.
pub(super) struct Page {
    title: String,
    lines: Vec<Line>,
}

/// A line, with a link behind it.
struct Line {
    words: String,
    link: Option<(String, &'static str)>,
}

fn line(words: impl Into<String>) -> Line {
    Line { words: words.into(), link: None }
}

/// The app is installed.
pub(super) fn done(installed: &Installed) -> Page {
    let name = installed.name.as_deref().unwrap_or(installed.team.as_str());
    let mut lines = Vec::new();
    if installed.org_wide {
        let app = installed.app.as_deref().unwrap_or_default();
        let address = format!(
            "https://app.slack.com/manage/{}/integrations/profile/{app}/workspaces/add",
            installed.team
        );
        lines.push(Line {
            link: Some((address, "Add the app to workspaces")),
            ..line(
                "It is installed for the whole organisation, but in none of its workspaces yet: an admin has to \
                 add it to each of them.",
            )
        });
    }
    if !installed.has_account {
        lines.push(line(
            "Next, connect a Jules account: in Slack, type /jules key workspace (for everyone) or /jules key \
             (your own).",
        ));
    }
    lines.push(line(
        "Then type /jules bind in a channel to choose its repository, or /jules to start a task.",
    ));
    Page { title: format!("Jules is installed in {name}"), lines }
}

/// The app is not installed.
pub(super) fn failed(why: &NotInstalled) -> Page {
    let again = |words: &str| Line {
        link: Some((install::BEGIN.to_owned(), "Install the app")),
        ..line(words)
    };
    let lines = match why {
        NotInstalled::Off => vec![line(
            "The app can't be installed from here: SLACK_CLIENT_ID isn't set on its server.",
        )],
        NotInstalled::Denied => vec![again("It was not allowed in Slack. Nothing was changed.")],
        NotInstalled::State(BadState::Missing) => vec![again(
            "The installation did not begin on this server, so it isn't finished here. Start again here:",
        )],
        NotInstalled::State(BadState::Foreign) => vec![again(
            "The installation began in another browser, or cookies are turned off. Start again in this one:",
        )],
        NotInstalled::State(BadState::Expired) => {
            vec![again("The installation began more than ten minutes ago. Start again:")]
        }
        NotInstalled::Used => vec![again(
            "This installation was finished before. If the app doesn't answer in Slack, start again:",
        )],
        NotInstalled::Refused(code) => {
            vec![line(refusal(code)), again("Nothing was changed. Start again:")]
        }
        NotInstalled::NotAllowed { team, name } => {
            let name = name.as_deref().unwrap_or(team.as_str());
            vec![line(format!(
                "The app may not be installed in {name}. Ask the person who runs it to add {team} to \
                 INSTALL_TEAMS, and then install it again."
            ))]
        }
        NotInstalled::SlackAway => {
            vec![again("Slack isn't responding, so nothing was changed. Try again in a minute:")]
        }
        NotInstalled::StoreAway => {
            vec![again(
                "The app's database isn't responding, so nothing was kept. Try again in a minute:",
            )]
        }
    };
    Page { title: "Jules is not installed".to_owned(), lines }
}

/// What a code of Slack's means for the person who installs the app. [Slack: oauth.v2.access, errors]
fn refusal(code: &str) -> String {
    let known = match code {
        "invalid_team_for_non_distributed_app" => {
            "The app may be installed only in the workspace that it was made in. The person who made it can turn on \
             distribution on its page at api.slack.com/apps."
        }
        "unapproved_scope" | "scope_not_allowed_on_enterprise" => {
            "An admin of your organisation has to approve the app first."
        }
        "bad_redirect_uri" => {
            "The app's settings at Slack don't know this server's address. The person who runs the app has to add \
             it under OAuth & Permissions, Redirect URLs."
        }
        "bad_client_secret" | "invalid_client_id" => {
            "Slack doesn't accept SLACK_CLIENT_ID and SLACK_CLIENT_SECRET. The person who runs the app has to \
             correct them."
        }
        "another_workspace" => "Slack's answer was about another workspace than its token.",
        _ => return format!("Slack refused it ({code})."),
    };
    known.to_owned()
}

impl Page {
    /// The page as HTML. Names come from Slack, so everything is escaped.
    pub(super) fn html(&self) -> String {
        let title = escaped(&self.title);
        let lines: String = self.lines.iter().map(Line::html).collect();
        format!(
            "<!doctype html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">\
             <meta name=\"viewport\" content=\"width=device-width\"><title>{title}</title>\
             <style>:root{{color-scheme:light dark}}body{{font:1rem/1.5 system-ui,sans-serif;max-width:36rem;\
             margin:4rem auto;padding:0 1rem}}</style></head>\
             <body><main><h1>{title}</h1>{lines}</main></body></html>\n"
        )
    }
}

impl Line {
    fn html(&self) -> String {
        let words = escaped(&self.words);
        match &self.link {
            Some((to, label)) => {
                format!("<p>{words} <a href=\"{}\">{}</a></p>", escaped(to), escaped(label))
            }
            None => format!("<p>{words}</p>"),
        }
    }
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}
