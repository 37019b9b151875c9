//! The connection: made when it is wanted, thrown away when it fails.
//!
//! One idea covers single servers, Sentinel and Cluster: after a failure the next question goes
//! through a new connection, which looks up the name, or asks the Sentinels who leads now, again.
//! The crate's own `ConnectionManager` does this for single servers only, and keeps a connection on
//! which answers merely time out, as they do after a network went away without a word.

use super::address::{CONNECT_WITHIN, RedisTarget};
use super::rights;
use crate::{Result, StoreError};
use futures_util::FutureExt;
use futures_util::future::{BoxFuture, Shared};
use platform::lock::lock;
use redis::aio::{ConnectionLike, MultiplexedConnection};
use redis::cluster_async::ClusterConnection;
use redis::{
    AsyncConnectionConfig, Cmd, ErrorKind, FromRedisValue, Pipeline, RedisError, RedisFuture,
    RedisResult, Script, ServerErrorKind, ToRedisArgs, Value,
};
use std::collections::HashMap;
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tokio::runtime::{Handle, Id};

/// How long a question may take, connecting and asking again included. Slack gives up on an answer
/// after three seconds, and "the store is down" has to be one of those answers.
const ANSWER_WITHIN: Duration = Duration::from_millis(2500);

/// How long one connection may keep an answer back before it is taken for dead.
pub(super) const RESPONSE_WITHIN: Duration = Duration::from_secs(2);

/// What is written to Redis at once, in bytes. The crate's own 8 KiB are four or five documents, and what is asked
/// under load comes in dozens: each of its writes is a call of the system.
pub(super) const WRITTEN_AT_ONCE: usize = 64 * 1024;

/// How many questions may wait to be written. When there are more, a caller waits until there is room.
const WAITING_QUESTIONS: usize = 256;

/// An attempt to connect, shared by all callers that need it meanwhile. It continues when one of them
/// gives up.
type Attempt = Shared<BoxFuture<'static, RedisResult<Wire>>>;

/// A script and what it is given. The crate's own `ScriptInvocation` first keeps each argument in a text of its own;
/// this writes them into the one command that is sent.
pub(super) struct Call<'a> {
    script: &'a Script,
    command: Cmd,
}

/// The room for a call: so many arguments, so many bytes. A usual document fits, so nothing is copied as it grows.
const ARGUMENTS: usize = 32;
const BYTES: usize = 4 * 1024;

impl<'a> Call<'a> {
    /// The first arguments are the keys, so many of them. By the first of those a cluster's node is found.
    pub(super) fn new(script: &'a Script, keys: usize) -> Self {
        let mut command = Cmd::with_capacity(ARGUMENTS, BYTES);
        command.arg("EVALSHA").arg(script.get_hash()).arg(keys);
        Self { script, command }
    }

    pub(super) fn arg(&mut self, arg: impl ToRedisArgs) -> &mut Self {
        self.command.arg(arg);
        self
    }

    async fn send<T: FromRedisValue>(&self, wire: &mut Wire) -> RedisResult<T> {
        let answer: RedisResult<T> = self.command.query_async(wire).await;
        if !answer.as_ref().is_err_and(is_unknown_script) {
            return answer;
        }
        self.script.load_async(wire).await?;
        self.command.query_async(wire).await
    }
}

/// What Redis is asked: a script, or one command that reads. One without a key is asked of every node
/// of a cluster.
#[derive(Clone, Copy)]
pub(super) enum Question<'a> {
    Script(&'a Call<'a>),
    Command(&'a Cmd),
}

impl<'a> From<&'a Call<'a>> for Question<'a> {
    fn from(call: &'a Call<'a>) -> Self {
        Self::Script(call)
    }
}

impl<'a> From<&'a Cmd> for Question<'a> {
    fn from(command: &'a Cmd) -> Self {
        Self::Command(command)
    }
}

/// The way to one Redis: a connection for each runtime that asks, so that what the background reads in
/// megabytes holds up no answer.
pub(super) struct Link {
    target: Arc<RedisTarget>,
    current: Mutex<HashMap<Id, Attempt>>,
}

impl Link {
    pub(super) fn new(target: RedisTarget) -> Self {
        Self { target: Arc::new(target), current: Mutex::default() }
    }

    /// Asks a second time when the first connection proves dead, as one that was idle for long often
    /// does; the scripts bear being run twice.
    ///
    /// # Errors
    /// [`StoreError::Unanswered`] when there was no answer in time, [`StoreError::Down`] when nothing was
    /// done, [`StoreError::Forbidden`] when the user has too few rights, [`StoreError::Broken`] when waiting will not
    /// change the answer.
    pub(super) async fn ask<T: FromRedisValue>(
        &self,
        question: impl Into<Question<'_>>,
    ) -> Result<T> {
        let question = question.into();
        let answer = async {
            match self.ask_once(question).await {
                Err(first) if is_worth_another_connection(&first.error) => {
                    let again = self.ask_once(question).await;
                    again.map_err(|second| Failed {
                        may_be_done: first.may_be_done || second.may_be_done,
                        ..second
                    })
                }
                other => other,
            }
        };
        in_time(answer).await
    }

    async fn ask_once<T: FromRedisValue>(
        &self,
        question: Question<'_>,
    ) -> std::result::Result<T, Failed> {
        let attempt = self.attempt();
        let mut wire = attempt.clone().await.map_err(|error| {
            // A failed attempt never becomes a connection, so the next question makes a new one.
            self.forget(&attempt);
            Failed { error, may_be_done: false }
        })?;
        let answer = match question {
            Question::Script(call) => call.send(&mut wire).await,
            Question::Command(command) => command.query_async(&mut wire).await,
        };
        answer.map_err(|error| {
            if is_end_of_connection(&error) {
                self.forget(&attempt);
            }
            Failed { may_be_done: is_lost(&error), error }
        })
    }

    fn attempt(&self) -> Attempt {
        let mut current = lock(&self.current);
        let begin = || connect(Arc::clone(&self.target)).boxed().shared();
        current.entry(Handle::current().id()).or_insert_with(begin).clone()
    }

    /// Unless someone else already has, and a newer attempt is under way.
    fn forget(&self, attempt: &Attempt) {
        let mut current = lock(&self.current);
        current.retain(|_, current| !current.ptr_eq(attempt));
    }
}

/// Why there is no answer, and whether what was asked for may be done all the same.
struct Failed {
    error: RedisError,
    may_be_done: bool,
}

async fn in_time<T>(answer: impl Future<Output = std::result::Result<T, Failed>>) -> Result<T> {
    match tokio::time::timeout(ANSWER_WITHIN, answer).await {
        Ok(answer) => answer.map_err(|failed| explain(&failed)),
        Err(_) => Err(StoreError::Unanswered("no answer in time".to_owned())),
    }
}

/// A connection to one server or to a cluster; both carry many questions at a time.
#[derive(Clone)]
enum Wire {
    Server(MultiplexedConnection),
    Cluster(ClusterConnection),
}

async fn connect(target: Arc<RedisTarget>) -> RedisResult<Wire> {
    let limits = AsyncConnectionConfig::new()
        .set_connection_timeout(Some(CONNECT_WITHIN))
        .set_response_timeout(Some(RESPONSE_WITHIN))
        .set_write_backpressure_boundary(WRITTEN_AT_ONCE)
        .set_pipeline_buffer_size(WAITING_QUESTIONS);
    match &*target {
        RedisTarget::Server(client) => {
            client.get_multiplexed_async_connection_with_config(&limits).await.map(Wire::Server)
        }
        RedisTarget::Sentinel(sentinels) => {
            let mut sentinels = sentinels.client()?;
            sentinels.get_async_connection_with_config(&limits).await.map(Wire::Server)
        }
        RedisTarget::Cluster(client) => client.get_async_connection().await.map(Wire::Cluster),
    }
}

impl ConnectionLike for Wire {
    fn req_packed_command<'a>(&'a mut self, cmd: &'a Cmd) -> RedisFuture<'a, Value> {
        match self {
            Self::Server(server) => server.req_packed_command(cmd),
            Self::Cluster(cluster) => cluster.req_packed_command(cmd),
        }
    }

    fn req_packed_commands<'a>(
        &'a mut self,
        pipeline: &'a Pipeline,
        offset: usize,
        count: usize,
    ) -> RedisFuture<'a, Vec<Value>> {
        match self {
            Self::Server(server) => server.req_packed_commands(pipeline, offset, count),
            Self::Cluster(cluster) => cluster.req_packed_commands(pipeline, offset, count),
        }
    }

    fn get_db(&self) -> i64 {
        match self {
            Self::Server(server) => server.get_db(),
            Self::Cluster(cluster) => cluster.get_db(),
        }
    }
}

/// Whether the next question should go through a new connection: this one is dead or silent, or it
/// leads to a server that no longer leads.
fn is_end_of_connection(error: &RedisError) -> bool {
    error.is_io_error() || error.is_unrecoverable_error() || has_lost_the_lead(error)
}

/// Whether asking at once again may well succeed. After silence it would take too long.
fn is_worth_another_connection(error: &RedisError) -> bool {
    error.is_connection_dropped() && !error.is_connection_refusal() || has_lost_the_lead(error)
}

fn has_lost_the_lead(error: &RedisError) -> bool {
    matches!(
        error.kind(),
        ErrorKind::Server(ServerErrorKind::ReadOnly | ServerErrorKind::MasterDown)
    )
}

/// Whether the server doesn't have this script: it was never given it, or has restarted since.
fn is_unknown_script(error: &RedisError) -> bool {
    error.kind() == ErrorKind::Server(ServerErrorKind::NoScript)
}

/// Whether only the answer is missing: silence, or a connection that broke. Redis carries out what it has
/// received, however long that takes it.
fn is_lost(error: &RedisError) -> bool {
    error.is_timeout() || error.is_connection_dropped() || error.is_io_error()
}

/// What the crate says when `SELECT` fails while it connects. It leaves out the code that Redis answered with.
const REFUSED_DATABASE: &str = "refused to switch database";

/// What Redis says of a script that uses a command or a key that its user may not use: up to 7.0, and since. Its code may
/// be the one of any error.
const REFUSED_IN_SCRIPT: [&str; 2] =
    ["The user executing the script can't", "ACL failure in script"];

/// Tells what passes automatically from what a person has to fix.
fn explain(Failed { error, may_be_done }: &Failed) -> StoreError {
    // An earlier connection may have carried it there, whatever a later one says.
    if *may_be_done {
        return StoreError::Unanswered(format!("Redis: {error}"));
    }
    let words = error.to_string();
    let refused = matches!(error.code(), Some("NOAUTH" | "WRONGPASS"));
    match error.kind() {
        ErrorKind::AuthenticationFailed => refusal(error),
        _ if refused => refusal(error),
        _ if words.contains(REFUSED_DATABASE) => StoreError::setting(format!(
            "Redis refuses the database number in the address ({}). Its user needs `+select`, and \
             the number has to be below `databases` in Redis' settings",
            error.detail().unwrap_or("it doesn't say why")
        )),
        _ if is_forbidden(error, &words) => {
            rights::refused(error.detail().unwrap_or(&words).trim())
        }
        // A script may wrap the code of the command that failed in it.
        _ if error.code() == Some("WRONGTYPE") || words.contains("WRONGTYPE") => {
            StoreError::setting(
                "another program keeps something else under the keys of this one in that Redis; \
                 add `?namespace=NAME` to the address",
            )
        }
        ErrorKind::InvalidClientConfig
        | ErrorKind::UnexpectedReturnType
        | ErrorKind::Parse
        | ErrorKind::Server(ServerErrorKind::ResponseError | ServerErrorKind::CrossSlot) => {
            StoreError::Broken(format!("Redis answers {error}"))
        }
        _ => StoreError::Down(format!("Redis: {error}")),
    }
}

fn is_forbidden(error: &RedisError, words: &str) -> bool {
    error.code() == Some("NOPERM")
        || REFUSED_IN_SCRIPT.iter().any(|refused| words.contains(refused))
}

fn refusal(error: &RedisError) -> StoreError {
    StoreError::setting(format!("Redis refuses this user or password ({error})"))
}
