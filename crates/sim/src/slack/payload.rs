//! The shapes that Slack gives to what it knows: messages, users, views, as answers and deliveries
//! carry them (reference sections 4 and 11).

use super::channel::{Author, Channel, Kind, Message};
use super::model::{User, UserGroup, View, World, fixed};
use super::state;
use serde_json::{Value, json};

/// A message as `conversations.history`, events and interactions show it.
pub(super) fn message(channel: &Channel, message: &Message, with_metadata: bool) -> Value {
    let mut out = json!({
        "type": "message",
        "ts": message.ts,
        "text": message.text,
        "team": channel.team,
    });
    match &message.author {
        Author::Person(user) => {
            out["user"] = json!(user);
            out["client_msg_id"] = json!(format!("client-{}-{}", channel.id, message.ts));
        }
        Author::App => {
            out["user"] = json!(fixed::BOT_USER);
            out["bot_id"] = json!(fixed::BOT);
            out["app_id"] = json!(fixed::APP);
            out["bot_profile"] = bot(channel.team);
        }
        Author::AppReply => {
            out["subtype"] = json!("bot_message");
            out["bot_id"] = json!(fixed::BOT);
            out["app_id"] = json!(fixed::APP);
        }
        Author::OtherBot => {
            out["subtype"] = json!("bot_message");
            out["bot_id"] = json!(fixed::OTHER_BOT);
            out["app_id"] = json!(fixed::OTHER_APP);
            out["username"] = json!(fixed::OTHER_BOT_NAME);
        }
        Author::Slack => out["user"] = json!("USLACKBOT"),
    }
    if let Some(subtype) = message.subtype {
        out["subtype"] = json!(subtype);
    }
    if !message.blocks.is_empty() {
        out["blocks"] = json!(message.blocks);
    }
    if !message.files.is_empty() {
        out["files"] = json!(message.files);
        out["upload"] = json!(false);
    }
    if message.team.is_some() || (channel.shared && matches!(message.author, Author::Person(_))) {
        let team = message.team.as_deref().unwrap_or(channel.team);
        // What people write where other organisations are, too, names their own (Slack Connect).
        for field in ["team", "user_team", "source_team"] {
            out[field] = json!(team);
        }
        out["user_profile"] = json!({ "team": team });
    }
    if !message.attachments.is_empty() {
        out["attachments"] = json!(message.attachments);
    }
    if let Some(at) = &message.edited {
        let by = author_id(message);
        out["edited"] = json!({ "user": by, "ts": at });
    }
    if let Some(metadata) = message.metadata.as_ref().filter(|_| with_metadata) {
        out["metadata"] = metadata.clone();
    }
    reactions(&mut out, message);
    thread(&mut out, channel, message);
    out
}

fn reactions(out: &mut Value, message: &Message) {
    if !message.reactions.is_empty() {
        let all = message
            .reactions
            .iter()
            .map(|(name, users)| json!({ "name": name, "users": users, "count": users.len() }));
        out["reactions"] = all.collect();
    }
}

fn thread(out: &mut Value, channel: &Channel, message: &Message) {
    if let Some(root) = &message.thread_ts {
        out["thread_ts"] = json!(root);
        if let Some(parent) = channel.message(root) {
            out["parent_user_id"] = json!(author_id(parent));
        }
        if message.broadcast {
            out["subtype"] = json!("thread_broadcast");
        }
        return;
    }
    let replies: Vec<&Message> = channel.replies(&message.ts).collect();
    if let Some(last) = replies.last() {
        let mut users: Vec<&str> = replies.iter().map(|reply| author_id(reply)).collect();
        users.sort_unstable();
        users.dedup();
        out["thread_ts"] = json!(message.ts);
        out["reply_count"] = json!(replies.len());
        out["reply_users_count"] = json!(users.len());
        out["reply_users"] = json!(users);
        out["latest_reply"] = json!(last.ts);
    }
}

/// The user id that stands for the author of a message.
pub(super) fn author_id(message: &Message) -> &str {
    match &message.author {
        Author::Person(user) => user,
        Author::App | Author::AppReply => fixed::BOT_USER,
        Author::OtherBot => fixed::OTHER_BOT,
        Author::Slack => "USLACKBOT",
    }
}

/// `bots.info` and a message's `bot_profile`.
pub(super) fn bot(team: &str) -> Value {
    json!({
        "id": fixed::BOT,
        "app_id": fixed::APP,
        "user_id": fixed::BOT_USER,
        "name": fixed::BOT_NAME,
        "deleted": false,
        "team_id": team,
    })
}

/// A user group. [Slack: usergroup object]
pub(super) fn group(world: &World, id: &str, group: &UserGroup) -> Value {
    json!({
        "id": id,
        "team_id": world.team.id,
        "is_usergroup": true,
        "is_subteam": true,
        "name": group.handle,
        "description": "",
        "handle": group.handle,
        "is_external": false,
        "date_delete": 0,
        "auto_type": null,
        "user_count": group.users.len(),
    })
}

/// `team` of an interaction.
pub(super) fn team(world: &World) -> Value {
    json!({ "id": world.team.id, "domain": world.team.domain })
}

/// `user` of an interaction.
pub(super) fn actor(world: &World, user: &str) -> Value {
    let name = super::text::name_of(world, user);
    let team = world.user(user).map_or(world.team.id, |user| team_of(world, user));
    json!({ "id": user, "username": name, "name": name, "team_id": team })
}

fn team_of<'a>(world: &'a World, user: &'a User) -> &'a str {
    user.team.as_deref().unwrap_or(world.team.id)
}

/// A user as `users.info` shows one.
pub(super) fn user(world: &World, user: &User) -> Value {
    let at_home = user.team.is_none() || user.sibling;
    let (zone, offset) = user.zone.clone().unwrap_or_else(|| ("Etc/UTC".to_owned(), 0));
    let mut shown = json!({
        "id": user.id,
        "team_id": team_of(world, user),
        "is_stranger": !at_home,
        "name": user.name,
        "real_name": user.name,
        "deleted": user.deleted,
        "tz": zone,
        "tz_label": zone,
        "tz_offset": offset,
        "is_admin": user.admin,
        "is_owner": user.owner,
        "is_restricted": user.guest,
        "is_ultra_restricted": false,
        "is_bot": user.bot,
        "is_app_user": false,
        "updated": 0,
        "profile": { "real_name": user.name, "display_name": user.name, "team": team_of(world, user) },
    });
    // Only of people in one's own organisation, and not always. [Slack: user object]
    let is_told = at_home && !world.settings.bare_users;
    if let Some(organisation) = world.organisation.as_ref().filter(|_| is_told) {
        shown["enterprise_user"] = json!({
            "id": user.id,
            "enterprise_id": organisation,
            "enterprise_name": "Acme",
            "is_admin": false,
            "is_owner": false,
            "teams": [team_of(world, user)],
        });
    }
    shown
}

/// A conversation as `conversations.info` shows one.
pub(super) fn channel(world: &World, channel: &Channel) -> Value {
    let direct = matches!(channel.kind, Kind::WithApp | Kind::Between);
    let mut out = json!({
        "id": channel.id,
        "created": channel.created,
        "is_archived": channel.archived,
        "is_im": direct,
        "is_mpim": false,
        "is_private": channel.kind != Kind::Public,
        "is_ext_shared": channel.shared,
        "is_org_shared": false,
        "is_shared": channel.shared,
        "context_team_id": channel.team,
    });
    if direct {
        let other = channel.members.iter().find(|id| id.as_str() != fixed::BOT_USER);
        out["user"] = json!(other);
        out["is_open"] = json!(true);
        return out;
    }
    let people = channel.members.iter().filter(|id| world.user(id).is_some());
    out["num_members"] = json!(people.count());
    out["name"] = json!(channel.name);
    out["name_normalized"] = json!(channel.name);
    out["is_channel"] = json!(channel.kind == Kind::Public);
    out["is_group"] = json!(channel.kind == Kind::Private);
    out["is_general"] = json!(false);
    out["is_frozen"] = json!(false);
    out["is_member"] = json!(channel.has_bot());
    out["topic"] = json!({ "value": "", "creator": "", "last_set": 0 });
    out["purpose"] = json!({ "value": "", "creator": "", "last_set": 0 });
    out
}

/// A view as answers and interactions show it. Where the app is installed in the whole organisation, that is what it
/// names (reference section 17).
pub(super) fn view(world: &World, view: &View) -> Value {
    let organisation = world.organisation.as_deref().filter(|_| world.grants.org_wide);
    let mut out = view.content.clone();
    let blocks = out["blocks"].as_array().cloned().unwrap_or_default();
    out["id"] = json!(view.id);
    out["team_id"] = json!(view.team);
    out["app_id"] = json!(fixed::APP);
    out["bot_id"] = json!(fixed::BOT);
    out["app_installed_team_id"] = json!(organisation.unwrap_or(view.team));
    out["hash"] = json!(view.hash);
    out["root_view_id"] = json!(view.root);
    out["previous_view_id"] = json!(view.previous);
    out["state"] = json!({ "values": state::values(&blocks, &view.chosen) });
    out
}
