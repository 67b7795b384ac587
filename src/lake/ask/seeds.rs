//! What history says of people for rules that count.
//!
//! Of each person and each tally, the events that it would have kept.

use serde::{Deserialize, Serialize};

use super::{Asker, Invalid, Question, fields, sql};
use crate::conditions::{Condition, Place};
use crate::events::Kind;
use crate::lake::engine::literal;
use crate::lake::{LakeError, Moment, Span};
use crate::model::{Counts, FIXED_MAX, Keep, SIGHTINGS_MAX, Time};

/// Tallies that one statement asks about.
const LEAVES_AT_ONCE: usize = 16;
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

/// The events that tallies of these people would have kept, without following who was merged into whom.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Seeds {
    /// Profile ids, as the events were kept.
    pub ids: Vec<String>,
    /// What is counted.
    pub leaves: Vec<SeedsOf>,
    /// Of what happened by then; of everything without it.
    #[serde(default)]
    pub until: Option<Time>,
}

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

/// The answer to [`Seeds`].
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct SeedsAnswer {
    /// Events, one by one.
    pub rows: Vec<SeedRow>,
    /// What those come to that are too many.
    pub sums: Vec<SeedSums>,
}

/// An event that a tally keeps.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct SeedRow {
    /// Which tally: its place in the question.
    pub leaf: usize,
    /// Under which id it came.
    pub profile_id: String,
    /// The source that it came from.
    pub source_id: String,
    /// Its id.
    pub id: String,
    /// Its type.
    pub kind: String,
    /// When it happened, in microseconds since 1970.
    pub time: i64,
    /// When it was received, the same.
    pub received_at: i64,
    /// What is counted of it, where that is a number.
    #[serde(default)]
    pub digits: Option<String>,
    /// The same, where it is a text.
    #[serde(default)]
    pub text: Option<String>,
}

/// What events come to that are too many to keep.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct SeedSums {
    /// Which tally: its place in the question.
    pub leaf: usize,
    /// Under which id they came.
    pub profile_id: String,
    /// Where the sum begins, in microseconds since 1970.
    pub begin: i64,
    /// How many.
    pub count: u64,
    /// All of them, as decimals; 0 where nothing is added up.
    pub sum: String,
    /// The least.
    pub least: String,
    /// The greatest.
    pub greatest: String,
    /// The last of them, in microseconds since 1970.
    pub through: i64,
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

    /// Whether something is counted of an event: as for events that come in.
    fn says_something(&self) -> String {
        if !self.is_of {
            return "true".to_owned();
        }
        format!("(abs(number) <= {FIXED_MAX} OR coalesce(text, '') <> '')")
    }

    /// The events, each with its place among those of its person, and whether it is kept one by one.
    fn placed(&self, kept: &str) -> String {
        let Self { condition, digits, text, .. } = self;
        let (by, order) = match self.keep() {
            Keep::Latest(_) | Keep::Sums(_) | Keep::Words => ("", "time DESC"),
            Keep::Earliest => ("", "time"),
            Keep::Least => ("", "number, time"),
            Keep::Greatest => ("", "number DESC, time DESC"),
            Keep::Values => (", text, number", "time DESC"),
        };
        let most = match self.keep() {
            Keep::Latest(many) => usize::from(many),
            Keep::Sums(_) => SIGHTINGS_MAX,
            Keep::Earliest | Keep::Least | Keep::Greatest | Keep::Values => 1,
            // Of no events.
            Keep::Words => 0,
        };
        let says = self.says_something();
        let (each, all) = (format!("PARTITION BY profile_id{by}"), most + OF_ONE_MOMENT_MAX);
        format!(
            "SELECT *, rank() OVER ({each} ORDER BY {order}) <= {most} AND \
             row_number() OVER ({each} ORDER BY {order}, id) <= {all} AS is_kept FROM \
             (SELECT *, {NUMBER_OF_DIGITS} AS number FROM \
             (SELECT profile_id, source_id, id, type, time, received_at, {digits} AS digits, {text} AS text \
             FROM ({kept}) AS kept WHERE {condition} AND profile_id IN (SELECT id FROM seed_ids))) \
             WHERE {says}"
        )
    }

    /// Those that are kept one by one.
    fn rows(&self, leaf: usize, kept: &str) -> String {
        format!(
            "SELECT {leaf} AS leaf, profile_id, source_id, id, type AS kind, epoch_us(time) AS time, \
             epoch_us(received_at) AS received_at, digits, text FROM ({}) WHERE is_kept",
            self.placed(kept)
        )
    }

    /// Those that are too many, as sums.
    fn sums(&self, leaf: usize, kept: &str) -> Option<String> {
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
            self.placed(kept)
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

impl Seeds {
    /// Of all that was kept, what happened by then.
    fn kept(&self, kept: &str) -> String {
        self.until.map_or_else(
            || kept.to_owned(),
            |until| {
                let until = until.micros();
                format!("SELECT * FROM ({kept}) AS kept WHERE time <= make_timestamptz({until})")
            },
        )
    }
}

impl Question for Seeds {
    type Answer = SeedsAnswer;

    fn span(&self) -> Span {
        Span { to: self.until.unwrap_or(Time::END), ..Span::ALWAYS }
    }

    fn answer(self, moment: &Moment) -> Result<SeedsAnswer, LakeError> {
        let mut answer = SeedsAnswer::default();
        if self.ids.is_empty() {
            return Ok(answer);
        }
        let ids: Vec<String> = self.ids.iter().map(|id| literal(id)).collect();
        moment.keep("seed_ids", &format!("SELECT unnest([{}]) AS id", ids.join(", ")))?;
        let kept = self.kept(&moment.as_kept);
        let numbered: Vec<(usize, &SeedsOf)> = self.leaves.iter().enumerate().collect();
        for some in numbered.chunks(LEAVES_AT_ONCE) {
            let rows: Vec<String> = some.iter().map(|(at, leaf)| leaf.rows(*at, &kept)).collect();
            answer.rows.extend(moment.read::<SeedRow>(&rows.join(" UNION ALL "))?);
            let sums: Vec<String> =
                some.iter().filter_map(|(at, leaf)| leaf.sums(*at, &kept)).collect();
            if !sums.is_empty() {
                answer.sums.extend(moment.read::<SeedSums>(&sums.join(" UNION ALL "))?);
            }
        }
        Ok(answer)
    }
}

/// The same for people who are taken apart: they cannot change as they are to before it is answered.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct SeedsOfFew(pub Seeds);

impl Question for SeedsOfFew {
    type Answer = SeedsAnswer;

    const ASKER: Asker = Asker::Folding;

    fn span(&self) -> Span {
        Span::ALWAYS
    }

    fn under(&self) -> Option<&[String]> {
        Some(&self.0.ids)
    }

    fn answer(self, moment: &Moment) -> Result<SeedsAnswer, LakeError> {
        self.0.answer(moment)
    }
}
