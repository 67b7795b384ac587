//! Which events a question is about.

use serde::{Deserialize, Serialize};

use super::{Invalid, condition};
use crate::lake::engine::literal;
use crate::lake::{LakeError, Moment, Span};
use crate::model::Time;
use crate::processing::{ENTERED, LEFT};

/// What an event must be, read from the filter language.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Filter(String);

impl Filter {
    /// What `text` says; empty: any event. `now` is what its functions call now.
    ///
    /// # Errors
    /// [`Invalid`], with the place and what was wanted there.
    pub fn read(text: &str, now: Time) -> Result<Self, Invalid> {
        Ok(Self(condition(text, now)?))
    }

    /// As a condition of SQL.
    pub(super) fn sql(&self) -> &str {
        &self.0
    }

    /// Whether it says this type.
    fn names(&self, kind: &str) -> bool {
        self.0.contains(kind)
    }
}

/// Any event.
impl Default for Filter {
    fn default() -> Self {
        Self("true".to_owned())
    }
}

/// Which events a question is about: all that is given must hold.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Scope {
    /// From this moment on.
    pub from: Option<Time>,
    /// Before this moment.
    pub to: Option<Time>,
    /// Received from this moment on.
    pub received_from: Option<Time>,
    /// Received before this moment.
    pub received_to: Option<Time>,
    /// Of this type.
    pub kind: Option<String>,
    /// Of this source.
    pub source: Option<String>,
    /// Of this session.
    pub session: Option<String>,
    /// Of this person, by the id that lives.
    pub profile: Option<String>,
    /// For any field.
    pub filter: Filter,
}

impl Scope {
    /// These events, as far as they are of this time too.
    ///
    /// # Errors
    /// [`Invalid`] when the time ends before it begins: who asks so has mistaken one for the other.
    pub fn during(self, time: &Self) -> Result<Self, Invalid> {
        in_order(("from", "to"), time.from, time.to)?;
        in_order(("received_from", "received_to"), time.received_from, time.received_to)?;
        Ok(Self {
            from: self.from.max(time.from),
            to: earlier(self.to, time.to),
            received_from: self.received_from.max(time.received_from),
            received_to: earlier(self.received_to, time.received_to),
            ..self
        })
    }

    /// The files that a question about these events needs.
    #[must_use]
    pub fn span(&self) -> Span {
        Span {
            from: self.from.unwrap_or(Time::BEGINNING),
            to: self.to.unwrap_or(Time::END),
            received_from: self.received_from.unwrap_or(Time::BEGINNING),
            received_to: self.received_to.unwrap_or(Time::END),
        }
    }

    /// Whether it is of what happened and was received at these moments.
    #[must_use]
    pub fn has(&self, time: Time, received_at: Time) -> bool {
        let is_in = |from: Option<Time>, to: Option<Time>, moment| {
            from.is_none_or(|from| from <= moment) && to.is_none_or(|to| moment < to)
        };
        is_in(self.from, self.to, time) && is_in(self.received_from, self.received_to, received_at)
    }

    /// How many events it is of.
    ///
    /// # Errors
    /// See [`LakeError`].
    pub(super) fn count(&self, moment: &Moment) -> Result<u64, LakeError> {
        let ask = format!("SELECT count(*) FROM events WHERE {}", self.sql());
        Ok(u64::try_from(moment.number(&ask, &[])?).unwrap_or(0))
    }

    /// All of it as one condition of SQL, over the table `events`.
    #[must_use]
    pub fn sql(&self) -> String {
        let mut parts = vec![format!("({})", self.filter.sql())];
        let columns = [
            ("type", &self.kind),
            ("source_id", &self.source),
            ("session_id", &self.session),
            ("profile_id", &self.profile),
        ];
        for (column, value) in columns {
            parts.extend(value.as_deref().map(|value| equal(column, value)));
        }
        parts.extend(within("time", self.from, self.to));
        parts.extend(within("received_at", self.received_from, self.received_to));
        parts.join(" AND ")
    }

    /// The condition that an event is something that somebody did. That they entered an audience or left it, Kith
    /// has found, perhaps while they slept: it counts where this, or one of `filters`, says its type.
    pub(super) fn done<'a>(&'a self, filters: impl IntoIterator<Item = &'a Filter>) -> String {
        let filters: Vec<&Filter> = filters.into_iter().chain([&self.filter]).collect();
        let is_asked = |kind: &str| filters.iter().any(|filter| filter.names(kind));
        let told = [ENTERED, LEFT].into_iter().filter(|kind| !is_asked(kind));
        // Of one type is whatever was asked for.
        let told = told.filter(|_| self.kind.is_none());
        let not: Vec<String> = told.map(|kind| format!("type <> {}", literal(kind))).collect();
        if not.is_empty() { "true".to_owned() } else { not.join(" AND ") }
    }
}

/// Refuses a time that ends before it begins: who asks so has mistaken one for the other.
///
/// # Errors
/// [`Invalid`], with the names of both.
pub fn in_order(names: (&str, &str), from: Option<Time>, to: Option<Time>) -> Result<(), Invalid> {
    match from.zip(to) {
        Some((from, to)) if to < from => Err(Invalid(format!("{} is before {}", names.1, names.0))),
        _ => Ok(()),
    }
}

/// The one that ends first, of ends that there may be.
fn earlier(one: Option<Time>, other: Option<Time>) -> Option<Time> {
    one.into_iter().chain(other).min()
}

/// The condition that a column has this value.
pub(super) fn equal(column: &str, value: &str) -> String {
    format!("\"{column}\" = {}", literal(value))
}

/// The conditions that a moment is not before the one and before the other.
pub(super) fn within(
    column: &str,
    from: Option<Time>,
    to: Option<Time>,
) -> impl Iterator<Item = String> {
    let moment = |time: Time| format!("TIMESTAMPTZ {}", literal(&time.to_string()));
    let from = from.map(|from| format!("{column} >= {}", moment(from)));
    from.into_iter().chain(to.map(|to| format!("{column} < {}", moment(to))))
}
