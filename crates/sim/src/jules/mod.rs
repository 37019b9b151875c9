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
//! Where the faults of §7.2 are, and where the bot meets them (`tests/it/stories`, unless another place
//! is named):
//!
//! | fault | here | the bot meets it in |
//! |---|---|---|
//! | F1 429, `Retry-After` in all shapes | [`Fault::too_many`] | `jules_errors`, `watch_bad_days` |
//! | F2 500, 502 as HTML, 503, 504 | [`Fault::status`], [`Fault::html`] | `jules_errors`, `laws/soak` |
//! | F3 create done, reply lost, and its twin; listed late | [`Fault::DropAfter`], [`Fault::DropBefore`], [`Account::listed_after`] | `jules_errors`, `laws/crash` |
//! | F4 the same for messages and approvals | as F3 | `replies`, `plan` |
//! | F5 slow heads and bodies, no answer, refused, reset | [`Fault::SlowHeaders`], [`Fault::DripBody`], [`Fault::HangBefore`], [`SimJules::refuse`], [`Fault::ResetMidBody`] | `jules_errors`, `laws/race`, `laws/soak` |
//! | F6 truncated, HTML, empty, odd JSON | [`Fault::TruncatedJson`], [`Fault::Html200`], [`Fault::EmptyBody`] and the like | `jules_errors`, `sim_jules/faults` |
//! | F7 a huge page | [`Fault::Flood`] | `ends` |
//! | F8 unknown kinds of everything, none, two at once | [`odd`] | `watch` |
//! | F9 missing fields | [`odd::without`] | `watch` |
//! | F10 equal, late and repeated activities, a token refused later | [`Account::add_activity_at`], [`Fault::rewrite`], [`SimJules::gate`] | `watch`, `watch_bad_days`, `sim_jules/hand` |
//! | F11 times of any precision, clocks apart | `ids`, the clock it is started with | `sim_jules/sessions`, `sim_jules/faults` |
//! | F12 stuck, silent, paused, done without a word | [`Account::set_state`], [`Story::Stuck`], [`Story::PlanOnly`] | `watch`, `ends` |
//! | F13 a revoked key, 403, a source that goes | [`Account::revoke`], [`Fault::status`] | `watch`, `jules_errors` |
//! | F14 `FAILED_PRECONDITION` for a while | [`Account::refuse_creates_until`] | `line`, `replies` |
//! | F15 nasty texts | [`odd::nasty_texts`] | `watch` |
//! | F16 others write, approve, archive, delete | [`Account::user_writes`] and the like | `plan`, `replies`, `ends` |
//!
//! ```no_run
//! # async fn example(clock: jules_slack_sim::Clock) -> std::io::Result<()> {
//! use jules_slack_sim::jules::{Fault, Op, SimJules};
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
mod mask;
mod model;
pub mod odd;
mod page;
mod reads;
mod reply;
mod scenario;
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
