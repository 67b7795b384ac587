//! `kith healthcheck`, as a container asks it.

use std::io::{Read as _, Write as _};
use std::net::{SocketAddr, TcpListener};
use std::path::Path;
use std::process::Output;

use tempfile::TempDir;

use crate::support::certificates::Certificates;
use crate::support::server::{Server, kith};

/// What it says of a server at this address, and whether that is good.
fn asked(folder: &Path, address: &str, variables: &[(String, String)]) -> (bool, String) {
    let mut command = kith(folder, &["healthcheck"]);
    let variables = variables.iter().map(|(name, value)| (name.as_str(), value.as_str()));
    let variables = variables.chain([("KITH_LISTEN", address)]);
    let Output { status, stdout, stderr } = command.envs(variables).output().unwrap();
    let said = String::from_utf8([stdout, stderr].concat()).unwrap();
    assert_eq!(said.lines().count(), 1, "one sentence: {said}");
    (status.success(), said)
}

/// The port of a server as everybody would reach it who is on this machine.
fn everywhere(server: &Server) -> String {
    format!("0.0.0.0:{}", server.url("").rsplit(':').next().unwrap())
}

/// Answers one request with this, or never when it is nothing.
fn stranger(answer: &'static str) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    std::thread::spawn(move || {
        let (mut stream, _) = listener.accept().unwrap();
        let mut asked = [0; 4096];
        let read = stream.read(&mut asked).unwrap();
        assert!(asked[..read].starts_with(b"GET /health/ready HTTP/1.1\r\n"));
        stream.write_all(answer.as_bytes()).unwrap();
        // Until it is the other who has had enough.
        drop(stream.read(&mut asked));
    });
    address
}

#[test]
fn a_server_that_takes_payloads_is_well() {
    let folder = TempDir::new().unwrap();
    let server = Server::start(folder.path());
    let (is_well, said) = asked(folder.path(), &everywhere(&server), &[]);
    assert!(is_well && said.contains("takes payloads"), "{said}");
}

#[test]
fn a_server_with_tls_is_asked_with_tls_whatever_its_certificate_is_called() {
    let (folder, certificates) = (TempDir::new().unwrap(), Certificates::make());
    let path = |name: &str| certificates.path(name).display().to_string();
    let tls = [
        ("KITH_TLS_CERTIFICATE".to_owned(), path("server.crt")),
        ("KITH_TLS_KEY".to_owned(), path("server.key")),
    ];
    let server = Server::start_in(folder.path(), &tls);
    let (is_well, said) = asked(folder.path(), &everywhere(&server), &tls);
    assert!(is_well, "{said}");
}

#[test]
fn a_server_that_refuses_payloads_is_not_well_and_says_why() {
    let folder = TempDir::new().unwrap();
    let address = stranger(
        "HTTP/1.1 503 Service Unavailable\r\nconnection: close\r\n\r\n\
         {\"status\": \"refusing\", \"reason\": \"storage_full\"}",
    );
    let (is_well, said) = asked(folder.path(), &address.to_string(), &[]);
    assert!(!is_well && said.contains("takes no payloads: storage_full"), "{said}");
}

#[test]
fn who_does_not_answer_is_not_well() {
    let folder = TempDir::new().unwrap();
    let silent = stranger("").to_string();
    let (is_well, said) = asked(folder.path(), &silent, &[]);
    assert!(!is_well && said.contains("does not answer within"), "{said}");
    let gone = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().to_string();
    let (is_well, said) = asked(folder.path(), &gone, &[]);
    assert!(!is_well && said.contains("refused"), "{said}");
    assert!(!folder.path().join("kith.db").exists(), "and it makes nothing");
}
