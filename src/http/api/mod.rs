//! Questions about history, for people and the console: one file per subject.

mod scope;
pub(super) mod events;
pub(super) mod people;
pub(super) mod sql;
pub(super) mod erasure;
