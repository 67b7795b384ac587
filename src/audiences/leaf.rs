//! What is counted: events of a type, those of which something holds, and what is kept of each person's.

use std::sync::Arc;

use sha2::{Digest as _, Sha256};

use crate::conditions::{Condition, Fact, Facts, Language, Place, Slot, Tree};
use crate::model::{Counts, Fixed, Keep, Number, Seen, Sighting, TallyKey, Time, Worth};
use crate::processing::ADDED;

/// See the module.
#[derive(Clone, Debug, PartialEq)]
pub struct Leaf {
    /// A hash of all of it.
    pub key: TallyKey,
    /// Events of this type.
    pub kind: String,
    /// Of which this holds.
    pub filter: Condition,
    /// Not before the one, and before the other.
    pub range: Option<(Time, Time)>,
    /// Of which place, and what of it; none where the events themselves are counted.
    pub of: Option<(Place, Counts)>,
    /// The list of people that it is of, and so of no events.
    pub list: Option<Arc<str>>,
}

impl Leaf {
    /// Of rules about events.
    #[must_use]
    pub fn new(kind: &str, filter: Tree, key: TallyKey) -> Self {
        let filter = Condition { language: Language::Rules, tree: filter };
        Self { key, kind: kind.to_owned(), filter, range: None, of: None, list: None }
    }

    /// What is seen of an event, if it is one of these. What was found invalid changes nobody.
    pub(super) fn sees(&self, leaf: usize, event: &Happened<'_, impl Facts>) -> Sees {
        let is_then = self.range.is_none_or(|(from, to)| from <= event.at && event.at < to);
        if !event.valid || !is_then || !self.filter.holds(event.facts) {
            return Sees::Nothing;
        }
        let worth = match &self.of {
            None => Worth::Nothing,
            Some((place, counts)) => match self.worth(*counts, &event.facts.at(place)) {
                Ok(Some(worth)) => worth,
                Ok(None) => return Sees::Nothing,
                Err(TooLarge) => return Sees::TooLarge,
            },
        };
        let sighting = Sighting { at: event.at, event: event.key, worth };
        Sees::It(Seen { of: event.of, leaf, key: self.key, sighting })
    }

    /// Numbers the places that it looks at: `number` says which one a place is.
    pub(super) fn number_places(&mut self, number: &mut impl FnMut(&Place) -> usize) {
        let mut visit = |place: &mut Place| place.slot = Slot(Some(number(place)));
        self.filter.tree.each_place_mut(&mut visit);
        if let Some((place, _)) = &mut self.of {
            visit(place);
        }
    }

    fn worth(&self, counts: Counts, fact: &Fact<'_>) -> Result<Option<Worth>, TooLarge> {
        match fact {
            Fact::Number(number) => number_worth(*number).map(Some),
            Fact::Text(text) if counts == Counts::Numbers => {
                Number::parse(text).map(number_worth).transpose()
            }
            Fact::Text(text) => Ok(text_worth(text, self.key.keep)),
            Fact::Missing
            | Fact::Null
            | Fact::Truth(_)
            | Fact::Moment(_)
            | Fact::List(_)
            | Fact::Texts(_)
            | Fact::Object { .. } => Ok(None),
        }
    }
}

/// What leaves ask of an event, beside its facts.
#[derive(Clone, Copy, Debug)]
pub(super) struct Happened<'a, F> {
    /// Which of several it is.
    pub(super) of: usize,
    /// Nothing was found wrong with it.
    pub(super) valid: bool,
    /// When.
    pub(super) at: Time,
    /// See [`event_key`].
    pub(super) key: u64,
    /// Everything else.
    pub(super) facts: &'a F,
}

/// What a leaf makes of an event.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Sees {
    /// It is none of these, or says nothing that is counted.
    Nothing,
    /// It is one.
    It(Seen),
    /// It is one, and its number is beyond what is counted.
    TooLarge,
}

/// A number is beyond what is counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TooLarge;

/// A number as it is counted.
///
/// # Errors
/// [`TooLarge`] when it is beyond [`crate::model::FIXED_MAX`].
pub fn number_worth(number: Number) -> Result<Worth, TooLarge> {
    let amount = match number {
        Number::Whole(whole) => Fixed::of_whole(whole),
        Number::Real(real) => Fixed::of_real(real),
    };
    amount.map(Worth::Number).ok_or(TooLarge)
}

/// A text as it is counted: where it is too long to be kept, its beginning and what tells it from all others.
/// None when there is nothing in it.
#[must_use]
pub fn text_worth(text: &str, keep: Keep) -> Option<Worth> {
    const DIGEST_BYTES: usize = 8;
    let most = keep.text_bytes_max();
    let begins = (0..=most).rev().find_map(|at| text.get(..at)).filter(|_| text.len() > most);
    let kept = begins.map_or_else(
        || text.to_owned(),
        |begins| {
            let digest = Sha256::digest(text.as_bytes());
            let digest = digest.iter().take(DIGEST_BYTES).map(|byte| format!("{byte:02x}"));
            format!("{begins}…{}", digest.collect::<String>())
        },
    );
    Some(kept).filter(|text| !text.is_empty()).map(Worth::Text)
}

/// What tells an event from others of the moment at which it happened: see [`Sighting::event`]. `position` is where it
/// stood in its payload, where that is known.
#[must_use]
pub fn event_key(
    kind: &str,
    id: (&str, &str),
    (at, received_at, position): (Time, Time, Option<i64>),
) -> u64 {
    /// Clocks of clients that are fast by no more than this, in microseconds: nearly nine minutes. Those that are more
    /// are corrected.
    const EARLY: i64 = 1 << 29;
    /// What came later than after twenty-seven minutes stands behind what did not, in turns of thirty-six.
    const LATE: i64 = 1 << 31;
    // As if each event of a payload had been received a microsecond after the one before.
    let received =
        received_at.micros().saturating_add(position.map_or(0, |at| at.saturating_add(1)));
    let after = received.saturating_sub(at.micros()).saturating_add(EARLY).max(1);
    let order = if after < LATE { after } else { LATE | received.rem_euclid(LATE) };
    let order = u32::try_from(order).unwrap_or_default();
    Sighting::event(order, event_hash(kind, id, received_at))
}

/// What tells an event from another of the same moment (FNV-1a): ids are of a source. What Kith adds to
/// payloads has another id when it is folded again, and is known by when it was received.
#[must_use]
pub fn event_hash(kind: &str, (source, id): (&str, &str), received_at: Time) -> u32 {
    /// No text holds it.
    const END: &[u8] = &[0xff];
    let hash = |mut hash: u32, bytes: &[u8]| {
        for byte in bytes {
            hash = (hash ^ u32::from(*byte)).wrapping_mul(0x0100_0193);
        }
        hash
    };
    let begin = hash(hash(0x811c_9dc5, source.as_bytes()), END);
    if ADDED.contains(&kind) {
        return hash(hash(begin, kind.as_bytes()), &received_at.micros().to_be_bytes());
    }
    hash(begin, id.as_bytes())
}
