//! Events made into others by a company's templates.
//!
//! It is done once they are found to be as they must be, and before functions are called with them. What
//! cannot be done leaves the event as it was.

use serde_json::Value;

use super::remade::Maker;
use super::validity::{Sender, Sorted, document};
use super::{Bounds, Intake};
use crate::http::ApiError;
use crate::model::{
    HIDDEN, HeldEvent, LeftOut, Map, PayloadEvent, PrivateField, ProfileId, SessionId, Warning,
    said,
};
use crate::rules::{Reshaped, Unmade};

/// What is left of a payload's events, and what else of the payload is another.
#[derive(Default)]
pub(super) struct Shaped {
    pub(super) events: Vec<PayloadEvent>,
    /// Without what may not be kept of them, those of which that is so.
    pub(super) twins: Vec<PayloadEvent>,
    /// What the visit's properties have besides.
    pub(super) properties: Map,
    /// The same without what may not be kept, and the fields that it comes from.
    pub(super) without: (Vec<PrivateField>, Map),
    /// The visit's id instead.
    pub(super) session: Option<SessionId>,
    /// The profile's id instead.
    pub(super) profile: Option<ProfileId>,
    /// Of events that are not there any more.
    pub(super) warnings: Vec<Warning>,
}

/// A payload's events once rules have kept some of them out, and what is made of the others.
pub(super) struct Sifted {
    pub(super) shaped: Shaped,
    pub(super) held: Vec<HeldEvent>,
    pub(super) left_out: Vec<LeftOut>,
    /// See [`Sorted::refused`].
    pub(super) refused: Option<ApiError>,
}

impl Shaped {
    /// Events that nobody has made into others.
    pub(super) fn of(events: Vec<PayloadEvent>) -> Self {
        Self { events, ..Self::default() }
    }
}

impl Intake<'_> {
    /// Sorts out the events that are not as they must be, and makes the others into what rules say. What
    /// was history before has gone through that.
    ///
    /// # Errors
    /// As [`Self::valid`].
    pub(super) fn sifted(
        &self,
        events: Vec<PayloadEvent>,
        sender: &Sender<'_>,
        were_kept: bool,
    ) -> Result<Sifted, ApiError> {
        let sorted = self.valid(events, sender, were_kept)?;
        let Sorted { events, held, mut warnings, left_out, refused } = sorted;
        let mut shaped = if were_kept { Shaped::of(events) } else { self.shaped(events, sender) };
        warnings.append(&mut shaped.warnings);
        Ok(Sifted { shaped: Shaped { warnings, ..shaped }, held, left_out, refused })
    }

    /// Where no rule is for any of the events, they are handed on as they are.
    fn shaped(&self, events: Vec<PayloadEvent>, sender: &Sender<'_>) -> Shaped {
        let bytes: usize = events.iter().map(PayloadEvent::bytes).sum();
        let mut room = self.app.config.limits.events_bytes_max.saturating_sub(bytes);
        let mut shaped = Shaped::of(events);
        self.reshape(&mut shaped, sender, &mut room);
        shaped
    }

    fn reshape(&self, shaped: &mut Shaped, sender: &Sender<'_>, room: &mut usize) {
        let source = &sender.source.id;
        let reshapes = &self.known.making().reshapes;
        let is_asked = |event: &PayloadEvent| event.valid && reshapes.ask(&event.kind, source);
        if !shaped.events.iter().any(is_asked) {
            return;
        }
        let mut twins = Vec::new();
        self.remaking().without_private(&mut shaped.events, &mut twins, is_asked);
        *room = room.saturating_sub(twins.iter().map(PayloadEvent::bytes).sum());
        let mut twins = twins.into_iter();
        for event in std::mem::take(&mut shaped.events) {
            if !is_asked(&event) {
                shaped.events.push(event);
                continue;
            }
            let private = event.private.as_ref().map(|private| private.fields.to_vec());
            let (parts, rest) = self.made(event, sender, room);
            shaped.events.extend(parts);
            let twin = private.and_then(|fields| Some((fields, twins.next()?)));
            let Some((fields, twin)) = twin else {
                shaped.without.1.extend(rest.session.clone().unwrap_or_default());
                self.assign(shaped, rest);
                continue;
            };
            // An id is kept wherever it leads: none is made of what may not be.
            shaped.properties.extend(rest.session.unwrap_or_default());
            shaped.without.0.extend(fields);
            let (parts, rest) = self.made(twin, sender, room);
            shaped.twins.extend(parts);
            let Reshaped { session, session_id, profile_id, .. } = rest;
            shaped.without.1.extend(session.unwrap_or_default());
            self.assign(shaped, Reshaped { session_id, profile_id, ..Reshaped::default() });
        }
    }

    /// What becomes of an event; the event itself, where that cannot be done.
    fn made(
        &self,
        mut event: PayloadEvent,
        sender: &Sender<'_>,
        room: &mut usize,
    ) -> (Vec<PayloadEvent>, Reshaped) {
        match self.reshaped(&event, sender, room) {
            Ok(None) => (vec![event], Reshaped::default()),
            Ok(Some(made)) => made,
            Err(why) => {
                let text = format!("the event could not be reshaped and was kept as it was: {why}");
                event.warnings.push(Warning::new("reshape_failed", text).about(&event.id));
                (vec![event], Reshaped::default())
            }
        }
    }

    fn reshaped(
        &self,
        event: &PayloadEvent,
        sender: &Sender<'_>,
        room: &mut usize,
    ) -> Result<Option<(Vec<PayloadEvent>, Reshaped)>, Unmade> {
        let source = sender.source;
        let reshapes = &self.known.making().reshapes;
        // What templates point to is held beside what the events take in the end.
        let mut copied = *room;
        let about = (event.kind.as_str(), &source.id);
        let document = document(event, sender);
        let found = reshapes.reshape(about, document, self.received_at, &mut copied)?;
        let Some(mut reshaped) = found else { return Ok(None) };
        let making = self.remaking();
        let laid = reshaped.session.as_ref().map(|map| making.kept(map)).transpose()?;
        let takes = laid.map_or(0, |json| json.as_str().len());
        let mut left = room.checked_sub(takes).ok_or(Unmade::TooLarge)?;
        let parts = std::mem::take(&mut reshaped.parts);
        let parts = making.remade(event, parts, &Maker { source, function: "" }, &mut left)?;
        *room = left;
        Ok(Some((parts, reshaped)))
    }

    /// What a reshaping says of the payload as a whole. Of several ids, the first counts.
    fn assign(&self, shaped: &mut Shaped, rest: Reshaped) {
        let Reshaped { session, session_id, profile_id, .. } = rest;
        shaped.properties.extend(session.unwrap_or_default());
        let mut id = |said: Option<Value>| {
            let id = self.id(said.as_ref()?);
            if id.is_none() {
                let text = "an id that a reshaping points to is none; the payload's own was taken";
                shaped.warnings.push(Warning::new("reshape_failed", text));
            }
            id
        };
        let (session, profile) = (id(session_id), id(profile_id));
        shaped.session = shaped.session.take().or(session.map(SessionId::new));
        shaped.profile = shaped.profile.take().or(profile.map(ProfileId::new));
    }

    fn id(&self, value: &Value) -> Option<String> {
        let text = said(value)?.into_owned();
        let fault = Bounds::from(&self.app.config.limits).id(&text);
        // Stars are nobody's id: they would be everybody's.
        let is_nobodys = text == HIDDEN || self.known.identity().is_nobodys(&text);
        Some(text).filter(|_| !is_nobodys && fault.is_none())
    }
}
