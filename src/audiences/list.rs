//! Lists of people in conditions: what was said of each id of a person, and when.
//!
//! Somebody is on a list where one of their ids is. What was said last of an id holds, so it does not
//! matter in which order it is heard of, or how often; and two people who become one are on what either
//! was on.

use super::leaf::{Leaf, event_hash};
use crate::conditions::{OnList, Tree};
use crate::model::{Fixed, ProfileId, Sighting, Tallies, Time, Worth};

const ON: Worth = Worth::Number(Fixed::of_millionths(1));
const OFF: Worth = Worth::Number(Fixed::of_millionths(0));

/// What is kept of people for a list. No event is of it.
pub(super) fn leaf_of(list: &OnList) -> Leaf {
    let leaf = Leaf::new("", Tree::Any(Vec::new()), list.key);
    Leaf { list: Some(list.id.as_str().into()), ..leaf }
}

/// That an id was put on a list at that moment, or taken off it.
#[must_use]
pub fn listed(list: &str, id: &ProfileId, at: Time, is_on: bool) -> Tallies {
    let mut tallies = Tallies::default();
    // Nobody sends it: that it was said of this id tells it from others.
    let event = event_hash("", ("", id.as_str()), at).into();
    let worth = if is_on { ON } else { OFF };
    tallies.add(OnList::of(list.to_owned()).key, Sighting { at, event, worth });
    tallies
}

/// That somebody is not any more on those of these lists that do not have them (`known` is what the lists
/// say): whoever was taken off a list that no audience named was not told.
#[must_use]
pub fn taken_off(leaves: &[Leaf], before: &Tallies, known: &Tallies, at: Time) -> Tallies {
    let mut off = Tallies::default();
    for leaf in leaves.iter().filter(|leaf| leaf.list.is_some()) {
        let events = |tallies: &Tallies| -> Vec<u64> {
            let tally = tallies.get(&leaf.key);
            let on = tally.into_iter().flat_map(|tally| tally.since(None));
            on.filter(|word| word.worth == ON).map(|word| word.event).collect()
        };
        let known = events(known);
        for event in events(before).into_iter().filter(|event| !known.contains(event)) {
            off.add(leaf.key, Sighting { at, event, worth: OFF });
        }
    }
    off
}

/// Whether they are on it.
pub(super) fn is_on(list: &OnList, tallies: &Tallies) -> bool {
    let tally = tallies.get(&list.key);
    tally.is_some_and(|tally| tally.since(None).any(|word| word.worth == ON))
}
