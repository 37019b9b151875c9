//! The API's message types as tables (reference §2), and the strict reading of JSON bodies.
//!
//! One table serves two readers: bodies are held against it (an unknown name is refused), and so
//! are `fields` masks.

use super::reply::Refusal;
use serde_json::{Map, Value};

/// What a field holds.
#[derive(Clone, Copy)]
pub(super) enum Kind {
    Text,
    Bool,
    Int,
    Enum(&'static str, &'static [&'static str]),
    One(&'static Message),
    Many(&'static Message),
}

/// A message type: its fields by their JSON names.
pub(super) struct Message(&'static [(&'static str, Kind)]);

impl Message {
    /// The kind of a field, by its JSON name or its proto name (`page_size`).
    pub(super) fn field(&self, name: &str) -> Option<(&'static str, Kind)> {
        let name = camel(name);
        self.0.iter().find(|(known, _)| *known == name).map(|(known, kind)| (*known, *kind))
    }
}

use Kind::{Bool, Enum, Int, Many, One, Text};

const STATES: &[&str] = &[
    "STATE_UNSPECIFIED",
    "QUEUED",
    "PLANNING",
    "AWAITING_PLAN_APPROVAL",
    "AWAITING_USER_FEEDBACK",
    "IN_PROGRESS",
    "PAUSED",
    "FAILED",
    "COMPLETED",
];
const AUTOMATION: &[&str] = &["AUTOMATION_MODE_UNSPECIFIED", "AUTO_CREATE_PR"];

const GITHUB_REPO_CONTEXT: Message = Message(&[("startingBranch", Text)]);
const SOURCE_CONTEXT: Message = Message(&[
    ("source", Text),
    ("githubRepoContext", One(&GITHUB_REPO_CONTEXT)),
    ("workingBranch", Text),
    ("environmentVariablesEnabled", Bool),
]);
const GIT_PATCH: Message =
    Message(&[("unidiffPatch", Text), ("baseCommitId", Text), ("suggestedCommitMessage", Text)]);
const CHANGE_SET: Message = Message(&[("source", Text), ("gitPatch", One(&GIT_PATCH))]);
const PULL_REQUEST: Message = Message(&[
    ("url", Text),
    ("title", Text),
    ("description", Text),
    ("baseRef", Text),
    ("headRef", Text),
]);
const OUTPUT: Message =
    Message(&[("pullRequest", One(&PULL_REQUEST)), ("changeSet", One(&CHANGE_SET))]);

/// `Session`, as sent to create and as read.
pub(super) const SESSION: Message = Message(&[
    ("name", Text),
    ("id", Text),
    ("prompt", Text),
    ("title", Text),
    ("sourceContext", One(&SOURCE_CONTEXT)),
    ("requirePlanApproval", Bool),
    ("automationMode", Enum("AutomationMode", AUTOMATION)),
    ("state", Enum("Session.State", STATES)),
    ("url", Text),
    ("createTime", Text),
    ("updateTime", Text),
    ("outputs", Many(&OUTPUT)),
    ("archived", Bool),
]);

const STEP: Message =
    Message(&[("id", Text), ("title", Text), ("description", Text), ("index", Int)]);
const PLAN: Message = Message(&[("id", Text), ("steps", Many(&STEP)), ("createTime", Text)]);
const MEDIA: Message = Message(&[("data", Text), ("mimeType", Text)]);
const BASH_OUTPUT: Message = Message(&[("command", Text), ("output", Text), ("exitCode", Int)]);
const ARTIFACT: Message = Message(&[
    ("changeSet", One(&CHANGE_SET)),
    ("media", One(&MEDIA)),
    ("bashOutput", One(&BASH_OUTPUT)),
]);
const AGENT_MESSAGED: Message = Message(&[("agentMessage", Text)]);
const USER_MESSAGED: Message = Message(&[("userMessage", Text)]);
const PLAN_GENERATED: Message = Message(&[("plan", One(&PLAN))]);
const PLAN_APPROVED: Message = Message(&[("planId", Text)]);
const PROGRESS_UPDATED: Message = Message(&[("title", Text), ("description", Text)]);
const SESSION_FAILED: Message = Message(&[("reason", Text)]);

/// `Activity`.
pub(super) const ACTIVITY: Message = Message(&[
    ("name", Text),
    ("id", Text),
    ("createTime", Text),
    ("originator", Text),
    ("description", Text),
    ("artifacts", Many(&ARTIFACT)),
    ("agentMessaged", One(&AGENT_MESSAGED)),
    ("userMessaged", One(&USER_MESSAGED)),
    ("planGenerated", One(&PLAN_GENERATED)),
    ("planApproved", One(&PLAN_APPROVED)),
    ("progressUpdated", One(&PROGRESS_UPDATED)),
    ("sessionCompleted", One(&EMPTY)),
    ("sessionFailed", One(&SESSION_FAILED)),
]);

const BRANCH: Message = Message(&[("displayName", Text)]);
const GITHUB_REPO: Message = Message(&[
    ("owner", Text),
    ("repo", Text),
    ("isPrivate", Bool),
    ("defaultBranch", One(&BRANCH)),
    ("branches", Many(&BRANCH)),
]);

/// `Source`.
pub(super) const SOURCE: Message =
    Message(&[("name", Text), ("id", Text), ("githubRepo", One(&GITHUB_REPO))]);

/// A message without fields: the bodies of approvePlan, archive and unarchive, and empty replies.
pub(super) const EMPTY: Message = Message(&[]);

/// `SendMessageRequest`: the field is `prompt`, not `message`.
pub(super) const SEND_MESSAGE: Message = Message(&[("prompt", Text)]);

/// `ListSessionsResponse`.
pub(super) const SESSION_LIST: Message =
    Message(&[("sessions", Many(&SESSION)), ("nextPageToken", Text)]);
/// `ListActivitiesResponse`.
pub(super) const ACTIVITY_LIST: Message =
    Message(&[("activities", Many(&ACTIVITY)), ("nextPageToken", Text)]);
/// `ListSourcesResponse`.
pub(super) const SOURCE_LIST: Message =
    Message(&[("sources", Many(&SOURCE)), ("nextPageToken", Text)]);

/// A proto name as its JSON name: `automation_mode` is `automationMode`.
pub(super) fn camel(name: &str) -> String {
    let mut words = name.split('_');
    let first = words.next().unwrap_or_default().to_owned();
    words.fold(first, |mut all, word| {
        let mut letters = word.chars();
        all.extend(letters.next().map(|c| c.to_ascii_uppercase()));
        all.push_str(letters.as_str());
        all
    })
}

/// A JSON name as its proto name, which is how refusals spell it.
pub(super) fn snake(name: &str) -> String {
    let mut all = String::new();
    for c in name.chars() {
        if c.is_ascii_uppercase() {
            all.push('_');
        }
        all.push(c.to_ascii_lowercase());
    }
    all
}

/// Reads a body as `message`: known names only, right types, `null` as absent. The result has
/// JSON names throughout. `root` is the proto field that the body is bound to, empty for none.
pub(super) fn read(body: &Value, message: &Message, root: &str) -> Result<Value, Refusal> {
    match body {
        Value::Object(map) => read_map(map, message, root),
        _ => Err(Refusal::invalid(
            root,
            "Invalid JSON payload received. Unknown name \"\": Root element must be a message.",
        )),
    }
}

fn read_map(map: &Map<String, Value>, message: &Message, at: &str) -> Result<Value, Refusal> {
    let mut out = Map::new();
    for (name, value) in map {
        let Some((known, kind)) = message.field(name) else {
            let place = if at.is_empty() { String::new() } else { format!(" at '{at}'") };
            let text = format!(
                "Invalid JSON payload received. Unknown name \"{name}\"{place}: Cannot find field."
            );
            return Err(Refusal::invalid(at, text));
        };
        if value.is_null() {
            continue;
        }
        let proto = snake(known);
        let path = if at.is_empty() { proto } else { format!("{at}.{proto}") };
        out.insert(known.to_owned(), read_value(value, kind, &path)?);
    }
    Ok(Value::Object(out))
}

fn read_value(value: &Value, kind: Kind, at: &str) -> Result<Value, Refusal> {
    let wrong = |what: &str| {
        let said = format!("Invalid value at '{at}' ({what}), {value}");
        Err(Refusal::invalid(at, said))
    };
    match (kind, value) {
        (Text, Value::String(_)) | (Bool, Value::Bool(_)) | (Int, Value::Number(_)) => {
            Ok(value.clone())
        }
        (Enum(_, names), Value::String(name)) if names.contains(&name.as_str()) => {
            Ok(value.clone())
        }
        (One(inner), Value::Object(map)) => read_map(map, inner, at),
        (Many(inner), Value::Array(items)) => {
            let items = items
                .iter()
                .enumerate()
                .map(|(i, item)| read_value(item, One(inner), &format!("{at}[{i}]")));
            items.collect::<Result<Vec<_>, _>>().map(Value::Array)
        }
        (Text, _) => wrong("TYPE_STRING"),
        (Bool, _) => wrong("TYPE_BOOL"),
        (Int, _) => wrong("TYPE_INT32"),
        (Enum(name, _), _) => {
            wrong(&format!("type.googleapis.com/google.labs.jules.v1alpha.{name}"))
        }
        (One(_) | Many(_), _) => wrong("TYPE_MESSAGE"),
    }
}
