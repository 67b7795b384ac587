//! Questions about history, for people and the console: one file per subject.

pub(super) mod sql;
pub(super) mod erasure;
