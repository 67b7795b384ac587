//! Folding again, from the tail, what a committer's last life held back.
//!
//! Touches of sessions, and what was counted of people.

mod counting;

use std::collections::HashMap;
use std::sync::Arc;

use serde::Deserialize;

use super::Parts;
use crate::events::Rows;
use crate::model::{SessionId, Time};
use crate::storage::{Changes, SessionRow, StorageError, Through};
use counting::Counting;

/// The columns that a touch is made of, and whose the event is.
#[derive(Deserialize)]
struct Touch<'a> {
    #[serde(borrow)]
    session_id: Option<std::borrow::Cow<'a, str>>,
    #[serde(borrow)]
    profile_id: Option<std::borrow::Cow<'a, str>>,
    received_at: std::borrow::Cow<'a, str>,
}

/// A session's touches, by the round that holds them.
type Touches = HashMap<SessionId, Vec<(Through, u64, Time)>>;

/// Brings every row up to the tail, and then moves the streams' marks.
pub(super) fn fold_again(parts: &Parts, stream: &Arc<str>, now: Time) -> Result<(), StorageError> {
    let storage = parts.storage.as_ref();
    let mut touches = Touches::new();
    let mut counting = Counting::begin(storage, &parts.watching)?;
    let mut read: HashMap<Arc<str>, u64> = HashMap::new();
    let (mut damaged, mut failed) = (0, None);
    storage.unfolded(&mut |row| {
        read.insert(Arc::clone(&row.at.stream), row.at.seq);
        match Rows::unpack(&row.packed) {
            Ok(rows) => {
                let counted = collect(&rows, &row.at, &mut touches, &mut counting);
                failed = failed.take().or(counted.err());
            }
            Err(_) => damaged += 1,
        }
    })?;
    if let Some(error) = failed {
        return Err(error);
    }
    if damaged > 0 {
        return Err(StorageError::Failed(format!("{damaged} tail rows cannot be read")));
    }
    if read.is_empty() {
        return Ok(());
    }
    // Rows and marks in one commit: a crash in between would fold the same again. What a
    // life may hold back is bounded (`committer.held_back_sessions_max`), and so is this.
    let mut sessions = Vec::new();
    for id in touches.keys() {
        let row = storage.session(id.as_str())?;
        sessions.extend(row.and_then(|row| touched(row, &touches)));
    }
    let changes = Changes {
        at: Through { stream: Arc::clone(stream), seq: 0 },
        time: now,
        sessions,
        profiles: counting.changed(),
        written_through: read.into_iter().map(|(stream, seq)| Through { stream, seq }).collect(),
        ..Changes::default()
    };
    storage.commit(&changes).map(|_| ())
}

fn collect(
    rows: &Rows,
    at: &Through,
    touches: &mut Touches,
    counting: &mut Counting<'_>,
) -> Result<(), StorageError> {
    for line in rows.iter() {
        let Ok(touch) = serde_json::from_slice::<Touch<'_>>(line) else { continue };
        if let Some(person) = &touch.profile_id {
            counting.count(person, line, at)?;
        }
        let (Some(id), Some(time)) = (touch.session_id, Time::parse(&touch.received_at)) else {
            continue;
        };
        let list = touches.entry(SessionId::new(id.as_ref())).or_default();
        match list.last_mut().filter(|(last, ..)| last == at) {
            Some((_, events, latest)) => (*events, *latest) = (*events + 1, time.max(*latest)),
            None => list.push((at.clone(), 1, time)),
        }
    }
    Ok(())
}

/// The session with the touches that its row has not seen, if there are any.
fn touched(row: SessionRow, touches: &Touches) -> Option<(Arc<crate::model::Session>, i64)> {
    let missing = touches.get(&row.session.id)?.iter().filter(|(at, ..)| !is_in(at, &row.through));
    let (mut session, mut changed) = (row.session, false);
    for (_, events, time) in missing {
        session.events += events;
        session.touched = session.touched.max(*time);
        changed = true;
    }
    changed.then(|| (Arc::new(session), row.version + 1))
}

/// Whether a round is in a row that says how far it goes.
fn is_in(at: &Through, through: &Through) -> bool {
    at.stream == through.stream && at.seq <= through.seq
}
