//! The statements of a round.

use deadpool_postgres::Object;
use tokio_postgres::Statement;

use super::commit::Of;
use super::pipeline::Pipeline;
use super::written::{Handed, Sessions, Written};
use crate::storage::sql::Value;
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
    lock_sessions: "SELECT id FROM session WHERE id = ANY($1) ORDER BY id COLLATE \"C\" FOR UPDATE";
    lock_profiles: "SELECT id FROM profile WHERE id = ANY($1) ORDER BY id COLLATE \"C\" FOR UPDATE";
    new_sessions: "INSERT INTO session (id, profile_id, version, stream, seq, body) \
        SELECT v.id, v.profile_id, v.version, $5, $6, v.body \
        FROM unnest($1::text[], $2::text[], $3::bigint[], $4::text[]) \
        AS v (id, profile_id, version, body) ON CONFLICT (id) DO NOTHING RETURNING id";
    sessions: "UPDATE session SET profile_id = v.profile_id, version = v.version, stream = $5, \
        seq = $6, body = v.body \
        FROM unnest($1::text[], $2::text[], $3::bigint[], $4::text[]) \
        AS v (id, profile_id, version, body) \
        WHERE session.id = v.id AND session.version = v.version - 1 RETURNING session.id";
    new_profiles: "INSERT INTO profile (id, version, body) \
        SELECT * FROM unnest($1::text[], $2::bigint[], $3::text[]) \
        ON CONFLICT (id) DO NOTHING RETURNING id";
    profiles: "UPDATE profile SET version = v.version, body = v.body \
        FROM unnest($1::text[], $2::bigint[], $3::text[]) AS v (id, version, body) \
        WHERE profile.id = v.id AND profile.version = v.version - 1 RETURNING profile.id";
    end_profiles: "DELETE FROM profile USING unnest($1::text[], $2::bigint[]) AS v (id, version) \
        WHERE profile.id = v.id AND profile.version = v.version RETURNING profile.id";
    new_aliases: "INSERT INTO alias (id, profile_id) SELECT * FROM unnest($1::text[], $2::text[]) \
        ON CONFLICT (id) DO NOTHING";
    repoint: "UPDATE alias SET profile_id = $1 WHERE profile_id = $2";
    merge: "INSERT INTO merge (loser, winner, merged_at, body, stream, seq) \
        VALUES ($1, $2, $3, $4, $5, $6)";
    set_alarms: "INSERT INTO alarm (profile_id, at) \
        SELECT * FROM unnest($1::text[], $2::bigint[]) \
        ON CONFLICT (profile_id) DO UPDATE SET at = excluded.at";
    end_alarms: "DELETE FROM alarm WHERE profile_id = ANY($1)";
    enter: "INSERT INTO membership (audience, profile_id, since) \
        SELECT * FROM unnest($1::text[], $2::text[], $3::bigint[]) \
        ON CONFLICT (audience, profile_id) DO UPDATE SET since = excluded.since";
    leave: "DELETE FROM membership USING unnest($1::text[], $2::text[]) AS v (audience, profile_id) \
        WHERE membership.audience = v.audience AND membership.profile_id = v.profile_id";
    new_identifiers: "INSERT INTO identifier (namespace, hash, profile_id) \
        SELECT * FROM unnest($1::text[], $2::text[], $3::text[]) \
        ON CONFLICT (namespace, hash) DO NOTHING RETURNING namespace, hash";
    identifiers: "UPDATE identifier SET profile_id = v.profile_id \
        FROM unnest($1::text[], $2::text[], $3::text[], $4::text[]) \
        AS v (namespace, hash, profile_id, was) \
        WHERE identifier.namespace = v.namespace AND identifier.hash = v.hash \
        AND identifier.profile_id = v.was RETURNING identifier.namespace, identifier.hash";
    marks: "INSERT INTO seen (hash, rest, day) \
        SELECT v.hash, v.rest, $3 FROM unnest($1::bigint[], $2::bigint[]) AS v (hash, rest) \
        ON CONFLICT (hash) DO UPDATE SET rest = excluded.rest, day = excluded.day \
        WHERE seen.rest <> excluded.rest";
    tail: "INSERT INTO tail (stream, seq, committed_at, events, rows) VALUES ($1, $2, $3, $4, $5)";
    merged: "UPDATE stream SET merged = $1 WHERE id = $2";
    stream: "UPDATE stream SET written_through = $1, events = events + $2, bytes = bytes + $3 \
        WHERE id = $4";
}

/// A round on its way.
pub(super) struct Writing<'a, 'b> {
    pub(super) pipeline: &'b mut Pipeline<'a, Of<'a>>,
    pub(super) prepared: &'a Prepared,
    pub(super) changes: &'a Changes,
    pub(super) written: &'a Written<'a>,
    /// Rows of many places cannot be locked by one statement. Two rounds that get in each other's way are
    /// told apart by the database then.
    pub(super) spreads: bool,
}

impl<'a> Writing<'a, '_> {
    /// Sends everything that a round causes: sessions, then profiles, each by id (see `load::lock`).
    pub(super) fn all(mut self) {
        self.sessions();
        self.profiles();
        self.standings();
        self.identifiers();
        if !self.changes.at.stream.is_empty() {
            self.round();
        }
    }

    /// Those that are there are locked in order first: a statement over many takes them in any.
    fn sessions(&mut self) {
        let (prepared, Written { sessions, new_sessions, .. }) = (self.prepared, self.written);
        if sessions.ids.len() > 1 && !self.spreads {
            self.pipeline.all(Of::Any, &prepared.lock_sessions, [&sessions.ids]);
        }
        self.sessions_by(&prepared.sessions, sessions);
        self.sessions_by(&prepared.new_sessions, new_sessions);
    }

    fn sessions_by(&mut self, statement: &'a Statement, sessions: &'a Sessions<'a>) {
        let Sessions { ids, profiles, versions, bodies } = sessions;
        if !ids.is_empty() {
            let (of, Written { stream, seq, .. }) = (Of::WrittenSessions(ids), self.written);
            self.pipeline.all(of, statement, [ids, profiles, versions, bodies, stream, seq]);
        }
    }

    fn profiles(&mut self) {
        let (prepared, written) = (self.prepared, self.written);
        if written.locked_profiles.len() > 1 && !self.spreads {
            self.pipeline.all(Of::Any, &prepared.lock_profiles, [&written.locked_profiles]);
        }
        let kinds = [
            (&prepared.profiles, &written.profiles),
            (&prepared.new_profiles, &written.new_profiles),
        ];
        for (statement, profiles) in kinds.into_iter().filter(|(_, some)| !some.ids.is_empty()) {
            let of = Of::WrittenProfiles(&profiles.ids);
            let columns = [&profiles.ids as _, &profiles.versions as _, &profiles.bodies as _];
            self.pipeline.all(of, statement, columns);
        }
        let ended = &written.ended;
        if !ended.ids.is_empty() {
            let of = Of::WrittenProfiles(&ended.ids);
            self.pipeline.all(of, &prepared.end_profiles, [&ended.ids, &ended.versions]);
        }
        let [ids, to] = &written.aliases;
        if !ids.is_empty() {
            self.pipeline.change(Of::Rows(ids.len()), &prepared.new_aliases, [ids, to]);
        }
        self.merges();
    }

    fn merges(&mut self) {
        let (prepared, at) = (self.prepared, &self.changes.at);
        for (merge, body) in &self.written.merges {
            let (loser, winner) = (Value::from(merge.loser.as_str()), merge.winner.as_str().into());
            self.pipeline.send(Of::Any, &prepared.repoint, [winner, loser]);
            let time = self.changes.time.micros().into();
            let at = [at.stream.as_ref().into(), at.seq.into()];
            let values = [loser, winner, time, body.into(), at[0], at[1]];
            self.pipeline.send(Of::Any, &prepared.merge, values);
        }
    }

    /// After the profiles: whoever writes where somebody stands has written them, and waits for nobody here.
    fn standings(&mut self) {
        let (prepared, written) = (self.prepared, self.written);
        let (alarms, memberships) = (&written.alarms, &written.memberships);
        if !alarms.set.0.is_empty() {
            let columns = [&alarms.set.0 as _, &alarms.set.1 as _];
            self.pipeline.change(Of::Any, &prepared.set_alarms, columns);
        }
        if !alarms.ended.is_empty() {
            self.pipeline.change(Of::Any, &prepared.end_alarms, [&alarms.ended]);
        }
        let (audiences, people, since) = &memberships.entered;
        if !people.is_empty() {
            let columns = [audiences as _, people as _, since as _];
            self.pipeline.change(Of::Any, &prepared.enter, columns);
        }
        let (audiences, people) = &memberships.left;
        if !people.is_empty() {
            self.pipeline.change(Of::Any, &prepared.leave, [audiences, people]);
        }
    }

    fn identifiers(&mut self) {
        let (prepared, written) = (self.prepared, self.written);
        for Handed { new, changed } in &written.identifiers {
            let (of, (namespaces, hashes)) = (Of::WrittenIdentifiers(&new.keys), &new.names);
            if !new.keys.is_empty() {
                let columns = [namespaces as _, hashes as _, &new.holders as _];
                self.pipeline.all(of, &prepared.new_identifiers, columns);
            }
            let (of, (namespaces, hashes)) =
                (Of::WrittenIdentifiers(&changed.keys), &changed.names);
            if !changed.keys.is_empty() {
                let columns =
                    [namespaces as _, hashes as _, &changed.holders as _, &changed.was as _];
                self.pipeline.all(of, &prepared.identifiers, columns);
            }
        }
        for [hashes, rests] in &written.marks {
            let columns = [hashes as _, rests as _, &written.day as _];
            self.pipeline.change(Of::Rows(hashes.len()), &prepared.marks, columns);
        }
    }

    /// The round itself: its events, and how far its stream is.
    fn round(&mut self) {
        let (prepared, changes, time) = (self.prepared, self.changes, self.changes.time.micros());
        let (stream, seq) = (Value::from(changes.at.stream.as_ref()), Value::from(changes.at.seq));
        let (events, mut bytes) = (Value::from(changes.rows.count), 0);
        if let Some(packed) = &self.written.packed {
            let values = [stream, seq, time.into(), events, packed.as_slice().into()];
            self.pipeline.send(Of::Any, &prepared.tail, values);
            bytes = packed.len();
        }
        if !self.written.merges.is_empty() {
            self.pipeline.send(Of::Stream, &prepared.merged, [seq, stream]);
        }
        // Last, since a flush waits for this row; and it tells how the commit ended (see `settle`).
        self.pipeline.send(Of::Stream, &prepared.stream, [seq, events, bytes.into(), stream]);
    }
}
