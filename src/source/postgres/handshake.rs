//! Why a TLS handshake failed.

use std::{error::Error, io};

use rustls::{AlertDescription, CertificateError};

/// True when the connection failed while it was being encrypted.
pub(super) fn failed(error: &tokio_postgres::Error) -> bool {
    // The client library tells this kind by its words alone.
    error.to_string() == "error performing TLS handshake"
}

/// What happened, and what to do about it.
pub(super) fn explain(error: &tokio_postgres::Error, place: &str) -> (String, &'static str) {
    let cause = error.source();
    let text = cause.map_or_else(|| error.to_string(), ToString::to_string);
    let inner = cause.and_then(|cause| cause.downcast_ref::<io::Error>()).and_then(io::Error::get_ref);
    let hint = match inner.and_then(|inner| inner.downcast_ref::<rustls::Error>()) {
        Some(rustls::Error::InvalidCertificate(fault)) => certificate_hint(fault),
        Some(rustls::Error::AlertReceived(AlertDescription::HandshakeFailure)) => {
            "no common cipher: certificates with a P-521 key are not supported, P-256, P-384, Ed25519 and \
             RSA are"
        }
        Some(rustls::Error::AlertReceived(_)) => "the server did not accept our certificate: see its log",
        _ => "turn on `ssl` in the server, or lower sslmode if the network is trusted",
    };
    (format!("no TLS with {place}: {text}"), hint)
}

fn certificate_hint(fault: &CertificateError) -> &'static str {
    match fault {
        CertificateError::NotValidForName | CertificateError::NotValidForNameContext { .. } => {
            "connect to a name the certificate was made for, or use sslmode=verify-ca"
        }
        CertificateError::Expired | CertificateError::ExpiredContext { .. } => {
            "renew the server's certificate"
        }
        _ => {
            "set sslrootcert to the file of the authority that signed it; a self-signed certificate is its \
              own authority"
        }
    }
}
