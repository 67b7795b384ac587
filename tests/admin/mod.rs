//! Administering and reading back (docs/wire.md §8).

mod access;
mod accounts;
mod audit;
mod keys;
mod masking;
mod users;
mod openapi;
mod reading;
mod registry;
mod sources;
mod welcome;
