//! The things that happen in a session, as activities with the shapes of reference §3.8.

use super::ids;
use super::model::{SessionState, State};
use jiff::Timestamp;
use serde_json::{Value, json};

/// `agentMessaged`.
pub(super) fn say(text: &str) -> Value {
    json!({ "agentMessaged": { "agentMessage": text } })
}

/// `userMessaged`.
pub(super) fn heard(text: &str) -> Value {
    json!({ "userMessaged": { "userMessage": text } })
}

/// `progressUpdated`; both parts may be empty, and then they are left out.
pub(super) fn progress(title: &str, description: &str) -> Value {
    json!({ "progressUpdated": { "title": title, "description": description } })
}

/// A command that was run. The description repeats it with its output, as live ones do.
pub(super) fn ran(command: &str, output: &str, exit_code: i32) -> Value {
    let description = format!("Command: \n{command}\nOutput: {output}\nExit Code: {exit_code}");
    let mut content = progress("Ran bash command", &description);
    let bash =
        json!({ "command": format!("\n{command}"), "output": output, "exitCode": exit_code });
    content["artifacts"] = json!([{ "bashOutput": bash }]);
    content
}

/// A screenshot.
pub(super) fn picture(title: &str, description: &str) -> Value {
    let mut content = progress(title, description);
    let media = json!({ "data": ONE_PIXEL, "mimeType": "image/png" });
    content["artifacts"] = json!([{ "media": media }]);
    content
}

/// The smallest PNG.
const ONE_PIXEL: &str = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJg\
                         gg==";

/// The same content with a change set as its artifact.
pub(super) fn with_patch(mut content: Value, change_set: &Value) -> Value {
    content["artifacts"] = json!([{ "changeSet": change_set }]);
    content
}

/// `planGenerated` with steps of a title and a description; the session waits for approval when
/// it was asked to and no plan was approved before.
pub(super) fn plan(
    session: &mut SessionState,
    steps: &[(String, String)],
    now: Timestamp,
    serial: u64,
) {
    let id = ids::hex_id(serial ^ (1 << 40));
    let steps: Vec<Value> = steps
        .iter()
        .enumerate()
        .map(|(index, (title, description))| {
            json!({
                "id": ids::hex_id((serial << 8) ^ (1 << 50) ^ index as u64),
                "title": title,
                "description": description,
                "index": index,
            })
        })
        .collect();
    let content = json!({ "planGenerated": { "plan": { "id": id, "steps": steps } } });
    session.record(now, serial, "agent", content);
    session.plan = Some(id);
    session.state = if session.gated && !session.approved {
        State::AwaitingPlanApproval
    } else {
        State::Planning
    };
}

/// `planApproved`, by the user even when it was automatic; work begins.
pub(super) fn approve(session: &mut SessionState, now: Timestamp, serial: u64) {
    let plan = session.plan.clone().unwrap_or_default();
    session.record(now, serial, "user", json!({ "planApproved": { "planId": plan } }));
    session.approved = true;
    session.state = State::InProgress;
}

/// `sessionFailed`, by the system; the reason is missing in a third of live failures.
pub(super) fn fail(session: &mut SessionState, reason: Option<&str>, now: Timestamp, serial: u64) {
    let content = json!({ "sessionFailed": { "reason": reason.unwrap_or_default() } });
    session.record(now, serial, "system", content);
    session.state = State::Failed;
    session.script.clear();
}

/// The plan of a session; a revised one has a step about what was asked for.
pub(super) fn plan_for(session: &SessionState, feedback: Option<&str>) -> Vec<(String, String)> {
    let mut steps = session.scenario.plan.clone();
    if let Some(feedback) = feedback {
        let quoted: Vec<String> = feedback.lines().map(|line| format!("> {line}")).collect();
        let step = ("Work in your feedback".to_owned(), format!("{}\n", quoted.join("\n")));
        steps.insert(steps.len().saturating_sub(1), step);
    }
    steps
}

/// The change set of a session. `complete` adds the message for the commit, as the last one of a session
/// has it.
pub(super) fn patch(session: &SessionState, complete: bool) -> Value {
    let mut git_patch = json!({
        "unidiffPatch": session.scenario.diff,
        "baseCommitId": ids::hex_id(session.id.len() as u64) + "36ead0a4",
    });
    if complete {
        let (line, rest) = &session.scenario.commit;
        git_patch["suggestedCommitMessage"] = json!(format!("{line}\n\n{rest}"));
    }
    let mut change_set = json!({ "gitPatch": git_patch });
    if let Some(source) = session.source() {
        change_set["source"] = json!(source);
    }
    change_set
}
