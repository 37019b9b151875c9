//! The newest records of the audit trail, for those who manage the workspace. Where a channel may be private, it isn't
//! named.

use crate::rich_text::{Line, Rich, say};
use domain::audit::{Action, ActorKind, AuditOutcome, AuditRecord};

/// What was done lately, newest first.
pub(super) fn latest(records: &[AuditRecord]) -> Rich {
    records.iter().fold(Rich::default(), |rich, record| rich.item(None, words(record)))
}

fn words(record: &AuditRecord) -> Line {
    let who = match (&record.user, record.kind) {
        (Some(user), _) => Line::from(user),
        (None, ActorKind::Operator) => say!("The person who runs this app"),
        (None, ActorKind::Person | ActorKind::App | ActorKind::System) => say!("This app"),
    };
    let what = match record.outcome {
        AuditOutcome::Refused => say!("was refused something"),
        AuditOutcome::Done | AuditOutcome::Asked => done(record.action),
    };
    let line = say!("{}  {} {}", record.at, who, what);
    match &record.repo {
        Some(repo) => say!("{} · {}", line, Line::code(repo)),
        None => line,
    }
}

fn done(action: Action) -> Line {
    match action {
        Action::TaskStart => say!("started a task"),
        Action::TaskRetry => say!("retried a task"),
        Action::TaskFollow => say!("brought a session here"),
        Action::TaskStop => say!("stopped a task"),
        Action::TaskResume => say!("tried a task again"),
        Action::TaskDrop => say!("dropped a task"),
        Action::TaskRefused => say!("was refused something"),
        Action::PlanApprove => say!("approved a plan"),
        Action::PlanChanges => say!("asked for changes to a plan"),
        Action::ReplySend => say!("wrote to Jules"),
        Action::KeySet => say!("connected a Jules account"),
        Action::KeyRemove => say!("removed a Jules key"),
        Action::BindingSet => say!("bound a channel"),
        Action::BindingRemove => say!("unbound a channel"),
        Action::SettingsChange => say!("changed defaults"),
        Action::AccessChange => say!("loaded the changed access rules"),
        Action::Install => say!("installed the app"),
        Action::Uninstall => say!("removed the app"),
    }
}
