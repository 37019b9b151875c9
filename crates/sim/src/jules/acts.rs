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

/// A believable plan for a prompt.
pub(super) fn plan_for(prompt: &str, revised: bool) -> Vec<(String, String)> {
    let task: String = prompt.lines().next().unwrap_or_default().chars().take(80).collect();
    let mut steps = vec![
        (
            "Explore the code".to_owned(),
            "- Read the files that the task touches.\n- Note every place that must change.\n"
                .to_owned(),
        ),
        (format!("Make the change: {task}"), "- Edit `README.md` and `src/app.js`.\n".to_owned()),
    ];
    if revised {
        steps.push(("Take in your feedback".into(), "- Do what your message asks for.\n".into()));
    }
    steps.push(("Run the tests".into(), "- Run the whole suite and mend what breaks.\n".into()));
    steps.push(("Submit".into(), "- Commit with a message that says why.\n".into()));
    steps
}

/// A change set of two small files. `complete` adds the message for the commit, as the last one
/// of a session has it.
pub(super) fn patch(session: &SessionState, complete: bool) -> Value {
    let mut git_patch = json!({
        "unidiffPatch": DIFF,
        "baseCommitId": ids::hex_id(session.id.len() as u64) + "36ead0a4",
    });
    if complete {
        git_patch["suggestedCommitMessage"] = json!(format!(
            "feat: {}\n\nDone by Jules on request.",
            session.title.lines().next().unwrap_or_default()
        ));
    }
    let mut change_set = json!({ "gitPatch": git_patch });
    if let Some(source) = session.source() {
        change_set["source"] = json!(source);
    }
    change_set
}

const DIFF: &str = "diff --git a/README.md b/README.md\n\
index 3b18e51..a042389 100644\n\
--- a/README.md\n\
+++ b/README.md\n\
@@ -1,2 +1,3 @@\n \
# Hello\n\
-An old line\n\
+A new line\n\
+And one more\n\
diff --git a/src/app.js b/src/app.js\n\
new file mode 100644\n\
index 0000000..f0f2f76\n\
--- /dev/null\n\
+++ b/src/app.js\n\
@@ -0,0 +1,2 @@\n\
+export const name = 'website';\n\
+export default name;\n";
