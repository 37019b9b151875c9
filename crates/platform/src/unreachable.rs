//! Why there is no connection, as far as it may be told: a cause names no path and no key.

use rustls::CertificateError;
use rustls::Error as TlsError;
use std::error::Error;
use std::{fmt, io};

/// Why there is no connection.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Unreachable {
    /// This machine trusts no authority that the certificate is from: the server's, or that of a proxy that intercepts TLS.
    Untrusted(String),
    /// An unknown host, a refused connection, an expired certificate, and so on.
    Other(String),
}

impl Unreachable {
    /// The innermost cause, which is what can be fixed. What is around it names the address.
    #[must_use]
    pub fn of(error: &reqwest::Error) -> Self {
        let Some(source) = error.source() else { return Self::Other("no connection".to_owned()) };
        let cause = innermost(source);
        match cause.downcast_ref::<TlsError>() {
            Some(TlsError::InvalidCertificate(why)) if is_about_trust(why) => {
                Self::Untrusted(cause.to_string())
            }
            Some(_) | None => Self::Other(cause.to_string()),
        }
    }
}

impl fmt::Display for Unreachable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Untrusted(cause) | Self::Other(cause) => f.write_str(cause),
        }
    }
}

fn innermost<'e>(error: &'e (dyn Error + 'static)) -> &'e (dyn Error + 'static) {
    let mut cause = error;
    while let Some(inner) = inside(cause) {
        cause = inner;
    }
    cause
}

/// What is in an I/O error isn't its source, and one may be in another.
fn inside<'e>(error: &'e (dyn Error + 'static)) -> Option<&'e (dyn Error + 'static)> {
    match error.downcast_ref::<io::Error>().and_then(io::Error::get_ref) {
        Some(inner) => Some(inner),
        None => error.source(),
    }
}

/// Another authority helps neither a certificate for another name nor one of another time.
fn is_about_trust(why: &CertificateError) -> bool {
    !matches!(
        why,
        CertificateError::Expired
            | CertificateError::ExpiredContext { .. }
            | CertificateError::NotValidYet
            | CertificateError::NotValidYetContext { .. }
            | CertificateError::NotValidForName
            | CertificateError::NotValidForNameContext { .. }
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_certificate_is_found_however_deep_it_is() {
        let refused = TlsError::InvalidCertificate(CertificateError::UnknownIssuer);
        let wrapped = io::Error::other(io::Error::new(io::ErrorKind::InvalidData, refused.clone()));
        let cause = innermost(&wrapped);
        assert_eq!(cause.downcast_ref::<TlsError>(), Some(&refused));
    }

    #[test]
    fn another_authority_is_no_help_against_the_clock() {
        assert!(is_about_trust(&CertificateError::UnknownIssuer));
        assert!(!is_about_trust(&CertificateError::Expired));
        assert!(!is_about_trust(&CertificateError::NotValidForName));
    }
}
