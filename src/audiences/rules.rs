//! The rules of one moment, compiled: what is counted, what is worked out, who is in what.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;

use serde_json::Value;

use super::computed::Computed;
use super::leaf::Leaf;
use crate::conditions::{Condition, Invalid, Root, Tree, parse_of_people};
use crate::model::{Audience, ComputedTrait, HIDDEN, Masking, Measure, Profile, Time};
use crate::processing::{ENTERED, LEFT};

/// Most parts of one condition that have no parts themselves.
const PARTS_MAX: usize = 64;

/// What is wrong with a rule.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unfit {
    /// The field.
    pub place: &'static str,
    /// What is wanted there.
    pub wanted: String,
}

impl Unfit {
    pub(super) fn new(place: &'static str, wanted: &str) -> Self {
        Self { place, wanted: wanted.to_owned() }
    }
}

/// See the module.
#[derive(Clone, Debug, Default)]
pub struct Rules {
    pub(super) leaves: Vec<Leaf>,
    by_kind: HashMap<String, Vec<usize>>,
    computed: BTreeMap<String, Computed>,
    /// Each after those that it names.
    pub(super) audiences: Vec<Compiled>,
}

/// An audience, ready to be looked at.
#[derive(Clone, Debug)]
pub(super) struct Compiled {
    pub(super) id: Arc<str>,
    pub(super) version: i64,
    pub(super) condition: Condition,
    pub(super) sticky: bool,
    /// Numbers of the leaves by which it changes.
    pub(super) leaves: BTreeSet<usize>,
    /// Whether it looks at anything else of the profile.
    pub(super) reads_profile: bool,
    /// The audiences that it names.
    pub(super) names: BTreeSet<String>,
}

/// The condition of an audience, and what it names: audiences and computed traits.
///
/// # Errors
/// [`Unfit`].
pub fn check_condition(text: &str) -> Result<[BTreeSet<String>; 2], Unfit> {
    let wrong = |Invalid(why): Invalid| Unfit::new("condition", &why);
    let condition = parse_of_people(text).map_err(wrong)?;
    let (mut parts, mut strange) = (0, None);
    condition.tree.each_leaf(&mut |leaf| {
        parts += 1;
        strange = strange.take().or_else(|| misplaced(leaf));
    });
    if let Some(wanted) = strange {
        return Err(Unfit::new("condition", &wanted));
    }
    if parts > PARTS_MAX {
        return Err(Unfit::new("condition", &format!("must have at most {PARTS_MAX} parts")));
    }
    Ok([names(&condition.tree), computed_names(&condition.tree)])
}

/// What a condition about people cannot speak of.
fn misplaced(leaf: &Tree) -> Option<String> {
    match leaf {
        Tree::Test(test) => {
            let operand = test.operands().find(|one| one.place.root != Root::Profile)?;
            let (root, path) = (operand.place.root.as_str(), &operand.place.path);
            Some(format!("speaks of people: {root}@{path} is not of a profile"))
        }
        Tree::Did(did) if [ENTERED, LEFT].contains(&did.kind.as_str()) => {
            Some("names other audiences by IN AUDIENCE, and counts no events of them".to_owned())
        }
        Tree::Did(_) | Tree::In(_) | Tree::All(_) | Tree::Any(_) | Tree::Not(_) => None,
    }
}

/// What a computed trait is worked out of.
///
/// # Errors
/// [`Unfit`].
pub fn check_measure(id: &str, measure: &Measure) -> Result<(), Unfit> {
    Computed::read(id, measure).map(|_| ())
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
            for measure in one.live.iter().chain([&one.measure]) {
                let Ok(computed) = Computed::read(&one.id, measure) else { continue };
                rules.leaf(computed.leaf.clone());
                if one.live.as_ref() == Some(measure) {
                    rules.computed.insert(one.id.clone(), computed);
                }
            }
        }
        let mut compiled = Vec::new();
        for (audience, version) in audiences {
            for text in audience.live.iter().chain([&audience.condition]) {
                let Ok(condition) = parse_of_people(text) else { continue };
                let one = rules.compile(audience, *version, condition);
                if audience.live.as_ref() == Some(text)
                    && !compiled.iter().any(|other: &Compiled| other.id == one.id)
                {
                    compiled.push(one);
                }
            }
        }
        rules.audiences = in_order(compiled);
        Some(rules)
    }

    /// The trait of this name.
    #[must_use]
    pub fn computed(&self, name: &str) -> Option<&Computed> {
        self.computed.get(name)
    }

    /// What is worked out of a person, as it is at that moment. Out of what is hidden nothing is told.
    #[must_use]
    pub fn computed_of(
        &self,
        profile: &Profile,
        now: Time,
        masking: &Masking,
    ) -> BTreeMap<String, Value> {
        let shown = |(id, one): (&String, &Computed)| {
            let value = one.value(&profile.tallies, now)?;
            let is_hidden = one.is_covered_by(masking);
            Some((id.clone(), if is_hidden { HIDDEN.into() } else { value }))
        };
        self.computed.iter().filter_map(shown).collect()
    }

    /// Ids of the audiences that count.
    pub fn ids(&self) -> impl Iterator<Item = &Arc<str>> {
        self.audiences.iter().map(|audience| &audience.id)
    }

    /// What is counted.
    #[must_use]
    pub fn leaves(&self) -> &[Leaf] {
        &self.leaves
    }

    /// What is counted for an audience.
    #[must_use]
    pub fn leaves_of(&self, audience: &str) -> Vec<Leaf> {
        let found = self.audiences.iter().find(|one| *one.id == *audience);
        let numbers = found.into_iter().flat_map(|one| &one.leaves);
        numbers.filter_map(|number| self.leaves.get(*number).cloned()).collect()
    }

    /// What says who is in what: another text where anybody may be in something else.
    #[must_use]
    pub fn fingerprint(&self) -> String {
        let audiences = self.audiences.iter();
        let audiences = audiences.map(|one| format!("{} {} {}", one.id, one.sticky, one.condition));
        let computed = self.computed.values().map(|one| format!("{one:?}"));
        let all: Vec<String> = audiences.chain(computed).collect();
        crate::conditions::key(crate::model::Keep::Earliest, &all.join("\n")).to_string()
    }

    /// The leaves that events of this type are held against.
    pub(super) fn of_kind(&self, kind: &str) -> impl Iterator<Item = (usize, &Leaf)> {
        let numbers = self.by_kind.get(kind).into_iter().flatten();
        numbers.filter_map(|number| Some((*number, self.leaves.get(*number)?)))
    }

    fn compile(&mut self, audience: &Audience, version: i64, condition: Condition) -> Compiled {
        let mut leaves = BTreeSet::new();
        let mut reads_profile = false;
        condition.tree.each_leaf(&mut |leaf| match leaf {
            Tree::Did(did) => {
                let mut leaf =
                    Leaf::new(&did.kind, did.filter.clone(), did.keep(), Arc::clone(&did.key));
                leaf.range = did.range();
                leaves.insert(self.leaf(leaf));
            }
            Tree::Test(_) => reads_profile = true,
            Tree::All(_) | Tree::Any(_) | Tree::Not(_) | Tree::In(_) => {}
        });
        for name in computed_names(&condition.tree) {
            let number = self.computed.get(&name).map(|one| one.leaf.clone());
            leaves.extend(number.map(|leaf| self.leaf(leaf)));
        }
        Compiled {
            id: audience.id.as_str().into(),
            version,
            names: names(&condition.tree),
            condition,
            sticky: audience.sticky,
            leaves,
            reads_profile,
        }
    }

    /// The number of a leaf, which is new or shared.
    fn leaf(&mut self, leaf: Leaf) -> usize {
        if let Some(number) = self.leaves.iter().position(|known| known.key == leaf.key) {
            return number;
        }
        let number = self.leaves.len();
        self.by_kind.entry(leaf.kind.clone()).or_default().push(number);
        self.leaves.push(leaf);
        number
    }
}

/// The audiences that a condition names.
fn names(tree: &Tree) -> BTreeSet<String> {
    let mut names = BTreeSet::new();
    tree.each_leaf(&mut |leaf| {
        if let Tree::In(audience) = leaf {
            names.insert(audience.clone());
        }
    });
    names
}

/// The computed traits that a condition looks at.
fn computed_names(tree: &Tree) -> BTreeSet<String> {
    let mut names = BTreeSet::new();
    tree.each_leaf(&mut |leaf| {
        let Tree::Test(test) = leaf else { return };
        for operand in test.operands().filter(|one| one.place.root == Root::Profile) {
            let Some((first, within)) = operand.place.path.split_first() else { continue };
            if first == "computed" {
                names.extend(within.split_first().map(|(name, _)| name.to_owned()));
            }
        }
    });
    names
}

/// Each after those that it names. Those that name each other in a circle, which nobody may store, last.
fn in_order(mut left: Vec<Compiled>) -> Vec<Compiled> {
    let mut ordered: Vec<Compiled> = Vec::new();
    while !left.is_empty() {
        let waits = |one: &Compiled| {
            one.names.iter().any(|name| left.iter().any(|other| *other.id == **name))
        };
        let (ready, waiting): (Vec<_>, Vec<_>) = left.iter().cloned().partition(|one| !waits(one));
        let is_stuck = ready.is_empty();
        ordered.extend(if is_stuck { waiting.clone() } else { ready });
        left = if is_stuck { Vec::new() } else { waiting };
    }
    ordered
}
