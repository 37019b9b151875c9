//! The workspace as data: who is in it, what was posted, which windows stand open.
//!
//! Everything here is plain and synchronous. Transports (`routes`, `deliver`) lock it for the length
//! of one step, so that a call is seen whole or not at all.

use super::channel::{Channel, Kind};
use super::events::Queue;
use super::fault::{Call, Plan};
use super::oauth::Grants;
use super::person::Sent;
use super::rates::Rates;
use super::threads::File;
use super::uploads::Upload;
use jiff::Timestamp;
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet, HashMap};

/// A workspace that the app is installed in.
#[derive(Debug, Clone, Copy)]
pub struct Team {
    /// `T…`.
    pub id: &'static str,
    /// What it is called.
    pub name: &'static str,
    /// The part of its address before `.slack.com`.
    pub domain: &'static str,
    /// The app's bot token there.
    pub token: &'static str,
}

impl Team {
    /// The one that is there unless another is asked for.
    pub const ACME: Self =
        Self { id: "T0ACME", name: "Acme", domain: "acme", token: "xoxb-simulated-bot-token" };
    /// Another one, which has the same app.
    pub const GLOBEX: Self = Self {
        id: "T0GLOBEX",
        name: "Globex",
        domain: "globex",
        token: "xoxb-simulated-token-of-globex",
    };
}

/// The app under test. The ids are readable on purpose; the app must not rely on it.
pub(super) mod fixed {
    pub(crate) const APP: &str = "A0JULES";
    pub(crate) const BOT: &str = "B0JULES";
    pub(crate) const BOT_USER: &str = "U0JULES";
    pub(crate) const BOT_NAME: &str = "jules";
    pub(crate) const APP_TOKEN: &str = "xapp-1-A0JULES-simulated-app-token";
    pub(crate) const CLIENT_ID: &str = "1234567890.9876543210";
    pub(crate) const CLIENT_SECRET: &str = "c11e0000simulated0000secret00000";
    pub(crate) const SECRET: &str = "5e1f0000simulated0000signing0000";
    /// Another app.
    pub(crate) const OTHER_BOT: &str = "B0OTHER";
    pub(crate) const OTHER_APP: &str = "A0OTHER";
    pub(crate) const OTHER_BOT_NAME: &str = "deploybot";
    /// Slack still sends its old verification token; an app has to ignore it.
    pub(crate) const OLD_TOKEN: &str = "deprecated-verification-token";
    /// The bot scopes of reference section 22.
    pub(crate) const SCOPES: [&str; 19] = [
        "commands",
        "chat:write",
        "app_mentions:read",
        "channels:history",
        "groups:history",
        "im:history",
        "channels:read",
        "groups:read",
        "im:read",
        "im:write",
        "users:read",
        "usergroups:read",
        "team:read",
        "channels:join",
        "reactions:read",
        "reactions:write",
        "assistant:write",
        "files:read",
        "files:write",
    ];
}

/// A person or a bot.
#[derive(Debug, Clone)]
pub(super) struct User {
    pub(super) id: String,
    pub(super) name: String,
    pub(super) bot: bool,
    /// A guest (`is_restricted`).
    pub(super) guest: bool,
    /// `is_admin`.
    pub(super) admin: bool,
    /// `is_owner`.
    pub(super) owner: bool,
    /// `tz` and `tz_offset`; UTC unless set.
    pub(super) zone: Option<(String, i32)>,
    /// Deactivated: `users.info` says `deleted`, ephemeral lines do not arrive.
    pub(super) deleted: bool,
    /// Another workspace that they belong to (Slack Connect).
    pub(super) team: Option<String>,
    /// That workspace is one of our organisation (Enterprise Grid).
    pub(super) sibling: bool,
}

impl User {
    pub(super) fn new(id: String, name: &str) -> Self {
        Self {
            id,
            name: name.to_owned(),
            bot: false,
            guest: false,
            admin: false,
            owner: false,
            zone: None,
            deleted: false,
            team: None,
            sibling: false,
        }
    }
}

/// A user group.
#[derive(Debug, Clone)]
pub(super) struct UserGroup {
    pub(super) handle: String,
    pub(super) users: Vec<String>,
}

/// A modal or a Home tab.
#[derive(Debug, Clone)]
pub(super) struct View {
    /// The workspace it is shown in.
    pub(super) team: &'static str,
    pub(super) id: String,
    pub(super) user: String,
    /// As the app sent it, with ids filled in: `type`, `title`, `blocks`, …
    pub(super) content: Value,
    pub(super) hash: String,
    pub(super) root: String,
    pub(super) previous: Option<String>,
    /// The conversation it was opened in.
    pub(super) channel: Option<String>,
    pub(super) chosen: BTreeMap<String, BTreeMap<String, Value>>,
    /// The options last loaded for a select, per `block_id`.
    pub(super) offered: BTreeMap<String, Vec<Value>>,
    pub(super) read: bool,
}

/// A `trigger_id`: three seconds, once.
#[derive(Debug, Clone)]
pub(super) struct Trigger {
    pub(super) made: Timestamp,
    pub(super) used: bool,
    pub(super) user: String,
    pub(super) from: Origin,
}

/// Where a person was when a trigger was made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Origin {
    /// In this channel.
    Channel(String),
    /// In an open modal that was opened in this channel, if in any. `views.push` needs such a trigger.
    Modal(Option<String>),
    /// Outside messages and modals: a global shortcut, used while this channel was open, or the app's
    /// Home.
    Elsewhere(Option<String>),
}

impl Origin {
    /// The conversation that the person had open.
    pub(super) fn channel(&self) -> Option<&String> {
        match self {
            Self::Channel(channel) => Some(channel),
            Self::Modal(channel) | Self::Elsewhere(channel) => channel.as_ref(),
        }
    }
}

/// A `response_url`: five times within thirty minutes.
#[derive(Debug, Clone)]
pub(super) struct ReplyUrl {
    pub(super) made: Timestamp,
    pub(super) uses: u32,
    pub(super) user: String,
    pub(super) channel: String,
    /// The message that `replace_original` and `delete_original` act on.
    pub(super) original: Option<String>,
}

/// What an operator can switch on Slack's side.
#[derive(Debug, Clone)]
pub(super) struct Settings {
    pub(super) scopes: Vec<String>,
    /// With which code the bot token is refused, if it is.
    pub(super) token_refused: Option<String>,
    /// Of the app-level token.
    pub(super) app_scopes: Vec<String>,
    pub(super) messages_tab: bool,
    pub(super) home_tab: bool,
    pub(super) should_escape: bool,
    pub(super) subscribed: BTreeSet<String>,
    /// Of the two events of a mention, `message` is sent first.
    pub(super) mention_last: bool,
    /// The app is sold outside the Marketplace, so it reads little history.
    pub(super) distributed: bool,
    /// The kinds of blocks that are not there yet.
    pub(super) refused_blocks: BTreeSet<String>,
    /// Users come without `enterprise_user`.
    pub(super) bare_users: bool,
    /// `auth.test` says nothing of the organisation but in `team_id`.
    pub(super) bare_auth_test: bool,
}

/// The whole workspace.
pub(super) struct World {
    pub(super) team: Team,
    pub(super) users: Vec<User>,
    pub(super) channels: Vec<Channel>,
    pub(super) views: BTreeMap<String, View>,
    /// Open modals per person, bottom first.
    pub(super) stacks: BTreeMap<String, Vec<String>>,
    /// The Home tab's view per person.
    pub(super) homes: BTreeMap<String, String>,
    pub(super) triggers: HashMap<String, Trigger>,
    pub(super) reply_urls: HashMap<String, ReplyUrl>,
    pub(super) settings: Settings,
    pub(super) events: Queue,
    pub(super) calls: Vec<Call>,
    pub(super) plans: Vec<Plan>,
    /// What was last sent for each person.
    pub(super) last: HashMap<String, Sent>,
    /// Where tickets of Socket Mode lead, and those that are not used yet.
    pub(super) link: String,
    pub(super) tickets: BTreeSet<String>,
    /// By the path of their `url_private`.
    /// User groups, by their ids.
    pub(super) groups: BTreeMap<String, UserGroup>,
    pub(super) files: BTreeMap<String, File>,
    /// Uploads that were begun and not completed, by the file's id.
    pub(super) uploads: BTreeMap<String, Upload>,
    /// Slack's limits, when they are enforced.
    pub(super) rates: Option<Rates>,
    /// The organisation (`E…`) that the workspace belongs to.
    pub(super) organisation: Option<String>,
    /// What OAuth has given out.
    pub(super) grants: Grants,
    counter: u64,
}

impl World {
    pub(super) fn new(team: Team) -> Self {
        Self {
            team,
            users: vec![User {
                bot: true,
                ..User::new(fixed::BOT_USER.to_owned(), fixed::BOT_NAME)
            }],
            channels: Vec::new(),
            views: BTreeMap::new(),
            stacks: BTreeMap::new(),
            homes: BTreeMap::new(),
            triggers: HashMap::new(),
            reply_urls: HashMap::new(),
            settings: Settings {
                scopes: fixed::SCOPES.iter().map(|&scope| scope.to_owned()).collect(),
                token_refused: None,
                app_scopes: vec!["connections:write".to_owned()],
                messages_tab: true,
                home_tab: true,
                should_escape: true,
                subscribed: BTreeSet::new(),
                mention_last: false,
                distributed: false,
                refused_blocks: BTreeSet::new(),
                bare_users: false,
                bare_auth_test: false,
            },
            events: Queue::default(),
            calls: Vec::new(),
            plans: Vec::new(),
            last: HashMap::new(),
            link: String::new(),
            tickets: BTreeSet::new(),
            groups: BTreeMap::new(),
            files: BTreeMap::new(),
            uploads: BTreeMap::new(),
            rates: None,
            organisation: None,
            grants: Grants::default(),
            counter: 0,
        }
    }

    /// A number never given before, for ids.
    pub(super) fn next(&mut self) -> u64 {
        self.counter += 1;
        self.counter
    }

    pub(super) fn user(&self, id: &str) -> Option<&User> {
        self.users.iter().find(|user| user.id == id)
    }

    pub(super) fn user_named(&self, name: &str) -> Option<&User> {
        let name = name.trim_start_matches('@');
        self.users.iter().find(|user| user.name == name || user.id == name)
    }

    pub(super) fn channel(&self, id: &str) -> Option<&Channel> {
        self.channels.iter().find(|channel| channel.id == id)
    }

    pub(super) fn channel_mut(&mut self, id: &str) -> Option<&mut Channel> {
        self.channels.iter_mut().find(|channel| channel.id == id)
    }

    /// By `dev`, `#dev`, `@ann` (the app's direct messages with ann) or an id.
    pub(super) fn channel_named(&self, name: &str) -> Option<&Channel> {
        let bare = name.trim_start_matches('#');
        self.channels.iter().find(|channel| channel.name == bare || channel.id == bare)
    }

    /// The user of that name, made if there is none. A new person is in every public channel.
    pub(super) fn add_user(&mut self, name: &str) -> String {
        if let Some(user) = self.user_named(name) {
            return user.id.clone();
        }
        let id = self.free_id('U', name);
        self.users.push(User::new(id.clone(), name));
        for channel in &mut self.channels {
            if channel.kind == Kind::Public {
                channel.members.insert(id.clone());
            }
        }
        id
    }

    /// The channel of that name, made with these members if there is none.
    pub(super) fn add_channel(
        &mut self,
        name: &str,
        kind: Kind,
        members: BTreeSet<String>,
        now: Timestamp,
    ) -> String {
        if let Some(channel) = self.channel_named(name) {
            return channel.id.clone();
        }
        let letter = match kind {
            Kind::Public | Kind::Private => 'C',
            Kind::WithApp | Kind::Between => 'D',
        };
        let id = self.free_id(letter, name);
        self.channels.push(Channel {
            team: self.team.id,
            id: id.clone(),
            name: name.trim_start_matches('#').to_owned(),
            kind,
            archived: false,
            shared: false,
            created: now.as_second(),
            members,
            messages: Vec::new(),
            last_micros: 0,
        });
        id
    }

    /// The app's direct messages with a person, opened if they were not.
    pub(super) fn direct(&mut self, user: &str, now: Timestamp) -> Option<String> {
        let name = format!("@{}", self.user(user)?.name);
        let members = [user.to_owned(), fixed::BOT_USER.to_owned()].into();
        Some(self.add_channel(&name, Kind::WithApp, members, now))
    }

    fn free_id(&mut self, letter: char, name: &str) -> String {
        let bare: String = name.chars().filter(char::is_ascii_alphanumeric).collect();
        let id = format!("{letter}0{}", bare.to_ascii_uppercase());
        let taken = self.users.iter().any(|user| user.id == id)
            || self.channels.iter().any(|channel| channel.id == id);
        if taken || bare.is_empty() { format!("{id}{}", self.next()) } else { id }
    }

    /// A fresh `trigger_id` for something this person did.
    pub(super) fn trigger(&mut self, user: &str, from: Origin, now: Timestamp) -> String {
        let n = self.next();
        let id = format!("{}.{n}.{:032x}", now.as_millisecond(), n.wrapping_mul(0x9e37_79b9));
        let trigger = Trigger { made: now, used: false, user: user.to_owned(), from };
        self.triggers.insert(id.clone(), trigger);
        id
    }

    /// The path of a fresh `response_url`; `kind` is Slack's own first path segment.
    pub(super) fn reply_path(&mut self, kind: &str, to: ReplyUrl) -> String {
        let n = self.next();
        let path =
            format!("/{kind}/{}/{n}/{:024x}", self.team.id, n.wrapping_mul(0x85eb_ca6b_c2b2));
        self.reply_urls.insert(path.clone(), to);
        path
    }
}
