//! Facts of a person: the profile as its document has it, what is computed, and what they did.

use std::borrow::Cow;
use std::collections::BTreeSet;
use std::sync::Arc;

use super::rules::Rules;
use crate::conditions::{Did, Fact, Facts, Moment, Place, Root, of_profile};
use crate::model::{Path, Profile, Step, Tallies, Time};

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
        match place.path.split_first() {
            Some(("computed", within)) => self.computed(&within),
            _ => of_profile(self.profile, &place.path),
        }
    }

    fn now(&self) -> Time {
        self.now
    }

    fn did(&self, did: &Did) -> bool {
        super::sequence::is_so(did, &self.profile.tallies, self.now)
    }

    fn is_in(&self, audience: &str) -> bool {
        self.audiences.contains(audience)
    }

    fn is_on(&self, list: &str) -> bool {
        super::list::is_on(list, &self.profile.tallies)
    }
}

/// How often it was done, as far as that is kept.
pub(super) fn count(did: &Did, tallies: &Tallies, now: Time) -> usize {
    tallies.0.get(&did.key).map_or(0, |tally| tally.since(did.horizon(now)).count())
}

impl OfPerson<'_> {
    fn computed<'a>(&'a self, within: &Path) -> Fact<'a> {
        let Some((name, rest)) = within.split_first() else { return Fact::Missing };
        let found = self.rules.computed(name);
        let value = found.and_then(|one| one.value(self));
        // Interests are the one thing that has something in it: flat, so that a dot in a name is a dot.
        let value = match value {
            Some(serde_json::Value::Object(mut all)) => {
                let within = flat(&rest);
                if within.is_empty() {
                    return Fact::Object { is_empty: all.is_empty() };
                }
                all.remove(&within)
            }
            other => other.filter(|_| rest.steps().is_empty()),
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

/// A path as one name: what is flat has dots in its names.
pub(super) fn flat(path: &Path) -> String {
    let keys: Vec<&str> = path.steps().iter().map(Step::key).collect();
    keys.join(".")
}
