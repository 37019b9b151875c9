//! Three replicas on one Redis, and services that take their time.

use crate::harness::bot::{Bot, Place};
use crate::harness::process::Replica;
use sim::{jules, slack};
use std::future::Future;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;
use tokio_util::sync::CancellationToken;

/// The longest that a call takes here, in microseconds.
const SLOWEST: u64 = 4000;

/// A bot that is three processes.
pub(super) struct Three {
    pub(super) bot: Bot,
    others: [Replica; 2],
}

impl Three {
    /// On an empty Redis. Every call takes another time, drawn from the seed.
    pub(super) async fn slow(seed: u64) -> Self {
        let bot = Bot::new(Place::redis()).await;
        let others = [bot.replica().await, bot.replica().await];
        bot.account().limits(1000, 1000);
        let draws = Arc::new(AtomicU64::new(seed << 32));
        let time = move || {
            let draw = draws.fetch_add(1, Ordering::Relaxed).wrapping_mul(0x9E37_79B9_7F4A_7C15);
            Duration::from_micros((draw >> 33) % SLOWEST)
        };
        let time = Arc::new(time);
        let time_of_jules = Arc::clone(&time);
        bot.slack.gate(Arc::new(move |_| Some(slack::Fault::Slow(time()))));
        bot.jules.gate(Arc::new(move |_| Some(jules::Fault::SlowHeaders(time_of_jules()))));
        Self { bot, others }
    }

    fn all(&self) -> [&Replica; 3] {
        [self.bot.running(), &self.others[0], &self.others[1]]
    }

    /// Lets something happen while all three do whatever is due.
    pub(super) async fn while_working<T>(&self, what: impl Future<Output = T>) -> T {
        let stop = CancellationToken::new();
        let [a, b, c] = self.all();
        let happens = async {
            let done = what.await;
            stop.cancel();
            done
        };
        let pumps = [stop.clone(), stop.clone(), stop.clone()];
        let [one, two, three] = pumps;
        let (done, (), (), ()) = tokio::join!(happens, a.pump(one), b.pump(two), c.pump(three));
        done
    }

    /// Slack delivers three things at once, each to another replica.
    pub(super) async fn deliver<A, B, C>(&self, first: A, second: B, third: C)
    where
        A: Future<Output = bool>,
        B: Future<Output = bool>,
        C: Future<Output = bool>,
    {
        let urls = self.all().map(|replica| format!("{}/slack/events", replica.url));
        // A delivery goes to where Slack is told to deliver when it begins.
        let at = |n: usize| self.bot.slack.deliver_to(&urls[n]);
        let taken = tokio::join!(
            biased;
            async { at(0); first.await },
            async { at(1); second.await },
            async { at(2); third.await },
        );
        at(0);
        assert_eq!(taken, (true, true, true), "a delivery was not taken");
    }

    /// Everything that is due now.
    pub(super) async fn settle(&self) {
        let [a, b, c] = self.all();
        tokio::join!(a.settle(), b.settle(), c.settle());
    }

    /// Lets so many seconds pass, from each wake-up to the next, with all three at whatever is due.
    pub(super) async fn watch(&self, seconds: i64) {
        let end = self.bot.hands.now() + jiff::SignedDuration::from_secs(seconds);
        self.settle().await;
        while let Some(at) = self.bot.any_wake().await.filter(|at| *at <= end) {
            self.bot.hands.forward_to(at);
            self.settle().await;
        }
        self.bot.hands.forward_to(end);
        self.settle().await;
    }

    /// Everything, until nothing waits any more.
    pub(super) async fn rest(&self) {
        self.bot.rest_on(&self.all()).await;
    }

    /// How often Jules was called for this.
    pub(super) fn jules_calls(&self, op: jules::Op) -> usize {
        self.bot.jules.calls().iter().filter(|call| call.op == op).count()
    }
}
