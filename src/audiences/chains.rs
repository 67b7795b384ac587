//! Events of which each followed the one before it, and each is another one.
//!
//! What happened at the same moment may have been in either order, since payloads bring several events at
//! once; but no event is two steps. The moments are gone through once, in order, and of each step those
//! chains wait that no later one is better than: whoever is watched costs the same at every event.

use std::collections::VecDeque;
use std::time::Duration;

use crate::conditions::STEPS_MAX;
use crate::model::{Sighting, Time};

/// A step, and the events that may be it, sorted.
#[derive(Clone, Debug)]
pub(super) struct Wanted<'a> {
    /// Of this type.
    pub(super) kind: &'a str,
    /// Sooner than so many seconds after the step before it.
    pub(super) within_seconds: Option<u64>,
    /// All that are known.
    pub(super) seen: Vec<&'a Sighting>,
}

/// Events, each with its type.
#[derive(Clone, Debug)]
pub(super) struct Chain<'a> {
    pub(super) events: Vec<(&'a str, &'a Sighting)>,
}

/// How the steps so far were reached at a moment.
#[derive(Debug)]
struct Reached<'a> {
    step: usize,
    at: Time,
    began: Time,
    /// What was reached at an earlier moment.
    before: Option<usize>,
    /// The events of the steps that were reached at this one.
    here: Vec<&'a Sighting>,
}

/// See the module.
#[derive(Debug)]
pub(super) struct Chains<'a> {
    wanted: Vec<Wanted<'a>>,
    reached: Vec<Reached<'a>>,
    /// Of each step what may go on: the later it was reached, the earlier it began.
    waiting: Vec<VecDeque<usize>>,
}

impl<'a> Chains<'a> {
    pub(super) fn of(wanted: Vec<Wanted<'a>>) -> Self {
        let waiting = vec![VecDeque::new(); wanted.len()];
        let mut chains = Self { wanted, reached: Vec::new(), waiting };
        let lists: Vec<Vec<&'a Sighting>> =
            chains.wanted.iter().map(|one| one.seen.clone()).collect();
        let mut left: Vec<&[&'a Sighting]> = lists.iter().map(Vec::as_slice).collect();
        while let Some(at) = left.iter().filter_map(|list| list.first()).map(|one| one.at).min() {
            let split = |list: &mut &[&'a Sighting]| {
                let (here, rest) = list.split_at(list.partition_point(|one| one.at <= at));
                *list = rest;
                here.to_vec()
            };
            let here: Vec<Vec<&'a Sighting>> = left.iter_mut().map(split).collect();
            chains.take(at, &here);
        }
        chains
    }

    /// Those that came to the last step.
    pub(super) fn whole(&self) -> Vec<Chain<'a>> {
        let last = self.wanted.len().saturating_sub(1);
        let whole = self.reached.iter().filter(|one| one.step == last);
        whole.map(|one| self.chain(one)).collect()
    }

    /// The one that came furthest, and of those the one that began last.
    pub(super) fn furthest(&self) -> Option<Chain<'a>> {
        let furthest = self.reached.iter().max_by_key(|one| (one.step, one.began));
        furthest.map(|one| self.chain(one))
    }

    /// What happened at a moment, by step. From each step that may be next, as many as there are events for.
    fn take(&mut self, at: Time, here: &[Vec<&'a Sighting>]) {
        let mut reached = Vec::new();
        for first in 0..here.len() {
            let Some((before, began)) = self.goes_on(first, at) else { continue };
            let at_once = self.wanted.iter().skip(first + 1);
            let at_once = at_once.take_while(|one| one.within_seconds != Some(0)).count();
            let steps: Vec<_> = here.iter().skip(first).take(1 + at_once).collect();
            for here in one_each(&steps) {
                let step = first + here.len() - 1;
                reached.push(Reached { step, at, began, before, here });
            }
        }
        for one in reached {
            self.keep(one);
        }
    }

    /// What a step may follow at that moment, and when it began: of all the one that began last.
    fn goes_on(&mut self, step: usize, at: Time) -> Option<(Option<usize>, Time)> {
        let Some(before) = step.checked_sub(1) else { return Some((None, at)) };
        let within = self.wanted.get(step)?.within_seconds.map(Duration::from_secs);
        let waiting = self.waiting.get_mut(before)?;
        loop {
            let number = *waiting.front()?;
            let one = self.reached.get(number)?;
            if within.is_none_or(|within| at < one.at.plus(within)) {
                return Some((Some(number), one.began));
            }
            waiting.pop_front();
        }
    }

    fn keep(&mut self, one: Reached<'a>) {
        if let Some(waiting) = self.waiting.get_mut(one.step) {
            let is_better = |number: &usize| {
                self.reached.get(*number).is_none_or(|other| other.began <= one.began)
            };
            while waiting.back().is_some_and(is_better) {
                waiting.pop_back();
            }
            waiting.push_back(self.reached.len());
        }
        self.reached.push(one);
    }

    fn chain(&self, end: &Reached<'a>) -> Chain<'a> {
        let mut events: Vec<&'a Sighting> = Vec::new();
        let mut next = Some(end);
        while let Some(one) = next {
            events.extend(one.here.iter().rev());
            next = one.before.and_then(|number| self.reached.get(number));
        }
        let kinds = self.wanted.iter().map(|one| one.kind);
        Chain { events: kinds.zip(events.into_iter().rev()).collect() }
    }
}

/// For the first of these steps, for the first two, and so on: an event for each, no event for two.
fn one_each<'a>(steps: &[&Vec<&'a Sighting>]) -> Vec<Vec<&'a Sighting>> {
    let (mut given, mut all) = (Vec::new(), Vec::new());
    for step in 0..steps.len() {
        if !give(step, steps, &mut given, &mut Vec::new()) {
            break;
        }
        all.push(given.clone());
    }
    all
}

/// Gives a step an event; steps that have one may have to take another. More than there are steps need not
/// be looked at: one of them is left over for each.
fn give<'a>(
    step: usize,
    steps: &[&Vec<&'a Sighting>],
    given: &mut Vec<&'a Sighting>,
    asked: &mut Vec<&'a Sighting>,
) -> bool {
    for one in steps.get(step).into_iter().flat_map(|all| all.iter().copied().take(STEPS_MAX)) {
        if asked.iter().any(|other| other.is_of_same_event(one)) {
            continue;
        }
        asked.push(one);
        let has = given.iter().position(|other| other.is_of_same_event(one));
        if has.is_none_or(|other| give(other, steps, given, asked)) {
            match given.get_mut(step) {
                Some(before) => *before = one,
                None => given.push(one),
            }
            return true;
        }
    }
    false
}
