//! What every part with I/O stands on: the clock, locks, the roots that TLS trusts, why there is no connection, the
//! table of metrics, what is known of a credential, and walks over lists in pages.

pub mod clock;
pub mod credential;
pub mod lock;
pub mod log_throttle;
pub mod metrics;
pub mod tls;
pub mod unreachable;
pub mod walk;
