//! Tallies to bytes.
//!
//! A version; how many events, and of each the time since the one before and its hash; how many tallies, and of each
//! its key, its sightings (how many events further, and what was counted), and its sums. Whole numbers are of seven
//! bits a byte, the lowest first, those that may be negative in zigzag.

use super::Open;
use crate::model::{Fixed, Keep, Sighting, Sums, Tally, TallyKey, Worth};

/// The first byte.
pub(super) const VERSION: u8 = 1;

/// Tells what is kept; what goes with it follows.
pub(super) fn tag(keep: Keep) -> (u8, u32) {
    match keep {
        Keep::Latest(many) => (0, many.into()),
        Keep::Earliest => (1, 0),
        Keep::Least => (2, 0),
        Keep::Greatest => (3, 0),
        Keep::Values => (4, 0),
        Keep::Words => (5, 0),
        Keep::Sums(seconds) => (6, seconds),
    }
}

/// Bytes of all of them, in no order.
pub(super) fn pack(tallies: &Open) -> Vec<u8> {
    let place = |sighting: &Sighting| (sighting.at, sighting.event);
    let sightings = tallies.values().flat_map(|tally| &tally.sightings);
    let mut events: Vec<_> = sightings.map(place).collect();
    events.sort_unstable();
    events.dedup();
    let mut to = Packer(Vec::with_capacity(16 + events.len() * 12 + tallies.len() * 20));
    to.0.push(VERSION);
    to.whole(events.len() as u128);
    let mut last = 0;
    for (at, hash) in &events {
        to.signed(i128::from(at.micros()) - i128::from(last));
        last = at.micros();
        to.0.extend(hash.to_le_bytes());
    }
    to.whole(tallies.len() as u128);
    for (key, tally) in tallies {
        to.key(*key);
        let mut from = 0;
        to.whole(tally.sightings.len() as u128);
        for sighting in &tally.sightings {
            // Sightings are sorted as events are.
            let rest = events.get(from..).unwrap_or_default();
            let further = rest.partition_point(|event| *event < place(sighting));
            from += further;
            to.sighting(further, &sighting.worth);
        }
        to.sums(tally);
    }
    to.0
}

struct Packer(Vec<u8>);

impl Packer {
    fn whole(&mut self, mut number: u128) {
        loop {
            let [low, ..] = number.to_le_bytes();
            number >>= 7;
            if number == 0 {
                return self.0.push(low & 0x7f);
            }
            self.0.push(low | 0x80);
        }
    }

    fn signed(&mut self, number: i128) {
        self.whole(((number << 1) ^ (number >> 127)).cast_unsigned());
    }

    fn key(&mut self, TallyKey { keep, hash }: TallyKey) {
        let (tag, with) = tag(keep);
        self.0.push(tag);
        self.whole(with.into());
        self.0.extend(hash.to_le_bytes());
    }

    /// What was counted is told by the lowest two bits.
    fn sighting(&mut self, further: usize, worth: &Worth) {
        let further = (further as u128) << 2;
        match worth {
            Worth::Nothing => self.whole(further),
            Worth::Number(number) => {
                self.whole(further | 1);
                self.signed(number.millionths());
            }
            Worth::Text(text) => {
                self.whole(further | 2);
                self.whole(text.len() as u128);
                self.0.extend(text.as_bytes());
            }
        }
    }

    /// Whether they go through to some moment is told by the lowest bit.
    fn sums(&mut self, tally: &Tally) {
        self.whole(((tally.before.len() as u128) << 1) | u128::from(tally.through.is_some()));
        if let Some(through) = tally.through {
            self.signed(through.micros().into());
        }
        for (begin, Sums { count, sum, least, greatest }) in &tally.before {
            self.signed((*begin).into());
            self.whole((*count).into());
            [*sum, *least, *greatest]
                .map(Fixed::millionths)
                .into_iter()
                .for_each(|one| self.signed(one));
        }
    }
}
