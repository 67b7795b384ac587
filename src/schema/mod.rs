//! JSON Schema: what values must look like, read once, held against them within a budget of steps.
//!
//! The language is that of draft 2020-12, of one document: nothing is fetched. What a schema may ask is
//! bounded where it is read, and what a value may cost where it is checked, so that no schema and no
//! value stalls whoever asks (docs/decisions/0025-rules-for-events.md).

mod keywords;
mod read;
mod values;
mod patterns;
mod place;
mod check;
mod circle;
mod numbers;
mod formats;
mod draft;
#[cfg(test)]
mod tests;

pub use draft::draft;

use serde_json::Value;

use keywords::Node;

/// Longest schema, in bytes.
pub const SCHEMA_BYTES_MAX: usize = 64 * 1024;
/// Most subschemas of one.
const NODES_MAX: usize = 2_000;
/// Deepest nesting of subschemas, and of the ways between them while a value is checked.
const DEPTH_MAX: usize = 96;
/// Steps that one value may cost. A step is a keyword that is looked at, a member that is compared, or a
/// few letters that are matched.
const STEPS_MAX: u32 = 100_000;
/// Most faults that are told of one value.
const FAULTS_MAX: usize = 20;

/// A schema, ready to be held against values.
#[derive(Clone, Debug)]
pub struct Schema {
    nodes: Vec<Node>,
    root: usize,
    /// Some keyword asks what others have looked at.
    asks_what_was_seen: bool,
    /// The place of a subschema that leads back to itself.
    circle: Option<String>,
    slip: Option<Unreadable>,
}

/// What is wrong with a schema: where in it, and a sentence.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{place} {wanted}")]
pub struct Unreadable {
    /// Keys, parted by slashes.
    pub place: String,
    /// What is wanted there.
    pub wanted: String,
}

/// What is wrong with a value. Never holds anything of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault {
    /// Keys and places from the outside to the inside.
    pub place: Vec<String>,
    /// What is wanted there.
    pub wanted: String,
}

impl Schema {
    /// Reads a schema.
    ///
    /// # Errors
    /// [`Unreadable`] says where and why.
    pub fn read(schema: &Value) -> Result<Self, Unreadable> {
        read::read(schema)
    }

    /// The place of a subschema that leads back to itself before it looks further into a value, so that no
    /// end is found. Rules that older builds have stored may have one; nobody writes one any more.
    #[must_use]
    pub fn circle(&self) -> Option<&str> {
        self.circle.as_deref()
    }

    /// What is written so that it asks nothing. As with [`Self::circle`], nobody writes it any more.
    #[must_use]
    pub fn slip(&self) -> Option<&Unreadable> {
        self.slip.as_ref()
    }

    /// Whether a value is as the schema says.
    ///
    /// # Errors
    /// What is wrong with it: 20 faults at most. One that costs too much to be checked does not fit.
    pub fn check(&self, value: &Value) -> Result<(), Vec<Fault>> {
        check::check(self, value)
    }
}
