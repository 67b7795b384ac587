//! Administering and reading back (docs/wire.md §8).

mod access;
mod accounts;
mod audit;
mod identity;
mod keys;
mod masking;
pub(crate) mod totp;
mod users;
mod openapi;
mod reading;
mod registry;
mod sources;
mod welcome;
