//! Loading what a round needs: ids, and everything they lead to.

use std::collections::HashSet;

use crate::model::{Mark, ProfileId};
use crate::storage::sql::{Sql, rows, values};
use crate::storage::{Loaded, StorageError, Wanted};

/// In one read transaction: one moment of the database, and one lock instead of one a row. `marks` are those
/// of the wanted that may be kept.
pub(super) fn load(
    database: &mut dyn Sql,
    wanted: &Wanted,
    marks: &[Mark],
) -> Result<Loaded, StorageError> {
    let mut loaded = Loaded::default();
    let session = format!("{} WHERE id = $1", rows::SESSION);
    for id in &wanted.sessions {
        loaded.sessions.extend(database.one(&session, values![id.as_str()], rows::session)?);
    }
    let identifier = "SELECT profile_id FROM identifier WHERE namespace = $1 AND hash = $2";
    for key in &wanted.identifiers {
        let holder = database.text(identifier, values![key.namespace.as_str(), &key.hash])?;
        loaded.identifiers.extend(holder.map(|id| (key.clone(), ProfileId::new(id))));
    }
    follow(database, wanted, &mut loaded)?;
    loaded.seen = seen(database, marks)?;
    Ok(loaded)
}

/// Follows every profile id met so far to its living profile.
fn follow(
    database: &mut dyn Sql,
    wanted: &Wanted,
    loaded: &mut Loaded,
) -> Result<(), StorageError> {
    let mut living = HashSet::new();
    for id in loaded.met(wanted) {
        let alias = "SELECT profile_id FROM alias WHERE id = $1";
        let Some(leads_to) = database.text(alias, values![id.as_str()])? else { continue };
        let leads_to = ProfileId::new(leads_to);
        living.insert(leads_to.clone());
        loaded.aliases.push((id, leads_to));
    }
    let profile = "SELECT body, version FROM profile WHERE id = $1";
    for id in living {
        let found = database.one(profile, values![id.as_str()], |row| {
            Ok((rows::profile(row.text(0)?)?, row.number(1)?))
        })?;
        loaded.profiles.extend(found);
    }
    Ok(())
}

/// The marks that are kept.
fn seen(database: &mut dyn Sql, marks: &[Mark]) -> Result<Vec<Mark>, StorageError> {
    let mut seen = Vec::new();
    for mark in marks {
        let [hash, rest] = mark.halves();
        let ask = "SELECT 1 FROM seen WHERE hash = $1 AND rest = $2";
        seen.extend(database.one(ask, values![hash, rest], |_| Ok(*mark))?);
    }
    Ok(seen)
}
