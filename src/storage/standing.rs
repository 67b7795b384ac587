//! Who stands and who holds what, of many at a time: for whoever looks at everybody.

use std::collections::HashMap;
use std::ops::ControlFlow;

use super::sql::{Row, Sql, Value, rows, values};
use super::{MergeRow, Storage, StorageError, merges};
use crate::model::{Id, IdentifierKey, Namespace, Profile, ProfileId, SessionId};

/// Ids that one statement asks for.
const AT_ONCE: usize = 64;

/// Those who were asked for, as they stand.
#[derive(Clone, Debug, Default)]
pub struct Standing {
    /// Ids and the living id that each leads to; who was removed is not among them.
    pub aliases: HashMap<ProfileId, ProfileId>,
    /// The people that live.
    pub people: HashMap<ProfileId, Profile>,
    /// Identifiers and the id under which each was named first.
    pub identifiers: HashMap<IdentifierKey, ProfileId>,
    /// Sessions: whose each is, and whether that person was only named in it.
    pub sessions: HashMap<SessionId, (Option<ProfileId>, bool)>,
}

impl dyn Storage + '_ {
    /// Whom these ids lead to, and who holds these identifiers.
    ///
    /// # Errors
    /// See [`StorageError`].
    pub fn standing(
        &self,
        ids: &[ProfileId],
        keys: &[IdentifierKey],
        sessions: &[SessionId],
    ) -> Result<Standing, StorageError> {
        self.look(|database| {
            let sessions = visits(database, sessions)?;
            let identifiers = holders(database, keys)?;
            let visitors = sessions.values().filter_map(|(profile, _)| profile.as_ref());
            let all = ids.iter().chain(identifiers.values()).chain(visitors);
            let all: Vec<&str> = all.map(Id::as_str).collect();
            let aliases = aliases(database, &all)?;
            let mut living: Vec<&str> = aliases.values().map(Id::as_str).collect();
            living.sort_unstable();
            living.dedup();
            let people = people(database, &living)?;
            Ok(Standing { aliases, people, identifiers, sessions })
        })
    }

    /// Shows every merger, those that were taken back too, in no order.
    ///
    /// # Errors
    /// See [`StorageError`], and what `visit` says.
    pub fn all_merges(
        &self,
        visit: &mut dyn FnMut(MergeRow) -> Result<(), StorageError>,
    ) -> Result<(), StorageError> {
        self.ask(|database| {
            database.each(merges::COLUMNS, &[], &mut |row| {
                visit(merges::merge(row)?)?;
                Ok(ControlFlow::Continue(()))
            })
        })
    }
}

/// Whom these ids lead to.
pub(super) fn aliases(
    sql: &mut dyn Sql,
    ids: &[&str],
) -> Result<HashMap<ProfileId, ProfileId>, StorageError> {
    let pairs = among(sql, "SELECT id, profile_id FROM alias WHERE id IN", None, ids, |row| {
        Ok((ProfileId::new(row.text(0)?), ProfileId::new(row.text(1)?)))
    })?;
    Ok(pairs.into_iter().collect())
}

fn people(sql: &mut dyn Sql, ids: &[&str]) -> Result<HashMap<ProfileId, Profile>, StorageError> {
    let people = among(sql, "SELECT body FROM profile WHERE id IN", None, ids, |row| {
        rows::profile(row.text(0)?)
    })?;
    Ok(people.into_iter().map(|one| (one.id.clone(), one)).collect())
}

fn visits(
    sql: &mut dyn Sql,
    sessions: &[SessionId],
) -> Result<HashMap<SessionId, (Option<ProfileId>, bool)>, StorageError> {
    let ids: Vec<&str> = sessions.iter().map(Id::as_str).collect();
    let ask = format!("{} WHERE id IN", rows::SESSION);
    let found = among(sql, &ask, None, &ids, |row| {
        let session = rows::session(row)?.session;
        Ok((session.id, (session.profile, session.link.is_some())))
    })?;
    Ok(found.into_iter().collect())
}

fn holders(
    sql: &mut dyn Sql,
    keys: &[IdentifierKey],
) -> Result<HashMap<IdentifierKey, ProfileId>, StorageError> {
    let mut by_namespace: HashMap<&Namespace, Vec<&str>> = HashMap::new();
    for key in keys {
        by_namespace.entry(&key.namespace).or_default().push(&key.hash);
    }
    let mut holders = HashMap::new();
    let ask = "SELECT hash, profile_id FROM identifier WHERE namespace = $1 AND hash IN";
    for (namespace, hashes) in by_namespace {
        holders.extend(among(sql, ask, Some(namespace.as_str()), &hashes, |row| {
            let key = IdentifierKey { namespace: namespace.clone(), hash: row.string(0)? };
            Ok((key, ProfileId::new(row.text(1)?)))
        })?);
    }
    Ok(holders)
}

/// Asks for some of `ids` at a time. Every statement has the same number of places, so that there is one
/// of each; what is left of them stays with the last id.
pub(super) fn among<T>(
    sql: &mut dyn Sql,
    ask: &str,
    first: Option<&str>,
    ids: &[&str],
    mut read: impl FnMut(&dyn Row) -> Result<T, StorageError>,
) -> Result<Vec<T>, StorageError> {
    let begin = first.map_or(1, |_| 2);
    let places: Vec<String> = (begin..begin + AT_ONCE).map(|at| format!("${at}")).collect();
    let ask = format!("{ask} ({})", places.join(", "));
    let mut found = Vec::new();
    for some in ids.chunks(AT_ONCE) {
        let last = some.last().copied().unwrap_or_default();
        let padded = some.iter().copied().chain(std::iter::repeat(last)).take(AT_ONCE);
        let given: Vec<Value<'_>> = first.into_iter().chain(padded).map(Value::from).collect();
        found.extend(sql.all(&ask, &given, &mut read)?);
    }
    Ok(found)
}

/// Nobody is recognised by these from now on.
pub(super) fn unbind(sql: &mut dyn Sql, keys: &[IdentifierKey]) -> Result<(), StorageError> {
    let remove = "DELETE FROM identifier WHERE namespace = $1 AND hash = $2";
    keys.iter().try_for_each(|key| {
        sql.execute(remove, values![key.namespace.as_str(), &key.hash]).map(|_| ())
    })
}
