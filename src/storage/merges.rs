//! Mergers: the record of each, which explains it and lets it be taken back.

use std::collections::HashSet;
use std::fmt;
use std::str::FromStr;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::sql::{Row, Sql, rows, values};
use super::{MergeRecord, Storage, StorageError, StoredProfile, Through};
use crate::identification::Evidence;
use crate::model::{EventId, IdentifierKey, Namespace, Profile, ProfileId, SourceId, Time, Trust};

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

/// An identifier of somebody.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HeldIdentifier {
    /// The identifier.
    pub key: IdentifierKey,
    /// The id under which it was named first.
    pub under: ProfileId,
}

/// A merger that is kept, as it is told once others were taken back.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Retold {
    /// Which.
    pub id: MergeId,
    /// Whose id leads to the other from now on.
    pub loser: ProfileId,
    /// Whose it leads to.
    pub winner: ProfileId,
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

/// The body of a `merge` row.
#[derive(Serialize, Deserialize)]
struct Body {
    evidence: serde_json::Value,
    event: Option<String>,
    #[serde(default)]
    source: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    came_with: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    rules: Option<i64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    believed: Option<String>,
    before: [StoredProfile; 2],
}

/// What showed it, as it is stored.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
enum StoredEvidence {
    Identifier { namespace: String, hash: String },
    Passed { source_id: String },
    Decided { namespace: String, hash: String, by: String },
}

impl From<&Evidence> for StoredEvidence {
    fn from(evidence: &Evidence) -> Self {
        match evidence {
            Evidence::Identifier(key) => Self::Identifier {
                namespace: key.namespace.as_str().to_owned(),
                hash: key.hash.clone(),
            },
            Evidence::Passed(source) => Self::Passed { source_id: source.to_string() },
            Evidence::Decided { key, by } => Self::Decided {
                namespace: key.namespace.as_str().to_owned(),
                hash: key.hash.clone(),
                by: by.clone(),
            },
        }
    }
}

impl From<StoredEvidence> for Evidence {
    fn from(stored: StoredEvidence) -> Self {
        match stored {
            StoredEvidence::Identifier { namespace, hash } => {
                Self::Identifier(IdentifierKey { namespace: Namespace::new(namespace), hash })
            }
            StoredEvidence::Passed { source_id } => Self::Passed(SourceId::new(source_id)),
            StoredEvidence::Decided { namespace, hash, by } => {
                let key = IdentifierKey { namespace: Namespace::new(namespace), hash };
                Self::Decided { key, by }
            }
        }
    }
}

/// What is kept of a merger: why, and both as they were.
pub(super) fn body(merge: &MergeRecord) -> Result<String, StorageError> {
    let failed = |error: serde_json::Error| StorageError::Failed(error.to_string());
    rows::to_json(&Body {
        evidence: serde_json::to_value(StoredEvidence::from(&merge.evidence)).map_err(failed)?,
        event: merge.event.as_ref().map(ToString::to_string),
        source: Some(merge.source.to_string()),
        came_with: merge.came_with.as_ref().map(ToString::to_string),
        rules: Some(merge.rules),
        believed: merge.believed.map(|trust| trust.as_str().to_owned()),
        before: merge.before.each_ref().map(|profile| StoredProfile::from(profile.as_ref())),
    })
}

/// The body without a word that anybody was apart from these; none where it says none.
pub(super) fn without_apart(
    body: &str,
    gone: &[ProfileId],
) -> Result<Option<String>, StorageError> {
    let mut body: Body = serde_json::from_str(body).map_err(rows::damaged("merge"))?;
    let [winner, loser] = &mut body.before;
    let is_less = winner.forget_apart(gone) | loser.forget_apart(gone);
    is_less.then(|| rows::to_json(&body)).transpose()
}

pub(super) const COLUMNS: &str =
    "SELECT stream, seq, loser, winner, merged_at, undone_at, body FROM merge";

pub(super) fn merge(row: &dyn Row) -> Result<MergeRow, StorageError> {
    let body: Body = serde_json::from_str(row.text(6)?).map_err(rows::damaged("merge"))?;
    let at = Through { stream: Arc::from(row.text(0)?), seq: row.count(1)? };
    let loser = ProfileId::new(row.text(2)?);
    let evidence: Option<StoredEvidence> = serde_json::from_value(body.evidence).ok();
    let before = body.before.map(Profile::from);
    // One that was told anew is still named by who ended when it was written.
    let named = before[1].id.clone();
    Ok(MergeRow {
        id: MergeId { at, loser: named },
        loser,
        winner: ProfileId::new(row.text(3)?),
        merged: Time::from_micros(row.number(4)?),
        undone: row.maybe_number(5)?.map(Time::from_micros),
        evidence: evidence.map(Evidence::from),
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
        self.ask(|database| merger(database, id))
    }

    /// The mergers that this identifier has caused and that still hold, at most
    /// [`MERGES_READ_MAX`]. Looks through all of them.
    ///
    /// # Errors
    /// See [`StorageError`].
    pub fn merges_by(&self, key: &IdentifierKey) -> Result<Vec<MergeRow>, StorageError> {
        let ask = format!(
            "{COLUMNS} WHERE undone_at IS NULL AND body LIKE $1 ORDER BY merged_at LIMIT $2"
        );
        // A hash is hexadecimal: nothing in it means anything to LIKE.
        let like = format!("%\"hash\":\"{}\"%", key.hash);
        let rows =
            self.ask(|database| database.all(&ask, values![&like, MERGES_READ_MAX], merge))?;
        let is_by = |row: &MergeRow| {
            row.evidence.as_ref().and_then(Evidence::identifier).is_some_and(|by| by == key)
        };
        Ok(rows.into_iter().filter(is_by).collect())
    }
}

fn merges_of(sql: &mut dyn Sql, ids: &[ProfileId]) -> Result<Vec<MergeRow>, StorageError> {
    let ask = format!("{COLUMNS} WHERE winner = $1 OR loser = $1 ORDER BY merged_at LIMIT $2");
    let mut found: Vec<MergeRow> = Vec::new();
    for id in ids {
        for row in sql.all(&ask, values![id.as_str(), MERGES_READ_MAX], merge)? {
            if found.len() < MERGES_READ_MAX && !found.iter().any(|known| known.id == row.id) {
                found.push(row);
            }
        }
    }
    // Mergers of one round have one time; each makes the winner's ids more.
    found.sort_by_key(|row| (row.merged, row.before[0].ids.len()));
    Ok(found)
}

fn merger(sql: &mut dyn Sql, id: &MergeId) -> Result<Option<MergeRow>, StorageError> {
    let ask = format!("{COLUMNS} WHERE stream = $1 AND seq = $2");
    let of_round = sql.all(&ask, values![id.at.stream.as_ref(), id.at.seq], merge)?;
    Ok(of_round.into_iter().find(|row| row.id == *id))
}

/// In one transaction with the profiles that stand again.
pub(super) fn take_back(
    sql: &mut dyn Sql,
    taken: &TakenBack,
    now: Time,
) -> Result<(), StorageError> {
    let undo = "UPDATE merge SET undone_at = $1 WHERE stream = $2 AND seq = $3 AND loser = $4";
    for id in &taken.merges {
        let Some(row) = merger(sql, id)? else { continue };
        let (stream, seq) = (id.at.stream.as_ref(), id.at.seq);
        sql.execute(undo, values![now.micros(), stream, seq, row.loser.as_str()])?;
    }
    let retell = "UPDATE merge SET loser = $1, winner = $2 \
                  WHERE stream = $3 AND seq = $4 AND loser = $5";
    for Retold { id, loser, winner } in &taken.retold {
        let Some(row) = merger(sql, id)? else { continue };
        let (stream, seq) = (id.at.stream.as_ref(), id.at.seq);
        let values = values![loser.as_str(), winner.as_str(), stream, seq, row.loser.as_str()];
        sql.execute(retell, values)?;
    }
    let repoint = "UPDATE alias SET profile_id = $1 WHERE id = $2";
    for (id, leads_to) in &taken.aliases {
        sql.execute(repoint, values![leads_to.as_str(), id.as_str()])?;
    }
    Ok(())
}

/// Who stood in a merger: all that is read of a body.
#[derive(Deserialize)]
struct Stood {
    before: [StoodAs; 2],
}

#[derive(Deserialize)]
struct StoodAs {
    ids: Vec<String>,
}

/// Removes the record of every merger in which somebody of these ids stood, also where others have come apart from
/// them since: it says what they all were. Whether there was one.
///
/// Those of others are found from what was taken back: each is a merger of somebody who stood beside them.
pub(super) fn forget(sql: &mut dyn Sql, gone: &[ProfileId]) -> Result<bool, StorageError> {
    let ask = "SELECT stream, seq, loser, body FROM merge WHERE winner = $1 OR loser = $1 LIMIT $2";
    let remove = "DELETE FROM merge WHERE stream = $1 AND seq = $2 AND loser = $3";
    let gone: HashSet<&str> = gone.iter().map(ProfileId::as_str).collect();
    let mut known: HashSet<String> = gone.iter().map(|id| (*id).to_owned()).collect();
    let mut waiting: Vec<String> = known.iter().cloned().collect();
    let mut is_any = false;
    while let Some(id) = waiting.pop() {
        let read = |row: &dyn Row| {
            let stood: Stood =
                serde_json::from_str(row.text(3)?).map_err(rows::damaged("merge"))?;
            Ok((row.string(0)?, row.count(1)?, row.string(2)?, stood))
        };
        for (stream, seq, loser, stood) in sql.all(ask, values![&id, MERGES_READ_MAX], read)? {
            let ids: Vec<String> = stood.before.into_iter().flat_map(|side| side.ids).collect();
            if gone.contains(id.as_str()) || ids.iter().any(|id| gone.contains(id.as_str())) {
                sql.execute(remove, values![&stream, seq, &loser])?;
                waiting.extend(ids.into_iter().filter(|id| known.insert(id.clone())));
                is_any = true;
            }
        }
    }
    Ok(is_any)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_record_of_older_builds_says_less_and_is_read() {
        let body = r#"{"evidence":{"identifier":{"namespace":"email","hash":"ab"}},"event":"e",
            "before":[{"id":"a","ids":["a"],"created":"2026-01-05T10:00:00Z"},
                      {"id":"b","ids":["b"],"created":"2026-01-05T10:00:01Z"}]}"#;
        let body: Body = serde_json::from_str(body).unwrap();
        assert_eq!((body.rules, body.believed, body.source, body.came_with), Default::default());
        assert_eq!(body.before.map(Profile::from)[1].id, ProfileId::new("b"));
    }

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
