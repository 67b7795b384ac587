//! Bytes to tallies.

use std::collections::VecDeque;

use super::Open;
use super::pack::VERSION;
use crate::model::{Fixed, Keep, Sighting, Sums, Tally, TallyKey, Time, Worth};

/// Tallies of bytes that [`pack`](super::pack) has made; none of others.
pub(super) fn unpack(bytes: &[u8]) -> Option<Open> {
    let mut from = Unpacker(bytes);
    let [VERSION] = from.take()? else { return None };
    let (many, mut last) = (from.length()?, 0_i64);
    let mut events = Vec::with_capacity(many);
    for _ in 0..many {
        last = last.checked_add(from.moment()?)?;
        events.push((Time::from_micros(last), u32::from_le_bytes(from.take()?)));
    }
    let many = from.length()?;
    let mut tallies = Open::default();
    tallies.reserve(many);
    for _ in 0..many {
        let (key, tally) = from.tally(&events)?;
        tallies.insert(key, tally);
    }
    from.0.is_empty().then_some(tallies)
}

/// What is left.
struct Unpacker<'a>(&'a [u8]);

impl Unpacker<'_> {
    fn take<const N: usize>(&mut self) -> Option<[u8; N]> {
        let (taken, rest) = self.0.split_first_chunk()?;
        self.0 = rest;
        Some(*taken)
    }

    fn whole(&mut self) -> Option<u128> {
        let mut number = 0;
        for shift in (0..u128::BITS).step_by(7) {
            let [byte] = self.take()?;
            number |= u128::from(byte & 0x7f) << shift;
            if byte < 0x80 {
                return Some(number);
            }
        }
        None
    }

    fn signed(&mut self) -> Option<i128> {
        let number = self.whole()?;
        Some((number >> 1).cast_signed() ^ -(number & 1).cast_signed())
    }

    fn moment(&mut self) -> Option<i64> {
        self.signed()?.try_into().ok()
    }

    /// A number of things, each of which takes a byte at least: one that is damaged must not ask for all memory.
    fn length(&mut self) -> Option<usize> {
        usize::try_from(self.whole()?).ok().filter(|many| *many <= self.0.len())
    }

    fn tally(&mut self, events: &[(Time, u32)]) -> Option<(TallyKey, Tally)> {
        let [tag] = self.take()?;
        let keep = keep(tag, self.whole()?)?;
        let key = TallyKey { keep, hash: u64::from_le_bytes(self.take()?) };
        let (many, mut at) = (self.length()?, 0);
        let mut tally = Tally { sightings: VecDeque::with_capacity(many), ..Tally::new(keep) };
        for _ in 0..many {
            let further = self.whole()?;
            at += usize::try_from(further >> 2).ok().filter(|further| *further <= events.len())?;
            let (at, event) = *events.get(at)?;
            let worth = self.worth(further & 3)?;
            tally.sightings.push_back(Sighting { at, event, worth });
        }
        self.sums(&mut tally)?;
        Some((key, tally))
    }

    fn worth(&mut self, tag: u128) -> Option<Worth> {
        match tag {
            0 => Some(Worth::Nothing),
            1 => Some(Worth::Number(Fixed::of_millionths(self.signed()?))),
            2 => {
                let length = self.length()?;
                let (text, rest) = self.0.split_at_checked(length)?;
                self.0 = rest;
                Some(Worth::Text(std::str::from_utf8(text).ok()?.to_owned()))
            }
            _ => None,
        }
    }

    fn sums(&mut self, tally: &mut Tally) -> Option<()> {
        let told = self.whole()?;
        if told & 1 == 1 {
            tally.through = Some(Time::from_micros(self.moment()?));
        }
        let many = usize::try_from(told >> 1).ok().filter(|many| *many <= self.0.len())?;
        for _ in 0..many {
            let begin = self.moment()?;
            let count = self.whole()?.try_into().ok()?;
            let mut next = || self.signed().map(Fixed::of_millionths);
            let (sum, least, greatest) = (next()?, next()?, next()?);
            tally.before.insert(begin, Sums { count, sum, least, greatest });
        }
        Some(())
    }
}

fn keep(tag: u8, with: u128) -> Option<Keep> {
    match (tag, with) {
        (0, many) => many.try_into().ok().map(Keep::Latest),
        (1, 0) => Some(Keep::Earliest),
        (2, 0) => Some(Keep::Least),
        (3, 0) => Some(Keep::Greatest),
        (4, 0) => Some(Keep::Values),
        (5, 0) => Some(Keep::Words),
        (6, seconds) => seconds.try_into().ok().map(Keep::Sums),
        _ => None,
    }
}
