//! The public address: what may stand there instead of the bot.

use super::{Installation, only, says, stub};
use crate::harness::bot::{Bot, Place};
use axum::http::StatusCode;
use jules_slack::doctor::Verdict::{Failure, Ok, Warning};
use jules_slack::doctor::{Check, text};
use jules_slack::terminal::Terminal;

/// An installation whose bot is that one: same Slack, same secret, same clock.
async fn of(bot: &Bot) -> Installation {
    let mut installation = Installation::new().await;
    installation.set("PUBLIC_URL", bot.url());
    installation.clock = bot.hands.clock();
    installation
}

async fn at(url: &str) -> Vec<Check> {
    let mut installation = Installation::new().await;
    installation.set("PUBLIC_URL", url);
    installation.checks().await
}

#[tokio::test]
async fn the_bot_answers_and_believes_slack_only() {
    let bot = Bot::new(Place::file()).await;
    let checks = of(&bot).await.checks().await;
    // It is on this machine, where Slack never gets to.
    says(&only(&checks, "public address"), Warning, &["only this machine", "SLACK_APP_TOKEN"]);
    says(&only(&checks, "signatures"), Ok, &["accepts signed requests and refuses others"]);
}

#[tokio::test]
async fn a_proxy_need_not_forward_the_probes() {
    let bot = Bot::new(Place::file()).await;
    let mut installation = of(&bot).await;
    installation.set("PUBLIC_URL", &stub::proxy(bot.url()).await);
    let checks = installation.checks().await;
    says(&only(&checks, "public address"), Warning, &["the bot responds at"]);
    says(&only(&checks, "signatures"), Ok, &["accepts signed requests and refuses others"]);
    installation.set("SLACK_SIGNING_SECRET", "0000000000000000000000000000aaaa");
    let checks = installation.checks().await;
    says(&only(&checks, "public address"), Warning, &["the bot responds at"]);
    says(&only(&checks, "signatures"), Failure, &["has another SLACK_SIGNING_SECRET"]);
}

#[tokio::test]
async fn another_signing_secret_there_is_named() {
    let bot = Bot::new(Place::file()).await;
    let mut installation = of(&bot).await;
    installation.set("SLACK_SIGNING_SECRET", "0000000000000000000000000000aaaa");
    let check = installation.check("signatures").await;
    says(&check, Failure, &["SLACK_SIGNING_SECRET", "the same secret"]);
}

#[tokio::test]
async fn with_socket_mode_no_signature_is_tried() {
    let bot = Bot::new(Place::file()).await;
    let mut installation = of(&bot).await;
    installation.set("SLACK_APP_TOKEN", "xapp-1-A1-1-app-level-token");
    let checks = installation.checks().await;
    assert!(
        !checks.iter().any(|check| check.name == "signatures"),
        "{}",
        text(&checks, Terminal::NONE)
    );
}

#[tokio::test]
async fn nobody_there_is_told_from_somebody_else() {
    let closed = stub::silent();
    let address = format!("http://{}", closed.local_addr().unwrap());
    drop(closed);
    says(&only(&at(&address).await, "public address"), Failure, &["cannot be reached", "serve"]);
    for (status, headers, body, words) in [
        (StatusCode::BAD_GATEWAY, &[][..], "", "no bot is listening behind"),
        (StatusCode::NOT_FOUND, &[], "", "something other than the bot"),
        (StatusCode::OK, &[], "<html>hello</html>", "something other than the bot"),
        (StatusCode::UNAUTHORIZED, &[], "", "without a login"),
        (StatusCode::UNAUTHORIZED, &[("www-authenticate", "Basic")], "", "without a login"),
        (StatusCode::FOUND, &[("location", "https://example.com")], "", "does not follow"),
    ] {
        let checks = at(&stub::answering(status, headers, body).await).await;
        says(&only(&checks, "public address"), Failure, &[words]);
        assert!(
            !checks.iter().any(|check| check.name == "signatures"),
            "{}",
            text(&checks, Terminal::NONE)
        );
    }
}

#[tokio::test]
async fn whoever_says_yes_to_everything_does_not_check_signatures() {
    let echo = stub::echo().await;
    says(
        &only(&at(&echo).await, "signatures"),
        Failure,
        &["accepts a request with a wrong signature"],
    );
    let yes = stub::answering(StatusCode::OK, &[], "alive").await;
    says(&only(&at(&yes).await, "signatures"), Failure, &["HTTP 200"]);
}
