//! When does time alone change something? The moment at which a person has to be looked at again.

use std::time::Duration;

use super::computed::Computed;
use super::facts::{OfPerson, computed_name, flat};
use super::sequence;
use crate::conditions::{Did, Fact, Operand, Sign, Span, Test, Tree, Value};
use crate::model::{Sighting, Time};

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
            let (one, name) = self.of_computed(operand)?;
            one.next_change(self, (name.as_deref(), &self.beside(operand, test)))
        });
        computed.chain(self.of_clock(test)).chain(self.of_falling(test)).min()
    }

    /// The trait that is looked at, and which thing of it.
    fn of_computed(&self, operand: &Operand) -> Option<(&Computed, Option<String>)> {
        let name = computed_name(&operand.place)?;
        let rest = operand.place.path.steps().get(2..).map(flat);
        Some((self.rules.computed(name)?, rest.filter(|rest| !rest.is_empty())))
    }

    /// The numbers that it is compared with, as they are now.
    fn beside(&self, operand: &Operand, test: &Test) -> Vec<f64> {
        let fact =
            |fact: Fact<'_>| if let Fact::Number(one) = fact { Some(one.float()) } else { None };
        if !std::ptr::eq(operand, test.left()) {
            return fact(test.left().of(self)).into_iter().collect();
        }
        let number = |value: &Value| {
            if let Value::Number(number) = value {
                return Some(number.float());
            }
            let Value::Operand(other) = value else { return None };
            fact(other.of(self))
        };
        test.right().iter().filter_map(number).collect()
    }

    /// When one of two that both fall passes the other.
    fn of_falling(&self, test: &Test) -> Option<Time> {
        let falling = |operand: &Operand| {
            let (one, name) = self.of_computed(operand)?;
            one.falling(self, name.as_deref())
        };
        let one = falling(test.left())?;
        let others = test.operands().skip(1).filter_map(falling);
        others.filter_map(|other| one.passes(&other, self.now)).min()
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
