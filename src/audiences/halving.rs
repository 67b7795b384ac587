//! What halves over time: each event counts half after some time, and a quarter after twice that.
//!
//! All of them halve at one pace, so what they come to halves at that pace, too: when it falls below a
//! number is known beforehand.

use std::collections::BTreeMap;
use std::time::Duration;

use serde_json::Value;

use crate::model::{SIGHTINGS_MAX, Sighting, Tally, Time, Worth, whole_if_it_is};

/// What is below this counts for nothing.
const NOTHING: f64 = 0.001;
/// What is later than in so many seconds is never told.
const SECONDS_MAX: f64 = 4e9;
/// As exactly as it is told when something has fallen.
const MOMENT: Duration = Duration::from_millis(1);
/// Most interests that are shown.
const INTERESTS_MAX: usize = 20;
/// A number is rounded to millionths: it falls below another when it is half of one below it.
const HALF_A_MILLIONTH: f64 = 5e-7;

/// What all of it comes to.
pub(super) fn sum(tally: &Tally, half_life: Duration, now: Time) -> f64 {
    tally.since(None).map(|one| worth(one) * share(one, half_life, now)).sum()
}

/// What each thing comes to that was said, the greatest first.
pub(super) fn interests(tally: &Tally, half_life: Duration, now: Time) -> Vec<(String, f64)> {
    let mut sums: BTreeMap<String, f64> = BTreeMap::new();
    for one in tally.since(None) {
        let name = match &one.worth {
            Worth::Text(text) => text.clone(),
            Worth::Number(number) => number.value().to_string(),
            Worth::Nothing => continue,
        };
        *sums.entry(name).or_default() += share(one, half_life, now);
    }
    let mut sums: Vec<_> = sums.into_iter().filter(|(_, sum)| *sum >= NOTHING).collect();
    sums.sort_by(|one, other| other.1.total_cmp(&one.1).then_with(|| one.0.cmp(&other.0)));
    sums.truncate(INTERESTS_MAX);
    sums
}

/// A number on its way to nothing.
#[derive(Clone, Copy, Debug)]
pub(super) struct Falling {
    /// What it is now.
    pub(super) value: f64,
    pub(super) half_life: Duration,
}

impl Falling {
    /// When it will have fallen to about this; none where it never does.
    pub(super) fn to(&self, number: f64, now: Time) -> Option<Time> {
        let ends = [number - HALF_A_MILLIONTH, number + HALF_A_MILLIONTH];
        later(ends.into_iter().filter_map(|end| self.seconds_to(end)).reduce(f64::min)?, now)
    }

    /// When it counts for nothing any more.
    pub(super) fn gone(&self, now: Time) -> Option<Time> {
        later(self.seconds_to(NOTHING)?, now)
    }

    /// When it stands otherwise beside another one that halves, too. One that halves sooner falls below the other once;
    /// from then on it is less by more and more, until both go to nothing.
    pub(super) fn passes(&self, other: &Self, now: Time) -> Option<Time> {
        /// Both are so near each other for a while that each millionth changes it.
        const SECONDS_MIN: f64 = 1.0;
        let order = |seconds: f64| {
            let [one, other] = [self, other].map(|one| one.in_millionths(seconds));
            one.total_cmp(&other)
        };
        let is_other = |seconds: &f64| order(*seconds) != order(0.0);
        let ends = [self, other].map(|one| one.seconds_to(HALF_A_MILLIONTH.copysign(one.value)));
        let nothing = ends.into_iter().flatten().reduce(f64::max);
        let nothing = nothing.map(|seconds| seconds + MOMENT.as_secs_f64());
        let mut moments: Vec<f64> = self.turns(other).into_iter().chain(nothing).collect();
        moments.retain(|seconds| *seconds > 0.0 && *seconds < SECONDS_MAX);
        moments.sort_by(f64::total_cmp);
        let after = moments.iter().position(is_other)?;
        let (mut from, mut to) =
            (after.checked_sub(1).map_or(0.0, |at| moments[at]), moments[after]);
        while to - from > MOMENT.as_secs_f64() {
            let middle = f64::midpoint(from, to);
            *(if is_other(&middle) { &mut to } else { &mut from }) = middle;
        }
        later(to.max(SECONDS_MIN), now)
    }

    /// In how many seconds both are the same, and when they are furthest apart after that.
    fn turns(&self, other: &Self) -> [f64; 2] {
        let [one, another] = [self, other].map(|one| one.half_life.as_secs_f64());
        let pace = one.recip() - another.recip();
        let ratio = self.value / other.value;
        [ratio, ratio * another / one].map(|ratio| ratio.log2() / pace)
    }

    /// As it is compared.
    fn in_millionths(&self, seconds: f64) -> f64 {
        (self.value * (-seconds / self.half_life.as_secs_f64()).exp2() * 1e6).round() + 0.0
    }

    fn seconds_to(&self, end: f64) -> Option<f64> {
        let halves = (self.value / end).log2();
        (halves >= 0.0).then_some(halves * self.half_life.as_secs_f64())
    }
}

/// So many seconds after now, and as much more as nobody notices; none of what nobody lives to see.
fn later(seconds: f64, now: Time) -> Option<Time> {
    (seconds < SECONDS_MAX).then(|| now.plus(Duration::from_secs_f64(seconds)).plus(MOMENT))
}

/// Whether all of it is known one by one.
pub(super) fn is_exact(tally: &Tally) -> bool {
    tally.sightings.len() < SIGHTINGS_MAX
}

pub(super) fn number(value: f64) -> Value {
    let rounded = (value * 1e6).round() / 1e6;
    whole_if_it_is(if rounded.is_finite() { rounded } else { value })
}

fn worth(sighting: &Sighting) -> f64 {
    if let Worth::Number(number) = sighting.worth { number.float() } else { 1.0 }
}

/// What is left of it.
#[expect(clippy::cast_precision_loss, reason = "the age of an event")]
fn share(sighting: &Sighting, half_life: Duration, now: Time) -> f64 {
    let age = now.micros().saturating_sub(sighting.at.micros()).max(0) as f64 / 1e6;
    (-age / half_life.as_secs_f64().max(1.0)).exp2()
}
