//! Slack's text format, in both directions.
//!
//! Slack marks up with `&`, `<` and `>` (Slack: "Formatting message text"): `<@U1>` pings, `<!channel>`
//! pings everybody, `<https://evil|https://good>` is a forged link. So what people and Jules wrote
//! goes out as [`Escaped`], a type that cannot be made from text without escaping it; and what comes
//! in is [`decode`]d once, before anything else reads it.

mod cut;
mod decode;
mod escaped;
mod markdown;
mod open;

pub use cut::cut;
pub use decode::decode;
pub use escaped::{Escaped, code, escape, harmless, link};
pub use markdown::markdown;
