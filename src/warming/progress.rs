//! How far the rules that are new have come: all of them are in one pass over everybody.

use crate::registry::Snapshot;
use crate::storage::Warmth;

/// How many people are done, of how many there were when it began.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Done {
    /// So many are.
    pub people: u64,
    /// Of so many.
    pub of: u64,
}

/// See the module. None where everything is done, or has not begun.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Progress {
    /// People are given what lists and history say of them: no new rule counts before that.
    pub history: Option<Done>,
    /// People are held against the rules that count now: until then audiences may not have all of their members.
    pub members: Option<Done>,
}

impl Progress {
    /// By what is stored of it, and the rules of now.
    #[must_use]
    pub fn of(warmth: &Warmth, snapshot: &Snapshot) -> Self {
        let wanted = super::passes::fingerprint(snapshot);
        // Others may have come meanwhile.
        let done = |people: u64| Done { people: people.min(warmth.of), of: warmth.of };
        let is_settled = warmth.settled == wanted && warmth.settling.is_empty();
        let is_at_it = warmth.warming.is_empty() && warmth.settling == wanted;
        Self {
            history: (!warmth.warming.is_empty()).then(|| done(warmth.people)),
            members: (!is_settled).then(|| done(if is_at_it { warmth.people } else { 0 })),
        }
    }
}
