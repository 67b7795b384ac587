//! Events held against what they must look like, before anybody is asked to keep them.

use serde_json::{Value, json};

use super::{Fault, Intake, PROBLEMS_MAX, Place};
use crate::http::ApiError;
use crate::model::{
    HeldEvent, LeftOut, Map, OnMisfit, Options, PayloadEvent, ProfileId, SessionId, Source, Warning,
};
use crate::processing::is_own;
use crate::rules::Misfits;

/// Faults that one warning tells.
const TOLD_MAX: usize = 3;

/// Who an event was sent by and with.
pub(super) struct Sender<'a> {
    pub(super) source: &'a Source,
    pub(super) session: Option<&'a SessionId>,
    pub(super) profile: Option<&'a ProfileId>,
    pub(super) options: &'a Options,
}

impl<'a> Sender<'a> {
    pub(super) fn of(
        source: &'a Source,
        session: Option<&'a SessionId>,
        profile: Option<&'a ProfileId>,
        options: &'a Options,
    ) -> Self {
        Self { source, session, profile, options }
    }

    /// Whether an event may be kept: neither its source nor its payload nor itself says no.
    fn keeps(&self, event: &PayloadEvent) -> bool {
        event.options.save && self.options.save_events && !self.source.transitional
    }
}

/// What is left of a payload's events.
#[derive(Default)]
pub(super) struct Sorted {
    /// Those that go on, in the order sent; some of them marked.
    pub(super) events: Vec<PayloadEvent>,
    /// Those that are kept apart.
    pub(super) held: Vec<HeldEvent>,
    /// What became of those that do not go on.
    pub(super) warnings: Vec<Warning>,
    /// Those that may not be kept, as far as they may be kept since before.
    pub(super) left_out: Vec<LeftOut>,
    /// What is answered where none of them may, unless it is found that one is kept since before.
    pub(super) refused: Option<ApiError>,
}

impl Intake<'_> {
    /// Sorts out the events that are not as they must be. Where nothing is asked of any of them, they are
    /// handed on as they are. Of what Kith itself has said, where `were_kept`, nothing is asked.
    ///
    /// # Errors
    /// None of them may be kept, nor can any be a repetition.
    pub(super) fn valid(
        &self,
        events: Vec<PayloadEvent>,
        sender: &Sender<'_>,
        were_kept: bool,
    ) -> Result<Sorted, ApiError> {
        let (checks, source) = (self.known.checks(), sender.source);
        let is_asked = |event: &PayloadEvent| {
            !(were_kept && is_own(&event.kind)) && checks.ask(&event.kind, &source.id)
        };
        if !events.iter().any(is_asked) {
            return Ok(Sorted { events, ..Sorted::default() });
        }
        let (mut sorted, mut refused) = (Sorted::default(), Vec::new());
        for (at, event) in events.into_iter().enumerate() {
            if !is_asked(&event) {
                sorted.events.push(event);
                continue;
            }
            let document = document(&event, sender);
            match checks.misfits(&event.kind, &source.id, &document, self.received_at) {
                None => sorted.events.push(event),
                Some(misfits) => self.sort(event, misfits, sender, &mut sorted, |misfits| {
                    refused.push((at, misfits));
                }),
            }
        }
        if !sorted.events.is_empty() || !sorted.held.is_empty() {
            return Ok(sorted);
        }
        let error = ApiError::from(problems(&refused));
        if sorted.left_out.is_empty() {
            return Err(error);
        }
        sorted.refused = Some(error.sent_by(source.id.as_str()));
        Ok(sorted)
    }

    fn sort(
        &self,
        mut event: PayloadEvent,
        misfits: Misfits,
        sender: &Sender<'_>,
        sorted: &mut Sorted,
        refuse: impl FnOnce(Misfits),
    ) {
        let told = told(&misfits);
        match misfits.what {
            OnMisfit::Flag => {
                let text =
                    format!("the event is not as it must be, and changes no profile: {told}");
                event.warnings.push(Warning::new("event_invalid", text).about(&event.id));
                event.valid = false;
                event.identifiers.clear();
                sorted.events.push(event);
            }
            OnMisfit::Quarantine if sender.keeps(&event) => {
                let text = format!("the event is not as it must be, and is kept apart: {told}");
                sorted.warnings.push(Warning::new("event_quarantined", text).about(&event.id));
                sorted.held.push(self.held(event, misfits, sender));
            }
            // What was not to be kept is not kept apart either.
            OnMisfit::Quarantine | OnMisfit::Refuse => {
                let text = format!("the event is not as it must be, and was not kept: {told}");
                sorted.warnings.push(Warning::new("event_refused", text).about(&event.id));
                sorted.left_out.extend(LeftOut::of(&event));
                refuse(misfits);
            }
        }
    }

    fn held(&self, event: PayloadEvent, misfits: Misfits, sender: &Sender<'_>) -> HeldEvent {
        let source = &sender.source.id;
        HeldEvent {
            mark: self.app.hashing.mark(source.as_str(), event.id.as_str()),
            id: event.id,
            kind: event.kind,
            place: event.place,
            time: event.time,
            received_at: self.received_at,
            source: source.clone(),
            session: sender.session.cloned(),
            profile: sender.profile.cloned(),
            asked: *sender.options,
            options: event.options,
            properties: event.properties,
            context: event.context,
            request: event.request,
            config: event.config,
            tags: event.tags,
            faults: misfits.faults,
        }
    }
}

/// The first faults as people read them.
fn told(misfits: &Misfits) -> String {
    let some = misfits.faults.iter().take(TOLD_MAX);
    let some: Vec<_> = some.map(|(place, wanted)| format!("{place} {wanted}")).collect();
    let more = misfits.faults.len().saturating_sub(TOLD_MAX);
    let more = if more > 0 { format!("; and {more} more") } else { String::new() };
    format!("{}{more}", some.join("; "))
}

/// The same at the places where Tracardi's wire has them.
fn problems(refused: &[(usize, Misfits)]) -> Vec<super::Problem> {
    let each = refused.iter().flat_map(|(at, misfits)| {
        misfits.faults.iter().map(move |(place, wanted)| {
            let event = Place::root().key("events").index(*at);
            let place = place.split('.').fold(event, |place, key| place.key(key));
            Fault::new("value_error", format!("Value error, {wanted}")).at(&place)
        })
    });
    each.take(PROBLEMS_MAX).collect()
}

/// What may be asked of an event before anybody knows whose it is.
pub(super) fn document(event: &PayloadEvent, sender: &Sender<'_>) -> Map {
    let named = |id: Option<&str>| id.map_or(Value::Null, |id| json!({"id": id}));
    let mut document = Map::new();
    let time = event.time.to_string();
    for (key, value) in [
        ("id", json!(event.id.as_str())),
        ("type", json!(event.kind)),
        ("source", named(Some(sender.source.id.as_str()))),
        ("session", named(sender.session.map(|id| id.as_str()))),
        ("profile", named(sender.profile.map(|id| id.as_str()))),
        ("metadata", json!({"time": {"insert": time}})),
        ("tags", json!({"values": event.tags})),
        ("properties", Value::Object(event.properties.read())),
        ("context", Value::Object(event.context.read())),
        ("request", Value::Object(event.request.read())),
    ] {
        document.insert(key.to_owned(), value);
    }
    document
}
