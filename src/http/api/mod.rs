//! Questions about history, for people and the console: one file per subject.

mod scope;
pub(super) use scope::moment;
pub(super) mod events;
pub(super) mod people;
pub(super) mod archive;
pub(super) mod sql;
mod unlinked;
pub(super) mod erasure;
