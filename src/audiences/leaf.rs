//! What is counted: events of a type, those of which something holds, and what is kept of each person's.

use std::sync::Arc;

use crate::conditions::{Condition, Documents, Fact, Facts as _, Language, OfEvent, Place, Tree};
use crate::model::{Event, Keep, Millionths, Seen, Sighting, Time, WORTH_BYTES_MAX, Worth};
use crate::processing::ADDED;

/// The greatest number that is counted.
const NUMBER_MAX: f64 = 9e12;

/// See the module.
#[derive(Clone, Debug, PartialEq)]
pub struct Leaf {
    /// A hash of all of it.
    pub key: Arc<str>,
    /// Events of this type.
    pub kind: String,
    /// Of which this holds.
    pub filter: Condition,
    /// Not before the one, and before the other.
    pub range: Option<(Time, Time)>,
    /// Of which place; none where the events themselves are counted.
    pub of: Option<Place>,
    /// Which sightings are kept.
    pub keep: Keep,
    /// The list of people that it is of, and so of no events.
    pub list: Option<Arc<str>>,
}

impl Leaf {
    /// Of rules about events.
    #[must_use]
    pub fn new(kind: &str, filter: Tree, keep: Keep, key: Arc<str>) -> Self {
        let filter = Condition { language: Language::Rules, tree: filter };
        Self { key, kind: kind.to_owned(), filter, range: None, of: None, keep, list: None }
    }

    /// What is seen of an event, if it is one of these. What was found invalid changes nobody.
    pub(super) fn sees(&self, leaf: usize, of: usize, event: &Event) -> Option<Seen> {
        let is_then = self.range.is_none_or(|(from, to)| from <= event.time && event.time < to);
        let facts = OfEvent { event, others: Documents::default() };
        if !event.valid || !is_then || !self.filter.holds(&facts) {
            return None;
        }
        let worth = match &self.of {
            None => Worth::Nothing,
            Some(place) => match facts.at(place) {
                Fact::Number(number) => number_worth(number.float())?,
                Fact::Text(text) => text_worth(&text)?,
                Fact::Missing
                | Fact::Null
                | Fact::Truth(_)
                | Fact::Moment(_)
                | Fact::List(_)
                | Fact::Texts(_)
                | Fact::Object { .. } => return None,
            },
        };
        let hash = event_hash(&event.kind, event.id.as_str(), event.received_at);
        let sighting = Sighting { at: event.time, event: hash, worth };
        Some(Seen { of, leaf, key: Arc::clone(&self.key), keep: self.keep, sighting })
    }
}

/// A number as it is counted; none when it is too great.
#[must_use]
#[expect(clippy::cast_possible_truncation, reason = "bounded")]
pub fn number_worth(number: f64) -> Option<Worth> {
    let millionths = (number.abs() <= NUMBER_MAX).then(|| (number * 1e6).round() as Millionths);
    millionths.map(Worth::Number)
}

/// A text as it is counted: its beginning, where it is long; none when there is nothing in it.
#[must_use]
pub fn text_worth(text: &str) -> Option<Worth> {
    let end = (0..=WORTH_BYTES_MAX.min(text.len())).rev().find(|at| text.is_char_boundary(*at));
    let text = text.get(..end.unwrap_or(0)).filter(|text| !text.is_empty());
    text.map(|text| Worth::Text(text.to_owned()))
}

/// What tells an event from another of the same moment (FNV-1a). What Kith adds to payloads has another id
/// when it is folded again, and is known by when it was received.
#[must_use]
pub fn event_hash(kind: &str, id: &str, received_at: Time) -> u32 {
    let hash = |mut hash: u32, bytes: &[u8]| {
        for byte in bytes {
            hash = (hash ^ u32::from(*byte)).wrapping_mul(0x0100_0193);
        }
        hash
    };
    let begin = 0x811c_9dc5;
    if ADDED.contains(&kind) {
        return hash(hash(begin, kind.as_bytes()), &received_at.micros().to_be_bytes());
    }
    hash(begin, id.as_bytes())
}
