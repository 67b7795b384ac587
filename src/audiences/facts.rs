//! Facts of a person: the profile as its document has it, what is computed, and what they did.

use std::borrow::Cow;
use std::collections::BTreeSet;
use std::sync::Arc;

use super::rules::Rules;
use crate::conditions::{Did, Fact, Facts, Moment, Place, Root};
use crate::model::{Path, Profile, Tallies, Time};

/// A person at a moment.
#[derive(Clone, Copy, Debug)]
pub(super) struct OfPerson<'a> {
    pub(super) rules: &'a Rules,
    pub(super) profile: &'a Profile,
    /// The audiences that they are in, as far as those were looked at already.
    pub(super) audiences: &'a BTreeSet<Arc<str>>,
    pub(super) now: Time,
}

impl Facts for OfPerson<'_> {
    fn at<'a>(&'a self, place: &Place) -> Fact<'a> {
        if place.root != Root::Profile {
            return Fact::Missing;
        }
        let Some((first, within)) = place.path.split_first() else { return Fact::Missing };
        self.field(first, &within)
    }

    fn now(&self) -> Time {
        self.now
    }

    fn did(&self, did: &Did) -> bool {
        did.is_so(count(did, &self.profile.tallies, self.now))
    }

    fn is_in(&self, audience: &str) -> bool {
        self.audiences.contains(audience)
    }
}

/// How often it was done, as far as that is kept.
pub(super) fn count(did: &Did, tallies: &Tallies, now: Time) -> usize {
    tallies.0.get(&did.key).map_or(0, |tally| tally.since(did.horizon(now)).count())
}

impl OfPerson<'_> {
    fn field<'a>(&'a self, first: &str, within: &Path) -> Fact<'a> {
        let profile = self.profile;
        let map = match first {
            "traits" => &profile.traits,
            "data" => &profile.data,
            "interests" => &profile.interests,
            "consents" => &profile.consents,
            "aux" => &profile.aux,
            "id" => return profile.id.as_str().into(),
            "primary_id" => return profile.primary_id.as_deref().into(),
            "active" => return Fact::Truth(true),
            "ids" => {
                return Fact::Texts(profile.ids.iter().map(ToString::to_string).collect());
            }
            "segments" => return Fact::Texts(Cow::Borrowed(&profile.segments)),
            "metadata" => return self.metadata(within),
            "computed" => return self.computed(within),
            _ => return Fact::Missing,
        };
        if within.steps().is_empty() {
            return Fact::Object { is_empty: map.is_empty() };
        }
        within.get(map).into()
    }

    fn metadata<'a>(&'a self, within: &Path) -> Fact<'a> {
        let keys: Vec<&str> = within.steps().iter().map(crate::model::Step::key).collect();
        let visits = &self.profile.visits;
        match keys.as_slice() {
            ["time", "insert"] => self.profile.created.into(),
            ["time", "update"] => self.profile.updated.into(),
            ["time", "visit", "last"] => visits.last.into(),
            ["time", "visit", "current"] => visits.current.into(),
            ["time", "visit", "tz"] => visits.timezone.as_deref().into(),
            ["time", "visit", "count"] => {
                Fact::Number(crate::conditions::Number::Whole(visits.count.into()))
            }
            _ => Fact::Missing,
        }
    }

    fn computed<'a>(&'a self, within: &Path) -> Fact<'a> {
        let Some((name, rest)) = within.split_first() else { return Fact::Missing };
        let found = self.rules.computed(name).filter(|_| rest.steps().is_empty());
        let value = found.and_then(|one| one.value(&self.profile.tallies, self.now));
        match value {
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
