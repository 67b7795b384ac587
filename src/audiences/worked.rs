//! What a computed trait comes to, at whatever moment it is asked for, and when it is another one next.

use std::collections::HashMap;
use std::time::Duration;

use serde_json::Value;

use super::computed::Computed;
use super::facts::OfPerson;
use super::halving::{self, Falling};
use crate::model::{Marks, MeasureOf, Sighting, Tally, Time, Worth};

/// Most different things that are shown.
const VALUES_MAX: usize = 100;

impl Computed {
    /// What it is at that moment; none while there is nothing to work it out of.
    pub(super) fn value(&self, person: &OfPerson<'_>) -> Option<Value> {
        if let Some(formula) = &self.formula {
            return formula.of(person).map(halving::number);
        }
        let empty =
            || matches!(self.function, MeasureOf::Count | MeasureOf::Distinct).then(|| 0.into());
        let Some(tally) = self.tally(person) else { return empty() };
        self.of_tally(tally, person.now).or_else(empty)
    }

    /// When it is another one next, should nothing happen until then. What halves is another one at every
    /// moment: that is found by the numbers that it is compared with, see [`Falling`].
    pub(super) fn next_change(
        &self,
        person: &OfPerson<'_>,
        (name, beside): (Option<&str>, &[f64]),
    ) -> Option<Time> {
        if let Some(formula) = &self.formula {
            let others = self.others(person.rules);
            let others = others.filter_map(|other| other.next_change(person, (None, &[])));
            return others.chain(formula.next_day(person)).min();
        }
        if let Some(falling) = self.falling(person, name) {
            let falls = beside.iter().filter_map(|number| falling.to(*number, person.now));
            let is_gone = self.function == MeasureOf::Interests;
            let gone = is_gone.then(|| falling.gone(person.now)).flatten();
            return falls.chain(gone).min();
        }
        let (tally, now) = (self.tally(person)?, person.now);
        let ends = self.from(now).zip(self.within).and_then(|(from, within)| {
            // Sums go as a whole, at what is their beginning.
            Some(tally.oldest_since(from)?.plus(within))
        });
        let ages = self.marks.as_ref().and_then(|marks| ages(marks, tally, now));
        ends.into_iter().chain(ages).min()
    }

    /// What it is and how it halves, of the thing of that name where there are several; without a name of the greatest,
    /// which is the last to go.
    pub(super) fn falling(&self, person: &OfPerson<'_>, name: Option<&str>) -> Option<Falling> {
        if !self.function.halves() {
            return None;
        }
        let (tally, now, half_life) = (self.tally(person)?, person.now, self.half_life);
        let value = if self.function == MeasureOf::Halving {
            halving::sum(tally, half_life, now)
        } else {
            let mut all = halving::interests(tally, half_life, now).into_iter();
            all.find(|(known, _)| name.is_none_or(|name| known == name))?.1
        };
        Some(Falling { value, half_life })
    }

    fn tally<'a>(&self, person: &OfPerson<'a>) -> Option<&'a Tally> {
        person.profile.tallies.get(&self.leaf.as_ref()?.key)
    }

    fn from(&self, now: Time) -> Option<Time> {
        self.within.map(|within| now.minus(within))
    }

    fn of_tally(&self, tally: &Tally, now: Time) -> Option<Value> {
        let from = self.from(now);
        let sums = || tally.sums_since(from);
        let said = |sighting: &Sighting| said(&sighting.worth);
        let at = |sighting: &Sighting| sighting.at.to_string().into();
        match self.function {
            MeasureOf::Count => sums().map(|sums| sums.count.into()),
            MeasureOf::Sum => sums().map(|sums| sums.sum.value()),
            MeasureOf::Average => sums().map(|sums| sums.sum.over(sums.count).value()),
            MeasureOf::Least => sums().map(|sums| sums.least.value()),
            MeasureOf::Greatest => sums().map(|sums| sums.greatest.value()),
            MeasureOf::First => tally.since(from).next().and_then(said),
            MeasureOf::Last => tally.since(from).next_back().and_then(said),
            MeasureOf::FirstAt => tally.since(from).next().map(at),
            MeasureOf::LastAt => tally.since(from).next_back().map(at),
            MeasureOf::MostFrequent => most_frequent(tally, from),
            MeasureOf::Distinct => {
                let many = tally.since(from).count();
                (many > 0).then(|| many.into())
            }
            MeasureOf::Values => {
                let values = tally.since(from).rev().take(VALUES_MAX).filter_map(said);
                Some(values.collect::<Vec<_>>()).filter(|all| !all.is_empty()).map(Value::from)
            }
            MeasureOf::Halving => Some(halving::number(halving::sum(tally, self.half_life, now))),
            MeasureOf::Interests => {
                let all = halving::interests(tally, self.half_life, now).into_iter();
                let all = all.map(|(name, sum)| (name, halving::number(sum)));
                Some(Value::Object(all.collect())).filter(|all| *all != serde_json::json!({}))
            }
            MeasureOf::Rfm => marked(self.marks.as_ref()?, tally, from, now),
            MeasureOf::Formula => None,
        }
    }
}

fn said(worth: &Worth) -> Option<Value> {
    match worth {
        Worth::Nothing => None,
        Worth::Number(number) => Some(number.value()),
        Worth::Text(text) => Some(text.clone().into()),
    }
}

/// Of several that were said as often, the one that sorts first.
fn most_frequent(tally: &Tally, from: Option<Time>) -> Option<Value> {
    let mut counts: HashMap<&Worth, usize> = HashMap::new();
    for sighting in tally.since(from) {
        *counts.entry(&sighting.worth).or_default() += 1;
    }
    let most = counts
        .into_iter()
        .max_by(|(one, many), (other, others)| many.cmp(others).then_with(|| other.cmp(one)));
    said(most?.0)
}

/// Three digits, each from 1 on: for how long ago the last one was, how many there were, what they come to.
fn marked(marks: &Marks, tally: &Tally, from: Option<Time>, now: Time) -> Option<Value> {
    let last = tally.since(from).next_back()?.at;
    let sums = tally.sums_since(from)?;
    let recency = marks.recency.iter().filter(|age| now < later(last, **age)).count();
    let frequency = marks.frequency.iter().filter(|many| sums.count >= **many).count();
    let much = sums.sum.millionths();
    let monetary = marks.monetary.iter().filter(|mark| much >= i128::from(**mark)).count();
    Some(format!("{}{}{}", recency + 1, frequency + 1, monetary + 1).into())
}

/// When the last one is so long ago that it has another mark.
fn ages(marks: &Marks, tally: &Tally, now: Time) -> Option<Time> {
    let last = tally.since(None).next_back()?.at;
    marks.recency.iter().map(|age| later(last, *age)).filter(|at| *at > now).min()
}

fn later(at: Time, seconds: u64) -> Time {
    at.plus(Duration::from_secs(seconds))
}
