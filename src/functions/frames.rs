//! What a server and its workers say to each other, in frames as those have that answer questions.

use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use super::Fault;

/// What a worker is asked.
#[derive(Debug, Serialize, Deserialize)]
pub(super) enum Asked {
    /// To know this function by this number from now on.
    Load { number: usize, code: String },
    /// To call it with each of these.
    Call { number: usize, events: Vec<Box<RawValue>> },
}

/// What a function gave for each of some events.
pub(super) type Given = Vec<Result<Box<RawValue>, Fault>>;

/// What it answers.
#[derive(Debug, Serialize, Deserialize)]
pub(super) enum Answered {
    /// The function is one.
    Loaded(Result<(), Fault>),
    /// What it gave, for the first events at least; with the last of them, the worker ends.
    Called { answers: Given, ends: bool },
}
