//! `users.*`, `reactions.*`, `team.info`, `bots.info`, `auth.test`: who is who, and small signs.

use super::answer::{Answer, Refusal, fields};
use super::chat::visible;
use super::conversations::paged;
use super::model::{UserGroup, World, fixed};
use super::payload;
use super::routes::Ask;
use serde_json::{Value, json};

pub(super) fn auth_test(ask: &mut Ask<'_>) -> Answer {
    let mut answer = json!({
        "url": format!("https://{}.slack.com/", ask.world.team.domain),
        "team": ask.world.team.name,
        "user": fixed::BOT_NAME,
        "team_id": ask.world.team.id,
        "user_id": fixed::BOT_USER,
        "bot_id": fixed::BOT,
        "is_enterprise_install": ask.world.grants.org_wide,
    });
    if let Some(organisation) = &ask.world.organisation {
        answer["enterprise_id"] = json!(organisation);
        if ask.world.grants.org_wide {
            answer["team_id"] = json!(organisation);
        }
    }
    let mut answer = fields(answer);
    if ask.world.settings.bare_auth_test {
        answer.remove("enterprise_id");
        answer.remove("is_enterprise_install");
    }
    Ok(answer)
}

/// Gives the arguments back, and refuses when told to by `error`.
pub(super) fn api_test(ask: &mut Ask<'_>) -> Answer {
    match ask.args.text("error") {
        Some(code) => Err(Refusal::new(&code)),
        None => Ok(fields(json!({ "args": ask.args.given }))),
    }
}

pub(super) fn user_info(ask: &mut Ask<'_>) -> Answer {
    let id = ask.args.need("user")?;
    let user = ask.world.user(&id).ok_or_else(|| Refusal::new("user_not_found"))?;
    let mut shown = payload::user(ask.world, user);
    if ask.args.flag("include_locale") {
        shown["locale"] = json!("en-US");
    }
    Ok(fields(json!({ "user": shown })))
}

pub(super) fn user_list(ask: &mut Ask<'_>) -> Answer {
    ask.names_workspace()?;
    let all: Vec<Value> =
        ask.world.users.iter().map(|user| payload::user(ask.world, user)).collect();
    let (members, next) = paged(ask, all, 200)?;
    Ok(fields(json!({ "members": members, "response_metadata": { "next_cursor": next } })))
}

pub(super) fn group_users(ask: &mut Ask<'_>) -> Answer {
    ask.names_workspace()?;
    let id = ask.args.need("usergroup")?;
    let group = ask.world.groups.get(&id).ok_or_else(|| Refusal::new("no_such_subteam"))?;
    let is_there = |id: &&String| ask.world.user(id).is_some_and(|user| !user.deleted);
    let users: Vec<&String> = group.users.iter().filter(is_there).collect();
    Ok(fields(json!({ "users": users })))
}

pub(super) fn group_list(ask: &mut Ask<'_>) -> Answer {
    ask.names_workspace()?;
    let shown = |(id, group): (&String, &UserGroup)| payload::group(ask.world, id, group);
    let groups: Vec<Value> = ask.world.groups.iter().map(shown).collect();
    Ok(fields(json!({ "usergroups": groups })))
}

pub(super) fn team_info(ask: &mut Ask<'_>) -> Answer {
    let mut team = payload::team(ask.world);
    team["name"] = json!(ask.world.team.name);
    team["email_domain"] = json!("");
    Ok(fields(json!({ "team": team })))
}

pub(super) fn bot_info(ask: &mut Ask<'_>) -> Answer {
    ask.names_workspace()?;
    match ask.args.text("bot") {
        Some(id) if id != fixed::BOT => Err(Refusal::new("bot_not_found")),
        _ => Ok(fields(json!({ "bot": payload::bot(ask.world.team.id) }))),
    }
}

pub(super) fn reactions_add(ask: &mut Ask<'_>) -> Answer {
    let (channel, ts, name) = reaction_target(ask)?;
    if react(ask.world, &channel, &ts, &name, fixed::BOT_USER) {
        Ok(fields(json!({})))
    } else {
        Err(Refusal::new("already_reacted"))
    }
}

pub(super) fn reactions_remove(ask: &mut Ask<'_>) -> Answer {
    let (channel, ts, name) = reaction_target(ask)?;
    if unreact(ask.world, &channel, &ts, &name, fixed::BOT_USER) {
        Ok(fields(json!({})))
    } else {
        Err(Refusal::new("no_reaction"))
    }
}

pub(super) fn reactions_get(ask: &mut Ask<'_>) -> Answer {
    let id = ask.args.need("channel")?;
    let ts = ask.args.need("timestamp")?;
    let channel = visible(ask.world, &id)?;
    let message = channel.message(&ts).ok_or_else(|| Refusal::new("message_not_found"))?;
    let shown = payload::message(channel, message, false);
    Ok(fields(json!({ "type": "message", "channel": id, "message": shown })))
}

fn reaction_target(ask: &Ask<'_>) -> Result<(String, String, String), Refusal> {
    let id = ask.args.need("channel")?;
    let ts = ask.args.text("timestamp").ok_or_else(|| Refusal::new("bad_timestamp"))?;
    let name = ask.args.need("name")?;
    let emoji = |letter: char| letter.is_ascii_alphanumeric() || "_-+':".contains(letter);
    if !name.chars().all(emoji) || name.starts_with(':') {
        return Err(Refusal::new("invalid_name"));
    }
    let channel = visible(ask.world, &id)?;
    if channel.message(&ts).is_none() {
        return Err(Refusal::new("message_not_found"));
    }
    if channel.archived {
        return Err(Refusal::new("is_archived"));
    }
    if !channel.has_bot() {
        return Err(Refusal::new("not_in_channel"));
    }
    Ok((id, ts, name))
}

/// Adds a person's reaction; false when it was there.
pub(super) fn react(world: &mut World, channel: &str, ts: &str, name: &str, user: &str) -> bool {
    let message = world.channel_mut(channel).and_then(|channel| channel.message_mut(ts));
    let Some(message) = message else { return false };
    match message.reactions.iter_mut().find(|(known, _)| known == name) {
        Some((_, users)) if users.iter().any(|known| known == user) => false,
        Some((_, users)) => {
            users.push(user.to_owned());
            true
        }
        None => {
            message.reactions.push((name.to_owned(), vec![user.to_owned()]));
            true
        }
    }
}

/// Removes a person's reaction; false when there was none.
pub(super) fn unreact(world: &mut World, channel: &str, ts: &str, name: &str, user: &str) -> bool {
    let message = world.channel_mut(channel).and_then(|channel| channel.message_mut(ts));
    let Some(message) = message else { return false };
    let Some((_, users)) = message.reactions.iter_mut().find(|(known, _)| known == name) else {
        return false;
    };
    let before = users.len();
    users.retain(|known| known != user);
    let gone = users.len() < before;
    message.reactions.retain(|(_, users)| !users.is_empty());
    gone
}
