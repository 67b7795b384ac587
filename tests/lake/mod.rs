//! History: what was acknowledged is in it once, wherever it lies, and others can read it.

mod asking;
mod erasing;
mod flushing;
mod keeping;
mod merging;
mod random;
mod referee;
mod s3;
mod sql;
mod support;
