//! What the tracker hears back.

use std::sync::Arc;

use uuid::Uuid;

use crate::identification::Whose;
use crate::model::{EventId, Payload, Profile, ProfileId, SessionId, Warning};
use crate::processing::{After, SessionChange};

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
    /// Ids of the events that asked to be told of, the client's first.
    pub events: Vec<EventId>,
    /// What was written, when the payload asked.
    pub debug: Option<Debug>,
    /// What was found wrong.
    pub warnings: Vec<Warning>,
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
    /// The answer to a payload of which there is only a fault to tell.
    #[must_use]
    pub fn nothing_but(fault: Warning, task: Uuid) -> Self {
        Self {
            task,
            profile: None,
            session: None,
            profile_body: None,
            events: Vec::new(),
            debug: None,
            warnings: vec![fault],
        }
    }
}

/// Answers `payload`, given what it left.
#[must_use]
pub fn respond(payload: &Payload, whose: &Whose, after: &After) -> Response {
    let debug = payload.options.debugger;
    let may_show = payload.source.returns_profile && payload.options.save_profile;
    let shows_body = after.wants_profile && may_show;
    Response {
        task: payload.draw.task(),
        profile: profile(payload, whose, after),
        session: session(payload, after),
        profile_body: after.profile.clone().filter(|_| shows_body),
        events: after.told_of.clone(),
        debug: debug.then(|| Debug {
            event_saved: !after.events.is_empty(),
            session_saved: after.session_change == SessionChange::Written,
            profile_saved: after.profile_changed,
        }),
        warnings: after.warnings.clone(),
    }
}

/// The resolved id; a person who was new but not kept has none that would lead anywhere.
fn profile(payload: &Payload, whose: &Whose, after: &After) -> Option<ProfileId> {
    let lives = after.profile_changed || matches!(whose, Whose::Known(_));
    whose.profile().filter(|_| payload.options.save_profile && lives).cloned()
}

fn session(payload: &Payload, after: &After) -> Option<SessionId> {
    // A payload that was a repetition changes nothing, and names the session it named before.
    let repeated =
        payload.events.is_empty() && payload.options.save_session && payload.session.is_some();
    let kept = after.session_change != SessionChange::None || repeated;
    after.session.as_ref().filter(|_| kept).map(|session| session.id.clone())
}
