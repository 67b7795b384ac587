//! Mergers: the record of each, which explains it and lets it be taken back.

mod body;

use std::collections::{BTreeSet, HashSet};
use std::fmt;
use std::str::FromStr;
use std::sync::Arc;

use super::sql::{Row, Sql, Value, values};
use super::{Storage, StorageError, Through, standing};
use crate::identification::Evidence;
use crate::model::{EventId, IdentifierKey, Namespace, Profile, ProfileId, SourceId, Time, Trust};
use body::Body;
pub(super) use body::{Columns, body, without};

/// Most mergers that are read at a time.
pub const MERGES_READ_MAX: usize = 10_000;

/// Names a merger: the round that wrote it, and who ended.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct MergeId {
    /// The round.
    pub at: Through,
    /// Who ended when it was written.
    pub loser: ProfileId,
}

/// As clients carry it. A stream's name has no dot, and a profile's id may have any.
impl fmt::Display for MergeId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}.{}", self.at.stream, self.at.seq, self.loser)
    }
}

/// No merger is named so.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("no merger is named so")]
pub struct NotAMergeId;

impl FromStr for MergeId {
    type Err = NotAMergeId;

    fn from_str(text: &str) -> Result<Self, NotAMergeId> {
        let mut parts = text.splitn(3, '.');
        let (Some(stream), Some(seq), Some(loser)) = (parts.next(), parts.next(), parts.next())
        else {
            return Err(NotAMergeId);
        };
        let seq = seq.parse().map_err(|_| NotAMergeId)?;
        let at = Through { stream: Arc::from(stream), seq };
        Ok(Self { at, loser: ProfileId::new(loser) })
    }
}

/// The record of a merger.
#[derive(Clone, Debug)]
pub struct MergeRow {
    /// Its name.
    pub id: MergeId,
    /// Whose id leads to the other.
    pub loser: ProfileId,
    /// Who lived on.
    pub winner: ProfileId,
    /// When it was written.
    pub merged: Time,
    /// When it was taken back, if it was.
    pub undone: Option<Time>,
    /// What showed that they are one; none when it is something that only a newer Kith knows.
    pub evidence: Option<Evidence>,
    /// The event that showed it.
    pub event: Option<EventId>,
    /// Whose payload it was in; older records do not say.
    pub source: Option<SourceId>,
    /// The id that the payload came with.
    pub came_with: Option<ProfileId>,
    /// The version of the rules of identity under which it was decided; older records do not say.
    pub rules: Option<i64>,
    /// How far whoever told it was believed; none where nobody had to be, and in older records.
    pub believed: Option<Trust>,
    /// Both as they were, the winner first.
    pub before: [Profile; 2],
}

impl MergeRow {
    /// Mergers in the order of this are in that in which they came: those of one round have one time, and each
    /// unites more than any of those that it builds on.
    #[must_use]
    pub fn came(&self) -> (Time, usize) {
        (self.merged, self.before.iter().map(|side| side.ids.len()).sum())
    }
}

/// An identifier of somebody.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HeldIdentifier {
    /// The identifier.
    pub key: IdentifierKey,
    /// The id under which it was named first.
    pub under: ProfileId,
}

/// A merger that is kept, as it is told once others were taken back.
#[derive(Clone, Debug, PartialEq)]
pub struct Retold {
    /// Which.
    pub id: MergeId,
    /// Whose id leads to the other from now on.
    pub loser: ProfileId,
    /// Whose it leads to.
    pub winner: ProfileId,
    /// Both as they would have been, the winner first, where it was written of people who are others now: nothing of
    /// these is left in it.
    pub before: Option<[Arc<Profile>; 2]>,
}

/// What taking mergers back changes, beside the profiles.
#[derive(Clone, Debug, Default)]
pub struct TakenBack {
    /// The mergers.
    pub merges: Vec<MergeId>,
    /// Of those that are kept, which unite others than before.
    pub retold: Vec<Retold>,
    /// Ids, and the profile that each leads to from now on.
    pub aliases: Vec<(ProfileId, ProfileId)>,
}

pub(super) const COLUMNS: &str =
    "SELECT stream, seq, loser, winner, merged_at, undone_at, body FROM merge";

pub(super) fn merge(row: &dyn Row) -> Result<MergeRow, StorageError> {
    read(row, row.text(6)?)
}

fn read(row: &dyn Row, body: &str) -> Result<MergeRow, StorageError> {
    let body = Body::read(body)?;
    let at = Through { stream: Arc::from(row.text(0)?), seq: row.count(1)? };
    let loser = ProfileId::new(row.text(2)?);
    let evidence = body.evidence();
    let before = body.before.map(Profile::from);
    // One that was told anew is still named by who ended when it was written.
    let named = body.named.map_or_else(|| before[1].id.clone(), ProfileId::new);
    Ok(MergeRow {
        id: MergeId { at, loser: named },
        loser,
        winner: ProfileId::new(row.text(3)?),
        merged: Time::from_micros(row.number(4)?),
        undone: row.maybe_number(5)?.map(Time::from_micros),
        evidence,
        event: body.event.map(EventId::new),
        source: body.source.map(SourceId::new),
        came_with: body.came_with.map(ProfileId::new),
        rules: body.rules,
        believed: body.believed.as_deref().and_then(Trust::named),
        before,
    })
}

impl dyn Storage + '_ {
    /// The mergers in which any of these ids won or ended, in the order in which they came, those
    /// that were taken back among them; at most [`MERGES_READ_MAX`].
    ///
    /// # Errors
    /// See [`StorageError`].
    pub fn merges_of(&self, ids: &[ProfileId]) -> Result<Vec<MergeRow>, StorageError> {
        self.look(|database| merges_of(database, ids))
    }

    /// What leads to these ids, each with the id under which it was named first.
    ///
    /// # Errors
    /// See [`StorageError`].
    pub fn identifiers_of(&self, ids: &[ProfileId]) -> Result<Vec<HeldIdentifier>, StorageError> {
        let ask = "SELECT namespace, hash FROM identifier WHERE profile_id = $1 \
                   ORDER BY namespace, hash LIMIT $2";
        self.look(|database| {
            let mut held = Vec::new();
            for under in ids {
                let read = |row: &dyn Row| {
                    let namespace = Namespace::new(row.text(0)?);
                    let key = IdentifierKey { namespace, hash: row.string(1)? };
                    Ok(HeldIdentifier { key, under: under.clone() })
                };
                let (of, key) = (under.as_str(), |held: &HeldIdentifier| held.key.clone());
                held.extend(database.all_sorted(ask, values![of, MERGES_READ_MAX], read, key)?);
            }
            Ok(held)
        })
    }

    /// The merger of this name.
    ///
    /// # Errors
    /// See [`StorageError`].
    pub fn merger(&self, id: &MergeId) -> Result<Option<MergeRow>, StorageError> {
        self.look(|database| merger(database, id, &HashSet::new()))
    }

    /// The mergers that this identifier has caused and that still hold, all of them or those after a moment, the oldest
    /// first and at most [`MERGES_READ_MAX`]. Looks through all of them.
    ///
    /// # Errors
    /// See [`StorageError`].
    pub fn merges_by(
        &self,
        key: &IdentifierKey,
        after: Option<Time>,
    ) -> Result<Vec<MergeRow>, StorageError> {
        let ask = format!(
            "{COLUMNS} WHERE undone_at IS NULL AND body LIKE $1 AND merged_at > $2 \
             ORDER BY merged_at LIMIT $3"
        );
        // A hash is hexadecimal: nothing in it means anything to LIKE.
        let like = format!("%\"hash\":\"{}\"%", key.hash);
        let after = after.map_or(i64::MIN, Time::micros);
        let rows = self.look(|database| {
            let values = values![&like, after, MERGES_READ_MAX];
            of_living(database, &ask, values, &HashSet::new())
        })?;
        let is_by = |row: &MergeRow| {
            row.evidence.as_ref().and_then(Evidence::identifier).is_some_and(|by| by == key)
        };
        Ok(rows.into_iter().filter(is_by).collect())
    }
}

fn merges_of(sql: &mut dyn Sql, ids: &[ProfileId]) -> Result<Vec<MergeRow>, StorageError> {
    let ask = format!("{COLUMNS} WHERE winner = $1 OR loser = $1 ORDER BY merged_at LIMIT $2");
    let known = ids.iter().map(ProfileId::as_str).collect();
    let mut found: Vec<MergeRow> = Vec::new();
    for id in ids {
        for row in of_living(sql, &ask, values![id.as_str(), MERGES_READ_MAX], &known)? {
            if found.len() < MERGES_READ_MAX && !found.iter().any(|known| known.id == row.id) {
                found.push(row);
            }
        }
    }
    found.sort_by_key(MergeRow::came);
    Ok(found)
}

fn merger(
    sql: &mut dyn Sql,
    id: &MergeId,
    known: &HashSet<&str>,
) -> Result<Option<MergeRow>, StorageError> {
    let ask = format!("{COLUMNS} WHERE stream = $1 AND seq = $2");
    let of_round = of_living(sql, &ask, values![id.at.stream.as_ref(), id.at.seq], known)?;
    Ok(of_round.into_iter().find(|row| row.id == *id))
}

/// Records without those who are nobody any more, where they are not `known` to be somebody: what older releases have
/// written may still hold people who were erased since, and they come back by nothing.
fn of_living(
    sql: &mut dyn Sql,
    ask: &str,
    values: &[Value<'_>],
    known: &HashSet<&str>,
) -> Result<Vec<MergeRow>, StorageError> {
    let mut others: BTreeSet<ProfileId> = BTreeSet::new();
    let rows = sql.all(ask, values, |row| {
        let row = merge(row)?;
        let ids = row.before.iter().flat_map(|side| side.ids.iter().chain(&side.apart));
        others.extend(ids.filter(|id| !known.contains(id.as_str())).cloned());
        Ok(row)
    })?;
    let lead: Vec<&str> = others.iter().map(ProfileId::as_str).collect();
    let lead = standing::aliases(sql, &lead)?;
    let gone: Vec<ProfileId> = others.into_iter().filter(|id| !lead.contains_key(id)).collect();
    if gone.is_empty() {
        return Ok(rows);
    }
    sql.all(ask, values, |row| {
        let (loser, winner) = (row.string(2)?, row.string(3)?);
        let columns = Columns { loser, winner, merged: Time::from_micros(row.number(4)?) };
        let body = without(row.text(6)?, &columns, &gone)?;
        body.map_or_else(|| merge(row), |body| read(row, &body))
    })
}

/// In one transaction with the profiles that stand again.
pub(super) fn take_back(
    sql: &mut dyn Sql,
    taken: &TakenBack,
    now: Time,
) -> Result<(), StorageError> {
    let known = taken.aliases.iter().map(|(id, _)| id.as_str()).collect();
    let undo = "UPDATE merge SET undone_at = $1 WHERE stream = $2 AND seq = $3 AND loser = $4";
    for id in &taken.merges {
        let Some(row) = merger(sql, id, &known)? else { continue };
        let (stream, seq) = (id.at.stream.as_ref(), id.at.seq);
        sql.execute(undo, values![now.micros(), stream, seq, row.loser.as_str()])?;
    }
    let retell = "UPDATE merge SET loser = $1, winner = $2 \
                  WHERE stream = $3 AND seq = $4 AND loser = $5";
    for Retold { id, loser, winner, before } in &taken.retold {
        let Some(row) = merger(sql, id, &known)? else { continue };
        let (stream, seq) = (id.at.stream.as_ref(), id.at.seq);
        if let Some(before) = before {
            write_anew(sql, &row, before)?;
        }
        let values = values![loser.as_str(), winner.as_str(), stream, seq, row.loser.as_str()];
        sql.execute(retell, values)?;
    }
    let repoint = "UPDATE alias SET profile_id = $1 WHERE id = $2";
    for (id, leads_to) in &taken.aliases {
        sql.execute(repoint, values![leads_to.as_str(), id.as_str()])?;
    }
    Ok(())
}

/// Its record, with both as they would have been.
fn write_anew(
    sql: &mut dyn Sql,
    row: &MergeRow,
    before: &[Arc<Profile>; 2],
) -> Result<(), StorageError> {
    let (stream, seq) = (row.id.at.stream.as_ref(), row.id.at.seq);
    let find = "SELECT body FROM merge WHERE stream = $1 AND seq = $2 AND loser = $3";
    let Some(body) = sql.text(find, values![stream, seq, row.loser.as_str()])? else {
        return Ok(());
    };
    let body = body::written_anew(&body, &row.id.loser, before)?;
    let put = "UPDATE merge SET body = $1 WHERE stream = $2 AND seq = $3 AND loser = $4";
    sql.execute(put, values![&body, stream, seq, row.loser.as_str()]).map(|_| ())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_read_as_it_was_written() {
        let at = Through { stream: Arc::from("019b-77"), seq: 12 };
        let id = MergeId { at, loser: ProfileId::new("a.b.c") };
        assert_eq!(id.to_string(), "019b-77.12.a.b.c");
        assert_eq!(id.to_string().parse(), Ok(id));
        for text in ["", "a", "a.1", "a.x.b"] {
            assert_eq!(text.parse::<MergeId>(), Err(NotAMergeId), "{text}");
        }
    }
}
