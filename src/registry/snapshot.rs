//! All of the configuration at one moment.

use std::collections::HashMap;
use std::sync::Arc;

use super::kinds::{KINDS, Table};
use super::{Entity, IDENTITY, Reference, Stored};
use crate::audiences::Rules;
use crate::model::{
    Audience, Compliance, ComputedTrait, ConsentType, CurrencyTable, EventToProfile, EventType,
    Function, IdentityRules, IdentitySettings, NamespaceRules, Reshaping, RuleSet, Source,
    TrackingPlan, Validator, Watching,
};
use crate::rules::{self, Checks, Reshapes, Scripts};
use crate::storage::{ConfigRecord, Configured, Storage, StorageError};

/// See the module. It never changes: whoever holds one works with the same configuration to the end.
#[derive(Clone)]
pub struct Snapshot {
    version: i64,
    tables: HashMap<&'static str, Table>,
    rules: Arc<RuleSet>,
    identity: Arc<IdentityRules>,
    audiences: Option<Arc<Rules>>,
    checks: Arc<Checks>,
    making: Arc<Making>,
}

/// How events are made into others.
#[derive(Debug, Default)]
pub struct Making {
    /// By templates.
    pub reshapes: Reshapes,
    /// By functions.
    pub scripts: Scripts,
}

/// Nothing is configured.
impl Default for Snapshot {
    fn default() -> Self {
        Self::of([0, 0], HashMap::new())
    }
}

impl std::fmt::Debug for Snapshot {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Snapshot").field("version", &self.version).finish_non_exhaustive()
    }
}

impl Snapshot {
    /// Of what is stored. Kinds that this version of Kith does not know are left out: a newer node may
    /// have stored them.
    ///
    /// # Errors
    /// When a record cannot be read.
    pub(super) fn read(configured: &Configured) -> Result<Self, StorageError> {
        let mut tables = HashMap::new();
        for kind in KINDS {
            let is_one = |record: &&ConfigRecord| record.kind == kind.name;
            let records: Vec<_> = configured.records.iter().filter(is_one).collect();
            tables.insert(kind.name, (kind.read)(&records)?);
        }
        Ok(Self::of([configured.version, configured.identity], tables))
    }

    /// The same configuration with other rules of identity: what is put and what is removed is as it would
    /// be after a change.
    #[must_use]
    pub fn would_be(
        &self,
        settings: Option<IdentitySettings>,
        put: Vec<NamespaceRules>,
        removed: &[String],
    ) -> Self {
        let is_left = |name: &str| {
            put.iter().all(|one| one.name.as_str() != name)
                && !removed.iter().any(|one| one == name)
        };
        let known = self.all::<NamespaceRules>().into_iter();
        let known = known.filter(|one| is_left(one.entity.name.as_str()));
        let mut namespaces: Vec<_> = known.map(|one| one.entity.as_ref().clone()).collect();
        namespaces.extend(put);
        let settings = settings.unwrap_or(self.identity.settings);
        let identity = IdentityRules::new(settings, namespaces);
        let (rules, identity) = identity_of(&self.own_rules(), identity);
        let sources = self.tables.get(Source::KIND).cloned();
        let tables = sources.into_iter().map(|table| (Source::KIND, table)).collect();
        let (checks, making) = (Arc::default(), Arc::default());
        Self { tables, rules, identity, checks, making, ..self.clone() }
    }

    /// What follows from the tables is worked out once, not for each payload.
    fn of(versions: [i64; 2], tables: HashMap<&'static str, Table>) -> Self {
        let [version, identity_since] = versions;
        let (rules, identity) = (rules::built_in(), Arc::default());
        let (audiences, checks, making) = (None, Arc::default(), Arc::default());
        let mut snapshot = Self { version, tables, rules, identity, audiences, checks, making };
        let namespaces = snapshot.all::<NamespaceRules>().into_iter();
        let namespaces = namespaces.map(|one| one.entity.as_ref().clone()).collect();
        let settings = snapshot.get::<IdentitySettings>(IDENTITY).map(|one| *one.entity);
        let identity = IdentityRules::new(settings.unwrap_or_default(), namespaces);
        let identity = identity.since(identity_since);
        (snapshot.rules, snapshot.identity) = identity_of(&snapshot.own_rules(), identity);
        snapshot.checks = Arc::new(snapshot.own_checks());
        snapshot.making = Arc::new(snapshot.own_making());
        snapshot.audiences = snapshot.audiences_of().map(Arc::new);
        snapshot
    }

    /// The same configuration with another entity in place of the one of its id, as it would be after a
    /// change.
    #[must_use]
    pub fn with<T: Entity>(&self, entity: T) -> Self {
        self.changed::<T>(|table| table.with(entity))
    }

    /// The same configuration without the entity of this id.
    pub(super) fn without<T: Entity>(&self, id: &str) -> Self {
        self.changed::<T>(|table| table.without::<T>(id))
    }

    fn changed<T: Entity>(&self, change: impl FnOnce(&Table) -> Table) -> Self {
        let mut tables = self.tables.clone();
        let table = tables.entry(T::KIND).or_insert_with(Table::empty::<T>);
        *table = change(table);
        Self::of([self.version, self.identity.version], tables)
    }

    /// What events of each type do by themselves, and by a company's own word.
    fn own_rules(&self) -> Arc<RuleSet> {
        let types = self.all::<EventType>().into_iter().map(|one| one.entity.as_ref());
        let mappings = self.all::<EventToProfile>().into_iter().map(|one| one.entity.as_ref());
        let privacy = self.all::<Compliance>().into_iter().map(|one| one.entity.as_ref());
        let consents = self.all::<ConsentType>().into_iter().map(|one| one.entity.as_ref());
        let tables = self.all::<CurrencyTable>().into_iter().map(|one| one.entity.as_ref());
        let rules = rules::converting(rules::with(types, mappings), tables);
        rules::asking(rules, privacy, consents)
    }

    /// What events must look like.
    fn own_checks(&self) -> Checks {
        let validators = self.all::<Validator>().into_iter().map(|one| one.entity.as_ref());
        let plans = self.all::<TrackingPlan>().into_iter().map(|one| one.entity.as_ref());
        Checks::of(validators, plans)
    }

    /// What events are made into.
    fn own_making(&self) -> Making {
        let reshapings = self.all::<Reshaping>().into_iter().map(|one| one.entity.as_ref());
        let functions = self.all::<Function>().into_iter().map(|one| one.entity.as_ref());
        Making { reshapes: Reshapes::of(reshapings), scripts: Scripts::of(functions) }
    }

    /// What events are made into, before anything is made of them.
    #[must_use]
    pub fn making(&self) -> &Making {
        &self.making
    }

    /// What events must look like.
    #[must_use]
    pub fn checks(&self) -> &Checks {
        &self.checks
    }

    /// What events of each type do.
    #[must_use]
    pub fn rules(&self) -> &Arc<RuleSet> {
        &self.rules
    }

    /// What names somebody, and who is believed to say so.
    #[must_use]
    pub fn identity(&self) -> &Arc<IdentityRules> {
        &self.identity
    }

    fn audiences_of(&self) -> Option<Rules> {
        let audiences = self.all::<Audience>();
        let audiences: Vec<_> =
            audiences.iter().map(|one| (one.entity.as_ref(), one.said())).collect();
        let traits = self.all::<ComputedTrait>();
        let traits: Vec<_> = traits.iter().map(|one| one.entity.as_ref()).collect();
        Rules::new(&audiences, &traits)
    }

    /// What is counted of people, and what they are in because of it; none where nothing is set up.
    #[must_use]
    pub fn audiences(&self) -> Option<&Arc<Rules>> {
        self.audiences.as_ref()
    }

    /// The same, as payloads carry it.
    #[must_use]
    pub fn watching(&self) -> Option<Arc<dyn Watching>> {
        self.audiences.clone().map(|rules| rules as Arc<dyn Watching>)
    }

    /// What is stored of it, and nothing else, for whoever starts before the registry.
    ///
    /// # Errors
    /// What the storage says.
    pub(crate) fn stored_watching(
        storage: &dyn Storage,
    ) -> Result<Option<Arc<dyn Watching>>, StorageError> {
        Ok(Self::read(&storage.configured()?)?.watching())
    }

    /// The same configuration with another layer of rules.
    #[cfg(test)]
    pub(super) fn over(&self, layer: crate::model::Layer, configured: &Configured) -> Self {
        let same = Self::read(configured).unwrap_or_default();
        Self { rules: Arc::new(self.rules.over(layer)), ..same }
    }

    /// Grows with every change.
    #[must_use]
    pub fn version(&self) -> i64 {
        self.version
    }

    /// The entity of this id, as it is written or in its normal form.
    #[must_use]
    pub fn get<T: Entity>(&self, id: &str) -> Option<&Stored<T>> {
        let entities = self.tables.get(T::KIND)?.of::<T>()?;
        entities.get(id).or_else(|| entities.get(T::normal(id).as_ref()))
    }

    /// All of a kind, sorted by id.
    #[must_use]
    pub fn all<T: Entity>(&self) -> Vec<&Stored<T>> {
        let entities = self.tables.get(T::KIND).and_then(Table::of::<T>);
        let mut all: Vec<_> = entities.into_iter().flat_map(HashMap::values).collect();
        all.sort_by(|one, other| one.entity.id().cmp(other.entity.id()));
        all
    }

    /// Whether what is referred to is there.
    pub(super) fn has(&self, reference: &Reference) -> bool {
        let table = self.tables.get(reference.kind);
        table.is_some_and(|table| table.references.contains_key(&reference.id))
    }

    /// What refers to an entity: kind and id of each.
    #[must_use]
    pub fn users_of(&self, kind: &str, id: &str) -> Vec<(&'static str, String)> {
        let mut users = Vec::new();
        for (of, table) in &self.tables {
            for (user, references) in &table.references {
                if references.iter().any(|one| one.kind == kind && one.id == id) {
                    users.push((*of, user.clone()));
                }
            }
        }
        users.sort_unstable();
        users
    }
}

/// With what events of each type do: namespaces say of which properties they are read besides.
fn identity_of(
    rules: &Arc<RuleSet>,
    identity: IdentityRules,
) -> (Arc<RuleSet>, Arc<IdentityRules>) {
    let more = identity.read_from();
    let rules = if more.is_empty() { Arc::clone(rules) } else { Arc::new(rules.naming(more)) };
    (rules, Arc::new(identity))
}
