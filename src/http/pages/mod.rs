//! What browsers fetch: the tracking script, and a shop to try it in.

pub(super) mod demo;
pub(super) mod home;
pub(super) mod named;
pub(super) mod tracker;
