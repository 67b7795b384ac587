//! All that is counted of somebody.
//!
//! Open, it can be counted in; packed, it takes a fraction of that. Somebody who is not there at the moment is
//! remembered packed, so that more are remembered, and is written as they are.

mod pack;
mod unpack;

use std::collections::HashMap;
use std::sync::{Arc, OnceLock};

use super::{Sighting, Tally, TallyKey};

/// Tallies by the keys of what they count: rules that count the same share one. Keys are hashes already, and
/// nobody outside chooses them.
type Open = HashMap<TallyKey, Tally, foldhash::fast::FixedState>;

/// See the module.
#[derive(Clone, Debug, Default)]
pub struct Tallies {
    packed: Option<Arc<[u8]>>,
    /// The same, from when it is asked for.
    open: OnceLock<Open>,
}

impl Tallies {
    /// Of bytes that [`Tallies::packed`] has made; none of others.
    #[must_use]
    pub fn of_packed(bytes: &[u8]) -> Option<Self> {
        let open = unpack::unpack(bytes)?;
        Some(Self { packed: Some(bytes.into()), open: open.into() })
    }

    /// Bytes of all of them.
    #[must_use]
    pub fn packed(&self) -> Arc<[u8]> {
        self.packed.clone().unwrap_or_else(|| pack::pack(self.all()).into())
    }

    /// Packs them, until they are asked for.
    pub fn close(&mut self) {
        if !self.is_empty() {
            self.packed = Some(self.packed());
            self.open = OnceLock::new();
        }
    }

    fn all(&self) -> &Open {
        let packed = self.packed.as_deref();
        // What is packed was packed here, or was read once already.
        self.open.get_or_init(|| packed.and_then(unpack::unpack).unwrap_or_default())
    }

    /// To be changed.
    fn all_mut(&mut self) -> &mut Open {
        if let Some(packed) = self.packed.take() {
            self.open.get_or_init(|| unpack::unpack(&packed).unwrap_or_default());
        }
        self.open.get_or_init(Open::default);
        self.open.get_mut().expect("it was opened above")
    }

    /// Whether nothing is counted.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.packed.is_none() && self.open.get().is_none_or(HashMap::is_empty)
    }

    /// What is counted under this key.
    #[must_use]
    pub fn get(&self, key: &TallyKey) -> Option<&Tally> {
        self.all().get(key)
    }

    /// All of them, in no order.
    pub fn iter(&self) -> impl Iterator<Item = (&TallyKey, &Tally)> {
        self.all().iter()
    }

    /// Takes one in, in place of the one of its key.
    pub fn put(&mut self, key: TallyKey, tally: Tally) {
        self.all_mut().insert(key, tally);
    }

    /// Takes in what was seen; false when that leaves everything as it was.
    pub fn add(&mut self, key: TallyKey, sighting: Sighting) -> bool {
        self.all_mut().entry(key).or_insert_with(|| Tally::new(key.keep)).add(sighting)
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
        let packed = self.packed.as_ref().map_or(0, |packed| packed.len());
        let open = self.open.get().into_iter().flat_map(HashMap::values);
        packed + open.map(|tally| KEY_BYTES + tally.bytes()).sum::<usize>()
    }

    fn with(&mut self, other: &Self, unite: fn(&mut Tally, &Tally)) {
        if other.is_empty() {
            return;
        }
        let all = self.all_mut();
        for (key, theirs) in other.iter() {
            match all.get_mut(key) {
                Some(ours) => unite(ours, theirs),
                None => drop(all.insert(*key, theirs.clone())),
            }
        }
    }
}

/// However they are kept.
impl PartialEq for Tallies {
    fn eq(&self, other: &Self) -> bool {
        self.all() == other.all()
    }
}

impl Eq for Tallies {}

#[cfg(test)]
pub(crate) mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::model::{Fixed, Keep, Sums, Time, Worth};

    fn worth() -> impl Strategy<Value = Worth> {
        prop_oneof![
            Just(Worth::Nothing),
            any::<i128>().prop_map(|number| Worth::Number(Fixed::of_millionths(number))),
            "[a-zž\"\\\\]{0,5}".prop_map(Worth::Text),
        ]
    }

    fn keep() -> impl Strategy<Value = Keep> {
        prop_oneof![
            any::<u16>().prop_map(Keep::Latest),
            any::<u32>().prop_map(Keep::Sums),
            Just(Keep::Earliest),
            Just(Keep::Least),
            Just(Keep::Greatest),
            Just(Keep::Values),
            Just(Keep::Words),
        ]
    }

    pub(crate) fn tallies() -> impl Strategy<Value = Tallies> {
        let sighting = (-9..9_i64, 0..3_u32, worth());
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
            prop_assert!(closed.is_empty() || closed.open.get().is_none());
            prop_assert_eq!(&closed, &tallies);
            closed.close();
            let mut both = [closed, tallies];
            both.iter_mut().for_each(|one| one.overlay(&more));
            prop_assert_eq!(&both[0], &both[1]);
            prop_assert_eq!(&Tallies::of_packed(&both[0].packed()).unwrap(), &both[1]);
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
