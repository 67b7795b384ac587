//! Why is somebody in an audience, or not: its condition, part by part, with what they did.

use std::collections::BTreeSet;

use super::covered::hidden_within;
use super::facts::{OfPerson, count, seen};
use super::memberships::Memberships;
use super::rules::{Compiled, Rules};
use super::sequence::Followed;
use crate::conditions::{Condition, Did, Language, Tree};
use crate::model::{HIDDEN, Masking, Profile, Sighting, Time};

/// A condition held against a person.
#[derive(Clone, Debug, PartialEq)]
pub struct Why {
    /// All of it.
    pub part: Part,
    /// When it may be otherwise, should nothing happen.
    pub changes: Option<Time>,
}

/// A part of a condition.
#[derive(Clone, Debug, PartialEq)]
pub struct Part {
    /// As text; `***` where any of it is hidden from whoever asks.
    pub text: String,
    /// Whether it is so; none where it is hidden.
    pub holds: Option<bool>,
    /// What it is made of; `any` of these or `all`.
    pub of: Option<(&'static str, Vec<Part>)>,
    /// What they did, where it is about that.
    pub did: Option<Done>,
}

/// What somebody did, as far as it counts.
#[derive(Clone, Debug, PartialEq)]
pub struct Done {
    /// The type of the events, of the first of them where some follow others.
    pub kind: String,
    /// So often is wanted; so many steps, where some follow others.
    pub wanted: u16,
    /// So often it was, as far as that is counted.
    pub found: usize,
    /// The events that count with their types, the last one first.
    pub seen: Vec<(String, Sighting)>,
}

impl Rules {
    /// The condition of an audience that counts, held against a person. Of what looks at anything hidden is not told
    /// whether it holds: part by part, one would find it.
    #[must_use]
    pub fn why(
        &self,
        audience: &str,
        profile: &Profile,
        now: Time,
        masking: &Masking,
    ) -> Option<Why> {
        let found = self.audiences.iter().find(|one| *one.id == *audience)?;
        let (tree, audiences) = (&found.condition.tree, Memberships::of(profile));
        let person = OfPerson { rules: self, profile, audiences: &audiences, now };
        let part = person.part(tree, masking);
        let changes = part.holds.and_then(|_| self.changes(found, &person, masking));
        Some(Why { part, changes })
    }

    /// When they may be in it or not otherwise, should nothing happen: by the condition itself, or since one that it
    /// names is. Whoever stays, stays. Of what looks at anything hidden the moment would tell of it, too.
    fn changes(&self, of: &Compiled, person: &OfPerson<'_>, masking: &Masking) -> Option<Time> {
        let stays = |one: &Compiled| one.sticky && person.audiences.contains(&one.id);
        if stays(of) {
            return None;
        }
        let mut next = person.next_change(&of.condition.tree);
        let mut names: BTreeSet<&str> = of.names.iter().map(String::as_str).collect();
        // From the last to the first: whoever names is before, seen from there, whom it names.
        for one in self.audiences.iter().rev().filter(|one| one.id != of.id) {
            let hides = || hidden_within(&one.condition.tree, self, masking).is_some();
            if names.contains(&*one.id) && !stays(one) && !hides() {
                next = next.into_iter().chain(person.next_change(&one.condition.tree)).min();
                names.extend(one.names.iter().map(String::as_str));
            }
        }
        next
    }
}

impl Part {
    /// Shows everything that somebody did, as far as any part is about that.
    pub fn each_done(&self, visit: &mut impl FnMut(&Done)) {
        self.did.iter().for_each(&mut *visit);
        for part in self.of.iter().flat_map(|(_, parts)| parts) {
            part.each_done(visit);
        }
    }
}

impl OfPerson<'_> {
    fn part(&self, tree: &Tree, masking: &Masking) -> Part {
        let condition = Condition { language: Language::Rules, tree: tree.clone() };
        let parts = |parts: &[Tree]| parts.iter().map(|part| self.part(part, masking)).collect();
        let hides = hidden_within(tree, self.rules, masking).is_some();
        Part {
            text: if hides { HIDDEN.to_owned() } else { condition.to_string() },
            holds: (!hides).then(|| condition.holds(self)),
            of: match tree {
                Tree::All(all) => Some(("all", parts(all))),
                Tree::Any(any) => Some(("any", parts(any))),
                Tree::Not(one) => Some(("not", parts(std::slice::from_ref(one)))),
                Tree::Test(_) | Tree::Did(_) | Tree::In(_) | Tree::Listed(_) => None,
            },
            did: if let (Tree::Did(did), false) = (tree, hides) {
                Some(self.done(did))
            } else {
                None
            },
        }
    }

    fn done(&self, did: &Did) -> Done {
        if !did.then.is_empty() {
            return self.followed(did);
        }
        let seen = seen(did, &self.profile.tallies, self.now).rev();
        Done {
            kind: did.kind.clone(),
            wanted: did.times,
            found: count(did, &self.profile.tallies, self.now),
            seen: seen.map(|sighting| (did.kind.clone(), sighting.clone())).collect(),
        }
    }

    /// The events that came furthest.
    fn followed(&self, did: &Did) -> Done {
        let followed = Followed::of(did, &self.profile.tallies, self.now);
        let events = followed.furthest().map_or(&[][..], |chain| chain.events.as_slice());
        let wanted = 1 + did.then.iter().filter(|step| !step.is_not).count();
        let seen = events.iter().rev();
        Done {
            kind: did.kind.clone(),
            wanted: u16::try_from(wanted).unwrap_or(u16::MAX),
            found: events.len(),
            seen: seen.map(|(kind, sighting)| ((*kind).to_owned(), (*sighting).clone())).collect(),
        }
    }
}
