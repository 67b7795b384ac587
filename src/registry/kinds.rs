//! The list of kinds: a line each.

use std::any::Any;
use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use super::{Entity, Reference, Stored};
use crate::model::{
    Audience, Compliance, ComputedTrait, ConsentType, CurrencyTable, Dashboard, EventToProfile,
    EventType, Function, IdentitySettings, NamespaceRules, Redirect, Reshaping, SavedQuestion,
    Source, TrackingPlan, Validator,
};
use crate::storage::{ConfigRecord, StorageError};

/// Every kind there is.
pub(super) const KINDS: [Kind; 17] = [
    Kind::of::<Source>(),
    Kind::of::<Redirect>(),
    Kind::of::<NamespaceRules>(),
    Kind::of::<IdentitySettings>(),
    Kind::of::<SavedQuestion>(),
    Kind::of::<Dashboard>(),
    Kind::of::<Audience>(),
    Kind::of::<ComputedTrait>(),
    Kind::of::<EventType>(),
    Kind::of::<EventToProfile>(),
    Kind::of::<Validator>(),
    Kind::of::<TrackingPlan>(),
    Kind::of::<Reshaping>(),
    Kind::of::<Function>(),
    Kind::of::<Compliance>(),
    Kind::of::<ConsentType>(),
    Kind::of::<CurrencyTable>(),
];

/// A kind, for those who work with all of them.
pub(super) struct Kind {
    pub(super) name: &'static str,
    pub(super) read: fn(&[&ConfigRecord]) -> Result<Table, StorageError>,
}

impl Kind {
    const fn of<T: Entity>() -> Self {
        Self { name: T::KIND, read: Table::read::<T> }
    }
}

/// All entities of one kind.
#[derive(Clone)]
pub(super) struct Table {
    /// An [`Entities`] of them.
    entities: Arc<dyn Any + Send + Sync>,
    /// What each refers to, by its id.
    pub(super) references: BTreeMap<String, Vec<Reference>>,
}

/// By id.
type Entities<T> = HashMap<String, Stored<T>>;

impl Table {
    fn read<T: Entity>(records: &[&ConfigRecord]) -> Result<Self, StorageError> {
        let mut entities = Entities::<T>::with_capacity(records.len());
        let mut references = BTreeMap::new();
        for record in records {
            let entity = entity::<T>(record)?;
            references.insert(record.id.clone(), entity.refers_to());
            let stored = Stored { entity: Arc::new(entity), version: record.version };
            entities.insert(record.id.clone(), stored);
        }
        Ok(Self { entities: Arc::new(entities), references })
    }

    /// Without any.
    pub(super) fn empty<T: Entity>() -> Self {
        Self { entities: Arc::new(Entities::<T>::new()), references: BTreeMap::new() }
    }

    /// The same, with this one in place of the one of its id.
    pub(super) fn with<T: Entity>(&self, entity: T) -> Self {
        let mut entities = self.of::<T>().cloned().unwrap_or_default();
        let mut references = self.references.clone();
        let id = entity.id().to_owned();
        references.insert(id.clone(), entity.refers_to());
        entities.insert(id, Stored { entity: Arc::new(entity), version: 0 });
        Self { entities: Arc::new(entities), references }
    }

    /// The same, without the one of this id.
    pub(super) fn without<T: Entity>(&self, id: &str) -> Self {
        let mut entities = self.of::<T>().cloned().unwrap_or_default();
        let mut references = self.references.clone();
        references.remove(id);
        entities.remove(id);
        Self { entities: Arc::new(entities), references }
    }

    /// The entities; none when they are of another kind.
    pub(super) fn of<T: Entity>(&self) -> Option<&Entities<T>> {
        self.entities.downcast_ref()
    }
}

fn entity<T: Entity>(record: &ConfigRecord) -> Result<T, StorageError> {
    match serde_json::from_str(&record.body) {
        Ok(body) => Ok(T::from_body(record.id.clone(), body)),
        // The error names a place in the body, never its content.
        Err(error) => Err(StorageError::Failed(format!("{} {}: {error}", record.kind, record.id))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::storage::AUDIT_KINDS;

    #[test]
    fn the_audit_log_knows_every_kind() {
        assert!(KINDS.iter().all(|kind| AUDIT_KINDS.contains(&kind.name)));
    }
}
