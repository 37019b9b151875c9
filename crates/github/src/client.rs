//! The calls of GitHub's API, in our words. Each is a `GET`.

use crate::error::{Error, Trouble};
use crate::http::{Http, Reply, Setup, Timeouts};
use crate::limits::{Limits, Urgency};
use crate::pages::next_page;
use crate::wire;
use domain::pull::{Checks, Commit, IssueFacts, Login, PullFacts, PullRef, Review, ReviewComment};
use domain::secret::Secret;
use jiff::Timestamp;
use platform::clock::Clock;
use platform::credential::Credential;
use platform::lock::lock;
use platform::metrics::{Api, Call, CallEnd};
use reqwest::header::{
    ACCEPT, AUTHORIZATION, ETAG, HeaderMap, HeaderName, HeaderValue, IF_NONE_MATCH,
};
use serde::de::DeserializeOwned;
use std::fmt;
use std::sync::{Arc, Mutex};
use url::Url;

/// The address of the public API.
pub const PUBLIC_BASE: &str = "https://api.github.com";

/// The version of the API that is asked for. [GitHub: API versions]
const VERSION: (&str, &str) = ("x-github-api-version", "2022-11-28");

/// How many pages of a list are read at most, of 100 each.
const MOST_PAGES: usize = 5;

/// GitHub, with one token or none. Cheap to clone.
#[derive(Clone)]
pub struct GitHub {
    http: Http,
    base: Url,
    token: Option<HeaderValue>,
    clock: Clock,
    limits: Arc<Mutex<Limits>>,
    credential: Option<Credential>,
}

impl fmt::Debug for GitHub {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("GitHub").field("base", &self.base.as_str()).finish_non_exhaustive()
    }
}

/// What came of asking for something that may be known already.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Fresh<T> {
    /// It is as it was (304).
    Same,
    /// It is this, and has this name.
    New(T, Option<String>),
}

/// What a token may do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Access {
    /// How many calls it may make in an hour.
    pub limit: u32,
    /// How many of them are left.
    pub remaining: u32,
    /// Its scopes; `None` for one that has permissions instead: a fine-grained one, or an App's.
    pub scopes: Option<Vec<String>>,
}

impl GitHub {
    /// A client with this token, or for public repositories only. Makes no call.
    ///
    /// # Errors
    /// [`Setup`].
    pub fn new(
        timeouts: Timeouts,
        base: Url,
        token: Option<&Secret>,
        clock: Clock,
    ) -> Result<Self, Setup> {
        if !matches!(base.scheme(), "https" | "http") {
            return Err(Setup::BadAddress);
        }
        let token = token.map(|token| {
            let mut value = HeaderValue::from_str(&format!("Bearer {}", token.expose()))
                .map_err(|_| Setup::BadToken)?;
            // Sensitive: its `Debug` form is hidden.
            value.set_sensitive(true);
            Ok(value)
        });
        let token = token.transpose()?;
        let limits = Arc::new(Mutex::new(Limits::new(token.is_none())));
        Ok(Self { http: Http::new(timeouts)?, base, token, clock, limits, credential: None })
    }

    /// The same, telling this credential whether GitHub accepts the token.
    #[must_use]
    pub fn reporting_to(self, credential: Credential) -> Self {
        Self { credential: Some(credential), ..self }
    }

    /// Whether it has a token.
    #[must_use]
    pub fn has_token(&self) -> bool {
        self.token.is_some()
    }

    /// What GitHub says of the token itself. Doesn't count towards the limit. [GitHub: rate-limit/get]
    ///
    /// # Errors
    /// [`Error`].
    pub async fn access(&self) -> Result<Access, Error> {
        let mut url = self.base.clone();
        let mut parts = url.path_segments_mut().map_err(|()| Error::Unreadable)?;
        parts.pop_if_empty().push("rate_limit");
        drop(parts);
        let (reply, now) = self.exchange(("rate_limit.get", Urgency::Person), &url, None).await?;
        let scopes = reply.headers.get("x-oauth-scopes").and_then(|scopes| scopes.to_str().ok());
        let split = |scopes: &str| scopes.split(',').map(|scope| scope.trim().to_owned()).collect();
        let scopes = scopes.map(split);
        match self.read::<wire::RateLimit>(&url, &reply, now)?.0 {
            Fresh::New(limit, _) => {
                Ok(Access { limit: limit.limit(), remaining: limit.remaining(), scopes })
            }
            Fresh::Same => Err(Error::Unreadable),
        }
    }

    /// A pull request, unless it still has this name. [GitHub: pulls/get]
    ///
    /// # Errors
    /// [`Error`].
    pub async fn pull(
        &self,
        at: &PullRef,
        etag: Option<&str>,
        urgency: Urgency,
    ) -> Result<Fresh<PullFacts>, Error> {
        let url = self.address(&["repos", &at.repo.owner, &at.repo.repo, "pulls"], at.number)?;
        let call = ("pulls.get", urgency);
        match self.get::<wire::Pull>(call, url, etag).await? {
            (Fresh::Same, _) => Ok(Fresh::Same),
            (Fresh::New(wire, etag), _) => {
                let facts = wire.into_facts().ok_or(Error::Unreadable)?;
                Ok(Fresh::New(facts, etag))
            }
        }
    }

    /// Who closed a pull request that wasn't merged: only its issue says so. [GitHub: issues/get]
    ///
    /// # Errors
    /// [`Error`].
    pub async fn closed_by(&self, at: &PullRef, urgency: Urgency) -> Result<Option<Login>, Error> {
        let url = self.address(&["repos", &at.repo.owner, &at.repo.repo, "issues"], at.number)?;
        match self.get::<wire::Issue>(("issues.get", urgency), url, None).await?.0 {
            Fresh::New(issue, _) => Ok(issue.closed_by()),
            Fresh::Same => Ok(None),
        }
    }

    /// An issue. [GitHub: issues/get]
    ///
    /// # Errors
    /// [`Error`].
    pub async fn issue(&self, at: &PullRef) -> Result<IssueFacts, Error> {
        let url = self.address(&["repos", &at.repo.owner, &at.repo.repo, "issues"], at.number)?;
        match self.get::<wire::Issue>(("issues.get", Urgency::Person), url, None).await?.0 {
            Fresh::New(issue, _) => issue.into_facts().ok_or(Error::Unreadable),
            Fresh::Same => Err(Error::Unreadable),
        }
    }

    /// The comments on an issue: who wrote each, what they are to the repository, and the words; oldest first.
    /// [GitHub: issues/list-comments]
    ///
    /// # Errors
    /// [`Error`].
    pub async fn issue_comments(&self, at: &PullRef) -> Result<Vec<wire::IssueComment>, Error> {
        let path = ["repos", &at.repo.owner, &at.repo.repo, "issues"];
        let url = self.below(&path, at.number, "comments")?;
        let call = ("issues.comments", Urgency::Person);
        match self.list::<Vec<wire::IssueComment>>(call, url, None).await? {
            Fresh::New(pages, _) => Ok(pages.into_iter().flatten().collect()),
            Fresh::Same => Ok(Vec::new()),
        }
    }

    /// The reviews of a pull request, oldest first. [GitHub: pulls/list-reviews]
    ///
    /// # Errors
    /// [`Error`].
    pub async fn reviews(
        &self,
        at: &PullRef,
        etag: Option<&str>,
        urgency: Urgency,
    ) -> Result<Fresh<Vec<Review>>, Error> {
        let path = ["repos", &at.repo.owner, &at.repo.repo, "pulls"];
        let url = self.below(&path, at.number, "reviews")?;
        let pages = self.list::<Vec<wire::Review>>(("pulls.reviews", urgency), url, etag).await?;
        Ok(pages.map(|pages| {
            pages.into_iter().flatten().filter_map(wire::Review::into_review).collect()
        }))
    }

    /// The comments on lines of a pull request, newest first. [GitHub: pulls/list-review-comments]
    ///
    /// # Errors
    /// [`Error`].
    pub async fn review_comments(
        &self,
        at: &PullRef,
        etag: Option<&str>,
        urgency: Urgency,
    ) -> Result<Fresh<Vec<ReviewComment>>, Error> {
        let path = ["repos", &at.repo.owner, &at.repo.repo, "pulls"];
        let mut url = self.below(&path, at.number, "comments")?;
        url.query_pairs_mut().append_pair("sort", "created").append_pair("direction", "desc");
        let call = ("pulls.comments", urgency);
        let pages = self.list::<Vec<wire::ReviewComment>>(call, url, etag).await?;
        Ok(pages.map(|pages| {
            pages.into_iter().flatten().map(wire::ReviewComment::into_comment).collect()
        }))
    }

    /// What apps report of a commit as check runs. A fine-grained token may not read them.
    /// [GitHub: checks/list-for-ref]
    ///
    /// # Errors
    /// [`Error`].
    pub async fn check_runs(
        &self,
        at: &PullRef,
        commit: &Commit,
        etag: Option<&str>,
        urgency: Urgency,
    ) -> Result<Fresh<Checks>, Error> {
        let url = self.of_commit(at, commit, "check-runs")?;
        let pages = self.list::<wire::CheckRuns>(("checks.list", urgency), url, etag).await?;
        Ok(pages.map(|pages| pages.iter().fold(Checks::default(), wire::CheckRuns::add_to)))
    }

    /// What others report of a commit as a status. [GitHub: commits/combined-status]
    ///
    /// # Errors
    /// [`Error`].
    pub async fn statuses(
        &self,
        at: &PullRef,
        commit: &Commit,
        etag: Option<&str>,
        urgency: Urgency,
    ) -> Result<Fresh<Checks>, Error> {
        let url = self.of_commit(at, commit, "status")?;
        let pages = self.list::<wire::Statuses>(("commits.status", urgency), url, etag).await?;
        Ok(pages.map(|pages| pages.iter().fold(Checks::default(), wire::Statuses::add_to)))
    }
}

impl<T> Fresh<T> {
    fn map<U>(self, change: impl FnOnce(T) -> U) -> Fresh<U> {
        match self {
            Self::Same => Fresh::Same,
            Self::New(value, etag) => Fresh::New(change(value), etag),
        }
    }
}

/// The exchanges that the calls are made of.
impl GitHub {
    fn address(&self, path: &[&str], number: u64) -> Result<Url, Error> {
        let mut url = self.base.clone();
        let mut parts = url.path_segments_mut().map_err(|()| Error::Unreadable)?;
        // A part of the name that leads elsewhere is one that no repository has.
        if path.iter().any(|part| matches!(*part, "" | "." | "..")) {
            return Err(Error::NotFound);
        }
        parts.pop_if_empty().extend(path).push(&number.to_string());
        drop(parts);
        Ok(url)
    }

    fn below(&self, path: &[&str], number: u64, what: &str) -> Result<Url, Error> {
        let mut url = self.address(path, number)?;
        url.path_segments_mut().map_err(|()| Error::Unreadable)?.push(what);
        url.query_pairs_mut().append_pair("per_page", "100");
        Ok(url)
    }

    fn of_commit(&self, at: &PullRef, commit: &Commit, what: &str) -> Result<Url, Error> {
        let path = ["repos", &at.repo.owner, &at.repo.repo, "commits"];
        let mut url = self.address(&path, 0)?;
        let mut parts = url.path_segments_mut().map_err(|()| Error::Unreadable)?;
        parts.pop().push(commit.as_str()).push(what);
        drop(parts);
        url.query_pairs_mut().append_pair("per_page", "100");
        Ok(url)
    }

    /// A list to its end, or its first pages. Only one that is on a single page has a name: a change further
    /// back isn't seen on the first.
    async fn list<T: DeserializeOwned>(
        &self,
        call: (&'static str, Urgency),
        url: Url,
        etag: Option<&str>,
    ) -> Result<Fresh<Vec<T>>, Error> {
        let (first, mut next) = self.get::<T>(call, url, etag).await?;
        let Fresh::New(first, etag) = first else { return Ok(Fresh::Same) };
        let etag = etag.filter(|_| next.is_none());
        let mut pages = vec![first];
        while let Some(url) = next.take_if(|_| pages.len() < MOST_PAGES) {
            let (page, after) = self.get::<T>(call, url, None).await?;
            if let Fresh::New(page, _) = page {
                pages.push(page);
            }
            next = after;
        }
        Ok(Fresh::New(pages, etag))
    }

    async fn get<T: DeserializeOwned>(
        &self,
        call: (&'static str, Urgency),
        url: Url,
        etag: Option<&str>,
    ) -> Result<(Fresh<T>, Option<Url>), Error> {
        let (reply, now) = self.exchange(call, &url, etag).await?;
        self.read(&url, &reply, now)
    }

    /// The answer to a call, whatever it says, and when it came.
    async fn exchange(
        &self,
        (method, urgency): (&'static str, Urgency),
        url: &Url,
        etag: Option<&str>,
    ) -> Result<(Reply, Timestamp), Error> {
        let now = (self.clock)();
        lock(&self.limits).may_call(urgency, now).map_err(|until| Error::Limited { until })?;
        let call = Call::begin(Api::GitHub, method);
        let reply = self.http.get(url.clone(), &self.headers(etag)).await;
        let now = (self.clock)();
        let answer = reply.as_ref().ok().map(|reply| (reply.code, &reply.headers));
        lock(&self.limits).answered(urgency, answer, now);
        let reply = reply.map_err(Error::Down)?;
        call.ended(match reply.code {
            304 => CallEnd::Ok,
            code => CallEnd::of_status(code),
        });
        Ok((reply, now))
    }

    fn headers(&self, etag: Option<&str>) -> HeaderMap {
        let mut headers = HeaderMap::new();
        headers.insert(ACCEPT, HeaderValue::from_static("application/vnd.github+json"));
        headers.insert(HeaderName::from_static(VERSION.0), HeaderValue::from_static(VERSION.1));
        if let Some(token) = &self.token {
            headers.insert(AUTHORIZATION, token.clone());
        }
        if let Some(etag) = etag.and_then(|etag| HeaderValue::from_str(etag).ok()) {
            headers.insert(IF_NONE_MATCH, etag);
        }
        headers
    }

    fn read<T: DeserializeOwned>(
        &self,
        url: &Url,
        reply: &Reply,
        now: Timestamp,
    ) -> Result<(Fresh<T>, Option<Url>), Error> {
        let credential = self.credential.as_ref();
        match reply.code {
            200 => {
                credential.inspect(|credential| credential.accepted());
                let value = serde_json::from_slice(&reply.body).map_err(|_| Error::Unreadable)?;
                let etag = reply.headers.get(ETAG).and_then(|value| value.to_str().ok());
                let next = next_page(url, &reply.headers);
                Ok((Fresh::New(value, etag.map(str::to_owned)), next))
            }
            304 => {
                credential.inspect(|credential| credential.accepted());
                Ok((Fresh::Same, None))
            }
            401 => {
                credential.inspect(|credential| credential.refused("HTTP 401"));
                Err(Error::TokenRefused)
            }
            403 | 429 => Err(self.refused(reply, now)),
            404 | 410 => Err(Error::NotFound),
            451 => Err(Error::Forbidden),
            code => Err(Error::Down(Trouble::Status(code))),
        }
    }

    /// A 403 is about a limit, or about what the token may read.
    fn refused(&self, reply: &Reply, now: Timestamp) -> Error {
        let mut limits = lock(&self.limits);
        if let Some(until) = limits.blocked() {
            return Error::Limited { until };
        }
        let words = String::from_utf8_lossy(&reply.body).to_lowercase();
        if reply.code == 429 || words.contains("rate limit") || words.contains("abuse detection") {
            return Error::Limited { until: limits.block(now) };
        }
        Error::Forbidden
    }
}
