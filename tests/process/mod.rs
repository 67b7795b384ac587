//! The real binary: its command line, its end, its crashes.

mod accounts;
mod audit;
mod backup;
mod crash;
mod doors;
mod cli;
mod faults;
mod functions;
mod healthcheck;
mod history;
mod import;
mod import_people;
mod import_doubt;
mod own_history;
mod live;
mod looking;
mod postgres;
mod privacy;
mod readme;
mod s3;
mod siege;
mod starving;
mod stopping;
mod tls;
mod traces;
mod writing;
