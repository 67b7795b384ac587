//! Functions called with the events of a payload, once that is admitted and before it is committed.
//!
//! They take time, so they are waited for, and on no thread that takes requests: a slow one delays the
//! payloads that it is for, and no others. What cannot be done leaves an event as it was.

use std::mem::{swap, take};
use std::sync::Arc;

use super::identifiers::believed;
use super::remade::{Maker, Remaking};
use super::validity::{Sender, document};
use super::visitor;
use crate::admission::Admitted;
use crate::app::App;
use crate::functions::{Answer, Caller, Fault, Patience, Turn};
use crate::http::ApiError;
use crate::model::{
    LeftOut, Map, Options, Payload, PayloadEvent, ProfileId, SessionId, Source, Time, Trust,
    Warning,
};
use crate::registry::Snapshot;
use crate::rules::Script;

/// Most events that a function is called with at a time, and about how many bytes of them: so much of them is
/// held again, as documents.
const BATCH_EVENTS_MAX: usize = 32;
const BATCH_BYTES_MAX: usize = 1 << 20;

/// A payload that was admitted, and what is to be called with its events.
pub(in crate::http) struct Ready {
    admitted: Admitted,
    /// Without what may not be kept of them, those of its events of which that is so.
    twins: Vec<PayloadEvent>,
    calls: Option<Box<Calls>>,
    /// What is answered unless one of its events is kept since before.
    refused: Option<ApiError>,
}

/// The functions of a source, and what else they are told.
pub(super) struct Calls {
    known: Arc<Snapshot>,
    session: Option<SessionId>,
    profile: Option<ProfileId>,
    options: Options,
    caller: Caller,
}

/// The ids that a payload came with.
pub(super) type CameWith = (Option<SessionId>, Option<ProfileId>);

impl Ready {
    /// Nothing is to be called with its events.
    pub(super) fn as_it_is(admitted: Admitted) -> Self {
        Self { admitted, twins: Vec::new(), calls: None, refused: None }
    }

    /// One with whose events functions are called.
    pub(super) fn to_be_called(
        admitted: Admitted,
        twins: Vec<PayloadEvent>,
        calls: Option<Box<Calls>>,
    ) -> Self {
        Self { admitted, twins, calls, refused: None }
    }

    /// The same of one none of whose events may be kept.
    pub(super) fn unless(self, refused: Option<ApiError>) -> Self {
        Self { refused, ..self }
    }

    /// What is called for a payload that came with these ids from this address, in the order in which the
    /// functions of `known` are called; none where there is nothing to call.
    pub(super) fn calls(
        payload: &Payload,
        known: &Arc<Snapshot>,
        (session, profile): CameWith,
        address: Option<&str>,
    ) -> Option<Box<Calls>> {
        let is_any = known
            .making()
            .scripts
            .for_source(&payload.source.id)
            .any(|script| payload.events.iter().any(|event| is_for(script, event)));
        is_any.then(|| {
            let caller = caller(&payload.source, session.as_ref(), address);
            let (known, options) = (Arc::clone(known), payload.options);
            Box::new(Calls { known, session, profile, options, caller })
        })
    }

    /// The payload where there is nothing to wait for; else this again.
    pub(in crate::http) fn uncalled(self) -> Result<Admitted, Box<Self>> {
        let is_called = self.calls.is_some() || self.refused.is_some();
        if is_called { Err(Box::new(self)) } else { Ok(self.admitted) }
    }

    /// The payload with what functions have made of its events; none when nothing is left of it. What rules
    /// have left nothing of is looked up, since it may be kept from before: then it is a repetition, and goes on.
    ///
    /// # Errors
    /// None of its events may be kept.
    pub(in crate::http) async fn called(
        self,
        app: &App,
        patience: Patience,
    ) -> Result<Option<Admitted>, ApiError> {
        let Self { mut admitted, twins, calls, refused } = self;
        if let Some(calls) = calls {
            call(&mut admitted, twins, &calls, (app, patience)).await;
            // That may have taken seconds: who is in which audience is by the rules of now.
            admitted.payload_mut().watching = app.registry.now().watching();
        }
        let payload = admitted.payload();
        let is_any_left = !payload.events.is_empty() || !payload.held.is_empty();
        if is_any_left || is_any_kept(app, &payload.left_out).await {
            return Ok(Some(admitted));
        }
        refused.map_or(Ok(None), Err)
    }
}

/// Whether any of these is kept since before. Where nobody can tell now, the rules of now count.
async fn is_any_kept(app: &App, left_out: &[LeftOut]) -> bool {
    let marks: Vec<_> = left_out.iter().map(|one| one.mark).collect();
    !marks.is_empty() && app.committer.are_kept(marks).await.unwrap_or(false)
}

/// Calls functions with the events of a payload.
async fn call(
    admitted: &mut Admitted,
    twins: Vec<PayloadEvent>,
    calls: &Calls,
    (app, patience): (&App, Patience),
) {
    let payload = admitted.payload_mut();
    let (source, events) = (Arc::clone(&payload.source), take(&mut payload.events));
    let before: usize = events.iter().map(PayloadEvent::bytes).sum();
    let mut calling = Calling {
        making: Remaking { app, known: &calls.known },
        calls,
        source: &source,
        now: payload.received_at,
        patience,
        room: app.config.limits.events_bytes_max.saturating_sub(before),
        events,
        twins,
        warnings: Vec::new(),
        left_out: Vec::new(),
    };
    for script in calls.known.making().scripts.for_source(&source.id) {
        calling.apply_to_both(script).await;
    }
    let Calling { making, mut events, twins, warnings, left_out, .. } = calling;
    making.with_instead(&mut events, twins);
    let after: usize = events.iter().map(PayloadEvent::bytes).sum();
    payload.bytes = payload.bytes.saturating_sub(before) + after;
    payload.events = believed(events, calls.known.identity(), &payload.vouched);
    payload.warnings.extend(warnings);
    payload.left_out.extend(left_out);
}

/// Who sends: of what anybody may send, the neighbourhood that it comes from; a server sends for many, and says
/// for whom.
fn caller(source: &Source, session: Option<&SessionId>, address: Option<&str>) -> Caller {
    let said = session.filter(|_| source.trust == Trust::Trusted).map(|id| id.as_str().to_owned());
    let who = said.or_else(|| visitor::cut(address?)).unwrap_or_default();
    Caller::new(source.id.as_str(), &who)
}

/// Whether a function may be for an event, before its condition is looked at.
fn is_for(script: &Script, event: &PayloadEvent) -> bool {
    event.valid && script.is_for(&event.kind)
}

/// The first of them: so many, or of about so many bytes.
fn batch(events: &mut impl Iterator<Item = PayloadEvent>) -> Vec<PayloadEvent> {
    let (mut batch, mut bytes) = (Vec::new(), 0);
    while batch.len() < BATCH_EVENTS_MAX && bytes < BATCH_BYTES_MAX {
        let Some(event) = events.next() else { break };
        bytes += event.bytes();
        batch.push(event);
    }
    batch
}

/// A payload's events while functions are called with them.
struct Calling<'a> {
    making: Remaking<'a>,
    calls: &'a Calls,
    source: &'a Source,
    now: Time,
    patience: Patience,
    /// What the events may take more, in bytes.
    room: usize,
    events: Vec<PayloadEvent>,
    /// Without what may not be kept of them, those of which that is so.
    twins: Vec<PayloadEvent>,
    /// Of events that are not there any more.
    warnings: Vec<Warning>,
    /// Those, as far as they may be kept since before.
    left_out: Vec<LeftOut>,
}

impl Calling<'_> {
    /// Calls a function with the events, and with what they are without what is private of them.
    async fn apply_to_both(&mut self, script: &Script) {
        let making = self.making;
        making.without_private(&mut self.events, &mut self.twins, |event| is_for(script, event));
        for twin in &mut self.twins {
            making.conceal(twin);
        }
        self.apply(script).await;
        let (told, out) = (self.warnings.len(), self.left_out.len());
        swap(&mut self.events, &mut self.twins);
        self.apply(script).await;
        swap(&mut self.events, &mut self.twins);
        // Of what nobody may come to see, nothing is told.
        self.warnings.truncate(told);
        self.left_out.truncate(out);
    }

    /// Calls a function with all events that it is for, some at a time.
    async fn apply(&mut self, script: &Script) {
        if !self.events.iter().any(|event| self.asked(script, event).is_some()) {
            return;
        }
        let functions = &self.making.app.functions;
        let turn = functions.turn(&script.code, &self.calls.caller, self.patience).await;
        let mut events = take(&mut self.events).into_iter();
        loop {
            let some = batch(&mut events);
            if some.is_empty() {
                return;
            }
            self.apply_to(some, script, turn.as_ref()).await;
        }
    }

    async fn apply_to(
        &mut self,
        events: Vec<PayloadEvent>,
        script: &Script,
        turn: Result<&Turn, &Fault>,
    ) {
        let documents: Vec<_> = events.iter().map(|event| self.asked(script, event)).collect();
        let is_asked: Vec<bool> = documents.iter().map(Option::is_some).collect();
        let documents: Vec<Map> = documents.into_iter().flatten().collect();
        let answers = match turn {
            _ if documents.is_empty() => Vec::new(),
            Ok(turn) => turn.call(documents).await,
            Err(fault) => documents.iter().map(|_| Err(fault.clone())).collect(),
        };
        let mut answers = answers.into_iter();
        for (event, is_asked) in events.into_iter().zip(is_asked) {
            match is_asked.then(|| answers.next()).flatten() {
                Some(answer) => self.settle(script, event, answer),
                None => self.events.push(event),
            }
        }
    }

    /// The event as a function is called with it; none where that is not for it.
    fn asked(&self, script: &Script, event: &PayloadEvent) -> Option<Map> {
        let Calls { session, profile, options, .. } = self.calls;
        let sender = Sender {
            source: self.source,
            session: session.as_ref(),
            profile: profile.as_ref(),
            options,
        };
        let document = is_for(script, event).then(|| document(event, &sender))?;
        script.holds(&document, self.now).then_some(document)
    }

    fn settle(&mut self, script: &Script, mut event: PayloadEvent, answer: Answer) {
        let id = &script.id;
        let maker = Maker { source: self.source, function: id };
        let made = answer.map_err(|fault| fault.told().to_owned()).and_then(|made| {
            let parts = self.making.remade(&event, made, &maker, &mut self.room);
            parts.map_err(|why| why.to_string())
        });
        let outcome = match made {
            Ok(parts) if parts.is_empty() => {
                let text = format!("function {id} has left the event out");
                self.warnings.push(Warning::new("event_dropped", text).about(&event.id));
                self.left_out.extend(LeftOut::of(&event));
                "dropped"
            }
            Ok(parts) => {
                self.events.extend(parts);
                "done"
            }
            Err(why) => {
                let text = format!("function {id} failed and the event was kept as it was: {why}");
                event.warnings.push(Warning::new("function_failed", text).about(&event.id));
                self.events.push(event);
                "failed"
            }
        };
        self.making.app.telemetry.function_called(outcome);
    }
}
