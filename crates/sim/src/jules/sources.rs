//! Connected repositories, by hand and the default set.

use super::account::Account;
use super::model::SourceState;

/// The key that the demo uses.
pub const DEMO_KEY: &str = "AQ.demo-key";

/// A source of an account; each method changes it at once and gives it back.
#[derive(Clone)]
pub struct SourceEntry {
    account: Account,
    id: String,
}

impl SourceEntry {
    pub(super) fn new(account: Account, owner: &str, repo: &str) -> Self {
        Self { account, id: format!("github/{owner}/{repo}") }
    }

    /// The resource name, `sources/github/{owner}/{repo}`.
    #[must_use]
    pub fn name(&self) -> String {
        format!("sources/{}", self.id)
    }

    fn change(&self, change: impl FnOnce(&mut SourceState)) -> &Self {
        self.account.change(|account| account.sources.get_mut(&self.id).map(change));
        self
    }

    /// The branch that Jules reports as the default. A new source has none.
    pub fn default_branch(&self, branch: &str) -> &Self {
        self.change(|s| s.default_branch = Some(branch.to_owned()))
    }

    /// Every branch that Jules lists. A new source lists none.
    pub fn branches<B: Into<String>>(&self, branches: impl IntoIterator<Item = B>) -> &Self {
        let branches = branches.into_iter().map(Into::into).collect();
        self.change(|s| s.branches = branches)
    }

    /// Renamed or moved on GitHub; the resource name at Jules stays.
    pub fn rename(&self, owner: &str, repo: &str) -> &Self {
        self.change(|s| (s.owner, s.repo) = (owner.to_owned(), repo.to_owned()))
    }

    /// Whether it is private; `isPrivate` is left out when it is not.
    pub fn private(&self, private: bool) -> &Self {
        self.change(|s| s.private = private)
    }

    /// Listed, but 403 when read alone or used in create (F13).
    pub fn forbid(&self) -> &Self {
        self.change(|s| s.forbidden = true)
    }

    /// Every create answers 400 `FAILED_PRECONDITION`, whatever the limits, until it is taken back
    /// (reference §1.6: possibly other conditions than the limits).
    pub fn refuse_creates(&self, refuses: bool) -> &Self {
        self.change(|s| s.refuses = refuses)
    }

    /// Not connected any more: unlisted, 404 when read or used (F13).
    pub fn disconnect(&self) -> &Self {
        self.change(|s| s.disconnected = true)
    }

    /// Connected and allowed again.
    pub fn reconnect(&self) -> &Self {
        self.change(|s| {
            s.disconnected = false;
            s.forbidden = false;
        })
    }
}

impl Account {
    /// The connected repositories, `owner/repo`, in the order of the list.
    #[must_use]
    pub fn repositories(&self) -> Vec<String> {
        self.change(|account| {
            let connected = account.sources.values().filter(|source| !source.disconnected);
            connected.map(|source| format!("{}/{}", source.owner, source.repo)).collect()
        })
    }
}

/// 96 repositories, four pages of 30 in the order of their ids. That order is by bytes, so what
/// comes before `AshikNesin/404less` has owners that begin with a digit or an earlier letter.
///
/// Among them: `Acme-Corp/Monolith` with 500 branches, `Acme-Corp/vault` private,
/// `Acme-Corp/legacy` without a default branch, and two repositories named `website`.
pub(super) fn default_sources(account: &Account) {
    let owners = ["42nd-Street", "A11yTools", "ACME-Labs", "Aarhus-Data", "Apex-Robotics"];
    let repos = ["Web", "api", "Mobile-App", "infra", "docs.v2", "CLI", "design_system"];
    for n in 0..88 {
        let repo = format!("{}-{n:02}", repos[n % repos.len()]);
        let branch = if n % 9 == 0 { "master" } else { "main" };
        account
            .add_source(owners[n % owners.len()], &repo)
            .default_branch(branch)
            .branches([branch, "develop"]);
    }
    let many = (1..500).map(|n| format!("feature/JIRA-{n:04}"));
    account
        .add_source("Acme-Corp", "Monolith")
        .default_branch("trunk")
        .branches(std::iter::once("trunk".to_owned()).chain(many));
    account.add_source("Acme-Corp", "legacy").branches(["old", "older"]);
    let plain = [
        ("Acme-Corp", "vault"),
        ("Acme-Corp", "website"),
        ("AshikNesin", "404less"),
        ("bobalover", "Website"),
        ("bobalover", "boba"),
        ("bobalover", "boba-web"),
    ];
    for (owner, repo) in plain {
        account
            .add_source(owner, repo)
            .default_branch("main")
            .branches(["main", "develop", "gh-pages"])
            .private(repo == "vault");
    }
}
