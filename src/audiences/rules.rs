//! The rules of one moment, compiled: what is counted, what is worked out, who is in what.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;

use serde_json::Value;

use super::check::{computed_names, names, segments};
use super::computed::Computed;
use super::facts::OfPerson;
use super::leaf::Leaf;
use super::list::leaf_of;
use super::memberships::Memberships;
use super::narrow::Narrow;
use super::turns::Turns;
use crate::conditions::{Condition, Facts, Place, Tree, parse_of_people};
use crate::model::{
    Audience, ComputedTrait, HIDDEN, InSegments, Masking, Profile, Tallies, Time, Touched,
};

/// See the module.
#[derive(Clone, Debug, Default)]
pub struct Rules {
    pub(super) leaves: Vec<Leaf>,
    /// Since which version of the configuration each of them is counted.
    since: Vec<i64>,
    by_kind: HashMap<String, OfKind>,
    /// Each with the version of the configuration since which it counts without a break.
    computed: BTreeMap<String, (Computed, i64)>,
    /// Each after those that it names.
    pub(super) audiences: Vec<Compiled>,
    /// By the number of each leaf, the numbers of the audiences that change by it, and how.
    changed_by: Vec<Vec<(usize, Turns)>>,
}

/// What events of a type are held against.
#[derive(Clone, Debug, Default)]
pub(super) struct OfKind {
    /// Numbers of leaves.
    leaves: Vec<usize>,
    /// Which of them may hold of an event.
    narrow: Narrow,
    /// The places that these look at, each once. Their numbers are the slots of the leaves' places.
    pub(super) places: Vec<Place>,
}

/// An audience, ready to be looked at.
#[derive(Clone, Debug)]
pub(super) struct Compiled {
    pub(super) id: Arc<str>,
    pub(super) version: i64,
    /// The version of the configuration since which it counts without a break.
    since: i64,
    pub(super) condition: Condition,
    pub(super) sticky: bool,
    /// Whether its id stands among the segments of the profile.
    pub(super) marks: InSegments,
    /// Numbers of the leaves by which it changes, and how it does when more is counted.
    pub(super) leaves: BTreeMap<usize, Turns>,
    /// Whether it looks at anything else of the profile.
    pub(super) reads_profile: bool,
    /// The audiences that it names, or whose standing among the segments it looks at.
    pub(super) names: BTreeSet<String>,
}

impl Rules {
    /// Of what is configured, with the version of each audience; none where there is nothing. What cannot be
    /// read, since a newer node has written it, is left out.
    #[must_use]
    pub fn new(audiences: &[(&Audience, i64)], traits: &[&ComputedTrait]) -> Option<Self> {
        if audiences.is_empty() && traits.is_empty() {
            return None;
        }
        let mut rules = Self::default();
        for one in traits {
            let live = one.live.iter().map(|live| (live, one.counted.live));
            for (measure, since) in live.chain([(&one.measure, one.counted.written)]) {
                let Ok(computed) = Computed::read(&one.id, measure) else { continue };
                if let Some(leaf) = computed.leaf.clone() {
                    rules.leaf(leaf, since);
                }
                if one.live.as_ref() == Some(measure) {
                    rules.computed.insert(one.id.clone(), (computed, since));
                }
            }
        }
        let marking =
            audiences.iter().filter(|(one, _)| one.enabled && one.marks() != InSegments::Never);
        let marking: BTreeSet<String> = marking.map(|(one, _)| one.id.clone()).collect();
        let mut compiled = Vec::new();
        for (audience, version) in audiences.iter().filter(|(one, _)| one.enabled) {
            let live = audience.live.iter().map(|live| (live, audience.counted.live));
            for (text, since) in live.chain([(&audience.condition, audience.counted.written)]) {
                let Ok(condition) = parse_of_people(text) else { continue };
                let mut one = rules.compile(audience, (*version, since), condition);
                one.names.extend(segments(&one.condition.tree, &marking));
                // Its own standing is as it was.
                one.names.remove(&audience.id);
                if audience.live.as_ref() == Some(text)
                    && !compiled.iter().any(|other: &Compiled| other.id == one.id)
                {
                    compiled.push(one);
                }
            }
        }
        rules.audiences = in_order(compiled);
        rules.order_leaves();
        rules.changed_by = vec![Vec::new(); rules.leaves.len()];
        for (number, audience) in rules.audiences.iter().enumerate() {
            for (leaf, turns) in &audience.leaves {
                let all = rules.changed_by.get_mut(*leaf);
                all.into_iter().for_each(|all| all.push((number, *turns)));
            }
        }
        Some(rules)
    }

    /// Events are held against leaves as tallies of people lie in memory: one after the other.
    fn order_leaves(&mut self) {
        let leaf = |number: &usize| self.leaves.get(*number);
        for of_kind in self.by_kind.values_mut() {
            of_kind.leaves.sort_by_key(|number| leaf(number).map(|leaf| leaf.key.hash));
            let leaves = of_kind.leaves.iter().filter_map(leaf);
            of_kind.narrow = Narrow::of(leaves.map(|leaf| &leaf.filter.tree));
        }
    }

    /// The trait of this name.
    #[must_use]
    pub fn computed(&self, name: &str) -> Option<&Computed> {
        self.computed.get(name).map(|(computed, _)| computed)
    }

    /// The same, unless it is a formula: these are of no formulas.
    pub(super) fn measured(&self, name: &str) -> Option<&Computed> {
        self.computed(name).filter(|one| one.formula.is_none())
    }

    /// What is worked out of a person, as it is at that moment. Out of what is hidden nothing is told.
    #[must_use]
    pub fn computed_of(
        &self,
        profile: &Profile,
        now: Time,
        masking: &Masking,
    ) -> BTreeMap<String, Value> {
        let shown = |id: &String| Some((id.clone(), self.shown(id, profile, now, masking)?));
        self.computed.keys().filter_map(shown).collect()
    }

    /// One of these.
    #[must_use]
    pub fn shown(
        &self,
        name: &str,
        profile: &Profile,
        now: Time,
        masking: &Masking,
    ) -> Option<Value> {
        let (one, audiences) = (self.computed(name)?, Memberships::none());
        let value = one.value(&OfPerson { rules: self, profile, audiences: &audiences, now })?;
        Some(if one.is_covered_by(self, masking) { HIDDEN.into() } else { value })
    }

    /// Ids of the audiences that count.
    pub fn ids(&self) -> impl Iterator<Item = &Arc<str>> {
        self.audiences.iter().map(|audience| &audience.id)
    }

    /// Whether whoever is in it stays.
    #[must_use]
    pub fn is_sticky(&self, audience: &str) -> bool {
        self.audiences.iter().any(|one| *one.id == *audience && one.sticky)
    }

    /// What is counted.
    #[must_use]
    pub fn leaves(&self) -> &[Leaf] {
        &self.leaves
    }

    /// The same, each with the version of the configuration since which it is counted without a break.
    pub fn counted(&self) -> impl Iterator<Item = (&Leaf, i64)> {
        self.leaves.iter().zip(self.since.iter().copied())
    }

    /// Whether anybody is in an audience because of a list.
    #[must_use]
    pub fn names_list(&self, list: &str) -> bool {
        self.leaves.iter().any(|leaf| leaf.list.as_deref() == Some(list))
    }

    /// What is counted for an audience.
    #[must_use]
    pub fn leaves_of(&self, audience: &str) -> Vec<Leaf> {
        let found = self.audiences.iter().find(|one| *one.id == *audience);
        let numbers = found.into_iter().flat_map(|one| one.leaves.keys());
        numbers.filter_map(|number| self.leaves.get(*number).cloned()).collect()
    }

    /// What says who is in what: another text where anybody may be in something else. One that was off, or gone, for a
    /// moment in which nobody has looked is not what it was: who came and went then was held against none.
    #[must_use]
    pub fn fingerprint(&self) -> String {
        /// Another one where a condition says otherwise of the same person: everybody is held against all anew.
        const HELD_AS: &str = "3";
        let audiences = self.audiences.iter().map(|one| {
            let marks = one.marks != InSegments::Never;
            format!("{} {} {} {marks} {}", one.id, one.since, one.sticky, one.condition)
        });
        let computed = self.computed.values().map(|(one, since)| format!("{since} {one:?}"));
        let held_as = std::iter::once(HELD_AS.to_owned());
        let all: Vec<String> = held_as.chain(audiences).chain(computed).collect();
        crate::conditions::key(crate::model::Keep::Earliest, &all.join("\n")).to_string()
    }

    /// What events of this type are held against; none where nobody counts such events.
    pub(super) fn of_kind(&self, kind: &str) -> Option<&OfKind> {
        self.by_kind.get(kind)
    }

    /// The leaves that an event of that type may be for.
    pub(super) fn leaves_for<'a>(
        &'a self,
        of_kind: &'a OfKind,
        facts: &impl Facts,
    ) -> impl Iterator<Item = (usize, &'a Leaf)> {
        let numbers = of_kind.narrow.may_hold(facts).filter_map(|at| of_kind.leaves.get(at));
        numbers.filter_map(|number| Some((*number, self.leaves.get(*number)?)))
    }

    /// Of each audience, by its number, which way what has changed may turn it.
    pub(super) fn touched_by(&self, touched: &Touched, tallies: &Tallies) -> Vec<Turns> {
        let of_profile = |one: &Compiled| {
            let is_any = touched.all || (touched.profile && one.reads_profile);
            if is_any { Turns::ANY } else { Turns::default() }
        };
        let mut all: Vec<Turns> = self.audiences.iter().map(of_profile).collect();
        for (at, leaf) in touched.leaves.iter().filter_map(|at| Some((*at, self.leaves.get(*at)?)))
        {
            for (number, turns) in self.changed_by.get(at).into_iter().flatten() {
                let turns = turns.after(|| tallies.may_be_full(&leaf.key));
                all.get_mut(*number).into_iter().for_each(|touched| touched.add(turns));
            }
        }
        all
    }

    fn compile(
        &mut self,
        audience: &Audience,
        (version, since): (i64, i64),
        condition: Condition,
    ) -> Compiled {
        let mut leaves: BTreeMap<usize, Turns> = BTreeMap::new();
        let mut turns = |leaf, by: Turns| leaves.entry(leaf).or_default().add(by);
        let mut reads_profile = false;
        condition.tree.each_turned(false, &mut |leaf, is_turned| match leaf {
            Tree::Did(did) => {
                for one in did.counts() {
                    let mut leaf = Leaf::new(&one.kind, one.filter, one.key);
                    leaf.range = one.range;
                    turns(self.leaf(leaf, since), Turns::of(did, is_turned));
                }
            }
            Tree::Test(_) => reads_profile = true,
            Tree::Listed(list) => turns(self.leaf(leaf_of(list), since), Turns::ANY),
            Tree::All(_) | Tree::Any(_) | Tree::Not(_) | Tree::In(_) => {}
        });
        for name in computed_names(&condition.tree) {
            for leaf in self.leaves_of_trait(&name) {
                turns(self.leaf(leaf, since), Turns::ANY);
            }
        }
        Compiled {
            id: audience.id.as_str().into(),
            version,
            names: names(&condition.tree),
            condition,
            sticky: audience.sticky,
            marks: audience.marks(),
            leaves,
            reads_profile,
            since,
        }
    }

    /// What is counted for a trait, and for those that its formula is of.
    fn leaves_of_trait(&self, name: &str) -> Vec<Leaf> {
        let Some(computed) = self.computed(name) else { return Vec::new() };
        let all = std::iter::once(computed).chain(computed.others(self));
        all.filter_map(|one| one.leaf.clone()).collect()
    }

    /// The number of a leaf, which is new or shared: then it is counted since the first has needed it.
    fn leaf(&mut self, mut leaf: Leaf, since: i64) -> usize {
        if let Some(number) = self.leaves.iter().position(|known| known.key == leaf.key) {
            self.since.get_mut(number).into_iter().for_each(|first| *first = since.min(*first));
            return number;
        }
        let number = self.leaves.len();
        let of_kind = self.by_kind.entry(leaf.kind.clone()).or_default();
        of_kind.leaves.push(number);
        leaf.number_places(&mut |place| {
            let known = of_kind.places.iter().position(|known| known == place);
            known.unwrap_or_else(|| {
                of_kind.places.push(place.clone());
                of_kind.places.len() - 1
            })
        });
        self.leaves.push(leaf);
        self.since.push(since);
        number
    }
}

/// Each after those that it names. Where they do so in a circle, which they may by way of segments alone, one of them
/// goes first.
fn in_order(mut left: Vec<Compiled>) -> Vec<Compiled> {
    let mut ordered: Vec<Compiled> = Vec::new();
    while !left.is_empty() {
        let waits = |one: &Compiled| {
            one.names.iter().any(|name| left.iter().any(|other| *other.id == **name))
        };
        let (mut ready, mut waiting): (Vec<_>, Vec<_>) =
            left.iter().cloned().partition(|one| !waits(one));
        if ready.is_empty() {
            ready.push(waiting.remove(0));
        }
        ordered.extend(ready);
        left = waiting;
    }
    ordered
}
