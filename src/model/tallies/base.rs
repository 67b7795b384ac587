//! Tallies in bytes of which each can be read by itself.
//!
//! How many events and how many tallies; each event's time and hash, sorted; of each tally the hash of its key and
//! where it begins, sorted; then each with what it keeps, its sightings (how many events further, and what was
//! counted), and its sums. Most tallies of a person know the same few events, which stand there once.

use std::collections::VecDeque;
use std::sync::Arc;

use super::bytes::{Packer, Seen, Unpacker, worth_tag};
use crate::model::{Keep, Sighting, Tally, TallyKey, Time};

/// An event: eight bytes of its time, four of its hash.
const EVENT_BYTES: usize = 12;
/// A tally: eight bytes of its hash, four of where it begins.
const PLACE_BYTES: usize = 12;

/// See the module.
#[derive(Clone, Debug)]
pub(super) struct Base {
    bytes: Arc<[u8]>,
    /// Where the events begin.
    head: usize,
    events: usize,
    many: usize,
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
        let mut bodies = Packer::default();
        for (key, tally) in &tallies {
            to.0.extend(key.hash.to_le_bytes());
            to.0.extend(u32::try_from(bodies.0.len()).unwrap_or(u32::MAX).to_le_bytes());
            body(&mut bodies, (*key, tally), &events);
        }
        to.0.extend(&bodies.0);
        Self { bytes: to.0.into(), head, events: events.len(), many: tallies.len() }
    }

    /// Of bytes that [`Base::pack`] has made; none of others.
    pub(super) fn read(bytes: &[u8]) -> Option<Self> {
        let mut from = Unpacker(bytes);
        let (events, many) = (from.length()?, from.length()?);
        let head = bytes.len() - from.0.len();
        let base = Self { bytes: bytes.into(), head, events, many };
        let mut end = 0;
        for slot in 0..many {
            let (begin, _, rest) = base.read_tally(slot)?;
            let is_in_order = slot == 0 || base.key(slot - 1)? < base.key(slot)?;
            if begin != end || !is_in_order {
                return None;
            }
            end = base.bodies()?.len() - rest.len();
        }
        let is_sorted = (1..events).all(|at| base.event(at - 1) < base.event(at));
        (is_sorted && end == base.bodies()?.len()).then_some(base)
    }

    pub(super) fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// How many tallies.
    pub(super) fn many(&self) -> usize {
        self.many
    }

    /// The last of all events.
    pub(super) fn last(&self) -> Option<Seen> {
        self.event(self.events.checked_sub(1)?)
    }

    /// Which one it is.
    pub(super) fn slot(&self, key: &TallyKey) -> Option<usize> {
        let head = self.head + self.events * EVENT_BYTES;
        let places = self.bytes.get(head..head + self.many * PLACE_BYTES)?;
        let (places, _) = places.as_chunks::<PLACE_BYTES>();
        let hash = |place: &[u8; PLACE_BYTES]| place.first_chunk().copied().map(u64::from_le_bytes);
        let from = places.partition_point(|place| hash(place) < Some(key.hash));
        let same = places.iter().skip(from).take_while(|place| hash(place) == Some(key.hash));
        let mut same = (from..).zip(same).map(|(slot, _)| slot);
        same.find(|slot| self.key(*slot).is_some_and(|(_, keep)| keep == key.keep))
    }

    /// The key of one, sorted as they are: the hash comes first.
    pub(super) fn key(&self, slot: usize) -> Option<(u64, Keep)> {
        Some((self.hash(slot)?, self.at(slot)?.keep()?))
    }

    /// Whether nothing is known one by one.
    pub(super) fn is_unseen(&self, slot: usize) -> Option<bool> {
        let mut from = self.at(slot)?;
        from.keep()?;
        Some(from.length()? == 0)
    }

    /// One of them.
    pub(super) fn tally(&self, slot: usize) -> Option<Tally> {
        Some(self.read_tally(slot)?.1)
    }

    /// Where it begins, what it is, and the bytes after it.
    fn read_tally(&self, slot: usize) -> Option<(usize, Tally, &[u8])> {
        let begin = self.begin(slot)?;
        let mut from = self.at(slot)?;
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
        Some((begin, tally, from.0))
    }

    fn event(&self, at: usize) -> Option<Seen> {
        if at >= self.events {
            return None;
        }
        Unpacker(self.bytes.get(self.head + at * EVENT_BYTES..)?).event()
    }

    fn place(&self, slot: usize) -> Option<Unpacker<'_>> {
        let begin = self.head + self.events * EVENT_BYTES + slot * PLACE_BYTES;
        self.bytes.get(begin..).filter(|_| slot < self.many).map(Unpacker)
    }

    fn hash(&self, slot: usize) -> Option<u64> {
        self.place(slot)?.take().map(u64::from_le_bytes)
    }

    fn begin(&self, slot: usize) -> Option<usize> {
        let mut place = self.place(slot)?;
        let [_, begin] = [place.bytes(8)?, place.bytes(4)?];
        Some(u32::from_le_bytes(*begin.first_chunk()?) as usize)
    }

    fn bodies(&self) -> Option<&[u8]> {
        let head = self.head + self.events * EVENT_BYTES + self.many * PLACE_BYTES;
        self.bytes.get(head..)
    }

    fn at(&self, slot: usize) -> Option<Unpacker<'_>> {
        self.bodies()?.get(self.begin(slot)?..).map(Unpacker)
    }
}

/// An event as one number that sorts as events do: comparing two is most of packing.
fn order(sighting: &Sighting) -> i128 {
    (i128::from(sighting.at.micros()) << 32) | i128::from(sighting.event)
}

fn ordered(order: i128) -> Seen {
    let at = i64::try_from(order >> 32).unwrap_or_default();
    let [.., a, b, c, d] = order.to_be_bytes();
    (Time::from_micros(at), u32::from_be_bytes([a, b, c, d]))
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
