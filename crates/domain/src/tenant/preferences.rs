//! Defaults of a person and of the workspace, and which of all that says something about an option counts.
//!
//! Typed → the channel's binding → mine → the workspace's → built in. The caller knows what is
//! typed; the rest is here.

use crate::binding::Binding;
use crate::change::{Applied, Change, ChangeLog};
use crate::command::{Options, Ping, PlanMode, PrMode};
use crate::repo::{RepoRef, Source, SourceName};
use crate::tenant::OwnKey;
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

/// How often it is looked whether anything still runs on a key that is to be removed.
const LEAVING_CHECK: SignedDuration = SignedDuration::from_mins(5);

/// A repository that someone chose as a default.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RepoChoice {
    /// The source's resource name at Jules.
    pub source: SourceName,
    /// The repository, for people.
    pub repo: RepoRef,
}

/// What is used where nothing else was said; `None` leaves it to the next in the order.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Preferences {
    /// The repository.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub repo: Option<RepoChoice>,
    /// Who approves plans.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub plan: Option<PlanMode>,
    /// Whether pull requests are opened.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub pr: Option<PrMode>,
    /// How requesters are notified.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ping: Option<Ping>,
}

/// What is kept of a person in a workspace.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct PersonSettings {
    /// Their defaults.
    pub preferences: Preferences,
    /// The key of their own Jules account.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub key: Option<OwnKey>,
    /// They were asked once, and agreed, that what they write to the bot directly becomes a task.
    #[serde(default)]
    pub dm_confirmed: bool,
    /// The requests that were applied in the last day.
    #[serde(default)]
    pub changes: ChangeLog,
}

/// What is kept of a workspace as a whole.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct WorkspaceSettings {
    /// Everyone's defaults.
    pub preferences: Preferences,
    /// The key of the account of everyone without one of their own, where someone installed the app.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub key: Option<OwnKey>,
    /// The requests that were applied in the last day.
    #[serde(default)]
    pub changes: ChangeLog,
}

/// Whose defaults are meant.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Whose {
    /// Those of the person who asks.
    Mine,
    /// Those of the workspace.
    Workspace,
}

/// Who said what an option is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Level {
    /// The channel's binding.
    Channel,
    /// The person.
    Mine,
    /// The workspace.
    Workspace,
    /// Nobody.
    BuiltIn,
}

/// All that says something about a task where nothing was typed.
#[derive(Debug, Clone, Copy, Default)]
pub struct Defaults<'a> {
    /// What the channel is bound to.
    pub binding: Option<&'a Binding>,
    /// The person's defaults.
    pub mine: Option<&'a Preferences>,
    /// The workspace's.
    pub workspace: Option<&'a Preferences>,
}

/// What counts for a person where nothing is typed, and who said so.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Settings {
    /// The repository; `None` is asked for each time.
    pub repo: Option<(RepoRef, Level)>,
    /// Who approves plans.
    pub plan: (PlanMode, Level),
    /// Whether pull requests are opened.
    pub pr: (PrMode, Level),
    /// How they are notified.
    pub ping: (Ping, Level),
}

impl Preferences {
    /// Whether nothing was chosen.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}

impl PersonSettings {
    /// Changes the defaults as a request asks: once, and not in place of what was asked for later.
    pub fn apply(&mut self, to: Preferences, change: Change, now: Timestamp) -> Applied {
        let applied = self.changes.apply(change, now);
        if applied == Applied::Now {
            self.preferences = to;
        }
        applied
    }

    /// When the document is forgotten; one that says something never is.
    #[must_use]
    pub fn expires_at(&self) -> Option<Timestamp> {
        let is_bare = self.preferences.is_empty() && !self.dm_confirmed && self.key.is_none();
        is_bare.then(|| self.changes.expires_at())
    }

    /// When the document is looked at next: while a key is to be removed once nothing runs on it.
    #[must_use]
    pub fn wake_at(&self, now: Timestamp) -> Option<Timestamp> {
        let leaves = self.key.as_ref()?.leaves?;
        Some(leaves.min(now + LEAVING_CHECK))
    }
}

impl WorkspaceSettings {
    /// Changes the defaults as a request asks: once, and not in place of what was asked for later.
    pub fn apply(&mut self, to: Preferences, change: Change, now: Timestamp) -> Applied {
        let applied = self.changes.apply(change, now);
        if applied == Applied::Now {
            self.preferences = to;
        }
        applied
    }

    /// When the document is forgotten; one that says something never is.
    #[must_use]
    pub fn expires_at(&self) -> Option<Timestamp> {
        let is_bare = self.preferences.is_empty() && self.key.is_none();
        is_bare.then(|| self.changes.expires_at())
    }
}

impl<'a> Defaults<'a> {
    /// The same without the channel's: its options belong to its repository.
    #[must_use]
    pub(crate) fn without_channel(self) -> Self {
        Self { binding: None, ..self }
    }

    /// The same as they concern whom a form with these defaults is for: what a person or a channel says is
    /// nothing to the workspace as a whole.
    #[must_use]
    pub fn seen_by(self, whose: Option<Whose>) -> Self {
        match whose {
            Some(Whose::Workspace) => Self { workspace: self.workspace, ..Self::default() },
            Some(Whose::Mine) | None => self,
        }
    }

    /// What the first in the order says that says anything.
    fn first<T>(
        &self,
        of_channel: impl FnOnce(&'a Binding) -> Option<T>,
        of: impl Fn(&'a Preferences) -> Option<T>,
    ) -> Option<(T, Level)> {
        let said = |at: Option<&'a Preferences>, level| Some((of(at?)?, level));
        let channel = self.binding.and_then(of_channel).map(|value| (value, Level::Channel));
        channel
            .or_else(|| said(self.mine, Level::Mine))
            .or_else(|| said(self.workspace, Level::Workspace))
    }

    /// Who approves plans.
    #[must_use]
    pub fn plan(&self) -> Option<(PlanMode, Level)> {
        self.first(|binding| binding.plan, |preferences| preferences.plan)
    }

    /// Whether pull requests are opened.
    #[must_use]
    pub fn pr(&self) -> Option<(PrMode, Level)> {
        self.first(|binding| binding.pr, |preferences| preferences.pr)
    }

    /// How the requester is notified.
    #[must_use]
    pub fn ping(&self) -> Option<(Ping, Level)> {
        self.first(|binding| binding.ping, |preferences| preferences.ping)
    }

    /// The modes where none was typed.
    #[must_use]
    pub fn modes(&self) -> Options {
        let plan = self.plan().map(|(plan, _)| plan);
        let pr = self.pr().map(|(pr, _)| pr);
        Options { plan, pr, ..Options::default() }
    }

    /// Everything, with who said it. Of the connected repositories only counts that there is one.
    #[must_use]
    pub fn settings(&self, sources: Option<&[Source]>) -> Settings {
        let of_channel = |binding: &'a Binding| Some(&binding.repo);
        let of = |preferences: &'a Preferences| Some(&preferences.repo.as_ref()?.repo);
        let only = match sources {
            Some([only]) => Some((only.repo.clone(), Level::BuiltIn)),
            Some(_) | None => None,
        };
        let chosen = self.first(of_channel, of).map(|(repo, level)| (repo.clone(), level));
        Settings {
            repo: chosen.or(only),
            plan: self.plan().unwrap_or((PlanMode::Auto, Level::BuiltIn)),
            pr: self.pr().unwrap_or((PrMode::Auto, Level::BuiltIn)),
            ping: self.ping().unwrap_or((Ping::default(), Level::BuiltIn)),
        }
    }
}

impl Options {
    /// The same, with what `other` says where nothing is said here about the branch and the modes.
    #[must_use]
    pub fn or(&self, other: &Self) -> Self {
        Self {
            branch: self.branch.clone().or_else(|| other.branch.clone()),
            plan: self.plan.or(other.plan),
            pr: self.pr.or(other.pr),
            ..self.clone()
        }
    }
}
