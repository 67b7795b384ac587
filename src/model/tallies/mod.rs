//! All that is counted of somebody.
//!
//! Open, it can be counted in; packed, it takes a fraction of that. Somebody who is not there at the moment is
//! remembered packed, so that more are remembered, and is written as they are.

mod base;
mod bytes;
mod closed;
mod first;
mod news;
mod noted;
mod slots;

use std::collections::HashMap;

use super::{Keep, Sighting, Tally, TallyKey};
use closed::Closed;

/// Tallies by the keys of what they count: rules that count the same share one. Keys are hashes already, and
/// nobody outside chooses them.
type Open = HashMap<TallyKey, Tally, foldhash::fast::FixedState>;

/// See the module.
#[derive(Clone, Debug)]
pub struct Tallies(Kept);

#[derive(Clone, Debug)]
enum Kept {
    Open(Open),
    Closed(Box<Closed>),
}

impl Default for Tallies {
    fn default() -> Self {
        Self(Kept::Open(Open::default()))
    }
}

impl Tallies {
    /// Of bytes that [`Tallies::packed`] has made; none of others.
    #[must_use]
    pub fn of_packed(bytes: &[u8]) -> Option<Self> {
        let (version, bytes) = bytes.split_first()?;
        match *version {
            first::VERSION => first::unpack(bytes).map(|open| Self(Kept::Open(open))),
            version => Closed::read(version, bytes).map(|closed| Self(Kept::Closed(closed.into()))),
        }
    }

    /// Bytes of all of them.
    #[must_use]
    pub fn packed(&self) -> Vec<u8> {
        match &self.0 {
            Kept::Open(open) => closed(open).write(),
            Kept::Closed(closed) => closed.write(),
        }
    }

    /// Packs them, until they are changed otherwise than by what is added.
    pub fn close(&mut self) {
        match &mut self.0 {
            Kept::Open(open) if open.is_empty() => {}
            Kept::Open(open) => self.0 = Kept::Closed(closed(open).into()),
            Kept::Closed(all) => all.close(),
        }
    }

    /// To be changed.
    fn open(&mut self) -> &mut Open {
        if let Kept::Closed(closed) = &self.0 {
            let all = closed.all().map(|(key, tally)| (key, tally.clone()));
            self.0 = Kept::Open(all.collect());
        }
        match &mut self.0 {
            Kept::Open(open) => open,
            Kept::Closed(_) => unreachable!("they were opened above"),
        }
    }

    /// Whether nothing is counted.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.many() == 0
    }

    fn many(&self) -> usize {
        match &self.0 {
            Kept::Open(open) => open.len(),
            Kept::Closed(closed) => closed.many(),
        }
    }

    /// What is counted under this key.
    #[must_use]
    pub fn get(&self, key: &TallyKey) -> Option<&Tally> {
        match &self.0 {
            Kept::Open(open) => open.get(key),
            Kept::Closed(closed) => closed.get(key),
        }
    }

    /// Whether as many are kept under this key as may be, or there might be: an older one may have given way to the last.
    #[must_use]
    pub fn may_be_full(&self, key: &TallyKey) -> bool {
        let Keep::Latest(most) = key.keep else { return true };
        let many = match &self.0 {
            Kept::Open(open) => open.get(key).map_or(0, |tally| tally.sightings.len()),
            Kept::Closed(closed) => closed.many_of(key),
        };
        many >= usize::from(most)
    }

    /// All of them, in no order.
    pub fn iter(&self) -> impl Iterator<Item = (TallyKey, &Tally)> {
        let (open, closed) = match &self.0 {
            Kept::Open(open) => (Some(open), None),
            Kept::Closed(closed) => (None, Some(closed)),
        };
        let open = open.into_iter().flatten().map(|(key, tally)| (*key, tally));
        open.chain(closed.into_iter().flat_map(|closed| closed.all()))
    }

    /// Takes one in, in place of the one of its key.
    pub fn put(&mut self, key: TallyKey, tally: Tally) {
        self.open().insert(key, tally);
    }

    /// Takes in what was seen; false when that leaves everything as it was.
    pub fn add(&mut self, key: TallyKey, sighting: Sighting) -> bool {
        if let Kept::Closed(closed) = &mut self.0
            && let Some(is_more) = closed.add(key, &sighting)
        {
            return is_more;
        }
        let open = self.open();
        if let Some(tally) = open.get_mut(&key) {
            return tally.add(sighting);
        }
        let mut tally = Tally::new(key.keep);
        let is_kept = tally.add(sighting);
        is_kept.then(|| open.insert(key, tally));
        is_kept
    }

    /// Takes in what is known of another person who turned out to be the same.
    pub fn unite(&mut self, other: &Self) {
        self.with(other, Tally::unite);
    }

    /// Takes in what is known of the same person from elsewhere.
    pub fn overlay(&mut self, other: &Self) {
        self.with(other, Tally::overlay);
    }

    /// What it takes in memory, about, in bytes.
    #[must_use]
    pub fn bytes(&self) -> usize {
        const KEY_BYTES: usize = 24;
        match &self.0 {
            Kept::Open(open) => open.values().map(|tally| KEY_BYTES + tally.bytes()).sum(),
            Kept::Closed(closed) => closed.bytes(),
        }
    }

    fn with(&mut self, other: &Self, unite: fn(&mut Tally, &Tally)) {
        if other.is_empty() {
            return;
        }
        let all = self.open();
        for (key, theirs) in other.iter() {
            match all.get_mut(&key) {
                Some(ours) => unite(ours, theirs),
                None => drop(all.insert(key, theirs.clone())),
            }
        }
    }
}

fn closed(open: &Open) -> Closed {
    Closed::pack(open.iter().map(|(key, tally)| (*key, tally)))
}

/// However they are kept.
impl PartialEq for Tallies {
    fn eq(&self, other: &Self) -> bool {
        let is_same = |(key, tally): (TallyKey, &Tally)| other.get(&key) == Some(tally);
        self.many() == other.many() && self.iter().all(is_same)
    }
}

impl Eq for Tallies {}

#[cfg(test)]
pub(crate) mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::model::{Fixed, Sums, Time, Worth};

    fn worth() -> impl Strategy<Value = Worth> {
        prop_oneof![
            Just(Worth::Nothing),
            any::<i128>().prop_map(|number| Worth::Number(Fixed::of_millionths(number))),
            // Many rules count the same of one event.
            (0..2_i128).prop_map(|number| Worth::Number(Fixed::of_millionths(number))),
            "[a-zž\"\\\\]{0,5}".prop_map(Worth::Text),
        ]
    }

    /// Of few hashes, some of which nobody has said of when they came.
    fn event() -> impl Strategy<Value = u64> {
        (0..3_u64)
            .prop_flat_map(|hash| (0..3_u64).prop_map(move |order| (order << 32) | (hash << order)))
    }

    fn keep() -> impl Strategy<Value = Keep> {
        prop_oneof![
            any::<u16>().prop_map(Keep::Latest),
            (0..2_u32).prop_map(Keep::Sums),
            any::<u32>().prop_map(Keep::Sums),
            Just(Keep::Earliest),
            Just(Keep::Least),
            Just(Keep::Greatest),
            Just(Keep::Values),
            Just(Keep::Words),
        ]
    }

    /// A sighting of one of few tallies, mostly later than those before.
    fn counted() -> impl Strategy<Value = (TallyKey, Sighting)> {
        let at = prop_oneof![-9..9_i64, 0..900_i64];
        (keep(), 0..3_u64, at, event(), worth()).prop_map(|(keep, hash, at, event, worth)| {
            let keep = if let Keep::Latest(many) = keep { Keep::Latest(many % 4) } else { keep };
            let at = Time::from_micros(1_767_607_200_000_000 + at);
            let key = TallyKey { keep, hash };
            (key, Sighting { at, event, worth })
        })
    }

    pub(crate) fn tallies() -> impl Strategy<Value = Tallies> {
        let sighting = (-9..9_i64, event(), worth());
        let sums = (any::<i64>(), any::<u64>(), any::<i128>());
        let tally = (
            (keep(), any::<u64>()),
            prop::collection::vec(sighting, 0..6),
            prop::collection::vec(sums, 0..3),
            prop::option::of(any::<i64>()),
        );
        prop::collection::vec(tally, 0..8).prop_map(|all| {
            let mut tallies = Tallies::default();
            for ((keep, hash), sightings, sums, through) in all {
                let key = TallyKey { keep, hash };
                for (at, event, worth) in sightings {
                    let at = Time::from_micros(1_767_607_200_000_000 + at);
                    tallies.add(key, Sighting { at, event, worth });
                }
                let Some(mut tally) = tallies.get(&key).cloned() else { continue };
                tally.through = through.map(Time::from_micros);
                tally.before.extend(sums.into_iter().map(|(begin, count, sum)| {
                    let [sum, least, greatest] = [sum, -1, i128::MAX].map(Fixed::of_millionths);
                    (begin, Sums { count, sum, least, greatest })
                }));
                tallies.put(key, tally);
            }
            tallies
        })
    }

    proptest! {
        #[test]
        fn what_is_closed_opens_as_it_was(tallies in tallies(), more in tallies()) {
            let mut closed = tallies.clone();
            closed.close();
            prop_assert!(closed.is_empty() || matches!(closed.0, Kept::Closed(_)));
            prop_assert_eq!(&closed, &tallies);
            closed.close();
            let mut both = [closed, tallies];
            both.iter_mut().for_each(|one| one.overlay(&more));
            prop_assert_eq!(&both[0], &both[1]);
            prop_assert_eq!(&Tallies::of_packed(&both[0].packed()).unwrap(), &both[1]);
        }

        #[test]
        fn who_is_closed_is_counted_on_as_who_is_open(
            before in tallies(),
            turns in prop::collection::vec(prop::collection::vec((counted(), 1..3_usize), 0..9), 1..9),
            asked in prop::collection::vec(any::<bool>(), 9),
        ) {
            let (mut open, mut closed) = (before.clone(), before);
            for (turn, is_asked) in turns.into_iter().zip(asked) {
                closed.close();
                // The same may be seen again at once.
                let turn = turn.into_iter().flat_map(|(one, times)| std::iter::repeat_n(one, times));
                for (key, sighting) in turn {
                    if is_asked {
                        prop_assert_eq!(closed.get(&key), open.get(&key));
                    }
                    let is_more = open.add(key, sighting.clone());
                    prop_assert_eq!(closed.add(key, sighting), is_more);
                    prop_assert!(closed.may_be_full(&key) || !open.may_be_full(&key));
                    if is_asked {
                        prop_assert_eq!(closed.get(&key), open.get(&key));
                    }
                }
                prop_assert_eq!(&Tallies::of_packed(&closed.packed()).unwrap(), &open);
            }
            prop_assert_eq!(&closed, &open);
        }

        #[test]
        fn what_is_damaged_is_refused_and_nobody_falls(
            tallies in tallies(), at in any::<prop::sample::Index>(), byte in any::<u8>(),
        ) {
            let mut bytes = tallies.packed().to_vec();
            let at = at.index(bytes.len());
            bytes[at] = byte;
            drop(Tallies::of_packed(&bytes));
            bytes.truncate(at);
            prop_assert_eq!(Tallies::of_packed(&bytes), None);
        }
    }
}
