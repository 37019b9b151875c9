//! Slack's text format `mrkdwn`: what comes in is [`decode`]d once, before anything else reads it.
//!
//! Slack marks up with `&`, `<` and `>` (Slack: "Formatting message text"): `<@U1>` pings, `<!channel>`
//! pings everybody, `<https://evil|https://good>` is a forged link. What goes out is `rich_text`, in
//! which nothing is parsed; only a message's `text` and context lines need [`escape`].

mod decode;

pub use decode::{decode, unescape};

/// Escapes `&`, `<` and `>`, and nothing else.
#[must_use]
pub fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}
