//! The first version of packed tallies, which rows of before are in: all of them in one piece, which is read whole.
//!
//! The version; how many events, and of each the time since the one before and its hash; how many tallies, and of
//! each its key, its sightings (how many events further, and what was counted), and its sums.

use std::collections::VecDeque;

use super::Open;
use super::bytes::{Seen, Unpacker};
use crate::model::{Sighting, Tally, TallyKey, Time};

/// The first byte.
pub(super) const VERSION: u8 = 1;

/// Tallies of what follows the version; none of other bytes.
pub(super) fn unpack(bytes: &[u8]) -> Option<Open> {
    let mut from = Unpacker(bytes);
    let (many, mut last) = (from.length()?, 0_i64);
    let mut events = Vec::with_capacity(many);
    for _ in 0..many {
        last = last.checked_add(from.moment()?)?;
        events.push((Time::from_micros(last), u32::from_le_bytes(from.take()?).into()));
    }
    let many = from.length()?;
    let mut tallies = Open::default();
    for _ in 0..many {
        let (key, tally) = tally(&mut from, &events)?;
        tallies.insert(key, tally);
    }
    from.0.is_empty().then_some(tallies)
}

fn tally(from: &mut Unpacker<'_>, events: &[Seen]) -> Option<(TallyKey, Tally)> {
    let key = from.key()?;
    let (many, mut place) = (from.length()?, 0);
    let mut tally = Tally { sightings: VecDeque::with_capacity(many), ..Tally::new(key.keep) };
    for _ in 0..many {
        let told = from.whole()?;
        place += usize::try_from(told >> 2).ok().filter(|further| *further <= events.len())?;
        let (at, event) = *events.get(place)?;
        tally.sightings.push_back(Sighting { at, event, worth: from.worth(told & 3)? });
    }
    from.sums(&mut tally)?;
    Some((key, tally))
}
