//! A simulated Jules REST API (v1alpha): accounts, sources and sessions in memory, served over
//! HTTP on loopback, as strict and as odd as the real one.
//!
//! Sections, rows and faults named in here are those of the API reference this was built from,
//! which collects what Google documents and what others saw of the live service. Where it knows
//! nothing, the choice made is said at the place.
//!
//! A request goes through `deliver` (record it, ask for a fault) to `answer` (path, key,
//! parameters, body) and on to `reads` or `writes`, which work on the `model`; the reply travels
//! back through `deliver`, which spoils it if a fault says so. `script` and [`Account`]'s methods
//! move the sessions.
//!
//! ```no_run
//! # async fn example(clock: jules_slack::sim::Clock) -> std::io::Result<()> {
//! use jules_slack::sim::jules::{Fault, Op, SimJules};
//!
//! let jules = SimJules::start(clock).await?;
//! let account = jules.default_sources("key-1");
//! jules.fault(Fault::DropAfter).on(Op::CreateSession).once();
//! // … a client at jules.url() creates a session and never hears of it …
//! assert_eq!(account.sessions().len(), 1);
//! # Ok(())
//! # }
//! ```

mod account;
mod acts;
mod answer;
mod call;
mod deliver;
mod fault;
mod filter;
mod finish;
mod hand;
mod ids;
mod line;
mod mask;
mod model;
pub mod odd;
mod page;
mod reads;
mod reply;
mod schema;
mod script;
mod server;
mod shared;
mod sources;
mod wire;
mod writes;

pub use account::{Account, Snapshot};
pub use call::{Call, Op};
pub use fault::{Arming, Fault, Gate, RetryAfter, Rewrite};
pub use finish::{Finish, PullRequest};
pub use hand::Origin;
pub use model::{EmptyReply, IdleApproval, Lag, State};
pub use reply::Reply;
pub use script::{Pace, Story};
pub use server::SimJules;
pub use sources::{DEMO_KEY, SourceEntry};
