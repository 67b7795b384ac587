//! The questions that people ask most, as SQL over `events`: one file each.
//!
//! Values come from strangers: fields and conditions are built by `fields` and `filter`, and every
//! text is written as a literal.

mod fields;
mod filter;
mod histogram;
mod top;
mod funnel;
mod retention;
mod paths;

pub use fields::{Field, field};
pub use filter::condition;
pub use funnel::Funnel;
pub use histogram::{Histogram, Interval};
pub use paths::Paths;
pub use retention::Retention;
pub use top::{People, Top};

use super::engine::literal;
use crate::model::Time;

/// What is wrong with a question: a sentence for whoever asks.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct Invalid(pub String);

/// Which events a question is about.
#[derive(Clone, Debug)]
pub struct Scope {
    /// From this moment on.
    pub from: Option<Time>,
    /// Before this moment.
    pub to: Option<Time>,
    /// A condition of SQL.
    pub condition: String,
}

impl Scope {
    /// All of it as one condition of SQL.
    #[must_use]
    pub fn sql(&self) -> String {
        let mut parts = vec![format!("({})", self.condition)];
        let moment = |time: Time| format!("TIMESTAMPTZ {}", literal(&time.to_string()));
        parts.extend(self.from.map(|from| format!("time >= {}", moment(from))));
        parts.extend(self.to.map(|to| format!("time < {}", moment(to))));
        parts.join(" AND ")
    }
}
