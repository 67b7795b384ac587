//! How far the rules that are new have come: all of them are in one pass over everybody.

use crate::storage::Warmth;

/// What everybody is being given.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    /// What lists and history say of them: no new rule counts yet.
    History,
    /// Their place in audiences: rules count, and audiences fill.
    Members,
}

/// See the module.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Progress {
    /// What is under way.
    pub step: Step,
    /// How many have it.
    pub people: u64,
    /// How many there are, as of when it began.
    pub of: u64,
}

impl Progress {
    /// None where everything is done, or has not begun.
    #[must_use]
    pub fn of(warmth: &Warmth) -> Option<Self> {
        let step = match (warmth.warming.is_empty(), warmth.settling.is_empty()) {
            (false, _) => Step::History,
            (true, false) => Step::Members,
            (true, true) => return None,
        };
        // Others may have come meanwhile.
        Some(Self { step, people: warmth.people.min(warmth.of), of: warmth.of })
    }
}
