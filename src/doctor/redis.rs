//! A store in Redis: does it answer, may we write, and will it keep what it was given.

use super::{Check, Verdict};
use jiff::Timestamp;
use store::{Health, Redis, Store as _, StoreError, read_once, write_once};

const NAME: &str = "store";
const DURABILITY: &str = "durability";

/// The version that the tests run on.
const TESTED: u32 = 7;

pub(super) async fn look(url: &str, now: Timestamp) -> Vec<Check> {
    let redis = match Redis::open(url) {
        Ok(redis) => redis,
        Err(error) => return vec![failed(&error)],
    };
    if let Err(error) = redis.check_rights().await {
        return vec![failed(&error)];
    }
    if let Err(error) = read_once(&redis, now).await {
        return vec![failed(&error)];
    }
    let health = redis.health().await;
    if health.as_ref().is_ok_and(|health| health.role.as_deref() == Some("slave")) {
        return vec![Check::failure(
            NAME,
            "STORE is the address of a replica, which is read-only",
            "Use the address of the primary, or of the Sentinels with redis-sentinel://.",
        )];
    }
    if let Err(error) = write_once(&redis, now).await {
        return vec![failed(&error)];
    }
    match health {
        Ok(health) => vec![answers(&health), durability(&health)],
        Err(error) => vec![
            Check::ok(NAME, "Redis responds and accepts writes"),
            Check::warning(
                DURABILITY,
                format!("Redis doesn't tell how it stores data: {}", untold(&error)),
                "Allow INFO for this user, or check yourself that appendonly is yes and maxmemory-policy \
                 is noeviction.",
            ),
        ],
    }
}

fn failed(error: &StoreError) -> Check {
    let fix = match error {
        StoreError::Down(_) | StoreError::Unanswered(_) => {
            "Start Redis, and check host, port and, with rediss://, certificate in STORE."
        }
        StoreError::Forbidden(_) => {
            "Grant them with ACL SETUSER, and have Redis keep that with ACL SAVE."
        }
        StoreError::Broken(_) => "Fix the address in STORE.",
    };
    Check::failure(NAME, error.to_string(), fix)
}

/// Why `INFO` isn't answered. It's for `doctor` alone, so the bot needs no right to it.
fn untold(error: &StoreError) -> String {
    match error {
        StoreError::Forbidden(_) => "its user lacks +info".to_owned(),
        StoreError::Down(_) | StoreError::Unanswered(_) | StoreError::Broken(_) => {
            error.to_string()
        }
    }
}

fn answers(health: &Health) -> Check {
    let version = health.version.as_deref().unwrap_or("?");
    let major = version.split('.').next().and_then(|major| major.parse::<u32>().ok());
    let words = format!("Redis {version} responds and accepts writes");
    match major {
        Some(major) if major < TESTED => Check::warning(
            NAME,
            words,
            format!("Use Redis {TESTED} or newer, which this program is tested with."),
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
            "nothing is evicted, and every acknowledged write is on disk",
        );
    }
    // If both are wrong, both need a fix.
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
    const FIX: &str = "Set maxmemory-policy noeviction.";
    let has_limit = health.max_memory != Some(0);
    match health.policy.as_deref() {
        Some("noeviction") => Check::ok(DURABILITY, "nothing is evicted"),
        Some(policy) if has_limit => Check::failure(
            DURABILITY,
            format!("Redis deletes documents when its memory is full ({policy})"),
            FIX,
        ),
        Some(policy) => Check::warning(
            DURABILITY,
            format!("Redis will delete documents if it gets a memory limit ({policy})"),
            FIX,
        ),
        None => Check::warning(DURABILITY, "Redis doesn't tell its maxmemory-policy", FIX),
    }
}

fn append_only(health: &Health) -> Check {
    const FIX: &str = "Set appendonly yes and appendfsync always.";
    match (health.appends, health.fsync.as_deref()) {
        (Some(false), _) => Check::warning(
            DURABILITY,
            "without appendonly, a restart of Redis loses everything since its last snapshot",
            FIX,
        ),
        (Some(true), Some("always")) => Check::ok(DURABILITY, "every write is on disk"),
        (Some(true), Some(fsync)) => Check::warning(
            DURABILITY,
            format!("with appendfsync {fsync}, Redis may lose the last writes when it crashes"),
            "Set appendfsync always.",
        ),
        (Some(true), None) => Check::warning(
            DURABILITY,
            "Redis doesn't allow CONFIG, so its appendfsync isn't known",
            "Check yourself that it's always; everysec may lose the last second when Redis crashes.",
        ),
        (None, _) => Check::warning(DURABILITY, "Redis doesn't tell whether appendonly is on", FIX),
    }
}
