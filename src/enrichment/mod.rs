//! What is known beside what was sent: where an address is, and what led to a page.
//!
//! All of it is looked up on the thread that took the request, before the address is cut or left out,
//! and nothing of it takes the place of what was sent. What is looked up lies in memory.

mod countries;
mod file;
mod places;
mod referrers;

pub use file::FileFault;
pub use places::Places;
pub use referrers::{Marked, referrer};

#[cfg(test)]
mod tests;
