//! The one TLS provider of the program: rustls over ring. And whom it trusts: whom the system does.
//!
//! reqwest and redis both come without a provider of their own, because two of them in one program
//! panic at the first connection. So it is installed here, before the first client is built, and
//! every client of an API begins here.

use reqwest::{ClientBuilder, redirect};
use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::crypto::{CryptoProvider, ring};
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::{ClientConfig, DigitallySignedStruct, Error, SignatureScheme};
use rustls_platform_verifier::Verifier;
use std::path::PathBuf;
use std::sync::{Arc, OnceLock};
use std::{env, fs};

/// Makes ring the provider of this process. Calling it again changes nothing.
pub fn install() {
    // The error case says that a provider is there already: ours, from an earlier call.
    let _already_there = ring::default_provider().install_default();
}

/// The beginning of a client: our TLS and our name. Redirects are not followed, since a key must not
/// travel on. It speaks HTTP/1.1, over connections that are kept: WebSockets are made of it, and a few
/// connections at a time have no use for HTTP/2.
pub fn client() -> ClientBuilder {
    install();
    let trusting = ClientConfig::builder()
        // So rustls calls every verifier that is not its own. Ours asks its own, later.
        .dangerous()
        .with_custom_certificate_verifier(Arc::new(System));
    let mut config = trusting.with_no_client_auth();
    config.alpn_protocols = vec![b"http/1.1".to_vec()];
    reqwest::Client::builder()
        .http1_only()
        .redirect(redirect::Policy::none())
        .user_agent(concat!("jules-slack/", env!("CARGO_PKG_VERSION")))
        .tls_backend_preconfigured(config)
}

/// Reads whom the system trusts: once in a process, and at the latest when a server shows its
/// certificate. It is some hundred and fifty files, and was most of a start.
///
/// # Errors
/// When not one authority could be read. No server is trusted then.
pub fn authorities() -> Result<&'static Verifier, Error> {
    static READ: OnceLock<Result<Verifier, Error>> = OnceLock::new();
    let read = READ.get_or_init(|| Verifier::new(Arc::new(ring::default_provider())));
    read.as_ref().map_err(Clone::clone)
}

/// Looks whether the file in `SSL_CERT_FILE` can be read. What can't be read there is passed over, and then no server is
/// trusted, or not the one that it was set for.
///
/// # Errors
/// Why it can't be read, in words that begin with the setting.
#[expect(clippy::disallowed_methods, reason = "what reads the authorities takes it from there")]
pub fn check_setting() -> Result<(), String> {
    // Elsewhere the system has a list of its own, and the setting means nothing.
    if !cfg!(all(unix, not(target_vendor = "apple"))) {
        return Ok(());
    }
    let Some(path) = env::var_os("SSL_CERT_FILE").map(PathBuf::from) else { return Ok(()) };
    match fs::read(&path) {
        Ok(_) => Ok(()),
        Err(error) => Err(format!("SSL_CERT_FILE: `{}` can't be read ({error})", path.display())),
    }
}

/// Trusts whom the system trusts, once that is asked.
#[derive(Debug)]
struct System;

impl ServerCertVerifier for System {
    fn verify_server_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        server_name: &ServerName<'_>,
        ocsp_response: &[u8],
        now: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        let authorities = authorities()?;
        authorities.verify_server_cert(end_entity, intermediates, server_name, ocsp_response, now)
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        authorities()?.verify_tls12_signature(message, cert, dss)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        authorities()?.verify_tls13_signature(message, cert, dss)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        let provider: CryptoProvider = ring::default_provider();
        provider.signature_verification_algorithms.supported_schemes()
    }
}
