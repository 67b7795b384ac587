//! Whose a payload is, step by step: the table, who is named, who is one with whom.

use std::sync::Arc;

use super::group::{Group, Joined, Shown};
use super::named::{Asking, Named};
use super::turns::UniqueValues;
use super::{Decision, Doubt, Evidence, Known, Living, Reason, Union, Whose, past};
use crate::model::{IdentifierKey, Options, Payload, PayloadEvent, Profile, ProfileId, Warning};

/// Most entries that one payload makes for somebody to decide on: each is a row, and a look for it.
const DOUBTS_MAX: usize = 16;

/// Decides whose `payload` is: the table of docs/wire.md §3.2, then the union of everyone it names
/// who may meet.
#[must_use]
pub fn decide(payload: &Payload, known: &Known) -> Decision {
    if payload.options.profile_less || was_somebodys_who_is_gone(payload, known) {
        return Decision::plain(Whose::Nobody);
    }
    let said = UniqueValues::of(&payload.identity, &payload.events);
    let row = Row::of(payload, known);
    if row.is_of_nobody_known {
        // Whoever it is of is there from now on, and nothing more.
        return Decision::plain(Whose::New(new_id(payload)));
    }
    let is_anothers = row.people().any(|one| is_somebody_else(known.bodies.get(&one.id), &said));
    let changes = is_anothers && !payload.options.static_profile_id;
    let row = if changes { Row::default() } else { row };
    let visitor = row.visitor.as_ref();
    let named = Named::of(&Asking { payload, known, visitor, said: &said });
    let mut warnings: Vec<Warning> = changes.then(person_changed).into_iter().collect();
    warnings.extend(named.is_apart.then(people_kept_apart));
    let is_said = row.linked.is_some() && payload.tells_whose_it_was();
    let linked = named.linked.or(row.linked.as_ref()).filter(|_| is_said || !named.is_verified);
    if let Some(to) = linked {
        let names = payload.events.iter().any(PayloadEvent::names_somebody);
        warnings.extend(names.then(not_trusted));
        let visitor = visitor.map(|visitor| visitor.id.clone());
        let whose = Whose::Linked { to: to.id.clone(), visitor };
        return Decision { warnings, ..Decision::plain(whose) };
    }
    warnings.extend(named.is_doubted.then(not_trusted));
    let mut group = Group::new(&payload.identity, known, payload.received_at.day());
    if !is_anothers || changes {
        said.iter().for_each(|key| group.expect(key));
    }
    let (mut doubts, found) = gather(payload, known, visitor, &named, &mut group);
    warnings.extend(found);
    doubts.extend(named.asked.iter().map(|(key, holder)| Doubt::of(key, holder, Reason::Public)));
    let doubts = few(doubts);
    Decision { doubts, ..settle(payload, known, visitor.cloned(), group, warnings) }
}

/// Each once, and no more of one payload than somebody can decide on: what is left out comes again.
fn few(doubts: Vec<Doubt>) -> Vec<Doubt> {
    let mut few = Vec::new();
    for doubt in doubts {
        if few.len() < DOUBTS_MAX && !few.contains(&doubt) {
            few.push(doubt);
        }
    }
    few
}

/// What follows from who is one.
fn settle<'a>(
    payload: &'a Payload,
    known: &'a Known,
    base: Option<Living>,
    mut group: Group<'a>,
    mut warnings: Vec<Warning>,
) -> Decision {
    let oldest = group.oldest().cloned();
    if !payload.options.save_profile {
        let one = base.or(oldest);
        let whose = one.map_or_else(|| Whose::New(new_id(payload)), |one| Whose::Known(one.id));
        return Decision { warnings, ..Decision::plain(whose) };
    }
    let binds = binds(payload, known, &mut group, &mut warnings);
    let Some(oldest) = oldest else {
        return Decision { binds, warnings, ..Decision::plain(Whose::New(new_id(payload))) };
    };
    let adopts = payload.profile.clone().filter(|_| is_new_fixed_id(payload, known));
    let merges = unions(group.into_people(), &oldest);
    let doubts = Vec::new();
    Decision { whose: Whose::Known(oldest.id), merges, adopts, binds, doubts, warnings }
}

/// The row of the table, before the events are asked whom they name.
#[derive(Default)]
pub(super) struct Row {
    /// Who visits.
    pub(super) visitor: Option<Living>,
    /// To whom the events go, who was only named.
    pub(super) linked: Option<Living>,
    /// They go to somebody who was only named, and is not here yet.
    pub(super) is_of_nobody_known: bool,
}

impl Row {
    /// The session wins over the payload, except where the source brings ids of its own.
    pub(super) fn of(payload: &Payload, known: &Known) -> Self {
        let claimed = || Self {
            visitor: known.claimed.clone(),
            linked: known.hidden.clone().filter(|_| known.claimed.is_none()),
            is_of_nobody_known: false,
        };
        if payload.tells_whose_it_was() {
            return past::row(payload, known);
        }
        if payload.options.static_profile_id {
            return Self { visitor: known.claimed.clone(), ..Self::default() };
        }
        // Whoever is there now need not be who was there then.
        let session = known.session.as_ref().filter(|_| payload.options.found.is_none());
        let Some(session) = session else { return claimed() };
        match (&session.profile, session.is_linked) {
            // Whoever was named in it is gone: it is its visitor's again.
            (None, true) if session.visitor.is_some() => {
                Self { visitor: session.visitor.clone(), ..Self::default() }
            }
            (None, _) => claimed(),
            (Some(person), true) => {
                let visitor = session.visitor.clone();
                Self { visitor, linked: Some(person.clone()), ..Self::default() }
            }
            (Some(person), false) => Self { visitor: Some(person.clone()), ..Self::default() },
        }
    }

    pub(super) fn people(&self) -> impl Iterator<Item = &Living> {
        self.visitor.iter().chain(&self.linked)
    }
}

/// Whose it was found to be was removed since. Nobody else has done it.
fn was_somebodys_who_is_gone(payload: &Payload, known: &Known) -> bool {
    let Options { found, static_profile_id, .. } = payload.options;
    found.is_some() && !static_profile_id && known.claimed.is_none() && known.hidden.is_none()
}

/// An id that a source of its own ids says for the first time.
fn is_new_fixed_id(payload: &Payload, known: &Known) -> bool {
    payload.options.static_profile_id && known.claimed.is_none()
}

/// Whether the events name somebody else than this one: another value of what a person has one of.
pub(super) fn is_somebody_else(body: Option<&Arc<Profile>>, said: &UniqueValues<'_>) -> bool {
    let Some(body) = body else { return false };
    said.iter().any(|key| {
        let theirs = body.identifiers.get(&key.namespace);
        theirs.is_some_and(|theirs| !theirs.is_empty() && !theirs.contains(&key.hash))
    })
}

/// Everyone the payload shows to be the same person, as far as they may meet. In the order of the
/// payload, so that its own person is among them; those who were too many are united when it comes
/// again. The first has no reason, since it would say why the *others* are one with it.
fn gather<'a>(
    payload: &Payload,
    known: &'a Known,
    base: Option<&Living>,
    named: &Named<'a>,
    group: &mut Group<'a>,
) -> (Vec<Doubt>, Vec<Warning>) {
    let passed = known.passed.iter().zip(&payload.passed);
    let passed =
        passed.map(|(living, passed)| (living, Some(Evidence::Passed(passed.source.clone()))));
    let named = named.shown.iter();
    let named = named.map(|(key, living)| (*living, Some(Evidence::Identifier((*key).clone()))));
    let base = base.map(|living| (living, None)).into_iter();
    let (mut too_many, mut apart, mut doubts) = (false, false, Vec::new());
    for (living, evidence) in base.chain(passed).chain(named) {
        let key = evidence.as_ref().and_then(Evidence::identifier).cloned();
        let evidence = evidence.filter(|_| !group.is_empty());
        match group.join(living, evidence) {
            Joined::Yes => {}
            Joined::TooMany => too_many = true,
            Joined::Apart => apart = true,
            Joined::Asked(reason) => match key {
                Some(key) => doubts.push(Doubt::of(&key, living, reason)),
                None => apart = true,
            },
        }
    }
    let found = [
        too_many.then(people_too_many),
        apart.then(people_kept_apart),
        (!doubts.is_empty()).then(quarantined),
    ];
    (doubts, found.into_iter().flatten().collect())
}

/// What the person is recognised by from now on: what nobody else holds, and what they may have.
/// By what others hold a later payload finds them.
fn binds<'a>(
    payload: &'a Payload,
    known: &Known,
    group: &mut Group<'a>,
    warnings: &mut Vec<Warning>,
) -> Vec<IdentifierKey> {
    let mut binds = Vec::new();
    let mut too_many = false;
    for key in payload.events.iter().flat_map(|event| &event.identifiers) {
        let holder = known.holder(key);
        if holder.is_some_and(|holder| !group.has(holder)) || binds.contains(key) {
            continue;
        }
        // What somebody in the group holds was theirs before; only what is new is counted.
        if group.take(key) || holder.is_some() {
            binds.push(key.clone());
        } else {
            too_many = true;
        }
    }
    warnings.extend(too_many.then(identifiers_too_many));
    binds
}

/// All but the oldest end. The first has no evidence of its own: it ends for the reason that
/// brought the oldest in.
fn unions(everyone: Vec<Shown>, oldest: &Living) -> Vec<Union> {
    let brought = everyone.iter().find(|(living, _)| living == oldest);
    let why_oldest = brought.and_then(|(_, evidence)| evidence.clone());
    let losers = everyone.into_iter().filter(|(living, _)| living != oldest);
    let with_why = losers.filter_map(|(living, evidence)| {
        let evidence = evidence.or_else(|| why_oldest.clone())?;
        Some(Union { loser: living.id, evidence })
    });
    with_why.collect()
}

fn person_changed() -> Warning {
    let text = "somebody else is named than was here before; from here on it is theirs, and nobody \
                was united";
    Warning::new("person_changed", text)
}

fn not_trusted() -> Warning {
    let text = "an identifier is somebody else's, and nobody who is trusted has said that it is the \
                visitor's";
    Warning::new("identifier_not_trusted", text)
}

fn quarantined() -> Warning {
    let text = "one person would have united more than a person usually does; nobody was united, and \
                it waits for a decision";
    Warning::new("identifier_quarantined", text)
}

fn people_too_many() -> Warning {
    let text = "the payload names more people than one may unite; the rest were left as they are";
    Warning::new("people_too_many", text)
}

fn people_kept_apart() -> Warning {
    let text = "the payload names people who cannot be one: each has a key of which a person has one, \
                they have too many together, or somebody has said so; they were left as they are";
    Warning::new("people_kept_apart", text)
}

fn identifiers_too_many() -> Warning {
    let text = "the person has as many identifiers of this kind as one may; those that are new were \
                left out";
    Warning::new("identifiers_too_many", text)
}

/// An unknown id is never adopted, or anybody could choose to be somebody (docs/wire.md §3.2); a
/// source with ids of its own is trusted to know them.
fn new_id(payload: &Payload) -> ProfileId {
    let own = payload.profile.as_ref().filter(|_| payload.options.static_profile_id);
    own.cloned().unwrap_or_else(|| payload.draw.profile().into())
}
