//! Whether an API accepts the credential from the settings, as its own answers say: for `/readyz`, the
//! gauge, and the log.

use crate::clock::Clock;
use crate::lock::lock;
use crate::log_throttle::LogThrottle;
use crate::metrics::{self, Api};
use jiff::SignedDuration;
use std::fmt;
use std::sync::{Arc, Mutex};

/// How often a refusal is logged at most: everything that waits for it tries again and again.
const LOGGED_EVERY: SignedDuration = SignedDuration::from_mins(1);

/// What is known of one credential. Clones share it.
#[derive(Clone)]
pub struct Credential(Arc<Inner>);

struct Inner {
    api: Api,
    /// The setting that holds it; `None` for one that a person has brought.
    setting: Option<&'static str>,
    clock: Clock,
    throttle: LogThrottle,
    standing: Mutex<Standing>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Standing {
    Untried,
    Accepted,
    Refused(String),
}

impl Credential {
    /// The credential for `api` that `setting` holds. Nothing has been heard of it yet.
    #[must_use]
    pub fn new(api: Api, setting: &'static str, clock: Clock) -> Self {
        Self::of(api, Some(setting), clock)
    }

    /// A credential that a person has brought. What is wrong with it is for them to hear of: it is no matter of
    /// the operator's, and says nothing in the gauge.
    #[must_use]
    pub fn brought(api: Api, clock: Clock) -> Self {
        Self::of(api, None, clock)
    }

    fn of(api: Api, setting: Option<&'static str>, clock: Clock) -> Self {
        let (throttle, standing) = (LogThrottle::new(LOGGED_EVERY), Mutex::new(Standing::Untried));
        Self(Arc::new(Inner { api, setting, clock, throttle, standing }))
    }

    /// A call with it succeeded.
    pub fn accepted(&self) {
        let before = self.stands(Standing::Accepted);
        if let Standing::Refused(_) = before {
            tracing::info!("{} accepts {} again", self.0.api.title(), self.title());
        }
    }

    /// It was refused, for this reason: the API's own code or ours, never the credential itself.
    pub fn refused(&self, reason: &str) {
        self.stands(Standing::Refused(reason.to_owned()));
        let (api, setting) = (self.0.api.title(), self.title());
        let Some(_) = self.0.setting else {
            tracing::info!(reason, "{api} refuses {setting}");
            return;
        };
        if let Some(untold) = self.0.throttle.tell((self.0.clock)()) {
            tracing::error!(
                reason,
                untold,
                "{api} refuses {setting}. Set a valid one and restart. What needs it is waiting, and \
                 nothing is lost"
            );
        }
    }

    /// It is accepted, but not for what was asked: that says nothing about other calls.
    pub fn falls_short(&self, reason: &str) {
        let (api, setting) = (self.0.api.title(), self.title());
        if let Some(untold) = self.0.throttle.tell((self.0.clock)()) {
            tracing::error!(
                reason,
                untold,
                "{api} does not let {setting} do this. Run `jules-slack doctor` to see what is missing. \
                 What needs it is waiting, and nothing is lost"
            );
        }
    }

    /// Why it is refused, and by which setting it can be changed; `None` when it is not.
    #[must_use]
    pub fn refusal(&self) -> Option<String> {
        match &*lock(&self.0.standing) {
            Standing::Refused(reason) => {
                Some(format!("{} refuses {} ({reason})", self.0.api.title(), self.title()))
            }
            Standing::Untried | Standing::Accepted => None,
        }
    }

    fn title(&self) -> &'static str {
        self.0.setting.unwrap_or("a person's own key")
    }

    /// Notes how it stands; gives how it stood.
    fn stands(&self, now: Standing) -> Standing {
        let mut standing = lock(&self.0.standing);
        if *standing == now {
            return now;
        }
        if self.0.setting.is_some() {
            metrics::credential(self.0.api, now == Standing::Accepted);
        }
        std::mem::replace(&mut *standing, now)
    }
}

impl fmt::Debug for Credential {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Credential").field("setting", &self.0.setting).finish_non_exhaustive()
    }
}
