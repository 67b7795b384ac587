//! What was seen since tallies were packed: event by event, to be added to a tally when it is asked for.
//!
//! An event is a block: how many different things were counted of it, and whether tallies are new; its moment and its
//! hash; the keys of tallies that are new; then each thing that was counted, and which tallies count it, as a list of
//! their numbers or as a bit for each, whichever is about the shorter. A hundred rules count a few things of one event, so that
//! this takes less than a byte for each; and whoever is asked for one tally goes past what is of others at once.

use super::bytes::{Packer, Seen, Unpacker, worth_tag};
use super::slots::{self, Slots};
use crate::model::{Bits, Sighting, TallyKey, Worth};

/// See the module.
#[derive(Clone, Debug, Default)]
pub(super) struct News {
    /// All blocks but the current one.
    bytes: Vec<u8>,
    /// How many there are, the current one among them.
    blocks: usize,
    /// Tallies that were not packed, in the order in which they came.
    pub(super) fresh: Vec<TallyKey>,
    /// The last of all events, packed or not.
    latest: Option<Seen>,
    /// The event of what came last. Unknown after the bytes were read, and after the end.
    current: Option<Box<Block>>,
}

/// An event that may be counted by more tallies.
#[derive(Clone, Debug)]
struct Block {
    event: Seen,
    /// The last of all events before it.
    after: Option<Seen>,
    /// How many tallies were new before it.
    known: usize,
    /// What was counted of it, by which tallies.
    counted: Vec<(Worth, Bits)>,
}

/// What was counted of an event, as it was read.
#[derive(Clone, Copy, Debug)]
struct Told<'a> {
    event: Seen,
    /// Whether it is the first of its block.
    is_first: bool,
    tag: u64,
    /// What begins with it.
    worth: Unpacker<'a>,
    slots: Slots<'a>,
}

impl News {
    /// Nothing, after what was packed.
    pub(super) fn after(latest: Option<Seen>) -> Self {
        Self { latest, ..Self::default() }
    }

    /// Of bytes that stand after so many packed tallies; none of others.
    pub(super) fn read(bytes: &[u8], packed: usize, latest: Option<Seen>) -> Option<Self> {
        let mut news = Self::after(latest);
        let mut reader = Reader::of(bytes);
        while let Some(told) = reader.next(&mut |key| news.fresh.push(key))? {
            let known = packed + news.fresh.len();
            told.slots.are_below(known).then_some(())?;
            told.sighting()?;
            news.latest = news.latest.max(Some(told.event));
            news.blocks += usize::from(told.is_first);
        }
        news.bytes = bytes.to_vec();
        Some(news)
    }

    /// The same of bytes of the version before, which have four bytes less of each event.
    pub(super) fn read_narrow(bytes: &[u8], packed: usize, latest: Option<Seen>) -> Option<Self> {
        let mut reader = Reader { reads: Unpacker::event_of_before, ..Reader::of(bytes) };
        let (mut wide, mut copied) = (Vec::with_capacity(bytes.len()), 0);
        while let Some(told) = reader.next(&mut |_| {})? {
            if told.is_first {
                let end = bytes.len() - reader.behind;
                wide.extend(bytes.get(copied..end)?);
                wide.extend([0; 4]);
                copied = end;
            }
        }
        wide.extend(bytes.get(copied..)?);
        Self::read(&wide, packed, latest)
    }

    /// The bytes, once nothing more comes of the current event.
    pub(super) fn end(&mut self) -> &[u8] {
        if let Some(block) = self.current.take() {
            block.write(&self.fresh, &mut self.bytes);
        }
        &self.bytes
    }

    /// The same, of as it stands.
    pub(super) fn written(&self) -> Vec<u8> {
        let mut bytes = self.bytes.clone();
        let current = self.current.iter();
        current.for_each(|block| block.write(&self.fresh, &mut bytes));
        bytes
    }

    /// What it takes in memory, about.
    pub(super) fn weight(&self) -> usize {
        self.bytes.len() + size_of_val(self.fresh.as_slice())
    }

    /// How many sightings one tally can have, at most.
    pub(super) fn blocks(&self) -> usize {
        self.blocks
    }

    /// Whether this event is later than all that this tally may know. One of the same moment may be one of these, of
    /// which it was not known in which order they came.
    pub(super) fn is_later(&self, event: Seen, slot: usize) -> bool {
        let is_before = |one: Option<Seen>| one.is_none_or(|(at, _)| at < event.0);
        match &self.current {
            Some(current) if current.event == event => {
                is_before(current.after) && !current.has(slot)
            }
            Some(_) | None => is_before(self.latest),
        }
    }

    /// Keeps one more, of a tally that has this number; `key` where nothing was known under it.
    pub(super) fn push(&mut self, slot: usize, key: Option<TallyKey>, sighting: &Sighting) {
        let event = (sighting.at, sighting.event);
        // What a tally is told of one event stays in the order in which it came.
        let goes_on = |current: &Block| current.event == event && !current.has(slot);
        if !self.current.as_deref().is_some_and(goes_on) {
            self.end();
            let (after, known) = (self.latest, self.fresh.len());
            self.latest = after.max(Some(event));
            self.blocks += 1;
            self.current = Some(Box::new(Block { event, after, known, counted: Vec::new() }));
        }
        self.fresh.extend(key);
        self.current.iter_mut().for_each(|current| current.count(slot, &sighting.worth));
    }

    /// All of one tally, in turn.
    pub(super) fn of(&self, slot: usize) -> impl Iterator<Item = Sighting> {
        let mut reader = Reader::of(&self.bytes);
        let told = std::iter::from_fn(move || reader.next(&mut |_| {}).flatten());
        let told = told.filter(move |told| told.slots.has(slot)).filter_map(|told| told.sighting());
        told.chain(self.current.iter().flat_map(move |current| {
            let counted = current.counted.iter().filter(move |(_, slots)| slots.has(slot));
            counted.map(|(worth, _)| current.sighting(worth.clone()))
        }))
    }

    /// All of all tallies, each with its number.
    pub(super) fn each(&self, mut see: impl FnMut(usize, Sighting)) {
        let mut reader = Reader::of(&self.bytes);
        while let Some(told) = reader.next(&mut |_| {}).flatten() {
            let Some(sighting) = told.sighting() else { continue };
            told.slots.iter().for_each(|slot| see(slot, sighting.clone()));
        }
        if let Some(current) = &self.current {
            for (worth, slots) in &current.counted {
                slots.iter().for_each(|slot| see(slot, current.sighting(worth.clone())));
            }
        }
    }
}

impl Block {
    fn has(&self, slot: usize) -> bool {
        self.counted.iter().any(|(_, slots)| slots.has(slot))
    }

    fn count(&mut self, slot: usize, worth: &Worth) {
        if let Some((_, slots)) = self.counted.iter_mut().find(|(known, _)| known == worth) {
            return slots.insert(slot);
        }
        let mut slots = Bits::default();
        slots.insert(slot);
        self.counted.push((worth.clone(), slots));
    }

    fn sighting(&self, worth: Worth) -> Sighting {
        let (at, event) = self.event;
        Sighting { at, event, worth }
    }

    fn write(&self, fresh: &[TallyKey], bytes: &mut Vec<u8>) {
        let fresh = fresh.get(self.known..).unwrap_or_default();
        let mut to = Packer(std::mem::take(bytes));
        to.whole(((self.counted.len() as u64) << 1) | u64::from(!fresh.is_empty()));
        to.event(self.event);
        if !fresh.is_empty() {
            to.length(fresh.len());
            fresh.iter().for_each(|key| to.key(*key));
        }
        for (worth, slots) in &self.counted {
            slots::write(slots, worth_tag(worth), &mut to);
            to.worth(worth);
        }
        *bytes = to.0;
    }
}

impl Told<'_> {
    fn sighting(&self) -> Option<Sighting> {
        let (at, event) = self.event;
        let mut worth = self.worth;
        Some(Sighting { at, event, worth: worth.worth(self.tag)? })
    }
}

/// What is left to be read.
#[derive(Clone, Copy, Debug)]
struct Reader<'a> {
    from: Unpacker<'a>,
    event: Option<Seen>,
    /// How many things more were counted of it.
    left: u64,
    /// How many bytes stand behind the event.
    behind: usize,
    /// How an event is read.
    reads: fn(&mut Unpacker<'a>) -> Option<Seen>,
}

impl<'a> Reader<'a> {
    const fn of(bytes: &'a [u8]) -> Self {
        let from = Unpacker(bytes);
        Self { from, event: None, left: 0, behind: 0, reads: Unpacker::event }
    }

    /// The next one; nothing within where there are no more, and nothing at all where the bytes are none of these.
    #[expect(clippy::option_option, reason = "the end is another thing than damage")]
    fn next(&mut self, fresh: &mut impl FnMut(TallyKey)) -> Option<Option<Told<'a>>> {
        let is_first = self.left == 0;
        if is_first {
            if self.from.0.is_empty() {
                return Some(None);
            }
            self.begin(fresh)?;
        }
        self.left = self.left.checked_sub(1)?;
        let (tag, slots) = Slots::read(&mut self.from)?;
        let worth = self.from;
        self.from.skip_worth(tag)?;
        Some(Some(Told { event: self.event?, is_first, tag, worth, slots }))
    }

    fn begin(&mut self, fresh: &mut impl FnMut(TallyKey)) -> Option<()> {
        let told = self.from.whole()?;
        self.left = told >> 1;
        self.event = Some((self.reads)(&mut self.from)?);
        self.behind = self.from.0.len();
        if told & 1 == 1 {
            for _ in 0..self.from.length()? {
                fresh(self.from.key()?);
            }
        }
        Some(())
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::model::{Fixed, Keep, Time};

    fn key(number: usize) -> TallyKey {
        TallyKey { keep: Keep::Latest(3), hash: number as u64 }
    }

    /// As the version before wrote it.
    fn narrow(wide: &[u8]) -> Vec<u8> {
        let (mut bytes, mut copied) = (Vec::new(), 0);
        let mut reader = Reader::of(wide);
        while let Some(told) = reader.next(&mut |_| {}).unwrap() {
            if told.is_first {
                let end = wide.len() - reader.behind;
                bytes.extend(&wide[copied..end - 4]);
                copied = end;
            }
        }
        bytes.extend(&wide[copied..]);
        bytes
    }

    proptest! {
        #[test]
        fn what_the_version_before_noted_is_read(
            turns in prop::collection::vec((any::<prop::sample::Index>(), 0..4_i64, 0..4_i128), 0..30),
            packed in 0..3_usize,
        ) {
            let (mut news, mut known) = (News::after(None), packed);
            for (slot, at, worth) in turns {
                let slot = slot.index(known + 1);
                let fresh = (slot == known).then(|| key(slot));
                known = known.max(slot + 1);
                let worth = Worth::Number(Fixed::of_millionths(worth));
                news.push(slot, fresh, &Sighting { at: Time::from_micros(at), event: 7, worth });
            }
            let bytes = news.end().to_vec();
            let read = News::read_narrow(&narrow(&bytes), packed, None).unwrap();
            prop_assert_eq!((&read.bytes, &read.fresh), (&bytes, &news.fresh));
        }
    }
}
