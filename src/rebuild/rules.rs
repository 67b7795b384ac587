//! The rules under which everybody is decided on anew.

use std::collections::HashMap;
use std::sync::Arc;

use super::{NotRebuilt, read};
use crate::app::App;
use crate::model::{
    IdentityRules, Namespace, NamespaceRules, RuleSet, Source, SourceId, Time, Trust,
};
use crate::registry::{Entity as _, Snapshot};

/// What names somebody, who is believed, and how far.
#[derive(Clone, Debug)]
pub struct Rules {
    /// What events of each type do.
    pub events: Arc<RuleSet>,
    /// What names somebody.
    pub identity: Arc<IdentityRules>,
    sources: HashMap<SourceId, Trust>,
    /// When each namespace was changed last.
    since: HashMap<Namespace, Time>,
}

impl Rules {
    /// As they are now.
    ///
    /// # Errors
    /// See [`NotRebuilt`].
    pub async fn now(app: &Arc<App>) -> Result<Self, NotRebuilt> {
        let snapshot = app.registry.now();
        Self::of(app, &snapshot, &[]).await
    }

    /// Those of this configuration, in which `changed` are namespaces that would be changed.
    ///
    /// # Errors
    /// See [`NotRebuilt`].
    pub async fn of(
        app: &Arc<App>,
        snapshot: &Snapshot,
        changed: &[Namespace],
    ) -> Result<Self, NotRebuilt> {
        let known = read(app, |storage| storage.last_changes(NamespaceRules::KIND)).await?;
        let known = known.into_iter().map(|(name, at)| (Namespace::new(name), at));
        let changed = changed.iter().map(|name| (name.clone(), Time::END));
        let sources = snapshot.all::<Source>().into_iter();
        Ok(Self {
            events: Arc::clone(snapshot.rules()),
            identity: Arc::clone(snapshot.identity()),
            sources: sources.map(|one| (one.entity.id.clone(), one.entity.trust)).collect(),
            since: known.chain(changed).collect(),
        })
    }

    /// Whether what a page named by it at this moment was looked at under other rules than these.
    pub(super) fn are_news(&self, namespace: &Namespace, at: Time) -> bool {
        self.since.get(namespace).is_some_and(|since| at <= *since)
    }

    /// How far a source is believed. One that is gone was believed as a page is.
    pub(super) fn trust(&self, source: &SourceId) -> Trust {
        self.sources.get(source).copied().unwrap_or(Trust::Public)
    }

    /// The types of events that name somebody.
    pub(super) fn kinds(&self) -> Vec<String> {
        let mut kinds: Vec<String> = self.events.naming_types().map(str::to_owned).collect();
        kinds.sort_unstable();
        kinds
    }
}
