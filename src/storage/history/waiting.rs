//! The oldest rounds that are in no file.

use std::ops::ControlFlow;
use std::sync::Arc;

use super::view;
use crate::events::Rows;
use crate::storage::sql::{Sql, rows, values};
use crate::storage::{Portion, StorageError, Waiting};

/// Rounds of one stream that are looked at; more wait for the next time.
const ROUNDS_MAX: usize = 1024;

/// Of `streams`, or of all of them; a stream at a time.
pub(super) fn waiting(
    sql: &mut dyn Sql,
    portion: Portion,
    streams: Option<&[Arc<str>]>,
) -> Result<Waiting, StorageError> {
    let edition = view::edition(sql)?;
    let mut waiting = Waiting { edition, ..Waiting::default() };
    let full = "SELECT id, flushed FROM stream WHERE bytes > 0 ORDER BY id";
    let marks = sql.all(full, &[], |row| Ok((Arc::<str>::from(row.text(0)?), row.count(1)?)))?;
    let is_meant = |id: &Arc<str>| streams.is_none_or(|streams| streams.contains(id));
    let (mut events, mut bytes) = (0, 0);
    for (stream, flushed) in marks.into_iter().filter(|(id, _)| is_meant(id)) {
        let ask = "SELECT stream, seq, rows, events FROM tail WHERE stream = $1 AND seq > $2 \
                   ORDER BY seq LIMIT $3";
        let before = waiting.rows.len();
        sql.each(ask, values![stream.as_ref(), flushed, ROUNDS_MAX], &mut |row| {
            if events >= portion.events || bytes >= portion.bytes {
                waiting.more = true;
                return Ok(ControlFlow::Break(()));
            }
            let tail = rows::tail(row)?;
            events += row.count(3)?;
            bytes += Rows::unpacked_bytes(&tail.packed);
            waiting.marks.insert(Arc::clone(&stream), flushed);
            waiting.rows.push(tail);
            Ok(ControlFlow::Continue(()))
        })?;
        waiting.more |= waiting.rows.len() - before >= ROUNDS_MAX;
        if waiting.more {
            break;
        }
    }
    Ok(waiting)
}
