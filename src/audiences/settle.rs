//! Who is in what: looked at when something has changed, and at every moment at which time changes something.

use std::collections::BTreeSet;
use std::sync::Arc;

use super::facts::OfPerson;
use super::leaf::{Happened, Leaf, Sees, event_key};
use super::memberships::Memberships;
use super::rules::{Compiled, Rules};
use crate::conditions::{Documents, Facts, OfEvent, OfLine, Remembering};
use crate::model::{
    Because, Crossing, Entering, Event, InSegments, Profile, Settled, Sighted, Time, Touched,
    Watching,
};

/// Most moments that are looked at one by one for a person who was not looked at for long. What would be
/// beyond is looked at once, as of now.
const MOMENTS_MAX: usize = 64;

impl Watching for Rules {
    fn sightings(&self, events: &[Event]) -> Sighted {
        let mut all = Sighted::default();
        for (of, event) in events.iter().enumerate() {
            let Some(of_kind) = self.of_kind(&event.kind) else { continue };
            let id = (event.source.as_str(), event.id.as_str());
            let received = (event.time, event.received_at, Some(event.position));
            let facts = OfEvent { event, others: Documents::default() };
            let facts = Remembering::new(&facts, of_kind.places.len());
            let happened = Happened {
                of,
                valid: event.valid,
                at: event.time,
                key: event_key(&event.kind, id, received),
                facts: &facts,
            };
            see(self.leaves_for(of_kind, &facts), &happened, &mut all);
        }
        all.too_large.dedup();
        all
    }

    fn sightings_of_line(&self, line: &[u8]) -> Option<Sighted> {
        let mut all = Sighted::default();
        let line = OfLine::read(line).ok()?;
        let kind = line.text("type")?;
        let Some(of_kind) = self.of_kind(&kind) else { return Some(all) };
        let (source, id) = (line.text("source_id")?, line.text("id")?);
        let (at, position) = (line.time("time")?, line.whole("position"));
        let facts = Remembering::new(&line, of_kind.places.len());
        let happened = Happened {
            of: 0,
            valid: line.is_valid(),
            at,
            key: event_key(&kind, (&source, &id), (at, line.time("received_at")?, position)),
            facts: &facts,
        };
        see(self.leaves_for(of_kind, &facts), &happened, &mut all);
        Some(all)
    }

    fn audience(&self, id: &str) -> Option<(Arc<str>, InSegments)> {
        let found = self.audiences.iter().find(|one| *one.id == *id)?;
        Some((Arc::clone(&found.id), found.marks))
    }

    fn settle(&self, profile: &Profile, now: Time, touched: &Touched, because: Because) -> Settled {
        let mut look = Look {
            rules: self,
            profile,
            audiences: Memberships::of(profile),
            crossings: Vec::new(),
            marked: Vec::new(),
            looked_at_all: false,
        };
        let mut due = profile.due;
        let mut woken = profile.woken;
        for _ in 0..MOMENTS_MAX {
            let Some(at) = due.filter(|at| *at <= now) else { break };
            due = look.at(at, &Touched::all(), woken.take().unwrap_or(Because::Time));
        }
        let is_overdue = due.is_some_and(|at| at <= now);
        if touched.all || is_overdue {
            due = look.at(now, &Touched::all(), because);
        } else if !touched.is_nothing() {
            let next = look.at(now, touched, because);
            due = due.into_iter().chain(next).min();
        }
        let Look { crossings, marked, looked_at_all, .. } = look;
        Settled { crossings, due, of_all: looked_at_all, marked }
    }
}

/// Holds one event against leaves.
fn see<'a>(
    leaves: impl Iterator<Item = (usize, &'a Leaf)>,
    event: &Happened<'_, impl Facts>,
    all: &mut Sighted,
) {
    for (at, leaf) in leaves {
        match leaf.sees(at, event) {
            Sees::It(seen) => all.seen.push(seen),
            Sees::TooLarge => all.too_large.push(event.of),
            Sees::Nothing => {}
        }
    }
}

/// A person who is looked at.
struct Look<'a> {
    rules: &'a Rules,
    profile: &'a Profile,
    audiences: Memberships<'a>,
    crossings: Vec<Crossing>,
    /// See [`Settled::marked`].
    marked: Vec<(Arc<str>, InSegments)>,
    /// Whether everything was looked at: nothing that the profile says is in doubt then.
    looked_at_all: bool,
}

/// What was found of a person at one moment.
struct Pass {
    now: Time,
    because: Because,
    /// Whether everything is looked at.
    of_all: bool,
    /// Audiences that they have entered or left.
    crossed: BTreeSet<Arc<str>>,
    /// When something changes next, of what was looked at.
    next: Option<Time>,
}

impl Pass {
    /// Whether an audience names one that they have entered or left.
    fn is_named(&self, audience: &Compiled) -> bool {
        !self.crossed.is_empty()
            && audience.names.iter().any(|name| self.crossed.contains(name.as_str()))
    }
}

impl Look<'_> {
    /// At a moment, as far as something may have changed. When it changes next, of what was looked at.
    fn at(&mut self, now: Time, touched: &Touched, because: Because) -> Option<Time> {
        if touched.all {
            self.leave_what_is_gone(now);
        }
        let turns = self.rules.touched_by(touched, &self.profile.tallies);
        let mut pass =
            Pass { now, because, of_all: touched.all, crossed: BTreeSet::new(), next: None };
        for (number, audience) in self.rules.audiences.iter().enumerate() {
            let turns = turns.get(number).copied().unwrap_or_default();
            let is_named = pass.is_named(audience);
            // Most of them: it is not even looked up whether they are in.
            if !is_named && turns.is_none() {
                continue;
            }
            if is_named || turns.may_turn(self.audiences.contains(&audience.id)) {
                self.look_at(audience, &mut pass);
            }
        }
        self.go_round(&mut pass);
        self.looked_at_all |= touched.all;
        pass.next
    }

    /// Where audiences name each other in a circle, those that stand before one that has changed since. Each changes
    /// once, so that none goes in and out of itself for ever.
    fn go_round(&mut self, pass: &mut Pass) {
        let mut changed = 0;
        while pass.crossed.len() > changed {
            changed = pass.crossed.len();
            for audience in &self.rules.audiences {
                if pass.is_named(audience) && !pass.crossed.contains(&audience.id) {
                    self.look_at(audience, pass);
                }
            }
        }
    }

    fn look_at(&mut self, audience: &Compiled, pass: &mut Pass) {
        let was_in = self.audiences.contains(&audience.id);
        let (profile, audiences) = (self.profile, &self.audiences);
        let person = OfPerson { rules: self.rules, profile, audiences, now: pass.now };
        let stays = was_in && audience.sticky && !self.is_in_doubt(&audience.id);
        let is_in = stays || audience.condition.holds(&person);
        if !stays {
            let next = person.next_change(&audience.condition.tree);
            pass.next = pass.next.into_iter().chain(next).min();
        }
        if is_in != was_in {
            pass.crossed.insert(Arc::clone(&audience.id));
            self.cross(audience, is_in, pass);
        } else if is_in && pass.of_all {
            if self.is_untold(&audience.id) {
                self.tell(audience, pass);
            }
            self.mark(audience);
        }
    }

    /// Whoever entered it while its name stood nowhere, or under an older version, which did not remember that it goes.
    fn mark(&mut self, audience: &Compiled) {
        let (id, marks) = (&audience.id, audience.marks);
        let is_new = self.profile.audiences.contains_key(id)
            && !self.marked.iter().any(|(one, _)| one == id);
        if is_new && !self.profile.is_marked_as(id, marks) {
            self.audiences.mark(id, marks != InSegments::Never, self.profile);
            self.marked.push((Arc::clone(id), marks));
        }
    }

    /// Whether the profile says that they are in it, and nobody knows.
    fn is_in_doubt(&self, audience: &Arc<str>) -> bool {
        let in_doubt = self.profile.audiences.get(audience).is_some_and(|one| one.in_doubt);
        in_doubt && !self.looked_at_all
    }

    /// Whether they are in it, and nothing that history tells of them says so.
    fn is_untold(&self, audience: &Arc<str>) -> bool {
        let standing = self.profile.audiences.get(audience);
        let is_untold = standing.is_some_and(|one| one.entering == Entering::Untold);
        is_untold && !self.crossings.iter().any(|one| one.audience == *audience)
    }

    /// They have been in it, and it is told now: since when, and why it was not told then.
    fn tell(&mut self, audience: &Compiled, pass: &Pass) {
        self.crossings.push(Crossing {
            audience: Arc::clone(&audience.id),
            version: audience.version,
            enters: true,
            at: self.since(&audience.id).unwrap_or(pass.now),
            since: None,
            marks: audience.marks,
            because: pass.because,
            entering: None,
        });
    }

    fn cross(&mut self, audience: &Compiled, enters: bool, pass: &Pass) {
        let &Pass { now: at, because, .. } = pass;
        let id = Arc::clone(&audience.id);
        let since = self.since(&id).filter(|_| !enters);
        let entering = self.entering(&id).filter(|_| !enters);
        self.audiences.put(&id, enters);
        if audience.marks != InSegments::Never {
            self.audiences.mark(&id, enters, self.profile);
        }
        let (version, marks) = (audience.version, audience.marks);
        self.crossings.push(Crossing {
            audience: id,
            version,
            enters,
            at,
            since,
            marks,
            because,
            entering,
        });
    }

    /// Since when they are in.
    fn since(&self, audience: &Arc<str>) -> Option<Time> {
        let mut entered = self.crossings.iter().rev().filter(|one| one.enters);
        let entered = entered.find(|one| one.audience == *audience).map(|one| one.at);
        entered.or_else(|| self.profile.audiences.get(audience).map(|one| one.since))
    }

    /// How it was told that they have entered; none where it is told along with what is found now.
    fn entering(&self, audience: &Arc<str>) -> Option<Entering> {
        let enters = |one: &Crossing| one.enters && one.audience == *audience;
        let standing = self.profile.audiences.get(audience);
        let standing = standing.filter(|_| !self.crossings.iter().any(enters));
        standing.map(|one| one.entering.clone())
    }

    fn leave_what_is_gone(&mut self, at: Time) {
        let known: BTreeSet<&Arc<str>> = self.rules.ids().collect();
        let gone: Vec<_> = self.audiences.all().filter(|id| !known.contains(id)).cloned().collect();
        for id in gone {
            self.audiences.put(&id, false);
            let (since, entering) = (self.since(&id), self.entering(&id));
            let fades = self.profile.audiences.get(&id).is_some_and(|one| one.fades);
            if fades {
                self.audiences.mark(&id, false, self.profile);
            }
            self.crossings.push(Crossing {
                audience: id,
                version: 0,
                enters: false,
                at,
                since,
                marks: if fades { InSegments::WhileIn } else { InSegments::Never },
                because: Because::Rule,
                entering,
            });
        }
    }
}
