//! The committer under load, under failures, and after them.

mod failures;
mod parallel;
mod recovery;
mod removals;
