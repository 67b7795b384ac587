//! What is wrong with a payload, and where, in the reference's shape, with whole paths.
//!
//! See docs/wire.md §1.6.

use serde::Serialize;
use serde_json::Value;

/// Most problems that are told; whoever has made more will find the pattern.
pub(in crate::http) const PROBLEMS_MAX: usize = 100;

/// One thing that is wrong. Without the `input` that the reference echoes: an answer may be read
/// by others than the sender.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Problem {
    /// Stable, for programs.
    #[serde(rename = "type")]
    pub kind: &'static str,
    /// Where: keys and indices from `body` on.
    pub loc: Vec<Value>,
    /// A sentence.
    pub msg: String,
}

/// With its place as a path: `events.0.type: …`.
impl std::fmt::Display for Problem {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let step = |step: &Value| step.as_str().map_or_else(|| step.to_string(), str::to_owned);
        let place: Vec<String> = self.loc.iter().skip(1).map(step).collect();
        let colon = if place.is_empty() { "" } else { ": " };
        write!(f, "{}{colon}{}", place.join("."), self.msg)
    }
}

/// What is wrong, without the place.
#[derive(Debug)]
pub(in crate::http) struct Fault {
    kind: &'static str,
    msg: String,
}

impl Fault {
    /// Of this kind, said so.
    pub(in crate::http) fn new(kind: &'static str, msg: impl Into<String>) -> Self {
        Self { kind, msg: msg.into() }
    }

    /// The problem at a place.
    pub(in crate::http) fn at(self, place: &Place) -> Problem {
        Problem { kind: self.kind, loc: place.0.clone(), msg: self.msg }
    }
}

/// A place in the body.
pub(in crate::http) struct Place(Vec<Value>);

impl Place {
    /// The body as a whole.
    pub(in crate::http) fn root() -> Self {
        Self(vec!["body".into()])
    }

    /// The place of a key in the object here.
    pub(in crate::http) fn key(&self, key: &str) -> Self {
        Self(self.0.iter().cloned().chain([key.into()]).collect())
    }

    /// The place of an item of the list here.
    pub(in crate::http) fn index(&self, index: usize) -> Self {
        Self(self.0.iter().cloned().chain([index.into()]).collect())
    }
}
