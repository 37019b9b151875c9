//! The public address: does the bot answer there, and does it accept Slack's requests only.

use super::{Check, Environment};
use domain::secret::Secret;
use platform::unreachable::Unreachable;
use reqwest::header::WWW_AUTHENTICATE;
use reqwest::{Client, StatusCode};
use slack::verify::sign;
use std::net::IpAddr;
use std::sync::Arc;
use url::{Host, Url};

const NAME: &str = "public address";
const SIGNATURES: &str = "signatures";

const START: &str = "Start `jules-slack serve`, and forward PUBLIC_URL to the address in LISTEN.";

pub(super) async fn look(case: Arc<Environment>) -> Vec<Check> {
    let is_http = case.is_http();
    let Some(url) = &case.parts.public_url else {
        return vec![if case.is_set("PUBLIC_URL") {
            Check::settings_first(NAME)
        } else if is_http {
            Check::warning(
                NAME,
                "PUBLIC_URL is not set, so it can't be checked",
                "Set it to the address on your app's page in Slack, or set SLACK_APP_TOKEN: Socket Mode \
                 needs no address.",
            )
        } else {
            Check::ok(NAME, "none, and Socket Mode needs none")
        }];
    };
    let Ok(http) = case.http() else {
        return vec![Check::no_client(NAME)];
    };
    let answered = answered(&case, &http, url).await;
    let mut checks = vec![answered.map_or_else(|failure| failure, |()| reachable(url))];
    let answers = checks.iter().all(|check| check.verdict != super::Verdict::Failure);
    if let (true, true, Some(secrets)) = (is_http, answers, &case.parts.signing_secrets) {
        checks.push(signatures(&case, &http, url, secrets).await);
    }
    checks
}

/// Whether the bot is there. It's asked what Slack asks it, because a proxy has to forward nothing but /slack.
async fn answered(case: &Environment, http: &Client, url: &Url) -> Result<(), Check> {
    let wrong = |words: String| Err(Check::failure(NAME, words, START));
    let wrong_secret = wrong_secret();
    let secret = case.parts.signing_secrets.iter().flatten().next().unwrap_or(&wrong_secret);
    let (status, is_refused) = match challenge(case, http, url, secret).await {
        Ok(ProbeReply::Taken) => return Ok(()),
        Ok(ProbeReply::Refused) => (StatusCode::UNAUTHORIZED, true),
        Ok(ProbeReply::Other(status)) => (status, false),
        Err(error) if error.is_timeout() => {
            return wrong(format!("{url} doesn't respond in time"));
        }
        Err(error) => return wrong(format!("{url} cannot be reached: {}", cause(&error))),
    };
    match health(http, url).await {
        Health::Alive => Ok(()),
        // The bot refuses a secret that isn't its own. Where everything wants a login, that refusal isn't the bot's.
        health if is_refused && health != Health::Other(StatusCode::UNAUTHORIZED) => Ok(()),
        Health::Other(_) | Health::Silent => Err(not_the_bot(url, status)),
    }
}

/// What is wrong where something other than the bot answers with this status.
fn not_the_bot(url: &Url, status: StatusCode) -> Check {
    let code = status.as_u16();
    match status {
        StatusCode::BAD_GATEWAY | StatusCode::SERVICE_UNAVAILABLE | StatusCode::GATEWAY_TIMEOUT => {
            let words =
                format!("no bot is listening behind {url}: a proxy responds with HTTP {code}");
            Check::failure(NAME, words, START)
        }
        _ if status.is_redirection() => Check::failure(
            NAME,
            format!("{url} redirects to another address, and Slack does not follow"),
            "Set PUBLIC_URL, and the addresses on your app's page in Slack, to the final address.",
        ),
        _ => Check::failure(
            NAME,
            format!("something other than the bot responds at {url} (HTTP {code})"),
            "Check the path in PUBLIC_URL and the proxy in front of the bot: it must forward /slack \
             without a login.",
        ),
    }
}

/// What `/healthz` says. Few proxies forward it; where one does, it tells the bot from anything else that may answer.
#[derive(PartialEq, Eq)]
enum Health {
    Alive,
    Other(StatusCode),
    Silent,
}

async fn health(http: &Client, url: &Url) -> Health {
    let Ok(answer) = http.get(under(url, "healthz")).send().await else {
        return Health::Silent;
    };
    let status = answer.status();
    let words = answer.text().await.unwrap_or_default();
    let is_alive = status == StatusCode::OK && words.trim() == "alive";
    if is_alive { Health::Alive } else { Health::Other(status) }
}

/// It answers here. Slack may be elsewhere.
fn reachable(url: &Url) -> Check {
    let is_inside = match url.host() {
        Some(Host::Domain(name)) => {
            name == "localhost" || name.ends_with(".local") || name.ends_with(".internal")
        }
        Some(Host::Ipv4(ip)) => is_private(ip.into()),
        Some(Host::Ipv6(ip)) => is_private(ip.into()),
        None => false,
    };
    if is_inside {
        return Check::warning(
            NAME,
            format!("the bot responds at {url}, which only this machine or its network can reach"),
            "Set PUBLIC_URL to an address that Slack can reach, or set SLACK_APP_TOKEN.",
        );
    }
    Check::ok(NAME, format!("the bot responds at {url}"))
}

fn is_private(ip: IpAddr) -> bool {
    match ip {
        IpAddr::V4(ip) => ip.is_loopback() || ip.is_private() || ip.is_link_local(),
        IpAddr::V6(ip) => ip.is_loopback() || ip.is_unique_local() || ip.is_unicast_link_local(),
    }
}

/// What Slack does when an address is set: it sends a challenge, signed. [Slack: url_verification]
async fn signatures(case: &Environment, http: &Client, url: &Url, secrets: &[Secret]) -> Check {
    let wrong = |words: String, fix: &str| Check::failure(SIGNATURES, words, fix);
    for secret in secrets {
        match challenge(case, http, url, secret).await {
            Ok(ProbeReply::Taken) => {}
            Ok(ProbeReply::Refused) => {
                return wrong(
                    "the bot at PUBLIC_URL has another SLACK_SIGNING_SECRET".to_owned(),
                    "Give it the same secret as here and restart it. If it has the same, its clock is \
                     more than five minutes off.",
                );
            }
            Ok(ProbeReply::Other(status)) => {
                let status = status.as_u16();
                return wrong(
                    format!(
                        "the bot at PUBLIC_URL responds to a signed request with HTTP {status}"
                    ),
                    "See its log. If nothing about it is there, the proxy in front of the bot doesn't \
                     forward /slack to it.",
                );
            }
            Err(error) => return wrong(cause(&error), START),
        }
    }
    match challenge(case, http, url, &wrong_secret()).await {
        Ok(ProbeReply::Refused) => {
            Check::ok(SIGNATURES, "the bot accepts signed requests and refuses others")
        }
        Ok(ProbeReply::Taken | ProbeReply::Other(_)) => wrong(
            "PUBLIC_URL accepts a request with a wrong signature".to_owned(),
            "The proxy in front of the bot must forward /slack to it, and not respond itself.",
        ),
        Err(error) => wrong(cause(&error), START),
    }
}

fn wrong_secret() -> Secret {
    Secret::new("not the signing secret of this app")
}

enum ProbeReply {
    Taken,
    Refused,
    Other(StatusCode),
}

async fn challenge(
    case: &Environment,
    http: &Client,
    url: &Url,
    secret: &Secret,
) -> Result<ProbeReply, reqwest::Error> {
    let challenge = "jules-slack doctor";
    let body =
        serde_json::json!({ "type": "url_verification", "challenge": challenge }).to_string();
    let now = (case.clock)();
    let answer = http
        .post(under(url, "slack/events"))
        .header("content-type", "application/json")
        .header("x-slack-request-timestamp", now.as_second().to_string())
        .header("x-slack-signature", sign(secret, now, body.as_bytes()))
        .body(body)
        .send()
        .await?;
    let wants_login = answer.headers().contains_key(WWW_AUTHENTICATE);
    Ok(match answer.status() {
        StatusCode::OK if answer.text().await?.contains(challenge) => ProbeReply::Taken,
        // A proxy that wants a login says how to log in; the bot says no more than this.
        StatusCode::UNAUTHORIZED if !wants_login => ProbeReply::Refused,
        status => ProbeReply::Other(status),
    })
}

pub(super) fn under(url: &Url, path: &str) -> String {
    format!("{}/{path}", url.as_str().trim_end_matches('/'))
}

/// What can be fixed: an unknown host, a refused connection, an expired certificate.
pub(super) fn cause(error: &reqwest::Error) -> String {
    Unreachable::of(error).to_string()
}
