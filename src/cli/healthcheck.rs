//! `kith healthcheck`: asks the server of these settings whether it takes payloads.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::time::Duration;

use reqwest::redirect::Policy;
use reqwest::{Client, Response, StatusCode};
use serde_json::Value;

use super::say;
use crate::config::Config;

/// Longest time until there is an answer: whoever asks, asks again soon.
const TIME_MAX: Duration = Duration::from_secs(3);
/// Largest answer that is looked into, in bytes.
const BYTES_MAX: usize = 16 * 1024;

/// One sentence, and whether it is a good one: for containers, which have no program to ask with.
pub(super) fn run(config: &Config) -> Result<(), String> {
    let address = reachable(config.listen)?;
    let scheme = if config.tls.certificate.is_empty() { "http" } else { "https" };
    let url = format!("{scheme}://{address}/health/ready");
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    let runtime = runtime.map_err(|error| error.to_string())?;
    runtime.block_on(ask(&url))?;
    say(&format!("The server at {address} takes payloads."));
    Ok(())
}

/// Where the server can be asked that listens here.
fn reachable(listen: SocketAddr) -> Result<SocketAddr, String> {
    if listen.port() == 0 {
        return Err("`listen` has port 0: where the server listens, only the server knows".into());
    }
    Ok(from_here(listen))
}

/// The address by which a program on the same machine finds a server that listens there: "all addresses" is none
/// that everybody can go to.
pub(super) fn from_here(listen: SocketAddr) -> SocketAddr {
    let ip = match listen.ip() {
        IpAddr::V4(ip) if ip.is_unspecified() => IpAddr::V4(Ipv4Addr::LOCALHOST),
        IpAddr::V6(ip) if ip.is_unspecified() => IpAddr::V6(Ipv6Addr::LOCALHOST),
        ip @ (IpAddr::V4(_) | IpAddr::V6(_)) => ip,
    };
    SocketAddr::new(ip, listen.port())
}

async fn ask(url: &str) -> Result<(), String> {
    let answer = client()?.get(url).send().await.map_err(|error| unanswered(url, &error))?;
    match answer.status() {
        StatusCode::OK => Ok(()),
        StatusCode::SERVICE_UNAVAILABLE => Err(refusal(url, answer).await),
        other => Err(format!("{url} answers {other}")),
    }
}

/// A client that goes there and nowhere else. Any certificate will do: the question says nothing, the
/// answer comes from this machine, and the certificate has the name by which others know the server.
fn client() -> Result<Client, String> {
    // Somebody else in the process may have chosen a cryptography.
    drop(rustls::crypto::ring::default_provider().install_default());
    let client = Client::builder()
        .tls_danger_accept_invalid_certs(true)
        .no_proxy()
        .redirect(Policy::none())
        .timeout(TIME_MAX)
        .build();
    client.map_err(|error| format!("TLS: {error}"))
}

/// Why there is no answer: of the reasons that stand behind each other, the last.
fn unanswered(url: &str, error: &reqwest::Error) -> String {
    if error.is_timeout() {
        return format!("{url} does not answer within {} seconds", TIME_MAX.as_secs());
    }
    let mut reason: &dyn std::error::Error = error;
    while let Some(source) = reason.source() {
        reason = source;
    }
    format!("{url} does not answer: {reason}")
}

/// Why the server takes no payloads, in its own word.
async fn refusal(url: &str, mut answer: Response) -> String {
    let mut body = Vec::new();
    while let Ok(Some(part)) = answer.chunk().await {
        body.extend_from_slice(&part);
        if body.len() > BYTES_MAX {
            break;
        }
    }
    let said: Option<Value> = serde_json::from_slice(&body).ok();
    let reason = said.as_ref().and_then(|said| said["reason"].as_str()).unwrap_or("no reason");
    format!("{url} takes no payloads: {reason}")
}

#[cfg(test)]
mod tests {
    use super::reachable;

    #[test]
    fn a_server_on_all_addresses_is_asked_on_its_own_machine() {
        let asked = |listen: &str| {
            let address = reachable(listen.parse().unwrap());
            address.map(|address| address.to_string())
        };
        assert_eq!(asked("0.0.0.0:8686").unwrap(), "127.0.0.1:8686");
        assert_eq!(asked("[::]:8686").unwrap(), "[::1]:8686");
        assert_eq!(asked("10.0.0.7:80").unwrap(), "10.0.0.7:80");
        assert!(asked("127.0.0.1:0").unwrap_err().contains("port 0"));
    }
}
