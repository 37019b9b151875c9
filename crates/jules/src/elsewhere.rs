//! Sessions that began elsewhere: one with what has to be known to follow it, and a list to pick from.

use super::client::{JulesClient, session_path};
use super::error::Error;
use super::paging::{Page, PageToken};
use super::wire::session;
use domain::ids::SessionId;
use domain::repo::Branch;
use domain::session::Session;

/// How many sessions a page to pick from has: their titles may be whole prompts.
const PAGE_SIZE: &str = "50";

/// A session with what it was asked to do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DescribedSession {
    /// The session.
    pub session: Session,
    /// The branch that it started from, when told.
    pub branch: Option<Branch>,
    /// What Jules was told to do; `None` when that is longer than what is read.
    pub prompt: Option<String>,
}

impl JulesClient {
    /// One session, with its branch and its prompt. Jules: `sessions.get`.
    ///
    /// # Errors
    /// [`Error::NotFound`] when it is not in this account; otherwise those of a read.
    pub async fn described(&self, id: &SessionId) -> Result<DescribedSession, Error> {
        let read = self.get::<session::WireSession>(&session_path(id)?, &session::DESCRIBED).await;
        match read {
            Ok((wire, asked)) => {
                let (session, branch, prompt) =
                    wire.into_described(&asked).ok_or(Error::Decode("it has no id"))?;
                Ok(DescribedSession { session, branch, prompt })
            }
            // Its prompt is what can be that long.
            Err(Error::TooLarge { .. }) => Ok(DescribedSession {
                session: self.session(id).await?,
                branch: None,
                prompt: None,
            }),
            Err(error) => Err(error),
        }
    }

    /// A page of the account's sessions, up to 50, newest first, with their titles and sources, without those
    /// that are archived. Jules: `sessions.list`.
    ///
    /// # Errors
    /// Those of a read.
    pub async fn sessions_to_pick(&self, at: Option<&PageToken>) -> Result<Page<Session>, Error> {
        let query = [("pageSize", PAGE_SIZE)];
        let (page, asked): (session::SessionPage, _) =
            self.list("sessions", &query, &session::PICK, at).await?;
        Ok(page.into_page(&asked))
    }
}
