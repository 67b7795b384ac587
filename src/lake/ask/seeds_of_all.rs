//! What history says of everybody for rules that count, written into a file.
//!
//! History is gone through once, however many rules there are, and once more to count where it is long: of each event
//! is told which of them it is for, and what they count of it. What is kept of that is for whoever reads the file to
//! say, as for events that come in.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::Question;
use super::seeds_of::{SeedsOf, VALID, WorthOf};
use crate::lake::engine::{literal, literals};
use crate::lake::{LakeError, Moment, Span};
use crate::model::Time;

/// Nobody waits for it, and history may be long.
const SECONDS_MAX: Duration = Duration::from_secs(3_600);

/// So many tallies are few: see [`SeedsOfAll::any`].
const FEW: usize = 16;

/// The events that tallies count, person by person in the order of their ids.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct SeedsOfAll {
    /// What is counted.
    pub leaves: Vec<SeedsOf>,
    /// Of people whose ids come later than this.
    pub after: String,
    /// Of the first of them: as many as have so many events that are told of.
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

/// A line of the file: an event of a type that is counted.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct SeedLine {
    /// Whose it was when the file was written.
    pub owner: String,
    /// The id that it came under, where that is another: who was one when this was read may be two when it is counted.
    pub under: Option<String>,
    /// The source that it came from; empty where history does not know.
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
    pub position: Option<i64>,
    /// The tallies that it is for, as they stand in the question: of some events none.
    pub leaves: Vec<usize>,
    /// What is counted of it.
    pub worths: Vec<SeedWorth>,
}

/// What is counted of an event.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct SeedWorth {
    /// For which tallies: their [`SeedsOfAll::worths`].
    pub of: usize,
    /// The number, where it is one.
    pub digits: Option<String>,
    /// The text, where it is one.
    pub text: Option<String>,
}

impl Question for SeedsOfAll {
    type Answer = Gathered;

    const SECONDS_MIN: Duration = SECONDS_MAX;

    /// As long as it may take: it is asked by nobody who would go, and whoever gives up and comes again later is
    /// overtaken each time by those who ask meanwhile.
    const PATIENCE: Duration = SECONDS_MAX;

    fn span(&self) -> Span {
        Span { received_to: self.received_to, ..Span::ALWAYS }
    }

    fn answer(self, moment: &Moment) -> Result<Gathered, LakeError> {
        let upto = self.upto(moment)?;
        let counted = self.counted(moment, upto.as_deref());
        moment.write_lines(&self.lines(&counted), &self.to)?;
        Ok(Gathered { upto, edition: moment.edition })
    }
}

impl SeedsOfAll {
    /// Where [`SeedWorth::of`] finds what is counted for each tally; none where events themselves are.
    #[must_use]
    pub fn worths(leaves: &[SeedsOf]) -> Vec<Option<usize>> {
        let all = worths(leaves);
        let place = |leaf: &SeedsOf| all.get(leaf.worth.as_ref()?).copied();
        leaves.iter().map(place).collect()
    }

    /// The events of types that are counted, up to those of this person, each with its owner and what is looked up in it;
    /// where there are few tallies, those alone that are for one of them.
    fn counted(&self, moment: &Moment, upto: Option<&str>) -> String {
        let kinds: BTreeSet<&str> = self.leaves.iter().map(|leaf| leaf.kind.as_str()).collect();
        let upto = upto.map(|upto| format!(" AND owner <= {}", literal(upto))).unwrap_or_default();
        format!(
            "FROM (SELECT *{} FROM ({}) WHERE type IN ({}) AND {VALID} AND owner > {}{upto} \
             AND received_at <= make_timestamptz({})) WHERE {}",
            self.looked_up(),
            owned(moment),
            literals(kinds),
            literal(&self.after),
            self.received_to.micros(),
            self.any()
        )
    }

    /// What holds of events that are for a tally. Of many tallies it is not asked: most events are for one of them, and
    /// everything would be worked out twice.
    fn any(&self) -> String {
        if self.leaves.len() > FEW {
            return "true".to_owned();
        }
        let each = self.leaves.iter();
        let each =
            each.map(|leaf| format!("(type = {} AND {})", literal(&leaf.kind), leaf.condition));
        each.collect::<Vec<String>>().join(" OR ")
    }

    /// Up to whom there are not too many events; none where there are not.
    fn upto(&self, moment: &Moment) -> Result<Option<String>, LakeError> {
        let most = self.events_max;
        if moment.rows_at_hand < most {
            return Ok(None);
        }
        let counted = self.counted(moment, None);
        let found = moment.read::<Upto>(&format!(
            "SELECT owner FROM (SELECT owner, sum(many) OVER (ORDER BY owner) AS so_far, \
             max(owner) OVER () AS last FROM (SELECT owner, count(*) AS many {counted} GROUP BY owner)) \
             WHERE so_far >= {most} AND owner <> last ORDER BY owner LIMIT 1",
        ))?;
        Ok(found.into_iter().next().map(|found| found.owner))
    }

    /// Each as a [`SeedLine`].
    fn lines(&self, counted: &str) -> String {
        let mut of_kinds = BTreeMap::<&str, Vec<(usize, &SeedsOf)>>::new();
        for (at, leaf) in self.leaves.iter().enumerate() {
            of_kinds.entry(leaf.kind.as_str()).or_default().push((at, leaf));
        }
        let leaves = by_kind(&of_kinds, tallies);
        let known = worths(&self.leaves);
        let worths = by_kind(&of_kinds, |leaves| told(leaves, &known));
        format!(
            "SELECT owner, CASE WHEN profile_id <> owner THEN profile_id END AS \"under\", \
             coalesce(source_id, '') AS source_id, id, type AS kind, epoch_us(time) AS time, \
             epoch_us(received_at) AS received_at, position, {leaves} AS leaves, {worths} AS worths \
             {counted} ORDER BY owner"
        )
    }

    /// What conditions ask for by names, of events of those types alone whose conditions do.
    fn looked_up(&self) -> String {
        let mut all = BTreeMap::<(&String, &String), BTreeSet<&str>>::new();
        for leaf in &self.leaves {
            for expression in &leaf.looked_up {
                all.entry(expression).or_default().insert(leaf.kind.as_str());
            }
        }
        let columns = all.into_iter().map(|((name, sql), kinds)| {
            format!(", CASE WHEN type IN ({}) THEN {sql} END AS {name}", literals(kinds))
        });
        columns.collect()
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

/// All that is counted, each by its place among them.
fn worths(leaves: &[SeedsOf]) -> BTreeMap<&WorthOf, usize> {
    let all: BTreeSet<&WorthOf> = leaves.iter().filter_map(|leaf| leaf.worth.as_ref()).collect();
    all.into_iter().enumerate().map(|(at, worth)| (worth, at)).collect()
}

/// What is said of events of each type.
fn by_kind(
    of_kinds: &BTreeMap<&str, Vec<(usize, &SeedsOf)>>,
    said: impl Fn(&[(usize, &SeedsOf)]) -> String,
) -> String {
    let each = of_kinds.iter();
    let each = each.map(|(kind, leaves)| format!(" WHEN {} THEN {}", literal(kind), said(leaves)));
    format!("CASE type{} END", each.collect::<String>())
}

/// The tallies that an event is for.
fn tallies(leaves: &[(usize, &SeedsOf)]) -> String {
    let each = leaves.iter();
    let each = each.map(|(at, leaf)| format!("CASE WHEN {} THEN {at} END", leaf.condition));
    there(&each.collect::<Vec<String>>())
}

/// What they count of it, where there is something.
fn told(leaves: &[(usize, &SeedsOf)], known: &BTreeMap<&WorthOf, usize>) -> String {
    let worths: BTreeSet<&WorthOf> =
        leaves.iter().filter_map(|(_, leaf)| leaf.worth.as_ref()).collect();
    let each = worths.into_iter().filter_map(|worth| {
        let (of, WorthOf { digits, text }) = (known.get(worth)?, worth);
        let is_any = format!("{digits} IS NOT NULL OR {text} IS NOT NULL");
        Some(format!(
            "CASE WHEN {is_any} THEN {{'of': {of}, 'digits': {digits}, 'text': {text}}} END"
        ))
    });
    there(&each.collect::<Vec<String>>())
}

/// Those of a list that are there.
fn there(each: &[String]) -> String {
    if each.is_empty() {
        return "[]".to_owned();
    }
    format!("list_filter([{}], lambda one: one IS NOT NULL)", each.join(", "))
}

/// The answer to a question for one id.
#[derive(Deserialize)]
struct Upto {
    owner: String,
}
