//! What people type or paste for a session that began elsewhere: a link to its page, its id, or the pull
//! request that it opened.

use super::ids::SessionId;
use serde::{Deserialize, Serialize};

/// A bare number with fewer digits is something else: ids have 17 to 20 (jules-api.md §2.1).
const FEWEST_DIGITS: usize = 12;

/// Which session is meant.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SessionLink {
    /// The one with this id.
    Session(SessionId),
    /// The one that opened this pull request, by its address in lower case and without what may follow it.
    PullRequest(String),
}

impl SessionLink {
    /// Reads what was typed: an address of Jules' page (`/session/ID`, `/task/ID`) or of its API
    /// (`sessions/ID`), a bare id, or the address of a pull request on GitHub. Slack's `<url|label>`, a query
    /// and a fragment are dropped. `None` for anything else.
    #[must_use]
    pub fn parse(typed: &str) -> Option<Self> {
        let inner = typed.trim().trim_start_matches('<').trim_end_matches('>');
        let address = inner.split('|').next()?.trim();
        if address.len() >= FEWEST_DIGITS && address.bytes().all(|byte| byte.is_ascii_digit()) {
            return SessionId::parse(address).ok().map(Self::Session);
        }
        let path = address.split(['?', '#']).next()?;
        let path =
            ["https://", "http://"].iter().find_map(|one| path.strip_prefix(one)).unwrap_or(path);
        let parts: Vec<&str> = path.split('/').filter(|part| !part.is_empty()).collect();
        let (host, rest) = parts.split_first()?;
        match host.trim_start_matches("www.").to_ascii_lowercase().as_str() {
            "jules.google.com" | "jules.google" | "jules.googleapis.com" => session_in(rest),
            "sessions" => session_in(&parts),
            "github.com" => pull_request(rest),
            _ => None,
        }
    }

    /// Whether a pull request at this address is the one that is meant.
    #[must_use]
    pub fn is_pull_request(&self, address: &str) -> bool {
        match self {
            Self::Session(_) => false,
            Self::PullRequest(_) => Self::parse(address).as_ref() == Some(self),
        }
    }
}

/// The id behind `session`, `sessions` or `task`, wherever that stands in the path.
fn session_in(parts: &[&str]) -> Option<SessionLink> {
    let named = parts.windows(2).find(|pair| ["session", "sessions", "task"].contains(&pair[0]))?;
    let is_id = named[1].bytes().any(|byte| byte.is_ascii_digit());
    SessionId::parse(named[1]).ok().filter(|_| is_id).map(SessionLink::Session)
}

fn pull_request(parts: &[&str]) -> Option<SessionLink> {
    let [owner, repo, "pull", number, ..] = parts else { return None };
    let number: u64 = number.parse().ok()?;
    let address = format!("https://github.com/{owner}/{repo}/pull/{number}");
    Some(SessionLink::PullRequest(address.to_ascii_lowercase()))
}

#[cfg(test)]
mod tests {
    use super::*;

    const ID: &str = "31415926535897932384";

    #[test]
    fn a_session_is_named_by_a_link_of_any_shape_or_by_its_id() {
        let session = Some(SessionLink::Session(SessionId::parse(ID).unwrap()));
        for typed in [
            ID.to_owned(),
            format!("https://jules.google.com/session/{ID}"),
            format!("jules.google.com/session/{ID}/"),
            format!("http://jules.google.com/task/{ID}?tab=diff#top"),
            format!("https://jules.google.com/u/1/session/{ID}/code/main"),
            format!("<https://jules.google.com/session/{ID}|Rename the folder>"),
            format!("<https://jules.google.com/task/{ID}>"),
            format!(" sessions/{ID} "),
            format!("https://jules.googleapis.com/v1alpha/sessions/{ID}"),
        ] {
            assert_eq!(SessionLink::parse(&typed), session, "{typed}");
        }
    }

    #[test]
    fn a_pull_request_is_one_whatever_is_open_on_its_page() {
        let known = SessionLink::parse("https://github.com/Acme/Web/pull/12").unwrap();
        for address in
            ["https://github.com/acme/web/pull/12/", "github.com/acme/web/pull/12/files?w=1#r3"]
        {
            assert_eq!(SessionLink::parse(address).as_ref(), Some(&known), "{address}");
            assert!(known.is_pull_request(address), "{address}");
        }
        assert!(!known.is_pull_request("https://github.com/acme/web/pull/123"));
    }

    #[test]
    fn what_is_neither_is_nothing() {
        for typed in [
            "",
            "me",
            "42",
            "https://jules.google.com",
            "https://jules.google.com/session/",
            "https://jules.google.com/task/new",
            "https://evil.test/session/31415926535897932384",
            "https://github.com/acme/web/issues/12",
            "https://github.com/acme/web/pull/new",
            "sessions/../../x",
        ] {
            assert_eq!(SessionLink::parse(typed), None, "{typed}");
        }
    }
}
