//! What of a step goes into the audit trail. A record is stored with the decision, and written once, because it has
//! a name of its own: so it needs no lease.

use super::super::effect::Effect;
use super::super::types::ReplyKind;
use super::super::{Input, Task};
use crate::audit::{Action, ActorKind, AuditOutcome, AuditRecord};
use crate::ids::{DeliveryId, UserId};
use crate::policy::Refusal;
use jiff::Timestamp;

/// Something that a person did to a task.
pub(super) struct Act {
    action: Action,
    by: UserId,
    delivery: DeliveryId,
}

/// Whether an effect is what such an act leads to.
fn leads_to(action: Action, effect: &Effect) -> bool {
    matches!(
        (action, effect),
        (Action::PlanApprove, Effect::Approve(_))
            | (Action::TaskStop, Effect::Archive)
            | (Action::PlanChanges | Action::ReplySend, Effect::Send(_))
    )
}

impl Act {
    /// What an input is, if a person does something with it.
    pub(super) fn of(input: &Input) -> Option<Self> {
        let (action, click) = match input {
            Input::Press(click, verb) => (verb.spec().recorded?, click),
            Input::Changes { click, .. } => (Action::PlanChanges, click),
            Input::Answer { click, .. } | Input::SentOn { click, .. } => (Action::ReplySend, click),
            Input::Reply(reply) if reply.kind == ReplyKind::Written => {
                (Action::ReplySend, &reply.click)
            }
            Input::Reply(_)
            | Input::FormValues { .. }
            | Input::Standing { .. }
            | Input::Seen(_)
            | Input::Unread { .. }
            | Input::Gone
            | Input::Blocked(_)
            | Input::Outsider(_)
            | Input::Returned
            | Input::Retried(_)
            | Input::HandOver(_)
            | Input::Moved(_)
            | Input::Beside { .. }
            | Input::Operated(_)
            | Input::Pull { .. }
            | Input::Done { .. } => return None,
        };
        Some(Self { action, by: click.by.clone(), delivery: click.delivery.clone() })
    }
}

/// How a task was before a step, as far as it shows whether an act was obeyed.
pub(super) struct Before {
    next_entry: u32,
    is_over: bool,
    is_stopping: bool,
}

impl Task {
    pub(super) fn before(&self) -> Before {
        Before {
            next_entry: self.next_entry,
            is_over: self.is_over(),
            is_stopping: self.progress.stopping.is_some(),
        }
    }

    /// Puts an act that was obeyed on record.
    pub(super) fn record_act(&mut self, act: Act, before: &Before, now: Timestamp) {
        let is_new = self
            .outbox
            .iter()
            .any(|entry| entry.id >= before.next_entry && leads_to(act.action, &entry.effect));
        let is_stopped = act.action == Action::TaskStop
            && ((self.is_over() && !before.is_over)
                || (self.progress.stopping.is_some() && !before.is_stopping));
        if is_new || is_stopped {
            let record =
                AuditRecord::new(act.action, self.team.clone(), &act.delivery, now).by(act.by);
            self.put_on_record(record);
        }
    }

    /// Puts on record that the task begins: it has its repository, and its card comes next.
    pub(super) fn record_start(&mut self, now: Timestamp) {
        let action = if self.followed.is_some() {
            Action::TaskFollow
        } else if self.is_successor() {
            Action::TaskRetry
        } else {
            Action::TaskStart
        };
        let named = DeliveryId::of(&["start", self.id.as_str()]);
        let record =
            AuditRecord::new(action, self.team.clone(), &named, now).by(self.author.clone());
        self.put_on_record(record);
    }

    /// Puts on record that a rule kept the task from beginning.
    pub(super) fn record_refusal(&mut self, refusal: &Refusal, now: Timestamp) {
        let named = DeliveryId::of(&["refused", self.id.as_str()]);
        let record = AuditRecord::new(Action::TaskRefused, self.team.clone(), &named, now);
        let record = AuditRecord {
            outcome: AuditOutcome::Refused,
            rule: Some(refusal.rule().to_owned()),
            ..record.by(self.author.clone())
        };
        self.put_on_record(record);
    }

    /// Puts on record what the operator did.
    pub(super) fn record_operator(&mut self, action: Action, now: Timestamp) {
        let named = DeliveryId::of(&["operator", self.id.as_str(), &now.to_string()]);
        let record = AuditRecord::new(action, self.team.clone(), &named, now);
        self.put_on_record(AuditRecord { kind: ActorKind::Operator, ..record });
    }

    fn put_on_record(&mut self, record: AuditRecord) {
        let by_app = self.entrance.by_app.is_some() && record.user.as_ref() == Some(&self.author);
        let kind = match (record.kind, by_app) {
            (ActorKind::Operator, _) => ActorKind::Operator,
            (_, true) => ActorKind::App,
            (_, false) => ActorKind::Person,
        };
        let record = AuditRecord {
            kind,
            task: Some(self.id.clone()),
            session: self.session.as_ref().map(|session| session.id.clone()),
            repo: self.repo().map(ToString::to_string),
            channel: self.channel.clone(),
            origin: Some(self.entrance.way),
            account: Some(self.account.clone()),
            ..record
        };
        self.records.push(record);
    }
}
