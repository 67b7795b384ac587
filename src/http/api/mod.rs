//! Questions about history, for people and the console: one file per subject.

mod scope;
mod between;
mod page;
pub(super) mod questions;
pub(super) mod events;
pub(super) mod condition;
pub(super) mod held_events;
pub(super) mod live;
pub(super) mod catalogue;
pub(super) mod schemas;
pub(super) mod system;
pub(super) mod people;
pub(super) mod consents;
pub(super) mod audiences;
pub(super) mod audience_preview;
pub(super) mod audience_size;
pub(super) mod archive;
pub(super) mod sql;
pub(super) mod file;
pub(super) mod erasure;
pub(super) mod merging;
pub(super) mod rebuilds;

pub(super) use scope::{time, zone};
