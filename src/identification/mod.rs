//! Whose is it? Decides the profile of a payload, and which profiles it shows to be one person.

mod decide;
mod turns;
mod past;
mod named;
mod group;
mod doubt;
mod merge;
mod standing;
mod keeping;
mod united;

pub use decide::decide;
pub use doubt::{Doubt, Reason};
pub use keeping::order;
pub use merge::merge;
pub use turns::{may_change_hands, next_turn, who_is_here};
pub(crate) use united::{adds_up, is_total};

use std::collections::HashMap;
use std::sync::Arc;

use crate::model::{
    EventId, Found, IdentifierKey, Link, Payload, Profile, ProfileId, SourceId, Time, Warning,
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
    /// Whoever was known to visit, when somebody was named in it, is removed or erased.
    pub visitor_is_gone: bool,
}

impl KnownSession {
    /// Who was in it last, as far as that is known.
    fn visits(&self) -> Option<&Living> {
        if self.is_linked { self.visitor.as_ref() } else { self.profile.as_ref() }
    }

    /// Whether somebody is there whose visit it still is: the visitor's, where the person who was named in it is gone.
    #[must_use]
    pub fn has_person(&self) -> bool {
        self.profile.is_some() || (self.is_linked && self.visitor.is_some())
    }
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

    /// Its name on the wire.
    #[must_use]
    pub fn name(&self) -> &'static str {
        match self {
            Self::Nobody => "nobody",
            Self::Known(_) => "known",
            Self::New(_) => "new",
            Self::Linked { .. } => "linked",
        }
    }

    /// Whether the person was seen before.
    #[must_use]
    pub fn is_known(&self) -> bool {
        matches!(self, Self::Known(_) | Self::Linked { .. })
    }

    /// How it was found whose it is.
    #[must_use]
    pub fn found(&self) -> Found {
        match self {
            Self::Linked { .. } => Found::Linked,
            Self::Nobody | Self::Known(_) | Self::New(_) => Found::Own,
        }
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
    /// What unites nobody until somebody has decided.
    pub doubts: Vec<Doubt>,
    /// What was named and is not as it says.
    pub warnings: Vec<Warning>,
}

impl Decision {
    /// Whether somebody else was in the session before, who is not shown to be the same person. Who visits
    /// counts, and not who is only named, be it somebody who was not here before.
    #[must_use]
    pub fn is_after_another(&self, session: Option<&KnownSession>, names_only: bool) -> bool {
        let Some(session) = session else { return false };
        if session.visitor_is_gone {
            return self.whose.profile().is_some();
        }
        let Some(was) = session.visits() else { return false };
        let is = match &self.whose {
            Whose::Nobody => return false,
            Whose::New(_) if names_only => return false,
            Whose::Known(id) | Whose::New(id) => Some(id),
            Whose::Linked { visitor, .. } => visitor.as_ref(),
        };
        is != Some(&was.id) && self.merges.iter().all(|union| union.loser != was.id)
    }

    fn plain(whose: Whose) -> Self {
        let (merges, binds, warnings) = (Vec::new(), Vec::new(), Vec::new());
        Self { whose, merges, adopts: None, binds, doubts: Vec::new(), warnings }
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
    /// Both have named this identifier, which was not enough, and somebody has decided it.
    Decided {
        /// The identifier.
        key: IdentifierKey,
        /// Who has decided.
        by: String,
    },
}

impl Evidence {
    /// The identifier, if it is one.
    #[must_use]
    pub fn identifier(&self) -> Option<&IdentifierKey> {
        match self {
            Self::Identifier(key) | Self::Decided { key, .. } => Some(key),
            Self::Passed(_) => None,
        }
    }

    /// The event of `payload` that told it: the first to name the identifier. A link is told by the
    /// payload as a whole, for which its first event stands.
    #[must_use]
    pub fn told_by<'a>(&self, payload: &'a Payload) -> Option<&'a EventId> {
        let mut events = payload.events.iter();
        let event = match self {
            Self::Identifier(key) | Self::Decided { key, .. } => {
                events.find(|event| event.identifiers.contains(key))
            }
            Self::Passed(_) => events.next(),
        };
        event.map(|event| &event.id)
    }
}
