//! What one tally counts, as SQL: which events it would keep, one by one or as sums.

use serde::{Deserialize, Serialize};

use super::{Invalid, fields, sql};
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
/// Texts that are numbers, as [`crate::conditions::Number`] reads them.
const NUMBER: &str = r"'-?[0-9]+(\.[0-9]+)?([eE][-+]?[0-9]+)?'";

/// What one tally counts, as SQL.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct SeedsOf {
    condition: String,
    /// The digits of the number that is counted.
    digits: String,
    /// The text that is, where it is no number.
    text: String,
    keep: String,
    /// Whether it is of a place, and not of the events themselves.
    is_of: bool,
}

/// Whose events are asked about.
pub(super) struct Among {
    /// A query for events under the ids that they came with.
    pub(super) kept: String,
    /// Which of them.
    pub(super) condition: String,
    /// What is told of each beside itself.
    pub(super) beside: &'static str,
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
        let nothing = || Ok((null(), null()));
        let (digits, text) = of.map_or_else(nothing, |(place, counts)| worth(place, counts))?;
        let mut parts = vec![
            format!("type = {}", literal(kind)),
            // What was found invalid changes nobody.
            "coalesce(valid, true)".to_owned(),
            format!("({})", sql(filter, Time::BEGINNING)?),
        ];
        if let Some((from, to)) = range {
            parts.push(format!("time >= make_timestamptz({})", from.micros()));
            parts.push(format!("time < make_timestamptz({})", to.micros()));
        }
        let (condition, keep) = (parts.join(" AND "), keep.code());
        Ok(Self { condition, digits, text, keep, is_of: of.is_some() })
    }

    fn keep(&self) -> Keep {
        Keep::of_code(&self.keep).unwrap_or(Keep::Latest(0))
    }

    /// So many of a person's are kept one by one, in the order of [`Self::placed`].
    pub(super) fn most(&self) -> usize {
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
        if !self.is_of {
            return "true".to_owned();
        }
        let surely = FIXED_MAX / 2;
        format!(
            "(abs(TRY_CAST(digits AS DOUBLE)) < {surely} OR abs({NUMBER_OF_DIGITS}) <= {FIXED_MAX} \
             OR coalesce(text, '') <> '')"
        )
    }

    /// Of how many events the condition holds, for each person.
    pub(super) fn counted(&self, among: &Among) -> String {
        let Among { kept, condition: who, beside } = among;
        let condition = &self.condition;
        format!(
            "SELECT {beside} profile_id, count(*) AS many FROM ({kept}) AS kept \
             WHERE {condition} AND {who} GROUP BY {beside} profile_id"
        )
    }

    /// The events of which something is counted.
    fn counting(&self, among: &Among) -> String {
        let Among { kept, condition: who, beside } = among;
        let Self { condition, digits, text, .. } = self;
        let says = self.says_something();
        format!(
            "SELECT * FROM (SELECT {beside} profile_id, source_id, id, type, time, received_at, \
             {digits} AS digits, {text} AS text FROM ({kept}) AS kept WHERE {condition} AND {who}) \
             WHERE {says}"
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

    /// All of them, one by one: for people who have no more than are kept.
    pub(super) fn all(&self, leaf: usize, among: &Among) -> String {
        Self::told(leaf, among, &self.counting(among))
    }

    /// Those that are kept one by one.
    pub(super) fn rows(&self, leaf: usize, among: &Among) -> String {
        let kept = format!("SELECT * FROM ({}) WHERE is_kept", self.placed(among));
        Self::told(leaf, among, &kept)
    }

    fn told(leaf: usize, among: &Among, kept: &str) -> String {
        let beside = among.beside;
        format!(
            "SELECT {leaf} AS leaf, {beside} profile_id, source_id, id, type AS kind, epoch_us(time) AS time, \
             epoch_us(received_at) AS received_at, digits, text FROM ({kept})"
        )
    }

    /// Those that are too many, as sums.
    pub(super) fn sums(&self, leaf: usize, among: &Among) -> Option<String> {
        let beside = among.beside;
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
            "SELECT {leaf} AS leaf, {beside} profile_id, {begin} AS begin, count(*) AS count, {sum} AS sum, \
             {least} AS least, {greatest} AS greatest, max(epoch_us(time)) AS through \
             FROM ({}) WHERE NOT is_kept GROUP BY {beside} profile_id, begin",
            self.placed(among)
        ))
    }
}

fn null() -> String {
    "CAST(NULL AS VARCHAR)".to_owned()
}

/// What stands at a place: the digits of a number, and a text.
fn worth(place: &Place, counts: Counts) -> Result<(String, String), Invalid> {
    let (column, within) = fields::column(place)?;
    let name = fields::name(column);
    Ok(match (column.kind, counts) {
        (Kind::Json, _) => {
            let (json, text) = (fields::json(column, within), fields::text(column, within));
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
        (Kind::Text, Counts::Anything) => (null(), name),
        (Kind::Text, Counts::Numbers) => {
            (format!("CASE WHEN regexp_full_match({name}, {NUMBER}) THEN {name} END"), null())
        }
        (Kind::Number, _) => (format!("CAST({name} AS VARCHAR)"), null()),
        (Kind::Moment | Kind::Truth | Kind::Texts, _) => (null(), null()),
    })
}
