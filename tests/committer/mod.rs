//! The committer under load, under failures, and after them.

pub(crate) mod failures;
mod log;
mod parallel;
pub(crate) mod recovery;
mod removals;
mod standing_still;
