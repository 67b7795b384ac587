//! When does time alone change something? The moment at which a person has to be looked at again.

use std::time::Duration;

use super::facts::{OfPerson, computed_name, flat};
use super::sequence;
use crate::conditions::{Did, Fact, Sign, Span, Test, Tree, Value};
use crate::model::{Sighting, Time};

/// The number that something is compared with.
fn compared_with(test: &Test) -> Option<f64> {
    let Test::Compare { right: Value::Number(number), .. } = test else { return None };
    Some(number.float())
}

impl OfPerson<'_> {
    /// The first moment after now at which any part of `tree` may be otherwise, should nothing happen.
    pub(super) fn next_change(&self, tree: &Tree) -> Option<Time> {
        let mut next: Option<Time> = None;
        tree.each_leaf(&mut |leaf| {
            let change = match leaf {
                Tree::Did(did) => self.of_did(did),
                Tree::Test(test) => self.of_test(test),
                Tree::All(_) | Tree::Any(_) | Tree::Not(_) | Tree::In(_) | Tree::Listed(_) => None,
            };
            next = next.into_iter().chain(change).min();
        });
        next
    }

    /// When the sighting by which it is so, or is not so, is too long ago.
    fn of_did(&self, did: &Did) -> Option<Time> {
        if !did.then.is_empty() {
            return sequence::next_change(did, &self.profile.tallies, self.now);
        }
        let Span::Within(seconds) = did.span else { return None };
        let tally = self.profile.tallies.get(&did.key)?;
        let seen: Vec<&Sighting> = tally.since(did.horizon(self.now)).collect();
        let times = usize::from(did.times);
        let is_more = seen.len() > times;
        let place = match did.sign {
            Sign::LessOrEqual => is_more.then_some(times + 1)?,
            Sign::Equal if is_more => times + 1,
            Sign::Equal | Sign::GreaterOrEqual | Sign::Unequal | Sign::Less | Sign::Greater => {
                times
            }
        };
        let from_the_end = seen.len().checked_sub(place)?;
        let sighting = seen.get(from_the_end)?;
        Some(sighting.at.plus(Duration::from_secs(seconds)))
    }

    fn of_test(&self, test: &Test) -> Option<Time> {
        let computed = test.operands().filter_map(|operand| {
            let name = computed_name(&operand.place)?;
            let rest = operand.place.path.steps().get(2..).map(flat);
            let rest = rest.filter(|rest| !rest.is_empty());
            let beside = compared_with(test);
            self.rules.computed(name)?.next_change(self, (rest.as_deref(), beside))
        });
        computed.chain(self.of_clock(test)).min()
    }

    /// When what is compared with now is passed.
    fn of_clock(&self, test: &Test) -> Option<Time> {
        const MOMENT: Duration = Duration::from_micros(1);
        let Test::Compare { left, right: Value::Now(offset), .. } = test else { return None };
        let Fact::Moment(moment) = left.of(self) else { return None };
        let passed = Time::from_micros(moment.micros().saturating_sub(*offset).max(0));
        [passed, passed.plus(MOMENT)].into_iter().find(|at| *at > self.now)
    }
}
