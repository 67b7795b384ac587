//! Administering and reading back (spec §7).

mod access;
mod accounts;
mod openapi;
mod reading;
mod registry;
mod sources;
