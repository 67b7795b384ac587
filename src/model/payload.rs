//! A payload as it was understood, whatever dialect it came in.

use std::sync::Arc;

use super::{
    ConsentLog, Draw, EventId, HeldEvent, IdentifierKey, IdentityRules, Json, Mark, PrivateField,
    Profile, ProfileId, RuleSet, Seals, SessionId, Source, SourceId, Time, ToldApart, Trust,
    Visitor, Warning, Watching,
};

/// What one request brings, ready to be worked on: bounds checked, times read, ids drawn.
#[derive(Clone, Debug)]
pub struct Payload {
    /// Admitted.
    pub source: Arc<Source>,
    /// What its events do, as it was decided when it was admitted.
    pub rules: Arc<RuleSet>,
    /// What names somebody, and who is believed to say so, at the same moment.
    pub identity: Arc<IdentityRules>,
    /// What is counted of people and what they are in because of it, at the same moment; none where nobody
    /// has set up any of it.
    pub watching: Option<Arc<dyn Watching>>,
    /// The client's session, if it has one.
    pub session: Option<SessionId>,
    /// The profile the client believes to be.
    pub profile: Option<ProfileId>,
    /// The same, where what it sends is a pseudonym.
    pub hidden: Option<Hidden>,
    /// Which of the identifiers that its events name are believed.
    pub vouched: Vouched,
    /// Whom the history that it is of has as people; none of anything else.
    pub told_apart: Option<Arc<ToldApart>>,
    /// What pseudonyms are made with.
    pub seals: Seals,
    /// Goes to the session; events inherit it.
    pub context: Json,
    /// Goes to the session.
    pub properties: Json,
    /// The same without what may not be kept of it.
    pub private_visit: Option<PrivateVisit>,
    /// What the payload asks for.
    pub options: Options,
    /// In the order sent.
    pub events: Vec<PayloadEvent>,
    /// Those that did not fit and are kept apart.
    pub held: Vec<HeldEvent>,
    /// Those that rules have left out, as far as they can be known again.
    pub left_out: Vec<LeftOut>,
    /// Who visits, from headers and context.
    pub visitor: Visitor,
    /// A profile handed over by another of our sites (docs/wire.md §3.5).
    pub passed: Option<Passed>,
    /// When the request had been read.
    pub received_at: Time,
    /// The place of its first event among all that was received at that moment.
    pub position: i64,
    /// Ids for whatever this payload will create.
    pub draw: Draw,
    /// What people are taken to have said of consents, in place of what they have: only where somebody
    /// tries what would become of it.
    pub assumes: Option<ConsentLog>,
    /// Found so far.
    pub warnings: Vec<Warning>,
    /// What its events will take in the tail before compression, about, in bytes.
    pub bytes: usize,
}

impl Payload {
    /// By what everything that it brings is known once it is kept: also what rules keep out or apart now, which
    /// may be kept since before they did.
    pub fn marks(&self) -> impl Iterator<Item = Mark> {
        let events = self.events.iter().filter_map(|event| event.mark);
        let out = self.left_out.iter().map(|one| one.mark);
        events.chain(self.held.iter().map(|held| held.mark)).chain(out)
    }

    /// Whether it was history before and says whose it was, and nobody answers for whom it names: it stays
    /// that person's, and unites nobody who was not united by it then.
    #[must_use]
    pub fn tells_whose_it_was(&self) -> bool {
        self.is_history() && (self.vouched != Vouched::All || self.may_be_of_who_was_named())
    }

    fn is_history(&self) -> bool {
        self.options.adds_nothing && self.options.static_profile_id
    }

    /// Whoever is believed and names somebody has shown whose it is, and so has whoever knows it by ids of its own.
    fn may_be_of_who_was_named(&self) -> bool {
        let may_be = matches!(self.options.found, Some(Found::Linked | Found::Doubted));
        let names = || self.events.iter().any(PayloadEvent::names_somebody);
        may_be && !self.source.static_profile_id && !names()
    }

    /// Whether the history that it is of has somebody else of this one's ids beside its own person: what they
    /// have both named did not unite them there.
    #[must_use]
    pub fn is_told_apart_from(&self, other: &Profile) -> bool {
        self.told_apart.as_ref().is_some_and(|told| other.ids.iter().any(|id| told.has(id)))
    }

    /// Whether it says of that person that they were only named. Where that is in doubt, whoever is believed is.
    #[must_use]
    pub fn tells_of_who_was_named(&self) -> bool {
        match self.options.found {
            Some(Found::Linked) => self.tells_whose_it_was(),
            Some(Found::Doubted) => self.tells_whose_it_was() && self.vouched != Vouched::All,
            Some(Found::Own) | None => false,
        }
    }

    /// Whether it may deny for that person, also where they were only named: it may have been they, and a denial that
    /// is lost allows what somebody has taken back.
    #[must_use]
    pub fn may_deny(&self) -> bool {
        self.options.found == Some(Found::Doubted) && self.is_history()
    }
}

/// An event that rules have left out of a payload.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LeftOut {
    /// The client's id for it.
    pub id: EventId,
    /// By what it is known, if it is kept since before.
    pub mark: Mark,
}

impl LeftOut {
    /// One that has an id of the client's; none of what cannot be sent again.
    #[must_use]
    pub fn of(event: &PayloadEvent) -> Option<Self> {
        event.mark.map(|mark| Self { id: event.id.clone(), mark })
    }
}

impl PayloadEvent {
    /// Whether it says who somebody is.
    #[must_use]
    pub fn names_somebody(&self) -> bool {
        !self.identifiers.is_empty()
    }

    /// What it will take in the tail before compression, about, in bytes.
    #[must_use]
    pub fn bytes(&self) -> usize {
        let parts = [&self.context, &self.properties, &self.request, &self.config];
        let tags: usize = self.tags.iter().map(|tag| tag.len() + size_of::<String>()).sum();
        let hit = [&self.hit.url, &self.hit.path, &self.hit.title, &self.hit.referrer_host];
        let hit: usize = hit.into_iter().flatten().map(String::len).sum();
        let instead = self.private.iter().flat_map(|private| private.instead.iter());
        let instead: usize = instead.map(Self::bytes).sum();
        let parts: usize = parts.iter().map(|part| part.as_str().len()).sum();
        parts + tags + hit + COLUMNS_BYTES + instead
    }
}

/// What an event's other columns take, about, in bytes.
const COLUMNS_BYTES: usize = 512;

/// What a payload asks for as a whole (docs/wire.md §1.9).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(clippy::struct_excessive_bools, reason = "the wire's switches, one to one")]
pub struct Options {
    /// Keep the session.
    pub save_session: bool,
    /// Keep the events.
    pub save_events: bool,
    /// Keep the profile.
    pub save_profile: bool,
    /// Answer with event ids and the legacy keys.
    pub debugger: bool,
    /// No person behind it (`?profile_less=true`).
    pub profile_less: bool,
    /// The profile id is taken as it is, also when unknown: its source, or the door it came through,
    /// has ids of its own (docs/wire.md §3.3).
    pub static_profile_id: bool,
    /// It was history before: the events that Kith adds to a payload are among its own already.
    pub adds_nothing: bool,
    /// Its profile id is whose it was found to be when it was sent, and not what its sender says. Of history
    /// that is imported it says only whether the person was shown or only named.
    pub found: Option<Found>,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            save_session: true,
            save_events: true,
            save_profile: true,
            debugger: false,
            profile_less: false,
            static_profile_id: false,
            adds_nothing: false,
            found: None,
        }
    }
}

/// Whose a payload was found to be, when it was kept apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Found {
    /// The person's own.
    Own,
    /// The person was only named: it goes to them, and gives no power over them.
    Linked,
    /// The same, of history that does not tell: it may have been the person's own.
    Doubted,
}

/// One event of a payload.
#[derive(Clone, Debug)]
pub struct PayloadEvent {
    /// The client's id or a drawn one.
    pub id: EventId,
    /// Set when the client gave the id: the mark by which a repetition is known.
    pub mark: Option<Mark>,
    /// The mark of the event that it was split off: where that one is a repetition, so is this.
    pub part_of: Option<Mark>,
    /// Lower case, spaces as dashes.
    pub kind: String,
    /// The type as it was sent, where it was made another: what may not be kept of that may not be kept of this.
    pub sent_as: Option<String>,
    /// For people.
    pub name: String,
    /// Where it stood among those that were sent, also where some of them are kept apart or were made into others.
    pub place: usize,
    /// When it happened.
    pub time: Time,
    /// When it happened by the client's clock, where that is another moment.
    pub client_time: Option<Time>,
    /// As sent.
    pub properties: Json,
    /// The payload's context with the event's own keys on top.
    pub context: Json,
    /// The payload's `request` with the event's own keys on top.
    pub request: Json,
    /// What it asks for.
    pub options: EventOptions,
    /// All its options, as sent.
    pub config: Json,
    /// As sent.
    pub tags: Vec<String>,
    /// The page it happened on.
    pub hit: super::Hit,
    /// Whom it names.
    pub identifiers: Vec<IdentifierKey>,
    /// What was found wrong with it so far.
    pub warnings: Vec<Warning>,
    /// It is as it must be; else it changes no profile.
    pub valid: bool,
    /// What may not be kept of it without consent, where rules have made it of an event that holds that.
    pub private: Option<Private>,
}

/// What stands in place of an event that rules were let see more than may be kept.
#[derive(Clone, Debug)]
pub struct Private {
    /// The number, within the payload, of the event that it was made of.
    pub of: usize,
    /// What that one holds.
    pub fields: Arc<[PrivateField]>,
    /// What the same rules have made of it without these fields. With the first of those that were made of
    /// one; none with the others.
    pub instead: Arc<[PayloadEvent]>,
}

/// The visit's properties where something of them comes from fields that may not be kept.
#[derive(Clone, Debug)]
pub struct PrivateVisit {
    /// The fields.
    pub fields: Arc<[PrivateField]>,
    /// What they are without those.
    pub instead: Json,
}

/// What one event asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(clippy::struct_excessive_bools, reason = "the wire's switches, one to one")]
pub struct EventOptions {
    /// False: processed, not kept.
    pub save: bool,
    /// False: does not touch the session.
    pub save_session: bool,
    /// Answer with the profile's body, if the source allows it.
    pub profile: bool,
    /// Answer with this event's id.
    pub debugger: bool,
}

impl Default for EventOptions {
    fn default() -> Self {
        Self { save: true, save_session: true, profile: false, debugger: false }
    }
}

/// An id that leads to somebody for collecting only.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Hidden {
    /// As it was sent.
    pub pseudonym: ProfileId,
    /// To whom it leads.
    pub person: ProfileId,
}

/// The identifiers of a payload that are believed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Vouched {
    /// All: the source is trusted.
    All,
    /// Those that a server has signed.
    These(Vec<IdentifierKey>),
}

impl Vouched {
    /// Nothing is.
    #[must_use]
    pub fn none() -> Self {
        Self::These(Vec::new())
    }

    /// How far whoever names this one is believed.
    #[must_use]
    pub fn trust_in(&self, key: &IdentifierKey) -> Trust {
        match self {
            Self::All => Trust::Trusted,
            Self::These(keys) if keys.contains(key) => Trust::Signed,
            Self::These(_) => Trust::Public,
        }
    }

    /// Whether this one is.
    #[must_use]
    pub fn covers(&self, key: &IdentifierKey) -> bool {
        self.trust_in(key) > Trust::Public
    }
}

/// A profile id that came in a link from another of our sites.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Passed {
    /// `__tr_pid`.
    pub profile: ProfileId,
    /// `__tr_src`.
    pub source: SourceId,
}
