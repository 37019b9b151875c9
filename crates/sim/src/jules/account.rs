//! An account as a test holds it: what it has, how its service behaves.

use super::model::{AccountState, EmptyReply, IdleApproval, Lag, SessionState, SourceState, State};
use super::script::{Pace, Story};
use super::shared::Shared;
use super::sources::SourceEntry;
use super::wire;
use jiff::{SignedDuration, Timestamp};
use platform::lock::lock;
use serde_json::Value;
use std::sync::Arc;

/// What one API key sees. A cheap handle; clones are the same account.
#[derive(Clone)]
pub struct Account {
    pub(super) shared: Arc<Shared>,
    pub(super) key: String,
}

/// A session as the service knows it, the parts too that no reply tells.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Snapshot {
    /// Decimal digits, 17 to 20 of them.
    pub id: String,
    /// The title, given or invented.
    pub title: String,
    /// The prompt as it was sent.
    pub prompt: String,
    /// The source's resource name; none for a repoless session.
    pub source: Option<String>,
    /// The starting branch.
    pub branch: Option<String>,
    /// Where it stands.
    pub state: State,
    /// `AUTO_CREATE_PR`, or none.
    pub automation_mode: Option<&'static str>,
    /// Whether its first plan waits for approval.
    pub require_plan_approval: bool,
    /// When it was made, by the service's clock.
    pub create_time: Timestamp,
    /// Whether it is archived.
    pub archived: bool,
}

impl Account {
    pub(super) fn new(shared: Arc<Shared>, key: &str) -> Self {
        Self { shared, key: key.to_owned() }
    }

    /// The API key.
    #[must_use]
    pub fn key(&self) -> &str {
        &self.key
    }

    pub(super) fn change<T>(&self, change: impl FnOnce(&mut AccountState) -> T) -> T {
        change(lock(&self.shared.world).account(&self.key))
    }

    /// Reads the account as it stands by the clock.
    fn read<T>(&self, read: impl FnOnce(&mut AccountState) -> T) -> T {
        self.advance(self.shared.now());
        self.change(read)
    }

    /// Connects a repository, bare: no default branch, no branches, not private.
    pub fn add_source(&self, owner: &str, repo: &str) -> SourceEntry {
        let source =
            SourceState { owner: owner.into(), repo: repo.into(), ..SourceState::default() };
        self.change(|a| a.sources.insert(format!("github/{owner}/{repo}"), source));
        self.source(owner, repo)
    }

    /// A connected repository, to change it.
    #[must_use]
    pub fn source(&self, owner: &str, repo: &str) -> SourceEntry {
        SourceEntry::new(self.clone(), owner, repo)
    }

    /// Sessions that may work at once, and creates in a rolling 24 hours (3 and 15 at first, as on
    /// the free plan); beyond, create answers 400 `FAILED_PRECONDITION`.
    pub fn limits(&self, concurrent: usize, daily: usize) -> &Self {
        self.change(|a| (a.manners.concurrent, a.manners.daily) = (concurrent, daily));
        self
    }

    /// Lists of activities in a rolling minute (120 at first); beyond, 429 with this
    /// `Retry-After`, if any.
    pub fn activity_lists_per_minute(&self, n: usize, retry_after: Option<&str>) -> &Self {
        self.change(|a| {
            a.manners.activity_lists_per_minute = n;
            a.manners.retry_after = retry_after.map(str::to_owned);
        });
        self
    }

    /// Every create answers `FAILED_PRECONDITION` until this time, whatever the limits (F14).
    pub fn refuse_creates_until(&self, until: Timestamp) -> &Self {
        self.change(|a| a.manners.creates_refused_until = Some(until));
        self
    }

    /// How long the activities of a new session answer 404; not at all at first.
    pub fn activities_late(&self, lag: Lag) -> &Self {
        self.change(|a| a.manners.activities_late = lag);
        self
    }

    /// How long after its creation a session shows up in the list; at once at first (F3).
    pub fn listed_after(&self, time: SignedDuration) -> &Self {
        self.change(|a| a.manners.listed_after = time);
        self
    }

    /// Whether empty replies are `{}`, as at first, or no bytes.
    pub fn empty_reply(&self, shape: EmptyReply) -> &Self {
        self.change(|a| a.manners.empty_reply = shape);
        self
    }

    /// What `approvePlan` answers when nothing waits: 200 at first.
    pub fn idle_approval(&self, answer: IdleApproval) -> &Self {
        self.change(|a| a.manners.idle_approval = answer);
        self
    }

    /// Whether one approval leaves a second `planApproved` 30 seconds later; not at first.
    pub fn double_approval(&self, double: bool) -> &Self {
        self.change(|a| a.manners.double_approval = double);
        self
    }

    /// Whether create gives the minimal answer of the documentation of 2025; not at first.
    pub fn minimal_create(&self, minimal: bool) -> &Self {
        self.change(|a| a.manners.minimal_create = minimal);
        self
    }

    /// How fast sessions move by themselves; not at all at first.
    pub fn pace(&self, pace: Pace) -> &Self {
        self.change(|a| a.manners.pace = pace);
        self
    }

    /// What the sessions made from now on will be like; plain at first.
    pub fn story(&self, story: Story) -> &Self {
        self.change(|a| a.manners.story = story);
        self
    }

    /// No type has a field of this name any more: replies come without it, and a `fields` mask that names
    /// it is refused. The API is an alpha (reference §1.1).
    pub fn forgets(&self, field: &str) -> &Self {
        self.change(|a| a.manners.forgotten.push(field.to_owned()));
        self
    }

    /// Every name is known again.
    pub fn remembers_fields(&self) -> &Self {
        self.change(|a| a.manners.forgotten.clear());
        self
    }

    /// Whether a refused mask is answered with the name that is not known (nobody has published how Jules
    /// does it).
    pub fn names_what_it_forgot(&self, names: bool) -> &Self {
        self.change(|a| a.manners.names_what_is_forgotten = names);
        self
    }

    /// The key is refused with 401 from now on (F13).
    pub fn revoke(&self) -> &Self {
        self.change(|a| a.revoked = true);
        self
    }

    /// The key is good again.
    pub fn restore(&self) -> &Self {
        self.change(|a| a.revoked = false);
        self
    }

    /// All sessions, oldest first, archived ones too.
    #[must_use]
    pub fn sessions(&self) -> Vec<Snapshot> {
        self.read(|a| a.sessions.iter().map(Snapshot::of).collect())
    }

    /// One session, unless it was deleted or never was.
    #[must_use]
    pub fn session(&self, id: &str) -> Option<Snapshot> {
        self.read(|a| a.session(id).map(|s| Snapshot::of(s)))
    }

    /// The activities of a session in the order in which they happened, as they go out, those too
    /// that no list shows yet.
    #[must_use]
    pub fn activities(&self, id: &str) -> Vec<Value> {
        self.read(|a| {
            let session = a.session(id);
            session.map_or_else(Vec::new, |s| {
                s.activities.iter().map(|activity| wire::activity(&s.id, activity)).collect()
            })
        })
    }
}

impl Snapshot {
    fn of(session: &SessionState) -> Self {
        Self {
            id: session.id.clone(),
            title: session.title.clone(),
            prompt: session.prompt.clone(),
            source: session.source().map(str::to_owned),
            branch: session.branch().map(str::to_owned),
            state: session.state,
            automation_mode: session.auto_pr.then_some("AUTO_CREATE_PR"),
            require_plan_approval: session.gated,
            create_time: session.created,
            archived: session.archived,
        }
    }
}
