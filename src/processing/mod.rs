//! What does it change? Turns a payload into its events and into the profile and session after it.

mod naming;
mod events;
mod rules;
mod profile;
mod privacy;
mod session;
mod system;
mod told;
mod watched;

pub use naming::Naming;
pub use privacy::{conceal_in, private_fields};
pub use profile::{ANONYMOUS, is_anonymous};
pub use rules::{text_at, why_never};
pub use session::same_but_for_the_clock;
pub use system::{ADDED, OPENED, TRIGGERS};
pub use told::{OWN_SOURCE, is_own};
pub use watched::{ENTERED, LEFT, crossing, tells_of_an_audience};

use std::sync::Arc;

use crate::identification::Whose;
use crate::model::{Event, HeldEvent, Link, Payload, Profile, ProfileId, Session, Warning};
use profile::Person;
use watched::Watched;

/// What a payload meets.
#[derive(Debug)]
pub struct Before {
    /// The person, mergers already done; none when the payload is nobody's.
    pub profile: Option<Arc<Profile>>,
    /// The id under which it is kept: the one that it came with, should that have been merged.
    pub under: Option<ProfileId>,
    /// A merger or another id changed the profile, so it is written whatever else happens.
    pub merged: bool,
    /// The session, if it exists.
    pub session: Option<Arc<Session>>,
    /// The session's profile still lives.
    pub session_has_profile: bool,
    /// Somebody else was there before, who is not the person.
    pub session_is_anothers: bool,
    /// How the session is to remember that the person was only named.
    pub link: Option<Link>,
}

/// What a payload leaves.
#[derive(Clone, Debug)]
pub struct After {
    /// The person; the same as before when nothing changed.
    pub profile: Option<Arc<Profile>>,
    /// The id under which it is kept; the person's own, unless it came with one that was merged.
    pub under: Option<ProfileId>,
    /// How far the profile differs from what is stored, as far as it may be kept.
    pub profile_change: ProfileChange,
    /// The audiences that the person has entered or left.
    pub crossed: Vec<Arc<str>>,
    /// Whether the person has to be looked at at another moment than before.
    pub is_due_otherwise: bool,
    /// The session.
    pub session: Option<Session>,
    /// How far the session differs from what is stored.
    pub session_change: SessionChange,
    /// Events to keep, the client's first, then the system's (docs/wire.md §1.7).
    pub events: Vec<Event>,
    /// Ids of the events that the tracker is to hear of: the client's that asked for it, kept or not,
    /// then those added that were kept, when the payload asked.
    pub told_of: Vec<crate::model::EventId>,
    /// An event asked for the profile's body.
    pub wants_profile: bool,
    /// Everything found wrong.
    pub warnings: Vec<Warning>,
    /// Events that are kept apart.
    pub held: Vec<HeldEvent>,
}

/// How far a profile differs from what is stored.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ProfileChange {
    /// Not at all, or it is not to be kept.
    None,
    /// More is counted, and nothing follows from it yet: it can be counted again from the events in the tail,
    /// so the profile need not be written at once.
    Counted,
    /// Must be written in this round.
    Written,
}

/// How far a session differs from what is stored.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SessionChange {
    /// Not at all, or it is not to be kept.
    None,
    /// Only last-seen time and event count: can be folded again from the events in the tail, so
    /// it need not be written at once.
    Touched,
    /// Must be written in this round.
    Written,
}

/// Works on one payload. Pure: a fault in the data becomes a warning, never an error.
#[must_use]
pub fn process(payload: &Payload, whose: &Whose, before: Before) -> After {
    let is_new = matches!(whose, Whose::New(_));
    // Whoever lends a person out takes it back as it was, where nothing of it is to be written.
    let lent = before.profile.clone().filter(|_| cfg!(debug_assertions));
    let mut person = profile::start(payload, whose, before.profile, before.merged);
    let due = |person: &Option<Person>| person.as_ref().and_then(|person| person.profile().due);
    let was_due = if is_new { None } else { due(&person) };
    let payload = &*privacy::of_visitor(payload, person.as_ref());
    let mut watched = Watched::begin(payload, whose, before.under.as_ref(), &mut person);
    let context = privacy::of_context(payload, person.as_ref()).into_owned();
    let met = session::Met {
        session: before.session,
        has_profile: before.session_has_profile,
        is_anothers: before.session_is_anothers,
        under: before.under.or_else(|| whose.profile().cloned()),
        link: before.link,
        context: context.clone(),
    };
    let mut warnings = payload.warnings.clone();
    let mut visit = session::start(payload, whose, met, &mut warnings);
    if visit.counts {
        profile::count_visit(payload, &mut person);
    }
    profile::locate(payload, &visit, &mut person);
    let held = privacy::of_held(payload, person.as_ref());
    let events = events::build(payload, &visit, &mut person, &mut warnings);
    let added = system::events(payload, &visit, (person.as_ref(), is_new), (&context, &events));
    let mut wanted = events::wanted(payload, &visit, events, added);
    let session_change = session::finish(payload, &mut visit, &wanted);
    if let (Some(watched), Some(person)) = (&mut watched, &mut person) {
        watched.count(person, &mut wanted.kept, &mut warnings);
    }
    profile::finish(payload, &mut person);
    let mut crossed = Vec::new();
    if let (Some(watched), Some(person)) = (watched, &mut person) {
        let (told, of) = watched.end(payload, &visit, person, &wanted.kept);
        wanted.kept.extend(told);
        crossed = of;
    }
    if let (Some(was), Some(person)) = (lent, &person) {
        person.must_say_what_changed(&was);
    }
    After {
        under: visit.under,
        profile_change: profile::change(payload, whose, person.as_ref()),
        crossed,
        is_due_otherwise: due(&person) != was_due,
        profile: person.map(Person::into_profile),
        session: visit.session,
        session_change,
        events: wanted.kept,
        told_of: wanted.told_of,
        wants_profile: payload.events.iter().any(|event| event.options.profile),
        warnings,
        held,
    }
}

/// The name of an event type for people: split at dashes, each part capitalised
/// (docs/wire.md §4.3). Taken from the type as it was sent, before it is made a slug: `Page View`
/// becomes `Page view`.
#[must_use]
pub fn event_name(kind: &str) -> String {
    let mut name = String::with_capacity(kind.len());
    for (at, word) in kind.trim().split('-').enumerate() {
        if at > 0 {
            name.push(' ');
        }
        let mut letters = word.chars();
        name.extend(letters.next().into_iter().flat_map(char::to_uppercase));
        name.push_str(&letters.as_str().to_lowercase());
    }
    name
}
