//! What an administrator has written: whether it fits, and what it names.

use std::collections::BTreeSet;

use super::computed::Computed;
use super::facts::{computed_name, is_of_segments};
use crate::conditions::{Invalid, Root, Test, Tree, Value, parse_of_people};
use crate::model::Measure;
use crate::processing::{ENTERED, LEFT};

/// Most parts of one condition that have no parts themselves, each step of what followed counted.
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

    /// What stands there cannot be read.
    pub(super) fn unreadable(place: &'static str) -> impl Fn(Invalid) -> Self {
        move |Invalid(why)| Self::new(place, &format!("must be readable: {why}"))
    }
}

/// The condition of an audience, and what it names: audiences and computed traits.
///
/// # Errors
/// [`Unfit`].
pub fn check_condition(text: &str) -> Result<[BTreeSet<String>; 2], Unfit> {
    let condition = parse_of_people(text).map_err(Unfit::unreadable("condition"))?;
    let (mut parts, mut strange) = (0, None);
    condition.tree.each_leaf(&mut |leaf| {
        parts += if let Tree::Did(did) = leaf { 1 + did.then.len() } else { 1 };
        strange = strange.take().or_else(|| misplaced(leaf));
    });
    if let Some(wanted) = strange {
        return Err(Unfit::new("condition", &wanted));
    }
    if parts > PARTS_MAX {
        return Err(Unfit::new(
            "condition",
            &format!("must have at most {PARTS_MAX} parts and steps"),
        ));
    }
    Ok([names(&condition.tree), computed_names(&condition.tree)])
}

/// The lists of people that a condition names; none of one that cannot be read.
#[must_use]
pub fn lists_of(text: &str) -> BTreeSet<String> {
    let mut lists = BTreeSet::new();
    let Ok(condition) = parse_of_people(text) else { return lists };
    condition.tree.each_leaf(&mut |leaf| {
        if let Tree::Listed(list) = leaf {
            lists.insert(list.id.clone());
        }
    });
    lists
}

/// The names that a condition looks for among the segments of a profile; none of one that cannot be read.
#[must_use]
pub fn segments_named(text: &str) -> BTreeSet<String> {
    let mut named = BTreeSet::new();
    let Ok(condition) = parse_of_people(text) else { return named };
    condition.tree.each_leaf(&mut |leaf| {
        let Tree::Test(test) = leaf else { return };
        if is_of_segments(&test.left().place) {
            let text = |value: &Value| {
                if let Value::Text(text) = value { Some(text.as_str().to_owned()) } else { None }
            };
            named.extend(test.right().iter().filter_map(text));
        }
    });
    named
}

/// What a condition about people cannot speak of.
fn misplaced(leaf: &Tree) -> Option<String> {
    match leaf {
        Tree::Test(test) => {
            let operand = test.operands().find(|one| one.place.root != Root::Profile)?;
            let (root, path) = (operand.place.root.as_str(), &operand.place.path);
            Some(format!("speaks of people: {root}@{path} is not of a profile"))
        }
        Tree::Did(did) if did.counts().iter().any(|one| is_told(&one.kind)) => {
            Some("names other audiences by IN AUDIENCE, and counts no events of them".to_owned())
        }
        Tree::Did(_)
        | Tree::In(_)
        | Tree::Listed(_)
        | Tree::All(_)
        | Tree::Any(_)
        | Tree::Not(_) => None,
    }
}

/// The computed traits that a formula is of; none of what is no formula.
#[must_use]
pub fn traits_of(measure: &Measure) -> Vec<String> {
    Computed::read("", measure).map(|one| one.names()).unwrap_or_default()
}

/// Whether such events tell of audiences.
pub(super) fn is_told(kind: &str) -> bool {
    [ENTERED, LEFT].contains(&kind)
}

/// What a computed trait is worked out of.
///
/// # Errors
/// [`Unfit`].
pub fn check_measure(id: &str, measure: &Measure) -> Result<(), Unfit> {
    Computed::read(id, measure).map(|_| ())
}

/// The audiences that a condition names.
pub(super) fn names(tree: &Tree) -> BTreeSet<String> {
    let mut names = BTreeSet::new();
    tree.each_leaf(&mut |leaf| {
        if let Tree::In(audience) = leaf {
            names.insert(audience.clone());
        }
    });
    names
}

/// Of the audiences that stand among segments (`all`), those whose standing there a condition looks at.
pub(super) fn segments(tree: &Tree, all: &BTreeSet<String>) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    tree.each_leaf(&mut |leaf| {
        let Tree::Test(test) = leaf else { return };
        if !test.operands().any(|one| is_of_segments(&one.place)) {
            return;
        }
        if let Test::Contains(_, Value::Text(name)) = test {
            found.extend(all.get(name.as_str()).cloned());
        } else {
            found.extend(all.iter().cloned());
        }
    });
    found
}

/// The computed traits that a condition looks at.
pub(super) fn computed_names(tree: &Tree) -> BTreeSet<String> {
    let mut names = BTreeSet::new();
    tree.each_leaf(&mut |leaf| {
        let Tree::Test(test) = leaf else { return };
        names
            .extend(test.operands().filter_map(|one| computed_name(&one.place)).map(str::to_owned));
    });
    names
}
