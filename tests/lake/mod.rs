//! History: what was acknowledged is in it once, wherever it lies, and others can read it.

mod archive;
mod asking;
mod breaking;
mod catalogue;
mod parameters;
mod questions;
mod conditions;
mod erased_visits;
pub(crate) mod erasing;
mod fetching;
mod flushing;
mod funnels;
mod growing;
mod lives;
mod merging;
mod moving;
mod old_lake;
mod ordering;
mod random;
mod referee;
mod s3;
mod schemas;
mod selecting;
mod sql;
pub(crate) mod support;
mod zones;
