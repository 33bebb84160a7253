//! The TLS configuration of every connection: to sources, and to a history in PostgreSQL.

use std::{
    path::{Path, PathBuf},
    sync::{Arc, OnceLock},
};

use rustls::{
    ClientConfig, ConfigBuilder, DigitallySignedStruct, RootCertStore, SignatureScheme,
    client::{
        WantsClientCert,
        danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier},
    },
    crypto::{CryptoProvider, ring},
    pki_types::{CertificateDer, PrivateKeyDer, ServerName, UnixTime, pem::PemObject},
};
use rustls_platform_verifier::Verifier;

use crate::files::{self, Kind};

/// All authorities of a system take a hundredth of it.
const LARGEST: u64 = 16 << 20;

/// Which certificates to trust and to show. The default trusts what the system trusts.
#[derive(Debug, Clone, Default)]
pub struct TlsSettings {
    /// A PEM file of authorities to trust instead of the system's.
    pub ca_file: Option<PathBuf>,
    /// A PEM file with our certificate and its chain.
    pub client_certificate: Option<PathBuf>,
    /// A PEM file with its key.
    pub client_key: Option<PathBuf>,
}

/// Why a TLS configuration could not be built.
#[derive(Debug, thiserror::Error)]
pub enum TlsError {
    /// A file could not be read as PEM.
    #[error("cannot read {what} from {path}: {detail}")]
    File {
        /// What was expected in it.
        what: &'static str,
        /// Which file.
        path: String,
        /// What went wrong.
        detail: String,
    },
    /// A certificate without a key, or a key without a certificate.
    #[error("a client certificate needs both `client_certificate` and `client_key`")]
    HalfAnIdentity,
    /// The TLS library refused the combination.
    #[error("TLS cannot be set up: {0}")]
    Rejected(#[from] rustls::Error),
}

impl TlsSettings {
    /// The configuration for a client of any protocol.
    ///
    /// # Errors
    /// When a file is missing or not PEM, or the identity is incomplete.
    pub fn client_config(&self) -> Result<ClientConfig, TlsError> {
        let provider: Arc<CryptoProvider> = Arc::new(ring::default_provider());
        match self.authorities()? {
            Some(roots) => {
                let builder =
                    ClientConfig::builder_with_provider(provider).with_safe_default_protocol_versions()?;
                self.identified(builder.with_root_certificates(roots))
            }
            None => self.client_config_verified_by(Arc::new(SystemAuthorities)),
        }
    }

    /// The same, with a verifier of the server's certificate other than the usual one.
    ///
    /// # Errors
    /// As [`Self::client_config`].
    pub(crate) fn client_config_verified_by(
        &self,
        verifier: Arc<dyn ServerCertVerifier>,
    ) -> Result<ClientConfig, TlsError> {
        let provider: Arc<CryptoProvider> = Arc::new(ring::default_provider());
        let builder = ClientConfig::builder_with_provider(provider).with_safe_default_protocol_versions()?;
        self.identified(builder.dangerous().with_custom_certificate_verifier(verifier))
    }

    /// The authorities of the CA file, when there is one.
    pub(crate) fn authorities(&self) -> Result<Option<RootCertStore>, TlsError> {
        self.ca_file.as_deref().map(authorities).transpose()
    }

    fn identified(
        &self,
        builder: ConfigBuilder<ClientConfig, WantsClientCert>,
    ) -> Result<ClientConfig, TlsError> {
        match (&self.client_certificate, &self.client_key) {
            (None, None) => Ok(builder.with_no_client_auth()),
            (Some(certificate), Some(key)) => {
                let chain = certificates(certificate)?;
                let pem = file_bytes("a private key", key)?;
                let key = PrivateKeyDer::from_pem_slice(&pem)
                    .map_err(|error| file("a private key", key, &error))?;
                Ok(builder.with_client_auth_cert(chain, key)?)
            }
            _ => Err(TlsError::HalfAnIdentity),
        }
    }
}

/// Trusts the authorities of the system, which are read for the first server that shows a certificate: what speaks no
/// TLS does not wait for them.
#[derive(Debug)]
struct SystemAuthorities;

impl SystemAuthorities {
    fn verifier() -> Result<&'static Verifier, rustls::Error> {
        static VERIFIER: OnceLock<Option<Verifier>> = OnceLock::new();
        // A minimal system has no authorities, and without TLS it needs none.
        let verifier = VERIFIER.get_or_init(|| Verifier::new(Arc::new(ring::default_provider())).ok());
        verifier.as_ref().ok_or_else(|| {
            let text = "this system trusts no certificate authority; install the package ca-certificates, or set ca_file";
            rustls::Error::General(text.to_owned())
        })
    }
}

impl ServerCertVerifier for SystemAuthorities {
    fn verify_server_cert(
        &self,
        certificate: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        name: &ServerName<'_>,
        ocsp: &[u8],
        now: UnixTime,
    ) -> Result<ServerCertVerified, rustls::Error> {
        Self::verifier()?.verify_server_cert(certificate, intermediates, name, ocsp, now)
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        Self::verifier()?.verify_tls12_signature(message, certificate, signature)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        Self::verifier()?.verify_tls13_signature(message, certificate, signature)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        ring::default_provider().signature_verification_algorithms.supported_schemes()
    }
}

fn authorities(path: &Path) -> Result<RootCertStore, TlsError> {
    let mut roots = RootCertStore::empty();
    for certificate in certificates(path)? {
        roots.add(certificate)?;
    }
    Ok(roots)
}

fn certificates(path: &Path) -> Result<Vec<CertificateDer<'static>>, TlsError> {
    let pem = file_bytes("certificates", path)?;
    let read: Result<Vec<_>, _> = CertificateDer::pem_slice_iter(&pem).collect();
    let certificates = read.map_err(|error| file("certificates", path, &error))?;
    if certificates.is_empty() {
        return Err(file("certificates", path, &"the file holds none"));
    }
    Ok(certificates)
}

fn file_bytes(what: &'static str, path: &Path) -> Result<Vec<u8>, TlsError> {
    files::read_bytes(path, LARGEST, Kind::Regular).map_err(|error| file(what, path, &error))
}

fn file(what: &'static str, path: &Path, detail: &dyn std::fmt::Display) -> TlsError {
    TlsError::File { what, path: path.display().to_string(), detail: detail.to_string() }
}
