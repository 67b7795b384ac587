//! What the first bytes of a file tell of it, before anybody reads them as text.

use std::fs::File;
use std::io::Read as _;
use std::path::Path;

/// What files begin with that are no text as it is read here, and what to do about them.
const BEGINNINGS: [(&[u8], &str); 6] = [
    (b"\x1f\x8b", "it is compressed (gzip); unpack it first"),
    (b"PK\x03\x04", "it is an archive or a workbook (zip); unpack it, or save it as CSV, first"),
    (b"\x28\xb5\x2f\xfd", "it is compressed (zstd); unpack it first"),
    (b"\xd0\xcf\x11\xe0", "it is a workbook; save it as CSV first"),
    (b"\xff\xfe", "it is in UTF-16; save it in UTF-8"),
    (b"\xfe\xff", "it is in UTF-16; save it in UTF-8"),
];
/// Longest of them.
const BYTES_MAX: u64 = 4;

/// Refuses what is no text, with what to do: read as text it would be a fault in each of its lines.
///
/// # Errors
/// A sentence.
pub(super) fn is_text(path: &Path) -> Result<(), String> {
    let fault = |error: std::io::Error| format!("{}: {error}", path.display());
    let mut begins = Vec::new();
    File::open(path).map_err(fault)?.take(BYTES_MAX).read_to_end(&mut begins).map_err(fault)?;
    let known = BEGINNINGS.iter().find(|(bytes, _)| begins.starts_with(bytes));
    known.map_or(Ok(()), |(_, what)| Err(format!("{}: {what}", path.display())))
}
