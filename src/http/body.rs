//! Request bodies: read within a bound, decoded within another.

use std::io::Read;

use axum::body::Body;
use axum::http::{HeaderMap, header};
use bytes::Bytes;
use flate2::read::{DeflateDecoder, MultiGzDecoder, ZlibDecoder};

use super::{ApiError, Code};
use crate::config::Limits;

/// Most encodings on top of each other.
const ENCODINGS_MAX: usize = 4;
/// Working memory of the brotli decoder, in bytes.
const BROTLI_BUFFER: usize = 4096;
/// The bits of a window's size that RFC 7932 (9.1) calls invalid.
const BROTLI_LARGE_WINDOW: u8 = 0b001_0001;

/// The body, decoded. The content type is not looked at: beacons say `text/plain`, old clients say
/// nothing.
///
/// # Errors
/// 413 past a bound, 415 for an encoding we do not know, 422 for one that is broken.
pub(super) async fn read(
    headers: &HeaderMap,
    body: Body,
    limits: &Limits,
) -> Result<Bytes, ApiError> {
    let too_large = || {
        let message = format!("The body is larger than {} bytes.", limits.body_bytes_max);
        ApiError::new(Code::BodyTooLarge, message)
    };
    let bytes = axum::body::to_bytes(body, limits.body_bytes_max).await.map_err(|error| {
        let is_bound = std::error::Error::source(&error)
            .is_some_and(|source| source.to_string().contains("length limit"));
        if is_bound {
            too_large()
        } else {
            ApiError::new(Code::BodyUnreadable, "The body ended before it was complete.")
        }
    })?;
    decode(headers, bytes, limits.body_decoded_bytes_max)
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
        let message = format!("The body is larger than {bytes_max} bytes once it is decoded.");
        return Err(ApiError::new(Code::BodyTooLarge, message));
    }
    Ok(decoded.into())
}
