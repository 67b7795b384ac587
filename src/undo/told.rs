//! Which audiences history tells people to be in who are taken apart: what was told of an id goes with it.
//!
//! While two were one it was told once, of an id of one of them, that they entered an audience. So one may be in it of
//! whom that is not told, and the other not, of whom it is. What is told of each in the end is what is so: the next
//! look tells what is missing. It is kept id by id, so in whatever order mergers and what was told come, nothing of
//! it depends on that.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde_json::Value;

use super::replay::Replay;
use crate::lake::ask::KeptEvent;
use crate::model::{Entering, JSON_DEPTH_READABLE, Json, Membership, Profile, ProfileId, Time};
use crate::processing::{ENTERED, tells_of_an_audience};

/// That somebody has entered an audience or left it, as history has it.
#[derive(Clone, Debug)]
pub(super) struct Said {
    /// Of which id.
    pub(super) of: ProfileId,
    pub(super) received_at: Time,
    audience: Arc<str>,
    enters: bool,
    at: Time,
}

impl Said {
    /// None of events that say something else.
    pub(super) fn by(event: &KeptEvent) -> Option<Self> {
        let says = event.properties.as_deref();
        if !tells_of_an_audience(&event.kind, says) {
            return None;
        }
        let says = Json::compact(says?, JSON_DEPTH_READABLE).ok()?.read();
        Some(Self {
            of: ProfileId::new(&*event.profile_id),
            received_at: Time::from_micros(event.received_at),
            audience: says.get("audience").and_then(Value::as_str)?.into(),
            enters: event.kind == ENTERED,
            at: Time::from_micros(event.time),
        })
    }
}

/// The last that was told of an id and an audience.
#[derive(Clone, Copy, Debug)]
enum Last {
    /// Since when it is in it.
    Entered(Time),
    /// When it left it.
    Left(Time),
}

/// The last that was told of somebody, audience by audience and id by id.
#[derive(Clone, Debug, Default)]
pub(super) struct Told(BTreeMap<Arc<str>, BTreeMap<ProfileId, Last>>);

impl Told {
    /// By then, of somebody who stood like this.
    pub(super) fn of(person: &Profile) -> Self {
        let one = |(audience, standing): (&Arc<str>, &Membership)| {
            let ids = standing.entering.ids(&person.id).iter().filter(|of| person.has_id(of));
            let ids = ids.map(|of| (of.clone(), Last::Entered(standing.since)));
            (Arc::clone(audience), ids.collect())
        };
        Self(person.audiences.iter().map(one).collect())
    }

    /// What comes next. Rows of an import come in any order: who has entered since has not left.
    pub(super) fn hear(&mut self, said: &Said) {
        let ids = self.0.entry(Arc::clone(&said.audience)).or_default();
        if let Some(Last::Entered(since)) = ids.get(&said.of)
            && (said.enters || said.at < *since)
        {
            return;
        }
        let last = if said.enters { Last::Entered(said.at) } else { Last::Left(said.at) };
        ids.insert(said.of.clone(), last);
    }

    /// Of two who become one: what was told of the ids of either.
    pub(super) fn unite(&mut self, other: Self) {
        for (audience, ids) in other.0 {
            self.0.entry(audience).or_default().extend(ids);
        }
    }

    /// The ids that have entered and not left, each with since when, the first of them first.
    fn entered(&self, audience: &str) -> Vec<(Time, &ProfileId)> {
        let ids = self.0.get(audience).into_iter().flatten();
        let entered = ids.filter_map(|(id, last)| match last {
            Last::Entered(since) => Some((*since, id)),
            Last::Left(_) => None,
        });
        let mut entered: Vec<_> = entered.collect();
        entered.sort_unstable();
        entered
    }

    /// Where somebody has entered and not left, and so stands until the next look has told otherwise.
    pub(super) fn standing(&self) -> impl Iterator<Item = (&Arc<str>, Membership)> {
        self.0.keys().filter_map(|audience| {
            let (since, _) = *self.entered(audience).first()?;
            let entering = Entering::default();
            let fades = false;
            Some((audience, Membership { since, event: None, in_doubt: true, entering, fades }))
        })
    }

    /// The person as they stood by then: in what they were in by themselves, and in what was told of them.
    pub(super) fn as_stood(&self, person: &Profile) -> Profile {
        let mut person = person.clone();
        for (audience, standing) in self.standing() {
            person.audiences.entry(Arc::clone(audience)).or_insert(standing);
        }
        for (audience, standing) in &mut person.audiences {
            self.tell(audience, &person.id, standing);
        }
        person
    }

    /// How it was told that the person `id` has entered an audience. Whoever was told to have left it, and has not, is
    /// in it from then on: what is told follows what was told before.
    pub(super) fn tell(&self, audience: &str, id: &ProfileId, standing: &mut Membership) {
        let entered = self.entered(audience);
        standing.entering = Entering::of(entered.iter().map(|(_, of)| (*of).clone()), id);
        if entered.is_empty() {
            let ids = self.0.get(audience).into_iter().flatten();
            let left = ids.map(|(_, last)| match last {
                Last::Entered(at) | Last::Left(at) => *at,
            });
            standing.since = left.fold(standing.since, Time::max);
        }
    }
}

/// What was told of each of those who `whole` becomes. Where history does not have it any more, it was told of whom
/// `whole` says.
pub(super) fn of_each(people: &[Arc<Profile>], apart: &Replay, whole: &Profile) -> Vec<Told> {
    let mut all: Vec<Told> = people.iter().map(|one| apart.told_of(&one.id)).collect();
    for (audience, standing) in &whole.audiences {
        for of in standing.entering.ids(&whole.id) {
            let Some(theirs) = people.iter().position(|one| one.ids.contains(of)) else { continue };
            let ids = all[theirs].0.entry(Arc::clone(audience)).or_default();
            ids.entry(of.clone()).or_insert(Last::Entered(standing.since));
        }
    }
    all
}

#[cfg(test)]
mod tests {
    use super::*;

    fn said(enters: bool, at: i64) -> Said {
        said_of("ann", enters, at)
    }

    fn said_of(of: &str, enters: bool, at: i64) -> Said {
        let (at, received_at) = (Time::from_micros(at), Time::from_micros(100));
        Said { of: ProfileId::new(of), received_at, audience: "vip".into(), enters, at }
    }

    /// As what mergers unite.
    #[test]
    fn of_whom_it_is_told_does_not_depend_on_when_they_became_one() {
        let of = |all: &[(&str, bool, i64)]| {
            let mut told = Told::default();
            all.iter().for_each(|(of, enters, at)| told.hear(&said_of(of, *enters, *at)));
            told
        };
        let shown = |told: &Told| {
            let ann = ProfileId::new("ann");
            let mut standing = Membership {
                since: Time::from_micros(1),
                event: None,
                in_doubt: false,
                entering: Entering::Own,
                fades: false,
            };
            told.tell("vip", &ann, &mut standing);
            let ids: Vec<_> = standing.entering.ids(&ann).iter().map(ToString::to_string).collect();
            (ids.join(" "), standing.since.micros())
        };
        for [one, other] in [["ann", "bob"], ["bob", "ann"]] {
            let mut both = of(&[(one, true, 3)]);
            both.unite(of(&[(other, true, 2)]));
            assert_eq!(shown(&both), (format!("{other} {one}"), 1));
            both.hear(&said_of(other, false, 5));
            assert_eq!(shown(&both), (one.to_owned(), 1));
            both.hear(&said_of(one, false, 6));
            assert_eq!(shown(&both), (String::new(), 6));
        }
    }

    #[test]
    fn whoever_has_entered_since_has_not_left_in_whatever_order_rows_come() {
        let stands = |rows: &[(bool, i64)]| {
            let mut told = Told::default();
            rows.iter().for_each(|(enters, at)| told.hear(&said(*enters, *at)));
            told.standing().next().map(|(_, standing)| standing.since.micros())
        };
        assert_eq!(stands(&[(true, 3), (false, 1)]), Some(3), "an import's rows");
        assert_eq!(stands(&[(true, 3), (false, 3)]), None);
        assert_eq!(stands(&[(true, 3), (false, 4), (true, 5)]), Some(5));
        assert_eq!(stands(&[(true, 3), (true, 5)]), Some(3), "since it was told first");
    }
}
