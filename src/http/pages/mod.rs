//! What browsers fetch: the tracking script, a shop to try it in, and the console.

pub(super) mod console;
pub(super) mod demo;
pub(super) mod home;
pub(super) mod named;
pub(super) mod tracker;
