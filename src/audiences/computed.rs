//! Computed traits: what is worked out of the sightings of one leaf, at whatever moment it is asked for.

use std::collections::HashMap;
use std::time::Duration;

use serde_json::Value;

use super::check::Unfit;
use super::leaf::Leaf;
use crate::conditions::{Invalid, Language, Tree, counted, key, parse, parse_of_people, place};
use crate::model::{
    Keep, Masking, Measure, MeasureOf, Millionths, Sighting, Tallies, Tally, Time, Worth,
    whole_if_it_is,
};

/// In so many parts a window is summed up.
const PARTS_OF_WINDOW: u64 = 64;
/// The shortest of them, in seconds.
const PART_SECONDS_MIN: u64 = 60;
/// Longest window, in seconds: ten years.
const WITHIN_SECONDS_MAX: u64 = 10 * 366 * 86_400;

/// A trait, ready to be worked out.
#[derive(Clone, Debug, PartialEq)]
pub struct Computed {
    /// Its name.
    pub id: String,
    /// What is counted for it.
    pub leaf: Leaf,
    function: MeasureOf,
    within: Option<Duration>,
}

impl Computed {
    /// Reads what somebody has written.
    ///
    /// # Errors
    /// [`Unfit`], with the place.
    pub(super) fn read(id: &str, measure: &Measure) -> Result<Self, Unfit> {
        let Measure { function, event_type, filter, of, within_seconds, since } = measure;
        if event_type.is_empty() {
            return Err(Unfit::new("event_type", "must not be empty"));
        }
        if within_seconds.is_some_and(|seconds| seconds > WITHIN_SECONDS_MAX) {
            return Err(Unfit::new("within", "must be ten years at most"));
        }
        let wrong = |place| move |Invalid(why): Invalid| Unfit::new(place, &why);
        let filter = read_filter(event_type, filter).map_err(wrong("where"))?;
        let of = match (of, function.is_of_a_place()) {
            (Some(path), true) => {
                Some(place(Language::Rules, &format!("event@{path}")).map_err(wrong("of"))?)
            }
            (None, false) => None,
            (None, true) => {
                return Err(Unfit::new("of", "must say which place of an event it is of"));
            }
            (Some(_), false) => {
                return Err(Unfit::new("of", "is not for what counts the events themselves"));
            }
        };
        if of.as_ref().is_some_and(|place| place.column.is_none()) {
            return Err(Unfit::new("of", "must be a place of an event, such as properties.total"));
        }
        let range = since.map(|since| (since, Time::END));
        let keep = keep(*function, *within_seconds);
        let of_text = of.as_ref().map(|place| place.path.to_string()).unwrap_or_default();
        let text = format!("{} of {of_text:?}", counted(event_type, &filter, range));
        let mut leaf = Leaf::new(event_type, filter, keep, key(keep, &text));
        (leaf.range, leaf.of) = (range, of);
        let within = within_seconds.map(Duration::from_secs);
        Ok(Self { id: id.to_owned(), leaf, function: *function, within })
    }

    /// What it is at that moment; none while there is nothing to work it out of.
    #[must_use]
    pub fn value(&self, tallies: &Tallies, now: Time) -> Option<Value> {
        let empty =
            || matches!(self.function, MeasureOf::Count | MeasureOf::Distinct).then(|| 0.into());
        let Some(tally) = tallies.0.get(&self.leaf.key) else { return empty() };
        let from = self.from(now);
        self.of_tally(tally, from).or_else(empty)
    }

    /// Whether it is a moment, and not what an event says.
    #[must_use]
    pub fn is_a_moment(&self) -> bool {
        matches!(self.function, MeasureOf::FirstAt | MeasureOf::LastAt)
    }

    /// Whether it is worked out of what is hidden.
    pub(super) fn is_covered_by(&self, masking: &Masking) -> bool {
        let place = self.leaf.of.as_ref().and_then(|place| place.path.split_first());
        place.is_some_and(|(root, within)| masking.covers(root, &within))
    }

    /// Whether nothing of that is a guess.
    #[must_use]
    pub fn is_exact(&self, tallies: &Tallies) -> bool {
        tallies.0.get(&self.leaf.key).is_none_or(Tally::is_exact)
    }

    /// When it is another one next, should nothing happen until then.
    pub(super) fn next_change(&self, tallies: &Tallies, now: Time) -> Option<Time> {
        let (from, within) = (self.from(now)?, self.within?);
        let first = tallies.0.get(&self.leaf.key)?.since(Some(from)).next()?;
        Some(first.at.plus(within))
    }

    fn from(&self, now: Time) -> Option<Time> {
        self.within.map(|within| now.minus(within))
    }

    fn of_tally(&self, tally: &Tally, from: Option<Time>) -> Option<Value> {
        let sums = || tally.sums_since(from);
        let said = |sighting: &Sighting| match &sighting.worth {
            Worth::Nothing => None,
            Worth::Number(number) => Some(shown(*number)),
            Worth::Text(text) => Some(text.clone().into()),
        };
        let at = |sighting: &Sighting| sighting.at.to_string().into();
        match self.function {
            MeasureOf::Count => sums().map(|sums| sums.count.into()),
            MeasureOf::Sum => sums().map(|sums| shown(sums.sum)),
            MeasureOf::Average => sums().map(|sums| average(sums.sum, sums.count)),
            MeasureOf::Least => sums().map(|sums| shown(sums.least)),
            MeasureOf::Greatest => sums().map(|sums| shown(sums.greatest)),
            MeasureOf::First => tally.since(from).next().and_then(said),
            MeasureOf::Last => tally.since(from).next_back().and_then(said),
            MeasureOf::FirstAt => tally.since(from).next().map(at),
            MeasureOf::LastAt => tally.since(from).next_back().map(at),
            MeasureOf::MostFrequent => most_frequent(tally, from),
            MeasureOf::Distinct => {
                let many = tally.since(from).count();
                (many > 0).then(|| many.into())
            }
        }
    }
}

/// As a condition of events; the words of audiences mean nothing there.
fn read_filter(event_type: &str, filter: &str) -> Result<Tree, Invalid> {
    if filter.trim().is_empty() {
        return Ok(Tree::All(Vec::new()));
    }
    parse(Language::Rules, filter)?;
    // As what somebody did: what can be counted is said once.
    let text = format!("DID {event_type:?} WHERE ({filter})");
    match parse_of_people(&text)?.tree {
        Tree::Did(did) => Ok(did.filter),
        Tree::All(_)
        | Tree::Any(_)
        | Tree::Not(_)
        | Tree::Test(_)
        | Tree::In(_)
        | Tree::Listed(_) => Err(Invalid("one condition is wanted".to_owned())),
    }
}

/// Which sightings tell it.
fn keep(function: MeasureOf, within_seconds: Option<u64>) -> Keep {
    let part =
        within_seconds.map_or(0, |seconds| (seconds / PARTS_OF_WINDOW).max(PART_SECONDS_MIN));
    let sums = Keep::Sums(u32::try_from(part).unwrap_or(u32::MAX));
    match (function, within_seconds) {
        (MeasureOf::Last | MeasureOf::LastAt, _) => Keep::Latest(1),
        (MeasureOf::Distinct, _) => Keep::Values,
        (MeasureOf::First | MeasureOf::FirstAt, None) => Keep::Earliest,
        (MeasureOf::Least, None) => Keep::Least,
        (MeasureOf::Greatest, None) => Keep::Greatest,
        (
            MeasureOf::Count
            | MeasureOf::Sum
            | MeasureOf::Average
            | MeasureOf::Least
            | MeasureOf::Greatest
            | MeasureOf::First
            | MeasureOf::FirstAt
            | MeasureOf::MostFrequent,
            _,
        ) => sums,
    }
}

/// Of several that were said as often, the one that sorts first.
fn most_frequent(tally: &Tally, from: Option<Time>) -> Option<Value> {
    let mut counts: HashMap<&Worth, usize> = HashMap::new();
    for sighting in tally.since(from) {
        *counts.entry(&sighting.worth).or_default() += 1;
    }
    let most = counts
        .into_iter()
        .max_by(|(one, many), (other, others)| many.cmp(others).then_with(|| other.cmp(one)));
    match most?.0 {
        Worth::Nothing => None,
        Worth::Number(number) => Some(shown(*number)),
        Worth::Text(text) => Some(text.clone().into()),
    }
}

#[expect(clippy::cast_precision_loss, reason = "2^53 millionths are nine thousand millions")]
fn shown(millionths: Millionths) -> Value {
    whole_if_it_is(millionths as f64 / 1e6)
}

#[expect(clippy::cast_precision_loss, reason = "an average is rounded")]
fn average(sum: Millionths, count: u64) -> Value {
    let average = sum as f64 / 1e6 / count.max(1) as f64;
    whole_if_it_is((average * 1e6).round() / 1e6)
}
