//! Who did it, and in which installation.
//!
//! A payload names teams in up to eight places, which differ for organisation-wide installs and
//! for people from other organisations. The order in which Bolt, Slack's own framework, asks them
//! is the closest thing to a documented rule; it is written down here once.

use super::json::{flag, id};
use crate::domain::ids::{TeamId, UserId};
use serde_json::Value;

/// The person and the installation that something came from.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Who {
    /// The workspace of the installation; `None` where Slack does not say, as it does not for many
    /// organisation-wide ones. A form of an organisation-wide install has the `E…` id here.
    pub team: Option<TeamId>,
    /// The organisation (`E…`) that the workspace belongs to, if any.
    pub enterprise: Option<TeamId>,
    /// Installed once for the whole organisation rather than in one workspace.
    pub org_wide: bool,
    /// The person; `None` for events that nobody caused.
    pub user: Option<UserId>,
    /// The person's own workspace. In a channel shared with another organisation it is not the
    /// installation's: compare before letting them change anything.
    pub user_team: Option<TeamId>,
}

impl Who {
    /// The id that the installation is stored under: the organisation's when it is organisation-wide
    /// (its one token serves every workspace), the workspace's otherwise.
    #[must_use]
    pub fn installation(&self) -> Option<&TeamId> {
        if self.org_wide { self.enterprise.as_ref() } else { self.team.as_ref() }
    }

    pub(super) fn of(payload: &Value) -> Self {
        let org_wide = flag(payload, "/authorizations/0/is_enterprise_install")
            .or_else(|| flag(payload, "/is_enterprise_install"))
            .unwrap_or(false);
        Self {
            team: team(payload, org_wide),
            enterprise: id(payload, &ENTERPRISE, TeamId::parse),
            org_wide,
            user: id(payload, &USER, UserId::parse),
            user_team: id(payload, &USER_TEAM, TeamId::parse),
        }
    }

    /// The same out of a command's form, which is flat and says each thing once.
    pub(super) fn of_form<'a>(field: impl Fn(&str) -> Option<&'a str>) -> Self {
        let team = |name: &str| field(name).and_then(|id| TeamId::parse(id).ok());
        Self {
            team: team("team_id"),
            enterprise: team("enterprise_id"),
            org_wide: field("is_enterprise_install") == Some("true"),
            user: field("user_id").and_then(|id| UserId::parse(id).ok()),
            user_team: None,
        }
    }
}

/// The workspace of the installation. The person's own is the last guess, and no guess at all when
/// the install is organisation-wide: that one is found by its organisation, and a guess would make
/// a guest from elsewhere look like one of its members.
fn team(payload: &Value, org_wide: bool) -> Option<TeamId> {
    let told = id(payload, &TEAM, TeamId::parse);
    if told.is_some() || org_wide {
        return told;
    }
    id(payload, &["/user/team_id", "/view/team_id"], TeamId::parse)
}

const TEAM: [&str; 7] = [
    "/view/app_installed_team_id",
    "/team/id",
    "/team",
    "/authorizations/0/team_id",
    "/team_id",
    "/event/team_id",
    "/event/team",
];

const ENTERPRISE: [&str; 7] = [
    "/enterprise/id",
    "/enterprise",
    "/authorizations/0/enterprise_id",
    "/enterprise_id",
    "/team/enterprise_id",
    "/event/enterprise_id",
    "/event/enterprise",
];

/// `user` is an object in interactions and in events about people, a text in other events, and
/// `user_id` in commands; a message that was changed is inside its event.
const USER: [&str; 5] =
    ["/user/id", "/user_id", "/event/user", "/event/user/id", "/event/message/user"];

/// What says most about the person comes first: `team` of a message is its author's in what Slack
/// documents, but the only one of these whose name does not say so.
const USER_TEAM: [&str; 8] = [
    "/user/team_id",
    "/event/user_team",
    "/event/source_team",
    "/event/user/team_id",
    "/event/team",
    // Of a message that was changed.
    "/event/message/user_team",
    "/event/message/source_team",
    "/event/message/team",
];

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn team(payload: &Value) -> Option<String> {
        Who::of(payload).team.map(|team| team.to_string())
    }

    #[test]
    fn the_first_place_that_names_a_team_wins() {
        let mut payload = json!({
            "view": {"app_installed_team_id": "T1", "team_id": "T8"},
            "team": {"id": "T2"},
            "authorizations": [{"team_id": "T3"}],
            "team_id": "T4",
            "event": {"team_id": "T5", "team": "T6"},
            "user": {"team_id": "T7"},
        });
        for (expected, place) in [
            ("T1", "/view/app_installed_team_id"),
            ("T2", "/team/id"),
            ("T3", "/authorizations/0/team_id"),
            ("T4", "/team_id"),
            ("T5", "/event/team_id"),
            ("T6", "/event/team"),
            ("T7", "/user/team_id"),
            ("T8", "/view/team_id"),
        ] {
            assert_eq!(team(&payload).as_deref(), Some(expected));
            *payload.pointer_mut(place).unwrap() = Value::Null;
        }
        assert_eq!(team(&payload), None);
    }

    #[test]
    fn team_and_enterprise_may_be_plain_texts() {
        let who = Who::of(&json!({"team": "T1", "enterprise": "E1", "user_id": "U1"}));
        assert_eq!(who.team.unwrap().as_str(), "T1");
        assert_eq!(who.enterprise.unwrap().as_str(), "E1");
        assert_eq!(who.user.unwrap().as_str(), "U1");
    }

    #[test]
    fn an_organisation_wide_install_is_not_guessed_from_the_person() {
        let stranger = json!({"team": null, "enterprise": {"id": "E1"},
            "is_enterprise_install": true, "user": {"id": "U1", "team_id": "T_ELSEWHERE"}});
        let who = Who::of(&stranger);
        assert_eq!(who.team, None);
        assert_eq!(who.installation().unwrap().as_str(), "E1");
        assert_eq!(who.user_team.unwrap().as_str(), "T_ELSEWHERE");
    }

    #[test]
    fn the_authorization_decides_whether_it_is_organisation_wide() {
        for (payload, expected) in [
            (json!({"is_enterprise_install": "true"}), true),
            (json!({"is_enterprise_install": "false"}), false),
            (json!({"is_enterprise_install": true}), true),
            (json!({"is_enterprise_install": 1}), false),
            (
                json!({"is_enterprise_install": true,
                    "authorizations": [{"is_enterprise_install": false}]}),
                false,
            ),
            (json!({}), false),
        ] {
            assert_eq!(Who::of(&payload).org_wide, expected, "{payload}");
        }
    }

    #[test]
    fn what_is_no_id_is_nobody() {
        let who = Who::of(&json!({"user": {"id": "a/../b"}, "team": {"id": 5}, "team_id": ""}));
        assert_eq!(who, Who::default());
    }
}
