//! What one tally counts, as SQL: which events it would keep, one by one or as sums.

use serde::{Deserialize, Serialize};

use super::looked_up::{self, Look, LookedUp};
use super::{Invalid, condition, fields};
use crate::conditions::{Condition, Place};
use crate::events::Kind;
use crate::lake::engine::literal;
use crate::model::{Counts, FIXED_MAX, Keep, SIGHTINGS_MAX, Time};

/// Events of one moment are in no order that is known here: so many more than are kept are told of.
const OF_ONE_MOMENT_MAX: usize = SIGHTINGS_MAX;
/// As decimals, as [`crate::model::Fixed`] has them: whole numbers with every digit, others by the shortest
/// decimals of a float. DuckDB rounds decimals with an exponent below that wrong.
const NUMBER_OF_DIGITS: &str = "CASE WHEN NOT regexp_matches(digits, '[.eE]') \
     THEN TRY_CAST(digits AS DECIMAL(38, 6)) WHEN abs(TRY_CAST(digits AS DOUBLE)) < 1e-4 \
     THEN CAST(round(TRY_CAST(digits AS DOUBLE) * 1e6) / 1e6 AS DECIMAL(38, 6)) \
     ELSE TRY_CAST(CAST(TRY_CAST(digits AS DOUBLE) AS VARCHAR) AS DECIMAL(38, 6)) END";
/// Texts that are numbers, as [`crate::model::Number`] reads them.
const NUMBER: &str = r"'-?[0-9]+(\.[0-9]+)?([eE][-+]?[0-9]+)?'";

/// What one tally counts, as SQL.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct SeedsOf {
    /// Events of this type.
    pub(super) kind: String,
    /// Of which this holds; see [`VALID`].
    pub(super) condition: String,
    /// What is counted of them, where it is not the events themselves.
    pub(super) worth: Option<WorthOf>,
    /// What these ask for by names.
    pub(super) looked_up: LookedUp,
    keep: String,
}

/// What is counted of an event, as SQL.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub(super) struct WorthOf {
    /// The digits of the number that is counted.
    pub(super) digits: String,
    /// The text that is, where it is no number.
    pub(super) text: String,
}

/// What was found invalid changes nobody.
pub(super) const VALID: &str = "coalesce(valid, true)";

/// Whose events are asked about.
pub(super) struct Among {
    /// A query for events under the ids that they came with.
    pub(super) kept: String,
    /// Which of them.
    pub(super) condition: String,
}

impl SeedsOf {
    /// Events of a type of which a condition holds, within a time, and what is counted of them.
    ///
    /// # Errors
    /// [`Invalid`] when it speaks of what history does not have.
    pub fn new(
        kind: &str,
        filter: &Condition,
        range: Option<(Time, Time)>,
        of: Option<(&Place, Counts)>,
        keep: Keep,
    ) -> Result<Self, Invalid> {
        let mut looked_up = looked_up::of_condition(filter)?;
        let mut worth = None;
        if let Some((place, counts)) = of {
            looked_up.extend(looked_up::of_place(place)?);
            worth = Some(WorthOf::new(place, counts)?);
        }
        let holds = condition::looking(filter, Time::BEGINNING, Look::Named)?;
        let mut parts = vec![format!("({holds})")];
        if let Some((from, to)) = range {
            parts.push(format!("time >= make_timestamptz({})", from.micros()));
            parts.push(format!("time < make_timestamptz({})", to.micros()));
        }
        let (condition, keep) = (parts.join(" AND "), keep.code());
        Ok(Self { kind: kind.to_owned(), condition, worth, looked_up, keep })
    }

    fn keep(&self) -> Keep {
        Keep::of_code(&self.keep).unwrap_or(Keep::Latest(0))
    }

    /// So many of a person's are kept one by one, in the order of [`Self::placed`].
    fn most(&self) -> usize {
        match self.keep() {
            Keep::Latest(many) => usize::from(many),
            Keep::Sums(_) => SIGHTINGS_MAX,
            Keep::Earliest | Keep::Least | Keep::Greatest | Keep::Values => 1,
            // Of no events.
            Keep::Words => 0,
        }
    }

    /// Whether something is counted of an event: as for events that come in. Decimals are worked out for those alone
    /// that may be too large: they take longer than the rest of the answer.
    fn says_something(&self) -> String {
        if self.worth.is_none() {
            return "true".to_owned();
        }
        let surely = FIXED_MAX / 2;
        format!(
            "(abs(TRY_CAST(digits AS DOUBLE)) < {surely} OR abs({NUMBER_OF_DIGITS}) <= {FIXED_MAX} \
             OR coalesce(text, '') <> '')"
        )
    }

    /// The events of which something is counted.
    fn counting(&self, among: &Among) -> String {
        let Among { kept, condition: who } = among;
        let (kind, condition, says) = (literal(&self.kind), &self.condition, self.says_something());
        let nothing = WorthOf { digits: null(), text: null() };
        let WorthOf { digits, text } = self.worth.as_ref().unwrap_or(&nothing);
        let named = self.looked_up.iter().map(|(name, sql)| format!(", {sql} AS {name}"));
        let named: String = named.collect();
        format!(
            "SELECT * FROM (SELECT profile_id, coalesce(source_id, '') AS source_id, id, type, time, received_at, position, \
             {digits} AS digits, {text} AS text FROM (SELECT *{named} FROM ({kept})) AS kept \
             WHERE type = {kind} AND {VALID} AND {condition} AND {who}) WHERE {says}"
        )
    }

    /// The same, each with its place among those of its person, and whether it is kept one by one.
    fn placed(&self, among: &Among) -> String {
        let (by, order) = match self.keep() {
            Keep::Latest(_) | Keep::Sums(_) | Keep::Words => ("", "time DESC"),
            Keep::Earliest => ("", "time"),
            Keep::Least => ("", "number, time"),
            Keep::Greatest => ("", "number DESC, time DESC"),
            Keep::Values => (", text, number", "time DESC"),
        };
        let most = self.most();
        let (each, all) = (format!("PARTITION BY profile_id{by}"), most + OF_ONE_MOMENT_MAX);
        format!(
            "SELECT *, rank() OVER ({each} ORDER BY {order}) <= {most} AND \
             row_number() OVER ({each} ORDER BY {order}, id) <= {all} AS is_kept FROM \
             (SELECT *, {NUMBER_OF_DIGITS} AS number FROM ({}))",
            self.counting(among)
        )
    }

    /// Those that are kept one by one.
    pub(super) fn rows(&self, leaf: usize, among: &Among) -> String {
        format!(
            "SELECT {leaf} AS leaf, profile_id, source_id, id, type AS kind, epoch_us(time) AS time, \
             epoch_us(received_at) AS received_at, position, digits, text FROM ({}) WHERE is_kept",
            self.placed(among)
        )
    }

    /// Those that are too many, as sums.
    pub(super) fn sums(&self, leaf: usize, among: &Among) -> Option<String> {
        let Keep::Sums(seconds) = self.keep() else { return None };
        let width = i64::from(seconds) * 1_000_000;
        let begin = if width == 0 {
            "CAST(0 AS BIGINT)".to_owned()
        } else {
            format!("epoch_us(time) // {width} * {width}")
        };
        let decimals = |what: &str| format!("CAST(coalesce({what}(number), 0) AS VARCHAR)");
        let (sum, least, greatest) = (decimals("sum"), decimals("min"), decimals("max"));
        Some(format!(
            "SELECT {leaf} AS leaf, profile_id, {begin} AS begin, count(*) AS count, {sum} AS sum, \
             {least} AS least, {greatest} AS greatest, max(epoch_us(time)) AS through \
             FROM ({}) WHERE NOT is_kept GROUP BY profile_id, begin",
            self.placed(among)
        ))
    }
}

fn null() -> String {
    "CAST(NULL AS VARCHAR)".to_owned()
}

impl WorthOf {
    /// What stands at a place: the digits of a number, and a text.
    fn new(place: &Place, counts: Counts) -> Result<Self, Invalid> {
        let (column, within) = fields::column(place)?;
        let name = fields::name(column);
        let (digits, text) = match (column.kind, counts) {
            (Kind::Json, _) => {
                let json = Look::Named.up(fields::json(column, within));
                let text = Look::Named.up(fields::text(column, within));
                of_json(&json, &text, counts)
            }
            (Kind::Text, Counts::Anything) => (null(), name),
            (Kind::Text, Counts::Numbers) => {
                (format!("CASE WHEN regexp_full_match({name}, {NUMBER}) THEN {name} END"), null())
            }
            (Kind::Number, _) => (format!("CAST({name} AS VARCHAR)"), null()),
            (Kind::Moment | Kind::Truth | Kind::Texts, _) => (null(), null()),
        };
        Ok(Self { digits, text })
    }
}

fn of_json(json: &str, text: &str, counts: Counts) -> (String, String) {
    let numbers = "('BIGINT', 'UBIGINT', 'HUGEINT', 'UHUGEINT', 'DOUBLE')";
    let is_number = format!("json_type({json}) IN {numbers}");
    let is_text = format!("json_type({json}) = 'VARCHAR'");
    match counts {
        Counts::Anything => (
            format!("CASE WHEN {is_number} THEN {text} END"),
            format!("CASE WHEN {is_text} THEN {text} END"),
        ),
        Counts::Numbers => {
            let writes = format!("{is_text} AND regexp_full_match({text}, {NUMBER})");
            (format!("CASE WHEN {is_number} OR ({writes}) THEN {text} END"), null())
        }
    }
}
