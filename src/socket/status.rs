//! The state of Socket Mode, for `/readyz` and for code that waits for it.

use tokio::sync::watch;

/// How it stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum State {
    /// So many connections take deliveries.
    Connected(usize),
    /// Slack has ended it for good: `link_disabled`.
    SwitchedOff,
}

/// A view of the state; clones see the same.
#[derive(Debug, Clone)]
pub struct Status(watch::Sender<State>);

impl Default for Status {
    /// No connection yet.
    fn default() -> Self {
        Self(watch::Sender::new(State::Connected(0)))
    }
}

impl Status {
    pub(super) fn set(&self, state: State) {
        self.0.send_if_modified(|old| std::mem::replace(old, state) != state);
    }

    /// For those who wait for a change.
    #[must_use]
    pub fn watch(&self) -> watch::Receiver<State> {
        self.0.subscribe()
    }

    /// Why nothing can be delivered; `None` when it can.
    #[must_use]
    pub fn missing(&self) -> Option<&'static str> {
        match *self.0.borrow() {
            State::Connected(0) => Some("no Socket Mode connection to Slack is open yet"),
            State::Connected(_) => None,
            State::SwitchedOff => Some("Socket Mode is switched off in the app's settings"),
        }
    }
}
