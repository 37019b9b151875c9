//! The access rules: whether Slack knows whom they name, and says what they ask.

use super::slack::connector;
use super::{Check, Environment};
use domain::policy::{Named, Policy};
use slack::client::SlackClient;
use slack::error::CallError;
use std::collections::BTreeSet;
use std::sync::Arc;

const NAME: &str = "access";

/// So many people and groups are asked for: each is a call.
const MOST_ASKED: usize = 50;

pub(super) async fn look(case: Arc<Environment>) -> Vec<Check> {
    if !case.is_set("ACCESS_FILE") && !case.is_set("ADMINS") {
        return vec![Check::ok(
            NAME,
            "no rules are set: every member may start, approve, steer and bind; guests may only look",
        )];
    }
    // What is wrong with the file is among the mistakes of the settings.
    let Ok(policy) = case.parts.access.policy() else {
        return vec![Check::settings_first(NAME)];
    };
    if case.parts.is_oauth_alone {
        return vec![Check::ok(NAME, "the rules can be read")];
    }
    let (Some(token), Ok(connector)) = (&case.parts.bot_token, connector(&case)) else {
        return vec![Check::settings_first(NAME)];
    };
    let slack = SlackClient::new(connector, token);
    let named: BTreeSet<&Named> = policy.named().collect();
    let count = named.len();
    let mut checks = Vec::new();
    for one in named.into_iter().take(MOST_ASKED) {
        checks.extend(unknown(&slack, one).await);
    }
    checks.extend(without_scopes(&slack, &policy).await);
    if checks.is_empty() {
        let words = match count {
            0 => "the rules name nobody in particular".to_owned(),
            count => format!("Slack knows all {count} people and user groups that the rules name"),
        };
        checks.push(Check::ok(NAME, words));
    }
    checks
}

/// Someone whom Slack doesn't know.
async fn unknown(slack: &SlackClient, one: &Named) -> Option<Check> {
    let (who, error) = match one {
        Named::Person(user) => (user.as_str(), slack.user_info(user).await.err()?),
        Named::Group(group) => (group.as_str(), slack.group_members(group).await.err()?),
    };
    match error {
        // Said once for all of them.
        CallError::MissingRights { .. } => None,
        error => Some(Check::warning(
            NAME,
            format!("Slack doesn't know `{who}` ({error})"),
            "Check the id in ACCESS_FILE or ADMINS. Until then the rule lets nobody of it in.",
        )),
    }
}

/// Rules that ask what the token can't see.
async fn without_scopes(slack: &SlackClient, policy: &Policy) -> Vec<Check> {
    let Ok(installation) = slack.auth_test().await else { return Vec::new() };
    let mut checks = Vec::new();
    if policy.groups().next().is_some() && !installation.may_use_any(&["usergroups:read"]) {
        checks.push(Check::warning(
            NAME,
            "the rules name user groups, and without the scope usergroups:read nobody is in one",
            "Add the scope and install the app again.",
        ));
    }
    if policy.mentions_guests() && !installation.may_use_any(&["users:read"]) {
        checks.push(Check::warning(
            NAME,
            "the rules are about guests, and without the scope users:read everyone counts as one",
            "Add the scope and install the app again.",
        ));
    }
    checks
}
