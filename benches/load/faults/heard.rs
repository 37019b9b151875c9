//! How long people waited to hear of things.

use crate::report::percentile;
use std::time::Duration;

/// Waits that ended, and how many never did while it was looked.
#[derive(Debug, Default)]
pub(super) struct Heard {
    waits: Vec<Duration>,
    never: usize,
    /// How long the ones that never ended were waited for.
    patience: Duration,
}

impl Heard {
    pub(super) fn within(patience: Duration) -> Self {
        Self { patience, ..Self::default() }
    }

    pub(super) fn note(&mut self, wait: Option<Duration>) {
        match wait {
            Some(wait) => self.waits.push(wait),
            None => self.never += 1,
        }
        self.waits.sort_unstable();
    }

    /// The wait that this share of all does not exceed; `None` when it never ended.
    pub(super) fn share(&self, share: f64) -> Option<Duration> {
        let all = [self.waits.clone(), vec![Duration::MAX; self.never]].concat();
        Some(percentile(&all, share)).filter(|wait| *wait != Duration::MAX)
    }

    /// Median and worst, in seconds.
    pub(super) fn words(&self) -> String {
        let seconds = |share| match self.share(share) {
            Some(wait) => format!("{:.1}", wait.as_secs_f64()),
            None => format!("> {}", self.patience.as_secs()),
        };
        let never =
            if self.never > 0 { format!(", {} not at all", self.never) } else { String::new() };
        let all = self.waits.len() + self.never;
        format!("{} s, worst {} s (of {all}{never})", seconds(0.5), seconds(1.0))
    }
}
