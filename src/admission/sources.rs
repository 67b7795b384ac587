//! The event sources and redirects as the server knows them, renewed when the configuration changes.

use std::collections::HashMap;
use std::sync::{Arc, PoisonError, RwLock};

use serde::de::DeserializeOwned;

use crate::model::{Redirect, Source, SourceId};
use crate::storage::{RedirectBody, SourceBody, Storage, StorageError};

/// All of them, in memory: asked once per payload, changed once a month.
#[derive(Debug, Default)]
pub struct Sources(RwLock<Known>);

#[derive(Debug, Default)]
struct Known {
    version: Option<i64>,
    by_id: HashMap<SourceId, Arc<Source>>,
    redirects: HashMap<String, Arc<Redirect>>,
}

impl Sources {
    /// The source with this id. Upper and lower case are one, as in the reference.
    #[must_use]
    pub fn get(&self, id: &str) -> Option<Arc<Source>> {
        let known = self.0.read().unwrap_or_else(PoisonError::into_inner);
        let exact = known.by_id.get(id);
        exact.or_else(|| known.by_id.get(id.to_lowercase().as_str())).cloned()
    }

    /// All of them, sorted by id.
    #[must_use]
    pub fn all(&self) -> Vec<Arc<Source>> {
        let known = self.0.read().unwrap_or_else(PoisonError::into_inner);
        let mut all: Vec<_> = known.by_id.values().cloned().collect();
        all.sort_by(|one, other| one.id.cmp(&other.id));
        all
    }

    /// The redirect with this id.
    #[must_use]
    pub fn redirect(&self, id: &str) -> Option<Arc<Redirect>> {
        let known = self.0.read().unwrap_or_else(PoisonError::into_inner);
        known.redirects.get(id).cloned()
    }

    /// All redirects, sorted by id.
    #[must_use]
    pub fn redirects(&self) -> Vec<Arc<Redirect>> {
        let known = self.0.read().unwrap_or_else(PoisonError::into_inner);
        let mut all: Vec<_> = known.redirects.values().cloned().collect();
        all.sort_by(|one, other| one.id.cmp(&other.id));
        all
    }

    /// Reads them again if anybody, in this process or another, has changed the configuration.
    ///
    /// # Errors
    /// What the storage says; the sources known stay.
    pub fn renew(&self, storage: &dyn Storage) -> Result<(), StorageError> {
        let version = storage.config_version()?;
        if self.0.read().unwrap_or_else(PoisonError::into_inner).version == Some(version) {
            return Ok(());
        }
        let sources = read::<SourceBody>(storage, "source")?.into_iter().map(|(id, body)| {
            let id = SourceId::new(id);
            (id.clone(), Arc::new(body.into_source(id)))
        });
        let redirects = read::<RedirectBody>(storage, "redirect")?
            .into_iter()
            .map(|(id, body)| (id.clone(), Arc::new(body.into_redirect(id))));
        let (by_id, redirects) = (sources.collect(), redirects.collect());
        *self.0.write().unwrap_or_else(PoisonError::into_inner) =
            Known { version: Some(version), by_id, redirects };
        Ok(())
    }
}

/// The rows of `config` of this kind.
fn read<Body: DeserializeOwned>(
    storage: &dyn Storage,
    kind: &str,
) -> Result<Vec<(String, Body)>, StorageError> {
    let rows = storage.config(kind)?.into_iter();
    let rows = rows.map(|(id, body)| match serde_json::from_str(&body) {
        Ok(body) => Ok((id, body)),
        Err(error) => Err(StorageError::Failed(format!("{kind} {id}: {error}"))),
    });
    rows.collect()
}
