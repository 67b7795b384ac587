//! Tallies that nobody has opened: packed ones, what was seen since, and those that were asked for.
//!
//! Whoever comes adds to a hundred of them and has a few looked at. So what is added is only noted, and what is
//! looked at is read by itself; unpacking all of them and packing them again took most of a payload's time.

use std::sync::OnceLock;

use super::base::Base;
use super::bytes::{Packer, Unpacker};
use super::news::News;
use super::noted;
use crate::model::{Keep, Sighting, Tally, TallyKey};

/// The first byte.
const VERSION: u8 = 5;
/// The same of what does not say in which order events of one moment came.
const WITHOUT_ORDER: u8 = 4;
/// The same of what has notes one by one behind what is packed, too.
const WITH_NOTES: u8 = 3;
/// The same of what has places behind its hashes, too.
const WITH_PLACES: u8 = 2;
/// Most bytes of what was seen since, where what was packed is not twice as long.
const NEWS_BYTES_MAX: usize = 1_024;
/// Most tallies that were not packed: they are gone through one by one.
const FRESH_MAX: usize = 64;
/// Of whom so many were not packed, all is packed anew.
const FRESH_LEFT_MAX: usize = 16;

/// See the module.
#[derive(Clone, Debug)]
pub(super) struct Closed {
    base: Base,
    news: News,
    asked: OnceLock<Asked>,
}

/// Those that were asked for, by their numbers.
type Asked = Vec<OnceLock<Box<Tally>>>;

impl Closed {
    pub(super) fn pack<'a>(tallies: impl Iterator<Item = (TallyKey, &'a Tally)>) -> Self {
        let base = Base::pack(tallies);
        let news = News::after(base.last());
        Self { base, news, asked: OnceLock::new() }
    }

    /// Of bytes that [`Closed::write`] or a version before has made, after the version; none of others.
    pub(super) fn read(version: u8, bytes: &[u8]) -> Option<Self> {
        let mut from = Unpacker(bytes);
        let many = from.length()?;
        let base = from.bytes(many)?;
        let base = match version {
            VERSION => Base::read(base)?,
            WITHOUT_ORDER | WITH_NOTES => Base::read_narrow(base)?,
            WITH_PLACES => Base::read_with_places(base)?,
            _ => return None,
        };
        let many = from.length()?;
        let read = match version {
            VERSION => News::read,
            WITHOUT_ORDER => News::read_narrow,
            _ => noted::read,
        };
        let news = read(from.bytes(many)?, base.many(), base.last())?;
        let mut fresh = news.fresh.iter().enumerate();
        let is_known = fresh.any(|(at, key)| {
            base.slot(key).is_some() || news.fresh.iter().take(at).any(|other| other == key)
        });
        let is_whole = from.0.is_empty() && !is_known;
        is_whole.then_some(Self { base, news, asked: OnceLock::new() })
    }

    pub(super) fn write(&self) -> Vec<u8> {
        let (base, news) = (self.base.bytes(), self.news.written());
        let mut to = Packer(Vec::with_capacity(base.len() + news.len() + 8));
        to.0.push(VERSION);
        for part in [base, &news] {
            to.length(part.len());
            to.0.extend(part);
        }
        to.0
    }

    /// Nobody asks any more. When much was seen since, all of it is packed anew.
    pub(super) fn close(&mut self) {
        let (news, base) = (self.news.end().len(), self.base.bytes().len());
        if news > NEWS_BYTES_MAX.max(base / 2) || self.news.fresh.len() > FRESH_LEFT_MAX {
            let all = self.opened();
            let all = all.iter().enumerate();
            *self = Self::pack(all.filter_map(|(slot, tally)| Some((self.key(slot)?, tally))));
        }
        self.asked = OnceLock::new();
    }

    pub(super) fn bytes(&self) -> usize {
        self.base.weight() + self.news.weight()
    }

    /// How many.
    pub(super) fn many(&self) -> usize {
        self.base.many() + self.news.fresh.len()
    }

    /// All of them.
    pub(super) fn all(&self) -> impl Iterator<Item = (TallyKey, &Tally)> {
        let asked = self.asked.get_or_init(|| self.none_asked());
        // Each by itself would go through all that was seen.
        if asked.iter().any(|one| one.get().is_none()) {
            for (one, tally) in asked.iter().zip(self.opened()) {
                one.get_or_init(|| Box::new(tally));
            }
        }
        (0..self.many()).filter_map(|slot| Some((self.key(slot)?, self.tally(slot)?)))
    }

    pub(super) fn get(&self, key: &TallyKey) -> Option<&Tally> {
        self.tally(self.slot(key)?)
    }

    /// How many sightings there are under this key, at most.
    pub(super) fn many_of(&self, key: &TallyKey) -> usize {
        let Some(slot) = self.slot(key) else { return 0 };
        let asked = self.asked.get().and_then(|asked| asked.get(slot)?.get());
        let packed = || if slot < self.base.many() { self.base.many_of(slot) } else { Some(0) };
        asked.map_or_else(
            || packed().map_or(usize::MAX, |packed| packed + self.news.blocks()),
            |tally| tally.sightings.len(),
        )
    }

    /// Takes in what was seen: whether that changes anything. None where it is too much, and all are to be opened.
    pub(super) fn add(&mut self, key: TallyKey, sighting: &Sighting) -> Option<bool> {
        let Some(slot) = self.slot(&key) else { return self.begin(key, sighting) };
        if self.news.is_later((sighting.at, sighting.event), slot) {
            match key.keep {
                Keep::Latest(1..) | Keep::Sums(_) | Keep::Values | Keep::Words => {
                    if let Some(tally) = self.asked(slot) {
                        tally.add(sighting.clone());
                    }
                    self.news.push(slot, None, sighting);
                    return Some(true);
                }
                Keep::Earliest if !self.is_unseen(slot) => return Some(false),
                Keep::Latest(0) | Keep::Earliest | Keep::Least | Keep::Greatest => {}
            }
        }
        self.tally(slot)?;
        let is_more = self.asked(slot)?.add(sighting.clone());
        if is_more {
            self.news.push(slot, None, sighting);
        }
        Some(is_more)
    }

    /// The first of a tally.
    fn begin(&mut self, key: TallyKey, sighting: &Sighting) -> Option<bool> {
        let mut tally = Tally::new(key.keep);
        if !tally.add(sighting.clone()) {
            return Some(false);
        }
        if self.news.fresh.len() >= FRESH_MAX {
            return None;
        }
        if let Some(asked) = self.asked.get_mut() {
            asked.push(OnceLock::from(Box::new(tally)));
        }
        self.news.push(self.base.many() + self.news.fresh.len(), Some(key), sighting);
        Some(true)
    }

    fn slot(&self, key: &TallyKey) -> Option<usize> {
        let fresh = || self.news.fresh.iter().position(|fresh| fresh == key);
        self.base.slot(key).or_else(|| fresh().map(|at| self.base.many() + at))
    }

    fn key(&self, slot: usize) -> Option<TallyKey> {
        if let Some(at) = slot.checked_sub(self.base.many()) {
            return self.news.fresh.get(at).copied();
        }
        self.base.key(slot).map(|(hash, keep)| TallyKey { keep, hash })
    }

    fn is_unseen(&self, slot: usize) -> bool {
        slot < self.base.many() && self.base.many_of(slot).is_none_or(|many| many == 0)
    }

    /// One that is asked for while others are, to be changed.
    fn asked(&mut self, slot: usize) -> Option<&mut Tally> {
        let tally = self.asked.get_mut()?.get_mut(slot)?.get_mut();
        tally.map(|tally| &mut **tally)
    }

    fn tally(&self, slot: usize) -> Option<&Tally> {
        let asked = self.asked.get_or_init(|| self.none_asked());
        let tally = asked.get(slot)?;
        Some(tally.get_or_init(|| Box::new(self.open(slot))))
    }

    fn none_asked(&self) -> Asked {
        vec![OnceLock::new(); self.many()]
    }

    /// As it was packed.
    fn packed(&self, slot: usize) -> Tally {
        let keep = || self.key(slot).map_or(Keep::Earliest, |key| key.keep);
        self.base.tally(slot).unwrap_or_else(|| Tally::new(keep()))
    }

    /// As it was packed, and what was seen since.
    fn open(&self, slot: usize) -> Tally {
        let mut tally = self.packed(slot);
        for sighting in self.news.of(slot) {
            tally.add(sighting);
        }
        tally
    }

    /// All of them, in one go.
    fn opened(&self) -> Vec<Tally> {
        let mut all: Vec<Tally> = (0..self.many()).map(|slot| self.packed(slot)).collect();
        self.news.each(|slot, sighting| {
            if let Some(tally) = all.get_mut(slot) {
                tally.add(sighting);
            }
        });
        all
    }
}
