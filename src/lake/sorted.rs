//! Files read as one, sorted by person and time, a range of people at a time.
//!
//! DuckDB sorts all of what it is given in memory, or beside it, and takes several times its size.
//! So ranges are sorted one after the other into parts, and the parts are read in their order.

use super::engine::literal;
use super::workshop::Workshop;
use super::{Lake, LakeError, ScratchFile};
use crate::storage::DataFile;

/// How files are sorted; a flush does the same by [`crate::events::SortKey`].
const ORDER: &str = "ORDER BY profile_id, time, received_at, position NULLS FIRST, id";

/// What is in a range, about: so many events, or so many bytes of a file.
const RANGE_EVENTS: u64 = 32_768;
const RANGE_BYTES: u64 = 2 << 20;
/// Ranges, at most: each looks into every file. Beyond it they grow.
const RANGES_MAX: u64 = 128;
/// Events that are asked for their person, to find ranges that are about as large.
const SAMPLE_EVENTS: u64 = 8192;

/// Sorted parts, on disk until this is dropped.
pub(super) struct Parts(Vec<ScratchFile>);

impl Parts {
    /// A query for all of them, in order.
    pub(super) fn sql(&self) -> String {
        let paths: Vec<String> =
            self.0.iter().map(|file| literal(&file.path().to_string_lossy())).collect();
        format!("SELECT * FROM read_parquet([{}])", paths.join(", "))
    }
}

impl Lake {
    /// Sorts what is in `files`.
    pub(super) fn sort(
        &self,
        workshop: &mut Workshop<'_>,
        files: &[DataFile],
    ) -> Result<Parts, LakeError> {
        let held = self.files.for_job(&files.iter().collect::<Vec<_>>())?;
        let from = format!("FROM {}", held.sql().unwrap_or_default());
        let bounds = bounds(workshop, &from, ranges(files))?;
        let mut parts = Parts(Vec::new());
        for at in 0..=bounds.len() {
            let lower = at.checked_sub(1).and_then(|before| bounds.get(before));
            let file = self.scratch_file("parquet");
            workshop.run(format!(
                "COPY (SELECT * {from} WHERE {} {ORDER}) TO {} \
                 (FORMAT parquet, COMPRESSION lz4_raw, ROW_GROUP_SIZE 16384)",
                range(lower, bounds.get(at)),
                literal(&file.path().to_string_lossy()),
            ))?;
            parts.0.push(file);
        }
        Ok(parts)
    }
}

fn ranges(files: &[DataFile]) -> u64 {
    let (events, bytes) =
        files.iter().fold((0, 0), |(events, bytes), file| (events + file.rows, bytes + file.bytes));
    let wanted = events.div_ceil(RANGE_EVENTS).max(bytes.div_ceil(RANGE_BYTES));
    wanted.clamp(1, RANGES_MAX)
}

/// Ids that divide the people of `from` into as many ranges, fewer when one of them is much of it.
fn bounds(workshop: &mut Workshop<'_>, from: &str, ranges: u64) -> Result<Vec<String>, LakeError> {
    let sql = format!(
        "SELECT DISTINCT id FROM (SELECT max(profile_id) AS id FROM ( \
         SELECT profile_id, ntile({ranges}) OVER (ORDER BY profile_id) AS part FROM ( \
         SELECT profile_id {from} WHERE profile_id IS NOT NULL \
         USING SAMPLE reservoir({SAMPLE_EVENTS} ROWS) REPEATABLE (1))) \
         WHERE part < {ranges} GROUP BY part) ORDER BY id"
    );
    Ok(workshop.rows(sql)?.into_iter().flatten().flatten().collect())
}

/// From the first id up to the second, without it. Those without a person come last.
fn range(lower: Option<&String>, upper: Option<&String>) -> String {
    let lower = lower.map(|id| format!("profile_id >= {}", literal(id)));
    let upper = upper.map(|id| format!("profile_id < {}", literal(id)));
    match (lower, upper) {
        (None, None) => "true".to_owned(),
        (Some(lower), None) => format!("({lower} OR profile_id IS NULL)"),
        (None, Some(upper)) => upper,
        (Some(lower), Some(upper)) => format!("{lower} AND {upper}"),
    }
}
