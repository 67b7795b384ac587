//! Which way an audience can turn when more is counted.
//!
//! Most of what somebody does makes nothing of most audiences: whoever has not done A is not in "did A and not B",
//! however often B is done. So who is out is looked at only when something has happened that may bring them in,
//! and who is in when it may bring them out.
//!
//! Time is looked after all the same. What was counted may run out, and then it is again as it was when the audience
//! was last looked at; all other moments at which a part of it changes were noted then, and are still waited for.

use crate::conditions::{Did, Sign, Which};

/// See the module.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Turns {
    enters: bool,
    leaves: bool,
}

impl Turns {
    /// Either way.
    pub(super) const ANY: Self = Self { enters: true, leaves: true };

    /// When this was done once more; `is_turned` where the condition wants it not to be so.
    pub(super) fn of(did: &Did, is_turned: bool) -> Self {
        let is_plain = did.which == Which::Any && did.with.is_none() && did.then.is_empty();
        let rises = match did.sign {
            Sign::GreaterOrEqual if is_plain => !is_turned,
            Sign::LessOrEqual if is_plain => is_turned,
            Sign::GreaterOrEqual
            | Sign::LessOrEqual
            | Sign::Equal
            | Sign::Unequal
            | Sign::Less
            | Sign::Greater => return Self::ANY,
        };
        Self { enters: rises, leaves: !rises }
    }

    /// Whether nothing can turn it.
    pub(super) fn is_none(self) -> bool {
        self == Self::default()
    }

    pub(super) fn add(&mut self, other: Self) {
        self.enters |= other.enters;
        self.leaves |= other.leaves;
    }

    /// Whether somebody who is in, or is not, may be otherwise now.
    pub(super) fn may_turn(self, is_in: bool) -> bool {
        if is_in { self.leaves } else { self.enters }
    }
}
