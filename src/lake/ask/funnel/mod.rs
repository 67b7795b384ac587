//! How many people went through steps, in order, within a time.

mod answer;
mod lists;
mod pass;
mod taken;
mod ties;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::people::WHO;
use super::{Filter, Invalid, Question, Scope};
use crate::lake::{LakeError, Moment, NO_POSITION, Span};

/// Fewest and most steps.
const STEPS: std::ops::RangeInclusive<usize> = 2..=MOST_STEPS;
const MOST_STEPS: usize = 10;

/// What is less than this apart happened at once.
const AT_ONCE_MICROS: i64 = 999;

/// A person counts for step k when there is some first step of theirs, and after it, one after the
/// other, the second to the k-th, each later than the one before, the last at most `window_seconds`
/// after the first. Of what happens at the same moment the later one is what came in later, or stood
/// further back in the same payload (see `lake::order`); what is alike in that too does not follow
/// one another.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Funnel {
    /// Which events can be steps at all.
    pub scope: Scope,
    /// What each step is.
    pub steps: Vec<Filter>,
    /// From the first to the last.
    pub window_seconds: u64,
}

impl Funnel {
    /// One row of `step_1` … `step_n`: the people who came so far. In SQL alone, for whoever asks
    /// DuckDB without us; `Moment::funnel` answers the same several times as fast.
    ///
    /// From the last step backwards each event learns the latest first step that leads to it: going
    /// through a person's events in order, the k-th step takes over the latest beginning among the
    /// (k-1)-th steps before it. The latest beginning leaves the most of the window, so it is enough.
    ///
    /// # Errors
    /// [`Invalid`] for less than two or more than ten steps.
    pub fn sql(&self) -> Result<String, Invalid> {
        self.check()?;
        let window = self.window();
        let flags = self.conditions().enumerate();
        let flags: Vec<String> =
            flags.map(|(at, step)| format!("({step}) IS TRUE AS is_{}", at + 1)).collect();
        let mut sql = format!(
            "WITH stage_1 AS (SELECT profile_id, epoch_us(time) AS micros, received_at, position, {flags}, \
             CASE WHEN is_1 THEN micros END AS began_1 FROM {steps})",
            flags = flags.join(", "),
            steps = self.any_step(),
        );
        for step in 2..=self.steps.len() {
            sql.push_str(&format!(
                ", stage_{step} AS (SELECT *, CASE WHEN is_{step} THEN max(began_{before}) OVER \
                 (PARTITION BY profile_id ORDER BY micros, received_at, position NULLS FIRST \
                 GROUPS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING) END AS reached_{step}, \
                 CASE WHEN micros - reached_{step} <= {window} THEN reached_{step} END AS began_{step} \
                 FROM stage_{before})",
                before = step - 1,
            ));
        }
        let counts: Vec<String> = (1..=self.steps.len())
            .map(|step| {
                format!("count(DISTINCT CASE WHEN began_{step} IS NOT NULL THEN profile_id END) AS step_{step}")
            })
            .collect();
        Ok(format!("{sql} SELECT {} FROM stage_{}", counts.join(", "), self.steps.len()))
    }

    /// Whether it can be answered at all.
    ///
    /// # Errors
    /// [`Invalid`] for less than two or more than ten steps.
    pub fn check(&self) -> Result<(), Invalid> {
        if STEPS.contains(&self.steps.len()) {
            return Ok(());
        }
        let (least, most) = (STEPS.start(), STEPS.end());
        Err(Invalid(format!("a funnel has {least} to {most} steps")))
    }

    /// A row for each event that is a step: whose it is, the moment, and a bit for each step that it is.
    /// Of one part of the people out of so many.
    ///
    /// Lists of what people do most often take DuckDB longer than the rest of such a question.
    fn taken(&self, part: u32, parts: u32) -> String {
        self.events("time", part, parts)
    }

    /// The same with all that decides what is later: the moment, the receipt, the place in the payload.
    fn exactly(&self, part: u32, parts: u32) -> String {
        let order = format!(
            "epoch_us(time), coalesce(epoch_us(received_at), 0), coalesce(position, {NO_POSITION})"
        );
        self.events(&order, part, parts)
    }

    fn events(&self, when: &str, part: u32, parts: u32) -> String {
        let bit = |(at, step)| {
            format!("CASE WHEN ({step}) THEN {}::USMALLINT ELSE 0::USMALLINT END", 1 << at)
        };
        let bits: Vec<String> = self.conditions().enumerate().map(bit).collect();
        let (bits, events) = (bits.join(" | "), self.any_step());
        let mut sql = format!("SELECT {WHO}, {when}, {bits} FROM {events}");
        if parts > 1 {
            sql.push_str(&format!(" AND {WHO} % {parts} = {part}"));
        }
        sql
    }

    /// Whether one event is surely several steps. Lists do not say of which event their moments are.
    fn repeats_a_step(&self) -> bool {
        let steps: Vec<&str> = self.conditions().collect();
        (1..steps.len()).any(|at| steps[..at].contains(&steps[at]))
    }

    /// A row for each person who took the first step: who it is, when they first did, a list of moments
    /// for each step between, in any order, and when they last took the last one; NULL when they never
    /// took it.
    fn lists(&self) -> String {
        let last = self.steps.len() - 1;
        let list = |(at, step)| match at {
            0 => format!("[min(time) FILTER ({step})] AS step_1"),
            _ if at == last => format!("[max(time) FILTER ({step})] AS step_{}", at + 1),
            _ => format!("list(time) FILTER ({step}) AS step_{}", at + 1),
        };
        let lists: Vec<String> = self.conditions().enumerate().map(list).collect();
        let (lists, events) = (lists.join(", "), self.any_step());
        format!("SELECT {WHO}, {lists} FROM {events} GROUP BY {WHO} HAVING step_1[1] IS NOT NULL")
    }

    /// The events that are a step: a table, and a condition.
    fn any_step(&self) -> String {
        let any: Vec<String> = self.conditions().map(|step| format!("({step})")).collect();
        let (scope, any) = (self.scope.sql(), any.join(" OR "));
        format!(
            "events WHERE profile_id IS NOT NULL AND time IS NOT NULL AND ({scope}) AND ({any})"
        )
    }

    /// What each step is, in SQL.
    fn conditions(&self) -> impl Iterator<Item = &str> {
        self.steps.iter().map(Filter::sql)
    }

    /// In microseconds, with the last millisecond: events of one payload without times are microseconds
    /// apart, and happened at once all the same.
    pub(super) fn window(&self) -> i64 {
        let micros = i64::try_from(self.window_seconds.saturating_mul(1_000_000));
        micros.unwrap_or(i64::MAX).saturating_add(AT_ONCE_MICROS)
    }
}

/// `step_1` … `step_n`: the people who came so far.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(transparent)]
pub struct FunnelRow(pub BTreeMap<String, u64>);

impl Question for Funnel {
    type Answer = FunnelRow;

    fn check(&self) -> Result<(), Invalid> {
        Self::check(self)
    }

    fn span(&self) -> Span {
        self.scope.span()
    }

    fn answer(self, moment: &Moment) -> Result<FunnelRow, LakeError> {
        moment.funnel(&self)
    }
}
