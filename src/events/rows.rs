//! The events of one round as the tail keeps them: JSON lines, compressed as one batch.

use std::borrow::Cow;
use std::cell::RefCell;
use std::collections::HashSet;
use std::ops::Range;

use serde::Deserialize;
use zstd::bulk::{Compressor, Decompressor};

use super::line;
use crate::model::Event;

/// zstd's level: 1 costs 7 µs a payload and halves what higher levels still could save.
const LEVEL: i32 = 1;
/// Largest batch after decompression, in bytes. A round is bounded far below; a row that claims
/// more is damaged.
const DECODED_BYTES_MAX: u64 = 1 << 30;

/// One tail row's worth of events.
#[derive(Clone, Debug, Default)]
pub struct Rows {
    /// The lines, uncompressed, each ending in a line feed.
    pub lines: Vec<u8>,
    /// How many.
    pub count: u64,
    seen: line::Seen,
}

/// The tail row is damaged.
#[derive(Debug, thiserror::Error)]
#[error("the rows cannot be read: {0}")]
pub struct Unreadable(#[from] std::io::Error);

impl Rows {
    /// So many lines, each ending in a line feed.
    #[must_use]
    pub fn of(lines: Vec<u8>, count: u64) -> Self {
        Self { lines, count, ..Self::default() }
    }

    /// Appends one event.
    ///
    /// # Errors
    /// When a JSON text inside is not well formed, which admission has ruled out.
    pub fn push(&mut self, event: &Event) -> Result<(), serde_json::Error> {
        let before = self.lines.len();
        if let Err(error) = line::write(event, &mut self.seen, &mut self.lines) {
            self.lines.truncate(before);
            return Err(error);
        }
        self.lines.push(b'\n');
        self.count += 1;
        Ok(())
    }

    /// As the tail keeps them.
    ///
    /// # Errors
    /// When the compressor fails, which is when memory ends.
    pub fn pack(&self) -> Result<Vec<u8>, Unreadable> {
        thread_local! {
            /// Its tables are a megabyte: made anew for every round they cost as much as the work.
            static COMPRESSOR: RefCell<Option<Compressor<'static>>> = const { RefCell::new(None) };
        }
        COMPRESSOR.with_borrow_mut(|kept| {
            let compressor = match kept {
                Some(compressor) => compressor,
                None => kept.insert(Compressor::new(LEVEL)?),
            };
            Ok(compressor.compress(&self.lines)?)
        })
    }

    /// From what the tail keeps: a frame says its size, since it was packed in one go.
    ///
    /// # Errors
    /// [`Unreadable`] when the bytes are damaged.
    pub fn unpack(packed: &[u8]) -> Result<Self, Unreadable> {
        thread_local! {
            /// Made anew for every round it costs as much as the work.
            static DECOMPRESSOR: RefCell<Option<Decompressor<'static>>> = const { RefCell::new(None) };
        }
        let said = Self::unpacked_bytes(packed);
        if said > DECODED_BYTES_MAX {
            return Err(Unreadable(std::io::ErrorKind::FileTooLarge.into()));
        }
        let lines = DECOMPRESSOR.with_borrow_mut(|kept| {
            let decompressor = match kept {
                Some(decompressor) => decompressor,
                None => kept.insert(Decompressor::new()?),
            };
            decompressor.decompress(packed, usize::try_from(said).unwrap_or_default())
        })?;
        let count = memchr::memchr_iter(b'\n', &lines).count() as u64;
        Ok(Self::of(lines, count))
    }

    /// What `packed` takes when it is unpacked, in bytes, by its own word.
    #[must_use]
    pub fn unpacked_bytes(packed: &[u8]) -> u64 {
        zstd::zstd_safe::get_frame_content_size(packed).ok().flatten().unwrap_or(0)
    }

    /// The lines, in the order committed.
    pub fn iter(&self) -> impl DoubleEndedIterator<Item = &[u8]> {
        self.lines.split(|byte| *byte == b'\n').filter(|line| !line.is_empty())
    }

    /// Where each of them stands.
    pub fn ranges(&self) -> impl Iterator<Item = Range<usize>> {
        let ends = memchr::memchr_iter(b'\n', &self.lines).chain([self.lines.len()]);
        let ranges = ends.scan(0, |from, to| Some(std::mem::replace(from, to + 1)..to));
        ranges.filter(|range| !range.is_empty())
    }
}

/// How a line says whose the event is: before everything that clients write as objects, and in a text
/// its quotes would be escaped.
const PROFILE: &[u8] = b",\"profile_id\":\"";

impl Rows {
    /// Where the lines of events stand that came under one of these ids.
    pub fn under<'a>(&'a self, ids: &'a HashSet<&str>) -> impl Iterator<Item = Range<usize>> + 'a {
        let finder = memchr::memmem::Finder::new(PROFILE);
        self.ranges().filter(move |range| {
            let line = &self.lines[range.clone()];
            // With its quotes; found in an object of an event of nobody, it may be one too many.
            let id = finder.find(line).and_then(|at| line.get(at + PROFILE.len() - 1..));
            id.and_then(text).is_some_and(|id| ids.contains(id.as_ref()))
        })
    }
}

/// The text of JSON that something begins with.
fn text(begun: &[u8]) -> Option<Cow<'_, str>> {
    #[derive(Deserialize)]
    struct Text<'a>(#[serde(borrow)] Cow<'a, str>);
    let mut texts = serde_json::Deserializer::from_slice(begun).into_iter::<Text<'_>>();
    texts.next()?.ok().map(|text| text.0)
}

/// How the line of the event `id` begins.
pub(super) fn id_prefix(id: &str) -> Vec<u8> {
    format!("{{\"id\":{},", serde_json::Value::from(id)).into_bytes()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_found_from_both_ends_and_by_where_they_stand() {
        for text in ["", "\n", "a", "a\n", "a\nbb\n", "\n\na\n\nbb"] {
            let rows = Rows::of(text.as_bytes().to_vec(), 0);
            let lines: Vec<&[u8]> = rows.iter().collect();
            let stands: Vec<&[u8]> = rows.ranges().map(|range| &rows.lines[range]).collect();
            assert_eq!(lines, stands, "{text:?}");
        }
        let rows = Rows::of(b"\n\na\n\nbb".to_vec(), 2);
        assert_eq!(rows.ranges().collect::<Vec<_>>(), [2..3, 5..7]);
        assert_eq!(rows.iter().rev().collect::<Vec<_>>(), [b"bb".as_slice(), b"a"]);
    }
}
