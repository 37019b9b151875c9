//! Installing the app by OAuth: the page that asks a person, codes, tokens that may expire, and what ends them.
//!
//! Source: reference section 16 (Slack: Installing with OAuth, Using token rotation). A token from here is accepted next
//! to the fixed one, which is that of an app made in the workspace.

use super::answer::{Answer, Refusal, fields};
use super::args::Args;
use super::events;
use super::fault::Call;
use super::model::{World, fixed};
use super::person::{NotThere, not_there};
use super::routes::{Ask, outcome, said, with_fault};
use super::server::SimSlack;
use super::{answer, routes};
use crate::cuttable::Cut;
use crate::stamp;
use axum::body::Bytes;
use axum::extract::{ConnectInfo, RawQuery, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use data_encoding::BASE64;
use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use url::Url;

/// A code works so long, once.
const CODE_LIVES: SignedDuration = SignedDuration::from_mins(10);

/// A token that expires does after so many seconds.
const TOKEN_LIVES: i64 = 43_200;

/// So long a refresh token that was used works again: an answer may be lost.
const GRACE: SignedDuration = SignedDuration::from_secs(60);

/// What the log of calls leaves out of `oauth.v2.access`.
const SECRETS: [&str; 3] = ["code", "client_secret", "refresh_token"];

/// What OAuth has given out.
#[derive(Debug, Default)]
pub(super) struct Grants {
    codes: BTreeMap<String, Code>,
    /// Tokens that work, with when they expire.
    tokens: Vec<(String, Option<Timestamp>)>,
    /// Refresh tokens, with when they were used.
    refreshes: BTreeMap<String, Option<Timestamp>>,
    /// What was granted to the app, by all who installed it: only its removal takes anything back.
    scopes: Vec<String>,
    /// Where people may be sent back to: to these addresses and what is under them. Anywhere when there is none.
    redirects: Vec<String>,
    /// Tokens expire.
    rotates: bool,
    /// The app is installed in all workspaces of the organisation.
    pub(super) org_wide: bool,
    /// People say no.
    denies: bool,
    /// The app was removed: no token works, the fixed one neither.
    removed: bool,
}

#[derive(Debug)]
struct Code {
    redirect: String,
    /// What was asked for on the page.
    scopes: Vec<String>,
    by: String,
    made: Timestamp,
}

impl SimSlack {
    /// The app's client id, for OAuth.
    #[must_use]
    pub fn client_id(&self) -> &'static str {
        fixed::CLIENT_ID
    }

    /// The app's client secret.
    #[must_use]
    pub fn client_secret(&self) -> &'static str {
        fixed::CLIENT_SECRET
    }

    /// Makes tokens from OAuth expire after twelve hours, or not any more.
    pub fn rotate_tokens(&self, on: bool) {
        self.change(|world| world.grants.rotates = on);
    }

    /// Installs the app in all workspaces of the organisation ([`SimSlack::organisation`]) from now on: deliveries name
    /// the organisation, and interactions no workspace.
    pub fn install_org_wide(&self, on: bool) {
        self.change(|world| world.grants.org_wide = on);
    }

    /// The app's redirect URLs, as its settings list them: people are sent back to these and what is under them
    /// only. Without any, which is so at first, to any address that is `https`.
    pub fn redirect_urls(&self, urls: &[&str]) {
        let urls = urls.iter().map(|&url| url.to_owned()).collect();
        self.change(|world| world.grants.redirects = urls);
    }

    /// Has people say no on the page that asks them, or yes again.
    pub fn deny_installs(&self, on: bool) {
        self.change(|world| world.grants.denies = on);
    }

    /// Removes the app from the workspace: every token is dead, and then the app is told, twice.
    pub fn uninstall(&self) {
        let now = self.now();
        self.change(|world| {
            world.grants.end();
            events::app_left(world, now);
        });
    }

    /// Installs the app again in the app's settings: the fixed token works again.
    pub fn install_again(&self) {
        self.change(|world| world.grants.removed = false);
    }

    /// The tokens from OAuth that work now, oldest first.
    #[must_use]
    pub fn granted_tokens(&self) -> Vec<String> {
        self.read(|world| world.grants.tokens.iter().map(|(token, _)| token.clone()).collect())
    }

    /// A person opens the page at `url` (`…/oauth/v2/authorize?…`) and says yes, or no. Where the page sends their
    /// browser.
    ///
    /// # Errors
    /// [`NotThere`] when the page shows an error instead.
    pub fn authorizes(&self, url: &str, name: &str) -> Result<String, NotThere> {
        let query = Url::parse(url).ok().and_then(|url| url.query().map(str::to_owned));
        let now = self.now();
        self.change(|world| {
            let user = world.add_user(name);
            asked(world, &query.unwrap_or_default(), &user, now)
        })
    }

    /// Whether a token or a code, in a request's head, query or body, was given out here.
    pub(super) fn gave(&self, headers: &HeaderMap, query: &str, body: &[u8]) -> bool {
        let bearer = headers.get(header::AUTHORIZATION).and_then(|value| value.to_str().ok());
        let bearer = bearer.and_then(|value| value.strip_prefix("Bearer "));
        let fields = [query.as_bytes(), body].into_iter().flat_map(url::form_urlencoded::parse);
        let sent: BTreeMap<String, String> =
            fields.map(|(name, value)| (name.into_owned(), value.into_owned())).collect();
        self.read(|world| {
            let grants = &world.grants;
            let is_token = |token: &str| {
                token == world.team.token || grants.tokens.iter().any(|(known, _)| known == token)
            };
            bearer.or(sent.get("token").map(String::as_str)).is_some_and(is_token)
                || sent.get("code").is_some_and(|code| grants.codes.contains_key(code))
                || sent.get("refresh_token").is_some_and(|one| grants.refreshes.contains_key(one))
        })
    }
}

/// The page, and a person's yes or no.
fn asked(world: &mut World, query: &str, user: &str, now: Timestamp) -> Result<String, NotThere> {
    let sent: BTreeMap<String, String> =
        url::form_urlencoded::parse(query.as_bytes()).into_owned().collect();
    let of = |name: &str| sent.get(name).map(String::as_str).unwrap_or_default();
    if of("client_id") != fixed::CLIENT_ID {
        return not_there("invalid_client_id");
    }
    let scopes = of("scope").split([',', ' ']).filter(|scope| !scope.is_empty());
    let scopes: Vec<String> = scopes.map(str::to_owned).collect();
    if scopes.is_empty() {
        return not_there("no scopes requested");
    }
    let Ok(mut back) = Url::parse(of("redirect_uri")) else { return not_there("bad_redirect_uri") };
    let is_local = matches!(back.host_str(), Some("localhost" | "127.0.0.1"));
    if back.scheme() != "https" && !is_local {
        return not_there("bad_redirect_uri");
    }
    let redirects = &world.grants.redirects;
    if !redirects.is_empty() && !redirects.iter().any(|known| is_under(&back, known)) {
        return not_there("bad_redirect_uri");
    }
    if world.grants.denies {
        back.query_pairs_mut().append_pair("error", "access_denied");
    } else {
        let n = world.next();
        let code = format!("{}.{:016x}", world.team.id, n.wrapping_mul(0x9e37_79b9));
        let (redirect, by) = (of("redirect_uri").to_owned(), user.to_owned());
        let kept = Code { redirect, scopes, by, made: now };
        world.grants.codes.insert(code.clone(), kept);
        back.query_pairs_mut().append_pair("code", &code);
    }
    back.query_pairs_mut().append_pair("state", of("state"));
    Ok(back.to_string())
}

/// Whether an address is a registered one, or under it: on the same host, and below its path.
fn is_under(address: &Url, registered: &str) -> bool {
    let Ok(registered) = Url::parse(registered) else { return false };
    let below = address.path().strip_prefix(registered.path().trim_end_matches('/'));
    address.origin() == registered.origin()
        && below.is_some_and(|below| below.is_empty() || below.starts_with('/'))
}

/// The page, for a browser: there is one person who may install apps, and they say at once what they say.
pub(super) async fn page(State(slack): State<SimSlack>, RawQuery(query): RawQuery) -> Response {
    let now = slack.now();
    let sent = slack.change(|world| {
        let admin = world.users.iter().find(|user| user.admin || !user.bot);
        let admin = admin.map(|user| user.id.clone());
        let user = admin.unwrap_or_else(|| world.add_user("ann"));
        asked(world, &query.unwrap_or_default(), &user, now)
    });
    match sent {
        Ok(to) => (StatusCode::FOUND, [(header::LOCATION, to)]).into_response(),
        Err(why) => (StatusCode::BAD_REQUEST, why.to_string()).into_response(),
    }
}

/// `oauth.v2.access`: the app itself is identified, by HTTP Basic or in the fields, and no token. The fields may be
/// in the query.
pub(super) async fn access(
    State(slack): State<SimSlack>,
    ConnectInfo(cut): ConnectInfo<Cut>,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let content_type = routes::text_header(&headers, header::CONTENT_TYPE);
    let args = Args::read(&query.unwrap_or_default(), content_type, &body, false);
    let now = slack.now();
    let mut logged = args.as_ref().map(|args| args.given.clone()).unwrap_or_default();
    logged.retain(|name, _| !SECRETS.contains(&name.as_str()));
    let call = Call {
        method: "oauth.v2.access".to_owned(),
        args: Value::Object(logged),
        token_ok: args.as_ref().is_ok_and(|args| identified(&headers, args).is_ok()),
        at: now,
        did: None,
        fault: None,
    };
    let run = || {
        let answer = args.and_then(|args| {
            identified(&headers, &args)?;
            slack.change(|world| granted(world, &args, now))
        });
        (outcome(&answer), said(&answer::body(answer)))
    };
    let mut response = with_fault(&slack, &cut, call, run).await;
    stamp(response.headers_mut(), now);
    response
}

fn identified(headers: &HeaderMap, args: &Args) -> Result<(), Refusal> {
    let basic = routes::text_header(headers, header::AUTHORIZATION).strip_prefix("Basic ");
    let basic = basic.and_then(|basic| BASE64.decode(basic.as_bytes()).ok());
    let basic = basic.and_then(|basic| String::from_utf8(basic).ok());
    let (id, secret) = match basic.as_deref().and_then(|basic| basic.split_once(':')) {
        Some((id, secret)) => (Some(id.to_owned()), Some(secret.to_owned())),
        None => (args.text("client_id"), args.text("client_secret")),
    };
    if id.as_deref() != Some(fixed::CLIENT_ID) {
        return Err(Refusal::new("invalid_client_id"));
    }
    if secret.as_deref() != Some(fixed::CLIENT_SECRET) {
        return Err(Refusal::new("bad_client_secret"));
    }
    Ok(())
}

fn granted(world: &mut World, args: &Args, now: Timestamp) -> Answer {
    let by = match args.text("grant_type").as_deref() {
        None | Some("authorization_code") => {
            let code = redeemed(world, args, now)?;
            let (allowed, granted) = (&world.settings.scopes, &mut world.grants.scopes);
            for scope in code.scopes {
                // What the app asks for may be declined.
                if allowed.contains(&scope) && !granted.contains(&scope) {
                    granted.push(scope);
                }
            }
            Some(code.by)
        }
        Some("refresh_token") => {
            refreshed(world, args, now)?;
            None
        }
        Some(_) => return Err(Refusal::new("invalid_grant_type")),
    };
    let n = world.next();
    let scope = world.scopes(false).join(",");
    let (team, grants) = (world.team, &mut world.grants);
    let id = team.id;
    let (token, expires) = match grants.rotates {
        true => {
            let expires = now + SignedDuration::from_secs(TOKEN_LIVES);
            (format!("xoxe.xoxb-1-simulated-{id}-{n}"), Some(expires))
        }
        false => (format!("xoxb-simulated-{id}-{n}"), None),
    };
    grants.removed = false;
    grants.tokens.push((token.clone(), expires));
    // Of tokens that expire two work at a time.
    if grants.rotates && grants.tokens.len() > 2 {
        grants.tokens.remove(0);
    }
    let mut answer = json!({
        "access_token": token,
        "token_type": "bot",
        "scope": scope,
        "bot_user_id": fixed::BOT_USER,
        "app_id": fixed::APP,
    });
    if grants.rotates {
        let refresh = format!("xoxe-1-simulated-{id}-{n}");
        grants.refreshes.insert(refresh.clone(), None);
        answer["refresh_token"] = json!(refresh);
        answer["expires_in"] = json!(TOKEN_LIVES);
    }
    let enterprise = world
        .organisation
        .as_ref()
        .map(|id| json!({ "id": id, "name": format!("{} Org", team.name) }));
    answer["enterprise"] = json!(enterprise);
    answer["is_enterprise_install"] = json!(grants.org_wide);
    answer["team"] = match grants.org_wide {
        true => Value::Null,
        false => json!({ "name": team.name, "id": id }),
    };
    if let Some(by) = by {
        answer["authed_user"] = json!({ "id": by });
    }
    Ok(fields(answer))
}

/// What a person's yes was to, by a code that is used up by that.
fn redeemed(world: &mut World, args: &Args, now: Timestamp) -> Result<Code, Refusal> {
    let invalid = || Refusal::new("invalid_code");
    let sent = args.text("code").ok_or_else(invalid)?;
    let code = world.grants.codes.remove(&sent).ok_or_else(invalid)?;
    if now.duration_since(code.made) > CODE_LIVES {
        return Err(invalid());
    }
    if args.text("redirect_uri").unwrap_or_default() != code.redirect {
        return Err(Refusal::new("bad_redirect_uri"));
    }
    Ok(code)
}

fn refreshed(world: &mut World, args: &Args, now: Timestamp) -> Result<(), Refusal> {
    let sent = args.text("refresh_token").unwrap_or_default();
    match world.grants.refreshes.get_mut(&sent) {
        Some(used) if used.is_none_or(|at| now.duration_since(at) <= GRACE) => {
            used.get_or_insert(now);
            Ok(())
        }
        Some(_) | None => Err(Refusal::new("invalid_refresh_token")),
    }
}

/// `auth.revoke`: the token is dead, and with the last one the app is gone.
pub(super) fn revoke(ask: &mut Ask<'_>) -> Answer {
    if !ask.args.flag("test") {
        ask.world.grants.end();
        events::app_left(ask.world, ask.now);
    }
    Ok(fields(json!({ "revoked": !ask.args.flag("test") })))
}

/// `auth.teams.list`: the workspaces that an organisation's admins have added the app to.
pub(super) fn teams(ask: &mut Ask<'_>) -> Answer {
    if !ask.world.grants.org_wide {
        return Err(Refusal::new("team_access_not_granted"));
    }
    let team = ask.world.team;
    let teams = json!([{ "id": team.id, "name": team.name }]);
    Ok(fields(json!({ "teams": teams, "response_metadata": { "next_cursor": "" } })))
}

impl World {
    /// The scopes of the fixed token, or of those from OAuth: what was granted, as far as it was not taken back since.
    pub(super) fn scopes(&self, is_fixed: bool) -> Vec<String> {
        let allowed = &self.settings.scopes;
        if is_fixed {
            return allowed.clone();
        }
        self.grants.scopes.iter().filter(|scope| allowed.contains(scope)).cloned().collect()
    }
}

impl Grants {
    /// Every token is dead.
    fn end(&mut self) {
        self.tokens.clear();
        self.refreshes.clear();
        self.scopes.clear();
        self.removed = true;
    }

    /// Whether a token from OAuth works, where it is one; and whether the fixed one does.
    pub(super) fn accepts(
        &self,
        token: &str,
        is_fixed: bool,
        now: Timestamp,
    ) -> Option<Result<(), Refusal>> {
        if is_fixed {
            return Some(if self.removed { Err(Refusal::new("account_inactive")) } else { Ok(()) });
        }
        let known = self.tokens.iter().find(|(known, _)| known == token);
        known.map(|(_, expires)| match expires {
            Some(expires) if *expires <= now => Err(Refusal::new("token_expired")),
            Some(_) | None => Ok(()),
        })
    }
}
