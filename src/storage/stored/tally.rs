//! What somebody did and where they stand, as stored in the body of the profile.
//!
//! Sightings lie side by side, column by column, and times as differences: forty bytes each would be most of
//! the body.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::moment;
use crate::model::{
    Entering, EventId, Fixed, Keep, Membership, ProfileId, Sighting, Sums, Tally, Time, Worth,
};

/// A tally. Times are microseconds since 1970, of sightings each since the one before.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct StoredTally {
    keep: String,
    at: Vec<i64>,
    id: Vec<u32>,
    /// In which order those of one moment came; none where nobody has said so of any.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    order: Vec<u32>,
    /// Numbers, in millionths; none at all where nobody has any.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    number: Vec<Option<i128>>,
    /// Texts, the same.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    text: Vec<Option<String>>,
    /// Beginning, count, sum, least, greatest.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    before: Vec<(i64, u64, i128, i128, i128)>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    through: Option<i64>,
}

/// That somebody is in an audience.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct StoredMembership {
    #[serde(with = "moment")]
    since: Time,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    event: Option<String>,
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    in_doubt: bool,
    /// Of which id it is told that they entered, where that is not the person's.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    told_of: Option<String>,
    /// Of which ids beside that one. Servers that do not know them tell of the one alone.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    told_of_others: Vec<String>,
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    untold: bool,
    /// Servers that do not know it leave the name of a segment that is gone.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    fades: bool,
}

pub(super) fn stored_memberships(
    audiences: &BTreeMap<Arc<str>, Membership>,
) -> BTreeMap<String, StoredMembership> {
    let one = |membership: &Membership| StoredMembership {
        since: membership.since,
        event: membership.event.as_ref().map(ToString::to_string),
        in_doubt: membership.in_doubt,
        told_of: told_of(&membership.entering).next(),
        told_of_others: told_of(&membership.entering).skip(1).collect(),
        untold: membership.entering == Entering::Untold,
        fades: membership.fades,
    };
    audiences.iter().map(|(id, membership)| (id.to_string(), one(membership))).collect()
}

/// The ids, where they are not the person's own alone.
fn told_of(entering: &Entering) -> impl Iterator<Item = String> + '_ {
    let ids = if let Entering::Of(ids) = entering { ids.as_slice() } else { &[] };
    ids.iter().map(ToString::to_string)
}

pub(super) fn read_memberships(
    stored: BTreeMap<String, StoredMembership>,
) -> BTreeMap<Arc<str>, Membership> {
    let one = |stored: StoredMembership| Membership {
        since: stored.since,
        event: stored.event.map(EventId::new),
        in_doubt: stored.in_doubt,
        entering: match stored.told_of {
            _ if stored.untold => Entering::Untold,
            Some(id) => {
                let all = std::iter::once(id).chain(stored.told_of_others);
                Entering::Of(all.map(ProfileId::new).collect())
            }
            None => Entering::Own,
        },
        fades: stored.fades,
    };
    stored.into_iter().map(|(id, stored)| (id.into(), one(stored))).collect()
}

impl From<&Tally> for StoredTally {
    fn from(tally: &Tally) -> Self {
        // As versions before sort them, which know no order: they are sorted anew when they are read.
        let mut sightings: Vec<&Sighting> = tally.sightings.iter().collect();
        let place = |sighting: &&Sighting| (sighting.at, sighting.hash());
        sightings.sort_by(|one, other| (place(one), &one.worth).cmp(&(place(other), &other.worth)));
        let mut last = 0;
        let at = sightings.iter().map(|sighting| {
            let at = sighting.at.micros();
            at - std::mem::replace(&mut last, at)
        });
        let at = at.collect();
        let column = |is_one: fn(&Worth) -> bool| -> Vec<&Worth> {
            let worths = || sightings.iter().map(|sighting| &sighting.worth);
            if worths().any(is_one) { worths().collect() } else { Vec::new() }
        };
        let number = |worth: &Worth| {
            if let Worth::Number(number) = worth { Some(number.millionths()) } else { None }
        };
        let text = |worth: &Worth| {
            if let Worth::Text(text) = worth { Some(text.clone()) } else { None }
        };
        let numbers = column(|worth| matches!(worth, Worth::Number(_)));
        let texts = column(|worth| matches!(worth, Worth::Text(_)));
        let before = tally.before.iter();
        let orders = || sightings.iter().map(|sighting| sighting.order().unwrap_or(0));
        Self {
            keep: tally.keep.code(),
            at,
            id: sightings.iter().map(|sighting| sighting.hash()).collect(),
            order: if orders().any(|order| order > 0) { orders().collect() } else { Vec::new() },
            number: numbers.into_iter().map(number).collect(),
            text: texts.into_iter().map(text).collect(),
            before: before
                .map(|(at, Sums { count, sum, least, greatest })| {
                    let [sum, least, greatest] = [sum, least, greatest].map(|one| one.millionths());
                    (*at, *count, sum, least, greatest)
                })
                .collect(),
            through: tally.through.map(Time::micros),
        }
    }
}

impl StoredTally {
    /// None of what a newer build keeps.
    pub(super) fn read(self) -> Option<Tally> {
        let mut tally = Tally::new(Keep::of_code(&self.keep)?);
        let (mut numbers, mut texts) = (self.number.into_iter(), self.text.into_iter());
        let mut orders = self.order.into_iter();
        let mut last = 0;
        for (since, hash) in self.at.into_iter().zip(self.id) {
            last += since;
            let event = Sighting::event(orders.next().unwrap_or(0), hash);
            let (number, text) = (numbers.next().flatten(), texts.next().flatten());
            let number = number.map(|number| Worth::Number(Fixed::of_millionths(number)));
            let worth = number.or(text.map(Worth::Text));
            let worth = worth.unwrap_or(Worth::Nothing);
            tally.sightings.push_back(Sighting { at: Time::from_micros(last), event, worth });
        }
        tally.sightings.make_contiguous().sort();
        let sums = self.before.into_iter().map(|(at, count, sum, least, greatest)| {
            let [sum, least, greatest] = [sum, least, greatest].map(Fixed::of_millionths);
            (at, Sums { count, sum, least, greatest })
        });
        tally.before = sums.collect();
        tally.through = self.through.map(Time::from_micros);
        Some(tally)
    }
}
