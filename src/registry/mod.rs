//! Configuration: entities of one shape, one snapshot of all of them, and who changed what.
//!
//! A kind of entity is one file here: its type, its name, its check, what it refers to. Everything
//! else (storing, the snapshot, versions, the audit log, who has to hear of a change) is said once
//! for all kinds. `ARCHITECTURE.md` has the recipe for a new one.

mod entity;
mod kinds;
mod snapshot;
mod renew;
mod write;
mod lines;
mod places;
mod nodes;
mod source;
mod profile_view;
mod redirect;
mod namespace;
mod identity;
mod saved;
mod audience;
mod computed_trait;
mod rule;
mod event_type;
mod validation;
mod reshape;
mod function;
mod privacy;
mod currency;

pub(crate) use entity::said;
pub use entity::{Entity, Misfit, Reference, Stored, Written};
pub use identity::IDENTITY;
pub use lines::check_line;
pub use redirect::as_sent;
pub use renew::Registry;
pub use saved::check_about;
pub use snapshot::{Making, Snapshot};
pub use write::{Author, NotSaved};
