//! Did one thing follow another? Of each step the events that happened last, and the chains that they make.

use std::time::Duration;

use super::chains::{Chain, Chains, Wanted};
use super::facts::count;
use super::pair;
use crate::conditions::{Did, Span, Step, Which};
use crate::model::{Sighting, Tallies, Tally, TallyKey, Time};

/// Whether somebody did this, as far as it is kept.
pub(super) fn is_so(did: &Did, tallies: &Tallies, now: Time) -> bool {
    if let Some(step) = pair::step(did) {
        return pair::began(did, step, tallies, now).is_some();
    }
    if !did.then.is_empty() {
        return may_be(did, tallies, now) && Followed::of(did, tallies, now).chain().is_some();
    }
    did.is_so(count(did, tallies, now)) && is_with(did, tallies)
}

/// When it may be otherwise, should nothing happen.
pub(super) fn next_change(did: &Did, tallies: &Tallies, now: Time) -> Option<Time> {
    if let Some(step) = pair::step(did) {
        let Span::Within(seconds) = did.span else { return None };
        let began = pair::began(did, step, tallies, now);
        return began.map(|began| began.plus(Duration::from_secs(seconds)));
    }
    if may_be(did, tallies, now) { Followed::of(did, tallies, now).next_change() } else { None }
}

/// Whether each step was done at all: of most people who are looked at, the first was not.
fn may_be(did: &Did, tallies: &Tallies, now: Time) -> bool {
    let is_done = |key: &TallyKey| {
        tallies.get(key).is_some_and(|tally| tally.since(did.horizon(now)).next().is_some())
    };
    is_done(&did.key) && did.then.iter().all(|step| step.is_not || is_done(&step.key))
}

/// Whether what must hold of the first or the last holds of it: where it is not known in which order they came, of one
/// of those at that moment.
fn is_with(did: &Did, tallies: &Tallies) -> bool {
    let Some(with) = &did.with else { return true };
    let seen = |key: &TallyKey| {
        let tally = tallies.get(key)?;
        if did.which == Which::First { tally.since(None).next() } else { last(tally) }
    };
    match (seen(&did.key), seen(&with.key)) {
        (Some(one), Some(other)) => one.is_of_same_event(other) || one.is_beside(other),
        (one, other) => one.is_none() && other.is_none(),
    }
}

fn last(tally: &Tally) -> Option<&Sighting> {
    tally.since(None).next_back()
}

/// How far somebody has come.
#[derive(Debug)]
pub(super) struct Followed<'a> {
    did: &'a Did,
    now: Time,
    /// To each moment at which the last step was reached, the chains that began last.
    whole: Vec<Chain<'a>>,
    /// The chain that came furthest.
    furthest: Option<Chain<'a>>,
    /// What must not have followed, and what did.
    not: Option<(&'a Step, Vec<&'a Sighting>)>,
}

impl<'a> Followed<'a> {
    pub(super) fn of(did: &'a Did, tallies: &'a Tallies, now: Time) -> Self {
        let seen = |key: &TallyKey| -> Vec<&'a Sighting> {
            let tally = tallies.get(key);
            tally.into_iter().flat_map(|tally| tally.since(did.horizon(now))).collect()
        };
        let first = Wanted { kind: &did.kind, within_seconds: None, seen: seen(&did.key) };
        let then = did.then.iter().filter(|step| !step.is_not).map(|step| Wanted {
            kind: &step.kind,
            within_seconds: step.within_seconds,
            seen: seen(&step.key),
        });
        let chains = Chains::of(std::iter::once(first).chain(then).collect());
        let (whole, furthest) = (chains.whole(), chains.furthest());
        let not = did.then.iter().find(|step| step.is_not).map(|step| (step, seen(&step.key)));
        Self { did, now, whole, furthest, not }
    }

    /// The chain by which it is so: the one that began last.
    pub(super) fn chain(&self) -> Option<&Chain<'a>> {
        latest(self.whole.iter().filter(|chain| self.ends_well(chain)))
    }

    /// The chain that came furthest, whether that is far enough or not.
    pub(super) fn furthest(&self) -> Option<&Chain<'a>> {
        self.chain().or(self.furthest.as_ref())
    }

    /// When it may be otherwise, should nothing happen: the chain is too old then, or what must not follow
    /// cannot follow any more.
    fn next_change(&self) -> Option<Time> {
        let Span::Within(seconds) = self.did.span else { return self.matures() };
        let ends = self.chain().and_then(Chain::began);
        let ends = ends.map(|began| began.plus(Duration::from_secs(seconds)));
        ends.into_iter().chain(self.matures()).min()
    }

    /// When the next of those that wait has waited long enough.
    fn matures(&self) -> Option<Time> {
        let waits = self.whole.iter().filter(|chain| !self.is_followed(chain));
        waits.filter_map(|chain| self.over(chain)).filter(|over| *over > self.now).min()
    }

    fn ends_well(&self, chain: &Chain<'a>) -> bool {
        self.over(chain).is_none_or(|over| over <= self.now) && !self.is_followed(chain)
    }

    /// From when on nothing can follow any more that must not.
    fn over(&self, chain: &Chain<'a>) -> Option<Time> {
        let (step, _) = self.not.as_ref()?;
        Some(chain.last()?.at.plus(Duration::from_secs(step.within_seconds?)))
    }

    fn is_followed(&self, chain: &Chain<'a>) -> bool {
        let Some((step, seen)) = &self.not else { return false };
        let Some(last) = chain.last() else { return false };
        let is_another =
            |one: &Sighting| !chain.events.iter().any(|(_, other)| other.is_of_same_event(one));
        let later = seen.iter().skip(seen.partition_point(|one| one.at < last.at));
        later.take_while(|one| follows(last, one, step)).any(|one| is_another(one))
    }
}

impl<'a> Chain<'a> {
    fn began(&self) -> Option<Time> {
        self.events.first().map(|(_, sighting)| sighting.at)
    }

    fn last(&self) -> Option<&'a Sighting> {
        self.events.last().map(|(_, sighting)| *sighting)
    }
}

fn latest<'c, 'a: 'c>(chains: impl IntoIterator<Item = &'c Chain<'a>>) -> Option<&'c Chain<'a>> {
    chains.into_iter().max_by_key(|chain| chain.began())
}

/// Whether one event follows another: not before it, and soon enough.
pub(super) fn follows(before: &Sighting, after: &Sighting, step: &Step) -> bool {
    let soon = |seconds| after.at < before.at.plus(Duration::from_secs(seconds));
    before.at <= after.at && step.within_seconds.is_none_or(soon)
}
