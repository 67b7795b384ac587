//! Rebuilds: how far each is, what it found, and some of those whom it is about.

use super::sql::{Row, Sql, values};
use super::{Settled, Storage, StorageError};
use crate::model::{ProfileId, Time};

/// Most rebuilds that are remembered.
const REBUILDS_MAX: usize = 100;

/// How far a rebuild is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RebuildState {
    /// The shadow is being made.
    Folding,
    /// What differs is known, and nothing is changed.
    Ready,
    /// People are made as the shadow has them.
    Switching,
    /// They are.
    Done,
    /// It could not be done: its report says why.
    Failed,
    /// It was thrown away.
    Discarded,
}

impl RebuildState {
    const NAMED: [(&str, Self); 6] = [
        ("folding", Self::Folding),
        ("ready", Self::Ready),
        ("switching", Self::Switching),
        ("done", Self::Done),
        ("failed", Self::Failed),
        ("discarded", Self::Discarded),
    ];

    /// The name in the database and on the wire.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        Self::NAMED.into_iter().find(|(_, one)| *one == self).map_or("", |(name, _)| name)
    }

    fn named(name: &str) -> Self {
        let found = Self::NAMED.into_iter().find(|(known, _)| *known == name);
        found.map_or(Self::Failed, |(_, state)| state)
    }
}

/// A rebuild.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RebuildRow {
    /// Its number.
    pub id: String,
    /// When it was asked for.
    pub asked: Time,
    /// When it became what it is.
    pub changed: Time,
    /// How far it is.
    pub state: RebuildState,
    /// The version of the rules of identity.
    pub rules: i64,
    /// What it found, or why it could not be done, as JSON.
    pub report: Option<String>,
}

/// An id that would be of somebody else.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RebuildExample {
    /// Which example: those of one number belong together.
    pub number: u64,
    /// The id.
    pub id: ProfileId,
    /// Whose it is.
    pub now: ProfileId,
    /// Whose it would be.
    pub then: ProfileId,
}

/// What becomes of a rebuild.
#[derive(Clone, Debug)]
pub struct RebuildChange<'a> {
    /// Which.
    pub id: &'a str,
    /// What it must be.
    pub from: RebuildState,
    /// What it becomes.
    pub to: RebuildState,
    /// When.
    pub at: Time,
    /// What it found; none leaves what is known.
    pub report: Option<&'a str>,
    /// Some of those whom it is about.
    pub examples: &'a [RebuildExample],
}

const COLUMNS: &str = "SELECT id, asked_at, changed_at, state, rules, body FROM rebuild";

impl dyn Storage + '_ {
    /// Begins one, unless another is under way; false then.
    ///
    /// # Errors
    /// See [`StorageError`].
    pub fn begin_rebuild(&self, id: &str, rules: i64, now: Time) -> Result<bool, StorageError> {
        self.change_if(|database| {
            if under_way(database)?.is_some() {
                return Ok((false, Settled::Dropped));
            }
            forget_old(database)?;
            let put = "INSERT INTO rebuild (id, asked_at, changed_at, state, rules) \
                       VALUES ($1, $2, $2, $3, $4)";
            let state = RebuildState::Folding.as_str();
            database.execute(put, values![id, now.micros(), state, rules])?;
            Ok((true, Settled::Kept))
        })
    }

    /// The one that is under way.
    ///
    /// # Errors
    /// See [`StorageError`].
    pub fn rebuild_under_way(&self) -> Result<Option<RebuildRow>, StorageError> {
        self.ask(under_way)
    }

    /// A rebuild, with some of those whom it is about.
    ///
    /// # Errors
    /// See [`StorageError`].
    pub fn rebuild(
        &self,
        id: &str,
    ) -> Result<Option<(RebuildRow, Vec<RebuildExample>)>, StorageError> {
        let ask = format!("{COLUMNS} WHERE id = $1");
        let examples = "SELECT example, id, now_of, then_of FROM rebuild_example \
                        WHERE rebuild = $1 ORDER BY example, id";
        self.look(|database| {
            let Some(found) = database.one(&ask, values![id], row)? else { return Ok(None) };
            Ok(Some((found, database.all(examples, values![id], example)?)))
        })
    }

    /// Lets a rebuild become something, if it is what it must be; false when it is not.
    ///
    /// # Errors
    /// See [`StorageError`].
    pub fn change_rebuild(&self, change: &RebuildChange<'_>) -> Result<bool, StorageError> {
        let RebuildChange { id, from, to, at, report, examples } = change;
        let become_it = "UPDATE rebuild SET state = $1, changed_at = $2, \
                         body = coalesce($3, body) WHERE id = $4 AND state = $5";
        let put = "INSERT INTO rebuild_example (rebuild, example, id, now_of, then_of) \
                   VALUES ($1, $2, $3, $4, $5)";
        self.change_if(|database| {
            let given = values![to.as_str(), at.micros(), *report, *id, from.as_str()];
            if database.execute(become_it, given)? == 0 {
                return Ok((false, Settled::Dropped));
            }
            if *to == RebuildState::Discarded {
                let forget = "DELETE FROM rebuild_example WHERE rebuild = $1";
                database.execute(forget, values![*id])?;
            }
            for one in *examples {
                let (id_of, now, then) = (one.id.as_str(), one.now.as_str(), one.then.as_str());
                database.execute(put, values![*id, one.number, id_of, now, then])?;
            }
            Ok((true, Settled::Kept))
        })
    }
}

fn under_way(sql: &mut dyn Sql) -> Result<Option<RebuildRow>, StorageError> {
    let ask = format!("{COLUMNS} WHERE state = $1 OR state = $2 ORDER BY asked_at, id LIMIT 1");
    let states = [RebuildState::Folding, RebuildState::Switching].map(RebuildState::as_str);
    sql.one(&ask, values![states[0], states[1]], row)
}

fn forget_old(sql: &mut dyn Sql) -> Result<(), StorageError> {
    let all =
        sql.all("SELECT id FROM rebuild ORDER BY asked_at DESC, id", &[], |row| row.string(0))?;
    for id in all.iter().skip(REBUILDS_MAX - 1) {
        sql.execute("DELETE FROM rebuild_example WHERE rebuild = $1", values![id])?;
        sql.execute("DELETE FROM rebuild WHERE id = $1", values![id])?;
    }
    Ok(())
}

fn row(row: &dyn Row) -> Result<RebuildRow, StorageError> {
    Ok(RebuildRow {
        id: row.string(0)?,
        asked: Time::from_micros(row.number(1)?),
        changed: Time::from_micros(row.number(2)?),
        state: RebuildState::named(row.text(3)?),
        rules: row.number(4)?,
        report: row.maybe_text(5)?.map(str::to_owned),
    })
}

fn example(row: &dyn Row) -> Result<RebuildExample, StorageError> {
    Ok(RebuildExample {
        number: row.count(0)?,
        id: ProfileId::new(row.text(1)?),
        now: ProfileId::new(row.text(2)?),
        then: ProfileId::new(row.text(3)?),
    })
}
