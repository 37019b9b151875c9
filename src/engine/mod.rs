//! The engine: load → decide → store → perform, for as many tasks as there are.
//!
//! [`Engine::receive`] answers what comes in, within three seconds. [`Engine::tick`] carries one
//! document on: it takes the lease by compare-and-set, does one thing outside, and stores how that
//! ended together with taking the next. Polling, retrying, resuming after a crash and sharing work
//! between replicas are all the same: a stored document whose wake-up time has come.

mod access;
mod account;
mod accounts;
mod audit;
mod backlog;
mod bell;
mod booking;
mod bounded_map;
mod caps;
mod coalescer;
mod commit;
mod document_cache;
mod events;
mod facts;
mod fault;
mod follow;
mod follow_session;
mod follow_ups;
mod followed;
mod foreign;
mod home;
mod homes;
mod identity;
mod index;
mod installs;
mod keys;
mod leaving;
mod names;
mod operate;
mod people;
mod perform;
mod pick_session;
mod presence;
mod pull_look;
mod pulls;
mod queue;
mod receive;
mod renewal;
mod resolve;
mod scheduler;
mod session_cache;
mod session_list;
mod session_reads;
mod set_aside;
mod settings;
mod show_changes;
mod slots;
mod source_cache;
mod tally;
mod task_list;
mod tell;
mod tick;
mod turns;
mod typeahead;
mod update;
mod watcher;
mod wiring;
mod workspace;

pub use account::Account;
pub use accounts::KeyRing;
pub use backlog::Backlog;
pub use installs::{Installed, Installer, NotInstalled, Return};
pub use operate::{Operated, operate};
pub use receive::Received;
pub use scheduler::Scheduler;
pub use source_cache::SourceCache;
pub use wiring::Engine;
pub use workspace::Workspace;
