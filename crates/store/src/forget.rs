//! Forgetting a person or a workspace: what is kept of them is overwritten, and gone. Keys go first, so that nothing is
//! done with them while the rest goes.
//!
//! What stays of a person is the audit trail, for as long as the settings say; of a workspace nothing stays.

use super::documents::{ACCOUNTS, AUDIT, INSTALLS, account_key, account_of};
use super::{Doc, Expect, Key, Names, PutResult, Result, Store};
use bytes::Bytes;
use domain::ids::{AccountId, TeamId, UserId};
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

/// The kinds whose names begin with the workspace, and with the person where they are about one. Those that hold keys
/// come first.
const BY_NAME: [&str; 10] = [
    "person", "settings", "key", "install", "binding", "starts", "alias", "pointer", "meter",
    "audit",
];

/// The kinds that name the workspace inside. Sessions and pull requests name their task, too.
const BY_CONTENT: [&str; 4] = ["task", "session", "pull", "installation"];

/// Forgets someone; gives how many documents that took. Done again it finds what was left, so a store that goes away in
/// between loses nothing.
///
/// # Errors
/// The store's.
pub async fn forget(store: &dyn Store, whom: &Whom, now: Timestamp) -> Result<usize> {
    let mut forgotten = Forgetting { store, whom, now, count: 0 };
    let accounts = forgotten.people_and_keys().await?;
    let tasks = forgotten.by_content().await?;
    forgotten.by_name(&tasks).await?;
    forgotten.accounts(&accounts).await?;
    Ok(forgotten.count)
}

struct Forgetting<'a> {
    store: &'a dyn Store,
    whom: &'a Whom,
    now: Timestamp,
    count: usize,
}

impl Forgetting<'_> {
    /// The keys: those in the documents about people and workspaces, and what leads to their accounts. Gives the
    /// accounts that nobody has a key of any more.
    async fn people_and_keys(&mut self) -> Result<HashSet<AccountId>> {
        for kind in ["person/", "settings/", INSTALLS] {
            self.each(kind, |whom, key, _| whom.is_named(key)).await?;
        }
        let mut gone = HashSet::new();
        for key in self.names(ACCOUNTS).await? {
            let Some((id, value)) = account_of(&key).zip(self.read(&key).await?) else { continue };
            if self.give_up(&key, value).await? {
                gone.insert(id);
            }
        }
        let leads = |value: &Value| {
            let account = value["account"].as_str().and_then(|id| AccountId::parse(id).ok());
            account.is_some_and(|account| gone.contains(&account))
        };
        self.each("key/", |whom, key, value| {
            leads(value) || whom.user.is_none() && whom.is_named(key)
        })
        .await?;
        Ok(gone)
    }

    /// Takes someone out of those who have a key of an account; whether nobody is left.
    async fn give_up(&mut self, key: &Key, mut value: Value) -> Result<bool> {
        if !self.whom.is_team(value["team"].as_str()) {
            return Ok(false);
        }
        let Some(user) = &self.whom.user else {
            self.erase(key).await?;
            return Ok(true);
        };
        let Some(holders) = value["holders"].as_array_mut() else { return Ok(false) };
        let before = holders.len();
        holders.retain(|holder| holder.as_str() != Some(user.as_str()));
        let (after, is_shared) = (holders.len(), value["workspace"] == true);
        if after == before {
            return Ok(false);
        }
        if after == 0 && !is_shared {
            self.erase(key).await?;
            return Ok(true);
        }
        self.rewrite(key, &value).await?;
        Ok(false)
    }

    /// Tasks, their sessions, and what Slack said of tokens. Gives the tasks.
    async fn by_content(&mut self) -> Result<HashSet<String>> {
        let mut tasks = HashSet::new();
        for kind in BY_CONTENT {
            for key in self.names(&format!("{kind}/")).await? {
                let Some(value) = self.read(&key).await? else { continue };
                let is_theirs = match (kind, &self.whom.user) {
                    (_, None) => self.whom.is_team(value["team"].as_str()),
                    ("task", Some(user)) => {
                        self.whom.is_team(value["team"].as_str())
                            && value["author"].as_str() == Some(user.as_str())
                    }
                    ("session" | "pull", Some(_)) => {
                        value["task"].as_str().is_some_and(|task| tasks.contains(task))
                    }
                    (_, Some(_)) => false,
                };
                if is_theirs {
                    tasks.extend(key.as_str().strip_prefix("task/").map(str::to_owned));
                    self.erase(&key).await?;
                }
            }
        }
        Ok(tasks)
    }

    /// What names the workspace or the person, or leads to one of these tasks.
    async fn by_name(&mut self, tasks: &HashSet<String>) -> Result<()> {
        for kind in BY_NAME {
            // Of a person, what they did stays on record.
            if self.whom.user.is_some() && AUDIT.starts_with(kind) {
                continue;
            }
            self.each(&format!("{kind}/"), |whom, key, value| {
                let leads = value["task"].as_str().is_some_and(|task| tasks.contains(task));
                leads && kind == "pointer" || kind != "key" && whom.is_named(key)
            })
            .await?;
        }
        Ok(())
    }

    /// What is kept of accounts that nobody has a key of any more.
    async fn accounts(&mut self, gone: &HashSet<AccountId>) -> Result<()> {
        for account in gone {
            for key in [
                super::documents::watch_key(account),
                super::documents::queue_key(account),
                account_key(account),
            ] {
                self.erase(&key).await?;
            }
        }
        Ok(())
    }

    /// Erases each document of a kind that is wanted.
    async fn each(
        &mut self,
        prefix: &str,
        is_wanted: impl Fn(&Whom, &Key, &Value) -> bool,
    ) -> Result<()> {
        for key in self.names(prefix).await? {
            let Some(value) = self.read(&key).await? else { continue };
            if is_wanted(self.whom, &key, &value) {
                self.erase(&key).await?;
            }
        }
        Ok(())
    }

    async fn names(&self, prefix: &str) -> Result<Vec<Key>> {
        let (mut names, mut all) = (Names::under(prefix, None, PAGE), Vec::new());
        while let Some(page) = names.next(self.store, self.now).await? {
            all.extend(page);
        }
        Ok(all)
    }

    /// What is in a document. One that can't be read is nobody's.
    async fn read(&self, key: &Key) -> Result<Option<Value>> {
        let found = self.store.get(key, self.now).await?;
        Ok(found.map(|(_, doc)| serde_json::from_slice(&doc.body).unwrap_or_default()))
    }

    /// Overwrites a document with nothing, and ends it.
    async fn erase(&mut self, key: &Key) -> Result<()> {
        let nothing =
            Doc { body: Bytes::from_static(b"{}"), wake_at: None, expires_at: Some(self.now) };
        while let Some((rev, _)) = self.store.get(key, self.now).await? {
            let put = self.store.put(key, &nothing, Expect::At(rev), self.now).await?;
            if put != PutResult::Conflict {
                self.count += 1;
                return Ok(());
            }
        }
        Ok(())
    }

    /// Writes a document again, unless someone else wrote it meanwhile: then it is left for the next time.
    async fn rewrite(&mut self, key: &Key, value: &Value) -> Result<()> {
        let Some((rev, doc)) = self.store.get(key, self.now).await? else { return Ok(()) };
        let doc = Doc { body: Bytes::from(value.to_string()), ..doc };
        self.store.put(key, &doc, Expect::At(rev), self.now).await?;
        self.count += 1;
        Ok(())
    }
}

impl Whom {
    fn is_team(&self, team: Option<&str>) -> bool {
        self.team.as_ref().is_none_or(|wanted| team == Some(wanted.as_str()))
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::documents::KINDS;

    #[test]
    fn every_kind_is_forgotten_or_says_nothing_of_anyone() {
        // By their accounts, and what names neither a person nor a workspace.
        let others = ["account", "watch", "queue", "event", "process"];
        let known: HashSet<&str> = BY_NAME.into_iter().chain(BY_CONTENT).chain(others).collect();
        assert_eq!(known, KINDS.iter().map(|(kind, _)| *kind).collect());
    }
}
