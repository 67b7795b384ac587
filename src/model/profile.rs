//! A profile: one person, as far as we know them.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use serde_json::Value;

use super::{
    Because, ConsentLog, EventId, IdentifierKey, Map, Membership, Namespace, Orders, ProfileId,
    Tallies, Time,
};

/// Most values of a field that is a list.
pub const LIST_VALUES_MAX: usize = 1000;
/// Most interests, and most consents, of one person.
pub const NAMES_MAX: usize = 1000;

/// Most others that a person is kept apart from.
pub const APART_MAX: usize = 1000;

/// One person (docs/wire.md §4.5). The free parts are JSON objects; absent keys are at their
/// defaults.
#[derive(Clone, Debug, PartialEq)]
pub struct Profile {
    /// The living id.
    pub id: ProfileId,
    /// The person's key in another system.
    pub primary_id: Option<String>,
    /// Every id that leads here, this profile's own first.
    pub ids: Vec<ProfileId>,
    /// Those of `ids` that were profiles of their own and ended in this one. What happens under such
    /// an id is kept under it, so that a merger is a mapping, and can be taken back.
    pub ended: Vec<ProfileId>,
    /// Ids of others that somebody has said to be other people: nothing unites them with this one.
    pub apart: Vec<ProfileId>,
    /// The last merger came after everything that was received up to here.
    pub merged_through: Option<Time>,
    /// First seen. Decides who lives on in a merge.
    pub created: Time,
    /// Last written.
    pub updated: Option<Time>,
    /// Their visits.
    pub visits: Visits,
    /// Free. Only a company's own rules write it.
    pub traits: Map,
    /// Names of segments they are in: sticky audiences add to it.
    pub segments: Vec<String>,
    /// Interest to its weight; flat, so that merging can add.
    pub interests: Map,
    /// Consent to `{revoke}`; present is granted. What follows from `consent_log`.
    pub consents: Map,
    /// Every word about consents, denials too.
    pub consent_log: ConsentLog,
    /// Their orders, from which `data.metrics` says what they come to.
    pub orders: Orders,
    /// Computed beside the data.
    pub aux: Map,
    /// The fixed tree: `pii`, `contact`, `identifier`, `preferences`, `metrics`, …
    pub data: Map,
    /// What they are recognised by, hashed, in the order in which it was said.
    pub identifiers: BTreeMap<Namespace, Vec<String>>,
    /// How many were merged into this one on the last day on which any were.
    pub merges: MergesOfDay,
    /// Path to its last change: decides which value is the later one in a merge.
    pub fields: BTreeMap<String, FieldChange>,
    /// What they did, as far as rules count it.
    pub tallies: Tallies,
    /// The audiences that they are in.
    pub audiences: BTreeMap<Arc<str>, Membership>,
    /// When it has to be looked at again in which audiences they are, should nothing happen until then.
    pub due: Option<Time>,
    /// Why they are due, where it is not that time goes by.
    pub woken: Option<Because>,
}

/// How many people were merged into one on a day.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct MergesOfDay {
    /// Days since 1970 (UTC).
    pub day: i64,
    /// How many.
    pub count: u64,
}

impl MergesOfDay {
    /// How many on this day.
    #[must_use]
    pub fn on(self, day: i64) -> u64 {
        if self.day == day { self.count } else { 0 }
    }

    /// One more on this day; of a day before the last one nothing is kept.
    #[must_use]
    pub fn and_one(self, day: i64) -> Self {
        if self.count > 0 && day < self.day {
            return self;
        }
        Self { day, count: self.on(day) + 1 }
    }
}

/// When a field last changed, and by which event.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FieldChange {
    /// When.
    pub at: Time,
    /// By which event.
    pub event: EventId,
    /// Which of two values is right, should two people turn out to be one.
    pub keeps: Keeps,
}

/// Which of two people's values of a field is right when they become one. The field says so itself, so
/// that a merger needs no rules, and gives the same whatever the rules are by then.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Keeps {
    /// What is usual at its place: interests and totals add up, of all others the one changed last.
    #[default]
    Usual,
    /// The one changed last, also where others add up.
    Latest,
    /// The one of the earlier event.
    Earliest,
    /// The smaller one.
    Least,
    /// The greater one.
    Greatest,
    /// Both together.
    Sum,
}

impl Keeps {
    const NAMED: [(Self, &'static str); 6] = [
        (Self::Usual, "usual"),
        (Self::Latest, "latest"),
        (Self::Earliest, "earliest"),
        (Self::Least, "least"),
        (Self::Greatest, "greatest"),
        (Self::Sum, "sum"),
    ];

    /// As it is stored.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        Self::NAMED.iter().find(|(keeps, _)| *keeps == self).map_or("usual", |(_, name)| name)
    }

    /// The one of this name; what nobody knows is the usual one.
    #[must_use]
    pub fn named(name: &str) -> Self {
        Self::NAMED.iter().find(|(_, known)| *known == name).map_or(Self::Usual, |(one, _)| *one)
    }
}

/// The visits of a profile (`metadata.time.visit`).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Visits {
    /// The visit before the current one.
    pub last: Option<Time>,
    /// When the current visit started.
    pub current: Option<Time>,
    /// Sessions so far.
    pub count: u64,
    /// IANA time zone of the last one.
    pub timezone: Option<String>,
}

impl Profile {
    /// A person nobody has seen before `now`.
    #[must_use]
    pub fn new(id: ProfileId, now: Time) -> Self {
        Self {
            ids: vec![id.clone()],
            id,
            ended: Vec::new(),
            apart: Vec::new(),
            merged_through: None,
            primary_id: None,
            created: now,
            updated: None,
            visits: Visits::default(),
            traits: Map::new(),
            segments: Vec::new(),
            interests: Map::new(),
            consents: Map::new(),
            consent_log: ConsentLog::default(),
            orders: Orders::default(),
            aux: Map::new(),
            data: Map::new(),
            identifiers: BTreeMap::new(),
            merges: MergesOfDay::default(),
            fields: BTreeMap::new(),
            tallies: Tallies::default(),
            audiences: BTreeMap::new(),
            due: None,
            woken: None,
        }
    }

    /// What it takes in memory, about, in bytes.
    #[must_use]
    pub fn bytes(&self) -> usize {
        const COLUMNS_BYTES: usize = 512;
        const ID_BYTES: usize = 64;
        const CHANGE_BYTES: usize = 128;
        const MEMBERSHIP_BYTES: usize = 128;
        let parts = [&self.traits, &self.interests, &self.consents, &self.aux, &self.data];
        let parts: usize = parts.into_iter().map(map_bytes).sum();
        let key = self.primary_id.as_ref().map_or(0, String::len);
        let identifiers: usize = self.identifiers.values().map(Vec::len).sum();
        let ids = self.ids.len() + self.ended.len() + self.apart.len() + identifiers;
        COLUMNS_BYTES
            + ID_BYTES * ids
            + CHANGE_BYTES * self.fields.len()
            + key
            + parts
            + self.consent_log.bytes()
            + self.orders.bytes()
            + self.tallies.bytes()
            + MEMBERSHIP_BYTES * self.audiences.len()
    }

    /// Nothing unites this person with the one of this id from now on; false when that was so before.
    /// Of too many, those go that were said first.
    pub fn keep_apart_from(&mut self, other: &ProfileId) -> bool {
        if self.apart.contains(other) {
            return false;
        }
        self.apart.push(other.clone());
        let too_many = self.apart.len().saturating_sub(APART_MAX);
        self.apart.drain(..too_many);
        true
    }

    /// Nobody remembers any more that these were others; false when that was so before.
    pub fn forget_apart(&mut self, others: &[ProfileId]) -> bool {
        let before = self.apart.len();
        self.apart.retain(|id| !others.contains(id));
        self.apart.len() < before
    }

    /// Whatever is folded after a merger is received after it, too: by this its events are told from
    /// those before, which stand in history beside them.
    pub fn comes_after_mergers(&self, received_at: &mut Time) {
        const MOMENT: Duration = Duration::from_micros(1);
        if let Some(merged_through) = self.merged_through {
            *received_at = (*received_at).max(merged_through.plus(MOMENT));
        }
    }

    /// Whether this id is theirs: their own, or one that leads to them.
    #[must_use]
    pub fn has_id(&self, id: &ProfileId) -> bool {
        self.id == *id || self.ids.contains(id)
    }

    /// Whether somebody has said that this is another person than `other`.
    #[must_use]
    pub fn is_apart_from(&self, other: &Self) -> bool {
        self.apart.iter().any(|id| other.ids.contains(id))
            || other.apart.iter().any(|id| self.ids.contains(id))
    }

    /// Whether they are recognised by this.
    #[must_use]
    pub fn is_recognised_by(&self, key: &IdentifierKey) -> bool {
        self.identifiers.get(&key.namespace).is_some_and(|values| values.contains(&key.hash))
    }

    /// All that they are recognised by.
    pub fn keys(&self) -> impl Iterator<Item = IdentifierKey> {
        self.identifiers.iter().flat_map(|(namespace, hashes)| {
            hashes.iter().map(move |hash| {
                let (namespace, hash) = (namespace.clone(), hash.clone());
                IdentifierKey { namespace, hash }
            })
        })
    }

    /// They are recognised by this from now on; false when they were before.
    pub fn recognise_by(&mut self, key: &IdentifierKey) -> bool {
        let values = self.identifiers.entry(key.namespace.clone()).or_default();
        let is_new = !values.contains(&key.hash);
        if is_new {
            values.push(key.hash.clone());
        }
        is_new
    }

    /// They are taken to have said this of consents, and nothing else.
    pub fn assume(&mut self, said: &ConsentLog) {
        self.consents = said.granted();
        self.consent_log = said.clone();
    }

    /// By this order the first of several profiles lives on: the older one, and of two of the same
    /// moment the one whose id sorts first, so that every order of arrival agrees.
    #[must_use]
    pub fn seniority(&self) -> (Time, &ProfileId) {
        (self.created, &self.id)
    }
}

/// What a map takes: its nodes have room for eleven keys, however few there are.
fn map_bytes(map: &Map) -> usize {
    const NODE_BYTES: usize = 640;
    const NODE_KEYS: usize = 8;
    let inside: usize = map.iter().map(|(key, value)| key.len() + value_bytes(value)).sum();
    map.len().div_ceil(NODE_KEYS) * NODE_BYTES + inside
}

fn value_bytes(value: &Value) -> usize {
    match value {
        Value::Null | Value::Bool(_) | Value::Number(_) => 0,
        Value::String(text) => text.len(),
        Value::Array(list) => {
            list.iter().map(|value| size_of::<Value>() + value_bytes(value)).sum()
        }
        Value::Object(map) => map_bytes(map),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_too_many_who_are_kept_apart_the_first_go() {
        let mut profile = Profile::new(ProfileId::new("a"), Time::from_micros(0));
        let id = |number: usize| ProfileId::new(number.to_string());
        assert!((0..=APART_MAX).all(|number| profile.keep_apart_from(&id(number))));
        assert!(!profile.keep_apart_from(&id(APART_MAX)), "it is so already");
        assert_eq!(profile.apart.len(), APART_MAX);
        assert!(!profile.apart.contains(&id(0)) && profile.apart.contains(&id(1)));
    }

    #[test]
    fn the_key_in_another_system_is_weighed() {
        let mut profile = Profile::new(ProfileId::new("a"), Time::from_micros(0));
        let without = profile.bytes();
        profile.primary_id = Some("x".repeat(1000));
        assert_eq!(profile.bytes(), without + 1000);
    }
}
