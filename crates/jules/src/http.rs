//! One exchange of bytes with Jules, with a deadline for each part and a cap on the reply.
//!
//! Connecting, waiting for the answer to begin and reading it are timed apart: a page of sessions may
//! take minutes to begin, while a host that is not there should be noticed at once, and a body that
//! drips must not hold a place for ever. One activity page has been 874 MB (reference §1.5), so a body
//! is read in pieces and left alone once it is too long.

use crate::error::{Operation, Trouble};
use crate::retry_after::RetryAfter;
use jiff::Timestamp;
use platform::clock::date_of;
use platform::unreachable::Unreachable;
use reqwest::{Request, Response, header};
use std::time::Duration;
use tokio::time::timeout;

/// How long we wait for Jules, and how much we read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Timeouts {
    /// Until there is a connection.
    pub connect: Duration,
    /// From sending the request (connecting included) until the answer begins.
    pub answer: Duration,
    /// The same for lists, which are slow: calls of minutes have been seen.
    pub list_answer: Duration,
    /// Between two pieces of a body.
    pub body_idle: Duration,
    /// For a whole body.
    pub body: Duration,
    /// For the whole body of a list.
    pub list_body: Duration,
    /// The longest body accepted, in bytes.
    pub body_bytes: usize,
    /// Of several readings at once: until those that are under way aren't waited for any more, counted from
    /// the last that ended.
    pub linger: Duration,
}

impl Default for Timeouts {
    fn default() -> Self {
        Self {
            connect: Duration::from_secs(10),
            answer: Duration::from_secs(30),
            list_answer: Duration::from_secs(120),
            body_idle: Duration::from_secs(20),
            body: Duration::from_secs(30),
            list_body: Duration::from_secs(120),
            body_bytes: 8 * 1024 * 1024,
            linger: Duration::from_secs(3),
        }
    }
}

impl Timeouts {
    fn answer_to(&self, operation: Operation) -> Duration {
        match operation {
            Operation::List => self.list_answer,
            Operation::Get | Operation::Create | Operation::Message | Operation::Settle => {
                self.answer
            }
        }
    }

    fn body_of(&self, operation: Operation) -> Duration {
        match operation {
            Operation::List => self.list_body,
            Operation::Get | Operation::Create | Operation::Message | Operation::Settle => {
                self.body
            }
        }
    }
}

/// What keeps a client from being made; never shows the key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Setup {
    /// The system lets no client be made.
    #[error("no HTTP client can be made")]
    NoClient,
    /// The key is empty or has characters that no key has.
    #[error("the Jules key is empty or holds characters that no key has")]
    BadKey,
    /// The address is not one of HTTP.
    #[error("the address of the Jules API does not begin with https:// or http://")]
    BadAddress,
}

/// The connections to Jules, shared by all accounts. Cheap to clone.
///
/// A type of its own, because a key is safe only with a client that follows no redirect: reqwest
/// would carry our key's header along to wherever it is sent.
#[derive(Debug, Clone)]
pub struct Http {
    client: reqwest::Client,
    pub(super) limits: Timeouts,
}

/// An answer that has been read.
pub(super) struct HttpReply {
    /// The HTTP code.
    pub(super) code: u16,
    /// When to come back, if told.
    pub(super) retry_after: Option<RetryAfter>,
    /// When it was written, by Jules' clock, if told.
    pub(super) date: Option<Timestamp>,
    /// The whole body.
    pub(super) body: Vec<u8>,
}

impl Http {
    /// Prepares connections; none is opened yet.
    ///
    /// # Errors
    /// [`Setup::NoClient`] when the system lets none be made.
    pub fn new(limits: Timeouts) -> Result<Self, Setup> {
        let client = platform::tls::client()
            .retry(reqwest::retry::never())
            .connect_timeout(limits.connect)
            .build()
            .map_err(|_| Setup::NoClient)?;
        Ok(Self { client, limits })
    }

    /// Sends a request and reads the whole answer, whatever its code.
    pub(super) async fn exchange(
        &self,
        operation: Operation,
        request: Request,
    ) -> Result<HttpReply, Trouble> {
        let sent = self.client.execute(request);
        let response = match timeout(self.limits.answer_to(operation), sent).await {
            Err(_) => return Err(Trouble::NoAnswer),
            Ok(Err(error)) if error.is_connect() => {
                return Err(Trouble::NoConnection(Unreachable::of(&error)));
            }
            Ok(Err(_)) => return Err(Trouble::Broken),
            Ok(Ok(response)) => response,
        };
        let code = response.status().as_u16();
        let (retry_after, date) = (retry_after(&response), date_of(response.headers()));
        let body = match timeout(self.limits.body_of(operation), self.read(response)).await {
            Ok(read) => read,
            Err(_) => Err(Trouble::Stalled),
        };
        match body {
            Ok(body) => Ok(HttpReply { code, retry_after, date, body }),
            // The code of a refusal says enough; its body only says it better.
            Err(_) if !(200..300).contains(&code) => {
                Ok(HttpReply { code, retry_after, date, body: Vec::new() })
            }
            Err(trouble) => Err(trouble),
        }
    }

    async fn read(&self, mut response: Response) -> Result<Vec<u8>, Trouble> {
        let limit = self.limits.body_bytes;
        let announced = response.content_length().unwrap_or(0);
        if announced > limit as u64 {
            return Err(Trouble::TooLarge(limit));
        }
        let mut body = Vec::new();
        loop {
            let piece = match timeout(self.limits.body_idle, response.chunk()).await {
                Err(_) => return Err(Trouble::Stalled),
                Ok(Err(_)) => return Err(Trouble::Broken),
                Ok(Ok(None)) => return Ok(body),
                Ok(Ok(Some(piece))) => piece,
            };
            if body.len() + piece.len() > limit {
                return Err(Trouble::TooLarge(limit));
            }
            body.extend_from_slice(&piece);
        }
    }
}

fn retry_after(response: &Response) -> Option<RetryAfter> {
    RetryAfter::parse(response.headers().get(header::RETRY_AFTER)?.to_str().ok()?)
}
