//! Kith: a customer data platform in one binary and one folder.
//!
//! It collects events over HTTP, finds out whose they are, and keeps one exact profile for each
//! person. The modules stand in the order of a payload's way:
//!
//! ```text
//! http ──> admission ──> [ committer:  load ──> identification ──> processing ──> commit ] ──> response
//! ```
//!
//! * `http` turns what comes in a dialect into `Payload`s, and `Response`s back into the dialect.
//! * `admission` decides whether it may come in.
//! * The `committer` takes everything that waits, loads what it needs, folds one payload after the
//!   other, commits the round once, and then answers everybody.
//! * `identification` and `processing` are pure: values in, values out. What events of a type do is
//!   data: `rules`.
//! * `storage` holds what must last; `events` is the shape of history; `conditions` are asked of both.
//!
//! Start reading at [`track`]. `ARCHITECTURE.md` has the map of the code.

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

pub mod track;
pub mod http;
pub mod server;
pub mod agent;
pub mod enrichment;
pub mod admission;
pub mod rules;
pub mod identification;
pub mod processing;
pub mod committer;
pub mod working_set;
pub mod storage;
pub mod events;
pub mod conditions;
pub mod audiences;
pub mod schema;
pub mod lake;
pub mod questions;
pub mod functions;
pub mod apart;
pub mod warming;
pub mod undo;
pub mod rebuild;
pub mod registry;
pub mod response;
pub mod accounts;
pub mod app;
pub mod audit;
pub mod live;
pub mod jobs;
pub mod cli;
pub mod config;
pub mod model;
pub mod outcome;
pub mod telemetry;
pub mod hashing;
pub mod memory;
pub mod suggestion;
pub mod clock;
pub mod ids;
