//! Where those went who came no further: what each of them did next.

use serde::{Deserialize, Serialize};

use super::{Conversion, Order};
use crate::lake::ask::{Invalid, Question};
use crate::lake::engine::literal;
use crate::lake::{LakeError, Moment, NO_POSITION, Span};

/// See the module.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Instead {
    /// Which funnel.
    pub conversion: Conversion,
    /// Of those who came to this step, and no further.
    pub step: usize,
    /// So many types at most.
    pub limit: usize,
}

/// What some of them did next.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct InsteadRow {
    /// The type of the event. Left out for those who did nothing more.
    #[serde(rename = "type", skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub kind: Option<String>,
    /// How many of them.
    pub people: u64,
}

impl Conversion {
    /// A table `went` of `who` and `type`: what came right after the last event that leads to the step,
    /// of those who came no further.
    fn went(&self, step: usize) -> Result<String, Invalid> {
        self.check_bounds()?;
        if step == 0 || step >= self.steps.len() {
            return Err(Invalid(format!("step is 1 to {}", self.steps.len() - 1)));
        }
        let leads = match self.order {
            Order::Unordered => "NOT is_void".to_owned(),
            Order::Ordered | Order::Strict => format!("began_{step} IS NOT NULL"),
        };
        Ok(format!(
            "{stages}, fell AS (SELECT who, \
             max({{'micros': micros, 'received': received, 'position': position, 'id': id}}) AS last \
             FROM stages JOIN (SELECT who FROM placed WHERE placed.depth = {step}) USING (who) \
             WHERE {leads} GROUP BY who), \
             later AS (SELECT profile_id, type, {{'micros': epoch_us(time), \
             'received': coalesce(epoch_us(received_at), 0), 'position': coalesce(position, {NO_POSITION}), \
             'id': id}} AS moment FROM events WHERE time IS NOT NULL AND {scope} AND {done}), \
             went AS (SELECT fell.who, arg_min(later.type, later.moment) AS type FROM fell LEFT JOIN later \
             ON later.profile_id = fell.who AND later.moment > fell.last GROUP BY fell.who)",
            stages = self.stages("profile_id")?,
            scope = self.scope.sql(),
            done = self.done(),
        ))
    }

    /// Those who came to the step, no further, and did this next, or nothing.
    pub(super) fn people_who_did(
        &self,
        step: usize,
        next: Option<&str>,
    ) -> Result<String, Invalid> {
        let next = next.map_or_else(|| "IS NULL".to_owned(), |next| format!("= {}", literal(next)));
        Ok(format!("{} SELECT who AS id FROM went WHERE type {next}", self.went(step)?))
    }
}

impl Instead {
    /// Rows of `type` and `people`, the most frequent first.
    ///
    /// # Errors
    /// [`Invalid`] for what cannot be asked.
    pub fn sql(&self) -> Result<String, Invalid> {
        Ok(format!(
            "{} SELECT type, count(*) AS people FROM went GROUP BY type ORDER BY people DESC, type LIMIT {}",
            self.conversion.went(self.step)?,
            self.limit
        ))
    }
}

impl Question for Instead {
    type Answer = Vec<InsteadRow>;

    fn check(&self) -> Result<(), Invalid> {
        self.sql().map(drop)
    }

    fn span(&self) -> Span {
        self.conversion.scope.span()
    }

    fn answer(self, moment: &Moment) -> Result<Vec<InsteadRow>, LakeError> {
        moment.read(&self.sql()?)
    }
}
