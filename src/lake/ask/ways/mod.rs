//! Ways through a visit, made clean: from where to where, by any field, without what only disturbs.
//!
//! Each visit is one way. Points are left out first, then the way is cut to its start and end, then
//! repeats become one, then it is cut to its depth.

mod sql;

use serde::{Deserialize, Serialize};

use super::{Field, Filter, Invalid, PathRow, Question, Scope};
use crate::lake::{LakeError, Moment, Span};

/// Fewest and most points of a way.
const DEPTHS: std::ops::RangeInclusive<usize> = 2..=12;
/// Most rules that change points, and most points that are left out.
const RULES_MAX: usize = 20;
/// Most connections of one answer.
const LINKS_MAX: usize = 300;

/// See the module.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Ways {
    /// Which events are points at all.
    pub scope: Scope,
    /// What a point is called: events without it are none.
    pub point: Field,
    /// Where ways begin: at the first of these in a visit; none: with the visit.
    pub start: Option<Filter>,
    /// Where ways end: at the first of these; none: with the visit. Visits without one are left out.
    pub end: Option<Filter>,
    /// Points that are passed over, as they are called in the end.
    pub leave_out: Vec<String>,
    /// What changes the names of points, one after the other.
    pub replace: Vec<Replace>,
    /// Whether the same point several times in a row is one.
    pub collapse: bool,
    /// Points of a way: the first ones, or the last ones where only an end is said. Where both are said, longer
    /// ways are left out.
    pub depth: usize,
    /// So many ways.
    pub limit: usize,
}

/// A rule that changes names.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Replace {
    /// A regular expression.
    pub pattern: String,
    /// What stands in place of all that it finds.
    pub with: String,
}

/// The ways, and what leads to what.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct WaysAnswer {
    /// The most frequent ways.
    pub paths: Vec<PathRow>,
    /// The most frequent connections, of all ways.
    pub links: Vec<LinkRow>,
}

/// A connection of two points.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct LinkRow {
    /// From the so many-th point of a way to the next, from 1 on.
    pub step: u64,
    /// The point.
    pub from: String,
    /// The next.
    pub to: String,
    /// On how many ways.
    pub count: u64,
    /// Of how many distinct people.
    pub people: u64,
}

/// Which of the numbers.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub enum WaysCell {
    /// Those who went exactly so.
    Path(Vec<String>),
    /// Those who went from a point to the next, at this step.
    Link {
        /// From the so many-th point of a way.
        step: u64,
        /// The point.
        from: String,
        /// The next.
        to: String,
    },
}

impl Question for Ways {
    type Answer = WaysAnswer;

    fn check(&self) -> Result<(), Invalid> {
        self.check_bounds()
    }

    fn span(&self) -> Span {
        self.scope.span()
    }

    fn answer(self, moment: &Moment) -> Result<WaysAnswer, LakeError> {
        // Made once, and looked at twice.
        moment.keep("ways", &format!("WITH {} FROM ways", self.ways(sql::WHOSE)?))?;
        let links = format!(
            "SELECT step, \"from\", \"to\", count(*) AS count, count(DISTINCT whose) AS people FROM ({}) \
             GROUP BY ALL ORDER BY count DESC, step, \"from\", \"to\" LIMIT {LINKS_MAX}",
            self.connections()
        );
        Ok(WaysAnswer { paths: moment.read(&self.most_frequent())?, links: moment.read(&links)? })
    }
}
