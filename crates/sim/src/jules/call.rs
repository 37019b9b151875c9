//! Which operation a request is for, and the record of it that tests read.
//!
//! The paths are Google's: `:verb` endings and names with slashes, which no path pattern of a
//! router can say; hence routing by segments, by hand.

use jiff::Timestamp;
use percent_encoding::percent_decode_str;
use serde_json::Value;

/// The twelve operations of the API (reference §1.2), and everything else.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Op {
    /// `POST /sessions`
    CreateSession,
    /// `GET /sessions/{id}`
    GetSession,
    /// `GET /sessions`
    ListSessions,
    /// `DELETE /sessions/{id}`
    DeleteSession,
    /// `POST /sessions/{id}:sendMessage`
    SendMessage,
    /// `POST /sessions/{id}:approvePlan`
    ApprovePlan,
    /// `POST /sessions/{id}:archive`
    ArchiveSession,
    /// `POST /sessions/{id}:unarchive`
    UnarchiveSession,
    /// `GET /sessions/{id}/activities`
    ListActivities,
    /// `GET /sessions/{id}/activities/{activity}`
    GetActivity,
    /// `GET /sources`
    ListSources,
    /// `GET /sources/{name with slashes}`
    GetSource,
    /// A path or a method that the API does not have.
    Unknown,
}

impl Op {
    /// The operation's name in Google's service definition, as a 401 tells it.
    #[must_use]
    pub fn method_name(self) -> &'static str {
        match self {
            Self::CreateSession => "CreateSession",
            Self::GetSession => "GetSession",
            Self::ListSessions => "ListSessions",
            Self::DeleteSession => "DeleteSession",
            Self::SendMessage => "SendMessage",
            Self::ApprovePlan => "ApprovePlan",
            Self::ArchiveSession => "ArchiveSession",
            Self::UnarchiveSession => "UnarchiveSession",
            Self::ListActivities => "ListActivities",
            Self::GetActivity => "GetActivity",
            Self::ListSources => "ListSources",
            Self::GetSource => "GetSource",
            Self::Unknown => "Unknown",
        }
    }
}

/// One request as it arrived, whatever was answered.
#[derive(Debug, Clone, PartialEq)]
pub struct Call {
    /// What it was for.
    pub op: Op,
    /// The HTTP method.
    pub method: String,
    /// The path as sent, `/v1alpha` included, without the query.
    pub path: String,
    /// Query parameters in order, decoded.
    pub query: Vec<(String, String)>,
    /// The JSON body; `Null` when there was none or it was not JSON.
    pub body: Value,
    /// The value of `X-Goog-Api-Key`.
    pub key: Option<String>,
    /// When it arrived, by the simulation's clock.
    pub at: Timestamp,
}

impl Call {
    /// The first value of a query parameter.
    #[must_use]
    pub fn param(&self, name: &str) -> Option<&str> {
        self.query.iter().find(|(n, _)| n == name).map(|(_, v)| v.as_str())
    }
}

/// Where a request leads.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Route {
    /// An operation, with the id of the session or the name of the source, and of the activity.
    To { op: Op, id: String, activity: String },
    /// The path is one of the API's, the method is not.
    WrongMethod,
    /// No such path.
    Nowhere,
}

impl Route {
    pub(super) fn op(&self) -> Op {
        match self {
            Self::To { op, .. } => *op,
            Self::WrongMethod | Self::Nowhere => Op::Unknown,
        }
    }
}

/// Finds the operation for a method and a raw path.
pub(super) fn route(method: &str, path: &str) -> Route {
    let Some(rest) = path.strip_prefix("/v1alpha/") else { return Route::Nowhere };
    let segments: Vec<String> = rest.split('/').map(decoded).collect();
    if segments.iter().any(String::is_empty) {
        return Route::Nowhere;
    }
    let parts: Vec<&str> = segments.iter().map(String::as_str).collect();
    match parts.as_slice() {
        ["sessions"] => pick(method, &[("GET", Op::ListSessions), ("POST", Op::CreateSession)], ""),
        ["sessions", last] => match last.split_once(':') {
            Some((id, verb)) => {
                verb_of(verb).map_or(Route::Nowhere, |op| pick(method, &[("POST", op)], id))
            }
            None => pick(method, &[("GET", Op::GetSession), ("DELETE", Op::DeleteSession)], last),
        },
        ["sessions", id, "activities"] => pick(method, &[("GET", Op::ListActivities)], id),
        ["sessions", id, "activities", activity] => {
            match pick(method, &[("GET", Op::GetActivity)], id) {
                Route::To { op, id, .. } => Route::To { op, id, activity: (*activity).to_owned() },
                other @ (Route::WrongMethod | Route::Nowhere) => other,
            }
        }
        ["sources"] => pick(method, &[("GET", Op::ListSources)], ""),
        ["sources", name @ ..] => pick(method, &[("GET", Op::GetSource)], &name.join("/")),
        _ => Route::Nowhere,
    }
}

/// A path segment decoded, but for slashes: an escaped one is never the slash between two names.
fn decoded(segment: &str) -> String {
    percent_decode_str(segment).decode_utf8_lossy().replace('/', "%2F")
}

fn verb_of(verb: &str) -> Option<Op> {
    match verb {
        "sendMessage" => Some(Op::SendMessage),
        "approvePlan" => Some(Op::ApprovePlan),
        "archive" => Some(Op::ArchiveSession),
        "unarchive" => Some(Op::UnarchiveSession),
        _ => None,
    }
}

fn pick(method: &str, choices: &[(&str, Op)], id: &str) -> Route {
    match choices.iter().find(|(m, _)| *m == method) {
        Some((_, op)) => Route::To { op: *op, id: id.to_owned(), activity: String::new() },
        None => Route::WrongMethod,
    }
}
