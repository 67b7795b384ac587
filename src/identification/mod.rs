//! Whose is it? Decides the profile of a payload, and which profiles it shows to be one person.

mod merge;

pub use merge::merge;

use crate::model::{EventId, IdentifierKey, Payload, ProfileId, SourceId, Time, Warning};

/// Most people that one payload may unite, the one who lives on included. A merger costs a copy of
/// what has been united so far, once to work on and once for its record.
const PEOPLE_UNITED_MAX: usize = 16;

/// What is known before the decision: every id already followed through its aliases, so that each
/// profile here is a living one.
#[derive(Clone, Debug, Default)]
pub struct Known {
    /// The payload's session, if it exists.
    pub session: Option<KnownSession>,
    /// Where the payload's own profile id leads.
    pub claimed: Option<Living>,
    /// Where the profile id handed over in a link leads.
    pub passed: Option<Living>,
    /// Who holds the identifiers that the events name.
    pub holders: Vec<(IdentifierKey, Living)>,
    /// Pairs of them that somebody has said to be two people.
    pub apart: Vec<(ProfileId, ProfileId)>,
}

impl Known {
    /// Everybody who is named, in the order in which they are looked at.
    pub fn everybody(&self) -> impl Iterator<Item = &Living> {
        let of_session = self.session.as_ref().and_then(|session| session.profile.as_ref());
        let named = self.holders.iter().map(|(_, living)| living);
        of_session.into_iter().chain(&self.claimed).chain(&self.passed).chain(named)
    }

    fn are_apart(&self, one: &Living, other: &Living) -> bool {
        let is_pair = |(a, b): &(ProfileId, ProfileId)| {
            (*a == one.id && *b == other.id) || (*a == other.id && *b == one.id)
        };
        self.apart.iter().any(is_pair)
    }
}

/// A session that exists.
#[derive(Clone, Debug, Default)]
pub struct KnownSession {
    /// Its profile, unless it has none or it was erased.
    pub profile: Option<Living>,
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
}

impl Whose {
    /// The profile's id, if there is one.
    #[must_use]
    pub fn profile(&self) -> Option<&ProfileId> {
        match self {
            Self::Nobody => None,
            Self::Known(id) | Self::New(id) => Some(id),
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
    /// Some of those it names were left alone.
    pub warning: Option<Warning>,
}

impl Decision {
    fn plain(whose: Whose) -> Self {
        Self { whose, merges: Vec::new(), adopts: None, warning: None }
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

/// Decides whose `payload` is: the table of docs/wire.md §3.2, then the union of everyone it names.
#[must_use]
pub fn decide(payload: &Payload, known: &Known) -> Decision {
    if payload.options.profile_less {
        return Decision::plain(Whose::Nobody);
    }
    let base = base(payload, known);
    let Everyone { people: everyone, warning } = everyone(payload, known, base.as_ref());
    let Some(oldest) = everyone.iter().map(|(living, _)| living).min().cloned() else {
        return Decision::plain(Whose::New(new_id(payload)));
    };
    if !payload.options.save_profile {
        return Decision::plain(Whose::Known(base.unwrap_or(oldest).id));
    }
    let adopts = payload.profile.clone().filter(|_| is_new_fixed_id(payload, known));
    let merges = unions(everyone, &oldest);
    Decision { merges, whose: Whose::Known(oldest.id), adopts, warning }
}

/// An id that a source of its own ids says for the first time.
fn is_new_fixed_id(payload: &Payload, known: &Known) -> bool {
    payload.options.static_profile_id && known.claimed.is_none()
}

/// The row of the table: the session wins over the payload, except where the source brings ids of
/// its own.
fn base(payload: &Payload, known: &Known) -> Option<Living> {
    let session = known.session.as_ref().and_then(|session| session.profile.clone());
    if payload.options.static_profile_id {
        return known.claimed.clone();
    }
    session.or_else(|| known.claimed.clone())
}

/// Somebody, and what shows that they are one with the others.
type Shown = (Living, Option<Evidence>);

/// All of them, and what there is to say of those who were left out.
#[derive(Default)]
struct Everyone {
    people: Vec<Shown>,
    warning: Option<Warning>,
}

/// Everyone the payload shows to be the same person, each once, without those who are too many or
/// kept apart from somebody who comes before. In
/// the order of the payload, so that its own person is among them; it unites the rest when it comes
/// again. The reason of the first is never used, since it says why the *others* are one with it.
fn everyone(payload: &Payload, known: &Known, base: Option<&Living>) -> Everyone {
    let passed = known.passed.iter().zip(&payload.passed);
    let passed =
        passed.map(|(living, passed)| (living, Some(Evidence::Passed(passed.source.clone()))));
    let named = known.holders.iter();
    let named = named.map(|(key, living)| (living, Some(Evidence::Identifier(key.clone()))));
    let mut everyone = Everyone::default();
    for (living, evidence) in
        base.map(|living| (living, None)).into_iter().chain(passed).chain(named)
    {
        let people = &mut everyone.people;
        if people.iter().any(|(one, _)| one == living) {
            continue;
        }
        if people.iter().any(|(one, _)| known.are_apart(one, living)) {
            everyone.warning = Some(kept_apart());
        } else if people.len() < PEOPLE_UNITED_MAX {
            people.push((living.clone(), evidence));
        } else {
            everyone.warning = Some(too_many());
        }
    }
    everyone
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

fn kept_apart() -> Warning {
    let text = "the payload names people who are kept apart; the rest were left as they are";
    Warning::new("people_kept_apart", text)
}

fn too_many() -> Warning {
    let text = "the payload names more people than one may unite; the rest were left as they are";
    Warning::new("people_too_many", text)
}

/// An unknown id is never adopted, or anybody could choose to be somebody (docs/wire.md §3.2); a
/// source with ids of its own is trusted to know them.
fn new_id(payload: &Payload) -> ProfileId {
    let own = payload.profile.as_ref().filter(|_| payload.options.static_profile_id);
    own.cloned().unwrap_or_else(|| payload.draw.profile().into())
}
