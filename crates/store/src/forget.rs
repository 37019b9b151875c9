//! Forgetting a person or a workspace: what is kept of them is overwritten, and gone.
//!
//! Keys go first, so that nothing is done with them while the rest goes. What other documents are found by goes last:
//! tasks, then accounts, then how the app is installed. So a run that ends at whatever point leaves nothing that the
//! next one can't find.
//!
//! What stays of a person is the audit trail, for as long as the settings say; of a workspace nothing stays.

use super::documents::{ACCOUNTS, INSTALLS, account_of, queue_key, task_id, task_key, watch_key};
use super::{Doc, Expect, Key, Names, PutResult, Result, Store};
use bytes::Bytes;
use domain::ids::{AccountId, TaskId, TeamId, UserId};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::collections::HashSet;

/// Names that are asked for at a time.
const PAGE: usize = 200;

/// Who is to be forgotten: a person, in one workspace or in all of them, or else a whole workspace.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Whom {
    /// The workspace, or that of the person.
    pub team: Option<TeamId>,
    /// The person.
    pub user: Option<UserId>,
}

/// The kinds that hold the keys of Jules accounts, and nothing that another document is found by.
const WITH_KEYS: [&str; 2] = ["person", "settings"];

/// The kinds of which some are found only by the task or the account that they name.
const DEPENDENT: [&str; 4] = ["session", "pull", "pointer", "key"];

/// The kinds that name the workspace, and the person where they are about one, in their names or inside.
const INDEPENDENT: [&str; 6] = ["binding", "starts", "alias", "meter", "installation", "audit"];

/// Forgets someone; gives how many documents that took. Done again it finds what was left, so a store that goes away in
/// between loses nothing.
///
/// # Errors
/// The store's.
pub async fn forget(store: &dyn Store, whom: &Whom, now: Timestamp) -> Result<usize> {
    let mut forgetting = Forgetting { store, whom, now, count: 0 };
    forgetting.keys().await?;
    let found = forgetting.found().await?;
    forgetting.dependents(&found).await?;
    for task in &found.tasks {
        forgetting.erase(&task_key(task)).await?;
    }
    // A process may have worked on a task until it was gone, and have written some of these again.
    forgetting.dependents(&found).await?;
    forgetting.kinds(&INDEPENDENT, &found).await?;
    forgetting.accounts().await?;
    for key in forgetting.installs().await? {
        forgetting.erase(&key).await?;
    }
    Ok(forgetting.count)
}

struct Forgetting<'a> {
    store: &'a dyn Store,
    whom: &'a Whom,
    now: Timestamp,
    count: usize,
}

/// Someone's tasks, and the accounts that nobody else has a key of.
#[derive(Default)]
struct Found {
    tasks: HashSet<TaskId>,
    accounts: HashSet<AccountId>,
}

/// What becomes of an account without someone.
enum Without {
    /// It is as it was.
    Same,
    /// Others have keys of it.
    Others(Value),
    /// Nobody has a key of it any more.
    Nobody,
}

impl Forgetting<'_> {
    /// The keys of Jules accounts, and the tokens in how the app is installed. The rest of that stays until the end:
    /// it's what is due thirty days after the app was removed, so a process that is interrupted then tries again.
    async fn keys(&mut self) -> Result<()> {
        self.kinds(&WITH_KEYS, &Found::default()).await?;
        for key in self.installs().await? {
            self.change(&key, |doc| revoked(&doc)).await?;
        }
        Ok(())
    }

    /// What the rest is found by.
    async fn found(&self) -> Result<Found> {
        let mut found = Found::default();
        for key in self.names("task/").await? {
            let Some((id, task)) = task_id(&key).zip(self.read(&key).await?) else { continue };
            if self.whom.asked_for(&task) {
                found.tasks.insert(id);
            }
        }
        for key in self.names(ACCOUNTS).await? {
            let Some((id, account)) = account_of(&key).zip(self.read(&key).await?) else {
                continue;
            };
            if matches!(self.whom.given_up(account), Without::Nobody) {
                found.accounts.insert(id);
            }
        }
        Ok(found)
    }

    /// What is found by these tasks and accounts.
    async fn dependents(&mut self, found: &Found) -> Result<()> {
        self.kinds(&DEPENDENT, found).await?;
        for account in &found.accounts {
            self.erase(&watch_key(account)).await?;
            self.erase(&queue_key(account)).await?;
        }
        Ok(())
    }

    /// Erases what is theirs of these kinds.
    async fn kinds(&mut self, kinds: &[&str], found: &Found) -> Result<()> {
        for kind in kinds {
            // Of a person, what they did stays on record.
            if *kind == "audit" && self.whom.user.is_some() {
                continue;
            }
            for key in self.names(&format!("{kind}/")).await? {
                let Some(value) = self.read(&key).await? else { continue };
                if self.whom.owns(kind, &key, &value, found) {
                    self.erase(&key).await?;
                }
            }
        }
        Ok(())
    }

    /// Takes someone out of those who have a key of an account. Without anyone's, the account goes.
    async fn accounts(&mut self) -> Result<()> {
        let (whom, now) = (self.whom, self.now);
        for key in self.names(ACCOUNTS).await? {
            let given_up = |doc: Doc| match whom.given_up(value_of(&doc)) {
                Without::Same => None,
                Without::Others(account) => {
                    Some(Doc { body: Bytes::from(account.to_string()), ..doc })
                }
                Without::Nobody => Some(nothing(now)),
            };
            let is_changed = self.change(&key, given_up).await?;
            self.count += usize::from(is_changed);
        }
        Ok(())
    }

    /// How the app is installed in the workspace, where that is what is forgotten.
    async fn installs(&self) -> Result<Vec<Key>> {
        let mut names = self.names(INSTALLS).await?;
        names.retain(|key| self.whom.is_named(key));
        Ok(names)
    }

    async fn names(&self, prefix: &str) -> Result<Vec<Key>> {
        let (mut names, mut all) = (Names::under(prefix, None, PAGE), Vec::new());
        while let Some(page) = names.next(self.store, self.now).await? {
            all.extend(page);
        }
        Ok(all)
    }

    async fn read(&self, key: &Key) -> Result<Option<Value>> {
        let found = self.store.get(key, self.now).await?;
        Ok(found.map(|(_, doc)| value_of(&doc)))
    }

    async fn erase(&mut self, key: &Key) -> Result<()> {
        let now = self.now;
        let is_erased = self.change(key, |_| Some(nothing(now))).await?;
        self.count += usize::from(is_erased);
        Ok(())
    }

    /// Writes a document as it is to be, if it isn't already, and again whenever someone else was faster; whether it was
    /// written.
    async fn change(&self, key: &Key, change: impl Fn(Doc) -> Option<Doc>) -> Result<bool> {
        while let Some((rev, doc)) = self.store.get(key, self.now).await? {
            let Some(doc) = change(doc) else { return Ok(false) };
            let put = self.store.put(key, &doc, Expect::At(rev), self.now).await?;
            if put != PutResult::Conflict {
                return Ok(true);
            }
        }
        Ok(false)
    }
}

/// What takes the place of a document that ends now.
fn nothing(now: Timestamp) -> Doc {
    Doc { body: Bytes::from_static(b"{}"), wake_at: None, expires_at: Some(now) }
}

/// What is in a document. One that can't be read is nobody's.
fn value_of(doc: &Doc) -> Value {
    serde_json::from_slice(&doc.body).unwrap_or_default()
}

/// How the app is installed, without the token and what buys the next one; `None` where there is neither.
fn revoked(doc: &Doc) -> Option<Doc> {
    let mut install = value_of(doc);
    let fields = install.as_object_mut()?;
    let secrets = ["token", "renewal"].map(|name| fields.remove(name));
    let has_secrets = secrets.into_iter().flatten().any(|secret| !secret.is_null());
    // Only what was removed has anything left to wait for.
    let wake_at = doc.wake_at.filter(|_| fields.contains_key("removed"));
    has_secrets.then(|| {
        let body = Bytes::from(install.to_string());
        Doc { body, wake_at, expires_at: doc.expires_at }
    })
}

impl Whom {
    fn is_team(&self, team: Option<&str>) -> bool {
        self.team.as_ref().is_none_or(|wanted| team == Some(wanted.as_str()))
    }

    /// Whether they are a workspace, and this document says that it is of it.
    fn is_team_of(&self, value: &Value) -> bool {
        self.user.is_none() && self.is_team(value["team"].as_str())
    }

    /// Whether a task is theirs.
    fn asked_for(&self, task: &Value) -> bool {
        let is_author = |user: &UserId| task["author"].as_str() == Some(user.as_str());
        self.is_team(task["team"].as_str()) && self.user.as_ref().is_none_or(is_author)
    }

    /// What becomes of an account without them.
    fn given_up(&self, mut account: Value) -> Without {
        if !self.is_team(account["team"].as_str()) {
            return Without::Same;
        }
        let Some(user) = &self.user else { return Without::Nobody };
        let is_shared = account["workspace"] == true;
        let Some(holders) = account.get_mut("holders").and_then(Value::as_array_mut) else {
            return Without::Same;
        };
        let before = holders.len();
        holders.retain(|holder| holder.as_str() != Some(user.as_str()));
        match holders.len() {
            after if after == before => Without::Same,
            0 if !is_shared => Without::Nobody,
            _ => Without::Others(account),
        }
    }

    /// Whether a document of this kind is theirs, by its name, by what is in it, or by what it leads to.
    fn owns(&self, kind: &str, key: &Key, value: &Value, found: &Found) -> bool {
        match kind {
            "session" | "pull" => found.has_task_of(value) || self.is_team_of(value),
            "pointer" => found.has_task_of(value) || self.is_named(key),
            "key" => found.has_account_of(value) || self.is_named(key),
            "installation" => self.is_team_of(value),
            _ => self.is_named(key),
        }
    }

    /// Whether a name is that of something of theirs: its parts are the kind, for some what of it, the workspace, and
    /// the person.
    fn is_named(&self, key: &Key) -> bool {
        let parts: Vec<&str> = key.as_str().split('/').collect();
        let of_team = |part: usize| self.is_team(parts.get(part).copied());
        let first = match parts.first() {
            // Behind what they are about.
            Some(&("alias" | "pointer" | "meter")) => 2,
            Some(_) | None => 1,
        };
        match &self.user {
            None => of_team(first),
            Some(user) => {
                let is = |part: usize| parts.get(part) == Some(&user.as_str());
                let at = match parts.get(..2) {
                    Some(["person", _]) => is(2),
                    Some(["starts", _]) => parts.get(2) == Some(&"person") && is(3),
                    Some(["pointer", "of"]) => is(3),
                    _ => false,
                };
                at && of_team(first)
            }
        }
    }
}

impl Found {
    fn has_task_of(&self, value: &Value) -> bool {
        let task = value["task"].as_str().and_then(|id| TaskId::parse(id).ok());
        task.is_some_and(|task| self.tasks.contains(&task))
    }

    fn has_account_of(&self, value: &Value) -> bool {
        let account = value["account"].as_str().and_then(|id| AccountId::parse(id).ok());
        account.is_some_and(|account| self.accounts.contains(&account))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::documents::KINDS;

    #[test]
    fn every_kind_is_forgotten_or_says_nothing_of_anyone() {
        // What others are found by, what is found by the account in its name, and what names nobody.
        let others = ["task", "account", "install", "watch", "queue", "event", "process"];
        let known: HashSet<&str> =
            WITH_KEYS.into_iter().chain(DEPENDENT).chain(INDEPENDENT).chain(others).collect();
        assert_eq!(known, KINDS.iter().map(|(kind, _)| *kind).collect());
    }
}
