//! A look at a session, as a task is handed it.

use domain::activity::{Activity, ActivityId, Event, Originator};
use domain::ids::SessionId;
use domain::session::{PullRequest, Session, SessionState};
use domain::task::Observation;
use jiff::Timestamp;

/// The session that the laws have.
pub(super) const ID: &str = "31415926535897932384";

/// The session is in this state, and this is what it says now, as the activity of this number.
pub(super) fn observed(
    state: SessionState,
    (number, event): (u32, Event),
    pull_requests: Vec<PullRequest>,
    now: Timestamp,
) -> Observation {
    let activity = Activity {
        id: ActivityId(format!("a{number}")),
        created: Some(now),
        originator: Originator::Agent,
        description: None,
        events: vec![event],
        artifacts: Vec::new(),
        without_artifacts: false,
    };
    let session = Session {
        id: SessionId::parse(ID).unwrap(),
        url: String::new(),
        title: None,
        state: Some(state),
        source: None,
        created: None,
        updated: Some(now),
        archived: Some(false),
        pull_requests,
        change_set: None,
    };
    Observation { session, activities: Some(vec![activity]), is_whole: true }
}
