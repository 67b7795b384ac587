//! Is the data whole? What Kith promises about it, whatever the engine says about itself.

use std::ops::ControlFlow;

use super::StorageError;
use super::sql::{Sql, rows};
use super::tables::{Promise, TABLES};
use crate::events::Rows;

/// Everything wrong, one sentence each.
pub(super) fn check(sql: &mut dyn Sql) -> Result<Vec<String>, StorageError> {
    let mut problems = Vec::new();
    for Promise { broken, meaning } in TABLES.iter().filter_map(|table| table.promise) {
        let offenders = sql.number(broken, &[])?;
        if offenders > 0 {
            problems.push(format!("{offenders} {meaning}"));
        }
    }
    bodies(sql, &mut problems)?;
    tail(sql, &mut problems)?;
    counters(sql, &mut problems)?;
    Ok(problems)
}

/// Every body can be read.
fn bodies(sql: &mut dyn Sql, problems: &mut Vec<String>) -> Result<(), StorageError> {
    let mut damaged = 0;
    sql.each("SELECT body FROM profile", &[], &mut |row| {
        damaged += usize::from(rows::profile(row.text(0)?).is_err());
        Ok(ControlFlow::Continue(()))
    })?;
    sql.each(rows::SESSION, &[], &mut |row| {
        damaged += usize::from(rows::session(row).is_err());
        Ok(ControlFlow::Continue(()))
    })?;
    if damaged > 0 {
        problems.push(format!("{damaged} bodies of profiles or sessions cannot be read"));
    }
    Ok(())
}

/// Every tail row holds as many events as it says.
fn tail(sql: &mut dyn Sql, problems: &mut Vec<String>) -> Result<(), StorageError> {
    sql.each("SELECT stream, seq, rows, events FROM tail", &[], &mut |row| {
        let (at, events) = (rows::tail(row)?, row.count(3)?);
        let place = format!("tail row {} {}", at.at.stream, at.at.seq);
        match Rows::unpack(&at.packed) {
            Ok(rows) if rows.count == events => {}
            Ok(rows) => problems.push(format!("{place} holds {} events, not {events}", rows.count)),
            Err(error) => problems.push(format!("{place}: {error}")),
        }
        Ok(ControlFlow::Continue(()))
    })
}

/// Every stream's counters say what its tail holds.
fn counters(sql: &mut dyn Sql, problems: &mut Vec<String>) -> Result<(), StorageError> {
    let ask = "SELECT stream.id, stream.events, CAST(coalesce(sum(tail.events), 0) AS BIGINT), \
               stream.bytes, CAST(coalesce(sum(length(tail.rows)), 0) AS BIGINT) \
               FROM stream LEFT JOIN tail ON tail.stream = stream.id AND tail.seq > stream.flushed \
               GROUP BY stream.id, stream.events, stream.bytes";
    sql.each(ask, &[], &mut |row| {
        let [events, in_tail] = [row.number(1)?, row.number(2)?];
        let [bytes, of_tail] = [row.number(3)?, row.number(4)?];
        if events != in_tail || bytes != of_tail {
            problems.push(format!(
                "stream {} counts {events} events of {bytes} bytes, and its tail holds {in_tail} \
                 of {of_tail}",
                row.text(0)?
            ));
        }
        Ok(ControlFlow::Continue(()))
    })
}
