//! Bodies in every dress: content types, encodings, sizes.

use std::io::Write as _;

use axum::body::Body;
use axum::http::Request;
use flate2::Compression;
use flate2::write::{DeflateEncoder, GzEncoder, ZlibEncoder};
use serde_json::json;

use crate::support::{Reply, TestApp};

const PAYLOAD: &str = r#"{"source":{"id":"shop"},"events":[{"type":"page-view"}]}"#;

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

fn zlib(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = ZlibEncoder::new(Vec::new(), Compression::default());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

fn raw_deflate(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = DeflateEncoder::new(Vec::new(), Compression::default());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

/// [`PAYLOAD`] as a Brotli stream: one uncompressed meta-block and the end (RFC 7932, 9.2).
fn brotli(bytes: &[u8]) -> Vec<u8> {
    let length = u32::try_from(bytes.len() - 1).unwrap();
    // WBITS 16 is one bit 0; ISLAST 0; MNIBBLES 4 (00); MLEN - 1 in 16 bits; ISUNCOMPRESSED 1.
    let header = (length << 4) | (1 << 20);
    let mut stream = header.to_le_bytes()[..3].to_vec();
    stream.extend_from_slice(bytes);
    // ISLAST 1, ISLASTEMPTY 1.
    stream.push(3);
    stream
}

fn send(app: &TestApp, header: (&str, &str), body: Vec<u8>) -> Reply {
    let request = Request::post("/track").header(header.0, header.1);
    app.send(request.body(Body::from(body)).unwrap())
}

fn encoded(app: &TestApp, encoding: &str, body: Vec<u8>) -> Reply {
    send(app, ("content-encoding", encoding), body)
}

#[test]
fn json_is_taken_under_any_content_type() {
    let app = TestApp::new();
    let odd = ["application/json", "text/plain;charset=UTF-8", "application/csp-report", "x", ""];
    for content_type in odd {
        send(&app, ("content-type", content_type), PAYLOAD.into()).ok();
    }
    send(&app, ("accept", "*/*"), PAYLOAD.into()).ok();
}

#[test]
fn encoded_bodies_are_read() {
    let app = TestApp::new();
    encoded(&app, "gzip", gzip(PAYLOAD.as_bytes())).ok();
    encoded(&app, "x-gzip", gzip(PAYLOAD.as_bytes())).ok();
    encoded(&app, "deflate", zlib(PAYLOAD.as_bytes())).ok();
    encoded(&app, "deflate", raw_deflate(PAYLOAD.as_bytes())).ok();
    encoded(&app, "br", brotli(PAYLOAD.as_bytes())).ok();
    encoded(&app, "identity", PAYLOAD.into()).ok();
    encoded(&app, "gzip, deflate", zlib(&gzip(PAYLOAD.as_bytes()))).ok();
}

#[test]
fn what_cannot_be_decoded_is_refused() {
    let app = TestApp::new();
    let reply = encoded(&app, "zstd", PAYLOAD.into());
    assert_eq!((reply.status.as_u16(), reply.code()), (415, "encoding_unknown"));
    let many = encoded(&app, "gzip,gzip,gzip,gzip,gzip", PAYLOAD.into());
    assert_eq!(many.code(), "encoding_unknown");
    for encoding in ["gzip", "deflate", "br"] {
        let reply = encoded(&app, encoding, PAYLOAD.into());
        assert_eq!(reply.status, 422, "{encoding}");
        assert_eq!(reply.code(), "body_unreadable", "{encoding}");
    }
    let mut cut = gzip(PAYLOAD.as_bytes());
    cut.truncate(cut.len() / 2);
    assert_eq!(encoded(&app, "gzip", cut).code(), "body_unreadable");
}

/// The same stream as in RFC 7932, but in the window that its first byte says: a stream of the
/// extension that allows larger ones.
fn brotli_in_large_window(bytes: &[u8], window_bits: u32) -> Vec<u8> {
    let length = u32::try_from(bytes.len() - 1).unwrap();
    // WBITS 0010001 0, 6 bits of size; ISLAST 0; MNIBBLES 00; MLEN - 1; ISUNCOMPRESSED 1.
    let header = 0x11 | (window_bits << 8) | (length << 17);
    let mut stream = (u64::from(header) | (1 << 33)).to_le_bytes()[..5].to_vec();
    stream.extend_from_slice(bytes);
    stream.push(3);
    stream
}

#[test]
fn a_brotli_window_beyond_the_standard_is_refused() {
    let app = TestApp::new();
    for window_bits in [10, 16, 24, 25, 30] {
        let body = brotli_in_large_window(PAYLOAD.as_bytes(), window_bits);
        let reply = encoded(&app, "br", body);
        assert_eq!(
            (reply.status.as_u16(), reply.code()),
            (422, "body_unreadable"),
            "{window_bits}"
        );
    }
}

#[test]
fn both_sizes_are_bounded() {
    let app = TestApp::new();
    let config = &app.app().config.limits;
    let filler = |bytes: usize| {
        let text = "x".repeat(bytes);
        let events = json!([{"type": "page-view", "properties": {"text": text}}]);
        json!({"source": {"id": "shop"}, "events": events}).to_string().into_bytes()
    };
    let as_sent = filler(config.body_bytes_max);
    assert_eq!(send(&app, ("accept", "*/*"), as_sent.clone()).code(), "body_too_large");
    encoded(&app, "gzip", gzip(&as_sent)).ok();
    let bomb = gzip(&filler(config.body_decoded_bytes_max));
    assert!(bomb.len() < config.body_bytes_max);
    let reply = encoded(&app, "gzip", bomb);
    assert_eq!((reply.status.as_u16(), reply.code()), (413, "body_too_large"));
}

#[test]
fn what_a_body_grows_to_takes_room_as_well() {
    let app = TestApp::new();
    let bodies = &app.app().bodies;
    let mut others = bodies.hold();
    others.grow_to(app.app().config.limits.bodies_bytes_max - 1000).unwrap();
    let large = format!("{}{PAYLOAD}", " ".repeat(2000));
    let reply = encoded(&app, "gzip", gzip(large.as_bytes()));
    assert_eq!((reply.status.as_u16(), reply.code()), (503, "overloaded"));
    encoded(&app, "gzip", gzip(format!("{}{PAYLOAD}", " ".repeat(500)).as_bytes())).ok();
    drop(others);
    encoded(&app, "gzip", gzip(large.as_bytes())).ok();
    assert_eq!(bodies.taken(), 0, "all of it was given back");
}

#[test]
fn a_head_with_two_hosts_or_origins_is_refused_at_every_door() {
    let app = TestApp::new();
    for name in ["host", "origin"] {
        let request = Request::post("/track").header(name, "a").header(name, "a");
        let reply = app.send(request.body(Body::from(PAYLOAD)).unwrap());
        assert_eq!((reply.status.as_u16(), reply.code()), (400, "head_invalid"), "{name}");
    }
    assert!(app.app().telemetry.render().contains("kith_payloads_total 0\n"));
}

/// Whoever waits for `100 Continue` must not be told to send what is refused.
#[test]
fn a_body_that_is_announced_as_too_large_is_not_asked_for() {
    let app = TestApp::new();
    let body = futures_util::stream::poll_fn(
        |_| -> std::task::Poll<Option<Result<Vec<u8>, std::io::Error>>> {
            panic!("it was asked for")
        },
    );
    let request = Request::post("/track").header("content-length", "99000000");
    let reply = app.send(request.body(Body::from_stream(body)).unwrap());
    assert_eq!((reply.status.as_u16(), reply.code()), (413, "body_too_large"));
}
