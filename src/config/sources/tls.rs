//! Certificates.

use std::path::PathBuf;

use crate::{
    config::text::{Environment, expanded},
    diagnostic::Reader,
};

/// Which certificates to trust and to show.
#[derive(Debug, Default)]
pub struct Tls {
    /// Authorities to trust instead of the system's.
    pub ca_file: Option<PathBuf>,
    /// Our certificate.
    pub client_certificate: Option<PathBuf>,
    /// Its key.
    pub client_key: Option<PathBuf>,
}

pub(super) fn read(reader: &Reader<'_>, environment: &Environment<'_>) -> Tls {
    Tls {
        ca_file: path(reader, "ca_file", environment),
        client_certificate: path(reader, "client_certificate", environment),
        client_key: path(reader, "client_key", environment),
    }
}

/// A path, which starts from the settings' folder unless it is absolute.
pub(super) fn path(reader: &Reader<'_>, key: &'static str, environment: &Environment<'_>) -> Option<PathBuf> {
    reader.get(key, |node| expanded(node, environment)).map(PathBuf::from)
}
