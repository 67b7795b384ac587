//! What history says of everybody for rules that count, written into a file.
//!
//! History is gone through once, however many people it has.

use std::path::PathBuf;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::Question;
use super::seeds::{SeedRow, SeedSums};
use super::seeds_of::{Among, SeedsOf};
use crate::lake::engine::literal;
use crate::lake::{LakeError, Moment, Span};
use crate::model::Time;

/// Nobody waits for it, and history may be long.
const SECONDS_MAX: Duration = Duration::from_secs(3_600);

/// The events that tallies would have kept, person by person in the order of their ids.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct SeedsOfAll {
    /// What is counted.
    pub leaves: Vec<SeedsOf>,
    /// Of people whose ids come later than this.
    pub after: String,
    /// Of the first of them: as many as have so many events that are counted, each tally by itself.
    pub events_max: u64,
    /// Of what was received by then.
    pub received_to: Time,
    /// The file that they go into, each a [`SeedLine`], compressed (zstd). It is not there yet.
    pub to: PathBuf,
}

/// What was written.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Gathered {
    /// The last id that it is about; none where nobody comes later.
    pub upto: Option<String>,
    /// History as it was read; see [`crate::storage::LakeView::edition`].
    pub edition: i64,
}

/// A line of the file: an event, or what those come to that are too many.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct SeedLine {
    /// Whose it was when the file was written.
    pub owner: String,
    leaf: usize,
    /// Under which id it came.
    pub profile_id: String,
    source_id: Option<String>,
    id: Option<String>,
    kind: Option<String>,
    time: Option<i64>,
    received_at: Option<i64>,
    digits: Option<String>,
    text: Option<String>,
    begin: Option<i64>,
    count: Option<u64>,
    sum: Option<String>,
    least: Option<String>,
    greatest: Option<String>,
    through: Option<i64>,
}

/// What a [`SeedLine`] says.
#[derive(Clone, Debug)]
pub enum Seed {
    /// An event.
    Event(SeedRow),
    /// What some come to.
    Sums(SeedSums),
}

impl SeedLine {
    /// None of a line that says neither.
    #[must_use]
    pub fn seed(self) -> Option<Seed> {
        let Self { leaf, profile_id, digits, text, .. } = self;
        if let Some(begin) = self.begin {
            return Some(Seed::Sums(SeedSums {
                leaf,
                profile_id,
                begin,
                count: self.count?,
                sum: self.sum?,
                least: self.least?,
                greatest: self.greatest?,
                through: self.through?,
            }));
        }
        Some(Seed::Event(SeedRow {
            leaf,
            profile_id,
            source_id: self.source_id?,
            id: self.id?,
            kind: self.kind?,
            time: self.time?,
            received_at: self.received_at?,
            digits,
            text,
        }))
    }
}

impl Question for SeedsOfAll {
    type Answer = Gathered;

    const SECONDS_MIN: Duration = SECONDS_MAX;

    fn span(&self) -> Span {
        Span { received_to: self.received_to, ..Span::ALWAYS }
    }

    fn answer(self, moment: &Moment) -> Result<Gathered, LakeError> {
        let received = self.received_to.micros();
        let condition = format!(
            "owner > {} AND received_at <= make_timestamptz({received})",
            literal(&self.after)
        );
        let mut among = Among { kept: owned(moment), condition, beside: "owner," };
        for (at, leaf) in self.leaves.iter().enumerate() {
            moment.keep(&counts(at), &leaf.counted(&among))?;
        }
        let upto = self.upto(moment)?;
        if let Some(upto) = &upto {
            among.condition = format!("{} AND owner <= {}", among.condition, literal(upto));
        }
        let mut written = Vec::new();
        for (at, leaf) in self.leaves.iter().enumerate() {
            written.extend(write(moment, (at, leaf), &among)?);
        }
        let written: Vec<String> = written.iter().map(|table| format!("FROM {table}")).collect();
        let all = format!("FROM ({}) ORDER BY owner", written.join(" UNION ALL BY NAME "));
        moment.write_lines(&all, &self.to)?;
        Ok(Gathered { upto, edition: moment.edition })
    }
}

/// Events as they were kept, and whose they are now.
fn owned(moment: &Moment) -> String {
    let kept = &moment.as_kept;
    if !moment.any_merged {
        return format!("SELECT *, profile_id AS owner FROM ({kept})");
    }
    format!(
        "SELECT e.*, coalesce(m.profile_id, e.profile_id) AS owner \
         FROM ({kept}) AS e LEFT JOIN kith.merged AS m ON m.id = e.profile_id"
    )
}

/// The table with how many events a tally counts of each person.
fn counts(leaf: usize) -> String {
    format!("seeds_counts_{leaf}")
}

impl SeedsOfAll {
    /// Up to whom there are not too many events; none where there are not.
    fn upto(&self, moment: &Moment) -> Result<Option<String>, LakeError> {
        let counts: Vec<String> =
            (0..self.leaves.len()).map(|at| format!("FROM {}", counts(at))).collect();
        let most = self.events_max;
        let found = moment.read::<Upto>(&format!(
            "SELECT owner FROM (SELECT owner, sum(many) OVER (ORDER BY owner) AS so_far, \
             max(owner) OVER () AS last FROM (SELECT owner, sum(many) AS many FROM ({}) GROUP BY owner)) \
             WHERE so_far >= {most} AND owner <> last ORDER BY owner LIMIT 1",
            counts.join(" UNION ALL ")
        ))?;
        Ok(found.into_iter().next().map(|found| found.owner))
    }
}

/// Puts what a tally keeps into tables, one after the other, so that each finds room: whoever has no more events than
/// are kept needs no order among them. The tables' names.
fn write(
    moment: &Moment,
    (at, leaf): (usize, &SeedsOf),
    among: &Among,
) -> Result<Vec<String>, LakeError> {
    let (counts, most) = (counts(at), leaf.most());
    let with_more = format!("(SELECT profile_id FROM {counts} WHERE many > {most})");
    let only = |which: &str| Among {
        kept: among.kept.clone(),
        condition: format!("{} AND profile_id {which} {with_more}", among.condition),
        beside: among.beside,
    };
    let mut parts = vec![("all", leaf.all(at, &only("NOT IN")))];
    if moment.number(&format!("SELECT count(*) FROM {counts} WHERE many > {most}"), &[])? > 0 {
        parts.push(("rows", leaf.rows(at, &only("IN"))));
        parts.extend(leaf.sums(at, &only("IN")).map(|sums| ("sums", sums)));
    }
    let mut tables = Vec::new();
    for (name, sql) in parts {
        let table = format!("seeds_{name}_{at}");
        moment.keep(&table, &sql)?;
        tables.push(table);
    }
    Ok(tables)
}

/// The answer to a question for one id.
#[derive(Deserialize)]
struct Upto {
    owner: String,
}
