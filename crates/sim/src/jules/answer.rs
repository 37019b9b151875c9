//! From a request to a reply, in the order in which Google's layers look at it: path, method, key,
//! parameters, body, and only then the service itself.

use super::call::{Call, Op, Route};
use super::mask::Mask;
use super::model::{EmptyReply, World};
use super::reply::{Refusal, Reply};
use super::schema::{self, Message};
use super::{page, reads, script, writes};
use jiff::Timestamp;
use serde_json::{Value, json};

/// Answers one request as the service would when nothing is wrong with it.
pub(super) fn answer(
    world: &mut World,
    call: &Call,
    route: &Route,
    raw: &[u8],
    now: Timestamp,
) -> Reply {
    let Route::To { id, activity, .. } = route else { return stray(call, route) };
    let key = match call.key.as_deref() {
        Some(key) if world.accounts.get(key).is_some_and(|a| !a.revoked) => key,
        _ => return Refusal::unauthenticated(call.op).into(),
    };
    script::advance(world, key, now);
    let manners = world.accounts.get(key).map(|account| &account.manners);
    let forgotten = manners.map(|manners| manners.forgotten.clone()).unwrap_or_default();
    let names_them = manners.is_some_and(|manners| manners.names_what_is_forgotten);
    let empty = manners.map_or(EmptyReply::Braces, |manners| manners.empty_reply);
    let mask = match checked(call).and_then(|mask| mask.without(&forgotten, names_them)) {
        Ok(mask) => mask,
        Err(refusal) => return refusal.into(),
    };
    let target = Target { key, id, activity };
    match body(call.op, raw).and_then(|body| perform(world, call, target, &body, now)) {
        Err(refusal) => refusal.into(),
        Ok(_) if is_empty(call.op) && empty == EmptyReply::Nothing => {
            Reply::typed(200, "application/json; charset=UTF-8", Vec::new())
        }
        Ok(value) => Reply::json(200, &forget(mask.apply(value), &forgotten)),
    }
}

/// A reply without the fields that there are no more.
fn forget(value: Value, forgotten: &[String]) -> Value {
    match value {
        Value::Object(fields) => {
            let known = fields.into_iter().filter(|(name, _)| !forgotten.contains(name));
            Value::Object(known.map(|(name, value)| (name, forget(value, forgotten))).collect())
        }
        Value::Array(items) => items.into_iter().map(|item| forget(item, forgotten)).collect(),
        plain @ (Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_)) => plain,
    }
}

/// What a call is about.
#[derive(Clone, Copy)]
struct Target<'a> {
    key: &'a str,
    id: &'a str,
    activity: &'a str,
}

/// Unknown paths and methods get HTML from the front end; the service never sees them.
fn stray(call: &Call, route: &Route) -> Reply {
    let (method, path) = (&call.method, &call.path);
    let mut reply = match route {
        Route::WrongMethod => Reply::html(
            405,
            &format!(
                "The request method <code>{method}</code> is inappropriate for the URL \
                 <code>{path}</code>. <ins>That’s all we know.</ins>"
            ),
        ),
        Route::Nowhere | Route::To { .. } => Reply::html(
            404,
            &format!(
                "The requested URL <code>{path}</code> was not found on this server. \
                 <ins>That’s all we know.</ins>"
            ),
        ),
    };
    if method == "HEAD" {
        reply.body.clear();
    }
    reply
}

fn checked(call: &Call) -> Result<Mask, Refusal> {
    page::check_query(call)?;
    let alt = call.param("alt").or_else(|| call.param("$alt")).unwrap_or("json");
    if alt != "json" {
        return Err(Refusal::invalid("alt", format!("Invalid value at 'alt': \"{alt}\"")));
    }
    match call.param("fields").or_else(|| call.param("$fields")) {
        Some(text) if !text.is_empty() => Mask::parse(text, reply_type(call.op)),
        _ => Ok(Mask::default()),
    }
}

fn reply_type(op: Op) -> &'static Message {
    match op {
        Op::CreateSession | Op::GetSession | Op::ArchiveSession | Op::UnarchiveSession => {
            &schema::SESSION
        }
        Op::ListSessions => &schema::SESSION_LIST,
        Op::ListActivities => &schema::ACTIVITY_LIST,
        Op::GetActivity => &schema::ACTIVITY,
        Op::ListSources => &schema::SOURCE_LIST,
        Op::GetSource => &schema::SOURCE,
        Op::DeleteSession | Op::SendMessage | Op::ApprovePlan | Op::Unknown => &schema::EMPTY,
    }
}

fn is_empty(op: Op) -> bool {
    matches!(op, Op::DeleteSession | Op::SendMessage | Op::ApprovePlan)
}

/// The body as JSON; no bytes are an empty message. Reads take none.
fn body(op: Op, raw: &[u8]) -> Result<Value, Refusal> {
    let takes_one = matches!(
        op,
        Op::CreateSession
            | Op::SendMessage
            | Op::ApprovePlan
            | Op::ArchiveSession
            | Op::UnarchiveSession
    );
    if raw.is_empty() {
        return Ok(json!({}));
    }
    if !takes_one {
        let text = "Invalid JSON payload received. Unknown name \"\": Request body must be empty.";
        return Err(Refusal::invalid("", text));
    }
    serde_json::from_slice(raw)
        .map_err(|_| Refusal::invalid("", "Invalid JSON payload received. Unexpected token."))
}

fn perform(
    world: &mut World,
    call: &Call,
    target: Target<'_>,
    body: &Value,
    now: Timestamp,
) -> Result<Value, Refusal> {
    let Target { key, id, activity } = target;
    let none = || schema::read(body, &schema::EMPTY, "");
    match call.op {
        Op::CreateSession => writes::create(world, key, body, now),
        Op::SendMessage => writes::send_message(world, key, id, body, now),
        Op::ApprovePlan => none().and_then(|_| writes::approve_plan(world, key, id, now)),
        Op::ArchiveSession => none().and_then(|_| writes::archive(world, key, id, true, now)),
        Op::UnarchiveSession => none().and_then(|_| writes::archive(world, key, id, false, now)),
        Op::DeleteSession => writes::delete(world, key, id),
        Op::GetSession => reads::get_session(world.account(key), id, now),
        Op::ListSessions => reads::list_sessions(world.account(key), call, now),
        Op::ListActivities => reads::list_activities(world.account(key), id, call, now),
        Op::GetActivity => reads::get_activity(world.account(key), id, activity, now),
        Op::ListSources => reads::list_sources(world.account(key), call),
        Op::GetSource => reads::get_source(world.account(key), id),
        Op::Unknown => Err(Refusal::not_found()),
    }
}
