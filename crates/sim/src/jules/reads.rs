//! The reading operations: lists with their pages, orders and filters, and single things
//! (reference §1.3, §1.4, §3.2, §3.3, §3.8, §3.9).

use super::call::Call;
use super::model::{AccountState, Activity, Lag, SessionState};
use super::reply::Refusal;
use super::{filter, page, wire};
use jiff::{SignedDuration, Timestamp};
use serde_json::{Map, Value, json};

type Done = Result<Value, Refusal>;

/// One page as JSON; an empty list and an absent token leave their keys out.
fn page_of(key: &str, items: Vec<Value>, next: Option<String>) -> Value {
    let mut out = Map::new();
    if !items.is_empty() {
        out.insert(key.to_owned(), Value::Array(items));
    }
    if let Some(token) = next {
        out.insert("nextPageToken".to_owned(), json!(token));
    }
    Value::Object(out)
}

/// `sessions.list`: newest first, 30 to a page, archived ones only when asked for.
pub(super) fn list_sessions(account: &AccountState, call: &Call, now: Timestamp) -> Done {
    let size = page::size(call, 30)?;
    let shown = filter::Archived::parse(page::param(call, "filter"))?;
    let from = page::token(call).map(page::read_session_token).transpose()?;
    let mut all: Vec<&SessionState> = account
        .sessions
        .iter()
        .filter(|s| shown.shows(s.archived) && s.listed_from <= now)
        .filter(|s| from.as_ref().is_none_or(|(at, id)| (s.created, &s.id) <= (*at, id)))
        .collect();
    all.sort_by(|a, b| (b.created, &b.id).cmp(&(a.created, &a.id)));
    let next = all.get(size).map(|s| page::session_token(s.created, &s.id));
    let items = all.into_iter().take(size).map(|s| wire::session(s, now)).collect();
    Ok(page_of("sessions", items, next))
}

/// `sessions.get`: archived ones too.
pub(super) fn get_session(account: &mut AccountState, id: &str, now: Timestamp) -> Done {
    account.session(id).map(|s| wire::session(s, now)).ok_or_else(Refusal::not_found)
}

/// `sessions.activities.list`: oldest first, 50 to a page, within the limit per minute, and 404
/// while the session is too young.
pub(super) fn list_activities(
    account: &mut AccountState,
    id: &str,
    call: &Call,
    now: Timestamp,
) -> Done {
    spend_activity_list(account, now)?;
    let size = page::size(call, 50)?;
    let after = filter::created_after(page::param(call, "filter"))?;
    let from = page::token(call).map(page::read_activity_token).transpose()?;
    let late = account.manners.activities_late;
    let session = account.session(id).ok_or_else(Refusal::not_found)?;
    if is_too_young(session, late, now) {
        return Err(Refusal::not_found());
    }
    let mut all: Vec<&Activity> = seen(session, now)
        .filter(|a| after.is_none_or(|t| a.created > t) && from.is_none_or(|t| a.created >= t))
        .collect();
    // Stable: those of the same time keep the order in which they happened.
    all.sort_by_key(|a| a.created);
    let next = all.get(size).map(|a| page::activity_token(a.created));
    let items = all.into_iter().take(size).map(|a| wire::activity(&session.id, a)).collect();
    Ok(page_of("activities", items, next))
}

/// `sessions.activities.get`.
pub(super) fn get_activity(
    account: &mut AccountState,
    id: &str,
    activity: &str,
    now: Timestamp,
) -> Done {
    let session = account.session(id).ok_or_else(Refusal::not_found)?;
    let found = seen(session, now).find(|a| a.id == activity);
    found.map(|a| wire::activity(&session.id, a)).ok_or_else(Refusal::not_found)
}

fn seen(session: &SessionState, now: Timestamp) -> impl Iterator<Item = &Activity> {
    session.activities.iter().filter(move |a| a.seen_from <= now)
}

fn is_too_young(session: &mut SessionState, late: Lag, now: Timestamp) -> bool {
    match late {
        Lag::None => false,
        Lag::For(time) => now.duration_since(session.created) < time,
        Lag::Calls(calls) => {
            session.late_calls += 1;
            session.late_calls <= calls
        }
    }
}

fn spend_activity_list(account: &mut AccountState, now: Timestamp) -> Result<(), Refusal> {
    let minute = SignedDuration::from_mins(1);
    account.activity_lists.retain(|at| now.duration_since(*at) < minute);
    if account.activity_lists.len() >= account.manners.activity_lists_per_minute {
        return Err(Refusal::exhausted(account.manners.retry_after.clone()));
    }
    account.activity_lists.push_back(now);
    Ok(())
}

/// `sources.list`: by id, 30 to a page; the token is the id of the next source.
pub(super) fn list_sources(account: &AccountState, call: &Call) -> Done {
    let size = page::size(call, 30)?;
    let names = filter::names(page::param(call, "filter"))?;
    let from = page::token(call).map(page::read_source_token).transpose()?.unwrap_or_default();
    let asked = |id: &str| {
        names.as_ref().is_none_or(|n| n.iter().any(|n| n.strip_prefix("sources/") == Some(id)))
    };
    let mut all = account
        .sources
        .iter()
        .filter(|(id, s)| !s.disconnected && id.as_str() >= from && asked(id));
    let items: Vec<Value> = all.by_ref().take(size).map(|(id, s)| wire::source(id, s)).collect();
    let next = all.next().map(|(id, _)| id.clone());
    Ok(page_of("sources", items, next))
}

/// `sources.get`: by exact name, letter case included (reference §9 does not know better).
pub(super) fn get_source(account: &AccountState, id: &str) -> Done {
    match account.sources.get(id).filter(|s| !s.disconnected) {
        None => Err(Refusal::not_found()),
        Some(source) if source.forbidden => Err(Refusal::denied()),
        Some(source) => Ok(wire::source(id, source)),
    }
}
