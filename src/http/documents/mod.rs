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
