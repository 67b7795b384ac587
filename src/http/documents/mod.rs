//! Profiles, sessions and events as the reference shows them (docs/wire.md §4).
//!
//! Every field is there, those unset at their defaults.

mod event;
mod event_parts;
mod profile;
mod session;

pub(super) use event::{EventDocument, event};
pub(super) use profile::profile;
pub(super) use session::session;

use serde_json::Value;

use crate::model::Map;

/// Lays `over` on `under`, at every depth.
fn lay_over(under: &mut Value, over: &Map) {
    let Value::Object(under) = under else { return };
    for (key, value) in over {
        match (under.get_mut(key), value) {
            (Some(below @ Value::Object(_)), Value::Object(above)) => lay_over(below, above),
            (Some(below), value) => *below = value.clone(),
            (None, value) => {
                under.insert(key.clone(), value.clone());
            }
        }
    }
}
