//! The one TLS provider of the program: rustls over ring.
//!
//! reqwest and redis both come without a provider of their own, because two of them in one program
//! panic at the first connection. So it is installed here, before the first client is built, and
//! every client of an API begins here.

use reqwest::{ClientBuilder, redirect};

/// Makes ring the provider of this process. Calling it again changes nothing.
pub fn install() {
    // The error case says that a provider is there already: ours, from an earlier call.
    let _already_there = rustls::crypto::ring::default_provider().install_default();
}

/// The beginning of a client: our TLS and our name. Redirects are not followed, since a key must not
/// travel on.
pub fn client() -> ClientBuilder {
    install();
    reqwest::Client::builder().redirect(redirect::Policy::none()).user_agent(concat!(
        env!("CARGO_PKG_NAME"),
        "/",
        env!("CARGO_PKG_VERSION")
    ))
}
