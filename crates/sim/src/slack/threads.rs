//! What happens in threads and channels apart from plain words: files, broadcasts, other bots, people of
//! another organisation, and what an admin does.
//!
//! Source: reference sections 11 (Events API) and 20 (Slack Connect).

use super::channel::{Channel, Kind, seconds};
use super::deliver::Ack;
use super::model::{User, World};
use super::person::{NotThere, Person, Said};
use super::server::SimSlack;
use super::{chat, events};
use jiff::Timestamp;
use serde_json::{Value, json};

/// A file that someone put into a message.
#[derive(Debug, Clone)]
pub(super) struct File {
    pub(super) mimetype: String,
    pub(super) bytes: Vec<u8>,
}

impl Person {
    /// Writes a message with files (name, MIME type, content) in the thread and delivers the event:
    /// `subtype: file_share`, the files with their `url_private`.
    ///
    /// # Errors
    /// [`NotThere`] as for [`Person::says`].
    pub async fn says_with_files(
        &self,
        channel: &str,
        thread_ts: Option<&str>,
        words: &str,
        files: &[(&str, &str, &[u8])],
    ) -> Result<Said, NotThere> {
        let now = self.slack.now();
        let host = self.slack.host();
        self.posts(channel, thread_ts, words, |world, message| {
            let shared = files.iter().map(|file| share(world, &host, &self.id, *file, now));
            message.files = shared.collect();
            message.subtype = Some("file_share");
        })
        .await
    }

    /// Writes a reply that is also sent to the channel (`subtype: thread_broadcast`).
    ///
    /// # Errors
    /// [`NotThere`] as for [`Person::says`].
    pub async fn says_to_all(
        &self,
        channel: &str,
        thread_ts: &str,
        words: &str,
    ) -> Result<Said, NotThere> {
        self.posts(channel, Some(thread_ts), words, |_, message| message.broadcast = true).await
    }
}

/// Keeps a file and gives what a message shows of it.
fn share(
    world: &mut World,
    host: &str,
    user: &str,
    (name, mimetype, bytes): (&str, &str, &[u8]),
    now: Timestamp,
) -> Value {
    let id = format!("F0{:08}", world.next());
    let plain = name.replace(|c: char| !c.is_ascii_alphanumeric() && c != '.', "_");
    let path = format!("/files-pri/{}-{id}/{plain}", world.team.id);
    let kind = name.rsplit_once('.').map_or("text", |(_, end)| end).to_lowercase();
    let shown = json!({
        "id": id,
        "created": now.as_second(),
        "timestamp": now.as_second(),
        "name": name,
        "title": name,
        "mimetype": mimetype,
        "filetype": kind,
        "user": user,
        "user_team": world.team.id,
        "mode": if mimetype.starts_with("text/") { "snippet" } else { "hosted" },
        "is_external": false,
        "is_public": true,
        "size": bytes.len(),
        "url_private": format!("{host}{path}"),
        "url_private_download": format!("{host}{path}"),
        "file_access": "visible",
    });
    let file = File { mimetype: mimetype.to_owned(), bytes: bytes.to_vec() };
    world.files.insert(path, file);
    shown
}

impl SimSlack {
    /// A member of another organisation (`team`, `T…`), in this channel only, which becomes a shared
    /// one. Such people see everything and click; commands and shortcuts are not offered to them.
    pub fn stranger(&self, name: &str, team: &str, channel: &str) -> Person {
        let person = self.add_from_elsewhere(name, team, channel, false);
        self.change(|world| with_channel(world, channel, |channel| channel.shared = true));
        person
    }

    /// The workspace belongs to this organisation (`E…`; Enterprise Grid).
    pub fn organisation(&self, id: &str) {
        self.change(|world| world.organisation = Some(id.to_owned()));
    }

    /// Leaves `enterprise_user` out of what is told of people, as Slack may (`users.info`), or puts it in again.
    pub fn leave_out_enterprise_user(&self, out: bool) {
        self.change(|world| world.settings.bare_users = out);
    }

    /// Leaves `enterprise_id` and `is_enterprise_install` out of `auth.test`, as Slack may, or puts them in again.
    /// An organisation is then told by `team_id` alone.
    pub fn leave_organisation_out_of_auth_test(&self, out: bool) {
        self.change(|world| world.settings.bare_auth_test = out);
    }

    /// A member of another workspace (`team`, `T…`) of our organisation, in this channel, which both
    /// workspaces have.
    pub fn sibling(&self, name: &str, team: &str, channel: &str) -> Person {
        self.add_from_elsewhere(name, team, channel, true)
    }

    fn add_from_elsewhere(&self, name: &str, team: &str, channel: &str, sibling: bool) -> Person {
        let id = self.change(|world| {
            let known = world.user_named(name).map(|user| user.id.clone());
            let id = known.unwrap_or_else(|| {
                let id = format!("U0{}", name.to_ascii_uppercase());
                let team = Some(team.to_owned());
                world.users.push(User { team, sibling, ..User::new(id.clone(), name) });
                id
            });
            with_channel(world, channel, |channel| {
                channel.members.insert(id.clone());
            });
            id
        });
        Person { slack: self.clone(), id }
    }

    /// Another app's bot writes in the channel or a thread: `subtype: bot_message`, a `bot_id` of its
    /// own. Gives the message's `ts` and the answers to its events.
    ///
    /// # Errors
    /// [`NotThere`] when there is no such channel.
    pub async fn other_bot_says(
        &self,
        channel: &str,
        thread_ts: Option<&str>,
        words: &str,
    ) -> Result<Said, NotThere> {
        self.other_bot_posts(channel, thread_ts, &json!({ "text": words })).await
    }

    /// An admin deletes anybody's message. A root with replies leaves a tombstone, into whose thread
    /// no one can post. Delivers the event.
    pub async fn admin_deletes(&self, channel: &str, ts: &str) -> Vec<Ack> {
        let now = self.now();
        self.change(|world| {
            let Some(id) = world.channel_named(channel).map(|channel| channel.id.clone()) else {
                return;
            };
            events::deleted(world, &id, ts, now);
            chat::remove(world, &id, ts);
        });
        self.deliver_events().await
    }

    /// Takes a channel out of the archive.
    pub fn unarchive(&self, channel: &str) {
        self.channel_event(channel, "unarchive", |channel| {
            channel.archived = false;
            json!({ "user": "USLACKBOT" })
        });
    }

    /// Gives a channel another name.
    pub fn rename(&self, channel: &str, name: &str) {
        let created = self.now().as_second();
        self.channel_event(channel, "rename", |channel| {
            channel.name = name.to_owned();
            // This event carries the channel itself instead of its id.
            json!({ "channel": { "id": channel.id, "name": name, "created": created } })
        });
    }

    /// Makes a public channel private; Slack tells apps nothing of it.
    pub fn make_private(&self, channel: &str) {
        self.change(|world| {
            with_channel(world, channel, |channel| channel.kind = Kind::Private);
        });
    }

    /// Gives a channel another id, as sharing does; the old one is `channel_not_found` from now on.
    pub fn change_id(&self, channel: &str, new: &str) {
        let now = self.now();
        self.change(|world| {
            let Some(old) = world.channel_named(channel).map(|channel| channel.id.clone()) else {
                return;
            };
            with_channel(world, &old, |channel| channel.id = new.to_owned());
            let event = json!({
                "type": "channel_id_changed",
                "old_channel_id": old,
                "new_channel_id": new,
                "event_ts": seconds(now),
            });
            events::of_channel(world, new, "channel_id_changed", event, now);
        });
    }

    /// Changes a channel and tells the app by the event of its sort: `channel_…` or `group_…`.
    pub(super) fn channel_event(
        &self,
        name: &str,
        what: &str,
        act: impl FnOnce(&mut Channel) -> Value,
    ) {
        let now = self.now();
        self.change(|world| {
            let Some(id) = world.channel_named(name).map(|channel| channel.id.clone()) else {
                return;
            };
            let Some(channel) = world.channel_mut(&id) else { return };
            let sort = if channel.kind == Kind::Private { "group" } else { "channel" };
            let kind = format!("{sort}_{what}");
            let mut event = act(channel);
            event["type"] = json!(kind);
            if event["channel"].is_null() {
                event["channel"] = json!(id);
            }
            events::of_channel(world, &id, &kind, event, now);
        });
    }
}

fn with_channel(world: &mut World, name: &str, act: impl FnOnce(&mut Channel)) {
    let id = world.channel_named(name).map(|channel| channel.id.clone());
    if let Some(channel) = id.and_then(|id| world.channel_mut(&id)) {
        act(channel);
    }
}
