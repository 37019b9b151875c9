//! One exchange of bytes with GitHub, with a deadline for each part and a cap on the answer.

use crate::error::Trouble;
use platform::unreachable::Unreachable;
use reqwest::header::{HeaderMap, LOCATION};
use reqwest::{Method, Request, Response};
use std::time::Duration;
use tokio::time::timeout;
use url::Url;

/// How long we wait for GitHub, and how much we read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Timeouts {
    /// Until there is a connection.
    pub connect: Duration,
    /// From sending the request until the answer begins.
    pub answer: Duration,
    /// For the whole body.
    pub body: Duration,
    /// The longest body accepted, in bytes.
    pub body_bytes: usize,
}

impl Default for Timeouts {
    fn default() -> Self {
        Self {
            connect: Duration::from_secs(5),
            answer: Duration::from_secs(10),
            body: Duration::from_secs(10),
            body_bytes: 4 * 1024 * 1024,
        }
    }
}

/// What keeps a client from being made; never shows the token.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Setup {
    /// The system lets no client be made.
    #[error("no HTTP client can be made")]
    NoClient,
    /// The token has characters that no token has.
    #[error("the GitHub token holds characters that no token has")]
    BadToken,
    /// The address is not one of HTTP.
    #[error("the address of GitHub's API does not begin with https:// or http://")]
    BadAddress,
}

/// GitHub moves a renamed repository's addresses by redirects; a chain of more leads nowhere.
/// [GitHub: best practices, follow redirects]
const MOST_REDIRECTS: usize = 3;

/// The connections to GitHub.
#[derive(Debug, Clone)]
pub(crate) struct Http {
    client: reqwest::Client,
    limits: Timeouts,
}

/// An answer that has been read.
pub(crate) struct Reply {
    pub(crate) code: u16,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Vec<u8>,
}

impl Http {
    pub(crate) fn new(limits: Timeouts) -> Result<Self, Setup> {
        let client = platform::tls::client()
            .retry(reqwest::retry::never())
            .connect_timeout(limits.connect)
            .build()
            .map_err(|_| Setup::NoClient)?;
        Ok(Self { client, limits })
    }

    /// Asks for an address and reads the whole answer, whatever its code. Redirects are followed on the same
    /// server alone: the token is for no other.
    pub(crate) async fn get(&self, url: Url, headers: &HeaderMap) -> Result<Reply, Trouble> {
        let mut at = url;
        for _ in 0..=MOST_REDIRECTS {
            let mut request = Request::new(Method::GET, at.clone());
            *request.headers_mut() = headers.clone();
            let response = self.answer(request).await?;
            match moved_to(&at, &response) {
                Some(next) => at = next,
                None => return self.read(response).await,
            }
        }
        Err(Trouble::Broken)
    }

    async fn answer(&self, request: Request) -> Result<Response, Trouble> {
        match timeout(self.limits.answer, self.client.execute(request)).await {
            Err(_) => Err(Trouble::NoAnswer),
            Ok(Err(error)) if error.is_connect() => {
                Err(Trouble::NoConnection(Unreachable::of(&error)))
            }
            Ok(Err(_)) => Err(Trouble::Broken),
            Ok(Ok(response)) => Ok(response),
        }
    }

    async fn read(&self, response: Response) -> Result<Reply, Trouble> {
        let code = response.status().as_u16();
        let headers = response.headers().clone();
        let body = match timeout(self.limits.body, self.body(response)).await {
            Ok(read) => read,
            Err(_) => Err(Trouble::NoAnswer),
        };
        match body {
            Ok(body) => Ok(Reply { code, headers, body }),
            // The code of a refusal says enough.
            Err(_) if !(200..300).contains(&code) => Ok(Reply { code, headers, body: Vec::new() }),
            Err(trouble) => Err(trouble),
        }
    }

    async fn body(&self, mut response: Response) -> Result<Vec<u8>, Trouble> {
        let limit = self.limits.body_bytes;
        if response.content_length().unwrap_or(0) > limit as u64 {
            return Err(Trouble::TooLarge);
        }
        let mut body = Vec::new();
        while let Some(piece) = response.chunk().await.map_err(|_| Trouble::Broken)? {
            if body.len() + piece.len() > limit {
                return Err(Trouble::TooLarge);
            }
            body.extend_from_slice(&piece);
        }
        Ok(body)
    }
}

/// Where an answer sends us, if that is on the same server.
fn moved_to(from: &Url, response: &Response) -> Option<Url> {
    if !matches!(response.status().as_u16(), 301 | 302 | 307 | 308) {
        return None;
    }
    let location = response.headers().get(LOCATION)?.to_str().ok()?;
    let to = from.join(location).ok()?;
    (to.origin() == from.origin()).then_some(to)
}
