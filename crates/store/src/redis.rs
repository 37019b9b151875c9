//! The store in Redis, for many replicas: single, Sentinel or Cluster, with or without TLS.
//!
//! Each method is one script (`redis/*.lua`) or one command, and Redis runs one at a time. Everything lies in a few
//! keys with one hash tag, the *namespace*, which puts them on one node of a cluster:
//!
//! | key | holds |
//! |---|---|
//! | `{jules}:doc:NAME` | a hash: `rev`, `wake`, `expires`, `body` |
//! | `{jules}:names` | a sorted set of all names, for listing in byte order |
//! | `{jules}:wake` | a sorted set of names by wake-up time, in microseconds |
//! | `{jules}:expiry` | a sorted set of names by expiry, in microseconds |
//!
//! Whether a document has expired is always judged by the caller's `now`; Redis' own expiry comes an
//! hour later and only collects garbage. Its name goes once the document is gone, so that a process whose
//! clock is wrong takes none from the others. What Redis has acknowledged is as durable as its settings
//! make it: `appendonly yes` with `appendfsync always` keeps all of it, `maxmemory-policy noeviction`
//! must be set, and a replica that takes over may lack the last moments.

mod address;
mod health;
mod link;
mod rights;

pub use health::Health;

use super::revision::Revisions;
use super::{
    Doc, Due, Expect, Key, Precondition, PutResult, Result, Rev, Store, StoreError, timestamp,
};
use address::Address;
use async_trait::async_trait;
use bytes::Bytes;
use jiff::{SignedDuration, Timestamp};
use link::{Call, Link};
use redis::{Cmd, RedisWrite, Script, ToRedisArgs, ToSingleRedisArg};
use std::fmt;

/// How long after its expiry a document may be forgotten: far longer than two replicas' clocks ever
/// differ, so that what is live for one of them is never gone for it.
const GRACE: SignedDuration = SignedDuration::from_hours(1);

/// [`GRACE`] as the scripts reckon.
const GRACE_MICROSECONDS: i64 = GRACE.as_secs() * 1_000_000;

/// Documents in a Redis that many processes share.
pub struct Redis {
    link: Link,
    keys: Keys,
    revisions: Revisions,
    put: Script,
    due: Script,
    list: Script,
}

impl Redis {
    /// Takes the address; connects when first used, and again whenever that is needed.
    ///
    /// ```text
    /// redis://[[user]:password@]host[:port][/db]
    /// redis-sentinel://[[user]:password@]host:port[,host:port…]/master[/db]
    /// redis-cluster://[[user]:password@]host:port[,host:port…]
    /// ```
    ///
    /// With `rediss…` the connection is encrypted. Options, as in `?namespace=a&ca=b`:
    /// `namespace` (default `jules`) lets several installations share one Redis; `ca` is the path of
    /// a PEM file, trusted instead of the system's authorities; `sentinel_user` and
    /// `sentinel_password` are for the Sentinels themselves.
    ///
    /// # Errors
    /// [`StoreError::Broken`] when the address makes no sense or the `ca` file cannot be read. A
    /// Redis that is down is no error here.
    pub fn open(url: &str) -> Result<Self> {
        let Address { target, namespace } = Address::parse(url).map_err(StoreError::setting)?;
        Ok(Self {
            link: Link::new(target),
            keys: Keys::of(&namespace),
            revisions: Revisions::new()?,
            put: Script::new(include_str!("redis/put.lua")),
            due: Script::new(include_str!("redis/due.lua")),
            list: Script::new(include_str!("redis/list.lua")),
        })
    }

    async fn names(&self, question: &Call<'_>) -> Result<Vec<Key>> {
        let names: Vec<String> = self.link.ask(question).await?;
        Ok(names.into_iter().map(Key::new).collect())
    }
}

/// The keys, by what they hold.
struct Keys {
    document: String,
    names: String,
    wake: String,
    expiry: String,
}

impl Keys {
    fn of(namespace: &str) -> Self {
        let key = |what: &str| format!("{{{namespace}}}:{what}");
        Self {
            document: key("doc:"),
            names: key("names"),
            wake: key("wake"),
            expiry: key("expiry"),
        }
    }

    fn document<'a>(&'a self, key: &'a Key) -> DocumentKey<'a> {
        DocumentKey { prefix: &self.document, key }
    }
}

/// A document's key, written into a command without being put together before.
struct DocumentKey<'a> {
    prefix: &'a str,
    key: &'a Key,
}

impl fmt::Display for DocumentKey<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.prefix)?;
        f.write_str(self.key.as_str())
    }
}

impl ToRedisArgs for DocumentKey<'_> {
    fn write_redis_args<W: ?Sized + RedisWrite>(&self, out: &mut W) {
        out.write_arg_fmt(self);
    }
}

impl ToSingleRedisArg for DocumentKey<'_> {}

/// A document's fields, as far as it has them: revision, wake-up, expiry, body.
type Row = (Option<u64>, Option<i64>, Option<i64>, Option<Vec<u8>>);

#[async_trait]
impl Store for Redis {
    fn is_for_one_process(&self) -> bool {
        false
    }

    async fn check_rights(&self) -> Result<()> {
        let lacking = self.lacking_rights().await?;
        if lacking.is_empty() { Ok(()) } else { Err(rights::missing(&lacking)) }
    }

    async fn get(&self, key: &Key, now: Timestamp) -> Result<Option<(Rev, Doc)>> {
        let question = Cmd::hmget(self.keys.document(key), &["rev", "wake", "expires", "body"]);
        let (rev, wake, expires, body) = self.link.ask::<Row>(&question).await?;
        let (Some(rev), Some(body)) = (rev, body) else { return Ok(None) };
        if expires.is_some_and(|expires| expires <= timestamp::of(now)) {
            return Ok(None);
        }
        let doc = Doc {
            body: Bytes::from(body),
            wake_at: wake.map(timestamp::time).transpose()?,
            expires_at: expires.map(timestamp::time).transpose()?,
        };
        Ok(Some((Rev(rev), doc)))
    }

    async fn put_given(
        &self,
        key: &Key,
        doc: &Doc,
        expect: Expect,
        given: &[Precondition<'_>],
        now: Timestamp,
    ) -> Result<PutResult> {
        let mut question = Call::new(&self.put, 4 + given.len());
        question
            .arg(self.keys.document(key))
            .arg(&self.keys.names)
            .arg(&self.keys.wake)
            .arg(&self.keys.expiry);
        for given in given {
            question.arg(self.keys.document(given.key));
        }
        let rev = self.revisions.next();
        question
            .arg(key.as_str())
            .arg(&doc.body[..])
            .arg(revision(expect))
            .arg(text(doc.wake_at))
            .arg(text(doc.expires_at))
            .arg(timestamp::of(now))
            .arg(rev.0)
            .arg(doc.expires_at.map_or(0, |expires| lifetime_ms(expires, now)))
            .arg(timestamp::of(now) - GRACE_MICROSECONDS);
        for given in given {
            question.arg(revision(given.is));
        }
        let stored: bool = self.link.ask(&question).await?;
        Ok(if stored { PutResult::Stored(rev) } else { PutResult::Conflict })
    }

    async fn due(&self, after: Option<&Due>, limit: usize, now: Timestamp) -> Result<Vec<Due>> {
        let mut question = Call::new(&self.due, 2);
        question
            .arg(&self.keys.wake)
            .arg(&self.keys.expiry)
            .arg(timestamp::of(now))
            .arg(limit)
            .arg(text(after.map(|after| after.wake_at)))
            .arg(after.map_or("", |after| after.key.as_str()));
        let due: Vec<(String, f64)> = self.link.ask(&question).await?;
        due.into_iter()
            .map(|(name, wake)| {
                // Redis keeps the order of a sorted set in doubles; up to the year 2255 they are exact.
                let wake_at = timestamp::time(wake as i64)?;
                Ok(Due { wake_at, key: Key::new(name) })
            })
            .collect()
    }

    async fn list(
        &self,
        prefix: &str,
        after: Option<&Key>,
        limit: usize,
        now: Timestamp,
    ) -> Result<Vec<Key>> {
        let from = match after {
            Some(after) if after.as_str() >= prefix => format!("({after}").into_bytes(),
            Some(_) | None => format!("[{prefix}").into_bytes(),
        };
        // No text holds the byte 255, so this comes after everything that begins with the prefix.
        let to = [b"(", prefix.as_bytes(), &[255]].concat();
        let mut question = Call::new(&self.list, 2);
        question
            .arg(&self.keys.names)
            .arg(&self.keys.expiry)
            .arg(from)
            .arg(to)
            .arg(timestamp::of(now))
            .arg(limit);
        self.names(&question).await
    }
}

/// A revision as the scripts take it; the empty text is none.
fn revision(expect: Expect) -> String {
    match expect {
        Expect::Absent => String::new(),
        Expect::At(Rev(rev)) => rev.to_string(),
    }
}

/// A time as the scripts take it; the empty text is never.
fn text(time: Option<Timestamp>) -> String {
    time.map(|time| timestamp::of(time).to_string()).unwrap_or_default()
}

/// How long Redis is to keep a document; one that every clock takes for expired is gone at once. Reckoned from the caller's
/// clock, not Redis' own, so that the two need not agree.
fn lifetime_ms(expires: Timestamp, now: Timestamp) -> i64 {
    let left = expires.duration_since(now).saturating_add(GRACE).max(SignedDuration::ZERO);
    i64::try_from(left.as_millis()).unwrap_or(i64::MAX)
}
