//! Whose is it? Decides the profile of a payload, and which profiles it shows to be one person.

mod turns;
mod group;
mod named;
mod merge;

pub use merge::merge;
pub use turns::next_turn;

use std::collections::HashMap;
use std::sync::Arc;

use group::{Group, Joined, Shown};
use named::Named;
use turns::UniqueValues;

use crate::model::{
    EventId, IdentifierKey, Link, Payload, PayloadEvent, Profile, ProfileId, SourceId, Time,
    Warning,
};

/// What is known before the decision: every id already followed through its aliases, so that each
/// profile here is a living one.
#[derive(Clone, Debug, Default)]
pub struct Known {
    /// The payload's session, if it exists.
    pub session: Option<KnownSession>,
    /// Where the payload's own profile id leads.
    pub claimed: Option<Living>,
    /// The same of a pseudonym.
    pub hidden: Option<Living>,
    /// Where the profile id handed over in a link leads.
    pub passed: Option<Living>,
    /// Who holds the identifiers that the events name.
    pub holders: Vec<(IdentifierKey, Living)>,
    /// All of these people as they are, where it is to be decided who may meet.
    pub bodies: HashMap<ProfileId, Arc<Profile>>,
}

impl Known {
    /// Everybody in it; some more than once.
    pub(crate) fn everybody(&self) -> impl Iterator<Item = &Living> {
        let of_session = self.session.iter().filter_map(|session| session.profile.as_ref());
        let named = self.holders.iter().map(|(_, holder)| holder);
        let visitors = self.session.iter().filter_map(|session| session.visitor.as_ref());
        let claimed = self.claimed.iter().chain(&self.hidden).chain(&self.passed);
        of_session.chain(visitors).chain(claimed).chain(named)
    }

    /// Whoever holds this.
    pub(super) fn holder(&self, key: &IdentifierKey) -> Option<&Living> {
        self.holders.iter().find(|(held, _)| held == key).map(|(_, holder)| holder)
    }
}

/// A session that exists.
#[derive(Clone, Debug, Default)]
pub struct KnownSession {
    /// Its profile, unless it has none or it was erased.
    pub profile: Option<Living>,
    /// Nobody has shown that it is they who visit.
    pub is_linked: bool,
    /// Who visits then, as far as that is known.
    pub visitor: Option<Living>,
}

/// A living profile, with what decides its seniority.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Living {
    /// When it was first seen; the older of two lives on.
    pub created: Time,
    /// Its id; decides between two of the same moment.
    pub id: ProfileId,
}

/// Whose a payload is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Whose {
    /// No person is behind it.
    Nobody,
    /// A person seen before.
    Known(ProfileId),
    /// A person seen for the first time, who gets this id.
    New(ProfileId),
    /// A person who was only named: events go to them, and nothing gives power over them.
    Linked {
        /// The person.
        to: ProfileId,
        /// Who visits, as far as that is known otherwise.
        visitor: Option<ProfileId>,
    },
}

impl Whose {
    /// The profile's id, if there is one.
    #[must_use]
    pub fn profile(&self) -> Option<&ProfileId> {
        match self {
            Self::Nobody => None,
            Self::Known(id) | Self::New(id) | Self::Linked { to: id, .. } => Some(id),
        }
    }

    /// Whether the person was seen before.
    #[must_use]
    pub fn is_known(&self) -> bool {
        matches!(self, Self::Known(_) | Self::Linked { .. })
    }

    /// What a session of theirs remembers of how they were named.
    #[must_use]
    pub fn link(&self) -> Option<Link> {
        match self {
            Self::Linked { visitor, .. } => Some(Link { visitor: visitor.clone() }),
            Self::Nobody | Self::Known(_) | Self::New(_) => None,
        }
    }
}

/// The decision.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Decision {
    /// Whose it is.
    pub whose: Whose,
    /// Profiles that turn out to be the same person, to be merged into it in this order.
    pub merges: Vec<Union>,
    /// An id of the source's own that leads to this person from now on.
    pub adopts: Option<ProfileId>,
    /// What this person is recognised by from now on, of what the events name.
    pub binds: Vec<IdentifierKey>,
    /// What was named and is not as it says.
    pub warnings: Vec<Warning>,
}

impl Decision {
    fn plain(whose: Whose) -> Self {
        let (merges, binds, warnings) = (Vec::new(), Vec::new(), Vec::new());
        Self { whose, merges, adopts: None, binds, warnings }
    }
}

/// One profile that is the same person, and why.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Union {
    /// The younger profile, which ends.
    pub loser: ProfileId,
    /// What showed it.
    pub evidence: Evidence,
}

/// What showed that two profiles are one person; kept, so that a merge can be explained and undone.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Evidence {
    /// Both have named this identifier.
    Identifier(IdentifierKey),
    /// One was handed over to the other in a link from this source.
    Passed(SourceId),
}

impl Evidence {
    /// The event of `payload` that told it: the first to name the identifier. A link is told by the
    /// payload as a whole, for which its first event stands.
    #[must_use]
    pub fn told_by<'a>(&self, payload: &'a Payload) -> Option<&'a EventId> {
        let mut events = payload.events.iter();
        let event = match self {
            Self::Identifier(key) => events.find(|event| event.identifiers.contains(key)),
            Self::Passed(_) => events.next(),
        };
        event.map(|event| &event.id)
    }
}

/// Decides whose `payload` is: the table of docs/wire.md §3.2, then the union of everyone it names
/// who may meet.
#[must_use]
pub fn decide(payload: &Payload, known: &Known) -> Decision {
    if payload.options.profile_less {
        return Decision::plain(Whose::Nobody);
    }
    let said = UniqueValues::of(&payload.identity, &payload.events);
    let row = Row::of(payload, known);
    let is_anothers = row.people().any(|one| is_somebody_else(known.bodies.get(&one.id), &said));
    let changes = is_anothers && !payload.options.static_profile_id;
    let row = if changes { Row::default() } else { row };
    let named = Named::of(payload, known, row.visitor.as_ref(), &said);
    let mut warnings: Vec<Warning> = changes.then(person_changed).into_iter().collect();
    warnings.extend(named.is_apart.then(people_kept_apart));
    let linked = named.linked.or(row.linked.as_ref()).filter(|_| !named.is_verified);
    if let Some(to) = linked {
        let names = payload.events.iter().any(PayloadEvent::names_somebody);
        warnings.extend(names.then(not_trusted));
        let visitor = row.visitor.map(|visitor| visitor.id);
        let whose = Whose::Linked { to: to.id.clone(), visitor };
        return Decision { warnings, ..Decision::plain(whose) };
    }
    warnings.extend(named.is_doubted.then(not_trusted));
    let mut group = Group::new(&payload.identity, known);
    if !is_anothers || changes {
        said.iter().for_each(|key| group.expect(key));
    }
    gather(payload, known, row.visitor.as_ref(), &named, &mut group, &mut warnings);
    settle(payload, known, row.visitor, group, warnings)
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
    Decision { whose: Whose::Known(oldest.id), merges, adopts, binds, warnings }
}

/// The row of the table, before the events are asked whom they name.
#[derive(Default)]
struct Row {
    /// Who visits.
    visitor: Option<Living>,
    /// To whom the events go, who was only named.
    linked: Option<Living>,
}

impl Row {
    /// The session wins over the payload, except where the source brings ids of its own.
    fn of(payload: &Payload, known: &Known) -> Self {
        let claimed = || Self {
            visitor: known.claimed.clone(),
            linked: known.hidden.clone().filter(|_| known.claimed.is_none()),
        };
        if payload.options.static_profile_id {
            return Self { visitor: known.claimed.clone(), linked: None };
        }
        let Some(session) = &known.session else { return claimed() };
        match (&session.profile, session.is_linked) {
            (None, _) => claimed(),
            (Some(person), true) => {
                Self { visitor: session.visitor.clone(), linked: Some(person.clone()) }
            }
            (Some(person), false) => Self { visitor: Some(person.clone()), linked: None },
        }
    }

    fn people(&self) -> impl Iterator<Item = &Living> {
        self.visitor.iter().chain(&self.linked)
    }
}

/// An id that a source of its own ids says for the first time.
fn is_new_fixed_id(payload: &Payload, known: &Known) -> bool {
    payload.options.static_profile_id && known.claimed.is_none()
}

/// Whether the events name somebody else than this one: another value of what a person has one of.
fn is_somebody_else(body: Option<&Arc<Profile>>, said: &UniqueValues<'_>) -> bool {
    let Some(body) = body else { return false };
    said.iter().any(|key| {
        let theirs = body.identifiers.get(&key.namespace);
        theirs.is_some_and(|theirs| !theirs.is_empty() && !theirs.contains(&key.hash))
    })
}

/// Everyone the payload shows to be the same person, as far as they may meet. In the order of the
/// payload, so that its own person is among them; those who were too many are united when it comes
/// again. The reason of the first is never used, since it says why the *others* are one with it.
fn gather<'a>(
    payload: &Payload,
    known: &'a Known,
    base: Option<&Living>,
    named: &Named<'a>,
    group: &mut Group<'a>,
    warnings: &mut Vec<Warning>,
) {
    let passed = known.passed.iter().zip(&payload.passed);
    let passed =
        passed.map(|(living, passed)| (living, Some(Evidence::Passed(passed.source.clone()))));
    let named = named.shown.iter();
    let named = named.map(|(key, living)| (*living, Some(Evidence::Identifier((*key).clone()))));
    let base = base.map(|living| (living, None)).into_iter();
    let (mut too_many, mut apart) = (false, false);
    for (living, evidence) in base.chain(passed).chain(named) {
        match group.join(living, evidence) {
            Joined::Yes => {}
            Joined::TooMany => too_many = true,
            Joined::Apart => apart = true,
        }
    }
    warnings.extend(too_many.then(people_too_many));
    warnings.extend(apart.then(people_kept_apart));
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

/// All but the oldest end. The base has no evidence of its own: it ends for the reason that
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
