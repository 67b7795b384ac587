//! What is measured of events, in SQL.

use serde::{Deserialize, Serialize};

use crate::lake::ask::{Field, Invalid, condition};

/// What is measured of events.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub enum Measure {
    /// How many there are.
    Count,
    /// Distinct people behind them.
    People,
    /// Distinct sessions in which they happened.
    Sessions,
    /// How many a person did who did any, on average.
    PerPerson,
    /// Distinct values of a field.
    Distinct(Field),
    /// The sum of a field's numbers.
    Sum(Field),
    /// Their average.
    Average(Field),
    /// The smallest.
    Least(Field),
    /// The largest.
    Most(Field),
    /// What so many of a hundred of them do not exceed; between two of them by their distance.
    Percentile(Field, f64),
}

impl Measure {
    /// The measure of this name; `field` and `percentile` as it needs them.
    ///
    /// # Errors
    /// [`Invalid`] for any other name, without a field or a percentile that is needed, and with one that is not.
    pub fn named(
        name: &str,
        field: Option<Field>,
        percentile: Option<f64>,
    ) -> Result<Self, Invalid> {
        let of_events = match name {
            "count" => Some(Self::Count),
            "people" => Some(Self::People),
            "sessions" => Some(Self::Sessions),
            "per_person" => Some(Self::PerPerson),
            _ => None,
        };
        if percentile.is_some() && name != "percentile" {
            return Err(Invalid(format!("the measure {name} takes no percentile")));
        }
        if let Some(measure) = of_events {
            let takes_none = || Invalid(format!("the measure {name} takes no field"));
            return field.is_none().then_some(measure).ok_or_else(takes_none);
        }
        let needed = || field.ok_or_else(|| Invalid(format!("the measure {name} needs a field")));
        Ok(match name {
            "distinct" => Self::Distinct(needed()?),
            "sum" => Self::Sum(needed()?),
            "average" => Self::Average(needed()?),
            "min" => Self::Least(needed()?),
            "max" => Self::Most(needed()?),
            "median" => Self::Percentile(needed()?, 50.0),
            "percentile" => match percentile {
                Some(part) if (0.0..=100.0).contains(&part) => Self::Percentile(needed()?, part),
                _ => return Err(Invalid("a percentile is between 0 and 100".to_owned())),
            },
            _ => {
                return Err(Invalid(
                    "measure is one of count, people, sessions, per_person, distinct, sum, average, min, max, \
                     median, percentile"
                        .to_owned(),
                ));
            }
        })
    }

    /// What of an event goes into it: NULL where it has no share, but for events of nobody.
    pub(super) fn column(&self) -> String {
        let of = |id: &str| format!("CASE WHEN {id} IS NOT NULL THEN hash({id}) END");
        match self {
            Self::Count => "true".to_owned(),
            Self::People | Self::PerPerson => of("profile_id"),
            Self::Sessions => of("session_id"),
            Self::Distinct(field) => field.text(),
            Self::Sum(field)
            | Self::Average(field)
            | Self::Least(field)
            | Self::Most(field)
            | Self::Percentile(field, _) => number(field),
        }
    }

    /// Over such a column of a group's events.
    ///
    /// Ids are told apart by their hash, as in [`super::super::People`].
    pub(super) fn sql(&self, column: &str) -> String {
        let number = finite(column);
        match self {
            Self::Count => format!("count({column})"),
            Self::People | Self::Sessions | Self::Distinct(_) => {
                format!("count(DISTINCT {column})")
            }
            Self::PerPerson => format!("count({column}) / nullif(count(DISTINCT {column}), 0)"),
            Self::Sum(_) => format!("sum({number})"),
            Self::Average(_) => format!("avg({number})"),
            Self::Least(_) => format!("min({number})"),
            Self::Most(_) => format!("max({number})"),
            Self::Percentile(_, part) => format!("quantile_cont({number}, {})", part / 100.0),
        }
    }

    /// How many of a group's events have a share, over such a column of theirs; none: all of them.
    pub(super) fn shares(&self, column: &str) -> Option<String> {
        match self {
            Self::Count | Self::People | Self::Sessions | Self::PerPerson => None,
            Self::Distinct(_) => Some(format!("count({column})")),
            Self::Sum(_)
            | Self::Average(_)
            | Self::Least(_)
            | Self::Most(_)
            | Self::Percentile(..) => Some(format!("count({})", finite(column))),
        }
    }

    /// What it is where there are no events.
    pub(super) fn of_nothing(&self) -> &'static str {
        match self {
            Self::Count | Self::People | Self::Sessions | Self::Distinct(_) | Self::Sum(_) => "0.0",
            Self::PerPerson
            | Self::Average(_)
            | Self::Least(_)
            | Self::Most(_)
            | Self::Percentile(..) => "NULL",
        }
    }

    /// The condition that an event has a share in it.
    pub(super) fn counts(&self) -> String {
        match self {
            Self::Count | Self::People | Self::Sessions | Self::PerPerson => "true".to_owned(),
            Self::Distinct(field) => format!("{} IS NOT NULL", field.text()),
            Self::Sum(field)
            | Self::Average(field)
            | Self::Least(field)
            | Self::Most(field)
            | Self::Percentile(field, _) => format!("isfinite({})", number(field)),
        }
    }
}

/// A field's number, or that of a text that writes one, as conditions and computed traits read it; it may be an
/// infinite one.
fn number(field: &Field) -> String {
    condition::number(&field.text())
}

/// A number, or nothing where it is past all numbers or none.
pub(super) fn finite(sql: &str) -> String {
    format!("CASE WHEN isfinite({sql}) THEN {sql} END")
}
