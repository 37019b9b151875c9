//! What people and apps do on GitHub, by hand: for tests and the demo. Each method does nothing when what it is
//! about isn't there.

use super::JULES;
use super::model::{
    Check, Comment, Commit, Happened, Issue, IssueComment, PullRequest, Repository, Review, State,
    World,
};
use super::server::SimGitHub;
use jiff::Timestamp;
use platform::lock::lock;
use std::collections::BTreeMap;

/// How a check ended, or that it runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mark {
    /// It runs.
    Running,
    /// It ended well.
    Green,
    /// It failed.
    Red,
}

/// A repository.
pub struct Repo<'a> {
    github: &'a SimGitHub,
    name: String,
}

/// A pull request.
pub struct Pull<'a> {
    github: &'a SimGitHub,
    repo: String,
    number: u64,
}

impl SimGitHub {
    pub(super) fn act<T>(&self, act: impl FnOnce(&mut World, Timestamp) -> T) -> T {
        let now = (self.shared.clock)();
        act(&mut lock(&self.shared.world), now)
    }

    /// The repository of this name, made if it is new.
    pub fn repo(&self, name: &str) -> Repo<'_> {
        self.act(|world, _| {
            if world.named(name).is_none() {
                let id = world.next();
                world.repos.push(Repository {
                    id,
                    name: name.to_owned(),
                    former: Vec::new(),
                    private: false,
                    pulls: BTreeMap::new(),
                    issues: BTreeMap::new(),
                    checks: BTreeMap::new(),
                    statuses: BTreeMap::new(),
                });
            }
        });
        Repo { github: self, name: name.to_owned() }
    }

    /// From now on every pull request that is asked for is there: a demo's Jules opens them.
    pub fn has_every_pull_request(&self) {
        self.act(|world, _| world.has_every_pull = true);
    }

    /// The pull request that was opened last.
    #[must_use]
    pub fn newest(&self) -> Option<Pull<'_>> {
        let (repo, number) = self.act(|world, _| world.newest.clone())?;
        Some(Pull { github: self, repo, number })
    }

    /// Forgets everything but who tried to write. The port stays.
    pub fn reset(&self) {
        self.act(|world, _| {
            let writes = std::mem::take(&mut world.writes);
            *world = World::default();
            world.writes = writes;
        });
    }

    /// Jules opens a pull request, with this address. It is there once.
    ///
    /// # Panics
    /// When the address is none of a pull request.
    pub fn open(&self, url: &str) -> Pull<'_> {
        let mut parts = url.trim_start_matches("https://github.com/").split('/');
        let owner = parts.next().unwrap_or_default();
        let name = parts.next().unwrap_or_default();
        let number = parts.nth(1).and_then(|number| number.parse().ok());
        let Some(number) = number else { panic!("no address of a pull request: {url}") };
        let repo = self.repo(&format!("{owner}/{name}"));
        repo.open(number)
    }
}

impl<'a> Repo<'a> {
    /// It can be seen by those only whose token reaches it.
    pub fn private(&self) {
        self.github.act(|world, _| {
            if let Some(repo) = world.named(&self.name) {
                repo.private = true;
            }
        });
    }

    /// Jules opens a pull request with this number, from a branch with one commit.
    pub fn open(self, number: u64) -> Pull<'a> {
        self.github.act(|world, now| {
            let sha = world.sha();
            world.newest = Some((self.name.clone(), number));
            let Some(repo) = world.named(&self.name) else { return };
            repo.pulls.entry(number).or_insert_with(|| PullRequest {
                number,
                title: "A change by Jules".to_owned(),
                state: State::Open,
                draft: false,
                branch: format!("jules-{number}"),
                base: "main".to_owned(),
                commits: vec![Commit { sha, at: now }],
                ended_by: None,
                conflict: false,
                is_computed: false,
                reviews: Vec::new(),
                comments: Vec::new(),
                said: Vec::new(),
                opened: now,
                updated: now,
                last: Happened::Opened,
            });
        });
        Pull { github: self.github, repo: self.name, number }
    }

    /// It is called something else from now on, perhaps at another owner.
    pub fn rename(&self, name: &str) {
        self.github.act(|world, _| {
            if let Some(repo) = world.named(&self.name) {
                repo.former.push(repo.name.clone());
                name.clone_into(&mut repo.name);
            }
        });
    }

    /// It is gone.
    pub fn delete(&self) {
        self.github.act(|world, _| world.repos.retain(|repo| repo.name != self.name));
    }

    /// Someone opens an issue.
    pub fn issue(&self, number: u64, by: (&str, &str), title: &str, body: &str) {
        self.github.act(|world, now| {
            let Some(repo) = world.named(&self.name) else { return };
            let (by, association) = (by.0.to_owned(), by.1.to_owned());
            let (title, body) = (title.to_owned(), body.to_owned());
            let comments = Vec::new();
            let issue =
                Issue { number, title, body, by, association, closed: None, comments, opened: now };
            repo.issues.insert(number, issue);
        });
    }

    /// Someone comments on an issue.
    pub fn issue_comment(&self, number: u64, by: (&str, &str), body: &str) {
        self.github.act(|world, now| {
            let issue = world.named(&self.name).and_then(|repo| repo.issues.get_mut(&number));
            if let Some(issue) = issue {
                let (by, association) = (by.0.to_owned(), by.1.to_owned());
                issue.comments.push(IssueComment {
                    by,
                    association,
                    body: body.to_owned(),
                    at: now,
                });
            }
        });
    }

    /// An issue is closed, for this reason.
    pub fn close_issue(&self, number: u64, why: &str) {
        self.github.act(|world, now| {
            let issue = world.named(&self.name).and_then(|repo| repo.issues.get_mut(&number));
            if let Some(issue) = issue {
                issue.closed = Some((why.to_owned(), now));
            }
        });
    }
}

impl Pull<'_> {
    fn act(&self, act: impl FnOnce(&mut PullRequest, Timestamp)) {
        self.github.act(|world, now| {
            if let Some(pull) = world.pull(&self.repo, self.number) {
                act(pull, now);
                pull.updated = now;
            }
        });
    }

    /// The newest commit of its branch.
    #[must_use]
    pub fn head(&self) -> String {
        self.github
            .act(|world, _| world.pull(&self.repo, self.number).map(|pull| pull.head().to_owned()))
            .unwrap_or_default()
    }

    /// Someone pushes a commit onto its branch: a person, or Jules itself.
    pub fn push(&self) -> String {
        let sha = self.github.act(|world, _| world.sha());
        self.act(|pull, now| {
            pull.last = Happened::Pushed { before: pull.head().to_owned() };
            pull.commits.push(Commit { sha: sha.clone(), at: now });
            pull.is_computed = false;
        });
        sha
    }

    /// Someone replaces its branch by one commit.
    pub fn force_push(&self) -> String {
        let sha = self.github.act(|world, _| world.sha());
        self.act(|pull, now| {
            pull.last = Happened::Pushed { before: pull.head().to_owned() };
            pull.commits = vec![Commit { sha: sha.clone(), at: now }];
            pull.is_computed = false;
        });
        sha
    }

    /// Someone reviews it, with comments on lines.
    pub fn review(&self, by: &str, state: &str, body: &str, comments: &[(&str, u32, &str)]) -> u64 {
        let id = self.github.act(|world, _| world.next());
        self.act(|pull, now| {
            pull.reviews.push(Review {
                id,
                by: by.to_owned(),
                state: state.to_owned(),
                body: body.to_owned(),
                commit: pull.head().to_owned(),
                at: now,
            });
            for (n, (path, line, body)) in comments.iter().enumerate() {
                pull.comments.push(Comment {
                    id: id * 1_000 + n as u64,
                    review: Some(id),
                    by: by.to_owned(),
                    path: (*path).to_owned(),
                    line: *line,
                    body: (*body).to_owned(),
                    at: now,
                });
            }
        });
        id
    }

    /// Someone says something below it.
    pub fn comment(&self, by: (&str, &str), body: &str) {
        self.act(|pull, now| {
            pull.said.push(IssueComment {
                by: by.0.to_owned(),
                association: by.1.to_owned(),
                body: body.to_owned(),
                at: now,
            });
        });
    }

    /// Checks of its head, by name; those that were there before are gone. Nothing says so but the checks.
    pub fn checks(&self, checks: &[(&str, Mark)]) {
        let word = |mark: Mark| match mark {
            Mark::Running => None,
            Mark::Green => Some("success".to_owned()),
            Mark::Red => Some("failure".to_owned()),
        };
        self.report(checks, word, |repo| &mut repo.checks);
    }

    /// The same, of services that report a status.
    pub fn statuses(&self, statuses: &[(&str, Mark)]) {
        let word = |mark: Mark| match mark {
            Mark::Running => None,
            Mark::Green => Some("success".to_owned()),
            Mark::Red => Some("failure".to_owned()),
        };
        self.report(statuses, word, |repo| &mut repo.statuses);
    }

    fn report(
        &self,
        checks: &[(&str, Mark)],
        word: impl Fn(Mark) -> Option<String>,
        of: impl FnOnce(&mut Repository) -> &mut BTreeMap<String, Vec<Check>>,
    ) {
        let head = self.head();
        self.github.act(|world, now| {
            let one = |(name, mark): &(&str, Mark)| Check {
                name: (*name).to_owned(),
                conclusion: word(*mark),
                at: now,
            };
            let checks = checks.iter().map(one).collect();
            if let Some(repo) = world.named(&self.repo) {
                of(repo).insert(head, checks);
            }
        });
    }

    /// It has a conflict with its base, or none.
    pub fn conflict(&self, conflict: bool) {
        self.act(|pull, _| (pull.conflict, pull.is_computed) = (conflict, true));
    }

    /// It becomes a draft, or ready.
    pub fn draft(&self, draft: bool) {
        self.act(|pull, _| {
            pull.draft = draft;
            pull.last = if draft { Happened::Drafted } else { Happened::Readied };
        });
    }

    /// Someone merges it.
    pub fn merge(&self, by: &str) {
        self.becomes(State::Merged, Some(by), Happened::Closed);
    }

    /// Someone closes it.
    pub fn close(&self, by: &str) {
        self.becomes(State::Closed, Some(by), Happened::Closed);
    }

    /// Someone opens it again.
    pub fn reopen(&self) {
        self.becomes(State::Open, None, Happened::Reopened);
    }

    fn becomes(&self, state: State, ended_by: Option<&str>, last: Happened) {
        let ended_by = ended_by.map(str::to_owned);
        self.act(|pull, _| (pull.state, pull.ended_by, pull.last) = (state, ended_by, last));
    }

    /// Its repository's name, as it was when this was made, and its number.
    #[must_use]
    pub fn name(&self) -> (&str, u64) {
        (&self.repo, self.number)
    }
}

impl SimGitHub {
    /// Who commits as Jules.
    #[must_use]
    pub fn jules() -> &'static str {
        JULES
    }
}
