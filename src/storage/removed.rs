//! Which ids were one person, for as long as only history knows that person.
//!
//! Removing a profile takes its ids and mergers away, and leaves its events under whatever id each
//! happened. Whoever erases that history later knows one of the ids and means all.

use std::collections::BTreeSet;

use super::sql::{Sql, values};
use super::{Storage, StorageError};
use crate::model::ProfileId;

impl dyn Storage + '_ {
    /// Every id that is or was of the same person as `id`, living or removed, `id` itself among
    /// them; none when neither profiles nor removals know it.
    ///
    /// # Errors
    /// See [`StorageError`].
    pub fn same_person(&self, id: &ProfileId) -> Result<Option<Vec<ProfileId>>, StorageError> {
        let id = std::slice::from_ref(id);
        self.look(|database| connected(database, id, &[LIVING, REMOVED]))
    }
}

/// A table that says which ids belong together.
#[derive(Clone, Copy)]
struct Bond {
    /// Whom an id is of.
    of: &'static str,
    /// The ids of somebody.
    ids: &'static str,
}

const LIVING: Bond = Bond {
    of: "SELECT profile_id FROM alias WHERE id = $1",
    ids: "SELECT id FROM alias WHERE profile_id = $1",
};
const REMOVED: Bond = Bond {
    of: "SELECT person FROM removed WHERE id = $1",
    ids: "SELECT id FROM removed WHERE person = $1",
};

/// All that `bonds` connect `ids` with, themselves among them; none when there is no bond at all.
/// An id that came again after it was removed is of two people, who are one.
fn connected(
    sql: &mut dyn Sql,
    ids: &[ProfileId],
    bonds: &[Bond],
) -> Result<Option<Vec<ProfileId>>, StorageError> {
    let mut found: BTreeSet<String> = ids.iter().map(ToString::to_string).collect();
    let mut waiting: Vec<String> = found.iter().cloned().collect();
    let mut is_known = false;
    while let Some(id) = waiting.pop() {
        for bond in bonds {
            for person in sql.all(bond.of, values![&id], |row| row.string(0))? {
                is_known = true;
                let theirs = sql.all(bond.ids, values![&person], |row| row.string(0))?;
                waiting.extend(theirs.into_iter().filter(|id| found.insert(id.clone())));
            }
        }
    }
    Ok(is_known.then(|| found.into_iter().map(ProfileId::new).collect()))
}

/// Remembers that these ids were one person, with whatever else leads to them.
pub(super) fn remember(sql: &mut dyn Sql, ids: &[ProfileId]) -> Result<(), StorageError> {
    let Some(person) = ids.first() else { return Ok(()) };
    let all = connected(sql, ids, &[LIVING])?.unwrap_or_else(|| ids.to_vec());
    let put =
        "INSERT INTO removed (id, person) VALUES ($1, $2) ON CONFLICT (id, person) DO NOTHING";
    all.iter()
        .try_for_each(|id| sql.execute(put, values![id.as_str(), person.as_str()]).map(|_| ()))
}

/// These people, with every id that removed ones of them had.
pub(super) fn with_removed(
    sql: &mut dyn Sql,
    people: &[ProfileId],
) -> Result<Vec<ProfileId>, StorageError> {
    Ok(connected(sql, people, &[REMOVED])?.unwrap_or_else(|| people.to_vec()))
}

/// Nothing of these people is anywhere any more.
pub(super) fn forget(sql: &mut dyn Sql, people: &[ProfileId]) -> Result<(), StorageError> {
    let forget = "DELETE FROM removed WHERE id = $1";
    people.iter().try_for_each(|id| sql.execute(forget, values![id.as_str()]).map(|_| ()))
}
