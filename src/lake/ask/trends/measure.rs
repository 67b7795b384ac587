//! What is measured of events, in SQL.

use serde::{Deserialize, Serialize};

use crate::lake::ask::{Field, Invalid};

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
    /// [`Invalid`] for any other name, without a field that is needed, or a percentile that is none.
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
        if let Some(measure) = of_events {
            return Ok(measure);
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

    /// Over the events of a group.
    ///
    /// Ids are told apart by their hash, as in [`super::super::People`].
    pub(super) fn sql(&self) -> String {
        let distinct =
            |what: &str| format!("count(DISTINCT hash({what})) FILTER (WHERE {what} IS NOT NULL)");
        match self {
            Self::Count => "count(*)".to_owned(),
            Self::People => distinct("profile_id"),
            Self::Sessions => distinct("session_id"),
            Self::PerPerson => format!("count(profile_id) / nullif({}, 0)", distinct("profile_id")),
            Self::Distinct(field) => format!("count(DISTINCT {})", field.text()),
            Self::Sum(field) => format!("sum({})", number(field)),
            Self::Average(field) => format!("avg({})", number(field)),
            Self::Least(field) => format!("min({})", number(field)),
            Self::Most(field) => format!("max({})", number(field)),
            Self::Percentile(field, part) => {
                format!("quantile_cont({}, {})", number(field), part / 100.0)
            }
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
            | Self::Percentile(field, _) => format!("{} IS NOT NULL", number(field)),
        }
    }
}

/// A field's number, or that of a text that writes one; neither an infinite one nor none.
fn number(field: &Field) -> String {
    let number = format!("TRY_CAST({} AS DOUBLE)", field.text());
    format!("CASE WHEN isfinite({number}) THEN {number} END")
}
