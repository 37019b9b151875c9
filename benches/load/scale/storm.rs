//! What goes wrong: replicas die, Redis dies, the network before one of them goes away.

use super::redis::Redis;
use crate::dice::Dice;
use crate::replica::Replica;
use std::thread;
use std::time::{Duration, Instant};

/// Of so many blows one strikes Redis, and one the network.
const REDIS_ONE_IN: u32 = 4;
const NETWORK_ONE_IN: u32 = 5;

/// About the time between two blows.
pub(super) const BETWEEN_SECONDS: u32 = 3;

/// How long the network stays away, in turn: longer than the program waits for an answer, and longer
/// than any lease lives, so that what was held back arrives when others have taken over.
const AWAY: [Duration; 2] = [Duration::from_secs(10), Duration::from_secs(60)];

/// What was done.
#[derive(Debug, Default)]
pub(super) struct Struck {
    pub(super) replicas: usize,
    pub(super) redis: usize,
    pub(super) cuts: usize,
}

/// So many kills, some seconds apart, drawn from the seed. Everything stands again when it ends.
pub(super) fn rage(replicas: &mut [Replica], redis: &mut Redis, kills: u32, seed: u64) -> Struck {
    let mut dice = Dice::of(seed);
    let mut struck = Struck::default();
    let mut mends: Option<Instant> = None;
    for blow in 1..=kills {
        thread::sleep(Duration::from_millis(1_750 + dice.below(2_500)));
        if blow % REDIS_ONE_IN == 0 && struck.redis < redis.lives() {
            redis.die();
            struck.redis += 1;
        }
        if let Some(network) = redis.cut() {
            if mends.is_some_and(|at| at <= Instant::now()) {
                network.mend();
                mends = None;
            }
            if blow % NETWORK_ONE_IN == 0 && mends.is_none() {
                network.cut();
                mends = Some(Instant::now() + AWAY[struck.cuts % AWAY.len()]);
                struck.cuts += 1;
            }
        }
        let victim = usize::try_from(dice.below(replicas.len() as u64)).unwrap_or_default();
        replicas[victim].start_again();
        struck.replicas += 1;
    }
    if let (Some(network), Some(at)) = (redis.cut(), mends) {
        thread::sleep(at.saturating_duration_since(Instant::now()));
        network.mend();
    }
    struck
}
