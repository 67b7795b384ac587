//! Payloads of which nothing is kept, and what can be said of them yet.

use std::borrow::Cow;
use std::collections::BTreeMap;

use serde::de::{Deserializer as _, IgnoredAny, MapAccess, Visitor};
use serde_json::Value;

use crate::model::Warning;
use crate::suggestion::nearest;

/// The source that a payload names, of one that does not fit, as far as it can be read.
pub(super) fn source_of(body: &[u8]) -> Option<String> {
    let mut found = None;
    let mut read = serde_json::Deserializer::from_slice(body);
    // What comes behind it may be broken.
    drop(read.deserialize_map(Finder(&mut found)));
    found
}

/// Puts the id at `source` aside.
struct Finder<'a>(&'a mut Option<String>);

impl<'de> Visitor<'de> for Finder<'_> {
    type Value = ();

    fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("a payload")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        while let Some(key) = map.next_key::<Cow<'de, str>>()? {
            if key == "source" {
                let id = map.next_value::<BTreeMap<String, Value>>()?.remove("id");
                *self.0 = id.and_then(|id| id.as_str().map(str::to_owned)).or(self.0.take());
            } else {
                map.next_value::<IgnoredAny>()?;
            }
        }
        Ok(())
    }
}

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
