//! Who did it, and in which installation.
//!
//! A payload names teams in up to eight places, which differ for organisation-wide installs and
//! for people from other organisations. The order in which Bolt, Slack's own framework, asks them
//! is the closest thing to a documented rule; it is written down here once.

use super::json::{flag, id, text};
use domain::ids::{TeamId, UserId};
use domain::tenant::Who;
use serde_json::Value;

/// Out of a payload.
pub(super) fn of(payload: &Value) -> Who {
    let org_wide = flag(payload, "/authorizations/0/is_enterprise_install")
        .or_else(|| flag(payload, "/is_enterprise_install"))
        .unwrap_or(false);
    Who {
        team: team(payload, org_wide),
        enterprise: id(payload, &ENTERPRISE, TeamId::parse),
        org_wide,
        user: id(payload, &USER, UserId::parse),
        user_team: id(payload, &USER_TEAM, TeamId::parse),
        shared: flag(payload, "/is_ext_shared_channel").unwrap_or(false),
        by_app: by_app(payload),
    }
}

/// The workspace of the author of a message, as Slack lists it.
pub(crate) fn team_of(message: &Value) -> Option<TeamId> {
    id(message, &["/user_team", "/source_team", "/team"], TeamId::parse)
}

/// Out of a command's form, which is flat and says each thing once.
pub(super) fn of_form<'a>(field: impl Fn(&str) -> Option<&'a str>) -> Who {
    let team = |name: &str| field(name).and_then(|id| TeamId::parse(id).ok());
    Who {
        team: team("team_id"),
        enterprise: team("enterprise_id"),
        org_wide: field("is_enterprise_install") == Some("true"),
        user: field("user_id").and_then(|id| UserId::parse(id).ok()),
        ..Who::default()
    }
}

/// The other app that wrote a message, be it with a person's token: its id and its bot's. [Slack: message
/// event, `app_id`]
fn by_app(payload: &Value) -> Vec<String> {
    let app = text(payload, &["/event/app_id", "/event/message/app_id"]);
    let bot = text(payload, &["/event/bot_id", "/event/message/bot_id"]);
    if app.is_some() && app == text(payload, &["/api_app_id"]) {
        return Vec::new();
    }
    app.into_iter().chain(bot).map(str::to_owned).collect()
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
        of(payload).team.map(|team| team.to_string())
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
        let who = of(&json!({"team": "T1", "enterprise": "E1", "user_id": "U1"}));
        assert_eq!(who.team.unwrap().as_str(), "T1");
        assert_eq!(who.enterprise.unwrap().as_str(), "E1");
        assert_eq!(who.user.unwrap().as_str(), "U1");
    }

    #[test]
    fn an_organisation_wide_install_is_not_guessed_from_the_person() {
        let stranger = json!({"team": null, "enterprise": {"id": "E1"},
            "is_enterprise_install": true, "user": {"id": "U1", "team_id": "T_ELSEWHERE"}});
        let who = of(&stranger);
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
            assert_eq!(of(&payload).org_wide, expected, "{payload}");
        }
    }

    #[test]
    fn a_message_of_another_app_is_its_own() {
        for (payload, expected) in [
            (json!({"api_app_id": "A1", "event": {"user": "U1"}}), false),
            (json!({"api_app_id": "A1", "event": {"user": "U1", "app_id": "A1"}}), false),
            (json!({"api_app_id": "A1", "event": {"user": "U1", "app_id": "A2"}}), true),
            (json!({"event": {"user": "U1", "app_id": "A2"}}), true),
            (json!({"api_app_id": "A1", "event": {"message": {"app_id": "A2"}}}), true),
        ] {
            assert_eq!(!of(&payload).by_app.is_empty(), expected, "{payload}");
        }
    }

    #[test]
    fn what_is_no_id_is_nobody() {
        let who = of(&json!({"user": {"id": "a/../b"}, "team": {"id": 5}, "team_id": ""}));
        assert_eq!(who, Who::default());
    }
}
