//! A simulated Slack workspace with the app installed in it.
//!
//! It is a model (`model`) with two doors. The app's way in is the Web API over HTTP (`routes` and the
//! methods in `chat`, `conversations`, `views`, `people`), as strict as Slack's own: tokens, scopes,
//! limits, blocks (`rules`, `check`). The people's way in is [`Person`]: what they type, click and fill
//! in (`command`, `clicks`, `form`) goes to the app as signed requests (`interact`, `deliver`,
//! `events`), or over a connection that the app has opened (`socket`), and what the app answers
//! appears on their screen (`screen`, `draw`; as data, for a page: `window`). Failures are played
//! on request (`fault`).
//!
//! Where Slack's rule is not published the stricter reading is taken, and the place says so.
//!
//! ```no_run
//! # async fn story() -> Result<(), Box<dyn std::error::Error>> {
//! # let clock: jules_slack_sim::Clock = std::sync::Arc::new(|| jiff::Timestamp::UNIX_EPOCH);
//! use jules_slack_sim::slack::SimSlack;
//!
//! let slack = SimSlack::start(clock).await?;
//! slack.deliver_to("http://127.0.0.1:3000/slack/events");
//! slack.channel("dev");
//! let ann = slack.user("ann");
//! let ack = ann.types("dev", "/jules help").await?;
//! assert!(ack.ok());
//! println!("{}", slack.screen("#dev"));
//! # Ok(()) }
//! ```

mod answer;
mod args;
mod blocks;
mod channel;
mod chat;
mod check;
mod clicks;
mod command;
mod conversations;
mod deliver;
mod draw;
mod element_rules;
mod events;
mod fault;
mod fields;
mod form;
mod front;
mod interact;
mod model;
mod oauth;
mod payload;
mod people;
mod person;
mod rates;
mod response_url;
mod rich;
mod rich_rules;
mod routes;
mod rules;
mod screen;
mod server;
mod socket;
mod socket_faults;
mod state;
mod text;
mod threads;
mod uploads;
mod views;
mod ways_in;
mod window;
mod workspace;

pub use clicks::Button;
pub use deliver::{Ack, Failure, To};
pub use fault::{Call, Fault, Faulty, Gate};
pub use form::{Choice, Field, Form, Outcome};
pub use front::Front;
pub use model::Team;
pub use person::{NotThere, Person, Said};
pub use screen::Post;
pub use server::SimSlack;
pub use window::{Conversation, Line, Writer};
