//! The writing operations: create, message, approve, archive, delete (reference §3.1, §3.4–3.7).

use super::model::{AccountState, Activity, IdleApproval, SessionState, State, World, as_map};
use super::reply::Refusal;
use super::scenario::Scenario;
use super::{acts, ids, schema, script, wire};
use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};
use std::collections::VecDeque;

type Done = Result<Value, Refusal>;

/// What a new session is made of.
pub(super) struct Seed {
    pub(super) prompt: String,
    pub(super) title: Option<String>,
    pub(super) source_context: Option<Value>,
    pub(super) auto_pr: bool,
    pub(super) gated: bool,
}

impl Seed {
    /// Reads and checks the body of create.
    fn read(body: &Value) -> Result<Self, Refusal> {
        let body = schema::read(body, &schema::SESSION, "session")?;
        let text = |name: &str| body[name].as_str().unwrap_or_default().to_owned();
        let prompt = text("prompt");
        if prompt.is_empty() {
            return Err(missing("session.prompt"));
        }
        let source_context = body.get("sourceContext").cloned();
        if let Some(context) = &source_context {
            if context["source"].as_str().is_none_or(str::is_empty) {
                return Err(missing("session.source_context.source"));
            }
            let branch = &context["githubRepoContext"]["startingBranch"];
            if branch.as_str().is_none_or(str::is_empty) {
                let at = "session.source_context.github_repo_context.starting_branch";
                return Err(missing(at));
            }
        }
        Ok(Self {
            prompt,
            title: Some(text("title")).filter(|t| !t.is_empty()),
            source_context,
            auto_pr: body["automationMode"] == "AUTO_CREATE_PR",
            gated: body["requirePlanApproval"] == true,
        })
    }
}

fn missing(field: &str) -> Refusal {
    Refusal::invalid(field, format!("Request contains an invalid argument: {field} is required."))
}

/// `sessions.create`.
pub(super) fn create(world: &mut World, key: &str, body: &Value, now: Timestamp) -> Done {
    let seed = Seed::read(body)?;
    let account = world.account(key);
    check_source(account, &seed)?;
    check_limits(account, now)?;
    account.spent.push(now);
    let minimal = account.manners.minimal_create;
    let session = add_session(world, key, seed, now);
    Ok(if minimal { wire::created_minimal(session) } else { wire::created(session, now) })
}

fn check_source(account: &AccountState, seed: &Seed) -> Result<(), Refusal> {
    let Some(context) = &seed.source_context else { return Ok(()) };
    let id = context["source"].as_str().and_then(|name| name.strip_prefix("sources/"));
    match id.and_then(|id| account.sources.get(id)).filter(|s| !s.disconnected) {
        None => Err(Refusal::not_found()),
        Some(source) if source.forbidden => Err(Refusal::denied()),
        Some(source) if source.refuses => Err(Refusal::precondition()),
        Some(_) => Ok(()),
    }
}

fn check_limits(account: &AccountState, now: Timestamp) -> Result<(), Refusal> {
    let manners = &account.manners;
    let day = SignedDuration::from_hours(24);
    let spent = account.spent.iter().filter(|at| now.duration_since(**at) < day).count();
    let working = account.sessions.iter().filter(|s| s.state.is_working()).count();
    let refused = manners.creates_refused_until.is_some_and(|until| now < until);
    if refused || spent >= manners.daily || working >= manners.concurrent {
        return Err(Refusal::precondition());
    }
    Ok(())
}

/// Puts a new session into the account.
pub(super) fn add_session<'a>(
    world: &'a mut World,
    key: &str,
    seed: Seed,
    now: Timestamp,
) -> &'a SessionState {
    let serial = world.next();
    let account = world.account(key);
    let created = ids::stamp(now, account.last_stamp, serial);
    account.last_stamp = Some(created);
    // The live service invents one from the prompt.
    let invented = || seed.prompt.lines().next().unwrap_or_default().chars().take(60).collect();
    let listed_from = now.checked_add(account.manners.listed_after).unwrap_or(now);
    let (scenario, story) = Scenario::choose(account.manners.story, &seed.prompt);
    let session = SessionState {
        id: ids::session_id(serial),
        title: seed.title.clone().unwrap_or_else(invented),
        script: script::begin(story, &scenario, seed.gated),
        scenario,
        prompt: seed.prompt,
        source_context: seed.source_context,
        auto_pr: seed.auto_pr,
        gated: seed.gated,
        state: State::Queued,
        created,
        updated: created,
        archived: false,
        listed_from,
        outputs: Vec::new(),
        activities: Vec::new(),
        plan: None,
        approved: false,
        moved: now,
        late_calls: 0,
    };
    account.sessions.push(session);
    &account.sessions[account.sessions.len() - 1]
}

/// `sessions.sendMessage`: the reply is empty, the message becomes an activity. So does a message without words:
/// the live service takes it, and writes it into the session.
pub(super) fn send_message(
    world: &mut World,
    key: &str,
    id: &str,
    body: &Value,
    now: Timestamp,
) -> Done {
    let body = schema::read(body, &schema::SEND_MESSAGE, "")?;
    hear(world, key, id, body["prompt"].as_str().unwrap_or_default(), now)
}

/// A message of the user, from the API or the web.
pub(super) fn hear(world: &mut World, key: &str, id: &str, text: &str, now: Timestamp) -> Done {
    let serial = world.next();
    let session = find(world, key, id)?;
    session.record(now, serial, "user", acts::heard(text));
    script::hear(session, text);
    Ok(json!({}))
}

/// `sessions.approvePlan`: the latest plan; whether one was waiting is not told.
pub(super) fn approve_plan(world: &mut World, key: &str, id: &str, now: Timestamp) -> Done {
    let (serial, again) = (world.next(), world.next());
    let account = world.account(key);
    let (idle, double) = (account.manners.idle_approval, account.manners.double_approval);
    let session = account.session(id).ok_or_else(Refusal::not_found)?;
    if session.state != State::AwaitingPlanApproval {
        return match idle {
            IdleApproval::Accepted => Ok(json!({})),
            IdleApproval::Refused => Err(Refusal::precondition()),
        };
    }
    acts::approve(session, now, serial);
    script::skip_plan(session);
    if double {
        let later = now.checked_add(SignedDuration::from_secs(30)).unwrap_or(now);
        let content = json!({ "planApproved": { "planId": session.plan } });
        session.activities.push(Activity {
            id: ids::hex_id(again),
            created: later,
            seen_from: later,
            by: "user".to_owned(),
            content: as_map(content),
        });
    }
    Ok(json!({}))
}

/// `sessions.archive` and `sessions.unarchive`: archiving a running session pauses it.
pub(super) fn archive(
    world: &mut World,
    key: &str,
    id: &str,
    archived: bool,
    now: Timestamp,
) -> Done {
    let serial = world.next();
    let session = find(world, key, id)?;
    if archived && session.state.is_running() {
        session.state = State::Paused;
    }
    session.archived = archived;
    session.touch(now, serial);
    Ok(wire::session(session, now))
}

/// `sessions.delete`: for good; the unit of the daily limit stays spent.
pub(super) fn delete(world: &mut World, key: &str, id: &str) -> Done {
    let account = world.account(key);
    let at = account.sessions.iter().position(|s| s.id == id).ok_or_else(Refusal::not_found)?;
    account.sessions.remove(at);
    Ok(json!({}))
}

/// A session that someone made elsewhere some time ago: it moves only when told and spends
/// nothing.
pub(super) fn add_foreign(world: &mut World, key: &str, seed: Seed, now: Timestamp) -> String {
    let id = add_session(world, key, seed, now).id.clone();
    if let Ok(session) = find(world, key, &id) {
        session.script = VecDeque::new();
        session.state = State::AwaitingUserFeedback;
    }
    id
}

fn find<'a>(world: &'a mut World, key: &str, id: &str) -> Result<&'a mut SessionState, Refusal> {
    let account = world.account(key);
    account.session(id).ok_or_else(Refusal::not_found)
}
