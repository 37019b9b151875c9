//! The GitHub token and what it may read, and whether webhooks get in. Both are optional.

use super::address::{cause, under};
use super::check::way_to;
use super::{Check, Environment};
use crate::config::GitHubConfig;
use domain::secret::Secret;
use github::{Access, Error, GitHub, Timeouts, Trouble, sign};
use reqwest::{Client, StatusCode};
use std::sync::Arc;
use url::Url;

const NAME: &str = "github";
const WEBHOOKS: &str = "github webhooks";

const NEW_TOKEN: &str = "Create one that can read pull requests, contents and commit statuses at \
                         https://github.com/settings/tokens, and set GITHUB_TOKEN to it.";
const NO_WAY: &str =
    "Check this machine's network, its proxy (HTTPS_PROXY), and GITHUB_API_URL if it is set.";

pub(super) async fn look(case: Arc<Environment>) -> Vec<Check> {
    let Some(settings) = &case.parts.github else {
        return vec![Check::settings_first(NAME)];
    };
    let (token, webhooks) = tokio::join!(token(&case, settings), webhooks(&case, settings));
    [Some(token), webhooks].into_iter().flatten().collect()
}

async fn token(case: &Environment, settings: &GitHubConfig) -> Check {
    let Some(token) = &settings.token else {
        return if case.is_set("GITHUB_TOKEN") {
            Check::settings_first(NAME)
        } else {
            let words = "no token: only public pull requests and issues are read, with at most 40 calls \
                         an hour";
            Check::ok(NAME, words)
        };
    };
    let url = settings.api_url.clone();
    let client = GitHub::new(Timeouts::default(), url, Some(token), Arc::clone(&case.clock));
    let client = match client {
        Ok(client) => client,
        Err(setup) => return Check::failure(NAME, setup.to_string(), NEW_TOKEN),
    };
    match client.access().await {
        Ok(access) => accepted(token, &access),
        Err(error) => refused(&error),
    }
}

/// The kinds of token differ in what they can read; GitHub begins each kind with letters of its own.
fn accepted(token: &Secret, access: &Access) -> Check {
    let Access { limit, remaining, scopes } = access;
    let left = format!("{remaining} of {limit} calls left this hour");
    let has = |wanted: &str| scopes.iter().flatten().any(|scope| scope == wanted);
    match scopes {
        Some(_) if !has("repo") => Check::warning(
            NAME,
            format!(
                "GITHUB_TOKEN lacks the scope repo, so it reads public repositories only; {left}"
            ),
            "Give it the scope repo, or use a fine-grained token that reaches the repositories.",
        ),
        Some(_) => Check::ok(NAME, format!("GitHub accepts GITHUB_TOKEN, a classic token; {left}")),
        None if token.expose().starts_with("github_pat_") => Check::ok(
            NAME,
            format!(
                "GitHub accepts GITHUB_TOKEN, a fine-grained token, which can't read check runs (commit \
                 statuses only); {left}"
            ),
        ),
        None => Check::ok(NAME, format!("GitHub accepts GITHUB_TOKEN; {left}")),
    }
}

fn refused(error: &Error) -> Check {
    match error {
        Error::TokenRefused => Check::failure(
            NAME,
            "GitHub refuses GITHUB_TOKEN: it's wrong, revoked or expired",
            NEW_TOKEN,
        ),
        Error::Limited { .. } => Check::warning(
            NAME,
            "GitHub is rate-limiting GITHUB_TOKEN",
            "Run this again later. If it happens again, something else uses the same token.",
        ),
        Error::Down(Trouble::NoConnection(why)) => {
            Check::failure(NAME, error.to_string(), way_to(why, NO_WAY))
        }
        Error::Down(_) => Check::failure(NAME, error.to_string(), NO_WAY),
        Error::Forbidden | Error::NotFound | Error::Unreadable => Check::failure(
            NAME,
            "something other than GitHub's API may have responded",
            "Check GITHUB_API_URL and the proxy.",
        ),
    }
}

/// Whether the bot at the public address believes deliveries that are signed with our secret, and no others.
async fn webhooks(case: &Environment, settings: &GitHubConfig) -> Option<Check> {
    let secret = settings.webhook_secrets.first()?;
    let Some(url) = &case.parts.public_url else {
        return Some(Check::warning(
            WEBHOOKS,
            "GITHUB_WEBHOOK_SECRET is set, but PUBLIC_URL isn't, so this can't be checked",
            "Set PUBLIC_URL to the address in the webhook's settings on GitHub, without /github/events. \
             Without a public address, leave GITHUB_WEBHOOK_SECRET out: the bot then looks every few \
             minutes.",
        ));
    };
    let Ok(http) = case.http() else {
        return Some(Check::no_client(WEBHOOKS));
    };
    let wrong_secret = Secret::new("not the secret of this webhook");
    let wrong = |words: String, fix: &str| Some(Check::failure(WEBHOOKS, words, fix));
    match (ping(&http, url, secret).await, ping(&http, url, &wrong_secret).await) {
        (Ok(StatusCode::OK), Ok(StatusCode::UNAUTHORIZED)) => {
            let words = "the bot accepts signed deliveries and refuses others";
            Some(Check::ok(WEBHOOKS, words))
        }
        (Ok(StatusCode::OK), Ok(_)) => wrong(
            "PUBLIC_URL accepts a delivery with a wrong signature".to_owned(),
            "The proxy in front of the bot must forward /github to it, and not respond itself.",
        ),
        (Ok(StatusCode::UNAUTHORIZED | StatusCode::NOT_FOUND), _) => wrong(
            "the bot at PUBLIC_URL has another GITHUB_WEBHOOK_SECRET, or none".to_owned(),
            "Give it the same secret as here and restart it.",
        ),
        (Ok(status), _) => wrong(
            format!("the bot at PUBLIC_URL responds to a delivery with HTTP {}", status.as_u16()),
            "See its log.",
        ),
        (Err(error), _) => wrong(
            cause(&error),
            "Start `jules-slack serve`, and forward PUBLIC_URL to the address in LISTEN.",
        ),
    }
}

/// What GitHub sends when a webhook is set up. It is about no pull request, so the bot does nothing.
async fn ping(http: &Client, url: &Url, secret: &Secret) -> reqwest::Result<StatusCode> {
    let body = r#"{"zen":"jules-slack doctor"}"#;
    let answer = http
        .post(under(url, "github/events"))
        .header("content-type", "application/json")
        .header("x-github-event", "ping")
        .header("x-github-delivery", "jules-slack-doctor")
        .header("x-hub-signature-256", sign(secret, body.as_bytes()))
        .body(body)
        .send()
        .await?;
    Ok(answer.status())
}
