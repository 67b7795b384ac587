//! Funnels of every sort.
//!
//! In order, in any order, or one right after the other; with what may not come between, told apart by a
//! field, and how long it takes. A plain one is answered by [`Funnel`], several times as fast.

mod instead;
mod stages;
mod times;

pub use instead::{Instead, InsteadRow};
pub use times::{Bucket, ConversionTimes, TimesRow};

use serde::{Deserialize, Serialize};

use super::breakdown::is_group;
use super::people::WHO;
use super::{Breakdown, Filter, Funnel, Invalid, Question, Scope};
use crate::lake::{LakeError, Moment, Span};

/// Most kinds of what may not come between.
const WITHOUT_MAX: usize = 5;
/// The longest window: more would leave no room to reckon with moments.
const WINDOW_MICROS_MAX: i64 = 4_000_000_000_000_000_000;

/// How steps follow one another.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum Order {
    /// Each some time after the one before.
    #[default]
    Ordered,
    /// In any order; whoever did k of them, whichever, came to step k.
    Unordered,
    /// Each is what the person did next.
    Strict,
}

impl Order {
    /// The order of this name.
    ///
    /// # Errors
    /// [`Invalid`] for any other name.
    pub fn named(name: &str) -> Result<Self, Invalid> {
        match name {
            "ordered" => Ok(Self::Ordered),
            "unordered" => Ok(Self::Unordered),
            "strict" => Ok(Self::Strict),
            _ => Err(Invalid("order is one of ordered, unordered, strict".to_owned())),
        }
    }
}

/// See the module. What counts as later is what [`Funnel`] says.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Conversion {
    /// Which events there are at all.
    pub scope: Scope,
    /// What each step is.
    pub steps: Vec<Filter>,
    /// From the first to the last.
    pub window_seconds: u64,
    /// How they follow one another.
    pub order: Order,
    /// None of these happens between the first step and the last.
    pub without: Vec<Filter>,
    /// People are told apart by this, as their earliest first step has it that has any.
    pub by: Option<Breakdown>,
}

/// How far the people of one group came.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct ConversionRow {
    /// The value by which they are told apart. Left out for all others, and without a breakdown.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub group: Option<String>,
    /// For each step, the people who came so far.
    pub steps: Vec<u64>,
}

/// Which of the numbers.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct ConversionCell {
    /// The step that they came to, from 1 on.
    pub step: usize,
    /// Only those who came no further.
    pub fell_out: bool,
    /// Only those of this group, or of all others.
    pub group: Pick,
    /// Only those whom it took so many seconds from the first step to this one, and less than the second number.
    pub seconds: Option<(u64, Option<u64>)>,
    /// Only those who came no further, and did this next, or nothing.
    pub next: Pick,
}

/// What may be picked; an option of an option would not be the same on the other side of a line of JSON.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum Pick {
    /// All of them.
    #[default]
    Any,
    /// Those with this value; none: those without.
    One(Option<String>),
}

impl Conversion {
    /// Rows of `group` and `steps` (a list of how many came to each), most people first.
    ///
    /// # Errors
    /// [`Invalid`] for what cannot be asked.
    pub fn sql(&self) -> Result<String, Invalid> {
        let counts: Vec<String> = (1..=self.steps.len())
            .map(|step| format!("count(*) FILTER (WHERE depth >= {step})"))
            .collect();
        let (group, order) = match self.by {
            Some(_) => ("\"group\"", " GROUP BY 1 ORDER BY steps[1] DESC, 1"),
            None => ("CAST(NULL AS VARCHAR) AS \"group\"", ""),
        };
        let counts = counts.join(", ");
        let stages = self.stages(WHO)?;
        Ok(format!("{stages} SELECT {group}, [{counts}] AS steps FROM placed{order}"))
    }

    /// Whoever is behind one number: rows of `id`.
    ///
    /// # Errors
    /// As [`Self::sql`], or when there is no such number.
    pub(super) fn people(&self, cell: &ConversionCell) -> Result<String, Invalid> {
        if cell.step == 0 || cell.step > self.steps.len() {
            return Err(Invalid(format!("there is no step {}", cell.step)));
        }
        if let Pick::One(next) = &cell.next {
            return self.people_who_did(cell.step, next.as_deref());
        }
        let sign = if cell.fell_out { "=" } else { ">=" };
        let mut conditions = vec![format!("depth {sign} {}", cell.step)];
        if let Pick::One(group) = &cell.group {
            conditions.push(is_group(group.as_deref()));
        }
        if let Some((from, to)) = cell.seconds {
            self.can_be_timed()?;
            conditions.push(times::within(cell.step, from, to));
        }
        Ok(format!(
            "{} SELECT who AS id FROM placed WHERE {}",
            self.stages("profile_id")?,
            conditions.join(" AND ")
        ))
    }

    fn check_bounds(&self) -> Result<(), Invalid> {
        self.plain().check()?;
        if self.without.len() > WITHOUT_MAX {
            return Err(Invalid(format!("at most {WITHOUT_MAX} kinds of events can be left out")));
        }
        if !self.without.is_empty() && self.order != Order::Ordered {
            return Err(Invalid("what may not come between is for funnels in order".to_owned()));
        }
        Ok(())
    }

    fn can_be_timed(&self) -> Result<(), Invalid> {
        if self.order == Order::Unordered {
            return Err(Invalid(
                "how long it takes is told of steps that have an order".to_owned(),
            ));
        }
        Ok(())
    }

    /// Without all that makes it more than a funnel.
    fn plain(&self) -> Funnel {
        Funnel {
            scope: self.scope.clone(),
            steps: self.steps.clone(),
            window_seconds: self.window_seconds,
        }
    }

    fn is_plain(&self) -> bool {
        self.order == Order::Ordered && self.without.is_empty() && self.by.is_none()
    }
}

impl Question for Conversion {
    type Answer = Vec<ConversionRow>;

    fn check(&self) -> Result<(), Invalid> {
        self.check_bounds()
    }

    fn shows_people(&self) -> bool {
        self.by.as_ref().is_some_and(Breakdown::shows_people)
    }

    fn span(&self) -> Span {
        self.scope.span()
    }

    fn answer(self, moment: &Moment) -> Result<Vec<ConversionRow>, LakeError> {
        if !self.is_plain() {
            return moment.read(&self.sql()?);
        }
        let told = moment.funnel(&self.plain())?;
        let steps = (1..=self.steps.len()).map(|at| told.0.get(&format!("step_{at}")).copied());
        Ok(vec![ConversionRow {
            group: None,
            steps: steps.map(Option::unwrap_or_default).collect(),
        }])
    }
}
