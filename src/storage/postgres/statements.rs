//! The statements of a round.

use deadpool_postgres::Object;
use tokio_postgres::Statement;

use super::commit::Of;
use super::pipeline::Pipeline;
use super::written::Written;
use crate::model::Id;
use crate::storage::sql::Value;
use crate::storage::standings::{END_ALARM, ENTER, LEAVE, SET_ALARM};
use crate::storage::{Changes, StorageError};

/// Names each statement once: its field, and what it says.
macro_rules! statements {
    ($($name:ident: $text:expr;)*) => {
        /// Every statement of a round, prepared on one connection.
        pub(super) struct Prepared { $(pub(super) $name: Statement,)* }

        impl Prepared {
            /// Prepared once; after that they are at hand.
            pub(super) async fn on(client: &Object) -> Result<Self, StorageError> {
                Ok(Self { $($name: client.prepare_cached($text).await?,)* })
            }
        }
    };
}

statements! {
    session_versions: "SELECT id, version FROM session WHERE id = ANY($1)";
    profile_versions: "SELECT id, version FROM profile WHERE id = ANY($1)";
    lock_profile: "SELECT id FROM profile WHERE id = $1 FOR UPDATE";
    new_session: "INSERT INTO session (id, profile_id, version, stream, seq, body) \
        VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT (id) DO NOTHING";
    session: "UPDATE session SET profile_id = $2, version = $3, stream = $4, seq = $5, body = $6 \
        WHERE id = $1 AND version = $7";
    new_profile: "INSERT INTO profile (id, version, body) VALUES ($1, $2, $3) \
        ON CONFLICT (id) DO NOTHING";
    profile: "UPDATE profile SET version = $2, body = $3 WHERE id = $1 AND version = $4";
    end_profile: "DELETE FROM profile WHERE id = $1 AND version = $2";
    new_alias: "INSERT INTO alias (id, profile_id) VALUES ($1, $2) ON CONFLICT (id) DO NOTHING";
    repoint: "UPDATE alias SET profile_id = $1 WHERE profile_id = $2";
    merge: "INSERT INTO merge (loser, winner, merged_at, body, stream, seq) \
        VALUES ($1, $2, $3, $4, $5, $6)";
    set_alarm: SET_ALARM;
    end_alarm: END_ALARM;
    enter: ENTER;
    leave: LEAVE;
    identifier: "INSERT INTO identifier (namespace, hash, profile_id) VALUES ($1, $2, $3) \
        ON CONFLICT (namespace, hash) DO UPDATE SET profile_id = excluded.profile_id \
        WHERE identifier.profile_id = $4";
    mark: "INSERT INTO seen (hash, rest, day) VALUES ($1, $2, $3) \
        ON CONFLICT (hash) DO UPDATE SET rest = excluded.rest, day = excluded.day \
        WHERE seen.rest <> excluded.rest";
    tail: "INSERT INTO tail (stream, seq, committed_at, events, rows) VALUES ($1, $2, $3, $4, $5)";
    merged: "UPDATE stream SET merged = $1 WHERE id = $2";
    stream: "UPDATE stream SET written_through = $1, events = events + $2, bytes = bytes + $3 \
        WHERE id = $4";
}

/// Sends everything that a round causes: sessions, then profiles, each by id (see `load::lock`).
pub(super) fn write<'a>(
    pipeline: &mut Pipeline<'a, Of<'a>>,
    prepared: &'a Prepared,
    changes: &'a Changes,
    written: &'a Written<'_>,
) {
    write_sessions(pipeline, prepared, changes, written);
    write_profiles(pipeline, prepared, changes, written);
    write_standings(pipeline, prepared, changes);
    let (time, day) = (changes.time.micros(), changes.time.day());
    for bound in &written.identifiers {
        let was = bound.was.as_ref().map(Id::as_str);
        let (key, holder) = (&bound.key, bound.holder.as_str());
        let values = [key.namespace.as_str().into(), (&key.hash).into(), holder.into(), was.into()];
        pipeline.send(Of::Identifier(key), &prepared.identifier, values);
    }
    for [hash, rest] in &written.marks {
        pipeline.send(Of::Other, &prepared.mark, [hash, rest, &day].map(|number| (*number).into()));
    }
    if changes.at.stream.is_empty() {
        return;
    }
    let (stream, seq) = (Value::from(changes.at.stream.as_ref()), Value::from(changes.at.seq));
    let (events, mut bytes) = (Value::from(changes.rows.count), 0);
    if let Some(packed) = &written.packed {
        let values = [stream, seq, time.into(), events, packed.as_slice().into()];
        pipeline.send(Of::Any, &prepared.tail, values);
        bytes = packed.len();
    }
    if !written.merges.is_empty() {
        pipeline.send(Of::Stream, &prepared.merged, [seq, stream]);
    }
    // Last, since a flush waits for this row; and it tells how the commit ended (see `settle`).
    pipeline.send(Of::Stream, &prepared.stream, [seq, events, bytes.into(), stream]);
}

fn write_sessions<'a>(
    pipeline: &mut Pipeline<'a, Of<'a>>,
    prepared: &'a Prepared,
    changes: &'a Changes,
    written: &'a Written<'_>,
) {
    let (stream, seq) = (Value::from(changes.at.stream.as_ref()), Value::from(changes.at.seq));
    for (session, version, body) in &written.sessions {
        let (id, profile) = (session.id.as_str().into(), session.profile.as_ref().map(Id::as_str));
        let (version, body) = (*version, Value::from(body));
        let of = Of::Session(&session.id);
        if version == 1 {
            let values = [id, profile.into(), version.into(), stream, seq, body];
            pipeline.send(of, &prepared.new_session, values);
        } else {
            let was = (version - 1).into();
            let values = [id, profile.into(), version.into(), stream, seq, body, was];
            pipeline.send(of, &prepared.session, values);
        }
    }
}

fn write_profiles<'a>(
    pipeline: &mut Pipeline<'a, Of<'a>>,
    prepared: &'a Prepared,
    changes: &'a Changes,
    written: &'a Written<'_>,
) {
    for (id, version, body) in &written.profiles {
        let (of, id, was) = (Of::Profile(id), Value::from(id.as_str()), version - 1);
        match body {
            None => pipeline.send(of, &prepared.end_profile, [id, (*version).into()]),
            Some(body) if was == 0 => {
                pipeline.send(of, &prepared.new_profile, [id, (*version).into(), body.into()]);
            }
            Some(body) => {
                let values = [id, (*version).into(), body.into(), was.into()];
                pipeline.send(of, &prepared.profile, values);
            }
        }
    }
    for (id, leads_to) in &changes.aliases {
        let values = [id.as_str().into(), leads_to.as_str().into()];
        pipeline.send(Of::Other, &prepared.new_alias, values);
    }
    for (merge, body) in &written.merges {
        let (loser, winner) = (Value::from(merge.loser.as_str()), merge.winner.as_str().into());
        pipeline.send(Of::Any, &prepared.repoint, [winner, loser]);
        let (at, time) = (&changes.at, changes.time.micros().into());
        let at = [at.stream.as_ref().into(), at.seq.into()];
        let values = [loser, winner, time, body.into(), at[0], at[1]];
        pipeline.send(Of::Any, &prepared.merge, values);
    }
}

/// After the profiles: whoever writes where somebody stands has written them, and waits for nobody here.
fn write_standings<'a>(
    pipeline: &mut Pipeline<'a, Of<'a>>,
    prepared: &'a Prepared,
    changes: &'a Changes,
) {
    for (id, at) in &changes.alarms {
        let id = Value::from(id.as_str());
        match at {
            Some(at) => pipeline.send(Of::Any, &prepared.set_alarm, [id, at.micros().into()]),
            None => pipeline.send(Of::Any, &prepared.end_alarm, [id]),
        }
    }
    for (audience, id, since) in &changes.memberships {
        let (audience, id) = (Value::from(audience.as_ref()), Value::from(id.as_str()));
        match since {
            Some(since) => {
                pipeline.send(Of::Any, &prepared.enter, [audience, id, since.micros().into()]);
            }
            None => pipeline.send(Of::Any, &prepared.leave, [audience, id]),
        }
    }
}
