//! Request bodies: read within a bound, decoded within another.

use std::io::Read;
use std::ops::Deref;

use axum::body::Body;
use axum::http::{HeaderMap, header};
use bytes::Bytes;
use flate2::read::{DeflateDecoder, MultiGzDecoder, ZlibDecoder};

use super::{ApiError, Code, charset};
use crate::admission::Held;
use crate::app::App;
use crate::config::Limits;
use crate::server::Cut;

/// Most encodings on top of each other.
const ENCODINGS_MAX: usize = 4;
/// Working memory of the brotli decoder, in bytes.
const BROTLI_BUFFER: usize = 4096;
/// The bits of a window's size that RFC 7932 (9.1) calls invalid.
const BROTLI_LARGE_WINDOW: u8 = 0b001_0001;

/// A body that was read. What it grew to when it was decoded takes room until it is dropped.
pub(super) struct Sent {
    bytes: Bytes,
    _held: Held,
}

impl Deref for Sent {
    type Target = Bytes;

    fn deref(&self) -> &Bytes {
        &self.bytes
    }
}

/// The body, decoded, and in UTF-8 where it is a text. Of the content type only the charset is looked at:
/// beacons say `text/plain`, old clients say nothing.
///
/// # Errors
/// 413 past a bound, 415 for an encoding we do not know, 422 for one that is broken, 408 for one that
/// comes too slowly, 503 when others take all the room.
pub(super) async fn read(headers: &HeaderMap, body: Body, app: &App) -> Result<Sent, ApiError> {
    let limits = &app.config.limits;
    // Before anything of it is asked for: whoever waits to be told to go on (`Expect: 100-continue`) need not
    // send it at all.
    let announced = headers.get(header::CONTENT_LENGTH).and_then(|value| value.to_str().ok());
    let announced: Option<u64> = announced.and_then(|value| value.parse().ok());
    if announced.is_some_and(|bytes| bytes > limits.body_bytes_max as u64) {
        return Err(too_large(limits));
    }
    let sent = axum::body::to_bytes(body, limits.body_bytes_max).await;
    let sent = sent.map_err(|error| refusal(&error, limits))?;
    let mut held = app.bodies.hold();
    let as_sent = sent.len();
    let bytes = decode(headers, sent, limits.body_decoded_bytes_max)?;
    let bytes = charset::in_utf8(headers, bytes);
    if bytes.len() > limits.body_decoded_bytes_max {
        return Err(too_large_decoded(limits.body_decoded_bytes_max));
    }
    if bytes.len() > as_sent {
        held.grow_to(bytes.len()).map_err(|_| no_room())?;
    }
    Ok(Sent { bytes, _held: held })
}

/// Why a body could not be read.
fn refusal(error: &axum::Error, limits: &Limits) -> ApiError {
    match Cut::of(error) {
        Some(Cut::TooSlow) => return Code::TooSlow.into(),
        Some(Cut::NoRoom) => return no_room(),
        None => {}
    }
    let is_bound = std::error::Error::source(error)
        .is_some_and(|source| source.to_string().contains("length limit"));
    if is_bound {
        too_large(limits)
    } else {
        ApiError::new(Code::BodyUnreadable, "The body ended before it was complete.")
    }
}

fn too_large(limits: &Limits) -> ApiError {
    let message = format!("The body is larger than {} bytes.", limits.body_bytes_max);
    ApiError::new(Code::BodyTooLarge, message)
}

fn no_room() -> ApiError {
    let message = "The bodies of others take all the room there is; try again later.";
    ApiError::new(Code::Overloaded, message)
}

/// Undoes the content encodings, last applied first.
///
/// # Errors
/// As [`read`].
pub fn decode(headers: &HeaderMap, bytes: Bytes, bytes_max: usize) -> Result<Bytes, ApiError> {
    let Some(named) = headers.get(header::CONTENT_ENCODING) else { return Ok(bytes) };
    let named = named.to_str().map_err(|_| Code::EncodingUnknown)?.to_ascii_lowercase();
    if named.split(',').count() > ENCODINGS_MAX {
        return Err(Code::EncodingUnknown.into());
    }
    let mut bytes = bytes;
    for encoding in named.split(',').rev().map(str::trim) {
        bytes = match encoding {
            "" | "identity" => bytes,
            "gzip" | "x-gzip" => bounded(MultiGzDecoder::new(&bytes[..]), bytes_max)?,
            "deflate" => deflate(&bytes, bytes_max)?,
            "br" => brotli(&bytes, bytes_max)?,
            _ => return Err(Code::EncodingUnknown.into()),
        };
    }
    Ok(bytes)
}

/// `deflate` means zlib (RFC 9110 §8.4.1.2), but some clients leave the zlib header out.
fn deflate(bytes: &[u8], bytes_max: usize) -> Result<Bytes, ApiError> {
    let has_header = bytes.first().is_some_and(|byte| byte & 0x0f == 8)
        && bytes.first_chunk().is_some_and(|head| u16::from_be_bytes(*head) % 31 == 0);
    if has_header {
        bounded(ZlibDecoder::new(bytes), bytes_max)
    } else {
        bounded(DeflateDecoder::new(bytes), bytes_max)
    }
}

/// Brotli as RFC 7932 has it, with windows of 16 MiB at most. A first byte that is invalid there
/// begins a "large window" stream, an extension in which ten bytes can ask for 1 GiB.
fn brotli(bytes: &[u8], bytes_max: usize) -> Result<Bytes, ApiError> {
    if bytes.first().is_some_and(|byte| byte & 0x7f == BROTLI_LARGE_WINDOW) {
        return Err(Code::BodyUnreadable.into());
    }
    bounded(brotli_decompressor::Decompressor::new(bytes, BROTLI_BUFFER), bytes_max)
}

fn bounded(decoder: impl Read, bytes_max: usize) -> Result<Bytes, ApiError> {
    let mut decoded = Vec::new();
    let limit = u64::try_from(bytes_max).unwrap_or(u64::MAX).saturating_add(1);
    decoder.take(limit).read_to_end(&mut decoded).map_err(|_| Code::BodyUnreadable)?;
    if decoded.len() > bytes_max {
        return Err(too_large_decoded(bytes_max));
    }
    Ok(decoded.into())
}

fn too_large_decoded(bytes_max: usize) -> ApiError {
    let message = format!("The body is larger than {bytes_max} bytes once it is decoded.");
    ApiError::new(Code::BodyTooLarge, message)
}
