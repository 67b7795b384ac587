//! What somebody did after something else, and what must hold of the first or the last time.

use super::did::{counted, key};
use super::{Did, Tree};
use crate::model::{Keep, TallyKey, Time};
use std::time::Duration;

/// Most events that follow each other.
pub const STEPS_MAX: usize = 8;
/// Of each step so many events are looked at: those that happened last.
pub const STEP_SIGHTINGS: u16 = 100;

/// Something that followed.
#[derive(Clone, Debug, PartialEq)]
pub struct Step {
    /// It did not: only where something was last, and within a time.
    pub is_not: bool,
    /// Sooner than so many seconds after what was before it.
    pub within_seconds: Option<u64>,
    /// Events of this type.
    pub kind: String,
    /// Of which this holds.
    pub filter: Tree,
    /// The key of the tally that tells it.
    pub key: TallyKey,
}

/// What must hold of the first event, or of the last.
#[derive(Clone, Debug, PartialEq)]
pub struct With {
    /// It.
    pub filter: Tree,
    /// The key of the tally of those of which it holds.
    pub key: TallyKey,
}

/// What one tally counts.
#[derive(Clone, Debug, PartialEq)]
pub struct Counted {
    /// Events of this type.
    pub kind: String,
    /// Of which this holds.
    pub filter: Tree,
    /// Not before the one moment, and before the other.
    pub range: Option<(Time, Time)>,
    /// What is kept of them.
    pub keep: Keep,
    /// Its key.
    pub key: TallyKey,
}

impl Step {
    pub(super) fn keyed(self, range: Option<(Time, Time)>) -> Self {
        let counted = counted(&self.kind, &self.filter, self.range(range));
        Self { key: key(Keep::Latest(STEP_SIGHTINGS), &counted), ..self }
    }

    /// Within which time it is looked for, where all that follows each other is of this `range`: what did not follow may
    /// have been done after its end as well.
    fn range(&self, range: Option<(Time, Time)>) -> Option<(Time, Time)> {
        let (from, to) = range?;
        let after =
            Duration::from_secs(self.within_seconds.filter(|_| self.is_not).unwrap_or_default());
        Some((from, to.plus(after)))
    }
}

impl With {
    pub(super) fn keyed(self, did: &Did) -> Self {
        let filter = both(&did.filter, &self.filter);
        let counted = counted(&did.kind, &filter, did.range());
        Self { key: key(did.keep(), &counted), ..self }
    }
}

impl Did {
    /// Everything that is counted for it.
    #[must_use]
    pub fn counts(&self) -> Vec<Counted> {
        let (kind, keep, range) = (&self.kind, self.keep(), self.range());
        let one = |filter: Tree, key: &TallyKey| Counted {
            kind: kind.clone(),
            filter,
            range,
            keep,
            key: *key,
        };
        let with = self.with.iter().map(|with| one(both(&self.filter, &with.filter), &with.key));
        let then = self.then.iter().map(|step| Counted {
            kind: step.kind.clone(),
            filter: step.filter.clone(),
            range: step.range(range),
            keep: Keep::Latest(STEP_SIGHTINGS),
            key: step.key,
        });
        std::iter::once(one(self.filter.clone(), &self.key)).chain(with).chain(then).collect()
    }
}

fn both(one: &Tree, other: &Tree) -> Tree {
    Tree::All(vec![one.clone(), other.clone()])
}
