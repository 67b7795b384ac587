//! Events without what may not be kept of them: templates and functions are asked about both.
//!
//! Nobody knows yet whose an event is, and what they allow. So rules are applied twice to one that holds what
//! is kept only with consent: to the event as it was sent, and to one that never held it. Which of them it
//! is, is decided where the person is known. Whatever a rule copies, joins or works out of a field that may
//! not be kept is in the other one.

use std::sync::Arc;

use super::remade::{Remaking, is_of_identifiers};
use crate::model::{Json, PayloadEvent, Private, PrivateField};
use crate::processing::{conceal_in, private_fields};

impl Remaking<'_> {
    /// Adds to `twins` those of `events` of which rules are about to make others, without what is private of
    /// them. What has come meanwhile to one that has a twin is private of it, too.
    pub(super) fn without_private(
        &self,
        events: &mut [PayloadEvent],
        twins: &mut Vec<PayloadEvent>,
        is_made: impl Fn(&PayloadEvent) -> bool,
    ) {
        if !self.known.rules().asks_for_consent() {
            return;
        }
        let all = events.iter().chain(twins.iter());
        let numbers = all.filter_map(|event| event.private.as_ref());
        let mut next = numbers.map(|private| private.of + 1).max().unwrap_or(0);
        for event in events.iter_mut().filter(|event| is_made(event)) {
            let mut twin = event.clone();
            let found = self.conceal(&mut twin);
            if found.is_empty() {
                continue;
            }
            if let Some(private) = &mut event.private {
                private.fields = joined(&private.fields, &found);
                continue;
            }
            let private = Private { of: next, fields: found.into(), instead: [].into() };
            next += 1;
            event.private = Some(private.clone());
            twin.private = Some(private);
            twin.identifiers.clear();
            twins.push(twin);
        }
    }

    /// Leaves out of an event whatever may be private of it; what that was.
    pub(super) fn conceal(&self, event: &mut PayloadEvent) -> Vec<PrivateField> {
        let fields = private_fields(self.known.rules(), event);
        let found = conceal_in(event, &fields, &self.app.seals);
        found.into_iter().cloned().collect()
    }

    /// Each event with what it is instead, in the end. Where rules have made nothing of what is private, it is
    /// enough to leave that out where it stands.
    pub(super) fn with_instead(&self, events: &mut [PayloadEvent], mut twins: Vec<PayloadEvent>) {
        for twin in &mut twins {
            self.conceal(twin);
            twin.identifiers.clear();
        }
        let numbers = events.iter().filter_map(|event| Some(event.private.as_ref()?.of));
        for of in 0..numbers.max().map_or(0, |last| last + 1) {
            let is_of = |event: &PayloadEvent| {
                event.private.as_ref().is_some_and(|private| private.of == of)
            };
            let instead: Vec<_> = twins.extract_if(.., |twin| is_of(twin)).collect();
            let made: Vec<_> = events.iter_mut().filter(|event| is_of(event)).collect();
            self.pair(made, instead);
        }
    }

    fn pair(&self, made: Vec<&mut PayloadEvent>, mut instead: Vec<PayloadEvent>) {
        let all = made.iter().filter_map(|event| event.private.as_ref());
        let fields = all.fold(Arc::from([]), |all, private| joined(&all, &private.fields));
        let is_copied = made.len() != instead.len()
            || made.iter().zip(&instead).any(|(event, twin)| !self.is_same(event, &fields, twin))
            || made.iter().any(|event| !self.asks_for(event, &fields));
        for (at, twin) in instead.iter_mut().enumerate() {
            twin.private = None;
            names_as(twin, made.get(at).map(|event| &**event));
        }
        let mut instead: Arc<[PayloadEvent]> = instead.into();
        for event in made {
            let Some(private) = event.private.take().filter(|_| is_copied) else { continue };
            let instead = std::mem::replace(&mut instead, [].into());
            event.private = Some(Private { fields: Arc::clone(&fields), instead, ..private });
        }
    }

    /// Whether the rules of an event's types still ask for all of these. Those of a type that it had only on the
    /// way would be forgotten.
    fn asks_for(&self, event: &PayloadEvent, fields: &[PrivateField]) -> bool {
        let own = private_fields(self.known.rules(), event);
        fields.iter().all(|field| own.contains(&field))
    }

    /// Whether an event is its twin, once its fields are concealed.
    fn is_same(&self, event: &PayloadEvent, fields: &[PrivateField], twin: &PayloadEvent) -> bool {
        let mut concealed = event.clone();
        conceal_in(&mut concealed, &fields.iter().collect::<Vec<_>>(), &self.app.seals);
        self.conceal(&mut concealed);
        let parts = |event: &PayloadEvent| {
            [&event.properties, &event.context, &event.request].map(Json::read)
        };
        let words = |event: &PayloadEvent| (event.kind.clone(), event.tags.clone());
        words(&concealed) == words(twin) && parts(&concealed) == parts(twin)
    }
}

/// Whom it names is found by what was sent: what is told of that is told of the event, and not of what stands
/// instead.
fn names_as(twin: &mut PayloadEvent, event: Option<&PayloadEvent>) {
    twin.warnings.retain(|warning| !is_of_identifiers(warning));
    let own = event.into_iter().flat_map(|event| &event.warnings);
    twin.warnings.extend(own.filter(|warning| is_of_identifiers(warning)).cloned());
}

fn joined(known: &[PrivateField], more: &[PrivateField]) -> Arc<[PrivateField]> {
    let new = more.iter().filter(|field| !known.contains(field));
    known.iter().chain(new).cloned().collect()
}
