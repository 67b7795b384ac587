//! The session's part: opening, binding, status, and what of it must be written at once.

use std::sync::Arc;

use super::SessionChange;
use super::events::Wanted;
use super::system::OPENED;
use crate::identification::Whose;
use crate::model::{
    Json, Link, Payload, PayloadEvent, ProfileId, Session, SessionId, Status, Warning,
};

/// Longest text of a session's context, and of its properties, in bytes. They grow with every
/// payload that brings other keys; what a single event brings stays with the event.
const SESSION_BYTES_MAX: usize = 64 * 1024;

/// A session being worked on.
#[derive(Debug)]
pub(super) struct Visit {
    /// The session as it will be.
    pub(super) session: Option<Session>,
    /// As it was, to see what changed; none when it is new.
    pub(super) was: Option<Arc<Session>>,
    /// The person's id under which all of it is kept.
    pub(super) under: Option<ProfileId>,
    /// Opened, or bound to a person, by this payload.
    pub(super) fresh: bool,
    /// Ended before, and goes on.
    pub(super) reopened: bool,
    /// Counts as a visit of the profile.
    pub(super) counts: bool,
    /// May be kept: neither the source nor the payload nor all its events say no.
    pub(super) kept: bool,
}

impl Visit {
    /// The id that events refer to.
    pub(super) fn id(&self) -> Option<&SessionId> {
        self.session.as_ref().filter(|_| self.kept).map(|session| &session.id)
    }
}

/// What a payload meets, as far as its session goes.
pub(super) struct Met {
    pub(super) session: Option<Arc<Session>>,
    /// Its profile still lives.
    pub(super) has_profile: bool,
    /// Somebody else than the payload's person was there.
    pub(super) is_anothers: bool,
    pub(super) under: Option<ProfileId>,
    pub(super) link: Option<Link>,
    /// The payload's context, as it may be kept.
    pub(super) context: Json,
}

pub(super) fn start(
    payload: &Payload,
    whose: &Whose,
    met: Met,
    warnings: &mut Vec<Warning>,
) -> Visit {
    let Met {
        session: was,
        has_profile: had_profile,
        is_anothers: was_anothers,
        under,
        link,
        context,
    } = met;
    // What somebody who is gone has left in it is handed to nobody: it begins anew.
    let was = was.filter(|was| had_profile || was.profile.is_none());
    let kept = is_to_be_kept(payload);
    // A visit that has gone over to somebody else stays theirs.
    let is_late = payload.options.found.is_some() && !payload.options.adds_nothing;
    let stays_theirs = is_late && had_profile;
    let bound = whose.profile().filter(|_| keeps_person(payload, whose) && !stays_theirs);
    let is_new_person = matches!(whose, Whose::New(_));
    let fresh = was.is_none() || (bound.is_some() && (is_new_person || !had_profile));
    // A backend that names the person but no session makes no visit (docs/wire.md §3.2, row 2).
    let is_named = payload.session.is_some() || !whose.is_known();
    let mut session = was.as_deref().cloned().unwrap_or_else(|| open(payload));
    if bound.is_some() {
        if was_anothers {
            session = handed_over(&session, payload);
        }
        session.profile.clone_from(&under);
        session.link = link;
    }
    let reopened = session.status == Status::Ended;
    if payload.events.is_empty() {
        return Visit {
            session: Some(session),
            was,
            under,
            fresh: false,
            reopened: false,
            counts: false,
            kept,
        };
    }
    inherit(payload, &context, &mut session, warnings);
    let counts = if payload.options.adds_nothing {
        // History says itself when a visit began.
        kept && bound.is_some() && payload.events.iter().any(opens)
    } else {
        fresh && kept && is_named && bound.is_some()
    };
    let fresh = fresh && is_named;
    Visit { session: Some(session), was, under, fresh, reopened, counts, kept }
}

/// Whether Kith has told with it that a visit began: what clients send of this type says something.
fn opens(event: &PayloadEvent) -> bool {
    event.kind == OPENED && event.properties.is_empty()
}

/// Settles status and counters, and says whether the session must be written.
pub(super) fn finish(payload: &Payload, visit: &mut Visit, wanted: &Wanted) -> SessionChange {
    let (kept, was_new) = (visit.kept, visit.was.is_none());
    let Some(session) = visit.session.as_mut().filter(|_| kept && !payload.events.is_empty())
    else {
        return SessionChange::None;
    };
    session.status = status(payload, session.status, visit.fresh || visit.reopened);
    session.touched = session.touched.max(payload.received_at);
    session.events += wanted.in_session;
    let differs = visit.was.as_ref().is_none_or(|was| must_be_written(was, session));
    match (was_new || differs, wanted.in_session > 0) {
        (true, _) | (false, false) => SessionChange::Written,
        (false, true) => SessionChange::Touched,
    }
}

fn is_to_be_kept(payload: &Payload) -> bool {
    let nobody_objects =
        payload.events.is_empty() || payload.events.iter().any(|event| event.options.save_session);
    payload.options.save_session && !payload.source.transitional && nobody_objects
}

/// A session is never bound to a profile that will not exist.
fn keeps_person(payload: &Payload, whose: &Whose) -> bool {
    payload.options.save_profile || whose.is_known()
}

fn open(payload: &Payload) -> Session {
    let visitor = &payload.visitor;
    Session {
        id: payload.session.clone().unwrap_or_else(|| payload.draw.session().into()),
        profile: None,
        link: None,
        source: payload.source.id.clone(),
        created: payload.received_at,
        touched: payload.received_at,
        events: 0,
        status: Status::Started,
        channel: payload.source.channel.clone(),
        client: visitor.client.clone(),
        utm: visitor.utm.clone(),
        geo: visitor.geo.clone(),
        languages: visitor.languages.clone(),
        timezone: visitor.timezone.clone(),
        ip: visitor.ip.clone(),
        context: Json::empty(),
        properties: Json::empty(),
    }
}

/// The same visit, without anything that was said of whoever was there before.
fn handed_over(session: &Session, payload: &Payload) -> Session {
    let Session { created, touched, events, status, .. } = *session;
    Session { id: session.id.clone(), created, touched, events, status, ..open(payload) }
}

/// Lays the payload's context and properties over the session's; campaign and place are filled
/// once (docs/wire.md §4.1), but that a place that was only guessed gives way to one that is said.
fn inherit(payload: &Payload, context: &Json, session: &mut Session, warnings: &mut Vec<Warning>) {
    let mut lay_over = |old: &mut Json, new: &Json| {
        let merged = old.merged(new);
        if merged.as_str().len() <= SESSION_BYTES_MAX {
            *old = merged;
        } else {
            let text = "the session's context or properties are full and stay as they were";
            warnings.push(Warning::new("session_full", text));
        }
    };
    lay_over(&mut session.context, context);
    lay_over(&mut session.properties, &payload.properties);
    if session.utm.source.is_none() && payload.visitor.utm.source.is_some() {
        session.utm = payload.visitor.utm.clone();
    }
    if session.geo.gives_way_to(&payload.visitor.geo) {
        session.geo = payload.visitor.geo.clone();
    }
}

/// The status after the payload's events (docs/wire.md §4.2).
fn status(payload: &Payload, before: Status, starts: bool) -> Status {
    let start = if starts { Status::Started } else { before };
    payload.events.iter().filter(|event| event.options.save_session).fold(start, |_, event| {
        match event.kind.as_str() {
            "visit-started" => Status::Started,
            "visit-ended" => Status::Ended,
            _ => Status::Active,
        }
    })
}

fn must_be_written(was: &Session, is: &Session) -> bool {
    was.profile != is.profile
        || was.link != is.link
        || was.status != is.status
        || was.utm != is.utm
        || was.geo != is.geo
        || was.properties != is.properties
        || !same_but_for_the_clock(&was.context, &is.context)
}

/// Whether two contexts differ only in `time`, the visitor's clock, which every page load moves: it
/// alone is no reason to write a session at once.
#[must_use]
pub fn same_but_for_the_clock(one: &Json, other: &Json) -> bool {
    one == other || one.without("time") == other.without("time")
}
