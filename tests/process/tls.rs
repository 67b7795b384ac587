//! TLS that Kith speaks by itself, with certificates that change.

use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, ServerName};
use rustls::{ClientConfig, ClientConnection, RootCertStore, StreamOwned};
use tempfile::TempDir;

use crate::support::certificates::Certificates;
use crate::support::server::{Server, kith, said};
use crate::support::wire::{connect, payload, until_closed};

/// Looks at what is waited for, ten in a second, before it counts as never.
const LOOKS: usize = 300;

type Secure = StreamOwned<ClientConnection, TcpStream>;

/// Where the pair lies that the server is told of.
fn pair(folder: &Path) -> [(String, String); 3] {
    let path = |name: &str| folder.join(name).display().to_string();
    [
        ("KITH_TLS_CERTIFICATE".to_owned(), path("shown.crt")),
        ("KITH_TLS_KEY".to_owned(), path("shown.key")),
        ("KITH_LIMITS_HEAD_SECONDS_MAX".to_owned(), "1".to_owned()),
    ]
}

fn install(certificates: &Certificates, folder: &Path) {
    for (from, to) in [("server.crt", "shown.crt"), ("server.key", "shown.key")] {
        std::fs::copy(certificates.path(from), folder.join(to)).unwrap();
    }
}

/// A connection on which both have said who they are, to one who trusts this authority.
fn secure(server: &Server, authority: &Certificates) -> Result<Secure, std::io::Error> {
    let mut roots = RootCertStore::empty();
    roots.add(CertificateDer::from_pem_file(authority.path("root.pem")).unwrap()).unwrap();
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let builder = ClientConfig::builder_with_provider(provider);
    let builder = builder.with_safe_default_protocol_versions().unwrap();
    let mut config = builder.with_root_certificates(roots).with_no_client_auth();
    config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
    let name = ServerName::try_from("localhost").unwrap();
    let session = ClientConnection::new(Arc::new(config), name).unwrap();
    let mut stream = StreamOwned::new(session, connect(server));
    while stream.conn.is_handshaking() {
        stream.conn.complete_io(&mut stream.sock)?;
    }
    Ok(stream)
}

fn tracks(stream: &mut Secure) -> String {
    stream.write_all(payload().as_bytes()).unwrap();
    let mut all = Vec::new();
    // It is said in the answer's head that the connection ends.
    drop(stream.read_to_end(&mut all));
    String::from_utf8_lossy(&all).into_owned()
}

fn waits_until(is_so: impl Fn() -> bool) -> bool {
    (0..LOOKS).any(|_| {
        std::thread::sleep(Duration::from_millis(100));
        is_so()
    })
}

#[test]
fn a_certificate_is_shown_and_taken_anew_when_it_changes() {
    let (folder, first, second) =
        (TempDir::new().unwrap(), Certificates::make(), Certificates::make());
    install(&first, folder.path());
    said(folder.path(), &["source", "add", "Shop", "--id", "shop"]);
    let mut server = Server::start_in(folder.path(), &pair(folder.path()));
    assert!(server.url("").starts_with("https://"), "{}", server.greeting);
    let mut stream = secure(&server, &first).unwrap();
    assert_eq!(stream.conn.alpn_protocol(), Some(&b"http/1.1"[..]), "and not HTTP/2");
    let answer = tracks(&mut stream);
    assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
    assert!(secure(&server, &second).is_err(), "nobody has signed it for them");
    // Half of a pair changes nothing.
    std::fs::copy(second.path("server.crt"), folder.path().join("shown.crt")).unwrap();
    std::thread::sleep(Duration::from_secs(5));
    assert!(tracks(&mut secure(&server, &first).unwrap()).starts_with("HTTP/1.1 200"));
    install(&second, folder.path());
    assert!(waits_until(|| secure(&server, &second).is_ok()), "the new one is never shown");
    assert!(secure(&server, &first).is_err());
    assert!(server.stop(), "ended well");
}

#[test]
fn whoever_does_not_shake_hands_is_sent_away() {
    let (folder, certificates) = (TempDir::new().unwrap(), Certificates::make());
    install(&certificates, folder.path());
    let mut server = Server::start_in(folder.path(), &pair(folder.path()));
    let (mut silent, mut half) = (connect(&server), connect(&server));
    // The beginning of a hello.
    half.write_all(&[0x16, 3, 1, 2, 0, 1, 0]).unwrap();
    assert_eq!(until_closed(&mut silent), "");
    until_closed(&mut half);
    let mut plain = connect(&server);
    plain.write_all(payload().as_bytes()).unwrap();
    let answer = until_closed(&mut plain);
    assert!(!answer.contains("HTTP/1.1 200"), "{answer}");
    assert!(server.stop(), "ended well");
}

#[test]
fn a_pair_that_does_not_fit_is_refused_at_the_start() {
    let (folder, certificates) = (TempDir::new().unwrap(), Certificates::make());
    install(&certificates, folder.path());
    let other = Certificates::make();
    std::fs::copy(other.path("server.key"), folder.path().join("shown.key")).unwrap();
    let refused = || {
        let mut serve = kith(folder.path(), &["serve", "--listen", "127.0.0.1:0"]);
        let output = serve.envs(pair(folder.path())).output().unwrap();
        assert!(!output.status.success());
        String::from_utf8(output.stderr).unwrap()
    };
    assert!(refused().contains("shown.key"));
    std::fs::write(folder.path().join("shown.crt"), "no certificate").unwrap();
    assert!(refused().contains("shown.crt: there is no certificate in it"));
    std::fs::remove_file(folder.path().join("shown.crt")).unwrap();
    assert!(refused().contains("shown.crt"));
    assert!(!folder.path().join("kith.db").exists(), "and nothing was made");
}
