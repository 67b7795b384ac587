//! The rules of an event's type applied: what it copies, and what it does to the profile.

mod operations;
mod consents;
mod orders;
pub(super) mod conversion;
pub(super) mod mapping;

pub use crate::model::dotted::text_at;
pub use mapping::why_never;

use serde_json::Value;

use crate::model::{
    Change, ConsentLog, EventId, EventRules, HIDDEN, Map, Operation, Orders, RuleSet, SourceId,
    Time, dotted as path,
};

/// What an event's properties gave to its other columns.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Copied {
    /// Page or screen.
    pub hit: Map,
    /// The fixed tree.
    pub data: Map,
    /// Free.
    pub traits: Map,
    /// Where the device is.
    pub device: Map,
}

/// The parts of a profile that event types work on.
#[derive(Debug)]
pub(super) struct ProfileFields<'a> {
    /// The fixed tree.
    pub data: &'a mut Map,
    /// Interest to weight.
    pub interests: &'a mut Map,
    /// Consent to `{revoke}`.
    pub consents: &'a mut Map,
    /// Every word about consents.
    pub consent_log: &'a mut ConsentLog,
    /// Their orders.
    pub orders: &'a mut Orders,
    /// The key in another system.
    pub primary_id: &'a mut Option<String>,
}

/// The event at work, as what it leaves in the profile names it.
#[derive(Clone, Copy, Debug)]
pub(super) struct Said<'a> {
    /// When it happened.
    pub at: Time,
    /// When it was received.
    pub received: Time,
    /// Its place in the payload.
    pub position: i64,
    /// Its id.
    pub event: &'a EventId,
    /// Who sent it.
    pub source: &'a SourceId,
    /// Nobody has shown that it was the person, and it may have been: of all that it says, what it takes back counts.
    pub only_denies: bool,
    /// What consents hold how long.
    pub rules: &'a RuleSet,
}

/// What an event did to a profile.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Applied {
    /// Paths whose values are other than before.
    pub changed: Vec<String>,
    /// The profile is other than before, perhaps in what has no path.
    pub leaves_a_trace: bool,
    /// Code and sentence for what could not be done.
    pub warnings: Vec<(&'static str, String)>,
}

/// Copies what the type's rules name. Absent and empty values are passed over; the properties stay
/// as they are.
#[must_use]
pub(super) fn copy(rules: &EventRules, properties: &Map) -> Copied {
    let mut copied = Copied::default();
    for (target, from) in &rules.copy {
        let Some(value) = path::get(properties, from).filter(|value| !is_empty(value)) else {
            continue;
        };
        let Some((column, rest)) = target.split_once('.') else { continue };
        let into = match column {
            "hit" => &mut copied.hit,
            "data" => &mut copied.data,
            "device" => &mut copied.device,
            _ => &mut copied.traits,
        };
        path::set(into, rest, value.clone());
    }
    copied
}

/// Works the event into the profile. Bad data becomes a warning; nothing fails.
pub(super) fn apply(
    rules: &EventRules,
    properties: &Map,
    said: &Said<'_>,
    profile: &mut ProfileFields<'_>,
) -> Applied {
    let mut applied = Applied::default();
    let counts = |change: &&Change| !said.only_denies || change.operation == Operation::Consents;
    for change in rules.profile.iter().filter(counts) {
        operations::apply(change, properties, said, profile, &mut applied);
    }
    let key = rules.primary_id.as_ref().filter(|_| !said.only_denies);
    let key = key.and_then(|from| text_at(properties, from));
    if let Some(key) = key.filter(|key| *key != HIDDEN) {
        operations::set_primary_id(&key, profile.primary_id, &mut applied);
    }
    applied.leaves_a_trace |= !applied.changed.is_empty();
    applied
}

/// Whether there is nothing in it for a person. Stars in place of what may not be kept are nobody's name.
fn has_nothing(value: &Value) -> bool {
    is_empty(value) || value.as_str() == Some(HIDDEN)
}

fn is_empty(value: &Value) -> bool {
    value.is_null() || value.as_str().is_some_and(|text| text.trim().is_empty())
}

#[cfg(test)]
mod tests;
