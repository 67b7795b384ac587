//! Bodies in UTF-8, whatever their senders write in.

use std::borrow::Cow;

use axum::http::{HeaderMap, header};
use bytes::Bytes;
use encoding_rs::{Encoding, REPLACEMENT, UTF_16BE, UTF_16LE};

/// The text in UTF-8, without the byte order mark that some programs put before it: it is no part of it.
///
/// What is UTF-8 already stays as it is, whatever it is called, and so does what is neither that nor what it
/// is called: it may be no text at all.
pub(super) fn in_utf8(headers: &HeaderMap, bytes: Bytes) -> Bytes {
    if let Some((marked, mark_bytes)) = Encoding::for_bom(&bytes) {
        let text = bytes.slice(mark_bytes..);
        let (read, _) = marked.decode_without_bom_handling(&text);
        return owned(read).unwrap_or(text);
    }
    let Some(called) = declared(headers).map(|called| in_fact(called, &bytes)) else {
        return bytes;
    };
    let is_utf_8 = if called.is_ascii_compatible() {
        std::str::from_utf8(&bytes).is_ok()
    } else {
        // Such texts may look like UTF-8, but UTF-8 has none of these bytes where it is JSON or a form.
        !bytes.iter().any(|byte| matches!(byte, 0 | 0x1b))
    };
    if is_utf_8 {
        return bytes;
    }
    let read = called.decode_without_bom_handling_and_without_replacement(&bytes);
    read.and_then(owned).unwrap_or(bytes)
}

/// The charset that the content type names, if anybody knows it.
fn declared(headers: &HeaderMap) -> Option<&'static Encoding> {
    let content_type = headers.get(header::CONTENT_TYPE)?.to_str().ok()?;
    let mut parameters = content_type.split(';').skip(1).filter_map(|one| one.split_once('='));
    let (_, name) = parameters.find(|(key, _)| key.trim().eq_ignore_ascii_case("charset"))?;
    let name = name.trim().trim_matches(['"', '\'']);
    Encoding::for_label(name.as_bytes()).filter(|called| *called != REPLACEMENT)
}

/// Without a mark, `utf-16` says nothing of the order of bytes; the first letter of JSON does.
fn in_fact(called: &'static Encoding, bytes: &[u8]) -> &'static Encoding {
    if called == UTF_16LE && bytes.first() == Some(&0) { UTF_16BE } else { called }
}

/// None where nothing had to be changed.
fn owned(read: Cow<'_, str>) -> Option<Bytes> {
    if let Cow::Owned(text) = read { Some(text.into()) } else { None }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = "{\"a\":\"Zoë €\"}";

    #[track_caller]
    fn check(content_type: &str, bytes: &[u8], expected: &[u8]) {
        let mut headers = HeaderMap::new();
        headers.insert(header::CONTENT_TYPE, content_type.parse().unwrap());
        assert_eq!(in_utf8(&headers, Bytes::copy_from_slice(bytes)), expected, "{content_type}");
    }

    fn utf_16(to_bytes: fn(u16) -> [u8; 2], text: &str) -> Vec<u8> {
        text.encode_utf16().flat_map(to_bytes).collect()
    }

    #[test]
    fn marks_and_declared_charsets_are_heard() {
        let marked = format!("\u{feff}{TEXT}");
        check("text/plain", marked.as_bytes(), TEXT.as_bytes());
        check("application/json", &utf_16(u16::to_le_bytes, &marked), TEXT.as_bytes());
        check("application/json", &utf_16(u16::to_be_bytes, &marked), TEXT.as_bytes());
        check("a/b; charset=UTF-16", &utf_16(u16::to_le_bytes, TEXT), TEXT.as_bytes());
        check("a/b; charset=utf-16", &utf_16(u16::to_be_bytes, TEXT), TEXT.as_bytes());
        check("a/b; x=y; charset=\"windows-1252\"", b"Zo\xeb \x80", "Zoë €".as_bytes());
        check("a/b;charset=ISO-8859-1", b"Zo\xeb", "Zoë".as_bytes());
    }

    #[test]
    fn what_is_utf_8_and_what_nobody_can_read_stays() {
        for charset in ["iso-8859-1", "utf-16", "utf-8", "shift_jis", "nonsense"] {
            check(&format!("a/b; charset={charset}"), TEXT.as_bytes(), TEXT.as_bytes());
        }
        check("a/b", b"Zo\xeb", b"Zo\xeb");
        check("a/b; charset=utf-16", b"\0\xd8\0", b"\0\xd8\0");
        check("a/b; charset=shift_jis", b"\xff\xff", b"\xff\xff");
        check("a/b; charset=iso-2022-kr", b"\x1b$)C\xff", b"\x1b$)C\xff");
    }
}
