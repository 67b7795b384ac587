//! The questions that people ask, each with its answer: one file each.
//!
//! A question is plain data: who asks fills it in, and knows neither the tables nor their language.
//! An answer is plain data as well; its rows have the columns' names. So both can be sent to where
//! DuckDB is.
//!
//! Values come from strangers: fields and conditions are built by `fields` and `condition`, and every
//! text is written as a literal.

mod scope;
mod newest;
mod events_page;
mod events_of;
mod event_by_id;
mod selection;
mod histogram;
mod top;
mod people;
mod funnel;
mod retention;
mod paths;
mod profiles_page;
mod sessions_page;
mod known_in_history;
mod archive;
mod sql;
mod fields;
mod condition;

pub use crate::conditions::Invalid;
pub use archive::Archive;
pub use condition::{condition, sql};
pub use event_by_id::EventById;
pub use events_of::EventsOf;
pub use events_page::EventsPage;
pub use fields::{Field, field};
pub use funnel::{Funnel, FunnelRow};
pub use histogram::{Histogram, HistogramRow, Interval};
pub use known_in_history::KnownInHistory;
pub use newest::{Cursor, Page, Part};
pub use paths::{PathRow, Paths};
pub use people::{People, PeopleRow};
pub use profiles_page::{ProfileRow, ProfilesPage, Search, ValueAt};
pub use retention::{Retention, RetentionRow};
pub use scope::{Filter, Scope};
pub use selection::{Selected, Selection};
pub use sessions_page::{SessionRow, SessionsPage};
pub use sql::{Answered, Sql};
pub use top::{Top, TopRow};

use super::{Lake, LakeError, Moment, Span};

/// A question about history: what it needs, and how it is answered. A trait, since those who ask
/// wait, are bounded and give up in the same way whatever they ask.
pub trait Question {
    /// What there is to say.
    type Answer;

    /// Whether it can be answered at all, before anything is done for it.
    ///
    /// # Errors
    /// [`Invalid`], with what is wrong.
    fn check(&self) -> Result<(), Invalid> {
        Ok(())
    }

    /// The time that it is about: files that hold nothing of it are not read.
    fn span(&self) -> Span;

    /// The answer, as history is at the moment.
    ///
    /// # Errors
    /// See [`LakeError`].
    fn answer(self, lake: &Lake, moment: &Moment) -> Result<Self::Answer, LakeError>;
}

impl From<Invalid> for LakeError {
    fn from(invalid: Invalid) -> Self {
        Self::Question(invalid.0)
    }
}
