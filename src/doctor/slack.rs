//! The bot token: whose it is, and what it may do.

use super::check::way_to;
use super::{Check, Environment};
use crate::config::Parts;
use crate::manifest;
use crate::web::callback_url;
use domain::ids::TeamId;
use domain::tenant::Installation;
use slack::client::SlackClient;
use slack::connector::{Connector, Deadlines};
use slack::error::CallError;
use std::sync::Arc;

const NAME: &str = "slack";

const COPY_TOKEN: &str = "Copy the bot token again from your app's page at https://api.slack.com/apps: \
                          OAuth & Permissions.";
const REINSTALL: &str = "Install the app to the workspace again on your app's page at \
                         https://api.slack.com/apps, and copy the new bot token.";
pub(super) const NO_WAY: &str =
    "Check this machine's network, its proxy (HTTPS_PROXY), and SLACK_API_URL if it is set.";

pub(super) async fn look(case: Arc<Environment>) -> Vec<Check> {
    let mut checks: Vec<Check> = installing(&case.parts).into_iter().collect();
    let Some(token) = &case.parts.bot_token else {
        if !case.parts.is_oauth_alone {
            checks.push(Check::settings_first(NAME));
        }
        return checks;
    };
    let connector = match connector(&case) {
        Ok(connector) => connector,
        Err(reason) => {
            checks.push(Check::failure(NAME, reason, NO_WAY));
            return checks;
        }
    };
    let client = SlackClient::new(connector, token);
    match client.auth_test().await {
        Ok(installation) => {
            checks.extend([who(&installation), scopes(&installation), home()]);
            if installation.org_wide {
                checks.push(organisation(&client, &installation).await);
            }
        }
        Err(error) => checks.push(refused(&error)),
    }
    checks
}

/// How others install the app.
fn installing(parts: &Parts) -> Option<Check> {
    const NAME: &str = "installing";
    let (oauth, public) = (parts.oauth.as_ref()?, parts.public_url.as_ref()?);
    let base = public.as_str().trim_end_matches('/');
    let back = callback_url(public).ok()?;
    let teams = match (oauth.teams.len(), &parts.bot_token) {
        (0, Some(_)) => "no other workspace, since INSTALL_TEAMS names none".to_owned(),
        (0, None) => "the first workspace that someone installs it in".to_owned(),
        (1, _) => "1 workspace of INSTALL_TEAMS".to_owned(),
        (count, _) => format!("{count} workspaces of INSTALL_TEAMS"),
    };
    Some(Check::ok(
        NAME,
        format!(
            "{base}/slack/install installs the app in {teams}; {back} has to be among the Redirect URLs on the \
             app's page, under OAuth & Permissions"
        ),
    ))
}

/// Of an organisation's token: where an admin has added the app. Elsewhere Slack delivers nothing, and says nothing.
async fn organisation(client: &SlackClient, installation: &Installation) -> Check {
    const NAME: &str = "organisation";
    match client.workspaces().await {
        Ok(teams) if teams.is_empty() => Check::failure(
            NAME,
            "the app is installed for the organisation, but in none of its workspaces",
            "Have an admin add it to them: https://app.slack.com/manage, Integrations, the app, Workspaces.",
        ),
        Ok(teams) => {
            let named =
                |(id, name): (TeamId, Option<String>)| name.unwrap_or_else(|| id.to_string());
            let mut names: Vec<String> = teams.into_iter().map(named).collect();
            names.sort();
            Check::ok(NAME, format!("the app is in {}", names.join(", ")))
        }
        Err(error) => Check::warning(
            NAME,
            format!(
                "Slack doesn't say in which workspaces of {} the app is ({error})",
                installation.team
            ),
            "Look on the app's page in the organisation's settings. In workspaces that it wasn't added to, nothing \
             works.",
        ),
    }
}

/// The way to Slack's Web API.
pub(super) fn connector(case: &Environment) -> Result<Connector, String> {
    let url = case.parts.slack_url.as_ref().ok_or("SLACK_API_URL is wrong")?;
    let total = case.limits.answer;
    let deadlines = Deadlines { connect: Deadlines::default().connect.min(total), total };
    Connector::new(url, deadlines, Arc::clone(&case.clock))
        .map_err(|_| "an HTTP client can't be created".to_owned())
}

fn who(installation: &Installation) -> Check {
    let team = if installation.org_wide { "an organisation" } else { installation.team.as_str() };
    let place = installation.url.as_deref().unwrap_or("no address");
    match &installation.bot_id {
        Some(_) => Check::ok(
            NAME,
            format!("SLACK_BOT_TOKEN is for the bot {} in {team}, {place}", installation.bot),
        ),
        None => Check::failure(
            NAME,
            format!("SLACK_BOT_TOKEN belongs to a person in {team}, not to a bot"),
            COPY_TOKEN,
        ),
    }
}

/// Slack tells no bot whether its app has a home tab. The running app learns it from the first Home that it
/// publishes, and logs it.
fn home() -> Check {
    Check::ok(
        "app home",
        "a bot token can't see whether it's on; if people find nothing there, switch on Home Tab under App \
         Home on the app's page and subscribe to app_home_opened",
    )
}

fn scopes(installation: &Installation) -> Check {
    const NAME: &str = "scopes";
    let needed = match manifest::needed_scopes() {
        Ok(needed) => needed,
        Err(error) => return Check::failure(NAME, error.to_string(), "Report this as a bug."),
    };
    if installation.scopes.is_empty() {
        return Check::warning(
            NAME,
            "Slack doesn't say which scopes the token has",
            "A proxy may be removing the header x-oauth-scopes. Check SLACK_API_URL.",
        );
    }
    let lacking: Vec<&str> = needed
        .iter()
        .filter(|scope| !installation.scopes.contains(scope))
        .map(String::as_str)
        .collect();
    if lacking.is_empty() {
        let granted = format!("all {} needed scopes are granted", needed.len());
        let without = slack::scopes::lacking(&installation.scopes)
            .map(|one| format!("without {}, {}", one.scope, one.without));
        let words: Vec<String> = [granted].into_iter().chain(without).collect();
        return Check::ok(NAME, words.join("; "));
    }
    Check::failure(
        NAME,
        format!("SLACK_BOT_TOKEN lacks {}", lacking.join(", ")),
        "Add them on your app's page at https://api.slack.com/apps under OAuth & Permissions (or paste \
         the output of `jules-slack manifest` under App Manifest), and install the app again.",
    )
}

fn refused(error: &CallError) -> Check {
    let of_token = |code: &str, fix: &str| {
        Check::failure(NAME, format!("Slack refuses SLACK_BOT_TOKEN: {code}"), fix)
    };
    match error {
        CallError::DeadInstallation(code) if code == "invalid_auth" || code == "not_authed" => {
            of_token(code, COPY_TOKEN)
        }
        CallError::DeadInstallation(code) => of_token(code, REINSTALL),
        CallError::MissingRights { code, .. } => of_token(code, COPY_TOKEN),
        CallError::RateLimited { after } => Check::warning(
            NAME,
            format!("Slack is rate-limiting this app for {} s", after.as_secs()),
            "Run this again later.",
        ),
        CallError::Unreachable(why) => Check::failure(NAME, error.to_string(), way_to(why, NO_WAY)),
        CallError::Unknown(_)
        | CallError::Unclear(_)
        | CallError::TooLarge
        | CallError::State(_)
        | CallError::Place(_)
        | CallError::Content { .. }
        | CallError::UntrustedUrl => Check::failure(NAME, error.to_string(), NO_WAY),
    }
}
