//! Did one thing follow another, once? What most sequences ask, without making chains of it.

use super::sequence::follows;
use crate::conditions::{Did, Step};
use crate::model::{Sighting, Tallies, Tally, Time};

/// The one step of a sequence that has no others.
pub(super) fn step(did: &Did) -> Option<&Step> {
    let [step] = did.then.as_slice() else { return None };
    (!step.is_not).then_some(step)
}

/// When the last of those that were followed was done.
pub(super) fn began(did: &Did, step: &Step, tallies: &Tallies, now: Time) -> Option<Time> {
    let (first, second) = (tallies.get(&did.key)?, tallies.get(&step.key)?);
    let mut first = first.since(did.horizon(now)).rev();
    first.find(|one| is_followed(one, second, step)).map(|one| one.at)
}

/// Whether another event followed this one. Sightings are sorted by time.
fn is_followed(first: &Sighting, second: &Tally, step: &Step) -> bool {
    let from = second.sightings.partition_point(|one| one.at < first.at);
    let mut later = second.sightings.range(from..).take_while(|one| follows(first, one, step));
    later.any(|one| !one.is_of_same_event(first))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::audiences::sequence::Followed;
    use crate::conditions::{Tree, parse_of_people};
    use crate::model::{TallyKey, Worth};

    const NOW: i64 = 1_767_607_200_000_000;

    fn tallies(keys: &[(TallyKey, Vec<(i64, u64)>)]) -> Tallies {
        let mut tallies = Tallies::default();
        for (key, seen) in keys {
            for (minutes, event) in seen {
                let at = Time::from_micros(NOW - minutes * 60_000_000);
                tallies.add(*key, Sighting { at, event: *event, worth: Worth::Nothing });
            }
        }
        tallies
    }

    proptest! {
        /// Of few minutes, and few events of each, so that one event is often both.
        #[test]
        fn a_pair_is_what_chains_are_of_two(
            condition in prop_oneof![
                Just("DID \"a\" THEN \"b\""), Just("DID \"a\" THEN WITHIN 3m \"b\" WITHIN 9m"),
                Just("DID \"a\" THEN WITHIN 1m \"b\""), Just("DID \"a\" THEN \"b\" WITHIN 5m"),
            ],
            first in prop::collection::vec((0..12_i64, 0..3_u64), 0..6),
            second in prop::collection::vec((0..12_i64, 0..3_u64), 0..6),
        ) {
            let condition = parse_of_people(condition).unwrap();
            let Tree::Did(did) = &condition.tree else { panic!("{condition}") };
            let step = step(did).unwrap();
            let tallies = tallies(&[(did.key, first), (step.key, second)]);
            let now = Time::from_micros(NOW);
            let followed = Followed::of(did, &tallies, now);
            let chain = followed.chain().map(|chain| chain.events[0].1.at);
            prop_assert_eq!(began(did, step, &tallies, now), chain);
        }
    }
}
