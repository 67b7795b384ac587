//! The steps of a funnel in SQL, one stage after the other, up to how far each person came.

use super::{Conversion, Order, WINDOW_MICROS_MAX};
use crate::lake::NO_POSITION;
use crate::lake::ask::Invalid;
use crate::lake::ask::breakdown::{GROUPS_MAX, Groups};

/// The order of a person's events, and what is before each of them.
const BEFORE: &str = "(PARTITION BY profile_id ORDER BY place \
    GROUPS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING)";

impl Conversion {
    /// A table `stages` of the events with how far they lead, and one `placed` of `profile_id`, `depth` (how
    /// many steps they came), `took_1` … (in microseconds, on the quickest way to each step) and `group`.
    ///
    /// Going through a person's events in order, the k-th step takes over the latest beginning among the
    /// (k-1)-th steps before it. The latest beginning leaves the most of the window, and the least room for
    /// what may not come between, so it is enough.
    pub(super) fn stages(&self) -> Result<String, Invalid> {
        self.check_bounds()?;
        let mut sql = format!("WITH {}", self.told());
        let last = match self.order {
            Order::Unordered => self.in_any_order(&mut sql),
            Order::Ordered | Order::Strict => self.one_after_the_other(&mut sql),
        };
        // The first that there is, in an order that has no gaps.
        let value =
            "arg_min(value, {'micros': micros, 'received': received, 'position': position})";
        let first = if self.order == Order::Unordered { "true" } else { "is_1" };
        sql.push_str(&format!(
            ", stages AS (FROM {last}), \
             people AS MATERIALIZED (SELECT profile_id, max(depth) AS depth, {took}\
             {value} FILTER (WHERE {first}) AS value FROM stages GROUP BY profile_id HAVING max(depth) > 0), \
             frequent AS (SELECT value FROM people WHERE value IS NOT NULL GROUP BY 1 \
             ORDER BY count(*) DESC, value LIMIT {GROUPS_MAX}), \
             placed AS (SELECT * EXCLUDE (value), CASE WHEN value IN (FROM frequent) THEN value END AS \"group\" \
             FROM people)",
            took = self.took(),
        ));
        Ok(sql)
    }

    /// The events that are a step, or may not come between; of steps right after one another, all.
    fn told(&self) -> String {
        let groups = Groups(self.by.as_ref());
        let flags = self.steps.iter().enumerate();
        let flags: Vec<String> =
            flags.map(|(at, step)| format!("({}) IS TRUE AS is_{}", step.sql(), at + 1)).collect();
        let without: Vec<String> =
            self.without.iter().map(|one| format!("({}) IS TRUE", one.sql())).collect();
        let void = if without.is_empty() { "false".to_owned() } else { without.join(" OR ") };
        let any = self.steps.iter().chain(&self.without).map(|one| format!("({})", one.sql()));
        let any: Vec<String> = any.collect();
        let wanted = if self.order == Order::Strict { "true".to_owned() } else { any.join(" OR ") };
        format!(
            "told AS (SELECT profile_id, id, type, epoch_us(time) AS micros, \
             coalesce(epoch_us(received_at), 0) AS received, coalesce(position, {NO_POSITION}) AS position, \
             {value} AS value, {flags}, ({void}) AS is_void FROM {events} \
             WHERE profile_id IS NOT NULL AND time IS NOT NULL AND {scope} AND ({wanted}))",
            value = groups.value(),
            flags = flags.join(", "),
            events = groups.events(),
            scope = self.scope.sql(),
        )
    }

    /// `began_k` is the moment, and `from_k` the place among a person's events, of the latest first step that
    /// leads to this k-th one.
    fn one_after_the_other(&self, sql: &mut String) -> String {
        // What is alike in all of it does not follow one another, unless each event must have a place.
        let place = if self.order == Order::Strict {
            "row_number() OVER (PARTITION BY profile_id ORDER BY micros, received, position, id)"
        } else {
            "dense_rank() OVER (PARTITION BY profile_id ORDER BY micros, received, position)"
        };
        sql.push_str(&format!(", placed_events AS (SELECT *, {place} AS place FROM told)"));
        sql.push_str(&format!(
            ", stage_1 AS (SELECT *, CASE WHEN is_1 THEN micros END AS began_1, CASE WHEN is_1 THEN place END AS from_1, \
             {void} AS void FROM placed_events)",
            void = if self.without.is_empty() {
                "CAST(NULL AS BIGINT)".to_owned()
            } else {
                format!("max(CASE WHEN is_void THEN place END) OVER {BEFORE}")
            },
        ));
        for step in 2..=self.steps.len() {
            sql.push_str(&self.stage(step));
        }
        let deepest: Vec<String> = (1..=self.steps.len())
            .rev()
            .map(|step| format!("WHEN began_{step} IS NOT NULL THEN {step}"))
            .collect();
        sql.push_str(&format!(
            ", deep AS (SELECT *, CASE {} ELSE 0 END AS depth FROM stage_{})",
            deepest.join(" "),
            self.steps.len()
        ));
        "deep".to_owned()
    }

    fn stage(&self, step: usize) -> String {
        let before = step - 1;
        let reached = |what: &str| {
            if self.order == Order::Strict {
                format!("lag({what}_{before}) OVER (PARTITION BY profile_id ORDER BY place)")
            } else {
                format!("max({what}_{before}) OVER {BEFORE}")
            }
        };
        format!(
            ", reach_{step} AS (SELECT *, {began} AS reached, {from} AS reached_from FROM stage_{before}), \
             stage_{step} AS (SELECT * EXCLUDE (reached, reached_from), \
             CASE WHEN {follows} THEN reached END AS began_{step}, \
             CASE WHEN {follows} THEN reached_from END AS from_{step} FROM reach_{step})",
            began = reached("began"),
            from = reached("from"),
            follows = format!(
                "is_{step} AND micros - reached <= {} AND (void IS NULL OR void <= reached_from)",
                self.window()
            ),
        )
    }

    /// How many of the steps happen within the window from each event on.
    fn in_any_order(&self, sql: &mut String) -> String {
        let each: Vec<String> = (1..=self.steps.len())
            .map(|step| {
                format!(
                    "CAST(bool_or(is_{step}) OVER (PARTITION BY profile_id ORDER BY micros \
                     RANGE BETWEEN CURRENT ROW AND {} FOLLOWING) AS BIGINT)",
                    self.window()
                )
            })
            .collect();
        sql.push_str(&format!(", deep AS (SELECT *, {} AS depth FROM told)", each.join(" + ")));
        "deep".to_owned()
    }

    /// Columns of how long each step took.
    fn took(&self) -> String {
        if self.order == Order::Unordered {
            return String::new();
        }
        let each = (1..=self.steps.len())
            .map(|step| format!("min(micros - began_{step}) AS took_{step}, "));
        each.collect()
    }

    fn window(&self) -> i64 {
        self.plain().window().min(WINDOW_MICROS_MAX)
    }
}
