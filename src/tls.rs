//! The one TLS provider of the program: rustls over ring.
//!
//! reqwest and redis both come without a provider of their own, because two of them in one program
//! panic at the first connection. So it is installed here, before the first client is built, and
//! every client of an API begins here.

use reqwest::{ClientBuilder, redirect};
use rustls::ClientConfig;
use rustls_platform_verifier::BuilderVerifierExt;
use std::sync::OnceLock;

/// Makes ring the provider of this process. Calling it again changes nothing.
pub fn install() {
    // The error case says that a provider is there already: ours, from an earlier call.
    let _already_there = rustls::crypto::ring::default_provider().install_default();
}

/// The beginning of a client: our TLS and our name. Redirects are not followed, since a key must not
/// travel on. It speaks HTTP/1.1, over connections that are kept: WebSockets are made of it, and a few
/// connections at a time have no use for HTTP/2.
pub fn client() -> ClientBuilder {
    let builder = reqwest::Client::builder()
        .http1_only()
        .redirect(redirect::Policy::none())
        .user_agent(concat!(env!("CARGO_PKG_NAME"), "/", env!("CARGO_PKG_VERSION")));
    match trusting() {
        Some(config) => builder.tls_backend_preconfigured(config),
        // The client tries by itself, and says why it cannot.
        None => builder,
    }
}

/// TLS that trusts whom the system trusts. Its authorities are some hundred and fifty files, and
/// reading them is most of a start: it is done once for all clients.
fn trusting() -> Option<ClientConfig> {
    static TRUSTING: OnceLock<Option<ClientConfig>> = OnceLock::new();
    TRUSTING
        .get_or_init(|| {
            install();
            let verified = ClientConfig::builder().with_platform_verifier().ok()?;
            let mut config = verified.with_no_client_auth();
            config.alpn_protocols = vec![b"http/1.1".to_vec()];
            Some(config)
        })
        .clone()
}
