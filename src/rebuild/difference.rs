//! What differs between the shadow and what stands: who comes apart, who becomes one, who is known by what.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use super::shadow::{Joined, Shadow};
use crate::model::{IdentifierKey, ProfileId};

/// All that differs.
#[derive(Debug, Default)]
pub(super) struct Difference {
    /// People who are not as they were, with those whom that concerns. Nobody is in two.
    pub(super) groups: Vec<Group>,
    /// Events that were looked at.
    pub(super) events: u64,
    /// Whether later events were left out.
    pub(super) is_cut: bool,
    pub(super) mixed: u64,
    pub(super) standing: u64,
}

/// People among whom something is another way.
#[derive(Clone, Debug, Default)]
pub(super) struct Group {
    /// To whom each id leads now, and who it is of in the shadow.
    pub(super) ids: BTreeMap<ProfileId, Place>,
    /// What has shown in the shadow that they are one, in order.
    pub(super) joined: Vec<Joined>,
    pub(super) bound: Vec<(IdentifierKey, ProfileId)>,
    pub(super) unbound: Vec<IdentifierKey>,
}

/// Where an id belongs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Place {
    pub(super) now: ProfileId,
    pub(super) then: ProfileId,
}

impl Group {
    /// The people as they are.
    pub(super) fn now(&self) -> BTreeSet<&ProfileId> {
        self.ids.values().map(|place| &place.now).collect()
    }

    /// The people of the shadow.
    pub(super) fn then(&self) -> BTreeSet<&ProfileId> {
        self.ids.values().map(|place| &place.then).collect()
    }

    /// People who come apart.
    pub(super) fn apart(&self) -> usize {
        several(self.ids.values().map(|place| (&place.now, &place.then)))
    }

    /// People who become one.
    pub(super) fn united(&self) -> usize {
        let mut of_each: BTreeMap<&ProfileId, BTreeSet<&ProfileId>> = BTreeMap::new();
        for place in self.ids.values() {
            of_each.entry(&place.then).or_default().insert(&place.now);
        }
        of_each.values().map(BTreeSet::len).filter(|many| *many > 1).sum()
    }

    /// Mergers that hold no more: each leaves a piece more. A person is united by one merger less than
    /// pieces.
    pub(super) fn pieces(&self) -> usize {
        self.pairs().len() - self.now().len()
    }

    /// Mergers that are new: the pieces of a person of the shadow but one.
    pub(super) fn joins(&self) -> usize {
        self.pairs().len() - self.then().len()
    }

    fn pairs(&self) -> BTreeSet<(&ProfileId, &ProfileId)> {
        self.ids.values().map(|place| (&place.now, &place.then)).collect()
    }

    /// Whether nobody comes apart or becomes one.
    pub(super) fn is_same(&self) -> bool {
        self.apart() == 0 && self.united() == 0
    }
}

/// How many of the first are with several of the second.
fn several<'a>(pairs: impl Iterator<Item = (&'a ProfileId, &'a ProfileId)>) -> usize {
    let mut of_each: BTreeMap<&ProfileId, BTreeSet<&ProfileId>> = BTreeMap::new();
    for (one, other) in pairs {
        of_each.entry(one).or_default().insert(other);
    }
    of_each.values().filter(|others| others.len() > 1).count()
}

impl Difference {
    /// Of a shadow that is whole, or of the events up to its bound.
    pub(super) fn of(shadow: &Shadow<'_>, is_cut: bool) -> Self {
        let numbers = Numbers::of(shadow);
        let mut groups: HashMap<usize, Group> = HashMap::new();
        for (id, place) in places(shadow) {
            groups.entry(numbers.of_id(&id)).or_default().ids.insert(id, place);
        }
        let known = |id: &ProfileId| shadow.actual.contains_key(id);
        for joined in shadow.joined.iter().filter(|one| known(&one.winner)) {
            groups.entry(numbers.of_id(&joined.winner)).or_default().joined.push(joined.clone());
        }
        for (key, under) in &shadow.bound {
            let bound = (key.clone(), under.clone());
            groups.entry(numbers.of_id(under)).or_default().bound.push(bound);
        }
        for (key, under) in &shadow.unbound {
            groups.entry(numbers.of_id(under)).or_default().unbound.push(key.clone());
        }
        let mut groups: Vec<Group> = groups.into_values().collect();
        groups.retain(|group| {
            !group.is_same() || !group.bound.is_empty() || !group.unbound.is_empty()
        });
        groups.sort_by(|one, other| one.ids.keys().next().cmp(&other.ids.keys().next()));
        let (events, mixed, standing) = (shadow.events, shadow.mixed, shadow.standing);
        Self { groups, events, is_cut, mixed, standing }
    }
}

/// Which group each person is of: those who share an id, now or in the shadow, are of one.
struct Numbers {
    parents: HashMap<ProfileId, ProfileId>,
    numbers: HashMap<ProfileId, usize>,
}

impl Numbers {
    fn of(shadow: &Shadow<'_>) -> Self {
        let mut one = Self { parents: HashMap::new(), numbers: HashMap::new() };
        let mut first: HashMap<usize, &ProfileId> = HashMap::new();
        for (id, now) in &shadow.actual {
            let Some(at) = shadow.owners.get(id) else { continue };
            one.unite(id, now);
            let with = *first.entry(*at).or_insert(id);
            one.unite(id, with);
        }
        let ids: HashSet<ProfileId> = one.parents.keys().cloned().collect();
        for id in ids {
            let root = one.root(&id);
            let next = one.numbers.len();
            one.numbers.entry(root).or_insert(next);
        }
        one
    }

    fn of_id(&self, id: &ProfileId) -> usize {
        self.numbers.get(&self.root(id)).copied().unwrap_or(usize::MAX)
    }

    fn root(&self, id: &ProfileId) -> ProfileId {
        let mut at = id;
        while let Some(parent) = self.parents.get(at).filter(|parent| *parent != at) {
            at = parent;
        }
        at.clone()
    }

    fn unite(&mut self, one: &ProfileId, other: &ProfileId) {
        let (one, other) = (self.root(one), self.root(other));
        // The lesser id is the root, whoever was first.
        let [root, below] = if one <= other { [one, other] } else { [other, one] };
        self.parents.entry(root.clone()).or_insert_with(|| root.clone());
        self.parents.insert(below, root);
    }
}

/// Where each id belongs.
fn places(shadow: &Shadow<'_>) -> Vec<(ProfileId, Place)> {
    let place = |(id, now): (&ProfileId, &ProfileId)| {
        let then = shadow.people[*shadow.owners.get(id)?].as_ref()?.id.clone();
        Some((id.clone(), Place { now: now.clone(), then }))
    };
    shadow.actual.iter().filter_map(place).collect()
}
