//! The audit trail as documents: each record is written once under its own name, kept for as long as the settings
//! say, and told to the log.

use super::Engine;
use super::workspace::Caller;
use domain::audit::{Action, ActorKind, AuditOutcome, AuditRecord};
use domain::ids::{DeliveryId, TeamId};
use domain::inbound::{Answer, Inbound, Origin, Reply, Write};
use domain::message::Notice;
use domain::task::Task;
use domain::tenant::{Actor, Role, Whose};
use jiff::SignedDuration;
use platform::metrics;
use std::sync::atomic::Ordering;
use store::documents::{audit_key, audit_prefix, earlier_audit_key};
use store::records::RecordError;
use store::{Expect, PutResult};

/// A refusal is on record once for each person, rule and so much time; all are counted.
const REFUSED_EVERY: SignedDuration = SignedDuration::from_hours(1);

/// How many of the newest records Home shows.
const SHOWN: usize = 20;

/// So many are looked at for them: their names say only in which hour they were written.
const MOST_LOOKED_AT: usize = 200;

impl Engine {
    /// From now on, records are kept for so many days.
    pub(crate) fn keep_audit_for(&self, days: u32) {
        self.audit_days.store(days, Ordering::Relaxed);
    }

    /// Puts on record that other access rules hold, in each workspace. They hold already, so a store that can't be
    /// reached is told to the log.
    pub(crate) async fn audit_rules(&self) {
        let now = self.now();
        for team in self.known_workspaces().await {
            let named = DeliveryId::of(&["rules", team.as_str(), &now.to_string()]);
            let record = AuditRecord::new(Action::AccessChange, team.clone(), &named, now);
            if let Err(error) = self.write_audit(&record).await {
                tracing::warn!(%error, "the change of access rules was not put on record");
            }
        }
    }

    /// Writes a record, unless it is there: whatever asks for it twice has one.
    ///
    /// # Errors
    /// The store's.
    pub(super) async fn write_audit(&self, record: &AuditRecord) -> Result<(), RecordError> {
        let days = i64::from(self.audit_days.load(Ordering::Relaxed));
        let expires = record.at.checked_add(SignedDuration::from_hours(24 * days)).ok();
        let (key, now) = (audit_key(record), self.now());
        // Slack delivers again for an hour. What a task's outbox writes has its time in it, and so one name.
        let is_dated_now = record.at > now - SignedDuration::from_mins(1);
        if is_dated_now && self.store.get(&earlier_audit_key(record), now).await?.is_some() {
            return Ok(());
        }
        let put = self.records.put(&key, record, None, expires, Expect::Absent, now).await?;
        if put != PutResult::Conflict {
            log(record);
        }
        Ok(())
    }

    /// Writes what a task has for the audit trail, and takes it out of the task. Whether there was anything.
    ///
    /// # Errors
    /// The store's; the task keeps all of it.
    pub(super) async fn write_records(&self, task: &mut Task) -> Result<bool, RecordError> {
        for record in &task.records {
            self.write_audit(record).await?;
        }
        let any = !task.records.is_empty();
        task.records.clear();
        Ok(any)
    }

    /// What was done in a workspace lately, newest first.
    ///
    /// # Errors
    /// The store's.
    pub(super) async fn latest_audit(
        &self,
        team: &TeamId,
    ) -> Result<Vec<AuditRecord>, RecordError> {
        let (prefix, now) = (audit_prefix(team), self.now());
        let mut latest = Vec::new();
        for key in self.store.list(&prefix, None, MOST_LOOKED_AT, now).await? {
            let read = self.records.get::<AuditRecord>(&key, now).await;
            latest.extend(self.passing_over(read)?.flatten().map(|(_, record)| record));
        }
        latest.sort_by_key(|record: &AuditRecord| std::cmp::Reverse(record.at));
        latest.truncate(SHOWN);
        Ok(latest)
    }

    /// A record of what someone asks for and is about to get.
    pub(super) fn asked(&self, action: Action, actor: &Actor, of: &DeliveryId) -> AuditRecord {
        let record = AuditRecord::new(action, actor.team.clone(), of, self.now());
        AuditRecord { outcome: AuditOutcome::Asked, ..record.by(actor.user.clone()) }
    }

    /// Puts what an answer is about to store on record, where that isn't a task's own to do.
    ///
    /// # Errors
    /// The store's.
    pub(super) async fn audit_write(
        &self,
        answer: &Answer,
        caller: &Caller,
        origin: &Origin,
    ) -> Result<(), RecordError> {
        let new = |action| self.asked(action, &caller.actor, &origin.delivery);
        let record = match &answer.write {
            Some(Write::Bind(binding, _)) => AuditRecord {
                channel: Some(binding.channel.clone()),
                repo: Some(binding.repo.to_string()),
                ..new(Action::BindingSet)
            },
            Some(Write::Unbind(_)) => {
                AuditRecord { channel: origin.channel().cloned(), ..new(Action::BindingRemove) }
            }
            Some(Write::Settings(change)) => AuditRecord {
                rule: Some(whose(change.whose).to_owned()),
                ..new(Action::SettingsChange)
            },
            Some(Write::Task(_) | Write::Input(..) | Write::Once(_)) | None => return Ok(()),
        };
        self.write_audit(&record).await
    }

    /// Counts a refusal, and puts it on record.
    pub(super) async fn audit_refusal(
        &self,
        answer: &Answer,
        inbound: &Inbound,
        caller: &Caller,
        origin: &Origin,
    ) {
        let Reply::Notice(notice) = &answer.reply else { return };
        let rule = match &**notice {
            Notice::Refused(refusal) => refusal.rule(),
            Notice::NotManager(_) => "manage",
            Notice::NoSteering => "stranger",
            Notice::OtherPlace => "place",
            Notice::NotYourDraft => "draft",
            _ => return,
        };
        metrics::refused(rule);
        let (actor, now) = (&caller.actor, self.now());
        let hour = now.as_second() / REFUSED_EVERY.as_secs();
        let named = DeliveryId::of(&[
            "refusal",
            actor.team.as_str(),
            actor.user.as_str(),
            rule,
            &hour.to_string(),
        ]);
        let record = AuditRecord::new(Action::TaskRefused, actor.team.clone(), &named, now);
        let record = AuditRecord {
            kind: match actor.role {
                Role::App(_) => ActorKind::App,
                Role::Member | Role::External => ActorKind::Person,
            },
            task: match inbound {
                Inbound::Press(task, _) => Some(task.clone()),
                _ => None,
            },
            channel: origin.channel().cloned(),
            outcome: AuditOutcome::Refused,
            rule: Some(rule.to_owned()),
            ..record.by(actor.user.clone())
        };
        if let Err(error) = self.write_audit(&record).await {
            tracing::warn!(%error, "a refusal was not put on record");
        }
    }
}

/// Whose defaults, as the record says it.
fn whose(whose: Whose) -> &'static str {
    match whose {
        Whose::Mine => "mine",
        Whose::Workspace => "workspace",
    }
}

/// One line for each record.
fn log(record: &AuditRecord) {
    let line = serde_json::to_string(record).unwrap_or_default();
    tracing::info!(target: "audit", record = line, "{}", record.action.name());
}
