//! Installing the app in another workspace: the way to Slack, and the way back. [Slack: Installing with OAuth]

use super::AppState;
use super::install_page::{self, Page};
use super::routes::outcome;
use crate::engine::{NotInstalled, Return};
use axum::extract::{Query, State};
use axum::http::header::{CACHE_CONTROL, COOKIE, LOCATION, SET_COOKIE};
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use domain::secret::Secret;
use serde::Deserialize;
use slack::install_state::STATE_LIVES;
use std::sync::Arc;
use url::Url;

/// Where an installation begins.
pub(super) const BEGIN: &str = "/slack/install";

/// Where Slack sends people back to.
pub(super) const CALLBACK: &str = "/slack/oauth/callback";

/// What a browser keeps until it is back.
const KEPT: &str = "jules_slack_install";

/// What Slack sends people back with. Its values are never logged.
#[derive(Deserialize)]
pub(super) struct Answer {
    #[serde(default)]
    code: Option<String>,
    #[serde(default)]
    state: Option<String>,
    #[serde(default)]
    error: Option<String>,
}

/// The address that Slack sends people back to, below the public one. It has to be in the app's settings.
///
/// # Errors
/// When the public address can have nothing below it.
pub(crate) fn callback_url(public: &Url) -> Result<Url, url::ParseError> {
    let base = public.as_str().trim_end_matches('/');
    Url::parse(&format!("{base}{CALLBACK}"))
}

/// Sends someone to Slack, and has their browser keep what they set out with.
pub(super) async fn begin(State(site): State<Arc<AppState>>) -> Response {
    let begun = match site.engine.begin_install() {
        Ok(Some(begun)) => begun,
        Ok(None) => return page(StatusCode::NOT_FOUND, &install_page::failed(&NotInstalled::Off)),
        Err(error) => {
            tracing::error!(%error, "an installation did not begin");
            return page(
                StatusCode::INTERNAL_SERVER_ERROR,
                &install_page::failed(&NotInstalled::StoreAway),
            );
        }
    };
    let (to, state) = begun;
    let cookie = cookie(&state, STATE_LIVES.as_secs(), to.scheme() == "https");
    let headers = [(LOCATION, to.to_string()), (SET_COOKIE, cookie)];
    (StatusCode::FOUND, headers, [(CACHE_CONTROL, "no-store")]).into_response()
}

/// Finishes what began there, and says what came of it.
pub(super) async fn finish(
    State(site): State<Arc<AppState>>,
    Query(answer): Query<Answer>,
    headers: HeaderMap,
) -> Response {
    let back = Return {
        code: answer.code.map(Secret::new),
        state: answer.state,
        cookie: kept(&headers),
        error: answer.error,
    };
    // The token is granted even if the page is closed now.
    let engine = Arc::clone(&site.engine);
    let finished = async move { engine.finish_install(&back).await };
    let finished = outcome(site.to_the_end(finished)).await;
    let mut response = match finished.unwrap_or(Err(NotInstalled::StoreAway)) {
        Ok(installed) => page(StatusCode::OK, &install_page::done(&installed)),
        Err(why) => page(status(&why), &install_page::failed(&why)),
    };
    // It is of no use any more.
    if let Ok(gone) = HeaderValue::from_str(&cookie("", 0, false)) {
        response.headers_mut().insert(SET_COOKIE, gone);
    }
    response
}

fn status(why: &NotInstalled) -> StatusCode {
    match why {
        NotInstalled::Off => StatusCode::NOT_FOUND,
        NotInstalled::Denied
        | NotInstalled::State(_)
        | NotInstalled::Used
        | NotInstalled::Refused(_) => StatusCode::BAD_REQUEST,
        NotInstalled::NotAllowed { .. } => StatusCode::FORBIDDEN,
        NotInstalled::SlackAway | NotInstalled::StoreAway => StatusCode::SERVICE_UNAVAILABLE,
    }
}

/// For this browser alone, for as long as an installation may take. Slack's way back is a link, which `Lax` lets it go
/// along with.
fn cookie(value: &str, seconds: i64, is_secure: bool) -> String {
    let secure = if is_secure { "; Secure" } else { "" };
    format!("{KEPT}={value}; Max-Age={seconds}; Path=/; HttpOnly; SameSite=Lax{secure}")
}

/// What the browser kept.
fn kept(headers: &HeaderMap) -> Option<String> {
    let all = headers.get_all(COOKIE).iter().filter_map(|value| value.to_str().ok());
    let pairs = all.flat_map(|cookies| cookies.split(';'));
    let mut named = pairs.filter_map(|pair| pair.trim().split_once('='));
    named.find(|(name, _)| *name == KEPT).map(|(_, value)| value.to_owned())
}

/// A page with nothing in it but words and links. It has had a secret in its address, which is sent nowhere else.
fn page(status: StatusCode, page: &Page) -> Response {
    const HEADERS: [(&str, &str); 5] = [
        ("content-type", "text/html; charset=utf-8"),
        ("cache-control", "no-store"),
        ("referrer-policy", "no-referrer"),
        ("x-content-type-options", "nosniff"),
        (
            "content-security-policy",
            "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'; base-uri 'none'; \
             form-action 'none'",
        ),
    ];
    let mut response = (status, page.html()).into_response();
    for (name, value) in HEADERS {
        response
            .headers_mut()
            .insert(HeaderName::from_static(name), HeaderValue::from_static(value));
    }
    response
}
