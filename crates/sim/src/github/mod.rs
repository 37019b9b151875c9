//! A simulated GitHub: the reading half of its REST API, as far as this program asks for it, and the webhooks.
//!
//! As strict and as odd as the real one: it wants a `User-Agent`, tells nobody of private repositories that they
//! exist, moves renamed ones by redirects to `/repositories/{id}`, doesn't know at once whether a pull request can
//! be merged, lets no fine-grained token read check runs, and leaves `updated_at` alone when a check ends. It
//! refuses and remembers every write.

mod answer;
mod hand;
mod hooks;
mod model;
mod rates;
mod server;
mod wire;

/// The name under which Jules commits and opens pull requests.
const JULES: &str = "google-labs-jules[bot]";

pub use hand::{Mark, Pull, Repo};
pub use hooks::Delivery;
pub use model::{Call, TokenKind, Trouble};
pub use server::SimGitHub;
