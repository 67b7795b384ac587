//! TLS to the database: which certificates count.

use std::path::Path;
use std::sync::Arc;

use rustls::client::WebPkiServerVerifier;
use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::crypto::{CryptoProvider, ring, verify_tls12_signature, verify_tls13_signature};
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::{
    CertificateError, ClientConfig, DigitallySignedStruct, RootCertStore, SignatureScheme,
};
use tokio_postgres_rustls::MakeRustlsConnect;

use super::address::{Address, Trust};
use crate::storage::StorageError;

/// What makes the connections, as `address` wants them.
pub(super) fn connector(address: &Address) -> Result<MakeRustlsConnect, StorageError> {
    let provider = Arc::new(ring::default_provider());
    let fault = |error: rustls::Error| StorageError::Failed(format!("TLS: {error}"));
    let builder = ClientConfig::builder_with_provider(Arc::clone(&provider));
    let builder = builder.with_safe_default_protocol_versions().map_err(fault)?;
    let checks = match address.trust {
        Trust::Anybody => Checks { provider, signed: None, is_named: false },
        Trust::Signed | Trust::Named => {
            let roots = Arc::new(roots(address.root_certificates.as_deref())?);
            let signed = WebPkiServerVerifier::builder_with_provider(roots, Arc::clone(&provider));
            let signed = signed.build().map_err(|error| StorageError::Failed(error.to_string()))?;
            Checks { provider, signed: Some(signed), is_named: address.trust == Trust::Named }
        }
    };
    let config = builder.dangerous().with_custom_certificate_verifier(Arc::new(checks));
    Ok(MakeRustlsConnect::new(config.with_no_client_auth()))
}

fn roots(file: Option<&Path>) -> Result<RootCertStore, StorageError> {
    let mut roots = RootCertStore::empty();
    if let Some(path) = file {
        let fault = |error: &dyn std::fmt::Display| {
            StorageError::Failed(format!("sslrootcert {}: {error}", path.display()))
        };
        for one in CertificateDer::pem_file_iter(path).map_err(|error| fault(&error))? {
            roots.add(one.map_err(|error| fault(&error))?).map_err(|error| fault(&error))?;
        }
    } else {
        roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
    }
    Ok(roots)
}

/// What `sslmode` asks of a certificate: nothing, a known signature, or the host's name as well.
#[derive(Debug)]
struct Checks {
    provider: Arc<CryptoProvider>,
    signed: Option<Arc<WebPkiServerVerifier>>,
    is_named: bool,
}

impl ServerCertVerifier for Checks {
    fn verify_server_cert(
        &self,
        certificate: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        name: &ServerName<'_>,
        ocsp: &[u8],
        now: UnixTime,
    ) -> Result<ServerCertVerified, rustls::Error> {
        let Some(signed) = &self.signed else { return Ok(ServerCertVerified::assertion()) };
        match signed.verify_server_cert(certificate, intermediates, name, ocsp, now) {
            Err(rustls::Error::InvalidCertificate(
                CertificateError::NotValidForName | CertificateError::NotValidForNameContext { .. },
            )) if !self.is_named => Ok(ServerCertVerified::assertion()),
            verdict => verdict,
        }
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        let known = &self.provider.signature_verification_algorithms;
        verify_tls12_signature(message, certificate, signature, known)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        let known = &self.provider.signature_verification_algorithms;
        verify_tls13_signature(message, certificate, signature, known)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.provider.signature_verification_algorithms.supported_schemes()
    }
}
