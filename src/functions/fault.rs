//! What may go wrong with a call.

use serde::{Deserialize, Serialize};

/// It has stopped its workers with what came before in the same payload.
pub(super) const AFTER_STOPS: &str =
    "it was not called: it was stopped with events before this one of the payload";
/// It has stopped its worker.
pub(super) const STOPPED: &str = "it took too long, or more memory than it may, and was stopped";
/// Too many others are being called.
pub(super) const BUSY: &str =
    "it was not called: too many functions are being called at this moment";
/// Those before it took too long.
pub(super) const LATE: &str = "it was not called: the functions of the payload have taken too long";
/// Nobody could be asked.
pub(super) const NOBODY: &str = "no worker could be started";
/// What it gave is no event.
pub(super) const NO_EVENT: &str =
    "it gave what is neither an event, nor a list of events, nor null";

/// The kinds of errors that the language has; of another name only that it is one is told.
const KINDS: [&str; 7] = [
    "Error",
    "EvalError",
    "InternalError",
    "RangeError",
    "ReferenceError",
    "SyntaxError",
    "TypeError",
];

/// A call that gave nothing.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Fault {
    /// What went wrong, without a word of the event: it may be told to whoever sends.
    told: String,
    /// The same with the function's own words, for whoever writes it.
    said: String,
}

impl Fault {
    /// One that says nothing of the event.
    pub(super) fn of_ours(text: &str) -> Self {
        Self { told: text.to_owned(), said: text.to_owned() }
    }

    /// An error that the function has thrown.
    pub(super) fn thrown(name: &str, message: &str, line: Option<usize>) -> Self {
        let kind = KINDS.iter().find(|kind| **kind == name).copied().unwrap_or("an exception");
        let line = line.map(|line| format!(" in line {line}")).unwrap_or_default();
        Self { told: format!("{kind}{line}"), said: format!("{kind}{line}: {message}") }
    }

    /// Without a word of the event.
    #[must_use]
    pub fn told(&self) -> &str {
        &self.told
    }

    /// With the function's own words.
    #[must_use]
    pub fn said(&self) -> &str {
        &self.said
    }
}
