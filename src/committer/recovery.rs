//! Folding again, from the tail, the touches that a committer's last life held back.

use std::collections::HashMap;
use std::sync::Arc;

use serde::Deserialize;

use crate::events::Rows;
use crate::model::{SessionId, Time};
use crate::storage::{Changes, SessionRow, Storage, StorageError, Through};

/// The columns that a touch is made of.
#[derive(Deserialize)]
struct Touch<'a> {
    #[serde(borrow)]
    session_id: Option<std::borrow::Cow<'a, str>>,
    received_at: std::borrow::Cow<'a, str>,
}

/// A session's touches, by the round that holds them.
type Touches = HashMap<SessionId, Vec<(Through, u64, Time)>>;

/// Brings every session row up to the tail, and then moves the streams' marks.
pub(super) fn fold_again(
    storage: &dyn Storage,
    stream: &Arc<str>,
    now: Time,
) -> Result<(), StorageError> {
    let mut touches = Touches::new();
    let mut read: HashMap<Arc<str>, u64> = HashMap::new();
    let mut damaged = 0;
    storage.unfolded(&mut |row| {
        read.insert(Arc::clone(&row.at.stream), row.at.seq);
        match Rows::unpack(&row.packed) {
            Ok(rows) => collect(&rows, &row.at, &mut touches),
            Err(_) => damaged += 1,
        }
    })?;
    if damaged > 0 {
        return Err(StorageError::Failed(format!("{damaged} tail rows cannot be read")));
    }
    if read.is_empty() {
        return Ok(());
    }
    // Rows and marks in one commit: a crash in between would fold the same touches twice. What a
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
        written_through: read.into_iter().map(|(stream, seq)| Through { stream, seq }).collect(),
        ..Changes::default()
    };
    storage.commit(&changes).map(|_| ())
}

fn collect(rows: &Rows, at: &Through, touches: &mut Touches) {
    for line in rows.iter() {
        let Ok(touch) = serde_json::from_slice::<Touch<'_>>(line) else { continue };
        let (Some(id), Some(time)) = (touch.session_id, Time::parse(&touch.received_at)) else {
            continue;
        };
        let list = touches.entry(SessionId::new(id.as_ref())).or_default();
        match list.last_mut().filter(|(last, ..)| last == at) {
            Some((_, events, latest)) => (*events, *latest) = (*events + 1, time.max(*latest)),
            None => list.push((at.clone(), 1, time)),
        }
    }
}

/// The session with the touches that its row has not seen, if there are any.
fn touched(row: SessionRow, touches: &Touches) -> Option<(Arc<crate::model::Session>, i64)> {
    let is_in = |at: &Through| at.stream == row.through.stream && at.seq <= row.through.seq;
    let missing = touches.get(&row.session.id)?.iter().filter(|(at, ..)| !is_in(at));
    let (mut session, mut changed) = (row.session, false);
    for (_, events, time) in missing {
        session.events += events;
        session.touched = session.touched.max(*time);
        changed = true;
    }
    changed.then(|| (Arc::new(session), row.version + 1))
}
