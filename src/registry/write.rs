//! Changing the configuration.
//!
//! A change is checked against one version of all of it, and done only if it is still that one: so
//! what was checked holds, whoever else changes something.

use super::entity::in_words;
use super::lines::check_lines;
use super::{Entity, Misfit, Reference, Registry, Snapshot, Stored};
use crate::model::Audience;
use crate::storage::{By, ConfigEdit, StorageError};

/// What a list of people is called.
const LIST: &str = "list";
/// How often a change is checked anew when others are faster.
const ATTEMPTS_MAX: usize = 8;

/// Who changes something, and what they have seen of it.
#[derive(Clone, Copy, Debug)]
pub struct Author<'a> {
    /// A user's e-mail address, or what else changes it: for the audit log.
    pub who: &'a str,
    /// The address that their request came from, where it is one.
    pub address: Option<&'a str>,
    /// The entity's version that the change is based on; none to change whatever is there.
    pub based_on: Option<i64>,
}

impl<'a> Author<'a> {
    /// Somebody who has looked at nothing.
    #[must_use]
    pub fn named(who: &'a str) -> Self {
        Self { who, address: None, based_on: None }
    }
}

/// Why nothing was changed.
#[derive(Debug)]
pub enum NotSaved {
    /// It does not fit: change it.
    Misfit(Misfit),
    /// It refers to what is not there: make that first, or refer to something else.
    Dangling(Reference),
    /// Others need it: change them first. Kind and id of each.
    InUse(Vec<(&'static str, String)>),
    /// It is not what it was based on any more: look again.
    Overtaken,
    /// There is none of this id.
    Missing,
    /// The storage did not do it.
    Storage(StorageError),
}

impl From<StorageError> for NotSaved {
    fn from(error: StorageError) -> Self {
        Self::Storage(error)
    }
}

impl Registry {
    /// Stores an entity, new or instead of the one that is there. Its new version. Blocks until all
    /// servers that run know it.
    ///
    /// # Errors
    /// [`NotSaved`].
    pub fn put<T: Entity>(&self, entity: &T, author: Author<'_>) -> Result<i64, NotSaved> {
        self.put_for(entity, |_| Ok(None), author)
    }

    /// Stores an entity, and in the same change removes the one that it was until then under another id, if
    /// `former` finds one: that is what the change is based on, and what nobody may need any more. Its new
    /// version. Blocks until all servers that run know it.
    ///
    /// # Errors
    /// [`NotSaved`]; then both are as they were.
    pub fn put_for<T: Entity>(
        &self,
        entity: &T,
        former: impl Fn(&Snapshot) -> Result<Option<String>, Misfit>,
        author: Author<'_>,
    ) -> Result<i64, NotSaved> {
        self.change(author, |known| {
            let former = former(known).map_err(NotSaved::Misfit)?;
            let Some(former) = former.filter(|former| former != entity.id()) else {
                based_on(author, known.get::<T>(entity.id()))?;
                return Ok(vec![stored(&self.as_written(known, entity)?)?]);
            };
            let removed = removed::<T>(known, &former, author)?;
            // What it needs must be there without it, too; so is the room that it leaves.
            let entity = self.as_written(&known.without::<T>(&former), entity)?;
            Ok(vec![stored(&entity)?, removed])
        })
    }

    /// Stores how far the server is with an entity, where it is still the one of this version.
    ///
    /// # Errors
    /// [`NotSaved`].
    pub fn advance<T: Entity>(&self, entity: &T, version: i64, who: &str) -> Result<i64, NotSaved> {
        self.change(Author::named(who), |known| {
            let now = known.get::<T>(entity.id()).ok_or(NotSaved::Missing)?;
            if now.version != version {
                return Err(NotSaved::Overtaken);
            }
            self.must_fit(known, entity)?;
            Ok(vec![stored(entity)?])
        })
    }

    /// What somebody writes, as it is stored over what is known, where that fits: what is only tried is as well.
    ///
    /// # Errors
    /// [`NotSaved::Misfit`], [`NotSaved::Dangling`] and [`NotSaved::Storage`].
    pub fn as_written<T: Entity>(&self, known: &Snapshot, entity: &T) -> Result<T, NotSaved> {
        let before = known.get::<T>(entity.id()).map(|stored| stored.entity.as_ref());
        check_lines(entity, before).map_err(NotSaved::Misfit)?;
        known.check_changed(entity, before).map_err(NotSaved::Misfit)?;
        // Which is stored only as the next one after this.
        let entity = entity.clone().written_in(known.version() + 1, before);
        self.must_fit(known, &entity)?;
        Ok(entity)
    }

    fn must_fit<T: Entity>(&self, known: &Snapshot, entity: &T) -> Result<(), NotSaved> {
        entity.check(known).map_err(NotSaved::Misfit)?;
        if let Some(dangling) = entity.refers_to().into_iter().find(|one| !known.has(one)) {
            return Err(NotSaved::Dangling(dangling));
        }
        // Whoever removes a list changes the version of all of it: so what is there now is there when this is
        // stored, or it is looked for again.
        for id in entity.lists() {
            if self.storage.list(&id)?.is_none() {
                let place = "condition";
                return Err(NotSaved::Dangling(Reference { kind: LIST, id, place }));
            }
        }
        Ok(())
    }

    /// Removes the entity of this id. Blocks until all servers that run know it.
    ///
    /// # Errors
    /// [`NotSaved`].
    pub fn remove<T: Entity>(&self, id: &str, author: Author<'_>) -> Result<(), NotSaved> {
        self.change(author, |known| Ok(vec![removed::<T>(known, id, author)?])).map(|_| ())
    }

    /// Removes a list of people that no audience needs; they stay. Blocks until all servers that run know it.
    ///
    /// # Errors
    /// [`NotSaved`].
    pub fn remove_list(&self, id: &str) -> Result<(), NotSaved> {
        for _ in 0..ATTEMPTS_MAX {
            self.renew()?;
            let known = self.now();
            let audiences = known.all::<Audience>().into_iter().map(|stored| &stored.entity);
            let users = audiences.filter(|one| one.lists().contains(id));
            let users: Vec<_> = users.map(|one| (Audience::KIND, one.id.clone())).collect();
            if !users.is_empty() {
                return Err(NotSaved::InUse(users));
            }
            let Some(version) = self.storage.remove_list(id, known.version())? else { continue };
            if version == known.version() {
                return Err(NotSaved::Missing);
            }
            self.renew()?;
            self.wait_for_others(version);
            return Ok(());
        }
        Err(StorageError::Again("the configuration".to_owned()).into())
    }

    /// Decides on a change over what is known, and does all of it if that still holds; again while others are
    /// faster. The version of the first of its edits.
    fn change(
        &self,
        author: Author<'_>,
        decide: impl Fn(&Snapshot) -> Result<Vec<ConfigEdit>, NotSaved>,
    ) -> Result<i64, NotSaved> {
        for _ in 0..ATTEMPTS_MAX {
            self.renew()?;
            let known = self.now();
            let edits = decide(&known)?;
            let (who, address) = (author.who, author.address);
            let by = By { who, address, at: self.clock.now() };
            let Some(version) = self.storage.configure(known.version(), &edits, by)? else {
                continue;
            };
            self.renew()?;
            self.wait_for_others(version);
            return Ok(known.version() + 1);
        }
        Err(StorageError::Again("the configuration".to_owned()).into())
    }
}

/// The change that stores an entity.
fn stored<T: Entity>(entity: &T) -> Result<ConfigEdit, NotSaved> {
    let body = serde_json::to_string(&entity.to_body())
        .map_err(|error| StorageError::Failed(error.to_string()))?;
    Ok(ConfigEdit::Put { kind: T::KIND, id: entity.id().to_owned(), body })
}

/// The change that removes the entity of this id, where nobody needs it.
fn removed<T: Entity>(
    known: &Snapshot,
    id: &str,
    author: Author<'_>,
) -> Result<ConfigEdit, NotSaved> {
    let stored = known.get::<T>(id).ok_or(NotSaved::Missing)?;
    based_on(author, Some(stored))?;
    let id = stored.entity.id().to_owned();
    let users = known.users_of(T::KIND, &id);
    if !users.is_empty() {
        return Err(NotSaved::InUse(users));
    }
    Ok(ConfigEdit::Remove { kind: T::KIND, id })
}

/// What is changed must be what was looked at, but for what the server alone has changed since. Version 0 is
/// nothing at all.
fn based_on<T: Entity>(author: Author<'_>, stored: Option<&Stored<T>>) -> Result<(), NotSaved> {
    let version = stored.map_or(0, |stored| stored.version);
    let written = stored.and_then(|stored| stored.entity.written());
    let is_it = |wanted| wanted == version || Some(wanted) == written;
    if author.based_on.is_none_or(is_it) { Ok(()) } else { Err(NotSaved::Overtaken) }
}

impl std::fmt::Display for NotSaved {
    /// For the command line.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Misfit(misfit) => misfit.fmt(f),
            Self::Dangling(reference) => reference.dangles().fmt(f),
            Self::InUse(users) => {
                let users = users.iter().map(|(kind, id)| format!("{} {id}", in_words(kind)));
                let users: Vec<_> = users.collect();
                write!(f, "it is needed by {}", users.join(", "))
            }
            Self::Overtaken => f.write_str("somebody else has changed it meanwhile"),
            Self::Missing => f.write_str("there is none of this id"),
            Self::Storage(error) => error.fmt(f),
        }
    }
}
