//! Reads the GitHub issue or pull request that a task is about.

use super::super::Engine;
use super::super::index::Claimed;
use domain::fault::{Cause, Fault};
use domain::issue_context::{Comment, has_strangers, links_to_pull, write};
use domain::pull::{IssueFacts, IssueState, PullRef, PullState};
use domain::secret::Secret;
use domain::session_link::SessionLink;
use domain::task::{Attempt, IssueClosed, IssueRead, LinkedPull, Outcome, Task, ThreadHolder};
use github::{Error, Fresh, GitHub, Urgency};
use std::time::Duration;
use store::records::RecordError;
use tokio::time::timeout;

/// After so many attempts the task starts with the link alone.
const PATIENT: u32 = 3;

/// How long Jules is asked which session opened a pull request.
const OPENER: Duration = Duration::from_secs(20);

/// What GitHub shows at the address.
enum Shown {
    Issue(Box<IssueFacts>, Vec<Comment>),
    Pull(LinkedPull),
}

impl Engine {
    pub(super) async fn read_issue(&self, task: &Task, attempt: &Attempt, at: &PullRef) -> Outcome {
        let begun = match self.begun_on(task, at).await {
            Ok(begun) => begun,
            Err(error) => {
                tracing::warn!(%error, "whose an issue is could not be read");
                return super::store_later();
            }
        };
        let read = match self.pulls.get() {
            Some(pulls) => shown(&pulls.github, at).await.map(Some),
            None => Ok(None),
        };
        let read = match read {
            Ok(Some(Shown::Issue(issue, comments))) => {
                let Ok(mark) = getrandom::u64() else { return super::store_later() };
                issue_read(task, &issue, &comments, mark)
            }
            Ok(Some(Shown::Pull(pull))) => IssueRead { pull: Some(pull), ..IssueRead::default() },
            Ok(None) => IssueRead::default(),
            Err(Error::Down(_)) if attempt.number < PATIENT => {
                let cause = Cause::GitHubDown;
                return Outcome::Failed(Fault::Later { cause, after: None });
            }
            Err(error) => {
                tracing::info!(task.id = %task.id, %error, "an issue could not be read");
                IssueRead { is_unread: true, ..IssueRead::default() }
            }
        };
        let read = IssueRead { begun, ..read };
        if read.pull.is_some() || links_to_pull(&task.ask.prompt) {
            return self.read_pull(task, attempt, at, read).await;
        }
        Outcome::IssueRead(Box::new(read))
    }

    /// What comes of a link to a pull request.
    async fn read_pull(
        &self,
        task: &Task,
        attempt: &Attempt,
        at: &PullRef,
        read: IssueRead,
    ) -> Outcome {
        let of_jules = match timeout(OPENER, self.is_of_jules(task, at)).await {
            Ok(Ok(of_jules)) => of_jules,
            Ok(Err(error)) if attempt.number < PATIENT => return self.failed(&error),
            // It's only an offer.
            Ok(Err(_)) | Err(_) => false,
        };
        let seen = read.pull.unwrap_or(LinkedPull::NoBranch);
        let pull = Some(if of_jules { LinkedPull::OfJules } else { seen });
        Outcome::IssueRead(Box::new(IssueRead { pull, is_unread: false, ..read }))
    }

    /// The task that someone has begun on the issue; from now on it is this one's otherwise.
    async fn begun_on(
        &self,
        task: &Task,
        at: &PullRef,
    ) -> Result<Option<ThreadHolder>, RecordError> {
        if links_to_pull(&task.ask.prompt) {
            return Ok(None);
        }
        match self.claim_issue(task, at).await? {
            Claimed::Ours => Ok(None),
            Claimed::By(other) => self.holder(task, &other.id).await,
        }
    }

    /// Whether a session opened the pull request, so that it can be followed. GitHub needn't show it.
    async fn is_of_jules(&self, task: &Task, at: &PullRef) -> Result<bool, jules::Error> {
        let (account, link) = (self.account(&task.account), SessionLink::parse(&at.url()));
        let (Some(account), Some(link)) = (account, link) else { return Ok(false) };
        Ok(account.opener_of(&link).await?.is_some())
    }
}

/// GitHub's address of an issue leads to a pull request of that number, too.
async fn shown(github: &GitHub, at: &PullRef) -> Result<Shown, Error> {
    let issue = github.issue(at).await?;
    if issue.is_pull {
        let pull = match github.pull(at, None, Urgency::Person).await? {
            Fresh::New(pull, _) => pull,
            Fresh::Same => return Err(Error::Unreadable),
        };
        let is_open = matches!(pull.state, PullState::Open | PullState::Draft);
        let branch = (is_open && !pull.is_fork).then_some(pull.branch);
        return Ok(Shown::Pull(branch.map_or(LinkedPull::NoBranch, LinkedPull::Branch)));
    }
    let comments = github.issue_comments(at).await?.into_iter();
    let comment = |one: github::IssueComment| Comment {
        by: one.by,
        association: one.association,
        body: one.body,
    };
    Ok(Shown::Issue(Box::new(issue), comments.map(comment).collect()))
}

fn issue_read(task: &Task, issue: &IssueFacts, comments: &[Comment], mark: u64) -> IssueRead {
    let closed = match &issue.state {
        IssueState::Open => None,
        IssueState::Closed { why, at } => Some(IssueClosed { why: why.clone(), at: *at }),
    };
    let here = task.target.as_ref().map(|target| &target.repo);
    IssueRead {
        text: Some(Secret::new(write(&task.ask.prompt, here, issue, comments, mark))),
        has_strangers: has_strangers(issue, comments),
        closed,
        ..IssueRead::default()
    }
}
