//! Conditions: one language about events, people and visits; read once, held against facts.
//!
//! It has two sets of names. Rules speak of documents, as the reference does (docs/wire.md §7.2):
//! `profile@traits.plan = "pro" AND event@properties.price >= 10`. Filters speak of history's columns
//! (docs/wire.md §7.3): `type = "order" AND properties.price >= 10`. [`parse`] makes a tree of
//! either, [`Condition::holds`] holds it against values in memory, and `lake` prints it as SQL;
//! both give the same answer about the same event.
//!
//! Conditions about people ([`parse_of_people`]) are rules that also say what somebody did, and in which
//! audiences they are: `DID "order" WHERE (event@properties.price >= 10) AT LEAST 3 TIMES WITHIN 30d`.
//!
//! Every comparison is true or false, whatever it meets: what is missing, or of another type, is unlike
//! everything, so `=` and its like do not hold and `!=` does.

mod tree;
mod did;
mod steps;
mod moment;
mod texts;
mod names;
mod form;
mod there;
mod ranges;
mod words;
mod unmeant;
mod parser;
mod facts;
mod holds;
mod compare;
mod print;
#[cfg(test)]
mod tests;

pub use did::{Did, Span, TIMES_MAX, Which, counted, key, times_of, written};
pub use facts::{
    Columns, Documents, Fact, Facts, OfEvent, OfLine, Remembering, is_said, of_profile, of_segments,
};
pub use moment::Moment;
pub use names::{Language, Place, Root, Slot, place};
pub use parser::{
    all_of, any_of, check_counted, duration, moment, parse, parse_of_counted, parse_of_people,
};
pub use steps::{Counted, STEP_SIGHTINGS, STEPS_MAX, Step, With};
pub use texts::{Pattern, Text};
pub use there::Around;
pub use tree::{Affix, Function, OnList, Operand, Sign, Test, Tree, Value};
pub use unmeant::check_names;

/// A condition, ready to be held against facts.
#[derive(Clone, Debug, PartialEq)]
pub struct Condition {
    /// Whose words and whose rules it has.
    pub language: Language,
    /// What must be.
    pub tree: Tree,
}

/// What is wrong with a question: a sentence for whoever asks, with the place.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct Invalid(pub String);
