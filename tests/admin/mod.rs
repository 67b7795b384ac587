//! Administering and reading back (docs/wire.md §8).

pub(crate) mod access;
mod accounts;
mod audit;
mod controls;
mod identity;
mod keys;
mod masked_columns;
mod masked_rules;
mod masking;
pub(crate) mod totp;
mod users;
mod openapi;
mod shapes;
mod reading;
mod registry;
mod rules;
mod drafts;
mod meant;
mod functions;
mod saved;
mod lists;
mod system;
mod sources;
mod welcome;
mod versions;
mod written;
mod named;
