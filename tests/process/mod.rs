//! The real binary: its command line, its end, its crashes.

mod accounts;
mod backup;
mod crash;
mod cli;
mod history;
mod postgres;
mod readme;
mod s3;
mod stopping;
