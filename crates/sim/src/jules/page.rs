//! Pages: sizes, tokens and the query parameters a call may carry (reference §1.2, §1.3).

use super::call::{Call, Op};
use super::reply::Refusal;
use super::schema::snake;
use data_encoding::BASE64URL_NOPAD;
use jiff::Timestamp;

/// Google's own parameters, allowed on every call. `key` is allowed but is not how one signs in.
const SYSTEM: [&str; 7] = ["fields", "$fields", "alt", "$alt", "prettyPrint", "quotaUser", "key"];

/// The paging parameters by their JSON and proto names.
const PAGING: [&str; 5] = ["filter", "pageSize", "page_size", "pageToken", "page_token"];

/// Refuses any query parameter that the operation does not have.
pub(super) fn check_query(call: &Call) -> Result<(), Refusal> {
    let lists = matches!(call.op, Op::ListSessions | Op::ListActivities | Op::ListSources);
    for (name, _) in &call.query {
        let known = name.as_str();
        let fits = SYSTEM.contains(&known) || (lists && PAGING.contains(&known));
        if !fits {
            return Err(Refusal::invalid(
                "",
                format!(
                    "Invalid JSON payload received. Unknown name \"{name}\": Cannot bind query \
                     parameter. Field '{name}' could not be found in request message."
                ),
            ));
        }
    }
    Ok(())
}

/// A parameter by its JSON name or its proto name.
pub(super) fn param<'a>(call: &'a Call, name: &str) -> Option<&'a str> {
    call.param(name).or_else(|| call.param(&snake(name)))
}

/// The page size: `default` when not given or 0, at most 100, never negative.
pub(super) fn size(call: &Call, default: usize) -> Result<usize, Refusal> {
    let Some(text) = param(call, "pageSize") else { return Ok(default) };
    let bad = |what: &str| {
        Refusal::invalid("page_size", format!("Invalid value at 'page_size' ({what}), \"{text}\""))
    };
    match text.parse::<i32>() {
        Ok(0) => Ok(default),
        Ok(n) => usize::try_from(n).map(|n| n.min(100)).map_err(|_| bad("must not be negative")),
        Err(_) => Err(bad("TYPE_INT32")),
    }
}

/// The page token, when one was sent.
pub(super) fn token(call: &Call) -> Option<&str> {
    param(call, "pageToken").filter(|t| !t.is_empty())
}

fn bad_token() -> Refusal {
    Refusal::invalid("page_token", "Invalid page token.")
}

/// A place in the list of sessions: the session that the page starts with. Opaque to clients.
pub(super) fn session_token(created: Timestamp, id: &str) -> String {
    BASE64URL_NOPAD.encode(format!("{}:{id}", created.as_nanosecond()).as_bytes())
}

/// Reads a [`session_token`].
pub(super) fn read_session_token(token: &str) -> Result<(Timestamp, String), Refusal> {
    let bytes = BASE64URL_NOPAD.decode(token.as_bytes()).map_err(|_| bad_token())?;
    let text = String::from_utf8(bytes).map_err(|_| bad_token())?;
    let (nanos, id) = text.split_once(':').ok_or_else(bad_token)?;
    Ok((read_activity_token(nanos)?, id.to_owned()))
}

/// A place in the list of activities: decimal nanoseconds, "the first one at or after this time".
/// Live tokens look like this, and clients are known to build their own.
pub(super) fn activity_token(created: Timestamp) -> String {
    created.as_nanosecond().to_string()
}

/// Reads an [`activity_token`].
pub(super) fn read_activity_token(token: &str) -> Result<Timestamp, Refusal> {
    let nanos = token.parse::<i128>().map_err(|_| bad_token())?;
    Timestamp::from_nanosecond(nanos).map_err(|_| bad_token())
}

/// A token of the sources' list is the id of the next source; anything shaped like one will do.
pub(super) fn read_source_token(token: &str) -> Result<&str, Refusal> {
    if token.starts_with("github/") { Ok(token) } else { Err(bad_token()) }
}
