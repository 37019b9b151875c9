//! The calls of the Jules API, in our words.
//!
//! Every call is one request, or for a list one per page, and fails as [`Error`] says. Nothing is
//! repeated here, but for a read whose `fields` mask Jules refuses: it is asked for less, then for
//! everything (`fields`). Without a mask a page may be hundreds of megabytes (reference §1.5), so a cap of
//! bytes stands behind it.

use crate::address::{address, path_of};
use crate::error::{Error, Operation, Trouble, refused_names};
use crate::fields::{Asked, Mask, Masks};
use crate::http::{Http, Setup};
use crate::paging::{Page, PageToken};
use crate::wire::{activity, nothing, object, session, source};
use domain::activity::{Activity, ActivityId, Change};
use domain::ids::SessionId;
use domain::repo::{RepoRef, Source, SourceName};
use domain::secret::Secret;
use domain::session::{NewSession, Session};
use jiff::Timestamp;
use platform::clock::{Clock, ServiceClock};
use platform::credential::Credential;
use platform::metrics::{Api, Call, CallEnd};
use reqwest::header::{CONTENT_TYPE, HeaderValue};
use reqwest::{Body, Method, Request};
use serde::Serialize;
use serde::de::DeserializeOwned;
use std::sync::Arc;
use std::time::Duration;
use url::Url;

/// The address of the public API.
pub const PUBLIC_BASE: &str = "https://jules.googleapis.com/v1alpha";

/// The most that Jules puts on one page; more is taken as this.
pub(super) const PAGE_SIZE: u32 = 100;

/// How much is asked for at a time while no mask keeps a page small.
const UNMASKED_PAGE_SIZE: u32 = 25;

/// A walk over the sources ends here: 50,000 repositories.
pub const MOST_SOURCE_PAGES: usize = 500;

/// One account at Jules, that is one API key. Cheap to clone.
#[derive(Debug, Clone)]
pub struct JulesClient {
    http: Http,
    base: Url,
    key: HeaderValue,
    /// Where it is told whether Jules accepts the key.
    credential: Option<Credential>,
    /// Where Jules' clock is kept.
    clock: Option<ServiceClock>,
    /// Which masks Jules refuses.
    masks: Arc<Masks>,
}

impl JulesClient {
    /// A client for one key; makes no call. `base` is [`PUBLIC_BASE`], or where tests and proxies are.
    ///
    /// # Errors
    /// [`Setup::BadKey`] when the key is empty or cannot stand in a header; [`Setup::BadAddress`] when
    /// `base` is not an address of HTTP.
    pub fn new(http: Http, base: Url, key: &Secret) -> Result<Self, Setup> {
        if !matches!(base.scheme(), "https" | "http") {
            return Err(Setup::BadAddress);
        }
        let mut key = HeaderValue::from_str(key.expose()).map_err(|_| Setup::BadKey)?;
        if key.is_empty() {
            return Err(Setup::BadKey);
        }
        // Sensitive: its `Debug` form is hidden.
        key.set_sensitive(true);
        Ok(Self { http, base, key, credential: None, clock: None, masks: Arc::default() })
    }

    /// How long several readings at once wait for the next of them ([`Timeouts::linger`](super::Timeouts)).
    #[must_use]
    pub fn linger(&self) -> Duration {
        self.http.limits.linger
    }

    /// The same, telling this credential whether Jules accepts it.
    #[must_use]
    pub fn reporting_to(self, credential: Credential) -> Self {
        Self { credential: Some(credential), ..self }
    }

    /// The same, comparing Jules' clock with this one.
    #[must_use]
    pub fn timed_by(self, clock: Clock) -> Self {
        Self { clock: Some(ServiceClock::new(clock)), ..self }
    }

    /// What Jules' clock shows when ours shows this; `None` before Jules has answered.
    #[must_use]
    pub fn time_there(&self, ours: Timestamp) -> Option<Timestamp> {
        self.clock.as_ref()?.at(ours)
    }

    /// Whether Jules accepts the key: the shortest list there is. Whether there is any repository, then. Jules:
    /// `sources.list`.
    ///
    /// # Errors
    /// [`Error::Auth`] when it doesn't; otherwise those of a read.
    pub async fn has_sources(&self) -> Result<bool, Error> {
        let (page, _): (source::SourcePage, _) =
            self.list("sources", &[("pageSize", "1")], &source::LIST, None).await?;
        Ok(!page.into_page().items.is_empty())
    }

    /// A page of the connected GitHub repositories, up to 100, without branches; other kinds of sources are
    /// passed over. Takes several seconds. Jules: `sources.list`.
    ///
    /// # Errors
    /// Those of a read.
    pub async fn source_page(&self, at: Option<&PageToken>) -> Result<Page<Source>, Error> {
        let (page, _): (source::SourcePage, _) =
            self.list("sources", &[], &source::LIST, at).await?;
        Ok(page.into_page())
    }

    /// One repository, with its branches. Jules: `sources.get`.
    ///
    /// # Errors
    /// [`Error::NotFound`] when it is not connected; otherwise those of a read.
    pub async fn source(&self, name: &SourceName) -> Result<Source, Error> {
        // A name that leads elsewhere is one that no source has.
        let path = path_of(&name.0).filter(|path| path.starts_with("sources/"));
        let path = path.ok_or(Error::NotFound)?;
        let (source, _): (source::WireSource, _) = self.get(&path, &source::GET).await?;
        source.into_source().ok_or(Error::Decode("it is no GitHub repository"))
    }

    /// The repository of that GitHub name, with its branches; `None` when it is not connected. It is
    /// not known whether Jules minds the letter case here.
    ///
    /// # Errors
    /// Those of a read.
    pub async fn source_by_repo(&self, repo: &RepoRef) -> Result<Option<Source>, Error> {
        // A slash inside a part would make a longer name of it.
        if repo.owner.contains('/') || repo.repo.contains('/') {
            return Ok(None);
        }
        let name = SourceName(format!("sources/github/{}/{}", repo.owner, repo.repo));
        found(self.source(&name).await)
    }

    /// Makes a session. Never call it again after [`Error::AmbiguousWrite`] without
    /// [`sessions_since`](Self::sessions_since). Jules: `sessions.create`.
    ///
    /// # Errors
    /// [`Error::CreateRefused`] when the account's quota may be used up; [`Error::Invalid`] with Jules'
    /// words; [`Error::AmbiguousWrite`] when the session may exist all the same.
    pub async fn create(&self, new: &NewSession) -> Result<Session, Error> {
        let body = session::CreateBody::from(new);
        let reply = self.post(Operation::Create, "sessions", &body).await?;
        object::<session::WireSession>(&reply)
            .and_then(|wire| {
                wire.into_session(&Asked::EVERYTHING).ok_or(Trouble::Unreadable("it has no id"))
            })
            .map_err(|trouble| Error::troubled(Operation::Create, trouble))
    }

    /// One session. Jules: `sessions.get`.
    ///
    /// # Errors
    /// [`Error::NotFound`] when it is gone; otherwise those of a read.
    pub async fn session(&self, id: &SessionId) -> Result<Session, Error> {
        let (wire, asked): (session::WireSession, _) =
            self.get(&session_path(id)?, &session::GET).await?;
        wire.into_session(&asked).ok_or(Error::Decode("it has no id"))
    }

    /// The changes that a session has among its outputs, with their patches. Jules: `sessions.get`.
    ///
    /// # Errors
    /// [`Error::TooLarge`] when the patches are; otherwise those of a read.
    pub async fn changes(&self, id: &SessionId) -> Result<Vec<Change>, Error> {
        let (wire, _): (session::WireSession, _) =
            self.get(&session_path(id)?, &session::CHANGES).await?;
        Ok(wire.into_changes())
    }

    /// A page of the account's sessions, up to 100, newest first, no matter who made them: also those of
    /// the web page and Jules' own suggestions, archived or not, as long as Jules knows how to list both. Without titles
    /// and sources. Jules: `sessions.list`.
    ///
    /// # Errors
    /// Those of a read.
    pub async fn sessions(&self, at: Option<&PageToken>) -> Result<Page<Session>, Error> {
        let (page, asked) = self.session_page(&[], &session::WATCH, at).await?;
        Ok(page.into_page(&asked))
    }

    /// Says something to Jules in a session. The reply names no activity: the message shows up later
    /// as one of the user's. Jules: `sessions.sendMessage`.
    ///
    /// # Errors
    /// [`Error::AmbiguousWrite`] when Jules may have it all the same: look for it first.
    pub async fn send_message(&self, id: &SessionId, text: &str) -> Result<(), Error> {
        let path = format!("{}:sendMessage", session_path(id)?);
        let body = session::MessageBody { prompt: text };
        let reply = self.post(Operation::Message, &path, &body).await?;
        nothing(&reply).map_err(|trouble| Error::troubled(Operation::Message, trouble))
    }

    /// Approves the latest plan, whichever that is by now: the API takes no plan id. Harmless when
    /// repeated. Jules: `sessions.approvePlan`.
    ///
    /// # Errors
    /// [`Error::WrongState`] when there may be nothing to approve. (Jules may also just say yes.)
    pub async fn approve_plan(&self, id: &SessionId) -> Result<(), Error> {
        let path = format!("{}:approvePlan", session_path(id)?);
        let reply = self.post(Operation::Settle, &path, &Empty {}).await?;
        nothing(&reply).map_err(|trouble| Error::troubled(Operation::Settle, trouble))
    }

    /// Hides a session from the list, and pauses it if it was running: the nearest thing to a stop.
    /// Harmless when repeated. Jules: `sessions.archive`.
    ///
    /// # Errors
    /// [`Error::NotFound`] when it is gone.
    pub async fn archive(&self, id: &SessionId) -> Result<(), Error> {
        let path = format!("{}:archive", session_path(id)?);
        let body = match self.post(Operation::Settle, &path, &Empty {}).await {
            // The reply is the session with all its patches: that it came is enough.
            Err(Error::TooLarge { .. }) => return Ok(()),
            reply => reply?,
        };
        nothing(&body).map_err(|trouble| Error::troubled(Operation::Settle, trouble))
    }

    /// A page of what happened in a session after `since` (exclusive; `None` is from the start), up to
    /// 100, oldest first, without patches. Several activities can share one time and one can turn up
    /// late, so ask with some overlap and go by ids. At most 120 of these calls a minute are allowed. A page that is too
    /// large is asked for again in smaller ones. Jules: `sessions.activities.list`.
    ///
    /// # Errors
    /// [`Error::NotFound`] also while the session is very young; otherwise those of a read.
    pub async fn activities(
        &self,
        id: &SessionId,
        since: Option<Timestamp>,
        at: Option<&PageToken>,
    ) -> Result<Page<Activity>, Error> {
        let path = format!("{}/activities", session_path(id)?);
        let filter = since.map(|since| format!("create_time > \"{since}\""));
        let mut size = PAGE_SIZE;
        loop {
            let page_size = size.to_string();
            let mut query = Vec::new();
            if size < PAGE_SIZE {
                query.push(("pageSize", page_size.as_str()));
            }
            query.extend(filter.as_deref().map(|filter| ("filter", filter)));
            let page: Result<(activity::ActivityPage, _), Error> =
                self.list(&path, &query, &activity::LIST, at).await;
            match page {
                // What makes it large may be one of them.
                Err(Error::TooLarge { .. }) if size > 1 => size /= 2,
                page => return page.map(|(page, asked)| page.into_page(&asked)),
            }
        }
    }

    /// One activity with its patch. Jules: `sessions.activities.get`.
    ///
    /// # Errors
    /// [`Error::TooLarge`] when the patch is; otherwise those of a read.
    pub async fn activity(&self, id: &SessionId, which: &ActivityId) -> Result<Activity, Error> {
        let path = path_of(&format!("sessions/{id}/activities/{which}")).ok_or(Error::NotFound)?;
        let (wire, asked): (activity::WireActivity, _) = self.get(&path, &activity::GET).await?;
        wire.into_activity(&asked).ok_or(Error::Decode("it has no id"))
    }
}

/// The exchanges that the calls are made of.
impl JulesClient {
    /// A page of the sessions, archived or not, and what of it was asked for.
    pub(super) async fn session_page(
        &self,
        query: &[(&str, &str)],
        mask: &Mask,
        at: Option<&PageToken>,
    ) -> Result<(session::SessionPage, Asked), Error> {
        let filtered = [query, &[("filter", session::WITH_ARCHIVED)]].concat();
        match self.list("sessions", &filtered, mask, at).await {
            // The filter isn't documented. Without it all but the archived sessions are listed.
            Err(Error::Invalid(_)) => self.list("sessions", query, mask, at).await,
            page => page,
        }
    }

    /// A page of a list, and what of it was asked for.
    pub(super) async fn list<T: DeserializeOwned>(
        &self,
        path: &str,
        query: &[(&str, &str)],
        mask: &Mask,
        at: Option<&PageToken>,
    ) -> Result<(T, Asked), Error> {
        let mut query = query.to_vec();
        query.extend(at.map(|token| ("pageToken", token.0.as_str())));
        let (reply, asked) = self.read(Operation::List, path, &query, mask).await?;
        let page = object(&reply).map_err(|trouble| Error::troubled(Operation::List, trouble))?;
        Ok((page, asked))
    }

    /// One thing, and what of it was asked for.
    pub(super) async fn get<T: DeserializeOwned>(
        &self,
        path: &str,
        mask: &Mask,
    ) -> Result<(T, Asked), Error> {
        let (reply, asked) = self.read(Operation::Get, path, &[], mask).await?;
        let one = object(&reply).map_err(|trouble| Error::troubled(Operation::Get, trouble))?;
        Ok((one, asked))
    }

    /// Reads with a mask; with less of one, or none, when that is what Jules refuses.
    async fn read(
        &self,
        operation: Operation,
        path: &str,
        query: &[(&str, &str)],
        mask: &Mask,
    ) -> Result<(Vec<u8>, Asked), Error> {
        let mut fields = self.masks.first(mask);
        let mut first_refusal = None;
        loop {
            let page_size = if fields.is_some() { PAGE_SIZE } else { UNMASKED_PAGE_SIZE };
            let page_size = page_size.to_string();
            let mut asked = Vec::new();
            if operation == Operation::List && query.iter().all(|(name, _)| *name != "pageSize") {
                asked.push(("pageSize", page_size.as_str()));
            }
            asked.extend(fields.as_deref().map(|fields| ("fields", fields)));
            asked.extend(query);
            let (answer, names) = self.ask(operation, Method::GET, path, &asked, None).await;
            match answer {
                Err(Error::Invalid(words)) => {
                    let less = mask.after(fields.as_deref(), &names, words.as_str());
                    let refusal = first_refusal.get_or_insert(Error::Invalid(words));
                    // Not the mask: what was refused is something else.
                    let Some(less) = less else { return Err(refusal.clone()) };
                    fields = less;
                }
                answer => {
                    // What is too long was let in.
                    let is_let_in = matches!(answer, Ok(_) | Err(Error::TooLarge { .. }));
                    if is_let_in
                        && self.masks.remember(mask, fields.as_deref(), first_refusal.is_some())
                    {
                        tell_of_mask(method_name(operation, path), mask, fields.as_deref());
                    }
                    return answer.map(|body| (body, Asked::of(fields)));
                }
            }
        }
    }

    async fn post(
        &self,
        operation: Operation,
        path: &str,
        body: &impl Serialize,
    ) -> Result<Vec<u8>, Error> {
        let body = serde_json::to_vec(body).map_err(|_| Error::Decode("ours, to be sent"))?;
        self.ask(operation, Method::POST, path, &[], Some(body)).await.0
    }

    /// Sends one request; the body of the reply when it is a success, and what a refusal names as wrong in
    /// the request.
    async fn ask(
        &self,
        operation: Operation,
        method: Method,
        path: &str,
        query: &[(&str, &str)],
        body: Option<Vec<u8>>,
    ) -> (Result<Vec<u8>, Error>, Vec<String>) {
        let mut request = Request::new(method, address(&self.base, path, query));
        request.headers_mut().insert("x-goog-api-key", self.key.clone());
        if let Some(body) = body {
            request
                .headers_mut()
                .insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
            *request.body_mut() = Some(Body::from(body));
        }
        let call = Call::begin(Api::Jules, method_name(operation, path));
        let reply = self.http.exchange(operation, request).await;
        if let Ok(reply) = &reply {
            call.ended(CallEnd::of_status(reply.code));
            self.clock.iter().for_each(|clock| clock.note(reply.date));
        }
        let names = match &reply {
            Ok(reply) if reply.code == 400 => refused_names(&reply.body),
            Ok(_) | Err(_) => Vec::new(),
        };
        let answer = match reply {
            Ok(reply) if (200..300).contains(&reply.code) => Ok(reply.body),
            Ok(reply) => Err(Error::refused(operation, reply.code, reply.retry_after, &reply.body)),
            Err(trouble) => Err(Error::troubled(operation, trouble)),
        };
        if let Some(credential) = &self.credential {
            tell(credential, path, &answer);
        }
        (answer, names)
    }
}

/// Tells the operator which names Jules no longer knows, or that it knows them all again.
fn tell_of_mask(method: &str, mask: &Mask, fields: Option<&str>) {
    if fields == Some(mask.full) {
        tracing::info!(method, "Jules accepts all fields again that are asked for");
        return;
    }
    tracing::warn!(
        method,
        refused = mask.left_out(fields),
        asked = fields.unwrap_or("everything"),
        "Jules no longer knows a field that is asked for, so less is asked for: look for a newer version \
         of jules-slack"
    );
}

/// Tells a credential what an answer says about it.
fn tell(credential: &Credential, path: &str, answer: &Result<Vec<u8>, Error>) {
    match answer {
        Ok(_) => credential.accepted(),
        Err(error @ Error::Auth) => credential.refused(&error.to_string()),
        // Of all sessions, or all sources: it may do nothing at all.
        Err(error @ Error::Forbidden) if !path.contains('/') => {
            credential.refused(&error.to_string());
        }
        Err(error @ Error::Forbidden) => credential.falls_short(&error.to_string()),
        // These say nothing for certain.
        Err(
            Error::NotFound
            | Error::RateLimited { .. }
            | Error::CreateRefused
            | Error::WrongState
            | Error::Invalid(_)
            | Error::Transient(_)
            | Error::AmbiguousWrite(_)
            | Error::Decode(_)
            | Error::TooLarge { .. },
        ) => {}
    }
}

/// Jules' name of what is called, for the metrics: no id is in it.
fn method_name(operation: Operation, path: &str) -> &'static str {
    let activities = path.contains("/activities");
    match operation {
        Operation::List if path == "sources" => "sources.list",
        Operation::List if activities => "activities.list",
        Operation::List => "sessions.list",
        Operation::Get if path.starts_with("sources/") => "sources.get",
        Operation::Get if activities => "activities.get",
        Operation::Get => "sessions.get",
        Operation::Create => "sessions.create",
        Operation::Message => "sessions.sendMessage",
        Operation::Settle if path.ends_with(":approvePlan") => "sessions.approvePlan",
        Operation::Settle => "sessions.archive",
    }
}

/// The body of the calls that take nothing.
#[derive(Serialize)]
struct Empty {}

pub(super) fn session_path(id: &SessionId) -> Result<String, Error> {
    path_of(&format!("sessions/{id}")).ok_or(Error::NotFound)
}

fn found<T>(result: Result<T, Error>) -> Result<Option<T>, Error> {
    match result {
        Ok(found) => Ok(Some(found)),
        Err(Error::NotFound) => Ok(None),
        Err(error) => Err(error),
    }
}
