//! Processes apart: this program again, for what must not reach the process that collects.
//!
//! DuckDB answers questions and writes files, and JavaScript is called, in C and C++ that may overrun a stack, take all
//! memory, or stop listening. So each of them happens in a process of its own, which holds no secret and which the
//! system keeps within bounds. What is here is common to them: how one is started, how the two speak, what it may take.

mod bounds;
mod frames;
mod line;
mod process;
mod program;

pub use bounds::{Bounded, allow_one, bind, end, go_first, shut_out};
pub use frames::{read, write};
pub(crate) use frames::{receive, send};
pub(crate) use line::{line, listened};
pub(crate) use process::Process;
pub(crate) use program::command;
pub use program::this_program;
