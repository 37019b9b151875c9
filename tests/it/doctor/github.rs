//! GitHub: the token, what it may read, and webhooks.

use super::{Installation, only, says, stub};
use crate::harness::bot::{Bot, Place, WEBHOOK_SECRET};
use crate::harness::github::ReadOnly;
use axum::http::StatusCode;
use jules_slack::doctor::Check;
use jules_slack::doctor::Verdict::{Failure, Ok, Warning};
use platform::clock;
use sim::github::{TokenKind, Trouble};

const CLASSIC: &str = "ghp_0000simulated0000classic";
const FINE: &str = "github_pat_0000simulated0000fine";

/// An installation that asks this GitHub, with this token.
async fn with(github: &ReadOnly, token: &str) -> Installation {
    let mut installation = Installation::new().await;
    installation.set("GITHUB_API_URL", &github.url());
    installation.set("GITHUB_TOKEN", token);
    installation
}

async fn a_github() -> ReadOnly {
    let github = ReadOnly::start(clock::system()).await;
    github.token(CLASSIC, TokenKind::Classic);
    github.token(FINE, TokenKind::FineGrained);
    github.token_with_scopes("ghp_0000simulated0000public", "public_repo, read:org");
    github
}

#[tokio::test]
async fn without_a_token_nobody_is_asked() {
    let check = Installation::new().await.check("github").await;
    says(&check, Ok, &["only public pull requests", "40 calls an hour"]);
}

#[tokio::test]
async fn the_token_is_tried_and_costs_nothing() {
    let github = a_github().await;
    let check = with(&github, CLASSIC).await.check("github").await;
    says(&check, Ok, &["accepts GITHUB_TOKEN", "classic", "5000 of 5000 calls left"]);
    let check = with(&github, FINE).await.check("github").await;
    says(&check, Ok, &["fine-grained", "can't read check runs"]);
    let check = with(&github, "ghp_0000simulated0000public").await.check("github").await;
    says(&check, Warning, &["lacks the scope repo", "public repositories only"]);
    assert!(github.calls().iter().all(|call| call.path == "/rate_limit"));
}

#[tokio::test]
async fn a_refused_token_is_told_from_a_github_that_is_not_there() {
    let github = a_github().await;
    let check = with(&github, "ghp_0000simulated0000expired").await.check("github").await;
    says(&check, Failure, &["refuses GITHUB_TOKEN", "https://github.com/settings/tokens"]);
    for (trouble, verdict, words) in [
        (Trouble::Down, Failure, "HTTP 502"),
        (Trouble::Drops, Failure, "network"),
        (Trouble::TooMany(60), Warning, "rate-limiting"),
    ] {
        github.trouble(Some(trouble));
        says(&with(&github, CLASSIC).await.check("github").await, verdict, &[words]);
    }
    let other = stub::answering(StatusCode::OK, &[], "hello").await;
    let mut installation = with(&github, CLASSIC).await;
    installation.set("GITHUB_API_URL", &other);
    says(&installation.check("github").await, Failure, &["something other", "GITHUB_API_URL"]);
    installation.set("GITHUB_TOKEN", "xoxb-1-a-bot-token");
    says(&installation.check("github").await, Warning, &["settings above first"]);
}

/// What is said of webhooks with this address, and our secret.
async fn webhooks(url: Option<&str>, secret: &str) -> Check {
    let mut installation = Installation::new().await;
    installation.set("GITHUB_WEBHOOK_SECRET", secret);
    url.into_iter().for_each(|url| installation.set("PUBLIC_URL", url));
    only(&installation.checks().await, "github webhooks")
}

#[tokio::test]
async fn webhooks_need_a_public_address_and_the_same_secret() {
    let check = webhooks(None, WEBHOOK_SECRET).await;
    says(&check, Warning, &["PUBLIC_URL isn't", "/github/events"]);
    let mut bot = Bot::new(Place::file()).await;
    let none = webhooks(Some(bot.url()), WEBHOOK_SECRET).await;
    says(&none, Failure, &["another GITHUB_WEBHOOK_SECRET, or none"]);
    bot.sees_github(None).await;
    let same = webhooks(Some(bot.url()), WEBHOOK_SECRET).await;
    says(&same, Ok, &["accepts signed deliveries and refuses others"]);
    let other = webhooks(Some(bot.url()), "hook-of-another-team").await;
    says(&other, Failure, &["another GITHUB_WEBHOOK_SECRET", "the same secret"]);
    let anyone = stub::answering(StatusCode::OK, &[], "alive\n").await;
    says(&webhooks(Some(&anyone), WEBHOOK_SECRET).await, Failure, &["wrong signature"]);
    let broken = stub::answering(StatusCode::INTERNAL_SERVER_ERROR, &[], "").await;
    says(&webhooks(Some(&broken), WEBHOOK_SECRET).await, Failure, &["HTTP 500"]);
}
