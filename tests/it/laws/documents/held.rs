//! What a task can hold: every effect, everything that is to be said, every phase. All of it is in golden files, because
//! a task that was stored before an upgrade is read after it.

use super::{golden, golden_names};
use crate::laws::variants::{Variants, complete, variants};
use crate::laws::words::samples::{causes, notices, plans, posts, statuses};
use domain::audit::AuditRecord;
use domain::fault::Cause;
use domain::ids::{MessageTs, PlanId, UserId};
use domain::pull::PullRef;
use domain::queue::{QueuePlace, Standing};
use domain::session::SessionState;
use domain::task::{Effect, FileRef, MessageOrigin, Phase, Task, UserMessage};
use serde::Serialize;
use serde_json::{Value, json};
use std::collections::BTreeSet;
use std::fs;

/// Samples that are longer are about length, and not about a shape.
const LONGEST: usize = 3_000;

/// A task has about so much to do at a time, at the most.
const AT_ONCE: usize = 15;

variants! { of_effect: Effect {
    Resolve FindSession AdoptSession Suggest Expire ReadMaterial ReadIssue ForgetMaterial PostCard Redraw CreateSession
    PostLink LeaveQueue Index Follow Post PostDm RedrawDm Remind SharePlan RedrawPlan React Unreact WatchPull TakeBack
    LinkRetry LinkMoved LinkBeside Send Approve Archive FetchResult Ephemeral RefreshElapsed
} }
variants! { of_phase: Phase { Draft Resolving Reading Carding Starting InQueue Running Stopped } }

fn ann() -> UserId {
    UserId::parse("U0ANN").expect("is one")
}

fn message() -> MessageTs {
    MessageTs::parse("1795510900.000200").expect("is one")
}

fn plan() -> PlanId {
    PlanId::parse("5103d604240042cd9f59a4cb2355643a").expect("is one")
}

fn small<T: Serialize>(samples: Vec<T>) -> impl Iterator<Item = T> {
    samples.into_iter().filter(|one| json!(one).to_string().len() < LONGEST)
}

fn effects() -> Vec<Effect> {
    let emoji = || "eyes".to_owned();
    let url = Some("https://files.slack.com/notes.txt".to_owned());
    let file = FileRef { name: "notes.txt".to_owned(), size: 12, url };
    let send = |origin| {
        let (text, files) = ("use tabs".to_owned(), vec![file.clone()]);
        Effect::Send(UserMessage { from: ann(), origin, text, files, reads: None })
    };
    let mut all = vec![
        Effect::Resolve,
        Effect::FindSession,
        Effect::AdoptSession,
        Effect::Suggest,
        Effect::Expire,
        Effect::ReadMaterial,
        Effect::ReadIssue(PullRef::parse("https://github.com/acme/web/pull/12").expect("is one")),
        Effect::ForgetMaterial,
        Effect::PostCard,
        Effect::Redraw,
        Effect::CreateSession,
        Effect::PostLink,
        Effect::LeaveQueue,
        Effect::Index,
        Effect::Follow,
        Effect::PostDm(1),
        Effect::RedrawDm(1),
        Effect::Remind,
        Effect::SharePlan(plan()),
        Effect::RedrawPlan(plan()),
        Effect::React { ts: message(), emoji: emoji() },
        Effect::Unreact { ts: message(), emoji: emoji() },
        Effect::WatchPull,
        Effect::TakeBack(message()),
        Effect::LinkRetry,
        Effect::LinkMoved,
        Effect::LinkBeside,
        send(MessageOrigin::Reply(message())),
        send(MessageOrigin::Changes(plan())),
        send(MessageOrigin::Answer),
        send(MessageOrigin::Nudge),
        Effect::Approve(plan()),
        Effect::Archive,
        Effect::FetchResult,
        Effect::RefreshElapsed,
    ];
    all.extend(small(complete(posts())).map(|post| Effect::Post { post, ping: Some(ann()) }));
    let told = |notice| Effect::Ephemeral { to: ann(), reply: None, notice };
    all.extend(small(complete(notices())).map(told));
    complete(all)
}

fn phases() -> Vec<Phase> {
    complete(vec![
        Phase::Draft { candidates: Vec::new() },
        Phase::Resolving { trouble: Some(Cause::JulesDown) },
        Phase::Reading,
        Phase::Carding,
        Phase::Starting { trouble: Some(Cause::JulesBusy) },
        Phase::InQueue { standing: Standing { place: Some(QueuePlace::near(2)), why: None } },
        Phase::Running { state: SessionState::InProgress },
        Phase::Stopped { cause: Cause::SourceGone },
    ])
}

/// Tasks that hold all of it between them, as they are stored.
fn tasks() -> Vec<Value> {
    let task: Task = serde_json::from_str(&golden("task_alive.v1")).expect("is one");
    let mut base = json!(task);
    base["v"] = json!(1);
    let entry = json!(serde_json::from_str::<Task>(&golden("task.v1")).expect("is one").outbox[0]);
    let causes = complete(causes());
    let entries = effects().into_iter().zip(causes.iter().cycle()).zip(0_u32..);
    let entries = entries.map(|((effect, cause), id)| {
        let mut entry = entry.clone();
        (entry["id"], entry["effect"], entry["cause"]) = (json!(id), json!(effect), json!(cause));
        entry
    });
    let entries: Vec<Value> = entries.collect();
    let busy = entries.chunks(AT_ONCE).map(|some| {
        let mut task = base.clone();
        task["outbox"] = json!(some);
        task
    });
    let record: AuditRecord = serde_json::from_str(&golden("audit.v1")).expect("is one");
    let mut planned = base.clone();
    planned["outbox"] = json!([]);
    planned["records"] = json!([record]);
    planned["progress"]["plans"] = plans().into_iter().map(|(_, plan)| json!(plan)).collect();
    let statuses = small(complete(statuses()));
    let drawn = statuses.zip(phases().into_iter().cycle()).map(|(status, phase)| {
        let mut task = base.clone();
        task["outbox"] = json!([]);
        task["phase"] = json!(phase);
        task["drawn"]["status"] = json!(status);
        task
    });
    busy.chain([planned.clone()]).chain(drawn).collect()
}

/// The name of a variant, as serde writes it.
fn name(value: &Value) -> Option<String> {
    let key = || value.as_object()?.keys().next().map(String::as_str);
    value.as_str().or_else(key).map(str::to_owned)
}

/// The variants that a stored task has.
fn held(task: &Value) -> BTreeSet<(&'static str, String)> {
    let mut found = BTreeSet::new();
    let mut note = |of, value: &Value| found.extend(name(value).map(|name| (of, name)));
    note("Phase", &task["phase"]);
    note("CardStatus", &task["drawn"]["status"]);
    for plan in task["progress"]["plans"].as_array().into_iter().flatten() {
        note("PlanStatus", &plan["status"]);
    }
    for entry in task["outbox"].as_array().into_iter().flatten() {
        note("Cause", &entry["cause"]);
        note("Effect", &entry["effect"]);
        note("Post", &entry["effect"]["post"]["post"]);
        note("Notice", &entry["effect"]["ephemeral"]["notice"]);
    }
    found
}

#[test]
#[expect(clippy::disallowed_methods, reason = "golden files are written by this variable")]
fn everything_that_a_task_can_hold_is_in_a_golden_file() {
    let kept: BTreeSet<_> = golden_names()
        .iter()
        .filter(|name| name.starts_with("task"))
        .flat_map(|name| held(&serde_json::from_str(&golden(name)).expect("is JSON")))
        .collect();
    let wanted: Vec<Value> = tasks();
    let missing: BTreeSet<_> =
        wanted.iter().flat_map(held).filter(|one| !kept.contains(one)).collect();
    if !missing.is_empty() && std::env::var_os("GOLDEN").is_some_and(|wanted| wanted == "new") {
        for (nth, task) in wanted.iter().enumerate() {
            let version = env!("CARGO_PKG_VERSION");
            let path = super::golden_path(&format!("task_{version}_{nth}.v1"));
            assert!(!path.exists(), "{} is there already", path.display());
            fs::write(path, serde_json::to_string_pretty(task).expect("is JSON") + "\n")
                .expect("is written");
        }
    }
    assert!(
        missing.is_empty(),
        "no golden file has {missing:?}: GOLDEN=new cargo test --test it laws::documents::held writes more of them"
    );
}
