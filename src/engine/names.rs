//! What people and channels are called. Slack names them by their ids, which mean nothing to Jules.

use super::bounded_map::BoundedMap;
use super::workspace::Workspace;
use domain::ids::UserId;
use domain::words::{Mentioned, Names, Words};
use futures_util::future::join_all;
use jiff::{SignedDuration, Timestamp};
use platform::clock::is_younger;
use std::collections::HashSet;
use std::time::Duration;

/// So long a name is remembered.
const REMEMBERED: SignedDuration = SignedDuration::from_hours(1);

/// So many names of one text are asked for; the others stay unnamed.
const MOST_ASKED: usize = 20;

/// Slack waits three seconds for an answer, so these questions must take less together.
const PATIENCE: Duration = Duration::from_millis(1500);

/// The scopes with which Slack tells a channel's name.
const OF_CHANNELS: &[&str] = &["channels:read", "groups:read"];

/// The names that Slack told, and when.
pub(super) type NameCache = BoundedMap<Mentioned, (String, Timestamp)>;

impl Workspace {
    /// What those are called whom the words name, `except` one, as far as Slack tells.
    pub(super) async fn names_of(
        &self,
        words: &[&Words],
        except: Option<&UserId>,
        now: Timestamp,
    ) -> Names {
        let is_wanted =
            |one: &&Mentioned| !matches!(one, Mentioned::User(id) if Some(id) == except);
        let asked: HashSet<&Mentioned> =
            words.iter().flat_map(|words| words.mentioned()).filter(is_wanted).collect();
        self.names_of_all(asked.into_iter().cloned(), now).await
    }

    /// What these people are called, as far as Slack tells.
    pub(super) async fn names_of_people(&self, people: &[UserId], now: Timestamp) -> Names {
        let asked: HashSet<Mentioned> = people.iter().cloned().map(Mentioned::User).collect();
        self.names_of_all(asked.into_iter(), now).await
    }

    async fn names_of_all(&self, all: impl Iterator<Item = Mentioned>, now: Timestamp) -> Names {
        let asked = all.take(MOST_ASKED).map(|one| self.name_of(one, now));
        join_all(asked).await.into_iter().flatten().collect()
    }

    /// An id with what it is called; `None` where Slack does not say.
    async fn name_of(&self, one: Mentioned, now: Timestamp) -> Option<(Mentioned, String)> {
        let known = self.names.get(&one);
        if let Some((name, _)) = known.filter(|(_, at)| is_younger(*at, REMEMBERED, now)) {
            return Some((one, name));
        }
        let asked = async {
            match &one {
                Mentioned::User(user) => self.told_of(user, now).await.said()?.name,
                Mentioned::Channel(channel) if self.may_ask(OF_CHANNELS) => {
                    self.slack.channel_name(channel).await.ok()?
                }
                Mentioned::Channel(_) => None,
            }
        };
        let name = tokio::time::timeout(PATIENCE, asked).await.ok().flatten()?;
        self.names.insert(one.clone(), (name.clone(), now));
        Some((one, name))
    }
}
