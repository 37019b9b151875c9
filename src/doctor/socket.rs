//! Whether Socket Mode can be connected. The ticket is not used: a connection would take a share of the
//! running bot's deliveries.

use super::slack::connector;
use super::{Check, Environment};
use slack::connections_open::ConnectionsOpen;
use slack::error::CallError;
use std::sync::Arc;

const NAME: &str = "socket mode";

const MAKE_TOKEN: &str = "Make an app-level token with the scope connections:write on your app's page at \
                          https://api.slack.com/apps: Basic Information, App-Level Tokens.";
const SWITCH_ON: &str =
    "Switch Socket Mode on, on your app's page at https://api.slack.com/apps: Socket Mode.";

pub(super) async fn look(case: Arc<Environment>) -> Vec<Check> {
    let Some(token) = &case.parts.app_token else {
        return vec![Check::ok(NAME, "off: SLACK_APP_TOKEN is not set")];
    };
    let drawn = match connector(&case) {
        Ok(connector) => ConnectionsOpen::new(connector, token).draw().await,
        Err(reason) => return vec![Check::failure(NAME, reason, "Mend that first.")],
    };
    vec![match drawn {
        Ok(_) => Check::ok(NAME, "Slack gives this app a connection"),
        Err(error) => refused(&error),
    }]
}

fn refused(error: &CallError) -> Check {
    match error {
        CallError::MissingRights { code, needed } if code == "missing_scope" => {
            let scope = needed.as_deref().unwrap_or("connections:write");
            Check::failure(NAME, format!("SLACK_APP_TOKEN lacks the scope {scope}"), MAKE_TOKEN)
        }
        CallError::MissingRights { code, .. } | CallError::DeadInstallation(code) => {
            Check::failure(NAME, format!("Slack refuses SLACK_APP_TOKEN: {code}"), MAKE_TOKEN)
        }
        CallError::RateLimited { after } => Check::warning(
            NAME,
            format!("Slack asks to wait {} s", after.as_secs()),
            "Run this again later.",
        ),
        // Slack's code for this is not published; all that is left once the token is accepted is
        // whether the app has Socket Mode switched on.
        CallError::State(code) => {
            Check::failure(NAME, format!("Slack gives no connection: {code}"), SWITCH_ON)
        }
        CallError::Unreachable
        | CallError::Unknown(_)
        | CallError::Unclear(_)
        | CallError::TooLarge
        | CallError::Place(_)
        | CallError::Content { .. }
        | CallError::UntrustedUrl => Check::failure(
            NAME,
            error.to_string(),
            "Check this machine's network, its proxy (HTTPS_PROXY), and SLACK_API_URL if it is set.",
        ),
    }
}
