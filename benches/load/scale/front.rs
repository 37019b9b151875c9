//! The front before the replicas: each command goes to the next one, and past those that do not listen,
//! as behind any balancer that deals in turn. One in fifty is delivered to two of them at once.

use crate::first_command::is_taken;
use crate::replica::Replica;
use crate::wire::{Author, Wire};
use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;
use tokio::task::JoinSet;

/// How often a command is delivered twice.
const ONE_IN: u64 = 50;

/// How long Slack waits; what comes later is an error that the person sees.
const PATIENCE: Duration = Duration::from_secs(3);

/// What people type; the command's number comes behind it.
const TEXT: &str = "repo=404less branch=main task";

/// What came of the commands.
#[derive(Debug, Default)]
pub(super) struct Taken {
    /// The numbers of those that were acknowledged.
    pub(super) acknowledged: Vec<u64>,
    /// How many were not: their authors were told so, by us or by Slack.
    pub(super) refused: usize,
}

/// Whom it deals to.
pub(super) struct Front(Vec<SocketAddr>);

impl Front {
    pub(super) fn to(replicas: &[Replica]) -> Self {
        Self(replicas.iter().map(|replica| replica.address).collect())
    }

    /// Sends commands at this rate until so many were acknowledged.
    pub(super) async fn deal(&self, author: &Arc<Author>, tasks: u32, rate: u32) -> Taken {
        let (mut taken, tasks) = (Taken::default(), tasks as usize);
        let mut asking = JoinSet::new();
        let mut due = tokio::time::interval(Duration::from_secs(1) / rate);
        loop {
            while let Some(answered) = asking.try_join_next() {
                taken.note(answered.expect("nobody panics"));
            }
            if taken.acknowledged.len() + asking.len() < tasks {
                due.tick().await;
                asking.spawn(command(Arc::clone(author), self.0.clone()));
            } else if let Some(answered) = asking.join_next().await {
                taken.note(answered.expect("nobody panics"));
            } else {
                return taken;
            }
        }
    }
}

impl Taken {
    fn note(&mut self, (number, is_taken): (u64, bool)) {
        if is_taken {
            self.acknowledged.push(number);
        } else {
            self.refused += 1;
        }
    }
}

/// One command; its number, and whether it was acknowledged.
async fn command(author: Arc<Author>, addresses: Vec<SocketAddr>) -> (u64, bool) {
    let number = author.number();
    let body = author.body(number, &format!("{TEXT} {number}"));
    let request = author.sign("/slack/commands", &body, &author.mac);
    let turn = usize::try_from(number).unwrap_or_default();
    let at = |further: usize| {
        let mut addresses = addresses.clone();
        let first = (turn + further) % addresses.len();
        addresses.rotate_left(first);
        addresses
    };
    let first = ask(&request, at(0));
    let is_taken = if number.is_multiple_of(ONE_IN) {
        let (first, second) = tokio::join!(first, ask(&request, at(1)));
        first | second
    } else {
        first.await
    };
    (number, is_taken)
}

async fn ask(request: &[u8], addresses: Vec<SocketAddr>) -> bool {
    let asked = tokio::time::timeout(PATIENCE, deliver(request, &addresses)).await;
    asked.is_ok_and(|answered| answered.unwrap_or(false))
}

async fn deliver(request: &[u8], addresses: &[SocketAddr]) -> io::Result<bool> {
    for address in addresses {
        if let Ok(mut wire) = Wire::to(*address).await {
            return Ok(is_taken(&wire.ask(request).await?));
        }
    }
    Ok(false)
}
