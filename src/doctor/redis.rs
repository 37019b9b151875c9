//! A store in Redis: does it answer, may we write, and will it keep what it was given.

use super::{Check, Verdict};
use bytes::Bytes;
use jiff::Timestamp;
use store::{Doc, Expect, Health, Key, Redis, Store, StoreError, read_once};

const NAME: &str = "store";
const DURABILITY: &str = "durability";

/// The version that the tests run on.
const TESTED: u32 = 7;

pub(super) async fn look(url: &str, now: Timestamp) -> Vec<Check> {
    let redis = match Redis::open(url) {
        Ok(redis) => redis,
        Err(error) => return vec![failed(&error)],
    };
    if let Err(error) = read_once(&redis, now).await {
        return vec![failed(&error)];
    }
    let health = redis.health().await;
    if health.as_ref().is_ok_and(|health| health.role.as_deref() == Some("slave")) {
        return vec![Check::failure(
            NAME,
            "STORE leads to a replica, which takes no writes",
            "Name the primary, or the Sentinels with redis-sentinel://.",
        )];
    }
    if let Err(error) = write(&redis, now).await {
        return vec![failed(&error)];
    }
    match health {
        Ok(health) => vec![answers(&health), durability(&health)],
        Err(error) => vec![
            Check::ok(NAME, "Redis answers and takes writes"),
            Check::warning(
                DURABILITY,
                format!("Redis does not say how it keeps things: {error}"),
                "Allow this user INFO, or see yourself that appendonly is yes and maxmemory-policy \
                 noeviction.",
            ),
        ],
    }
}

/// A document that is over when it is written: nobody ever sees it, and Redis forgets it.
async fn write(redis: &Redis, now: Timestamp) -> Result<(), StoreError> {
    let doc = Doc { body: Bytes::from_static(b"{}"), wake_at: None, expires_at: Some(now) };
    redis.put(&Key::new("doctor"), &doc, Expect::Absent, now).await.map(|_| ())
}

fn failed(error: &StoreError) -> Check {
    let fix = match error {
        StoreError::Down(_) | StoreError::Unanswered(_) => {
            "Start Redis, and check host, port and, with rediss://, certificate in STORE."
        }
        StoreError::Broken(_) => "Mend the address in STORE.",
    };
    Check::failure(NAME, error.to_string(), fix)
}

fn answers(health: &Health) -> Check {
    let version = health.version.as_deref().unwrap_or("?");
    let major = version.split('.').next().and_then(|major| major.parse::<u32>().ok());
    let words = format!("Redis {version} answers and takes writes");
    match major {
        Some(major) if major < TESTED => Check::warning(
            NAME,
            words,
            format!("Take Redis {TESTED} or newer, which is what this program is tested with."),
        ),
        _ => Check::ok(NAME, words),
    }
}

/// The worst of what there is to say.
fn durability(health: &Health) -> Check {
    let mut said = vec![eviction(health), append_only(health)];
    said.sort_by_key(|check| match check.verdict {
        Verdict::Failure => 0,
        Verdict::Warning => 1,
        Verdict::Ok => 2,
    });
    let worst = said.remove(0);
    if worst.verdict == Verdict::Ok {
        return Check::ok(
            DURABILITY,
            "nothing is evicted, and what is acknowledged is on the disk",
        );
    }
    // With both, both are said: the second is no less in need of mending.
    match said.pop() {
        Some(other) if other.verdict != Verdict::Ok => Check {
            words: format!("{}; {}", worst.words, other.words),
            fix: Some([worst.fix, other.fix].into_iter().flatten().collect::<Vec<_>>().join(" ")),
            ..worst
        },
        _ => worst,
    }
}

fn eviction(health: &Health) -> Check {
    const MEND: &str = "Set maxmemory-policy noeviction.";
    let has_limit = health.max_memory != Some(0);
    match health.policy.as_deref() {
        Some("noeviction") => Check::ok(DURABILITY, "nothing is evicted"),
        Some(policy) if has_limit => Check::failure(
            DURABILITY,
            format!("when its memory is full, Redis throws documents away ({policy})"),
            MEND,
        ),
        Some(policy) => Check::warning(
            DURABILITY,
            format!("if its memory gets a limit, Redis throws documents away ({policy})"),
            MEND,
        ),
        None => Check::warning(DURABILITY, "Redis does not tell its maxmemory-policy", MEND),
    }
}

fn append_only(health: &Health) -> Check {
    const MEND: &str = "Set appendonly yes and appendfsync always.";
    match (health.appends, health.fsync.as_deref()) {
        (Some(false), _) => Check::warning(
            DURABILITY,
            "without appendonly, Redis loses what came after its last snapshot when it restarts",
            MEND,
        ),
        (Some(true), Some("always")) => Check::ok(DURABILITY, "every write is on the disk"),
        (Some(true), Some(fsync)) => Check::warning(
            DURABILITY,
            format!("with appendfsync {fsync}, Redis may lose the last moments when it crashes"),
            "Set appendfsync always.",
        ),
        (Some(true), None) => Check::warning(
            DURABILITY,
            "Redis forbids CONFIG, so its appendfsync cannot be told",
            "See yourself that it is always; everysec may lose the last second when it crashes.",
        ),
        (None, _) => {
            Check::warning(DURABILITY, "Redis does not tell whether it has appendonly", MEND)
        }
    }
}
