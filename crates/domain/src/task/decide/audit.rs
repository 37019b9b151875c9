//! What of a step goes into the audit trail. A record is stored with the decision, and written once, because it has
//! a name of its own: so it needs no lease.

use super::super::effect::Effect;
use super::super::types::ReplyKind;
use super::super::{Input, Task};
use crate::audit::{Action, ActorKind, AuditOutcome, AuditRecord};
use crate::ids::{DeliveryId, UserId};
use crate::inbound::Verb;
use crate::policy::Refusal;
use jiff::Timestamp;

/// Something that a person did to a task.
pub(super) struct Act {
    kind: Kind,
    by: UserId,
    delivery: DeliveryId,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Approve,
    AskForChanges,
    Stop,
    Say,
}

impl Kind {
    fn action(self) -> Action {
        match self {
            Self::Approve => Action::PlanApprove,
            Self::AskForChanges => Action::PlanChanges,
            Self::Stop => Action::TaskStop,
            Self::Say => Action::ReplySend,
        }
    }

    /// Whether an effect is what such an act leads to.
    fn leads_to(self, effect: &Effect) -> bool {
        match self {
            Self::Approve => matches!(effect, Effect::Approve(_)),
            Self::Stop => matches!(effect, Effect::Archive),
            Self::AskForChanges | Self::Say => matches!(effect, Effect::Send(_)),
        }
    }
}

impl Act {
    /// What an input is, if a person does something with it.
    pub(super) fn of(input: &Input) -> Option<Self> {
        let (kind, click) = match input {
            Input::Press(click, verb) => (Self::pressed(verb)?, click),
            Input::Changes { click, .. } => (Kind::AskForChanges, click),
            Input::Answer { click, .. } | Input::SentOn { click, .. } => (Kind::Say, click),
            Input::Reply(reply) if reply.kind == ReplyKind::Written => (Kind::Say, &reply.click),
            Input::Reply(_)
            | Input::FormValues { .. }
            | Input::Standing { .. }
            | Input::Seen(_)
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
        Some(Self { kind, by: click.by.clone(), delivery: click.delivery.clone() })
    }

    fn pressed(verb: &Verb) -> Option<Kind> {
        match verb {
            Verb::Approve(_) => Some(Kind::Approve),
            Verb::Stop => Some(Kind::Stop),
            Verb::Nudge | Verb::SendAnyway(_) => Some(Kind::Say),
            Verb::Choose(_)
            | Verb::Resume
            | Verb::OpenForm
            | Verb::AskChanges(_)
            | Verb::AskStop
            | Verb::Retry
            | Verb::EditRetry
            | Verb::Answer(_)
            | Verb::ShowChanges(_)
            | Verb::FollowHere
            | Verb::MoveHere
            | Verb::CancelFollow
            | Verb::ShowMessages(_)
            | Verb::Begin
            | Verb::Dismiss
            | Verb::ListenToAll
            | Verb::DropHeld(_)
            | Verb::StartInstead(_)
            | Verb::SendReview(_)
            | Verb::SendChecks
            | Verb::NotNow(_)
            | Verb::ShowContext => None,
        }
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
            .any(|entry| entry.id >= before.next_entry && act.kind.leads_to(&entry.effect));
        let is_stopped = act.kind == Kind::Stop
            && ((self.is_over() && !before.is_over)
                || (self.progress.stopping.is_some() && !before.is_stopping));
        if is_new || is_stopped {
            let record = AuditRecord::new(act.kind.action(), self.team.clone(), &act.delivery, now)
                .by(act.by);
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

    /// Puts on record what whoever runs the app did.
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
