//! Administering and reading back (spec §7).

mod accounts;
mod openapi;
mod reading;
mod registry;
mod sources;
