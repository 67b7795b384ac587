//! How many people went through steps, in order, within a time.

use super::{Invalid, Scope};

/// Fewest and most steps.
const STEPS: std::ops::RangeInclusive<usize> = 2..=10;

/// A person counts for step k when there is some first step of theirs, and after it, one after the
/// other, the second to the k-th, each later than the one before (by time, and at the same moment in
/// the order of the steps), the last at most `window_seconds` after the first.
#[derive(Clone, Debug)]
pub struct Funnel {
    /// Which events can be steps at all.
    pub scope: Scope,
    /// What each step is, as a condition of SQL.
    pub steps: Vec<String>,
    /// From the first to the last.
    pub window_seconds: u64,
}

impl Funnel {
    /// One row of `step_1` … `step_n`: the people who came so far.
    ///
    /// From the last step backwards each event learns the latest first step that leads to it: going
    /// through a person's events in order, the k-th step takes over the latest beginning among the
    /// (k-1)-th steps before it. The latest beginning leaves the most of the window, so it is enough.
    ///
    /// # Errors
    /// [`Invalid`] for less than two or more than ten steps.
    pub fn sql(&self) -> Result<String, Invalid> {
        if !STEPS.contains(&self.steps.len()) {
            let (least, most) = (STEPS.start(), STEPS.end());
            return Err(Invalid(format!("a funnel has {least} to {most} steps")));
        }
        let window = self.window_seconds.saturating_mul(1_000_000).min(i64::MAX as u64);
        let flags = self.steps.iter().enumerate();
        let flags: Vec<String> =
            flags.map(|(at, step)| format!("({step}) IS TRUE AS is_{}", at + 1)).collect();
        let any: Vec<String> = self.steps.iter().map(|step| format!("({step})")).collect();
        let mut sql = format!(
            "WITH stage_1 AS (SELECT profile_id, epoch_us(time) AS micros, {flags}, \
             CASE WHEN is_1 THEN micros END AS began_1 FROM events \
             WHERE profile_id IS NOT NULL AND ({scope}) AND ({any}))",
            flags = flags.join(", "),
            scope = self.scope.sql(),
            any = any.join(" OR "),
        );
        for step in 2..=self.steps.len() {
            sql.push_str(&format!(
                ", stage_{step} AS (SELECT *, CASE WHEN is_{step} THEN max(began_{before}) OVER \
                 (PARTITION BY profile_id ORDER BY micros RANGE BETWEEN UNBOUNDED PRECEDING AND \
                 1 PRECEDING) END AS reached_{step}, \
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
}
