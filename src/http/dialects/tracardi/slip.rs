//! Payloads without events in which a key looks like a slip.

use std::collections::BTreeMap;

use serde::de::IgnoredAny;

use crate::model::Warning;
use crate::suggestion::nearest;

/// The keys of a payload that are read.
const KNOWN: [&str; 8] =
    ["source", "session", "profile", "context", "properties", "request", "options", "events"];

/// What to say of a payload that has no events, if it looks as if it was to have some: unknown keys
/// are nobody's business, but one that is almost known may be why nothing was understood. Never says
/// what was sent.
pub(super) fn of(body: &[u8]) -> Option<Warning> {
    let sent: BTreeMap<String, IgnoredAny> = serde_json::from_slice(body).ok()?;
    let mut unknown = sent.keys().filter(|key| !KNOWN.contains(&key.as_str()));
    let meant = unknown.find_map(|key| nearest(key, KNOWN.into_iter()))?;
    let text = format!("there are no events; a key is almost, but not quite, {meant}");
    Some(Warning::new("key_unknown", text))
}
