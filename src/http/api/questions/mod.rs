//! Questions that are posted whole: one file per kind.
//!
//! What is posted is all that a question is, so it can be kept, sent to others, and asked again for the people
//! behind one of its numbers.

mod asked;
pub(in crate::http) mod trends;
pub(in crate::http) mod funnel;
pub(in crate::http) mod retention;
pub(in crate::http) mod paths;
pub(in crate::http) mod stickiness;
pub(in crate::http) mod lifecycle;
mod number;
pub(in crate::http) mod behind;

use asked::{By, Told, by, calendar, filters, moment, told};
