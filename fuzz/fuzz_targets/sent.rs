//! Whatever a webhook sends, as a form, in parts or as anything else: an object, never a panic.
#![no_main]

use axum::http::{HeaderMap, HeaderValue, header};
use bytes::Bytes;
use futures_util::FutureExt as _;

/// The first byte chooses the content type, the rest is the body.
const TYPES: [&str; 5] = [
    "application/x-www-form-urlencoded",
    "multipart/form-data; boundary=X",
    "multipart/form-data; boundary=\"a b\"",
    "application/json",
    "text/plain; charset=utf-8",
];

libfuzzer_sys::fuzz_target!(|input: &[u8]| {
    let Some((choice, body)) = input.split_first() else { return };
    let kind = TYPES[usize::from(*choice) % TYPES.len()];
    let mut headers = HeaderMap::new();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(kind));
    let read = kith::http::dialects::tracardi::read_sent(&headers, Bytes::copy_from_slice(body));
    // All of it is in memory: nothing is waited for.
    let object = read.now_or_never().expect("it is read at once");
    assert!(!body.is_empty() || object.is_empty(), "nothing was sent");
    let in_parts = choice % 5 < 3;
    let says_nothing = body.iter().all(|byte| byte.is_ascii_whitespace() || b"{}".contains(byte));
    assert!(in_parts || says_nothing || !object.is_empty(), "something was sent");
});
