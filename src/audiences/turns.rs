//! Which way an audience can turn when more is counted.
//!
//! Most of what somebody does makes nothing of most audiences: whoever has not done A is not in "did A and not B",
//! however often B is done. So who is out is looked at only when something has happened that may bring them in,
//! and who is in when it may bring them out.
//!
//! Of a sequence the last hundred of each step are kept: one more step may be one too many, and turn it the other way.
//!
//! Time is looked after all the same. What was counted may run out, and then it is again as it was when the audience
//! was last looked at; all other moments at which a part of it changes were noted then, and are still waited for.

use crate::conditions::{Did, Sign, Which};

/// See the module.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Turns {
    enters: bool,
    leaves: bool,
    /// Either way, where an older one has given way to what was counted.
    slips: bool,
}

impl Turns {
    /// Either way.
    pub(super) const ANY: Self = Self { enters: true, leaves: true, slips: true };

    /// When this was done once more; `is_turned` where the condition wants it not to be so.
    pub(super) fn of(did: &Did, is_turned: bool) -> Self {
        let is_sequence = !did.then.is_empty();
        let is_plain = did.which == Which::Any
            && did.with.is_none()
            && !did.then.iter().any(|step| step.is_not);
        let rises = match did.sign {
            // However often it was done.
            _ if is_plain && is_sequence => !is_turned,
            Sign::GreaterOrEqual if is_plain => !is_turned,
            Sign::LessOrEqual if is_plain => is_turned,
            Sign::GreaterOrEqual
            | Sign::LessOrEqual
            | Sign::Equal
            | Sign::Unequal
            | Sign::Less
            | Sign::Greater => return Self::ANY,
        };
        Self { enters: rises, leaves: !rises, slips: is_sequence }
    }

    /// Whether nothing can turn it.
    pub(super) fn is_none(self) -> bool {
        !self.enters && !self.leaves
    }

    pub(super) fn add(&mut self, other: Self) {
        self.enters |= other.enters;
        self.leaves |= other.leaves;
        self.slips |= other.slips;
    }

    /// The same, after more was counted, of which only so many may be kept that one `gave_way`.
    pub(super) fn after(self, gave_way: impl FnOnce() -> bool) -> Self {
        let is_partial = self.enters != self.leaves;
        if is_partial && self.slips && gave_way() { Self::ANY } else { self }
    }

    /// Whether somebody who is in, or is not, may be otherwise now.
    pub(super) fn may_turn(self, is_in: bool) -> bool {
        if is_in { self.leaves } else { self.enters }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::conditions::{Tree, parse_of_people};

    /// Whether one more may bring in whoever is out, and bring out whoever is in.
    #[track_caller]
    fn check(condition: &str, gave_way: bool, expected: [bool; 2]) {
        let condition = parse_of_people(condition).unwrap();
        let mut all = Turns::default();
        condition.tree.each_turned(false, &mut |leaf, is_turned| {
            if let Tree::Did(did) = leaf {
                all.add(Turns::of(did, is_turned));
            }
        });
        let turns = all.after(|| gave_way);
        assert_eq!([turns.may_turn(false), turns.may_turn(true)], expected);
    }

    #[test]
    fn more_turns_it_one_way_unless_it_matters_which() {
        check("DID \"a\" AT LEAST 2 TIMES", true, [true, false]);
        check("NOT DID \"a\"", true, [false, true]);
        check("DID \"a\" EXACTLY 2 TIMES", false, [true, true]);
        check("DID \"a\" THEN WITHIN 1h \"b\"", false, [true, false]);
        check("DID \"a\" THEN \"b\"", true, [true, true]);
        check("NOT DID \"a\" THEN \"b\" THEN \"c\"", false, [false, true]);
        check("DID \"a\" THEN NOT WITHIN 1h \"b\" WITHIN 1d", false, [true, true]);
    }
}
