//! What history says of people for rules that count.
//!
//! Of each person and each tally, the events that it would have kept.

use serde::{Deserialize, Serialize};

use super::{Asker, Invalid, Question, fields, sql};
use crate::conditions::{Condition, Place};
use crate::events::Kind;
use crate::lake::engine::literal;
use crate::lake::{LakeError, Moment, Span};
use crate::model::{Keep, SIGHTINGS_MAX, Time};

/// Tallies that one statement asks about.
const LEAVES_AT_ONCE: usize = 16;
/// The greatest number that is counted, as for events that come in.
const NUMBER_MAX: &str = "9e12";

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
    number: String,
    text: String,
    keep: String,
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
    pub number: Option<f64>,
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
    /// All of them, in millionths; 0 where nothing is added up.
    pub sum: i64,
    /// The least.
    pub least: i64,
    /// The greatest.
    pub greatest: i64,
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
        of: Option<&Place>,
        keep: Keep,
    ) -> Result<Self, Invalid> {
        let (number, text) = of.map_or_else(|| Ok((null("DOUBLE"), null("VARCHAR"))), worth)?;
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
        if of.is_some() {
            parts.push(format!("(abs({number}) <= {NUMBER_MAX} OR coalesce({text}, '') <> '')"));
        }
        Ok(Self { condition: parts.join(" AND "), number, text, keep: keep.code() })
    }

    fn keep(&self) -> Keep {
        Keep::of_code(&self.keep).unwrap_or(Keep::Latest(0))
    }

    /// The events, each with its place among those of its person.
    fn placed(&self, kept: &str) -> String {
        let Self { condition, number, text, .. } = self;
        let (by, order) = match self.keep() {
            Keep::Latest(_) | Keep::Sums(_) | Keep::Words => ("", "time DESC, id"),
            Keep::Earliest => ("", "time, id"),
            Keep::Least => ("", "number, time, id"),
            Keep::Greatest => ("", "number DESC, time DESC, id"),
            Keep::Values => (", coalesce(text, CAST(number AS VARCHAR))", "time DESC, id"),
        };
        format!(
            "SELECT *, row_number() OVER (PARTITION BY profile_id{by} ORDER BY {order}) AS place FROM \
             (SELECT profile_id, id, type, time, received_at, {number} AS number, {text} AS text \
             FROM ({kept}) AS kept WHERE {condition} AND profile_id IN (SELECT id FROM seed_ids))"
        )
    }

    /// Those that are kept one by one.
    fn rows(&self, leaf: usize, kept: &str) -> String {
        let most = match self.keep() {
            Keep::Latest(many) => usize::from(many),
            Keep::Sums(_) => SIGHTINGS_MAX,
            Keep::Earliest | Keep::Least | Keep::Greatest | Keep::Values => 1,
            // Of no events.
            Keep::Words => 0,
        };
        format!(
            "SELECT {leaf} AS leaf, profile_id, id, type AS kind, epoch_us(time) AS time, \
             epoch_us(received_at) AS received_at, number, text FROM ({}) WHERE place <= {most}",
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
        let millionths = |what: &str| {
            format!("CAST(coalesce({what}(CAST(round(number * 1e6) AS BIGINT)), 0) AS BIGINT)")
        };
        let (sum, least, greatest) = (millionths("sum"), millionths("min"), millionths("max"));
        Some(format!(
            "SELECT {leaf} AS leaf, profile_id, {begin} AS begin, count(*) AS count, {sum} AS sum, \
             {least} AS least, {greatest} AS greatest, max(epoch_us(time)) AS through \
             FROM ({}) WHERE place > {SIGHTINGS_MAX} GROUP BY profile_id, begin",
            self.placed(kept)
        ))
    }
}

fn null(kind: &str) -> String {
    format!("CAST(NULL AS {kind})")
}

/// What stands at a place, as a number and as a text.
fn worth(place: &Place) -> Result<(String, String), Invalid> {
    let (column, within) = fields::column(place)?;
    Ok(match column.kind {
        Kind::Json => {
            let (json, text) = (fields::json(column, within), fields::text(column, within));
            let numbers = "('BIGINT', 'UBIGINT', 'HUGEINT', 'UHUGEINT', 'DOUBLE')";
            (
                format!(
                    "CASE WHEN json_type({json}) IN {numbers} THEN TRY_CAST({text} AS DOUBLE) END"
                ),
                format!("CASE WHEN json_type({json}) = 'VARCHAR' THEN {text} END"),
            )
        }
        Kind::Text => (null("DOUBLE"), fields::name(column)),
        Kind::Number => (format!("CAST({} AS DOUBLE)", fields::name(column)), null("VARCHAR")),
        Kind::Moment | Kind::Truth | Kind::Texts => (null("DOUBLE"), null("VARCHAR")),
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
