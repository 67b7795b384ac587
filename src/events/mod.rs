//! Events as rows: the columns of history, and the lines that the tail keeps them in.

mod cells;
mod columns;
mod digits;
mod line;
mod rows;
mod gone;

pub use cells::{Cell, Cells, cells};
pub use columns::{COLUMNS, Column, Kind, NEWEST};
pub use gone::Gone;
pub use line::time_of;
pub use rows::{Rows, Unreadable};
