//! Which audiences history tells people to be in who are taken apart: what was told of an id goes with it.
//!
//! While two were one it was told once, of an id of one of them, that they entered an audience. So one may be in it of
//! whom that is not told, and the other not, of whom it is. What is told of each in the end is what is so: the next
//! look tells what is missing.

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

/// The last that was told of somebody and an audience.
#[derive(Clone, Debug)]
enum Last {
    /// Since when they are in it, and of which id that is told.
    Entered(Time, ProfileId),
    /// When they left it.
    Left(Time),
}

/// The last that was told of somebody, audience by audience.
#[derive(Clone, Debug, Default)]
pub(super) struct Told(BTreeMap<Arc<str>, Last>);

impl Told {
    /// By then, of somebody who stood like this.
    pub(super) fn of(person: &Profile) -> Self {
        let one = |(audience, standing): (&Arc<str>, &Membership)| {
            let of = standing.entering.id(&person.id).filter(|of| person.has_id(of))?;
            Some((Arc::clone(audience), Last::Entered(standing.since, of.clone())))
        };
        Self(person.audiences.iter().filter_map(one).collect())
    }

    /// What comes next. Rows of an import come in any order: who has entered since has not left.
    pub(super) fn hear(&mut self, said: &Said) {
        let stands = match self.0.get(&said.audience) {
            Some(Last::Entered(since, _)) => Some(*since),
            Some(Last::Left(_)) | None => None,
        };
        if stands.is_some_and(|since| said.enters || said.at < since) {
            return;
        }
        let last =
            if said.enters { Last::Entered(said.at, said.of.clone()) } else { Last::Left(said.at) };
        self.0.insert(Arc::clone(&said.audience), last);
    }

    /// Of two who become one: in what either is in.
    pub(super) fn unite(&mut self, other: Self) {
        for (audience, last) in other.0 {
            if !self.has_entered(&audience) {
                self.0.insert(audience, last);
            }
        }
    }

    fn has_entered(&self, audience: &str) -> bool {
        matches!(self.0.get(audience), Some(Last::Entered(..)))
    }

    /// Where somebody has entered and not left, and so stands until the next look has told otherwise.
    pub(super) fn standing(&self) -> impl Iterator<Item = (&Arc<str>, Membership)> {
        self.0.iter().filter_map(|(audience, last)| {
            let Last::Entered(since, _) = last else { return None };
            let entering = Entering::default();
            let standing = Membership { since: *since, event: None, in_doubt: true, entering };
            Some((audience, standing))
        })
    }

    /// How it was told that the person `id` has entered an audience. Whoever was told to have left it, and has not, is
    /// in it from then on: what is told follows what was told before.
    pub(super) fn tell(&self, audience: &str, id: &ProfileId, standing: &mut Membership) {
        standing.entering = match self.0.get(audience) {
            Some(Last::Entered(_, of)) => Entering::of(of, id),
            Some(Last::Left(at)) => {
                standing.since = standing.since.max(*at);
                Entering::Untold
            }
            None => Entering::Untold,
        };
    }
}

/// What was told of each of those who `whole` becomes. Where history does not have it any more, it was told of whom
/// `whole` says.
pub(super) fn of_each(people: &[Arc<Profile>], apart: &Replay, whole: &Profile) -> Vec<Told> {
    let mut all: Vec<Told> = people.iter().map(|one| apart.told_of(&one.id)).collect();
    for (audience, standing) in &whole.audiences {
        let Some(of) = standing.entering.id(&whole.id) else { continue };
        let theirs = people.iter().position(|one| one.ids.contains(of));
        if let Some(theirs) = theirs.filter(|_| !all.iter().any(|one| one.has_entered(audience))) {
            let last = || Last::Entered(standing.since, of.clone());
            all[theirs].0.entry(Arc::clone(audience)).or_insert_with(last);
        }
    }
    all
}

#[cfg(test)]
mod tests {
    use super::*;

    fn said(enters: bool, at: i64) -> Said {
        let (at, received_at) = (Time::from_micros(at), Time::from_micros(100));
        Said { of: ProfileId::new("ann"), received_at, audience: "vip".into(), enters, at }
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
