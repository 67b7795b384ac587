//! Whose is it? Decides the profile of a payload, and which profiles it shows to be one person.

mod merge;

pub use merge::merge;

use crate::model::{EventId, IdentifierKey, Payload, ProfileId, SourceId, Time};

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
}

impl Decision {
    fn plain(whose: Whose) -> Self {
        Self { whose, merges: Vec::new(), adopts: None }
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

/// Decides whose `payload` is: the table of DESIGN §4, then the union of everyone it names.
#[must_use]
pub fn decide(payload: &Payload, known: &Known) -> Decision {
    if payload.options.profile_less {
        return Decision::plain(Whose::Nobody);
    }
    let base = base(payload, known);
    let everyone = everyone(payload, known, base.as_ref());
    let Some(oldest) = everyone.iter().map(|(living, _)| living).min().cloned() else {
        return Decision::plain(Whose::New(new_id(payload)));
    };
    if !payload.options.save_profile {
        return Decision::plain(Whose::Known(base.unwrap_or(oldest).id));
    }
    let adopts = payload.profile.clone().filter(|_| is_new_fixed_id(payload, known));
    Decision { merges: unions(&everyone, &oldest), whose: Whose::Known(oldest.id), adopts }
}

/// An id that a source of its own ids says for the first time.
fn is_new_fixed_id(payload: &Payload, known: &Known) -> bool {
    payload.source.static_profile_id && known.claimed.is_none()
}

/// The row of the table: the session wins over the payload, except where the source brings ids of
/// its own.
fn base(payload: &Payload, known: &Known) -> Option<Living> {
    let session = known.session.as_ref().and_then(|session| session.profile.clone());
    if payload.source.static_profile_id {
        return known.claimed.clone();
    }
    session.or_else(|| known.claimed.clone())
}

/// Everyone the payload shows to be the same person. The reason of the first is never used, since
/// it says why the *others* are one with it.
fn everyone(
    payload: &Payload,
    known: &Known,
    base: Option<&Living>,
) -> Vec<(Living, Option<Evidence>)> {
    let passed =
        known.passed.iter().zip(&payload.passed).map(|(living, passed)| {
            (living.clone(), Some(Evidence::Passed(passed.source.clone())))
        });
    let named = known
        .holders
        .iter()
        .map(|(key, living)| (living.clone(), Some(Evidence::Identifier(key.clone()))));
    base.map(|living| (living.clone(), None)).into_iter().chain(passed).chain(named).collect()
}

/// All but the oldest end. The base has no evidence of its own: it ends for the reason that
/// brought the oldest in.
fn unions(everyone: &[(Living, Option<Evidence>)], oldest: &Living) -> Vec<Union> {
    let brought = everyone.iter().find(|(living, _)| living == oldest);
    let why_oldest = brought.and_then(|(_, evidence)| evidence.clone());
    let mut unions: Vec<Union> = Vec::new();
    for (living, evidence) in everyone {
        let known_already = unions.iter().any(|union| union.loser == living.id);
        if living == oldest || known_already {
            continue;
        }
        let Some(evidence) = evidence.clone().or_else(|| why_oldest.clone()) else { continue };
        unions.push(Union { loser: living.id.clone(), evidence });
    }
    unions
}

/// An unknown id is never adopted, or anybody could choose to be somebody (spec §3.2); a source
/// with ids of its own is trusted to know them.
fn new_id(payload: &Payload) -> ProfileId {
    let own = payload.profile.as_ref().filter(|_| payload.source.static_profile_id);
    own.cloned().unwrap_or_else(|| payload.draw.profile.into())
}
