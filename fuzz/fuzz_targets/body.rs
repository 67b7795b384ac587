//! Whatever comes as a body and says how it is encoded: within its bound, never a panic.
#![no_main]

use axum::http::{HeaderMap, HeaderValue, header};
use bytes::Bytes;

const BYTES_MAX: usize = 1 << 16;

/// The first byte chooses the encoding, the rest is the body.
const ENCODINGS: [&str; 6] = ["gzip", "deflate", "br", "identity", "gzip, br", "deflate,gzip,br"];

libfuzzer_sys::fuzz_target!(|input: &[u8]| {
    let Some((choice, body)) = input.split_first() else { return };
    let encoding = ENCODINGS[usize::from(*choice) % ENCODINGS.len()];
    let mut headers = HeaderMap::new();
    headers.insert(header::CONTENT_ENCODING, HeaderValue::from_static(encoding));
    if let Ok(decoded) = kith::http::decode(&headers, Bytes::copy_from_slice(body), BYTES_MAX) {
        assert!(encoding == "identity" || decoded.len() <= BYTES_MAX);
        let _ = kith::http::dialects::tracardi::parse(&decoded);
    }
});
