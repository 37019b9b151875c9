//! What a Redis says of itself, as far as it matters to a program that keeps documents in it.
//!
//! `INFO` is asked by a script, which leads to the right node of a cluster like every other question.
//! `CONFIG` may not stand in a script, and many hosted Redis refuse it to everybody.

use super::Redis;
use super::link::Call;
use crate::Result;
use redis::{Script, Value};
use std::collections::HashMap;

/// How a Redis is set up. `None` is what it does not tell.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Health {
    /// Its version, `7.2.4`.
    pub version: Option<String>,
    /// `master` or `slave`.
    pub role: Option<String>,
    /// Whether it writes an append-only file.
    pub appends: Option<bool>,
    /// When it waits for the disk: `always`, `everysec`, `no`. Only `CONFIG` tells.
    pub fsync: Option<String>,
    /// How much memory it may take, in bytes; 0 is no limit.
    pub max_memory: Option<u64>,
    /// What it does when that is full: `noeviction` keeps everything.
    pub policy: Option<String>,
}

impl Redis {
    /// Asks the server, or the node of a cluster that has the documents.
    ///
    /// # Errors
    /// As every method of the store; also when this user may not use `INFO`.
    pub async fn health(&self) -> Result<Health> {
        let info = Script::new("return redis.call('INFO')");
        let mut question = Call::new(&info, 1);
        question.arg(&self.keys.names);
        let info: String = self.link.ask(&question).await?;
        let info: HashMap<&str, &str> =
            info.lines().filter_map(|line| line.trim().split_once(':')).collect();
        let text = |name: &str| info.get(name).map(|value| (*value).to_owned());
        Ok(Health {
            version: text("redis_version"),
            role: text("role"),
            appends: info.get("aof_enabled").map(|enabled| *enabled == "1"),
            fsync: self.fsync().await,
            max_memory: info.get("maxmemory").and_then(|bytes| bytes.parse().ok()),
            policy: text("maxmemory_policy"),
        })
    }

    async fn fsync(&self) -> Option<String> {
        let mut question = redis::cmd("CONFIG");
        question.arg("GET").arg("appendfsync");
        let answer: Value = self.link.ask(&question).await.ok()?;
        let mut words = Vec::new();
        texts(&answer, &mut words);
        let name = words.iter().position(|word| word == "appendfsync")?;
        words.into_iter().nth(name + 1)
    }
}

/// All texts in an answer, in order. That of one server is names and values, that of a cluster has one
/// such answer for each node.
fn texts(answer: &Value, into: &mut Vec<String>) {
    match answer {
        Value::BulkString(bytes) => into.push(String::from_utf8_lossy(bytes).into_owned()),
        Value::SimpleString(text) => into.push(text.clone()),
        Value::Array(items) => items.iter().for_each(|item| texts(item, into)),
        Value::Map(pairs) => pairs.iter().for_each(|(name, value)| {
            texts(name, into);
            texts(value, into);
        }),
        _ => {}
    }
}
