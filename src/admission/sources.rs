//! The event sources and redirects as the server knows them, renewed when the configuration changes.

use std::collections::HashMap;
use std::sync::{Arc, PoisonError, RwLock};

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
        let mut by_id = HashMap::new();
        for (id, body) in storage.config("source")? {
            let body: SourceBody = serde_json::from_str(&body)
                .map_err(|error| StorageError::Failed(format!("source {id}: {error}")))?;
            let id = SourceId::new(id);
            by_id.insert(id.clone(), Arc::new(body.into_source(id)));
        }
        let mut redirects = HashMap::new();
        for (id, body) in storage.config("redirect")? {
            let body: RedirectBody = serde_json::from_str(&body)
                .map_err(|error| StorageError::Failed(format!("redirect {id}: {error}")))?;
            redirects.insert(id.clone(), Arc::new(body.into_redirect(id)));
        }
        *self.0.write().unwrap_or_else(PoisonError::into_inner) =
            Known { version: Some(version), by_id, redirects };
        Ok(())
    }
}
