//! Did one thing follow another? Of each step the events that happened last, and the chains that they make.
//!
//! What happened at the same moment may have been in either order: payloads bring several events at once.

use std::time::Duration;

use super::facts::count;
use crate::conditions::{Did, Span, Step, Which};
use crate::model::{Sighting, Tallies, Tally, Time};

/// Whether somebody did this, as far as it is kept.
pub(super) fn is_so(did: &Did, tallies: &Tallies, now: Time) -> bool {
    if !did.then.is_empty() {
        return Followed::of(did, tallies, now).chain().is_some();
    }
    did.is_so(count(did, tallies, now)) && is_with(did, tallies)
}

/// Whether what must hold of the first or the last holds of it: of one of those at that moment.
fn is_with(did: &Did, tallies: &Tallies) -> bool {
    let Some(with) = &did.with else { return true };
    let at = |key: &str| {
        let tally = tallies.0.get(key)?;
        let seen = if did.which == Which::First { tally.since(None).next() } else { last(tally) };
        seen.map(|sighting| sighting.at)
    };
    at(&did.key) == at(&with.key)
}

fn last(tally: &Tally) -> Option<&Sighting> {
    tally.since(None).next_back()
}

/// Events of which each followed the one before it.
#[derive(Clone, Debug)]
pub(super) struct Chain<'a> {
    pub(super) events: Vec<(&'a str, &'a Sighting)>,
}

/// How far somebody has come.
#[derive(Debug)]
pub(super) struct Followed<'a> {
    did: &'a Did,
    now: Time,
    /// Chains of everything that happened, to each event that was reached the one that began last.
    whole: Vec<Chain<'a>>,
    /// The chain that came furthest.
    furthest: Option<Chain<'a>>,
    /// What must not have followed, and what did.
    not: Option<(&'a Step, Vec<&'a Sighting>)>,
}

impl<'a> Followed<'a> {
    pub(super) fn of(did: &'a Did, tallies: &'a Tallies, now: Time) -> Self {
        let seen = |key: &str| -> Vec<&'a Sighting> {
            let tally = tallies.0.get(key);
            tally.into_iter().flat_map(|tally| tally.since(did.horizon(now))).collect()
        };
        let begin = |sighting| Chain { events: vec![(did.kind.as_str(), sighting)] };
        let mut whole: Vec<Chain<'a>> = seen(&did.key).into_iter().map(begin).collect();
        let mut furthest = whole.last().cloned();
        let mut not = None;
        for step in &did.then {
            if step.is_not {
                not = Some((step, seen(&step.key)));
                break;
            }
            whole = followed(&whole, step, &seen(&step.key));
            furthest = latest(&whole).cloned().or(furthest);
        }
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
    pub(super) fn next_change(&self) -> Option<Time> {
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
        seen.iter().any(|one| chain.last().is_some_and(|last| follows(last, one, step)))
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

/// Of each event that follows one of these chains, the chain that began last.
fn followed<'a>(chains: &[Chain<'a>], step: &'a Step, seen: &[&'a Sighting]) -> Vec<Chain<'a>> {
    let reached = seen.iter().filter_map(|one| {
        let before =
            chains.iter().filter(|chain| chain.last().is_some_and(|last| follows(last, one, step)));
        let mut chain = latest(before)?.clone();
        chain.events.push((step.kind.as_str(), *one));
        Some(chain)
    });
    reached.collect()
}

fn latest<'c, 'a: 'c>(chains: impl IntoIterator<Item = &'c Chain<'a>>) -> Option<&'c Chain<'a>> {
    chains.into_iter().max_by_key(|chain| chain.began())
}

/// Whether one event follows another: another one, not before it, and soon enough.
fn follows(before: &Sighting, after: &Sighting, step: &Step) -> bool {
    let soon = |seconds| after.at < before.at.plus(Duration::from_secs(seconds));
    before != after && before.at <= after.at && step.within_seconds.is_none_or(soon)
}
