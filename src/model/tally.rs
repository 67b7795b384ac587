//! What is remembered of the things that somebody did: enough to count them, and little enough to keep.
//!
//! A tally is a set of sightings, of which only those are kept that its rule needs. Sets unite in any order
//! and as often as one likes: what comes late, comes again, or is known to two who turn out to be one person
//! is counted once.

use std::collections::{BTreeMap, VecDeque};

use super::{Fixed, Keep, Sighting, Time, Worth};

/// Most sightings of one tally. Where more are to be counted, the oldest go into sums.
pub const SIGHTINGS_MAX: usize = 512;
/// Most sums of one tally: a window in sixty-four parts, the one that has begun and the one that goes.
pub const SUMS_MAX: usize = 66;
/// Longest text that is kept whole where one sighting is, in bytes.
pub const TEXT_BYTES_MAX: usize = 2_048;
/// The same where many are.
pub const TEXT_OF_MANY_BYTES_MAX: usize = 256;

/// What of an event is counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Counts {
    /// Numbers and texts, each as it is.
    Anything,
    /// Numbers, and texts that write one.
    Numbers,
}

/// What sightings come to that are not known one by one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Sums {
    /// How many.
    pub count: u64,
    /// All of their numbers together.
    pub sum: Fixed,
    /// The least number.
    pub least: Fixed,
    /// The greatest.
    pub greatest: Fixed,
}

/// See the module.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tally {
    /// Which sightings are kept.
    pub keep: Keep,
    /// Sorted.
    pub sightings: VecDeque<Sighting>,
    /// Those that are not known one by one, by the beginning of each sum in microseconds since 1970.
    pub before: BTreeMap<i64, Sums>,
    /// Everything up to this moment is in the sums.
    pub through: Option<Time>,
}

impl Sums {
    fn of(worth: &Worth) -> Self {
        let number = if let Worth::Number(number) = worth { *number } else { Fixed::default() };
        Self { count: 1, sum: number, least: number, greatest: number }
    }

    /// Both together.
    #[must_use]
    pub fn and(self, more: Self) -> Self {
        Self {
            count: self.count.saturating_add(more.count),
            sum: self.sum.plus(more.sum),
            least: self.least.min(more.least),
            greatest: self.greatest.max(more.greatest),
        }
    }
}

impl Tally {
    /// Of nothing.
    #[must_use]
    pub fn new(keep: Keep) -> Self {
        // Most tallies have one or none.
        Self { keep, sightings: VecDeque::with_capacity(1), before: BTreeMap::new(), through: None }
    }

    /// Takes in what was seen; false when that leaves everything as it was.
    pub fn add(&mut self, sighting: Sighting) -> bool {
        let Some(at) = self.place_of(&sighting) else { return false };
        let is_kept = self.keeps(at, &sighting);
        if is_kept {
            self.put(at, sighting);
        }
        is_kept
    }

    /// Where it belongs; none where it is there already.
    fn place_of(&self, sighting: &Sighting) -> Option<usize> {
        if self.sightings.back().is_none_or(|last| last.at < sighting.at) {
            return Some(self.sightings.len());
        }
        let at = self.sightings.binary_search(sighting).err()?;
        let (earlier, later) = (self.sightings.range(..at).rev(), self.sightings.range(at..));
        let is_then = |one: &&Sighting| one.at == sighting.at;
        let mut then = earlier.take_while(is_then).chain(later.take_while(is_then));
        let is_it = |one: &Sighting| one.worth == sighting.worth && one.is_of_same_event(sighting);
        (!then.any(is_it)).then_some(at)
    }

    /// Whether it would stay, in this place.
    fn keeps(&self, at: usize, sighting: &Sighting) -> bool {
        let order = |one: &Sighting, other: &Sighting| {
            one.worth.cmp(&other.worth).then_with(|| one.cmp(other))
        };
        let is_no_latest = |most: usize| at == 0 && self.sightings.len() >= most;
        let mut others = self.sightings.iter();
        match self.keep {
            Keep::Latest(most) => !is_no_latest(usize::from(most)),
            Keep::Earliest => at == 0,
            Keep::Least => others.all(|one| order(sighting, one).is_lt()),
            Keep::Greatest => others.all(|one| order(sighting, one).is_gt()),
            Keep::Values | Keep::Words => {
                let mut later = self.sightings.range(at..);
                !is_no_latest(SIGHTINGS_MAX) && !later.any(|one| self.is_same(one, sighting))
            }
            Keep::Sums(_) => true,
        }
    }

    /// Puts one in that stays; what must give way to it goes.
    fn put(&mut self, at: usize, sighting: Sighting) {
        match self.keep {
            Keep::Earliest | Keep::Least | Keep::Greatest => {
                self.sightings.clear();
                self.sightings.push_back(sighting);
            }
            Keep::Values | Keep::Words => {
                let mut before = (0..at).rev();
                let same = before.find(|one| self.is_same(&self.sightings[*one], &sighting));
                let place = at - usize::from(same.is_some());
                same.into_iter().for_each(|same| drop(self.sightings.remove(same)));
                self.sightings.insert(place, sighting);
                let too_many = self.sightings.len().saturating_sub(SIGHTINGS_MAX);
                self.sightings.drain(..too_many);
            }
            Keep::Latest(_) | Keep::Sums(_) => {
                self.sightings.insert(at, sighting);
                self.trim();
            }
        }
    }

    /// Whether only the later one of both is kept.
    fn is_same(&self, one: &Sighting, other: &Sighting) -> bool {
        if self.keep == Keep::Words { one.event == other.event } else { one.worth == other.worth }
    }

    /// Takes in what is known of another person who turned out to be the same.
    pub fn unite(&mut self, other: &Self) {
        for (begin, sums) in &other.before {
            add_sums(&mut self.before, *begin, *sums);
        }
        self.through = self.through.max(other.through);
        self.take_all(&other.sightings, None);
    }

    /// Takes in what is known of the same person from elsewhere: both may have seen the same. Sums cannot
    /// tell what they have seen: those count that go further.
    pub fn overlay(&mut self, other: &Self) {
        let rank =
            |one: &Self| (one.through, one.before.values().map(|sums| sums.count).sum::<u64>());
        if rank(other) > rank(self) {
            self.before.clone_from(&other.before);
            self.through = other.through;
            let through = self.through;
            self.sightings.retain(|sighting| Some(sighting.at) > through);
        }
        let through = self.through;
        self.take_all(&other.sightings, through);
    }

    /// What happened later than `from`; of all time without it. Sums that began by then are left out.
    #[must_use]
    pub fn sums_since(&self, from: Option<Time>) -> Option<Sums> {
        let is_in = |begin: &i64| from.is_none_or(|from| *begin > from.micros());
        let before = self.before.iter().filter(|(begin, _)| is_in(begin)).map(|(_, sums)| *sums);
        let seen = self.since(from).map(|sighting| Sums::of(&sighting.worth));
        before.chain(seen).reduce(Sums::and)
    }

    /// What is known one by one and happened later than `from`.
    pub fn since(&self, from: Option<Time>) -> impl DoubleEndedIterator<Item = &Sighting> {
        self.sightings.iter().filter(move |sighting| from.is_none_or(|from| sighting.at > from))
    }

    /// When what goes next of all that happened later than `from` happened: an event, or where a sum begins.
    #[must_use]
    pub fn oldest_since(&self, from: Time) -> Option<Time> {
        let begins = self.before.keys().find(|begin| **begin > from.micros());
        let seen = self.since(Some(from)).next().map(|sighting| sighting.at);
        begins.map(|begin| Time::from_micros(*begin)).into_iter().chain(seen).min()
    }

    /// Whether nothing of it is a guess.
    #[must_use]
    pub fn is_exact(&self) -> bool {
        let is_full = self.keep == Keep::Values && self.sightings.len() >= SIGHTINGS_MAX;
        self.before.is_empty() && !is_full
    }

    /// What it takes in memory, about, in bytes.
    #[must_use]
    pub fn bytes(&self) -> usize {
        const OWN_BYTES: usize = 96;
        const SUMS_BYTES: usize = 48;
        let text = |sighting: &Sighting| {
            if let Worth::Text(text) = &sighting.worth { text.len() } else { 0 }
        };
        let texts: usize = self.sightings.iter().map(text).sum();
        OWN_BYTES
            + self.sightings.len() * size_of::<Sighting>()
            + self.before.len() * SUMS_BYTES
            + texts
    }

    fn take_all(&mut self, sightings: &VecDeque<Sighting>, through: Option<Time>) {
        for sighting in sightings.iter().filter(|sighting| Some(sighting.at) > through) {
            if let Some(at) = self.place_of(sighting) {
                self.sightings.insert(at, sighting.clone());
            }
        }
        self.trim();
    }

    fn trim(&mut self) {
        match self.keep {
            Keep::Latest(many) => {
                let too_many = self.sightings.len().saturating_sub(usize::from(many));
                self.sightings.drain(..too_many);
            }
            Keep::Earliest => self.sightings.truncate(1),
            Keep::Least => self.keep_only(|all| all.iter().min_by_key(|one| &one.worth)),
            Keep::Greatest => self.keep_only(|all| all.iter().max_by_key(|one| &one.worth)),
            Keep::Values => self.keep_last_of_each(|one| &one.worth),
            Keep::Words => self.keep_last_of_each(|one| &one.event),
            Keep::Sums(seconds) => self.sum_up(seconds),
        }
    }

    fn keep_only(&mut self, which: impl Fn(&VecDeque<Sighting>) -> Option<&Sighting>) {
        if self.sightings.len() > 1 {
            self.sightings = which(&self.sightings).cloned().into_iter().collect();
        }
    }

    fn keep_last_of_each<K: Eq + std::hash::Hash>(&mut self, of: impl Fn(&Sighting) -> &K) {
        let mut known = std::collections::HashSet::new();
        let mut last = VecDeque::new();
        for sighting in self.sightings.iter().rev() {
            if known.insert(of(sighting)) && last.len() < SIGHTINGS_MAX {
                last.push_front(sighting.clone());
            }
        }
        self.sightings = last;
    }

    fn sum_up(&mut self, seconds: u32) {
        let too_many = self.sightings.len().saturating_sub(SIGHTINGS_MAX);
        for sighting in self.sightings.drain(..too_many) {
            let width = i64::from(seconds) * 1_000_000;
            let begin = if width == 0 { 0 } else { sighting.at.micros() / width * width };
            add_sums(&mut self.before, begin, Sums::of(&sighting.worth));
            self.through = self.through.max(Some(sighting.at));
        }
        while self.before.len() > SUMS_MAX {
            self.before.pop_first();
        }
    }
}

fn add_sums(all: &mut BTreeMap<i64, Sums>, begin: i64, more: Sums) {
    all.entry(begin).and_modify(|sums| *sums = sums.and(more)).or_insert(more);
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn sighting(at: i64, event: u64, worth: i128) -> Sighting {
        let worth = Worth::Number(Fixed::of_millionths(worth));
        Sighting { at: Time::from_micros(at), event, worth }
    }

    fn of(keep: Keep, sightings: &[Sighting]) -> Tally {
        let mut tally = Tally::new(keep);
        for one in sightings {
            tally.add(one.clone());
        }
        tally
    }

    fn sightings() -> impl Strategy<Value = Vec<Sighting>> {
        let one = (0..40_i64, 0..4_u64, 0..6_i64).prop_map(|(at, event, _)| {
            sighting(at, event << 32 | event, (i128::from(at) * 7 + i128::from(event)) % 5)
        });
        prop::collection::vec(one, 0..60)
    }

    fn keep() -> impl Strategy<Value = Keep> {
        prop_oneof![
            (1..5_u16).prop_map(Keep::Latest),
            Just(Keep::Earliest),
            Just(Keep::Least),
            Just(Keep::Greatest),
            Just(Keep::Values),
            Just(Keep::Words),
            Just(Keep::Sums(0)),
        ]
    }

    proptest! {
        #[test]
        fn tallies_unite_in_any_order_and_as_often_as_one_likes(
            keep in keep(), a in sightings(), b in sightings(), c in sightings(),
        ) {
            let all: Vec<Sighting> = a.iter().chain(&b).chain(&c).cloned().collect();
            let backwards: Vec<Sighting> = all.iter().rev().cloned().collect();
            let whole = of(keep, &all);
            prop_assert_eq!(&whole, &of(keep, &backwards));
            let [a, b, c] = [of(keep, &a), of(keep, &b), of(keep, &c)];
            for unite in [Tally::unite, Tally::overlay] {
                let both = |one: &Tally, other: &Tally| {
                    let mut one = one.clone();
                    unite(&mut one, other);
                    one
                };
                prop_assert_eq!(&both(&both(&a, &b), &c), &whole);
                prop_assert_eq!(&both(&a, &both(&c, &b)), &whole);
                prop_assert_eq!(&both(&whole, &b), &whole);
            }
        }
    }

    proptest! {
        /// One by one they are put where they belong; whoever unites puts all in and leaves out what goes.
        #[test]
        fn one_by_one_or_all_at_once_is_the_same(keep in keep(), all in sightings()) {
            let mut at_once = Tally::new(keep);
            at_once.take_all(&all.iter().cloned().collect(), None);
            prop_assert_eq!(&of(keep, &all), &at_once);
        }

        #[test]
        fn what_changes_something_says_so(keep in keep(), all in sightings()) {
            let mut tally = Tally::new(keep);
            for one in all {
                let before = tally.clone();
                prop_assert_eq!(tally.add(one), tally != before);
            }
        }
    }

    #[test]
    fn beyond_what_is_known_one_by_one_there_are_sums_and_nothing_counts_twice() {
        let all: Vec<Sighting> = (0..1_000).map(|at| sighting(at, 0, 2)).collect();
        let mut tally = of(Keep::Sums(0), &all);
        assert_eq!((tally.sightings.len(), tally.is_exact()), (SIGHTINGS_MAX, false));
        let sums = tally.sums_since(None).unwrap();
        assert_eq!((sums.count, sums.sum.millionths()), (1_000, 2_000));
        let same = tally.clone();
        tally.overlay(&of(Keep::Sums(0), &all[..700]));
        assert_eq!(tally, same);
        tally.unite(&of(Keep::Sums(0), &[sighting(5_000, 1, 3)]));
        assert_eq!(tally.sums_since(None).map(|sums| sums.count), Some(1_001));
    }

    /// As where some of its payload are left out when it is folded again.
    #[test]
    fn an_event_that_came_at_another_place_is_the_same() {
        let [one, again] = [3, 4].map(|order| sighting(5, Sighting::event(order, 7), 1));
        let mut tally = of(Keep::Sums(0), std::slice::from_ref(&one));
        assert!(!tally.add(again.clone()));
        tally.unite(&of(Keep::Sums(0), std::slice::from_ref(&again)));
        tally.overlay(&of(Keep::Sums(0), &[again]));
        assert_eq!(tally.sightings, [one]);
    }
}
