//! Setting up the workspace: people, channels, and what an operator can switch on Slack's side.

use super::channel::Kind;
use super::events;
use super::model::{User, UserGroup};
use super::person::{NotThere, Person};
use super::server::SimSlack;
use serde_json::json;
use std::collections::BTreeSet;

impl SimSlack {
    /// The person of that name, who comes to the workspace if there was none: a member of every
    /// public channel, and of private ones only by [`SimSlack::invite`].
    pub fn user(&self, name: &str) -> Person {
        let id = self.change(|world| world.add_user(name));
        Person { slack: self.clone(), id }
    }

    /// The public channel of that name, made if there was none, with the bot and everyone in it.
    /// Gives its id.
    pub fn channel(&self, name: &str) -> String {
        let now = self.now();
        self.change(|world| {
            let everybody = world
                .users
                .iter()
                .filter(|user| user.team.is_none())
                .map(|user| user.id.clone())
                .collect();
            world.add_channel(name, Kind::Public, everybody, now)
        })
    }

    /// The private channel of that name, made if there was none, with these people in it and
    /// **without** the bot. Gives its id.
    pub fn private_channel(&self, name: &str, people: &[&str]) -> String {
        let now = self.now();
        self.change(|world| {
            let members = people.iter().map(|person| world.add_user(person)).collect();
            world.add_channel(name, Kind::Private, members, now)
        })
    }

    /// The direct messages between the app and this person; `@name` names them elsewhere.
    pub fn dm(&self, name: &str) -> String {
        let now = self.now();
        self.change(|world| {
            let user = world.add_user(name);
            world.direct(&user, now).unwrap_or_default()
        })
    }

    /// The direct messages between two people, which the app cannot see; `one+other` names them.
    pub fn dm_between(&self, one: &str, other: &str) -> String {
        let now = self.now();
        self.change(|world| {
            let members: BTreeSet<String> = [world.add_user(one), world.add_user(other)].into();
            world.add_channel(&format!("{one}+{other}"), Kind::Between, members, now)
        })
    }

    /// Brings a person, or the bot by its name `jules`, into a channel.
    pub fn invite(&self, channel: &str, name: &str) {
        let now = self.now();
        self.change(|world| {
            let user = world.add_user(name);
            let id = world.channel_named(channel).map(|channel| channel.id.clone());
            let Some(id) = id else { return };
            let added =
                world.channel_mut(&id).is_some_and(|channel| channel.members.insert(user.clone()));
            if added {
                events::membership(world, "member_joined_channel", &id, &user, now);
            }
        });
    }

    /// Removes a person, or the bot by its name `jules`, from a channel.
    pub fn remove(&self, channel: &str, name: &str) {
        let now = self.now();
        self.change(|world| {
            let user = world.add_user(name);
            let id = world.channel_named(channel).map(|channel| channel.id.clone());
            let Some(id) = id else { return };
            events::membership(world, "member_left_channel", &id, &user, now);
            if let Some(channel) = world.channel_mut(&id) {
                channel.members.remove(&user);
            }
        });
    }

    /// Archives a channel.
    pub fn archive(&self, channel: &str) {
        self.channel_event(channel, "archive", |channel| {
            channel.archived = true;
            json!({ "user": "USLACKBOT" })
        });
    }

    /// The scopes the app was granted, instead of the default ones. An installation by OAuth grants those of them that
    /// the app asks for.
    pub fn grant(&self, scopes: &[&str]) {
        let scopes = scopes.iter().map(|&scope| scope.to_owned()).collect();
        self.change(|world| world.settings.scopes = scopes);
    }

    /// Refuses the bot token with this code from now on, as while it is being rotated or when an admin
    /// has taken it away. Response URLs and the app-level token still work, and events are delivered.
    pub fn refuse_token(&self, code: &str) {
        self.change(|world| world.settings.token_refused = Some(code.to_owned()));
    }

    /// Accepts the bot token again.
    pub fn accept_token(&self) {
        self.change(|world| world.settings.token_refused = None);
    }

    /// The events the app gets, by the names of the app's settings (`message.channels`,
    /// `app_mention`, …). None at first.
    pub fn subscribe(&self, names: &[&str]) {
        let names = names.iter().map(|&name| name.to_owned());
        self.change(|world| world.settings.subscribed.extend(names));
    }

    /// The app is subscribed to these events no longer.
    pub fn unsubscribe(&self, names: &[&str]) {
        self.change(|world| {
            world.settings.subscribed.retain(|one| !names.contains(&one.as_str()));
        });
    }

    /// Switches the app's Messages tab; without it posting to a direct message is refused.
    pub fn messages_tab(&self, on: bool) {
        self.change(|world| world.settings.messages_tab = on);
    }

    /// Switches the app's Home tab; without it `views.publish` is refused.
    pub fn home_tab(&self, on: bool) {
        self.change(|world| world.settings.home_tab = on);
    }

    /// Switches the command's `should_escape`; on at first.
    pub fn should_escape(&self, on: bool) {
        self.change(|world| world.settings.should_escape = on);
    }

    /// Refuses messages with blocks of these kinds, as a workspace does that new kinds have not come to.
    pub fn refuse_blocks(&self, kinds: &[&str]) {
        let kinds = kinds.iter().map(|&kind| kind.to_owned()).collect();
        self.change(|world| world.settings.refused_blocks = kinds);
    }

    /// Which of the two events of a mention is sent first: `app_mention` unless `message` is asked for.
    /// Slack promises no order.
    pub fn mention_comes_last(&self, last: bool) {
        self.change(|world| world.settings.mention_last = last);
    }

    /// Treats the app as sold outside the Marketplace: `conversations.history` and `.replies` give 15
    /// messages at most and, where limits are enforced, one page a minute.
    pub fn distribute(&self, on: bool) {
        self.change(|world| world.settings.distributed = on);
    }

    /// Makes a person a guest.
    pub fn make_guest(&self, name: &str) {
        self.change_user(name, |user| user.guest = true);
    }

    /// Makes a person an admin of the workspace.
    pub fn make_admin(&self, name: &str) {
        self.change_user(name, |user| user.admin = true);
    }

    /// Makes a person an owner of the workspace; `is_admin` is not implied.
    pub fn make_owner(&self, name: &str) {
        self.change_user(name, |user| user.owner = true);
    }

    /// Gives a person a time zone (`Europe/Berlin`), with the offset that it has now.
    ///
    /// # Errors
    /// [`NotThere`] when there is no such zone.
    pub fn lives_in(&self, name: &str, zone: &str) -> Result<(), NotThere> {
        let known = jiff::tz::TimeZone::get(zone).map_err(|error| NotThere(error.to_string()))?;
        let offset = known.to_offset(self.now()).seconds();
        self.change_user(name, |user| user.zone = Some((zone.to_owned(), offset)));
        Ok(())
    }

    /// Makes a user group of these people, or gives it these; its id. The app is told (`subteam_updated`).
    pub fn group(&self, handle: &str, names: &[&str]) -> String {
        let now = self.now();
        self.change(|world| {
            let users = names.iter().map(|name| world.add_user(name)).collect();
            let known = world.groups.iter().find(|(_, group)| group.handle == handle);
            let id = known.map(|(id, _)| id.clone());
            let id = id.unwrap_or_else(|| format!("S0{}", handle.to_ascii_uppercase()));
            world.groups.insert(id.clone(), UserGroup { handle: handle.to_owned(), users });
            events::group_changed(world, &id, now);
            id
        })
    }

    /// Deactivates a person.
    pub fn deactivate(&self, name: &str) {
        self.change_user(name, |user| user.deleted = true);
    }

    /// Changes a person, and tells the app (`user_change`).
    fn change_user(&self, name: &str, change: impl FnOnce(&mut User)) {
        let now = self.now();
        self.change(|world| {
            let id = world.add_user(name);
            if let Some(user) = world.users.iter_mut().find(|user| user.id == id) {
                change(user);
            }
            events::user_changed(world, &id, now);
        });
    }
}
