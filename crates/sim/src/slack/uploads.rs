//! `files.*`: an upload is begun, its bytes are sent, and it is completed, which shares it.
//!
//! What is not completed is discarded, and an upload is completed once. (Slack: files.getUploadURLExternal,
//! files.completeUploadExternal)

use super::answer::{Answer, Refusal, fields};
use super::channel::{Author, Message};
use super::model::{World, fixed};
use super::routes::Ask;
use super::server::SimSlack;
use super::threads::File;
use super::{chat, events};
use axum::body::Bytes;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use serde_json::{Value, json};

/// An upload that was begun.
pub(super) struct Upload {
    name: String,
    length: usize,
    bytes: Option<Vec<u8>>,
}

pub(super) fn begin(ask: &mut Ask<'_>) -> Answer {
    let name = ask.args.need("filename")?;
    let length = ask.args.need("length")?.parse().ok().filter(|length| *length > 0);
    let length = length.ok_or_else(|| Refusal::new("invalid_arguments"))?;
    let id = format!("F0UP{:06}", ask.world.next());
    let url = format!("{}/upload/v1/{id}", host(ask.world));
    ask.world.uploads.insert(id.clone(), Upload { name, length, bytes: None });
    Ok(fields(json!({ "upload_url": url, "file_id": id })))
}

/// The bytes, as they are: as many as were announced.
pub(super) async fn receive(
    State(slack): State<SimSlack>,
    Path(id): Path<String>,
    body: Bytes,
) -> (StatusCode, String) {
    slack.change(|world| match world.uploads.get_mut(&id) {
        Some(upload) if upload.length == body.len() => {
            upload.bytes = Some(body.to_vec());
            (StatusCode::OK, format!("OK - {}", body.len()))
        }
        Some(_) => (StatusCode::BAD_REQUEST, "another length was announced".to_owned()),
        None => (StatusCode::NOT_FOUND, String::new()),
    })
}

pub(super) fn complete(ask: &mut Ask<'_>) -> Answer {
    let files = ask.args.data("files", "invalid_arguments")?;
    let files = files.as_ref().and_then(Value::as_array).filter(|files| !files.is_empty());
    let files = files.ok_or_else(|| Refusal::lacks("files"))?;
    let channel = match ask.args.text("channel_id") {
        Some(id) => Some(chat::writable(ask, &id)?),
        None => None,
    };
    let thread = match &channel {
        Some(id) => chat::thread_of(ask, id)?,
        None => None,
    };
    let mut shown = Vec::new();
    for file in files {
        shown.push(completed(ask, file)?);
    }
    if let Some(id) = channel {
        let mut message = Message::new(Author::App, String::new());
        message.thread_ts = thread;
        message.files.clone_from(&shown);
        let ts = chat::add(ask, &id, message)?;
        events::posted(ask.world, &id, &ts, ask.now);
    }
    Ok(fields(json!({ "files": shown })))
}

/// A file that is complete now: it was uploaded, and not completed before.
fn completed(ask: &mut Ask<'_>, file: &Value) -> Result<Value, Refusal> {
    let gone = || Refusal::new("file_not_found");
    let id = file["id"].as_str().ok_or_else(|| Refusal::new("invalid_arguments"))?;
    let is_there = ask.world.uploads.get(id).is_some_and(|upload| upload.bytes.is_some());
    let upload = ask.world.uploads.remove(id).filter(|_| is_there).ok_or_else(gone)?;
    let path = format!("/files-pri/{}-{id}/{}", ask.world.team.id, upload.name);
    let bytes = upload.bytes.unwrap_or_default();
    let shown = json!({
        "id": id,
        "created": ask.now.as_second(),
        "timestamp": ask.now.as_second(),
        "name": upload.name,
        "title": file["title"].as_str().unwrap_or(&upload.name),
        "mimetype": "text/plain",
        "filetype": "markdown",
        "user": fixed::BOT_USER,
        "mode": "snippet",
        "is_external": false,
        "size": bytes.len(),
        "url_private": format!("{}{path}", host(ask.world)),
        "file_access": "visible",
    });
    ask.world.files.insert(path, File { mimetype: "text/plain".to_owned(), bytes });
    Ok(shown)
}

/// Where files are: next to the Web API.
fn host(world: &World) -> String {
    let link = world.link.replacen("ws", "http", 1);
    link.trim_end_matches("/link/").to_owned()
}

impl SimSlack {
    /// The text of the newest file of this name.
    #[must_use]
    pub fn file(&self, name: &str) -> Option<String> {
        self.read(|world| {
            let ends = format!("/{name}");
            let found = world.files.iter().rfind(|(path, _)| path.ends_with(&ends))?;
            String::from_utf8(found.1.bytes.clone()).ok()
        })
    }
}
