//! A client that sends any bytes, however slowly, and reads what comes back.

use std::io::{ErrorKind, Read as _, Write as _};
use std::net::{Ipv4Addr, SocketAddr, TcpStream};
use std::time::Duration;

use super::server::Server;

/// Far longer than anything that is waited for: past it, a test hangs.
const PATIENCE: Duration = Duration::from_secs(60);

/// Where the server listens.
pub(crate) fn address(server: &Server) -> SocketAddr {
    let url = server.url("");
    url.split_once("://").unwrap().1.parse().unwrap()
}

/// A connection from the usual address.
pub(crate) fn connect(server: &Server) -> TcpStream {
    let stream = TcpStream::connect(address(server)).unwrap();
    stream.set_read_timeout(Some(PATIENCE)).unwrap();
    stream
}

/// A connection from `127.0.0.last`.
pub(crate) fn connect_from(server: &Server, last: u8) -> TcpStream {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_io().build().unwrap();
    let stream = runtime.block_on(async {
        let socket = tokio::net::TcpSocket::new_v4().unwrap();
        socket.bind(SocketAddr::from((Ipv4Addr::new(127, 0, 0, last), 0))).unwrap();
        socket.connect(address(server)).await.unwrap()
    });
    let stream = stream.into_std().unwrap();
    stream.set_nonblocking(false).unwrap();
    stream.set_read_timeout(Some(PATIENCE)).unwrap();
    stream
}

/// Everything that comes until the server closes the connection.
#[track_caller]
pub(crate) fn until_closed(stream: &mut TcpStream) -> String {
    let mut all = Vec::new();
    match stream.read_to_end(&mut all) {
        Ok(_) => {}
        // Closed with something of ours unread.
        Err(error)
            if [ErrorKind::ConnectionReset, ErrorKind::BrokenPipe].contains(&error.kind()) => {}
        Err(error) => panic!("the connection stays open: {error}"),
    }
    String::from_utf8_lossy(&all).into_owned()
}

/// What is answered to these bytes on a connection of their own.
pub(crate) fn said_to(server: &Server, bytes: &str) -> String {
    let mut stream = connect(server);
    stream.write_all(bytes.as_bytes()).unwrap();
    until_closed(&mut stream)
}

/// The head of a `POST /track` with a body of so many bytes.
pub(crate) fn head(length: usize) -> String {
    format!("POST /track HTTP/1.1\r\nHost: kith\r\nContent-Length: {length}\r\n\r\n")
}

/// A payload in one request, after which the connection is closed.
pub(crate) fn payload() -> String {
    let body = r#"{"source":{"id":"shop"},"events":[{"type":"x"}]}"#;
    let head = head(body.len()).replacen("Host", "Connection: close\r\nHost", 1);
    format!("{head}{body}")
}

/// The number of a metric, 0 when there is none. `name` with its labels, as `/metrics` has it.
pub(crate) fn metric(server: &Server, name: &str) -> u64 {
    let text = said_to(server, "GET /metrics HTTP/1.1\r\nHost: k\r\nConnection: close\r\n\r\n");
    let line = text.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(' '));
    line.map_or(0, |number| number.parse().unwrap())
}
