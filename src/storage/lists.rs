//! Lists of people: each member under the id that somebody has added, told as whom that id leads to.
//!
//! So a list follows mergers without being written: members who became one are one member, and two
//! again once the merger is taken back. Who is removed or erased leaves all lists in the same
//! transaction (see `tables`).

use super::configuration::grow;
use super::sql::{Row, Sql, Value, one_of, values};
use super::standing::among;
use super::{Settled, Storage, StorageError};
use crate::model::{About, ProfileId, Time};

/// Ids that one statement names.
const IDS_AT_ONCE: usize = 100;

/// A list of people.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ListRow {
    /// Its id.
    pub id: String,
    /// What it says of itself.
    pub about: About,
    /// How many people are on it.
    pub people: u64,
}

/// Somebody on a list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Member {
    /// Who they are now.
    pub profile: ProfileId,
    /// When they were added first, under any of their ids.
    pub added: Time,
}

/// An id on a list, as it was added.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Listed {
    /// Which list.
    pub list: String,
    /// The id.
    pub profile: ProfileId,
    /// When.
    pub added: Time,
}

/// What became of people who were to be added.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Adding {
    /// Those who are somebody are on the list: so many ids are new there, and so many were nobody's.
    Done {
        /// Ids that were not on the list.
        added: u64,
        /// Ids that lead to nobody.
        unknown: u64,
    },
    /// More than a list may hold; nobody was added.
    TooMany,
    /// There is no such list.
    Missing,
}

/// How many there may be.
#[derive(Clone, Copy, Debug)]
pub struct ListBounds {
    /// Lists.
    pub lists: usize,
    /// Ids on one list.
    pub ids: usize,
}

const LISTS: &str = "SELECT id, name, note, owner, created_at, changed_at FROM people_list";
/// Every member of every list, as whom their ids lead to now.
const PEOPLE: &str = "FROM list_member JOIN alias ON alias.id = list_member.profile_id";

impl dyn Storage + '_ {
    /// All lists, sorted by name; with `having`, those on which the person of this id is.
    ///
    /// # Errors
    /// See [`StorageError`].
    pub fn lists(&self, having: Option<&str>) -> Result<Vec<ListRow>, StorageError> {
        let count = format!("SELECT list, count(DISTINCT alias.profile_id) {PEOPLE} GROUP BY list");
        self.look(|database| {
            let by_name = |list: &ListRow| (list.about.name.clone(), list.id.clone());
            let mut found = database.all_sorted(LISTS, &[], list, by_name)?;
            if let Some(id) = having {
                let theirs = lists_of(database, id)?;
                found.retain(|list| theirs.contains(&list.id));
            }
            let counts = database.all(&count, &[], |row| Ok((row.string(0)?, row.count(1)?)))?;
            for list in &mut found {
                let own = counts.iter().find(|(id, _)| *id == list.id);
                list.people = own.map_or(0, |(_, count)| *count);
            }
            Ok(found)
        })
    }

    /// One list.
    ///
    /// # Errors
    /// See [`StorageError`].
    pub fn list(&self, id: &str) -> Result<Option<ListRow>, StorageError> {
        let count = format!("SELECT count(DISTINCT alias.profile_id) {PEOPLE} WHERE list = $1");
        self.look(|database| {
            let Some(found) = find(database, id)? else { return Ok(None) };
            let people = database.number(&count, values![id])?;
            Ok(Some(ListRow { people: u64::try_from(people).unwrap_or(0), ..found }))
        })
    }

    /// Makes a list with these people on it; [`Adding::TooMany`] when there are too many lists, too.
    ///
    /// # Errors
    /// See [`StorageError`]; nobody knows then whether it was done.
    pub fn make_list(
        &self,
        id: &str,
        about: &About,
        people: &[ProfileId],
        bounds: ListBounds,
    ) -> Result<Adding, StorageError> {
        self.change_if(|database| {
            let lists = database.number("SELECT count(*) FROM people_list", &[])?;
            if usize::try_from(lists).unwrap_or(usize::MAX) >= bounds.lists {
                return Ok((Adding::TooMany, Settled::Dropped));
            }
            let insert = "INSERT INTO people_list (id, name, note, owner, created_at, changed_at) \
                          VALUES ($1, $2, $3, $4, $5, $6)";
            let About { name, note, owner, created, changed } = about;
            let row = values![id, name, note, owner, created.micros(), changed.micros()];
            database.execute(insert, row)?;
            add(database, id, people, about.changed, bounds.ids)
        })
    }

    /// Names a list anew; false when there is none.
    ///
    /// # Errors
    /// See [`StorageError`]; nobody knows then whether it was done.
    pub fn rename_list(&self, id: &str, about: &About) -> Result<bool, StorageError> {
        let put = "UPDATE people_list SET name = $1, note = $2, changed_at = $3 WHERE id = $4";
        let row = values![&about.name, &about.note, about.changed.micros(), id];
        self.change(|database| Ok(database.execute(put, row)? > 0))
    }

    /// Removes a list, if the configuration still has the version `seen`: so nothing names it that did not name
    /// it then, and whoever names it meanwhile looks again. Its people stay. The configuration's new version;
    /// the same where there is no such list; none when somebody was faster and nothing was done.
    ///
    /// # Errors
    /// See [`StorageError`]; nobody knows then whether it was done.
    pub fn remove_list(&self, id: &str, seen: i64) -> Result<Option<i64>, StorageError> {
        let announcement = self.announcement();
        self.change_if(|database| {
            let Some(version) = grow(database, seen)? else {
                return Ok((None, Settled::Dropped));
            };
            database.execute("DELETE FROM list_member WHERE list = $1", values![id])?;
            if database.execute("DELETE FROM people_list WHERE id = $1", values![id])? == 0 {
                return Ok((Some(seen), Settled::Dropped));
            }
            if let Some(statement) = announcement {
                database.execute(statement, &[])?;
            }
            Ok((Some(version), Settled::Kept))
        })
    }

    /// Puts people on a list.
    ///
    /// # Errors
    /// See [`StorageError`]; nobody knows then whether it was done.
    pub fn add_members(
        &self,
        id: &str,
        people: &[ProfileId],
        now: Time,
        bounds: ListBounds,
    ) -> Result<Adding, StorageError> {
        self.change_if(|database| {
            let touch = "UPDATE people_list SET changed_at = $1 WHERE id = $2";
            if database.execute(touch, values![now.micros(), id])? == 0 {
                return Ok((Adding::Missing, Settled::Dropped));
            }
            add(database, id, people, now, bounds.ids)
        })
    }

    /// Takes the person of any of their ids off a list; false when they are not on it.
    ///
    /// # Errors
    /// See [`StorageError`]; nobody knows then whether it was done.
    pub fn remove_member(&self, id: &str, person: &str, now: Time) -> Result<bool, StorageError> {
        let touch = "UPDATE people_list SET changed_at = $1 WHERE id = $2";
        let remove = "DELETE FROM list_member WHERE list = $1 AND profile_id = $2";
        self.change(|database| {
            let mut removed = 0;
            for one in ids_of(database, person)? {
                removed += database.execute(remove, values![id, &one])?;
            }
            database.execute(touch, values![now.micros(), id])?;
            Ok(removed > 0)
        })
    }

    /// Which of these ids were put on which of these lists.
    ///
    /// # Errors
    /// See [`StorageError`].
    pub fn listed(&self, lists: &[String], ids: &[ProfileId]) -> Result<Vec<Listed>, StorageError> {
        let ids: Vec<&str> = ids.iter().map(ProfileId::as_str).collect();
        let ask = "SELECT profile_id, added_at FROM list_member WHERE list = $1 AND profile_id IN";
        self.ask(|database| {
            let mut found = Vec::new();
            for list in lists {
                found.extend(among(database, ask, Some(list), &ids, |row| {
                    let (profile, added) = (ProfileId::new(row.text(0)?), row.number(1)?);
                    Ok(Listed { list: list.clone(), profile, added: Time::from_micros(added) })
                })?);
            }
            Ok(found)
        })
    }

    /// People on a list, by their ids after `after`, at most `limit`.
    ///
    /// # Errors
    /// See [`StorageError`].
    pub fn members(
        &self,
        id: &str,
        after: &str,
        limit: usize,
    ) -> Result<Vec<Member>, StorageError> {
        self.ask(|database| {
            let person = format!("alias.profile_id{}", database.by_code_points());
            let ask = format!(
                "SELECT alias.profile_id, min(added_at) {PEOPLE} WHERE list = $1 AND {person} > $2 \
                 GROUP BY alias.profile_id ORDER BY {person} LIMIT $3"
            );
            database.all(&ask, values![id, after, limit], member)
        })
    }
}

fn list(row: &dyn Row) -> Result<ListRow, StorageError> {
    let about = About {
        name: row.string(1)?,
        note: row.string(2)?,
        owner: row.string(3)?,
        created: Time::from_micros(row.number(4)?),
        changed: Time::from_micros(row.number(5)?),
    };
    Ok(ListRow { id: row.string(0)?, about, people: 0 })
}

fn member(row: &dyn Row) -> Result<Member, StorageError> {
    let profile = ProfileId::new(row.string(0)?);
    Ok(Member { profile, added: Time::from_micros(row.number(1)?) })
}

fn find(sql: &mut dyn Sql, id: &str) -> Result<Option<ListRow>, StorageError> {
    sql.one(&format!("{LISTS} WHERE id = $1"), values![id], list)
}

/// Every id of the person of `id`; itself when it leads to nobody.
fn ids_of(sql: &mut dyn Sql, id: &str) -> Result<Vec<String>, StorageError> {
    let Some(person) = sql.text("SELECT profile_id FROM alias WHERE id = $1", values![id])? else {
        return Ok(vec![id.to_owned()]);
    };
    let theirs = "SELECT id FROM alias WHERE profile_id = $1";
    sql.all(theirs, values![&person], |row| row.string(0))
}

fn lists_of(sql: &mut dyn Sql, id: &str) -> Result<Vec<String>, StorageError> {
    let mut lists = Vec::new();
    for one in ids_of(sql, id)? {
        let ask = "SELECT list FROM list_member WHERE profile_id = $1";
        lists.extend(sql.all(ask, values![&one], |row| row.string(0))?);
    }
    Ok(lists)
}

/// Puts those of `people` who are somebody on a list.
fn add(
    sql: &mut dyn Sql,
    list: &str,
    people: &[ProfileId],
    now: Time,
    ids_max: usize,
) -> Result<(Adding, Settled), StorageError> {
    let mut added = 0;
    let mut unknown = 0;
    for some in people.chunks(IDS_AT_ONCE) {
        let known = known(sql, some)?;
        let distinct: std::collections::BTreeSet<&str> =
            some.iter().map(ProfileId::as_str).collect();
        unknown += distinct.len().saturating_sub(known.len());
        added += insert(sql, list, &known, now)?;
    }
    let count = "SELECT count(*) FROM list_member WHERE list = $1";
    let all = sql.number(count, values![list])?;
    if usize::try_from(all).unwrap_or(usize::MAX) > ids_max {
        return Ok((Adding::TooMany, Settled::Dropped));
    }
    let unknown = u64::try_from(unknown).unwrap_or(u64::MAX);
    Ok((Adding::Done { added, unknown }, Settled::Kept))
}

/// Those of these ids that lead to somebody.
fn known(sql: &mut dyn Sql, people: &[ProfileId]) -> Result<Vec<String>, StorageError> {
    let (places, ids) = one_of(people.iter().map(ProfileId::as_str));
    let ask = format!("SELECT id FROM alias WHERE id IN ({places})");
    sql.all(&ask, &ids, |row| row.string(0))
}

fn insert(sql: &mut dyn Sql, list: &str, ids: &[String], now: Time) -> Result<u64, StorageError> {
    if ids.is_empty() {
        return Ok(0);
    }
    // Places count in the order of their first use: the list and the time come first.
    let places = (3..ids.len() + 3).map(|at| format!("($1, $2, ${at})"));
    let rows = places.collect::<Vec<_>>().join(", ");
    let put = format!(
        "INSERT INTO list_member (list, added_at, profile_id) VALUES {rows} \
         ON CONFLICT (list, profile_id) DO NOTHING"
    );
    let mut values = vec![Value::Text(list), Value::Number(now.micros())];
    values.extend(ids.iter().map(|id| Value::Text(id)));
    sql.execute(&put, &values)
}
