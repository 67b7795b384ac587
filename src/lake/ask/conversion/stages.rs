//! The steps of a funnel in SQL, one stage after the other, up to how far each person came.

use super::{Conversion, Order, WINDOW_MICROS_MAX};
use crate::lake::NO_POSITION;
use crate::lake::ask::Invalid;
use crate::lake::ask::breakdown::{GROUPS_MAX, Groups};

/// The order of a person's events. What is alike in all of it does not follow one another.
const IN_ORDER: &str = "PARTITION BY who ORDER BY micros, received, position";
/// What is before each of them.
const BEFORE: &str = "GROUPS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING";

impl Conversion {
    /// A table `stages` of the events with how far they lead, and one `placed` of `who`, `depth` (how many steps
    /// they came), `took_1` … (in microseconds, on the quickest way to each step) and `group`. `who` says how
    /// people are told apart.
    ///
    /// Going through a person's events in order, the k-th step takes over the latest beginning among the
    /// (k-1)-th steps before it. The latest beginning leaves the most of the window, and the least room for
    /// what may not come between, so it is enough.
    pub(super) fn stages(&self, who: &str) -> Result<String, Invalid> {
        self.check_bounds()?;
        let mut sql = format!("WITH {}", self.told(who));
        match self.order {
            Order::Unordered => self.in_any_order(&mut sql),
            Order::Ordered => self.one_after_the_other(&mut sql),
            Order::Strict => self.right_after_one_another(&mut sql),
        }
        sql.push_str(&format!(
            ", people AS MATERIALIZED (SELECT who, max(depth) AS depth, {took}{value} AS value FROM stages \
             GROUP BY who HAVING max(depth) > 0), \
             frequent AS (SELECT value FROM people WHERE value IS NOT NULL GROUP BY 1 \
             ORDER BY count(*) DESC, value LIMIT {GROUPS_MAX}), \
             placed AS (SELECT * EXCLUDE (value), CASE WHEN value IN (FROM frequent) THEN value END AS \"group\" \
             FROM people)",
            took = self.took(),
            value = self.first_value(),
        ));
        Ok(sql)
    }

    /// The first that there is, in an order that has no gaps.
    fn first_value(&self) -> String {
        if self.by.is_none() {
            return "CAST(NULL AS VARCHAR)".to_owned();
        }
        let first = if self.order == Order::Unordered { "true" } else { "is_1" };
        format!(
            "arg_min(value, {{'micros': micros, 'received': received, 'position': position}}) \
             FILTER (WHERE {first})"
        )
    }

    /// The events that are a step, or may not come between; of steps right after one another, all.
    fn told(&self, who: &str) -> String {
        let groups = Groups(self.by.as_ref());
        let flags = self.steps.iter().enumerate();
        let flags: Vec<String> =
            flags.map(|(at, step)| format!("({}) IS TRUE AS is_{}", step.sql(), at + 1)).collect();
        let without: Vec<String> =
            self.without.iter().map(|one| format!("({}) IS TRUE", one.sql())).collect();
        let void = if without.is_empty() { "false".to_owned() } else { without.join(" OR ") };
        let any = self.steps.iter().chain(&self.without).map(|one| format!("({})", one.sql()));
        let any: Vec<String> = any.collect();
        let wanted = if self.order == Order::Strict { self.done() } else { any.join(" OR ") };
        format!(
            "told AS (SELECT {who} AS who, id, epoch_us(time) AS micros, \
             coalesce(epoch_us(received_at), 0) AS received, coalesce(position, {NO_POSITION}) AS position, \
             {value} AS value, {flags}, ({void}) AS is_void FROM {events} \
             WHERE profile_id IS NOT NULL AND time IS NOT NULL AND {scope} AND ({wanted}))",
            value = groups.value(),
            flags = flags.join(", "),
            events = groups.events(),
            scope = self.scope.sql(),
        )
    }

    /// The condition that an event is something that somebody did: nothing else is what they did next.
    pub(super) fn done(&self) -> String {
        self.scope.done(self.steps.iter().chain(&self.without))
    }

    /// `began_k` is the moment, and where something may not come between `from_k` the place among a person's
    /// events, of the latest first step that leads to this k-th one.
    ///
    /// Each stage is a sort of its own, so there are no more of them than steps after the first.
    fn one_after_the_other(&self, sql: &mut String) {
        let first = if self.without.is_empty() {
            "SELECT *, CASE WHEN is_1 THEN micros END AS began_1 FROM told".to_owned()
        } else {
            format!(
                "SELECT *, CASE WHEN is_1 THEN micros END AS began_1, CASE WHEN is_1 THEN place END AS from_1 \
                 FROM (SELECT *, dense_rank() OVER ({IN_ORDER}) AS place FROM told)"
            )
        };
        sql.push_str(&format!(", stage_1 AS ({first})"));
        for step in 2..=self.steps.len() {
            sql.push_str(&self.stage(step));
        }
        sql.push_str(&self.deepest(&format!("stage_{}", self.steps.len())));
    }

    fn stage(&self, step: usize) -> String {
        let before = step - 1;
        let reached = |what: &str| format!("max({what}) OVER before");
        let window = self.window();
        let (mut looked, mut taken) = (String::new(), String::new());
        let mut follows = format!("is_{step} AND micros - reached <= {window}");
        if !self.without.is_empty() {
            let void = if step == 2 {
                format!(", {} AS void", reached("CASE WHEN is_void THEN place END"))
            } else {
                String::new()
            };
            looked = format!(", {} AS reached_from{void}", reached(&format!("from_{before}")));
            follows.push_str(" AND (void IS NULL OR void <= reached_from)");
            taken = format!(", CASE WHEN {follows} THEN reached_from END AS from_{step}");
        }
        // What the stage before has looked at is of no use any more.
        let left_behind = match (step, self.without.is_empty()) {
            (2, _) => "",
            (_, true) => " EXCLUDE (reached)",
            (_, false) => " EXCLUDE (reached, reached_from)",
        };
        format!(
            ", stage_{step} AS (SELECT *, CASE WHEN {follows} THEN reached END AS began_{step}{taken} \
             FROM (SELECT *{left_behind}, {} AS reached{looked} FROM stage_{before} \
             WINDOW before AS ({IN_ORDER} {BEFORE})))",
            reached(&format!("began_{before}")),
        )
    }

    /// Each step is the person's next event, so it is enough to look back as many of them.
    fn right_after_one_another(&self, sql: &mut String) {
        let began = (1..=self.steps.len()).map(|step| {
            let back = step - 1;
            let earlier = (1..step).rev().map(|earlier| {
                format!(" AND lag(is_{earlier}, {}, false) OVER own", step - earlier)
            });
            let first = format!("lag(micros, {back}) OVER own");
            format!(
                "CASE WHEN is_{step}{} AND micros - {first} <= {} THEN {first} END AS began_{step}",
                earlier.collect::<String>(),
                self.window()
            )
        });
        let began: Vec<String> = began.collect();
        sql.push_str(&format!(
            ", following AS (SELECT *, {} FROM told WINDOW own AS ({IN_ORDER}, id))",
            began.join(", ")
        ));
        sql.push_str(&self.deepest("following"));
    }

    /// A table `stages` of the last of them, with how far each event leads.
    fn deepest(&self, last: &str) -> String {
        let deepest: Vec<String> = (1..=self.steps.len())
            .rev()
            .map(|step| format!("WHEN began_{step} IS NOT NULL THEN {step}"))
            .collect();
        format!(
            ", stages AS (SELECT *, CASE {} ELSE 0 END AS depth FROM {last})",
            deepest.join(" ")
        )
    }

    /// How many of the steps happen within the window from each event on.
    fn in_any_order(&self, sql: &mut String) {
        let each: Vec<String> = (1..=self.steps.len())
            .map(|step| {
                format!(
                    "CAST(bool_or(is_{step}) OVER (PARTITION BY who ORDER BY micros \
                     RANGE BETWEEN CURRENT ROW AND {} FOLLOWING) AS BIGINT)",
                    self.window()
                )
            })
            .collect();
        sql.push_str(&format!(", stages AS (SELECT *, {} AS depth FROM told)", each.join(" + ")));
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
