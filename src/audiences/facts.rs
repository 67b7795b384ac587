//! Facts of a person: the profile as its document has it, what is computed, and what they did.

use std::borrow::Cow;

use super::memberships::Memberships;
use super::rules::Rules;
use crate::conditions::{
    Did, Fact, Facts, Moment, OnList, Place, Root, is_said, of_profile, of_segments,
};
use crate::model::{Profile, Sighting, Step, Tallies, Time};

/// A person at a moment.
#[derive(Clone, Copy, Debug)]
pub(super) struct OfPerson<'a> {
    pub(super) rules: &'a Rules,
    pub(super) profile: &'a Profile,
    /// The audiences that they are in, as far as those were looked at already.
    pub(super) audiences: &'a Memberships<'a>,
    pub(super) now: Time,
}

impl Facts for OfPerson<'_> {
    fn at<'a>(&'a self, place: &Place) -> Fact<'a> {
        if place.root != Root::Profile {
            return Fact::Missing;
        }
        match self.audiences.segments() {
            _ if is_computed(place) => self.computed(place.path.steps()),
            Some(segments) if is_of_segments(place) => of_segments(segments),
            _ => of_profile(self.profile, &place.path),
        }
    }

    fn now(&self) -> Time {
        self.now
    }

    fn is_said(&self, place: &Place) -> bool {
        if place.root == Root::Profile && !is_computed(place) {
            return is_said(self.profile, &place.path);
        }
        !matches!(self.at(place), Fact::Missing)
    }

    fn did(&self, did: &Did) -> bool {
        super::sequence::is_so(did, &self.profile.tallies, self.now)
    }

    fn is_in(&self, audience: &str) -> bool {
        self.audiences.contains(audience)
    }

    fn is_on(&self, list: &OnList) -> bool {
        super::list::is_on(list, &self.profile.tallies)
    }
}

/// How often it was done, as far as that is kept.
pub(super) fn count(did: &Did, tallies: &Tallies, now: Time) -> usize {
    seen(did, tallies, now).count()
}

/// Those that count, as far as they are kept; sorted.
pub(super) fn seen<'a>(
    did: &'a Did,
    tallies: &'a Tallies,
    now: Time,
) -> impl DoubleEndedIterator<Item = &'a Sighting> {
    let tally = tallies.get(&did.key).into_iter();
    let since = tally.flat_map(move |tally| tally.since(did.horizon(now)));
    since.filter(|sighting| did.is_of(sighting.at))
}

impl OfPerson<'_> {
    fn computed<'a>(&'a self, steps: &[Step]) -> Fact<'a> {
        let [_, name, rest @ ..] = steps else { return Fact::Missing };
        let found = self.rules.computed(name.key());
        let value = found.and_then(|one| one.value(self));
        // Interests are the one thing that has something in it: flat, so that a dot in a name is a dot.
        let value = match value {
            Some(serde_json::Value::Object(mut all)) => {
                let within = flat(rest);
                if within.is_empty() {
                    return Fact::Object { is_empty: all.is_empty() };
                }
                all.remove(&within)
            }
            other => other.filter(|_| rest.is_empty()),
        };
        match value {
            Some(serde_json::Value::Array(all)) => Fact::List(Cow::Owned(all)),
            Some(serde_json::Value::Number(number)) => Fact::Number((&number).into()),
            Some(serde_json::Value::String(text)) => match Moment::parse(&text) {
                // Texts that events say stay texts: only what is a moment by its function is one.
                Some(moment) if found.is_some_and(super::Computed::is_a_moment) => {
                    Fact::Moment(moment)
                }
                _ => Fact::Text(Cow::Owned(text)),
            },
            _ => Fact::Missing,
        }
    }
}

fn is_computed(place: &Place) -> bool {
    is_below(place, "computed")
}

/// Whether a place is the segments of a profile.
pub(super) fn is_of_segments(place: &Place) -> bool {
    is_below(place, "segments")
}

fn is_below(place: &Place, first: &str) -> bool {
    place.root == Root::Profile && place.path.steps().first().map(Step::key) == Some(first)
}

/// The computed trait that a place names, where it names one.
pub(super) fn computed_name(place: &Place) -> Option<&str> {
    place.path.steps().get(1).map(Step::key).filter(|_| is_computed(place))
}

/// The rest of a path as one name: what is flat has dots in its names.
pub(super) fn flat(steps: &[Step]) -> String {
    let keys: Vec<&str> = steps.iter().map(Step::key).collect();
    keys.join(".")
}
