//! What history says of people for rules that count.
//!
//! Of each person and each tally, the events that it would have kept.

use serde::{Deserialize, Serialize};

use super::seeds_of::{Among, SeedsOf};
use super::{Asker, Question};
use crate::lake::engine::literals;
use crate::lake::{LakeError, Moment, Span};
use crate::model::Time;

/// Tallies that one statement asks about.
const LEAVES_AT_ONCE: usize = 16;

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
    /// Where it stood in its payload; none in files of before.
    #[serde(default)]
    pub position: Option<i64>,
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
        let ids = literals(&self.ids);
        moment.keep("seed_ids", &format!("SELECT unnest([{ids}]) AS id"))?;
        let among = Among {
            kept: self.kept(&moment.as_kept),
            condition: "profile_id IN (SELECT id FROM seed_ids)".to_owned(),
        };
        let numbered: Vec<(usize, &SeedsOf)> = self.leaves.iter().enumerate().collect();
        for some in numbered.chunks(LEAVES_AT_ONCE) {
            let rows: Vec<String> = some.iter().map(|(at, leaf)| leaf.rows(*at, &among)).collect();
            answer.rows.extend(moment.read::<SeedRow>(&rows.join(" UNION ALL "))?);
            let sums: Vec<String> =
                some.iter().filter_map(|(at, leaf)| leaf.sums(*at, &among)).collect();
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
