//! History: events as rows of the tail, and how they are found there.

mod line;
mod rows;
mod search;

pub use rows::{Rows, Unreadable};
pub use search::{Filter, Found};
