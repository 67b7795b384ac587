//! One binary for all integration tests: linking once is most of the time they take.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test fails by panicking")]
#![allow(clippy::disallowed_methods, reason = "processes and failing disks live in real time")]

#[macro_use]
mod support;

mod identity;
mod audiences;
mod track;
mod admin;
mod committer;
mod lake;
mod jobs;
mod nodes;
mod process;
mod schema;
mod statements;
mod tidy;
