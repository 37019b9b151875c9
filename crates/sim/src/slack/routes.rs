//! The Web API over HTTP: token, arguments, scope, method; and the faults that a test asked for.
//!
//! Source: reference section 13. A refusal is HTTP 200 with `ok: false`, as in Slack.

use super::answer::{self, Answer, Refusal};
use super::args::Args;
use super::fault::{Call, Fault, planned};
use super::model::{World, fixed};
use super::server::SimSlack;
use super::{chat, conversations, oauth, people, rates, response_url, socket, uploads, views};
use crate::cuttable::Cut;
use crate::stamp;
use axum::Router;
use axum::body::{Body, Bytes};
use axum::extract::{ConnectInfo, DefaultBodyLimit, Path, RawQuery, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, Uri, header};
use axum::response::{IntoResponse, Response};
use axum::routing::{any, get, post};
use jiff::Timestamp;
use serde_json::{Value, json};

/// More than any honest call needs.
pub(super) const MOST_BODY: usize = 2_000_000;

/// One call of one method.
pub(super) struct Ask<'a> {
    pub(super) world: &'a mut World,
    pub(super) args: &'a Args,
    pub(super) method: &'a str,
    /// Those of the token.
    pub(super) scopes: &'a [String],
    pub(super) now: Timestamp,
}

impl Ask<'_> {
    pub(super) fn has_scope(&self, scope: &str) -> Result<(), Refusal> {
        if scope.is_empty() || self.scopes.iter().any(|known| known == scope) {
            Ok(())
        } else {
            Err(Refusal::scope(scope, self.scopes))
        }
    }

    /// An organisation's token does not say which of its workspaces is meant, so the call has to (reference
    /// section 13). It is one that the app was added to.
    pub(super) fn names_workspace(&self) -> Result<(), Refusal> {
        if !self.world.grants.org_wide {
            return Ok(());
        }
        match self.args.text("team_id") {
            Some(team) if team == self.world.team.id => Ok(()),
            Some(_) => Err(Refusal::new("team_access_not_granted")),
            None => Err(Refusal::new("missing_argument")),
        }
    }
}

/// A method: whether it accepts a JSON body, the scope it always needs, and what it does.
struct Method {
    name: &'static str,
    takes_json: bool,
    scope: &'static str,
    run: fn(&mut Ask<'_>) -> Answer,
}

const fn write(name: &'static str, scope: &'static str, run: fn(&mut Ask<'_>) -> Answer) -> Method {
    Method { name, takes_json: true, scope, run }
}

/// Methods that read take query or form fields only; a JSON body is passed over.
const fn read(name: &'static str, scope: &'static str, run: fn(&mut Ask<'_>) -> Answer) -> Method {
    Method { name, takes_json: false, scope, run }
}

/// The one method for the app-level token, which opens nothing else.
const CONNECTIONS_OPEN: &str = "apps.connections.open";

/// Every method that is simulated, but for `oauth.v2.access`, which no token belongs to. Scopes that depend on
/// the sort of channel are checked inside.
static METHODS: &[Method] = &[
    write("api.test", "", people::api_test),
    write("auth.test", "", people::auth_test),
    read("auth.revoke", "", oauth::revoke),
    read("auth.teams.list", "", oauth::teams),
    write(CONNECTIONS_OPEN, "", socket::open),
    write("chat.postMessage", "chat:write", chat::post_message),
    write("chat.postEphemeral", "chat:write", chat::post_ephemeral),
    write("chat.update", "chat:write", chat::update),
    write("chat.delete", "chat:write", chat::delete),
    read("chat.getPermalink", "", chat::permalink),
    read("conversations.info", "", conversations::info),
    read("conversations.history", "", conversations::history),
    read("conversations.replies", "", conversations::replies),
    read("conversations.list", "", conversations::list),
    read("conversations.members", "", conversations::members),
    write("conversations.open", "im:write", conversations::open),
    write("conversations.join", "channels:join", conversations::join),
    read("users.info", "users:read", people::user_info),
    read("users.list", "users:read", people::user_list),
    read("usergroups.list", "usergroups:read", people::group_list),
    read("usergroups.users.list", "usergroups:read", people::group_users),
    read("users.conversations", "", conversations::of_user),
    write("reactions.add", "reactions:write", people::reactions_add),
    write("reactions.remove", "reactions:write", people::reactions_remove),
    read("reactions.get", "reactions:read", people::reactions_get),
    write("views.open", "", views::open),
    write("views.push", "", views::push),
    write("views.update", "", views::update),
    write("views.publish", "", views::publish),
    read("files.getUploadURLExternal", "files:write", uploads::begin),
    write("files.completeUploadExternal", "files:write", uploads::complete),
    read("team.info", "team:read", people::team_info),
    read("bots.info", "users:read", people::bot_info),
];

/// Everything the simulated Slack serves.
pub(super) fn router(slack: SimSlack) -> Router {
    Router::new()
        .route("/oauth/v2/authorize", get(oauth::page))
        .route("/api/oauth.v2.access", any(oauth::access))
        .route("/api/{method}", any(api))
        // The first path segments of Slack's own response URLs.
        .route("/commands/{team}/{number}/{key}", post(response_url::answer))
        .route("/actions/{team}/{number}/{key}", post(response_url::answer))
        .route("/app/{team}/{number}/{key}", post(response_url::answer))
        .route("/link/", get(socket::link))
        .route("/files-pri/{id}/{name}", get(file))
        .route("/upload/v1/{id}", post(uploads::receive))
        .layer(DefaultBodyLimit::max(MOST_BODY))
        .with_state(slack)
}

async fn api(
    State(slack): State<SimSlack>,
    ConnectInfo(cut): ConnectInfo<Cut>,
    Path(name): Path<String>,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let method = METHODS.iter().find(|method| method.name == name);
    let content_type = text_header(&headers, header::CONTENT_TYPE);
    let takes_json = method.is_none_or(|method| method.takes_json);
    let args = Args::read(&query.unwrap_or_default(), content_type, &body, takes_json);
    let (mut args, readable) = match args {
        Ok(args) => (args, Ok(())),
        Err(refusal) => (Args::default(), Err(refusal)),
    };
    let token = admitted(&slack, &name, &headers, &mut args);
    let granted = token.clone().unwrap_or_else(|_| slack.read(|world| world.scopes(true)));
    let call = Call {
        method: name.clone(),
        args: Value::Object(args.given.clone()),
        token_ok: token.is_ok(),
        at: slack.now(),
        did: None,
        fault: None,
    };
    let run = || {
        let answer = match (readable.and(token), method) {
            (_, None) => Err(Refusal::new("unknown_method")),
            (Err(refusal), Some(_)) => Err(refusal),
            (Ok(granted), Some(method)) => slack.call(method, &granted, &args),
        };
        let did = outcome(&answer);
        let mut body = answer::body(answer);
        if args.no_charset && body["warning"].is_null() {
            body["warning"] = json!("missing_charset");
        }
        (did, said(&body))
    };
    let mut response = with_fault(&slack, &cut, call, run).await;
    scopes(&granted, method.map_or("", |method| method.scope), response.headers_mut());
    stamp(response.headers_mut(), slack.now());
    response
}

/// JSON with a charset, as Slack sends it.
pub(super) fn said(body: &Value) -> Response {
    let kind = [(header::CONTENT_TYPE, "application/json; charset=utf-8")];
    (kind, body.to_string()).into_response()
}

/// A file's bytes, with the bot's token and `files:read`; else the page on which people sign in, with
/// status 200, as Slack has it.
async fn file(State(slack): State<SimSlack>, headers: HeaderMap, uri: Uri) -> Response {
    let granted = admitted(&slack, "", &headers, &mut Args::default()).unwrap_or_default();
    let may = granted.iter().any(|scope| scope == "files:read");
    let file = slack.read(|world| world.files.get(uri.path()).filter(|_| may).cloned());
    match file {
        Some(file) => ([(header::CONTENT_TYPE, file.mimetype)], file.bytes).into_response(),
        None => {
            let body = "<!DOCTYPE html><html><title>Sign in | Slack</title></html>";
            ([(header::CONTENT_TYPE, "text/html; charset=utf-8")], body).into_response()
        }
    }
}

impl SimSlack {
    /// Whether a token that is right may be used for now; the app-level token always may.
    fn accepts_token(&self, method: &str) -> Result<(), Refusal> {
        let refused = self.read(|world| world.settings.token_refused.clone());
        match refused.filter(|_| method != CONNECTIONS_OPEN) {
            Some(code) => Err(Refusal::new(&code)),
            None => Ok(()),
        }
    }

    fn call(&self, method: &Method, scopes: &[String], args: &Args) -> Answer {
        if method.name == CONNECTIONS_OPEN && self.see_hub(|hub| hub.is_off) {
            return Err(Refusal::new("link_disabled"));
        }
        let now = self.now();
        self.change(|world| {
            let mut ask = Ask { world, args, method: method.name, scopes, now };
            ask.has_scope(method.scope)?;
            (method.run)(&mut ask)
        })
    }
}

pub(super) fn outcome(answer: &Answer) -> String {
    match answer {
        Ok(_) => "ok".to_owned(),
        Err(refusal) => refusal.code.clone(),
    }
}

/// The scopes of a call's token, if it may be used for now.
fn admitted(
    slack: &SimSlack,
    method: &str,
    headers: &HeaderMap,
    args: &mut Args,
) -> Result<Vec<String>, Refusal> {
    let scopes = token(slack, method, headers, args)?;
    slack.accepts_token(method)?;
    Ok(scopes)
}

/// From the header or the `token` argument, which is taken out so that no log has it. Its scopes.
fn token(
    slack: &SimSlack,
    method: &str,
    headers: &HeaderMap,
    args: &mut Args,
) -> Result<Vec<String>, Refusal> {
    let (team, now) = (slack.team(), slack.now());
    let bearer = text_header(headers, header::AUTHORIZATION).strip_prefix("Bearer ");
    let given = args.given.remove("token");
    let field = given.as_ref().and_then(Value::as_str);
    match bearer.or(field).filter(|token| !token.is_empty()) {
        None => Err(Refusal::new("not_authed")),
        Some(fixed::APP_TOKEN) if method == CONNECTIONS_OPEN => {
            Ok(slack.read(|world| world.settings.app_scopes.clone()))
        }
        Some(fixed::APP_TOKEN) => Err(Refusal::new("not_allowed_token_type")),
        Some(token) => {
            let is_fixed = token == team.token;
            let accepted = slack.read(|world| world.grants.accepts(token, is_fixed, now));
            match accepted {
                Some(_) if method == CONNECTIONS_OPEN => {
                    Err(Refusal::new("not_allowed_token_type"))
                }
                Some(accepted) => accepted.map(|()| slack.read(|world| world.scopes(is_fixed))),
                None => Err(Refusal::new("invalid_auth")),
            }
        }
    }
}

pub(super) fn text_header(headers: &HeaderMap, name: header::HeaderName) -> &str {
    headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default()
}

fn scopes(granted: &[String], accepted: &str, headers: &mut HeaderMap) {
    let granted = granted.join(",");
    for (name, value) in
        [("x-oauth-scopes", granted.as_str()), ("x-accepted-oauth-scopes", accepted)]
    {
        if let Some(value) = HeaderValue::from_str(value).ok().filter(|value| !value.is_empty()) {
            headers.insert(name, value);
        }
    }
}

/// Logs the call and answers it, with the fault that gate or plan have for it.
pub(super) async fn with_fault(
    slack: &SimSlack,
    cut: &Cut,
    mut call: Call,
    run: impl FnOnce() -> (String, Response),
) -> Response {
    // The gate is asked first and outside the lock: it may look at the simulation itself.
    let gated = slack.gate_says(&call);
    let fault = slack.change(|world| {
        gated
            .or_else(|| planned(&mut world.plans, &call.method))
            .or_else(|| rates::exceeded(world, &call))
    });
    call.fault.clone_from(&fault);
    let index = slack.change(|world| {
        world.calls.push(call);
        world.calls.len() - 1
    });
    let Some(fault) = fault else {
        let (did, response) = run();
        slack.note(index, did);
        return response;
    };
    if !fault.commits() {
        return instead(cut, &fault).await;
    }
    let (did, response) = run();
    slack.note(index, did);
    afterwards(cut, &fault, response).await
}

async fn instead(cut: &Cut, fault: &Fault) -> Response {
    match fault {
        Fault::Error(code) => said(&answer::body(Err(Refusal::new(code)))),
        Fault::Limited(after) => limited(*after),
        Fault::Status(status) => page(*status),
        Fault::HangBefore => std::future::pending().await,
        Fault::DropBefore => dropped(cut),
        Fault::HangAfter | Fault::DropAfter | Fault::ErrorAfter | Fault::Slow(_) => page(500),
    }
}

async fn afterwards(cut: &Cut, fault: &Fault, response: Response) -> Response {
    match fault {
        Fault::HangAfter => std::future::pending().await,
        Fault::DropAfter => dropped(cut),
        Fault::ErrorAfter => said(&answer::body(Err(Refusal::new("internal_error")))),
        Fault::Slow(time) => {
            tokio::time::sleep(*time).await;
            response
        }
        Fault::Error(_)
        | Fault::Limited(_)
        | Fault::Status(_)
        | Fault::HangBefore
        | Fault::DropBefore => response,
    }
}

fn limited(after: Option<u32>) -> Response {
    let body = answer::body(Err(Refusal::new("ratelimited")));
    let mut response = said(&body);
    *response.status_mut() = StatusCode::TOO_MANY_REQUESTS;
    if let Some(seconds) = after {
        response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from(seconds));
    }
    response
}

fn page(status: u16) -> Response {
    let status = StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let body = format!("<html><body><h1>{status}</h1></body></html>");
    (status, [(header::CONTENT_TYPE, "text/html; charset=utf-8")], body).into_response()
}

/// Whatever is returned is never written: the connection's next write fails.
fn dropped(cut: &Cut) -> Response {
    cut.close();
    Response::new(Body::empty())
}
