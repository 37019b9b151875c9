//! `response_url`: a message sent without a token, five times within thirty minutes.
//!
//! Source: reference section 6 (Slack: Handling user interaction). The codes and statuses of refusals
//! are not published; the ones here are those of Slack's incoming webhooks and common experience.

use super::answer::{self, Refusal};
use super::args::Args;
use super::channel::Author;
use super::chat::{self, Content, For};
use super::events;
use super::fault::Call;
use super::model::{ReplyUrl, World};
use super::routes::{Ask, said, with_fault};
use super::server::SimSlack;
use crate::cuttable::Cut;
use axum::body::Bytes;
use axum::extract::{ConnectInfo, State};
use axum::http::{HeaderMap, StatusCode, Uri, header};
use axum::response::{IntoResponse, Response};
use jiff::Timestamp;
use serde_json::Value;

/// How often one address may be used.
const USES: u32 = 5;
/// How long an address lives.
const SECONDS: i64 = 30 * 60;

pub(super) async fn answer(
    State(slack): State<SimSlack>,
    ConnectInfo(cut): ConnectInfo<Cut>,
    uri: Uri,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let kind = headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok());
    let args = Args::read("", kind.unwrap_or_default(), &body, true);
    let call = Call {
        method: "response_url".to_owned(),
        args: args.as_ref().map_or(Value::Null, |args| Value::Object(args.given.clone())),
        token_ok: true,
        at: slack.now(),
        did: None,
        fault: None,
    };
    let run = || {
        let now = slack.now();
        let done = args
            .map_err(|_| (StatusCode::BAD_REQUEST, Refusal::new("invalid_payload")))
            .and_then(|args| slack.change(|world| take(world, uri.path(), &args, now)));
        match done {
            Ok(()) => ("ok".to_owned(), "ok".into_response()),
            Err((status, refusal)) => {
                let code = refusal.code.clone();
                (code, (status, said(&answer::body(Err(refusal)))).into_response())
            }
        }
    };
    with_fault(&slack, &cut, call, run).await
}

type Refused = (StatusCode, Refusal);

fn take(world: &mut World, path: &str, args: &Args, now: Timestamp) -> Result<(), Refused> {
    let gone = |code: &str| (StatusCode::NOT_FOUND, Refusal::new(code));
    let to = world.reply_urls.get_mut(path).ok_or_else(|| gone("invalid_url"))?;
    if now.as_second() - to.made.as_second() > SECONDS {
        return Err(gone("expired_url"));
    }
    if to.uses >= USES {
        return Err(gone("used_url"));
    }
    to.uses += 1;
    let to = to.clone();
    let bad = |refusal| (StatusCode::BAD_REQUEST, refusal);
    if args.flag("delete_original") {
        if let Some(ts) = &to.original {
            events::deleted(world, &to.channel, ts, now);
            chat::remove(world, &to.channel, ts);
        }
        return Ok(());
    }
    // Whatever is sent here needs no scope.
    let mut ask = Ask { world, args, method: "response_url", scopes: &[], now };
    let content = chat::content(&mut ask, For::Posting).map_err(bad)?;
    let replace = args.flag("replace_original");
    match to.original.clone().filter(|_| replace) {
        Some(original) => {
            chat::change(world, (&to.channel, &original), content, now);
            events::changed(world, &to.channel, &original, now);
        }
        None => add(world, (&to, path.starts_with("/app/")), args, content, now).map_err(bad)?,
    }
    Ok(())
}

fn add(
    world: &mut World,
    (to, of_shortcut): (&ReplyUrl, bool),
    args: &Args,
    content: Content,
    now: Timestamp,
) -> Result<(), Refusal> {
    let in_channel = args.text("response_type").as_deref() == Some("in_channel");
    let mut message = chat::message_of(Author::AppReply, content);
    if in_channel {
        message.thread_ts = args.text("thread_ts");
        // The address of a message shortcut reaches no thread (reference section 4).
        if message.thread_ts.is_some() && of_shortcut {
            return Err(Refusal::new("cannot_reply_to_message"));
        }
    } else {
        message.only_for = Some(to.user.clone());
    }
    let channel = world.channel_mut(&to.channel);
    let channel = channel.ok_or_else(|| Refusal::new("channel_not_found"))?;
    let orphan = |root: &String| channel.message(root).is_none();
    if message.thread_ts.as_ref().is_some_and(orphan) {
        return Err(Refusal::new("cannot_reply_to_message"));
    }
    let ts = chat::put(channel, message, now);
    events::posted(world, &to.channel, &ts, now);
    Ok(())
}
