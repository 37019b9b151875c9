//! The rights that a user in Redis needs, and which of them it lacks.
//!
//! A script that is refused in its middle has done its first half, so this is asked before anything is accepted. Redis
//! tells it without a write.

use super::Redis;
use super::link::Call;
use crate::{Result, StoreError};
use redis::Script;
use std::fmt;

/// What the scripts and the questions use, as ACL names it: `rights.lua` asks for each but the first.
const NEEDED: [&str; 12] = [
    "evalsha",
    "script|load",
    "hdel",
    "hmget",
    "hset",
    "persist",
    "pexpire",
    "zadd",
    "zmscore",
    "zrangebylex",
    "zrangebyscore",
    "zrem",
];

impl Redis {
    pub(super) async fn lacking_rights(&self) -> Result<Vec<String>> {
        let script = Script::new(include_str!("rights.lua"));
        // Every key is given, so that Redis also refuses this to a user who may not use all of them.
        let mut question = Call::new(&script, 4);
        question
            .arg(&self.keys.document)
            .arg(&self.keys.names)
            .arg(&self.keys.wake)
            .arg(&self.keys.expiry);
        self.link.ask(&question).await
    }
}

/// That Redis refused something, in its own words.
pub(super) fn refused(words: impl fmt::Display) -> StoreError {
    forbidden(&format!("Redis says `{words}`. It needs {}", listed(&NEEDED)))
}

/// That these are missing.
pub(super) fn missing(rights: &[String]) -> StoreError {
    forbidden(&format!("it lacks {}", listed(rights)))
}

fn forbidden(reason: &str) -> StoreError {
    StoreError::Forbidden(format!(
        "STORE: the user in Redis has too few rights: {reason} (docs/OPERATIONS.md, Several replicas)"
    ))
}

fn listed(rights: &[impl fmt::Display]) -> String {
    let rights: Vec<String> = rights.iter().map(|right| format!("+{right}")).collect();
    rights.join(" ")
}
