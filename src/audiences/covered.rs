//! What a rule would tell of fields that are hidden: by its answers, letter by letter, one would find them.

use super::computed::Computed;
use super::facts::computed_name;
use super::rules::Rules;
use crate::conditions::{Condition, Language, Place, Tree, parse, parse_of_people};
use crate::model::{Masking, Measure};

/// The first place of a condition, about people or of rules, that is hidden or is worked out of what is;
/// none of one that cannot be read.
#[must_use]
pub fn hidden_in(text: &str, rules: &Rules, masking: &Masking) -> Option<String> {
    let read = |text: &str| -> Option<Condition> {
        parse_of_people(text).or_else(|_| parse(Language::Rules, text)).ok()
    };
    hidden_within(&read(text)?.tree, rules, masking)
}

/// The same of one that was read.
pub(super) fn hidden_within(tree: &Tree, rules: &Rules, masking: &Masking) -> Option<String> {
    let mut found = None;
    each_place(tree, &mut |place| {
        if found.is_none() && (is_covered(place, masking) || is_worked_out(place, rules, masking)) {
            found = Some(format!("{}@{}", place.root.as_str(), place.path));
        }
    });
    found
}

/// Whether a trait would be worked out of what is hidden.
#[must_use]
pub fn is_of_hidden(measure: &Measure, rules: &Rules, masking: &Masking) -> bool {
    Computed::read("", measure).is_ok_and(|one| one.is_covered_by(rules, masking))
}

/// Whether a place is hidden.
pub(super) fn is_covered(place: &Place, masking: &Masking) -> bool {
    let path = place.path.split_first();
    path.is_some_and(|(root, within)| masking.covers(root, &within))
}

/// Shows every place that a condition looks at, those of events that are counted as well.
pub(super) fn each_place(tree: &Tree, visit: &mut impl FnMut(&Place)) {
    let mut counted = Vec::new();
    tree.each_leaf(&mut |leaf| match leaf {
        Tree::Test(test) => test.operands().for_each(|one| visit(&one.place)),
        Tree::Did(did) => counted.extend(did.counts()),
        Tree::All(_) | Tree::Any(_) | Tree::Not(_) | Tree::In(_) | Tree::Listed(_) => {}
    });
    // What is counted is of one event each: nothing is counted within.
    for one in &counted {
        one.filter.each_leaf(&mut |leaf| {
            if let Tree::Test(test) = leaf {
                test.operands().for_each(|one| visit(&one.place));
            }
        });
    }
}

fn is_worked_out(place: &Place, rules: &Rules, masking: &Masking) -> bool {
    let computed = computed_name(place).and_then(|name| rules.computed(name));
    computed.is_some_and(|one| one.is_covered_by(rules, masking))
}
