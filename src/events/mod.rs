//! Events as rows: the columns of history, and the lines that the tail keeps them in.

mod cells;
mod columns;
mod digits;
mod line;
mod rows;
mod sort_key;
mod gone;
mod whole;

pub use cells::{Cell, Cells, cells};
pub use columns::{COLUMNS, Column, Kind, NEWEST};
pub use gone::Gone;
pub use rows::{Rows, Unreadable};
pub use sort_key::SortKey;
pub use whole::whole;
