//! Tallies in bytes of which each can be read by itself.
//!
//! How many events and how many tallies; each event's time and hash, sorted; the hash of each tally's key, sorted;
//! then each with what it keeps, its sightings (how many events further, and what was counted), and its sums. Most
//! tallies of a person know the same few events, which stand there once. Where each begins is found when they are
//! read, and not stored: it was an eighth of what a person takes.

use std::collections::VecDeque;
use std::sync::Arc;

use super::bytes::{Packer, Seen, Unpacker, worth_tag};
use crate::model::{Keep, Sighting, Tally, TallyKey, Time};

/// An event: eight bytes of its time, eight that tell it from others.
const EVENT_BYTES: usize = 16;
/// The same in the versions before.
const EVENT_BYTES_BEFORE: usize = 12;
/// The hash of a tally's key.
const HASH_BYTES: usize = 8;

/// See the module.
#[derive(Clone, Debug)]
pub(super) struct Base {
    bytes: Arc<[u8]>,
    /// Where the events begin.
    head: usize,
    events: usize,
    /// Where each tally begins, behind all hashes.
    begins: Arc<[u32]>,
}

impl Base {
    /// Of all of these.
    pub(super) fn pack<'a>(tallies: impl Iterator<Item = (TallyKey, &'a Tally)>) -> Self {
        let mut tallies: Vec<(TallyKey, &Tally)> = tallies.collect();
        tallies.sort_unstable_by_key(|(key, _)| (key.hash, key.keep));
        let sightings = tallies.iter().flat_map(|(_, tally)| &tally.sightings);
        let mut events: Vec<i128> = sightings.map(order).collect();
        // Each tally is sorted: these are runs in order, which this sort finds.
        events.sort();
        events.dedup();
        let mut to = Packer::default();
        to.length(events.len());
        to.length(tallies.len());
        let head = to.0.len();
        events.iter().for_each(|event| to.event(ordered(*event)));
        tallies.iter().for_each(|(key, _)| to.0.extend(key.hash.to_le_bytes()));
        let (from, mut begins) = (to.0.len(), Vec::with_capacity(tallies.len()));
        for (key, tally) in &tallies {
            begins.push(u32::try_from(to.0.len() - from).unwrap_or(u32::MAX));
            body(&mut to, (*key, tally), &events);
        }
        Self { bytes: to.0.into(), head, events: events.len(), begins: begins.into() }
    }

    /// Of bytes that [`Base::pack`] has made; none of others.
    pub(super) fn read(bytes: &[u8]) -> Option<Self> {
        let mut from = Unpacker(bytes);
        let (events, many) = (from.length()?, from.length()?);
        let head = bytes.len() - from.0.len();
        let behind = head + events * EVENT_BYTES + many * HASH_BYTES;
        let mut base = Self { bytes: bytes.into(), head, events, begins: Arc::default() };
        let (mut begins, mut left) = (Vec::with_capacity(many), bytes.get(behind..)?);
        let bodies = left.len();
        let mut before = None;
        for slot in 0..many {
            begins.push(u32::try_from(bodies - left.len()).ok()?);
            let (tally, rest) = base.read_tally(left)?;
            let key = Some((base.hash_at(slot)?, tally.keep));
            if key <= before {
                return None;
            }
            (before, left) = (key, rest);
        }
        base.begins = begins.into();
        let is_sorted = (1..events).all(|at| base.event(at - 1) < base.event(at));
        (is_sorted && left.is_empty()).then_some(base)
    }

    /// Of bytes of the third and fourth version, which have four bytes less of each event.
    pub(super) fn read_narrow(bytes: &[u8]) -> Option<Self> {
        let mut from = Unpacker(bytes);
        let (events, _) = (from.length()?, from.length()?);
        let (seen, rest) = from.0.split_at_checked(events * EVENT_BYTES_BEFORE)?;
        let mut to = Packer(bytes.get(..bytes.len() - from.0.len())?.to_vec());
        let mut seen = Unpacker(seen);
        while let Some(event) = seen.event_of_before() {
            to.event(event);
        }
        to.0.extend(rest);
        Self::read(&to.0)
    }

    /// Of bytes of the second version, which have where a tally begins behind its hash.
    pub(super) fn read_with_places(bytes: &[u8]) -> Option<Self> {
        const PLACE_BYTES: usize = HASH_BYTES + 4;
        let mut from = Unpacker(bytes);
        let (events, many) = (from.length()?, from.length()?);
        let (seen, places) = from.0.split_at_checked(events * EVENT_BYTES_BEFORE)?;
        let (places, bodies) = places.split_at_checked(many * PLACE_BYTES)?;
        let mut to = Packer(bytes.get(..bytes.len() - from.0.len())?.to_vec());
        to.0.extend(seen);
        let (places, _) = places.as_chunks::<PLACE_BYTES>();
        places.iter().for_each(|place| to.0.extend(place.iter().take(HASH_BYTES)));
        to.0.extend(bodies);
        Self::read_narrow(&to.0)
    }

    pub(super) fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// How many tallies.
    pub(super) fn many(&self) -> usize {
        self.begins.len()
    }

    /// What it takes in memory, about.
    pub(super) fn weight(&self) -> usize {
        self.bytes.len() + size_of_val(&*self.begins)
    }

    /// The last of all events.
    pub(super) fn last(&self) -> Option<Seen> {
        self.event(self.events.checked_sub(1)?)
    }

    /// Which one it is.
    pub(super) fn slot(&self, key: &TallyKey) -> Option<usize> {
        let from = self.head + self.events * EVENT_BYTES;
        let hashes = self.bytes.get(from..from + self.many() * HASH_BYTES)?;
        let (hashes, _) = hashes.as_chunks::<HASH_BYTES>();
        let from = first_not_below(hashes, key.hash);
        let same = hashes.iter().skip(from).take_while(|bytes| hash(bytes) == key.hash);
        let mut same = (from..).zip(same).map(|(slot, _)| slot);
        same.find(|slot| self.key(*slot).is_some_and(|(_, keep)| keep == key.keep))
    }

    /// The key of one, sorted as they are: the hash comes first.
    pub(super) fn key(&self, slot: usize) -> Option<(u64, Keep)> {
        Some((self.hash_at(slot)?, self.at(slot)?.keep()?))
    }

    /// How much of it is known one by one.
    pub(super) fn many_of(&self, slot: usize) -> Option<usize> {
        let mut from = self.at(slot)?;
        from.keep()?;
        from.length()
    }

    /// One of them.
    pub(super) fn tally(&self, slot: usize) -> Option<Tally> {
        Some(self.read_tally(self.at(slot)?.0)?.0)
    }

    /// The tally that begins these bytes, and those after it.
    fn read_tally<'b>(&self, bytes: &'b [u8]) -> Option<(Tally, &'b [u8])> {
        let mut from = Unpacker(bytes);
        let keep = from.keep()?;
        let (many, mut place) = (from.length()?, 0);
        let mut tally = Tally { sightings: VecDeque::with_capacity(many), ..Tally::new(keep) };
        for _ in 0..many {
            let told = from.whole()?;
            place += usize::try_from(told >> 2).ok().filter(|further| *further <= self.events)?;
            let (at, event) = self.event(place)?;
            tally.sightings.push_back(Sighting { at, event, worth: from.worth(told & 3)? });
        }
        from.sums(&mut tally)?;
        Some((tally, from.0))
    }

    fn event(&self, at: usize) -> Option<Seen> {
        if at >= self.events {
            return None;
        }
        Unpacker(self.bytes.get(self.head + at * EVENT_BYTES..)?).event()
    }

    fn hash_at(&self, slot: usize) -> Option<u64> {
        let begin = self.head + self.events * EVENT_BYTES + slot * HASH_BYTES;
        Unpacker(self.bytes.get(begin..)?).take().map(u64::from_le_bytes)
    }

    fn at(&self, slot: usize) -> Option<Unpacker<'_>> {
        let head = self.head + self.events * EVENT_BYTES + self.many() * HASH_BYTES;
        let begin = *self.begins.get(slot)? as usize;
        self.bytes.get(head + begin..).map(Unpacker)
    }
}

/// The first of these, which are sorted, that is not below it. Hashes lie evenly: it is looked for where it should be,
/// and is mostly in the next few, while a search by halves reads one place after another that is not at hand.
fn first_not_below(hashes: &[[u8; HASH_BYTES]], wanted: u64) -> usize {
    let place = (u128::from(wanted) * hashes.len() as u128) >> u64::BITS;
    let (before, after) = hashes.split_at(usize::try_from(place).unwrap_or(0).min(hashes.len()));
    let above = before.iter().rev().take_while(|bytes| hash(bytes) >= wanted).count();
    if above > 0 {
        return before.len() - above;
    }
    before.len() + after.iter().take_while(|bytes| hash(bytes) < wanted).count()
}

fn hash(bytes: &[u8; HASH_BYTES]) -> u64 {
    u64::from_le_bytes(*bytes)
}

/// An event as one number that sorts as events do: comparing two is most of packing.
fn order(sighting: &Sighting) -> i128 {
    (i128::from(sighting.at.micros()) << 64) | i128::from(sighting.event)
}

fn ordered(order: i128) -> Seen {
    let at = i64::try_from(order >> 64).unwrap_or_default();
    let [.., a, b, c, d, e, f, g, h] = order.to_be_bytes();
    (Time::from_micros(at), u64::from_be_bytes([a, b, c, d, e, f, g, h]))
}

fn body(to: &mut Packer, (key, tally): (TallyKey, &Tally), events: &[i128]) {
    to.keep(key.keep);
    to.length(tally.sightings.len());
    let mut place = 0;
    for sighting in &tally.sightings {
        // Sightings are sorted as events are.
        let (rest, event) = (events.get(place..).unwrap_or_default(), order(sighting));
        let further = rest.partition_point(|other| *other < event);
        place += further;
        to.whole(((further as u64) << 2) | worth_tag(&sighting.worth));
        to.worth(&sighting.worth);
    }
    to.sums(tally);
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::model::Tallies;
    use crate::model::tests_of_tallies::tallies;

    /// As the third and fourth version wrote it, up to the hashes.
    fn narrow(base: &Base) -> Vec<u8> {
        let mut bytes = base.bytes[..base.head].to_vec();
        for event in 0..base.events {
            let (at, event) = base.event(event).unwrap();
            bytes.extend(at.micros().to_le_bytes());
            bytes.extend(u32::try_from(event).unwrap().to_le_bytes());
        }
        bytes
    }

    /// Of whom nobody has said when what they did was received.
    fn unsaid(tallies: &Tallies) -> Base {
        let without = |tally: &Tally| {
            let mut tally = tally.clone();
            tally.sightings.iter_mut().for_each(|one| one.event &= u64::from(u32::MAX));
            tally.sightings.make_contiguous().sort();
            tally
        };
        let all: Vec<_> = tallies.iter().map(|(key, tally)| (key, without(tally))).collect();
        Base::pack(all.iter().map(|(key, tally)| (*key, tally)))
    }

    /// As the second version wrote it.
    fn with_places(base: &Base) -> Vec<u8> {
        let hashes = base.head + base.events * EVENT_BYTES;
        let bodies = hashes + base.many() * HASH_BYTES;
        let mut bytes = narrow(base);
        for (hash, begin) in base.bytes[hashes..bodies].chunks(HASH_BYTES).zip(base.begins.iter()) {
            bytes.extend(hash);
            bytes.extend(begin.to_le_bytes());
        }
        bytes.extend(&base.bytes[bodies..]);
        bytes
    }

    proptest! {
        #[test]
        fn a_hash_is_found_wherever_it_lies(
            mut hashes in prop::collection::vec(
                prop_oneof![any::<u64>(), 0..9_u64, Just(u64::MAX), Just(1 << 63)], 0..40,
            ),
            other in any::<u64>(),
        ) {
            hashes.sort_unstable();
            let bytes: Vec<_> = hashes.iter().map(|hash| hash.to_le_bytes()).collect();
            for wanted in hashes.iter().copied().chain([other, 0, u64::MAX]) {
                let first = hashes.partition_point(|hash| *hash < wanted);
                prop_assert_eq!(first_not_below(&bytes, wanted), first);
            }
        }

        #[test]
        fn what_the_versions_before_wrote_is_read(tallies in tallies()) {
            let base = unsaid(&tallies);
            let read = Base::read_with_places(&with_places(&base)).unwrap();
            prop_assert_eq!((read.bytes(), &read.begins), (base.bytes(), &base.begins));
            let hashes = base.head + base.events * EVENT_BYTES;
            let before = [narrow(&base), base.bytes[hashes..].to_vec()].concat();
            let read = Base::read_narrow(&before).unwrap();
            prop_assert_eq!((read.bytes(), &read.begins), (base.bytes(), &base.begins));
        }
    }
}
