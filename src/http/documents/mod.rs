//! Profiles, sessions and events as the reference shows them (docs/wire.md §4).
//!
//! Every field is there, those unset at their defaults.

mod consents;
mod event;
mod event_parts;
mod profile;
mod profile_parts;
mod profile_view;
mod session;
mod session_parts;

pub(super) use consents::{ConsentsDocument, consents};
pub(super) use event::{EventDocument, event};
pub(super) use profile::profile;
pub(super) use profile_parts::ProfileDocument;
pub(super) use profile_view::View;
pub(super) use session::session;
pub(super) use session_parts::SessionDocument;

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
