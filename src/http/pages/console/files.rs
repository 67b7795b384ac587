//! The console's files, each compressed in two ways by the build.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::io::Read as _;
use std::sync::LazyLock;

use axum::http::HeaderValue;
use bytes::Bytes;
use flate2::read::GzDecoder;
use sha2::{Digest as _, Sha256};

/// A file of the console.
pub(super) struct File {
    /// Its media type.
    pub(super) kind: &'static str,
    /// By which a browser knows what it has.
    pub(super) tag: HeaderValue,
    brotli: Bytes,
    gzip: Bytes,
}

/// How a body is sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Encoding {
    /// As it is.
    Plain,
    /// By this name.
    Named(&'static str),
}

/// A name with its ending, and what is in it.
type Part = (Cow<'static, str>, Cow<'static, [u8]>);

static FILES: LazyLock<BTreeMap<String, File>> = LazyLock::new(|| files(parts()));

/// The file of this name, without the ending of its compression.
pub(super) fn named(name: &str) -> Option<&'static File> {
    FILES.get(name)
}

#[cfg(not(console_in_folder))]
fn parts() -> Vec<Part> {
    let all: &[(&str, &[u8])] = include!(concat!(env!("OUT_DIR"), "/console.rs"));
    all.iter().map(|(name, bytes)| (Cow::Borrowed(*name), Cow::Borrowed(*bytes))).collect()
}

/// What the folder holds when it is first asked for; see `build.rs`.
#[cfg(console_in_folder)]
fn parts() -> Vec<Part> {
    let root = std::path::Path::new(env!("CONSOLE_FOLDER"));
    let (mut folders, mut parts) = (vec![root.to_owned()], Vec::new());
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).into_iter().flatten().flatten() {
            let path = entry.path();
            if path.is_dir() {
                folders.push(path);
            } else if let (Ok(name), Ok(bytes)) = (path.strip_prefix(root), std::fs::read(&path)) {
                let name = name.to_string_lossy().into_owned();
                parts.push((Cow::Owned(name), Cow::Owned(bytes)));
            }
        }
    }
    parts
}

/// Those files that are there in both ways.
fn files(parts: Vec<Part>) -> BTreeMap<String, File> {
    let bytes = |part: Cow<'static, [u8]>| match part {
        Cow::Borrowed(part) => Bytes::from_static(part),
        Cow::Owned(part) => Bytes::from(part),
    };
    let mut all: BTreeMap<_, _> =
        parts.into_iter().map(|(name, part)| (name.into_owned(), bytes(part))).collect();
    let names: Vec<String> =
        all.keys().filter_map(|name| name.strip_suffix(".gz")).map(str::to_owned).collect();
    let file = |name: String| {
        let gzip = all.remove(&format!("{name}.gz"))?;
        let brotli = all.remove(&format!("{name}.br"))?;
        Some((name.clone(), File { kind: kind(&name), tag: tag(&gzip), brotli, gzip }))
    };
    names.into_iter().filter_map(file).collect()
}

impl File {
    /// Whether one of the tags that a browser names is this file's.
    pub(super) fn is_one_of(&self, known: &str) -> bool {
        let tag = self.tag.to_str().unwrap_or_default();
        known.split(',').any(|one| one.trim().trim_start_matches("W/") == tag)
    }

    /// The body in the smallest way that the browser takes.
    pub(super) fn body(&self, accepted: &str) -> (Bytes, Encoding) {
        let takes = |name: &str| accepted.split(',').any(|way| takes(way, name));
        if takes("br") {
            return (self.brotli.clone(), Encoding::Named("br"));
        }
        if takes("gzip") {
            return (self.gzip.clone(), Encoding::Named("gzip"));
        }
        let mut plain = Vec::new();
        // The build has made it, so it is whole.
        let read = GzDecoder::new(self.gzip.as_ref()).read_to_end(&mut plain);
        (read.map_or_else(|_| Bytes::new(), |_| Bytes::from(plain)), Encoding::Plain)
    }
}

/// Whether `way`, of a header `Accept-Encoding`, is this one and not forbidden.
fn takes(way: &str, name: &str) -> bool {
    let mut parts = way.split(';').map(str::trim);
    let is_it = parts.next().is_some_and(|named| named.eq_ignore_ascii_case(name));
    is_it && !parts.any(|weight| matches!(weight, "q=0" | "q=0.0" | "q=0.00" | "q=0.000"))
}

fn tag(bytes: &[u8]) -> HeaderValue {
    let digest = Sha256::digest(bytes);
    let hash: String = digest.iter().take(8).map(|byte| format!("{byte:02x}")).collect();
    HeaderValue::from_str(&format!("\"{hash}\"")).unwrap_or(HeaderValue::from_static("\"\""))
}

/// The media type, by the name's ending.
fn kind(name: &str) -> &'static str {
    match name.rsplit('.').next().unwrap_or_default() {
        "html" => "text/html; charset=utf-8",
        "js" => "text/javascript; charset=utf-8",
        "css" => "text/css; charset=utf-8",
        "svg" => "image/svg+xml",
        "json" => "application/json",
        _ => "application/octet-stream",
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write as _;

    use flate2::Compression;
    use flate2::write::GzEncoder;

    use super::*;

    fn part(name: &str, bytes: &[u8]) -> Part {
        (Cow::Owned(name.to_owned()), Cow::Owned(bytes.to_owned()))
    }

    fn one() -> File {
        let mut zip = GzEncoder::new(Vec::new(), Compression::best());
        zip.write_all(b"let a = 1").unwrap();
        let gzip = zip.finish().unwrap();
        let mut all = files(vec![part("assets/a.js.gz", &gzip), part("assets/a.js.br", b"brotli")]);
        all.remove("assets/a.js").unwrap()
    }

    #[test]
    fn a_file_comes_in_the_smallest_way_that_is_taken() {
        let file = one();
        let check = |accepted: &str, expected: Encoding| {
            assert_eq!(file.body(accepted).1, expected, "{accepted:?}");
        };
        check("gzip, deflate, br, zstd", Encoding::Named("br"));
        check("gzip;q=1.0, br;q=0", Encoding::Named("gzip"));
        check("GZIP", Encoding::Named("gzip"));
        check("deflate, gzip; q=0", Encoding::Plain);
        assert_eq!(
            file.body("").0.as_ref(),
            b"let a = 1",
            "and unpacked for whoever takes neither"
        );
    }

    #[test]
    fn a_file_that_lacks_a_way_is_none() {
        assert!(files(vec![part("a.js.gz", b""), part("b.js.br", b"")]).is_empty());
    }

    #[test]
    fn a_browser_knows_a_file_by_its_tag() {
        let file = one();
        let tag = file.tag.to_str().unwrap().to_owned();
        for known in [tag.clone(), format!("W/{tag}"), format!("\"other\", {tag}")] {
            assert!(file.is_one_of(&known), "{known}");
        }
        assert!(!file.is_one_of("\"other\""));
    }
}
