//! The model as JSON, with proto3's habit of leaving out defaults: no `false`, no 0, no empty
//! text, no empty list (reference §1.8). Empty *messages* stay: `sessionCompleted` is `{}`.

use super::ids::rfc3339;
use super::model::{Activity, SessionState, SourceState};
use jiff::Timestamp;
use serde_json::{Value, json};

/// Leaves out what proto3 leaves out, at every depth.
pub(super) fn prune(value: Value) -> Value {
    match value {
        Value::Object(map) => Value::Object(
            map.into_iter().map(|(k, v)| (k, prune(v))).filter(|(_, v)| !is_default(v)).collect(),
        ),
        Value::Array(items) => Value::Array(items.into_iter().map(prune).collect()),
        plain @ (Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_)) => plain,
    }
}

fn is_default(value: &Value) -> bool {
    match value {
        Value::Null | Value::Bool(false) => true,
        Value::Bool(true) | Value::Object(_) => false,
        Value::Number(n) => n.as_i64() == Some(0),
        Value::String(s) => s.is_empty(),
        Value::Array(items) => items.is_empty(),
    }
}

/// A session as it is read.
pub(super) fn session(session: &SessionState, now: Timestamp) -> Value {
    let outputs: Vec<&Value> =
        session.outputs.iter().filter(|o| o.seen_from <= now).map(|o| &o.json).collect();
    prune(json!({
        "name": format!("sessions/{}", session.id),
        "id": session.id,
        "prompt": session.prompt,
        "title": session.title,
        "sourceContext": session.source_context,
        "state": session.state.as_str(),
        "url": format!("https://jules.google.com/session/{}", session.id),
        "createTime": rfc3339(session.created),
        "updateTime": rfc3339(session.updated),
        "outputs": outputs,
        "archived": session.archived,
    }))
}

/// A session as create answers it: the two input-only fields are echoed (reference §3.1).
pub(super) fn created(session: &SessionState, now: Timestamp) -> Value {
    let mut json = self::session(session, now);
    if session.auto_pr {
        json["automationMode"] = json!("AUTO_CREATE_PR");
    }
    if session.gated {
        json["requirePlanApproval"] = json!(true);
    }
    json
}

/// The minimal answer to create, as the documentation of 2025 shows it.
pub(super) fn created_minimal(session: &SessionState) -> Value {
    prune(json!({
        "name": format!("sessions/{}", session.id),
        "id": session.id,
        "title": session.title,
        "sourceContext": session.source_context,
        "prompt": session.prompt,
    }))
}

/// An activity: its kind is a top-level key beside the rest.
pub(super) fn activity(session_id: &str, activity: &Activity) -> Value {
    let mut json = activity.content.clone();
    json.insert("name".into(), json!(format!("sessions/{session_id}/activities/{}", activity.id)));
    json.insert("id".into(), json!(activity.id));
    json.insert("createTime".into(), json!(rfc3339(activity.created)));
    json.insert("originator".into(), json!(activity.by));
    prune(Value::Object(json))
}

/// A source; one that does not tell its default branch leaves the field out.
pub(super) fn source(id: &str, source: &SourceState) -> Value {
    let named = |name: &String| json!({ "displayName": name });
    prune(json!({
        "name": format!("sources/{id}"),
        "id": id,
        "githubRepo": {
            "owner": source.owner,
            "repo": source.repo,
            "isPrivate": source.private,
            "defaultBranch": source.default_branch.as_ref().map(named),
            "branches": source.branches.iter().map(named).collect::<Vec<_>>(),
        },
    }))
}
