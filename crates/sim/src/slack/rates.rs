//! Slack's rate limits, enforced when a test switches them on (reference section 12).

use super::fault::{Call, Fault};
use super::model::World;
use super::server::SimSlack;
use jiff::{SignedDuration, Timestamp};
use std::collections::{BTreeMap, VecDeque};

/// Who called what, and when, within each method's window.
pub(super) type Rates = BTreeMap<String, VecDeque<Timestamp>>;

impl SimSlack {
    /// Enforces Slack's limits from now on, or no longer: `chat.update` 50 a minute,
    /// `chat.postMessage` one a second and channel with bursts of three, the others by their tier.
    /// What exceeds them gets 429 with `Retry-After` and is not done.
    pub fn limit_rates(&self, on: bool) {
        self.change(|world| world.rates = on.then(Rates::new));
    }
}

/// Calls of this method in so many seconds. Bursts are not published; Slack says "small".
fn allowance(method: &str, distributed: bool) -> Option<(usize, i64)> {
    Some(match method {
        "conversations.replies" | "conversations.history" if distributed => (1, 60),
        "chat.postMessage" => (3, 3),
        "conversations.list"
        | "users.list"
        | "users.conversations"
        | "auth.teams.list"
        | "reactions.remove" => (20, 60),
        "chat.update"
        | "chat.delete"
        | "conversations.info"
        | "conversations.join"
        | "conversations.open"
        | "conversations.replies"
        | "conversations.history"
        | "reactions.add"
        | "reactions.get"
        | "bots.info"
        | "team.info"
        | "auth.revoke" => (50, 60),
        "chat.postEphemeral"
        | "views.open"
        | "views.publish"
        | "views.update"
        | "views.push"
        | "users.info"
        | "files.getUploadURLExternal"
        | "files.completeUploadExternal"
        | "conversations.members" => (100, 60),
        "oauth.v2.access" => (600, 60),
        // `apps.connections.open` is of the first tier, one a minute, but an app may open ten connections when it
        // starts: how many at once is not published, and any number here would be a guess.
        _ => return None,
    })
}

/// The refusal of a call that is one too many; counts those that are not.
pub(super) fn exceeded(world: &mut World, call: &Call) -> Option<Fault> {
    let distributed = world.settings.distributed;
    let rates = world.rates.as_mut()?;
    let (most, seconds) = allowance(&call.method, distributed)?;
    let channel = call.args["channel"].as_str().filter(|_| call.method == "chat.postMessage");
    let key = format!("{} {}", call.method, channel.unwrap_or_default());
    let stamps = rates.entry(key).or_default();
    let window = SignedDuration::from_secs(seconds);
    stamps.retain(|at| call.at.duration_since(*at) < window);
    match stamps.front().filter(|_| stamps.len() >= most) {
        Some(oldest) => {
            let left = window - call.at.duration_since(*oldest);
            // Whole seconds, rounded up: a client that waits so long gets through.
            let wait = left.as_millis().max(1).div_euclid(1000)
                + i128::from(left.as_millis().rem_euclid(1000) > 0);
            Some(Fault::Limited(u32::try_from(wait).ok()))
        }
        None => {
            stamps.push_back(call.at);
            None
        }
    }
}
