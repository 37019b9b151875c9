//! Reads the GitHub issue that a task is about.

use super::super::Engine;
use domain::fault::{Cause, Fault};
use domain::issue_context::{Comment, has_strangers, write};
use domain::pull::{IssueState, PullRef};
use domain::secret::Secret;
use domain::task::{Attempt, IssueClosed, IssueRead, Outcome, Task};
use github::Error;

/// After so many attempts the task starts with the link alone.
const PATIENT: u32 = 3;

impl Engine {
    pub(super) async fn read_issue(&self, task: &Task, attempt: &Attempt, at: &PullRef) -> Outcome {
        let Some(pulls) = self.pulls.get() else {
            return Outcome::IssueRead(Box::default());
        };
        let read = async {
            let issue = pulls.github.issue(at).await?;
            let comments = match issue.is_pull {
                true => Vec::new(),
                false => pulls.github.issue_comments(at).await?,
            };
            Ok((issue, comments))
        };
        let (issue, comments) = match read.await {
            Ok(read) => read,
            Err(Error::Down(_)) if attempt.number < PATIENT => {
                let cause = Cause::GitHubDown;
                return Outcome::Failed(Fault::Later { cause, after: None });
            }
            Err(error) => {
                tracing::info!(task.id = %task.id, %error, "an issue could not be read");
                let read = IssueRead { is_unread: true, ..IssueRead::default() };
                return Outcome::IssueRead(Box::new(read));
            }
        };
        // GitHub's address of an issue leads to a pull request of that number, too.
        if issue.is_pull {
            return Outcome::IssueRead(Box::default());
        }
        let Ok(mark) = getrandom::u64() else { return super::store_later() };
        let comments: Vec<Comment> = comments
            .into_iter()
            .map(|one| Comment { by: one.by, association: one.association, body: one.body })
            .collect();
        let text = write(&task.ask.prompt, &issue, &comments, mark);
        let closed = match &issue.state {
            IssueState::Open => None,
            IssueState::Closed { why, at } => Some(IssueClosed { why: why.clone(), at: *at }),
        };
        Outcome::IssueRead(Box::new(IssueRead {
            text: Some(Secret::new(text)),
            has_strangers: has_strangers(&issue, &comments),
            is_unread: false,
            closed,
        }))
    }
}
