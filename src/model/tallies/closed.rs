//! Tallies that nobody has opened: packed ones, what was seen since, and those that were asked for.
//!
//! Whoever comes adds to a hundred of them and has a few looked at. So what is added is only noted, and what is
//! looked at is read by itself; unpacking all of them and packing them again took most of a payload's time.

use std::sync::OnceLock;

use super::base::Base;
use super::bytes::{Packer, Unpacker};
use super::news::News;
use crate::model::{Keep, Sighting, Tally, TallyKey};

/// The first byte.
const VERSION: u8 = 3;
/// The same of what has places behind its hashes.
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

/// Those that were asked for.
#[derive(Clone, Debug, Default)]
struct Asked {
    tallies: Vec<OnceLock<Box<Tally>>>,
    /// Of each tally the first of its news, counted from one.
    firsts: Vec<u32>,
    /// Of each piece of news the next one of the same tally, and what it is.
    heard: Vec<(u32, super::news::Told)>,
}

impl Closed {
    pub(super) fn pack<'a>(tallies: impl Iterator<Item = (TallyKey, &'a Tally)>) -> Self {
        let base = Base::pack(tallies);
        let news = News::after(base.last());
        Self { base, news, asked: OnceLock::new() }
    }

    /// Of bytes that [`Closed::write`] has made, after the version; none of others.
    pub(super) fn read(version: u8, bytes: &[u8]) -> Option<Self> {
        let mut from = Unpacker(bytes);
        let many = from.length()?;
        let base = from.bytes(many)?;
        let base = match version {
            VERSION => Base::read(base)?,
            WITH_PLACES => Base::read_with_places(base)?,
            _ => return None,
        };
        let many = from.length()?;
        let news = News::read(from.bytes(many)?, base.many(), base.last())?;
        let mut fresh = news.fresh.iter().enumerate();
        let is_known = fresh.any(|(at, key)| {
            base.slot(key).is_some() || news.fresh.iter().take(at).any(|other| other == key)
        });
        let is_whole = from.0.is_empty() && !is_known;
        is_whole.then_some(Self { base, news, asked: OnceLock::new() })
    }

    pub(super) fn write(&self) -> Vec<u8> {
        let (base, news) = (self.base.bytes(), self.news.bytes());
        let mut to = Packer(Vec::with_capacity(base.len() + news.len() + 8));
        to.0.push(VERSION);
        for part in [base, news] {
            to.length(part.len());
            to.0.extend(part);
        }
        to.0
    }

    /// Nobody asks any more. When much was seen since, all of it is packed anew.
    pub(super) fn close(&mut self) {
        let (news, base) = (self.news.bytes().len(), self.base.bytes().len());
        if news > NEWS_BYTES_MAX.max(base / 2) || self.news.fresh.len() > FRESH_LEFT_MAX {
            *self = Self::pack(self.all());
        }
        self.asked = OnceLock::new();
    }

    pub(super) fn bytes(&self) -> usize {
        self.base.weight() + self.news.bytes().len()
    }

    /// How many.
    pub(super) fn many(&self) -> usize {
        self.base.many() + self.news.fresh.len()
    }

    /// All of them.
    pub(super) fn all(&self) -> impl Iterator<Item = (TallyKey, &Tally)> {
        (0..self.many()).filter_map(|slot| Some((self.key(slot)?, self.tally(slot)?)))
    }

    pub(super) fn get(&self, key: &TallyKey) -> Option<&Tally> {
        self.tally(self.slot(key)?)
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
            asked.tallies.push(OnceLock::from(Box::new(tally)));
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
        slot < self.base.many() && self.base.is_unseen(slot) != Some(false)
    }

    /// One that is asked for while others are, to be changed.
    fn asked(&mut self, slot: usize) -> Option<&mut Tally> {
        self.asked.get()?;
        self.tally(slot)?;
        let tally = self.asked.get_mut()?.tallies.get_mut(slot)?.get_mut();
        tally.map(|tally| &mut **tally)
    }

    fn tally(&self, slot: usize) -> Option<&Tally> {
        let asked = self.asked.get_or_init(|| self.asked_for());
        let tally = asked.tallies.get(slot)?;
        Some(tally.get_or_init(|| Box::new(self.opened(asked, slot))))
    }

    fn asked_for(&self) -> Asked {
        let many = self.many();
        let mut heard: Vec<_> = Vec::with_capacity(self.news.many());
        heard.extend(self.news.all(self.base.many()).map(|told| (0, told)));
        let mut firsts = vec![0; many];
        for at in (0..heard.len()).rev() {
            let Some((next, told)) = heard.get_mut(at) else { continue };
            let Some(first) = firsts.get_mut(told.slot as usize) else { continue };
            *next = std::mem::replace(first, u32::try_from(at + 1).unwrap_or(0));
        }
        Asked { tallies: vec![OnceLock::new(); many], firsts, heard }
    }

    /// As it was packed, and what was seen since.
    fn opened(&self, asked: &Asked, slot: usize) -> Tally {
        let packed = self.base.tally(slot);
        let keep = self.key(slot).map_or(Keep::Earliest, |key| key.keep);
        let mut tally = packed.unwrap_or_else(|| Tally::new(keep));
        let mut next = asked.firsts.get(slot).copied().unwrap_or(0);
        while let Some((after, told)) =
            (next as usize).checked_sub(1).and_then(|at| asked.heard.get(at))
        {
            if let Some(sighting) = self.news.sighting(told) {
                tally.add(sighting);
            }
            next = *after;
        }
        tally
    }
}
