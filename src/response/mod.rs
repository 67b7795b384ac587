//! What the tracker hears back.

use std::sync::Arc;

use uuid::Uuid;

use crate::identification::{Decision, Reason, Whose};
use crate::model::{
    EventId, Payload, Profile, ProfileId, SessionId, Source, SourceId, Time, Warning,
};
use crate::processing::{After, ProfileChange, SessionChange};

/// The answer to a payload that was kept. The dialect turns it into its own JSON.
#[derive(Clone, Debug)]
pub struct Response {
    /// Names this payload.
    pub task: Uuid,
    /// The profile the client must use from now on; none when it is nobody's or was not kept.
    pub profile: Option<ProfileId>,
    /// The session, unless it was not kept.
    pub session: Option<SessionId>,
    /// The profile's body, when an event asked and the source allows it.
    pub profile_body: Option<Arc<Profile>>,
    /// What the source may hear of them; none where it hears nothing.
    pub heard: Option<Heard>,
    /// Ids of the events that asked to be told of, the client's first.
    pub events: Vec<EventId>,
    /// What was written, when the payload asked.
    pub debug: Option<Debug>,
    /// What was found wrong.
    pub warnings: Vec<Warning>,
    /// Why identifiers of it unite nobody until somebody has decided.
    pub doubts: Vec<Reason>,
    /// The source that sent it, for whom the profile's pass is.
    pub source: SourceId,
    /// When it had been read.
    pub received_at: Time,
}

/// Of whom a source may hear something.
#[derive(Clone, Debug)]
pub struct Heard {
    /// It says what.
    pub source: Arc<Source>,
    /// The person, after the payload.
    pub profile: Arc<Profile>,
}

/// What was written, for the legacy keys (docs/wire.md §1.7).
#[derive(Clone, Debug)]
pub struct Debug {
    /// At least one event.
    pub event_saved: bool,
    /// The session, apart from a mere touch.
    pub session_saved: bool,
    /// The profile.
    pub profile_saved: bool,
}

impl Response {
    /// The answer to a payload in which one person follows another: the ids are those that hold from
    /// now on.
    #[must_use]
    pub fn followed_by(self, next: Self) -> Self {
        let (mut events, mut warnings, mut doubts) = (self.events, self.warnings, self.doubts);
        doubts.extend(next.doubts);
        events.extend(next.events);
        warnings.extend(next.warnings);
        let debug = self.debug.zip(next.debug).map(|(one, other)| Debug {
            event_saved: one.event_saved || other.event_saved,
            session_saved: one.session_saved || other.session_saved,
            profile_saved: one.profile_saved || other.profile_saved,
        });
        Self { task: self.task, events, warnings, doubts, debug, ..next }
    }

    /// The answer to a payload of which there is only a fault to tell: it names nobody, so nobody gets
    /// a pass.
    #[must_use]
    pub fn nothing_but(fault: Warning, task: Uuid) -> Self {
        Self {
            task,
            profile: None,
            session: None,
            profile_body: None,
            heard: None,
            events: Vec::new(),
            debug: None,
            warnings: vec![fault],
            doubts: Vec::new(),
            source: SourceId::new(""),
            received_at: Time::default(),
        }
    }
}

/// Answers `payload`, given what it left.
#[must_use]
pub fn respond(payload: &Payload, decision: &Decision, after: &After) -> Response {
    let whose = &decision.whose;
    let debug = payload.options.debugger;
    let is_shown = !matches!(whose, Whose::Linked { .. });
    let may_show = is_shown && payload.source.returns_profile && payload.options.save_profile;
    let shows_body = after.wants_profile && may_show;
    let id = profile(payload, whose, after);
    Response {
        task: payload.draw.task(),
        heard: heard(payload, after).filter(|_| is_shown && id.is_some()),
        profile: id,
        session: session(payload, after),
        profile_body: after.profile.clone().filter(|_| shows_body),
        events: after.told_of.clone(),
        debug: debug.then(|| Debug {
            event_saved: !after.events.is_empty(),
            session_saved: after.session_change == SessionChange::Written,
            profile_saved: after.profile_change != ProfileChange::None,
        }),
        warnings: after.warnings.clone(),
        doubts: decision.doubts.iter().map(|doubt| doubt.reason).collect(),
        source: payload.source.id.clone(),
        received_at: payload.received_at,
    }
}

/// Whom it may hear of. Whoever was only named is not told of.
fn heard(payload: &Payload, after: &After) -> Option<Heard> {
    let profile = after.profile.clone().filter(|_| !payload.source.profile_view.is_empty())?;
    Some(Heard { source: Arc::clone(&payload.source), profile })
}

/// The resolved id; a person who was new but not kept has none that would lead anywhere.
fn profile(payload: &Payload, whose: &Whose, after: &After) -> Option<ProfileId> {
    let lives = after.profile_change != ProfileChange::None || whose.is_known();
    let id = whose.profile().filter(|_| payload.options.save_profile && lives)?;
    match whose {
        Whose::Linked { .. } => pseudonym(payload, after.under.as_ref().unwrap_or(id), after),
        Whose::Nobody | Whose::Known(_) | Whose::New(_) => Some(id.clone()),
    }
}

/// Who was only named is not told of: the id is the one that was sent, or one of this session. It hides the
/// id under which this is kept, so that it goes with that, should a merger be taken back.
fn pseudonym(payload: &Payload, person: &ProfileId, after: &After) -> Option<ProfileId> {
    let sent = payload.hidden.as_ref().filter(|hidden| hidden.person == *person);
    let session = after.session.as_ref().map(|session| &session.id);
    sent.map(|hidden| hidden.pseudonym.clone()).or_else(|| payload.seals.pseudonym(person, session))
}

fn session(payload: &Payload, after: &After) -> Option<SessionId> {
    // A payload that was a repetition changes nothing, and names the session it named before.
    let repeated =
        payload.events.is_empty() && payload.options.save_session && payload.session.is_some();
    let kept = after.session_change != SessionChange::None || repeated;
    after.session.as_ref().filter(|_| kept).map(|session| session.id.clone())
}
