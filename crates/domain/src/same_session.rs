//! Whether a session at Jules is the one that was asked for.
//!
//! Jules has no request id. When the answer to a create is lost, the session is recognised by what was
//! sent: its repository and branch, and its prompt, which cannot be changed afterwards. Titles may be cut
//! or rewritten (jules-api.md §9.4), so they count only where Jules does not tell the prompt.

use super::repo::Branch;
use super::session::{NewSession, Session};
use jiff::Timestamp;

/// Texts that were cut are recognised if so many characters are left: fewer may be anybody's.
const ENOUGH_OF_A_PROMPT: usize = 200;
/// The same for titles, which are told only beside a repository, a branch and a time that fit.
const ENOUGH_OF_A_TITLE: usize = 10;

/// A session that may be the one that was asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FoundSession {
    /// The session.
    pub session: Session,
    /// The branch it started from; `None` when not told.
    pub branch: Option<Branch>,
}

impl NewSession {
    /// Whether a session works where it was asked to. What is not told does not count against it, nor
    /// does the letter case of the repository.
    #[must_use]
    pub fn is_on(&self, found: &FoundSession) -> bool {
        let source = found.session.source.as_ref();
        let branch = found.branch.as_ref();
        source.is_none_or(|its| its.0.eq_ignore_ascii_case(&self.source.0))
            && branch.is_none_or(|its| *its == self.starting_branch)
    }

    /// Whether these are its words, as Jules tells them.
    #[must_use]
    pub fn says(&self, prompt: Option<&str>, title: Option<&str>) -> bool {
        match (prompt, title) {
            (Some(prompt), _) => is_same(&self.prompt, prompt, ENOUGH_OF_A_PROMPT),
            (None, Some(title)) => is_same(&self.title, title, ENOUGH_OF_A_TITLE),
            (None, None) => false,
        }
    }
}

/// Sorts what was found by how likely it is the one whose create was tried from `since` on: made since
/// then, the first of them first. One that was made before can be it only if the clocks differ.
pub fn likeliest_first(found: &mut [FoundSession], since: Timestamp) {
    found.sort_by_key(|one| {
        let age = one.session.created.map(|created| created.duration_since(since));
        let is_before = age.is_none_or(|age| age.is_negative());
        (is_before, age.map(|age| age.abs()))
    });
}

/// Whether a text came back as it was sent, or cut. White space does not count.
fn is_same(sent: &str, told: &str, enough: usize) -> bool {
    let words = |text: &str| text.chars().filter(|c| !c.is_whitespace()).collect::<String>();
    let (sent, told) = (words(sent), words(told));
    if sent == told {
        return true;
    }
    let cut = told.trim_end_matches(['…', '.']);
    cut.chars().count() >= enough && sent.starts_with(cut)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ids::SessionId;
    use crate::repo::SourceName;
    use proptest::prelude::*;

    fn order(prompt: &str) -> NewSession {
        NewSession {
            prompt: prompt.to_owned(),
            title: prompt.chars().take(80).collect(),
            source: SourceName("sources/github/o/r".to_owned()),
            starting_branch: Branch("main".to_owned()),
            ask_for_plan: false,
            open_pull_request: true,
        }
    }

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(1_000_000 + second).unwrap()
    }

    fn found(n: u8, created: Option<i64>) -> FoundSession {
        let session = Session {
            id: SessionId::parse(&n.to_string()).unwrap(),
            url: String::new(),
            title: None,
            state: None,
            source: Some(SourceName("sources/github/O/R".to_owned())),
            created: created.map(at),
            updated: None,
            archived: Some(false),
            pull_requests: Vec::new(),
            change_set: None,
        };
        FoundSession { session, branch: Some(Branch("main".to_owned())) }
    }

    #[test]
    fn another_repository_or_branch_is_another_session() {
        let order = order("tidy up");
        assert!(order.is_on(&found(1, None)));
        let mut other = found(1, None);
        other.branch = Some(Branch("Main".to_owned()));
        assert!(!order.is_on(&other));
        other.branch = None;
        assert!(order.is_on(&other));
        other.session.source = Some(SourceName("sources/github/o/other".to_owned()));
        assert!(!order.is_on(&other));
        other.session.source = None;
        assert!(order.is_on(&other));
    }

    #[test]
    fn the_prompt_decides_and_the_title_only_without_one() {
        let order = order("rename the frontend folder");
        assert!(order.says(Some("rename the frontend folder"), Some("Anything")));
        assert!(!order.says(Some("rename the backend folder"), Some("rename the frontend folder")));
        assert!(order.says(None, Some("rename the fron…")));
        assert!(!order.says(None, Some("rename")));
        assert!(!order.says(None, None));
    }

    #[test]
    fn a_short_prompt_is_not_recognised_by_its_beginning() {
        assert!(!order("tidy up the docs").says(Some("tidy up"), None));
        assert!(!order("tidy up").says(Some("tidy up the docs"), None));
        assert!(!order("tidy up").says(Some(""), None));
    }

    #[test]
    fn the_first_that_was_made_since_is_the_likeliest() {
        let created = [Some(-5), Some(40), None, Some(3), Some(-300), Some(0)];
        let mut all: Vec<_> = (0..).zip(created).map(|(n, at)| found(n, at)).collect();
        likeliest_first(&mut all, at(0));
        let order: Vec<_> = all
            .iter()
            .map(|one| one.session.created.map(|at| at.as_second() - 1_000_000))
            .collect();
        assert_eq!(order, [Some(0), Some(3), Some(40), None, Some(-5), Some(-300)]);
    }

    proptest! {
        #[test]
        fn what_was_sent_is_recognised_however_its_space_and_its_end_come_back(
            prompt in "[a-zé]{1,9}( [a-zé]{1,9}){60,90}",
            cut in 250_usize..600,
        ) {
            let order = order(&prompt);
            let spaced = format!("{}\r\n", prompt.replace(' ', "\n  "));
            let short: String = prompt.chars().take(cut).collect();
            let (cut, longer) = (format!("{short}..."), format!("{prompt} and more"));
            for told in [&prompt, &spaced, &cut] {
                prop_assert!(order.says(Some(told), None), "{told}");
            }
            prop_assert!(!order.says(Some(&longer), None), "{longer}");
        }
    }
}
