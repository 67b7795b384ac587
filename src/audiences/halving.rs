//! What halves over time: each event counts half after some time, and a quarter after twice that.
//!
//! All of them halve at one pace, so what they come to halves at that pace, too: when it falls below a
//! number is known beforehand.

use std::collections::BTreeMap;
use std::time::Duration;

use serde_json::Value;

use crate::model::{SIGHTINGS_MAX, Sighting, Tally, Time, Worth, whole_if_it_is};

/// What is below this counts for nothing.
pub(super) const NOTHING: f64 = 0.001;
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

/// When `value` will have fallen to about `to`; none where it never does.
pub(super) fn falls_to(value: f64, to: f64, half_life: Duration, now: Time) -> Option<Time> {
    const MOMENT: Duration = Duration::from_millis(1);
    let ends = [to - HALF_A_MILLIONTH, to + HALF_A_MILLIONTH].into_iter();
    let halves = ends.map(|end| (value / end).log2()).filter(|halves| *halves > 0.0);
    let longest = f64::from(u32::MAX);
    let seconds = halves.map(|halves| halves * half_life.as_secs_f64());
    let seconds = seconds.filter(|seconds| *seconds < longest).reduce(f64::min)?;
    Some(now.plus(Duration::from_secs_f64(seconds)).plus(MOMENT))
}

/// Whether all of it is known one by one.
pub(super) fn is_exact(tally: &Tally) -> bool {
    tally.sightings.len() < SIGHTINGS_MAX
}

pub(super) fn number(value: f64) -> Value {
    whole_if_it_is((value * 1e6).round() / 1e6)
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
