//! Who was in an audience at a moment of the past, as far as it follows from what they did.

use std::collections::BTreeSet;

use super::facts::OfPerson;
use super::leaf::Leaf;
use super::memberships::Memberships;
use super::rules::{Compiled, Rules};
use crate::model::{Profile, Time};

impl Rules {
    /// What is counted for an audience and for all those that it names.
    #[must_use]
    pub fn leaves_behind(&self, audience: &str) -> Vec<Leaf> {
        let behind = self.behind(audience);
        let numbers: BTreeSet<usize> =
            behind.iter().flat_map(|one| one.leaves.keys().copied()).collect();
        numbers.into_iter().filter_map(|number| self.leaves.get(number).cloned()).collect()
    }

    /// Whether somebody was in it then. Their tallies must be of what they had done by then; what else a
    /// condition looks at is as it is now, since a profile does not say what it was.
    #[must_use]
    pub fn was_in(&self, audience: &str, profile: &Profile, then: Time) -> bool {
        let mut audiences = Memberships::none();
        for one in self.behind(audience) {
            let person = OfPerson { rules: self, profile, audiences: &audiences, now: then };
            let holds = one.condition.holds(&person);
            let since = profile.audiences.get(&one.id).map(|membership| membership.since);
            let stayed = one.sticky && since.is_some_and(|since| since <= then);
            if holds || stayed {
                audiences.put(&one.id, true);
            }
        }
        audiences.contains(audience)
    }

    /// An audience and all those that it names, each after those that it names.
    fn behind(&self, audience: &str) -> Vec<&Compiled> {
        let mut wanted = BTreeSet::from([audience.to_owned()]);
        // From the last to the first: whoever names is before, seen from there, whom it names.
        for one in self.audiences.iter().rev() {
            if wanted.contains(&*one.id) {
                wanted.extend(one.names.iter().cloned());
            }
        }
        self.audiences.iter().filter(|one| wanted.contains(&*one.id)).collect()
    }
}
