//! TLS: a certificate and its key, taken anew when their files change.

use std::path::{Path, PathBuf};
use std::sync::{Arc, PoisonError, RwLock};
use std::time::{Duration, SystemTime};

use rustls::ServerConfig;
use rustls::crypto::ring;
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::server::{ClientHello, ResolvesServerCert};
use rustls::sign::CertifiedKey;
use tokio_rustls::TlsAcceptor;

use crate::config::TlsConfig;

/// How often the files are looked at.
const LOOK: Duration = Duration::from_secs(2);
/// What is spoken inside: nothing but HTTP/1.1.
const PROTOCOL: &[u8] = b"http/1.1";

/// The pair that is shown to clients, and where it lies.
#[derive(Debug)]
pub struct Certificates {
    certificate: PathBuf,
    key: PathBuf,
    now: RwLock<Arc<CertifiedKey>>,
}

/// When the files were written, and how long they are.
type Marks = [Option<(SystemTime, u64)>; 2];

impl Certificates {
    /// Those of the settings; none when they name none.
    ///
    /// # Errors
    /// A sentence that names the file.
    pub fn open(config: &TlsConfig) -> Result<Option<Arc<Self>>, String> {
        let (certificate, key) = (&config.certificate, &config.key);
        if certificate.is_empty() && key.is_empty() {
            return Ok(None);
        }
        let (certificate, key) = (PathBuf::from(certificate), PathBuf::from(key));
        let now = RwLock::new(Arc::new(read(&certificate, &key)?));
        Ok(Some(Arc::new(Self { certificate, key, now })))
    }

    /// What makes connections of TLS.
    ///
    /// # Errors
    /// What the library says.
    pub(super) fn acceptor(self: &Arc<Self>) -> Result<TlsAcceptor, String> {
        let builder = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()));
        let builder = builder.with_safe_default_protocol_versions();
        let builder = builder.map_err(|error| format!("TLS: {error}"))?;
        let shown = Arc::clone(self) as Arc<dyn ResolvesServerCert>;
        let mut config = builder.with_no_client_auth().with_cert_resolver(shown);
        config.alpn_protocols = vec![PROTOCOL.to_vec()];
        Ok(TlsAcceptor::from(Arc::new(config)))
    }

    /// Looks at the files again and again, for ever. A pair that does not fit changes nothing.
    #[expect(clippy::disallowed_methods, reason = "files change in real time")]
    pub(super) async fn watch(self: Arc<Self>) {
        let mut known = self.marks();
        loop {
            tokio::time::sleep(LOOK).await;
            let marks = self.marks();
            if marks != known {
                known = marks;
                self.renew();
            }
        }
    }

    fn renew(&self) {
        match read(&self.certificate, &self.key) {
            Ok(pair) => {
                *self.now.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(pair);
                tracing::info!("the certificate was taken anew");
            }
            Err(error) => tracing::error!(error, "the certificate from before is kept"),
        }
    }

    fn marks(&self) -> Marks {
        [&self.certificate, &self.key].map(|path| {
            let told = std::fs::metadata(path).ok()?;
            Some((told.modified().ok()?, told.len()))
        })
    }
}

impl ResolvesServerCert for Certificates {
    fn resolve(&self, _hello: ClientHello<'_>) -> Option<Arc<CertifiedKey>> {
        Some(Arc::clone(&self.now.read().unwrap_or_else(PoisonError::into_inner)))
    }
}

/// The chain and the key, which must belong together.
fn read(certificate: &Path, key: &Path) -> Result<CertifiedKey, String> {
    let of = |path: &Path, error: &dyn std::fmt::Display| format!("{}: {error}", path.display());
    let chain = CertificateDer::pem_file_iter(certificate).map_err(|e| of(certificate, &e))?;
    let chain: Vec<_> = chain.collect::<Result<_, _>>().map_err(|e| of(certificate, &e))?;
    if chain.is_empty() {
        return Err(of(certificate, &"there is no certificate in it"));
    }
    let secret = PrivateKeyDer::from_pem_file(key).map_err(|e| of(key, &e))?;
    let provider = ring::default_provider();
    CertifiedKey::from_der(chain, secret, &provider).map_err(|e| of(key, &e))
}
