//! What was seen since tallies were packed: in the order in which it came, to be added to them when one is asked for.
//!
//! Of each sighting: which tally, whether the event is another than the one before, and what is told of its worth, in
//! one number; the key where the tally is new; the event where it is another; and what was counted, unless it is the
//! same as was counted last: many rules count the same of one event.

use super::bytes::{Packer, Seen, Unpacker, worth_tag};
use crate::model::{Sighting, TallyKey, Time, Worth};

/// What is told of a worth that was told before.
const SAME: u64 = 3;

/// See the module.
#[derive(Clone, Debug, Default)]
pub(super) struct News {
    bytes: Vec<u8>,
    /// How many sightings.
    many: usize,
    /// Tallies that were not packed, in the order in which they came.
    pub(super) fresh: Vec<TallyKey>,
    /// The last of all events, packed or not.
    latest: Option<Seen>,
    /// The event of what came last, and who has seen it. Unknown after the bytes were read.
    current: Option<Current>,
    /// What was counted last, other than nothing. Unknown after the bytes were read.
    worth: Worth,
}

#[derive(Clone, Debug)]
struct Current {
    event: Seen,
    /// The last of all events before it.
    after: Option<Seen>,
    /// A bit for each tally.
    seen_by: Vec<u64>,
}

/// A sighting that was read: of which tally, and where what is counted of it stands. Hundreds of these are made for
/// each person who is looked at, so they are short.
#[derive(Clone, Copy, Debug)]
pub(super) struct Told {
    at: Time,
    event: u32,
    pub(super) slot: u32,
    worth: u32,
    tag: u8,
}

impl News {
    /// Nothing, after what was packed.
    pub(super) fn after(latest: Option<Seen>) -> Self {
        Self { latest, ..Self::default() }
    }

    /// Of bytes that stand after so many packed tallies; none of others.
    pub(super) fn read(bytes: &[u8], packed: usize, latest: Option<Seen>) -> Option<Self> {
        let mut news = Self { bytes: bytes.to_vec(), ..Self::after(latest) };
        let mut reader = Reader::new(packed);
        let mut fresh = Vec::new();
        while let Some(told) = reader.next(&news.bytes, &mut fresh)? {
            news.many += 1;
            news.latest = news.latest.max(Some((told.at, told.event)));
            news.sighting(&told)?;
        }
        news.fresh = fresh;
        Some(news)
    }

    pub(super) fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// How many sightings.
    pub(super) fn many(&self) -> usize {
        self.many
    }

    /// Whether this event is later than all that this tally may know.
    pub(super) fn is_later(&self, event: Seen, slot: usize) -> bool {
        match &self.current {
            Some(current) if current.event == event => {
                current.after < Some(event) && !current.has(slot)
            }
            Some(_) | None => self.latest < Some(event),
        }
    }

    /// Keeps one more, of a tally that has this number; `key` where nothing was known under it.
    pub(super) fn push(&mut self, slot: usize, key: Option<TallyKey>, sighting: &Sighting) {
        let event = (sighting.at, sighting.event);
        let is_another = self.current.as_ref().is_none_or(|current| current.event != event);
        let mut to = Packer(std::mem::take(&mut self.bytes));
        let told = ((slot as u64) << 3) | (u64::from(is_another) << 2);
        let is_same = sighting.worth != Worth::Nothing && sighting.worth == self.worth;
        to.whole(told | if is_same { SAME } else { worth_tag(&sighting.worth) });
        if let Some(key) = key {
            to.key(key);
            self.fresh.push(key);
        }
        if is_another {
            to.event(event);
            let after = self.latest;
            self.latest = after.max(Some(event));
            self.current = Some(Current { event, after, seen_by: Vec::new() });
        }
        if !is_same && sighting.worth != Worth::Nothing {
            to.worth(&sighting.worth);
            self.worth.clone_from(&sighting.worth);
        }
        self.bytes = to.0;
        self.many += 1;
        self.current.iter_mut().for_each(|current| current.mark(slot));
    }

    /// All of them in turn.
    pub(super) fn all(&self, packed: usize) -> impl Iterator<Item = Told> {
        let (mut reader, mut fresh) = (Reader::new(packed), Vec::new());
        std::iter::from_fn(move || reader.next(&self.bytes, &mut fresh).flatten())
    }

    /// One of them, whole.
    pub(super) fn sighting(&self, told: &Told) -> Option<Sighting> {
        let worth = self.bytes.get(told.worth as usize..)?;
        let worth = Unpacker(worth).worth(told.tag.into())?;
        Some(Sighting { at: told.at, event: told.event, worth })
    }
}

impl Current {
    fn has(&self, slot: usize) -> bool {
        self.seen_by.get(slot / 64).is_some_and(|bits| bits & (1 << (slot % 64)) != 0)
    }

    fn mark(&mut self, slot: usize) {
        if slot / 64 >= self.seen_by.len() {
            self.seen_by.resize(slot / 64 + 1, 0);
        }
        self.seen_by.get_mut(slot / 64).into_iter().for_each(|bits| *bits |= 1 << (slot % 64));
    }
}

/// How far it has been read.
#[derive(Debug)]
struct Reader {
    at: usize,
    packed: usize,
    event: Option<Seen>,
    /// What is told of the last worth that is, and where it stands.
    worth: Option<(u8, u32)>,
}

impl Reader {
    fn new(packed: usize) -> Self {
        Self { at: 0, packed, event: None, worth: None }
    }

    /// The next one; nothing within where there are no more, and nothing at all where the bytes are none of these.
    #[expect(clippy::option_option, reason = "the end is another thing than damage")]
    fn next(&mut self, bytes: &[u8], fresh: &mut Vec<TallyKey>) -> Option<Option<Told>> {
        let mut from = Unpacker(bytes.get(self.at..)?);
        if from.0.is_empty() {
            return Some(None);
        }
        let told = from.whole()?;
        let slot = usize::try_from(told >> 3).ok()?;
        let known = self.packed + fresh.len();
        if slot == known {
            fresh.push(from.key()?);
        } else if slot > known {
            return None;
        }
        if told & 4 != 0 {
            self.event = Some(from.event()?);
        }
        let (at, event) = self.event?;
        let (tag, worth) = match told & 3 {
            0 => (0, 0),
            SAME => self.worth?,
            tag => {
                let at = u32::try_from(bytes.len() - from.0.len()).ok()?;
                from.skip_worth(tag)?;
                *self.worth.insert((u8::try_from(tag).ok()?, at))
            }
        };
        self.at = bytes.len() - from.0.len();
        let slot = u32::try_from(slot).ok()?;
        Some(Some(Told { at, event, slot, worth, tag }))
    }
}
