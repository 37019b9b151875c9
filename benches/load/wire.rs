//! Requests as Slack sends them, over connections that are kept open.
//!
//! Written by hand, since the driver shares two processors with what it measures: a request is one
//! write, an answer one or two reads.

use data_encoding::HEXLOWER;
use hmac::{Hmac, KeyInit, Mac};
use platform::clock::Clock;
use sha2::Sha256;
use std::io;
use std::net::SocketAddr;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use url::form_urlencoded::Serializer;

/// Three times as long as Slack waits: what takes longer is an error.
const PATIENCE: Duration = Duration::from_secs(9);

/// A connection that carries one request at a time.
pub(crate) struct Wire {
    stream: TcpStream,
    read: Vec<u8>,
}

/// What came back.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) body: Vec<u8>,
}

impl Wire {
    pub(crate) async fn to(address: SocketAddr) -> io::Result<Self> {
        let stream = TcpStream::connect(address).await?;
        stream.set_nodelay(true)?;
        Ok(Self { stream, read: Vec::with_capacity(4096) })
    }

    /// Sends a request and reads its whole answer.
    pub(crate) async fn ask(&mut self, request: &[u8]) -> io::Result<Answer> {
        tokio::time::timeout(PATIENCE, self.exchange(request)).await?
    }

    async fn exchange(&mut self, request: &[u8]) -> io::Result<Answer> {
        self.stream.write_all(request).await?;
        self.read.clear();
        loop {
            if self.stream.read_buf(&mut self.read).await? == 0 {
                return Err(io::ErrorKind::UnexpectedEof.into());
            }
            if let Some(answer) = whole(&self.read) {
                return Ok(answer);
            }
        }
    }
}

/// The answer in these bytes, when all of it is there.
pub(crate) fn whole(bytes: &[u8]) -> Option<Answer> {
    let end = bytes.windows(4).position(|four| four == b"\r\n\r\n")?;
    let head = std::str::from_utf8(&bytes[..end]).ok()?;
    let status = head.split(' ').nth(1)?.parse().ok()?;
    let field = |wanted: &str| {
        let fields = head.lines().filter_map(|line| line.split_once(':'));
        let mut values = fields.filter(|(name, _)| name.eq_ignore_ascii_case(wanted));
        values.next().map(|(_, value)| value.trim())
    };
    let rest = &bytes[end + 4..];
    let body = match field("content-length").and_then(|value| value.parse::<usize>().ok()) {
        Some(length) => rest.get(..length)?.to_vec(),
        // In chunks, as Node answers; a search in the body still finds its words.
        None => rest.ends_with(b"0\r\n\r\n").then(|| rest.to_vec())?,
    };
    Some(Answer { status, body })
}

/// A request with these headers and this body.
pub(crate) fn post(path: &str, headers: &[(&str, &str)], body: &str) -> Vec<u8> {
    let mut request = format!("POST {path} HTTP/1.1\r\nhost: 127.0.0.1\r\n");
    for (name, value) in headers {
        request.extend([name, ": ", value, "\r\n"]);
    }
    request.push_str(&format!("content-length: {}\r\n\r\n{body}", body.len()));
    request.into_bytes()
}

/// Makes commands, no two alike, signed as Slack signs them (Slack: verifying requests).
pub(crate) struct Author {
    pub(crate) mac: Hmac<Sha256>,
    pub(crate) clock: Clock,
    pub(crate) team: &'static str,
    pub(crate) app: &'static str,
    pub(crate) user: String,
    pub(crate) channels: Vec<String>,
    pub(crate) slack: String,
    pub(crate) next: AtomicU64,
}

impl Author {
    pub(crate) fn key(secret: &str) -> Hmac<Sha256> {
        Hmac::new_from_slice(secret.as_bytes()).expect("any length will do")
    }

    /// A command that was not sent before, in each channel in turn, whole and signed.
    pub(crate) fn command(&self, text: &str) -> Vec<u8> {
        let number = self.number();
        self.sign("/slack/commands", &self.body(number, text), &self.mac)
    }

    /// The next command's number: it tells the command from every other.
    pub(crate) fn number(&self) -> u64 {
        self.next.fetch_add(1, Ordering::Relaxed)
    }

    /// What Slack sends for the command of this number.
    pub(crate) fn body(&self, number: u64, text: &str) -> String {
        let turn = usize::try_from(number).unwrap_or_default() % self.channels.len();
        Serializer::new(String::with_capacity(512))
            .append_pair("team_id", self.team)
            .append_pair("channel_id", &self.channels[turn])
            .append_pair("user_id", &self.user)
            .append_pair("command", "/jules")
            .append_pair("text", text)
            .append_pair("api_app_id", self.app)
            .append_pair("is_enterprise_install", "false")
            .append_pair("response_url", &format!("{}/commands/T/{number}/x", self.slack))
            .append_pair("trigger_id", &format!("{number}.1.load"))
            .finish()
    }

    /// The whole request, signed with this key at this moment.
    pub(crate) fn sign(&self, path: &str, body: &str, key: &Hmac<Sha256>) -> Vec<u8> {
        let time = (self.clock)().as_second().to_string();
        let mut mac = key.clone();
        for part in ["v0:", &time, ":", body] {
            mac.update(part.as_bytes());
        }
        let signature = format!("v0={}", HEXLOWER.encode(&mac.finalize().into_bytes()));
        let headers = [
            ("content-type", "application/x-www-form-urlencoded"),
            ("x-slack-request-timestamp", &time),
            ("x-slack-signature", &signature),
        ];
        post(path, &headers, body)
    }
}
