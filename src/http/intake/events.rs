//! The events of a payload understood.

use std::time::Duration;

use super::clock::Sent;
use super::link::Link;
use super::{IncomingEvent, Intake, credentials, kind, secrets, signed, visitor};
use crate::enrichment::{Marked, referrer};
use crate::http::{ApiError, Code};
use crate::model::{
    Draw, EventId, Hit, Json, Map, PayloadEvent, Source, Time, Warning, kept_id, says_nothing,
};
use crate::processing::{event_name, is_own, text_at};

/// What all events of a payload have in common.
pub(super) struct Shared<'a> {
    pub(super) intake: &'a Intake<'a>,
    pub(super) source: &'a Source,
    pub(super) context: &'a Json,
    pub(super) facts: &'a Map,
    pub(super) request: Json,
    pub(super) draw: Draw,
    /// The place of the first event.
    pub(super) position: i64,
    pub(super) sent: Sent,
    /// They were history before; those that Kith had added are among them.
    pub(super) were_kept: bool,
}

/// What a payload says that is not kept of it.
#[derive(Debug)]
pub(super) struct Shown {
    /// What a server has signed.
    pub(super) tokens: Vec<String>,
    /// What the link that led to it hands over.
    pub(super) link: Link,
}

impl Shown {
    /// A payload's context without it. `facts` are what is read of that.
    pub(super) fn taken_out_of(context: Json, facts: &mut Map) -> (Json, Self) {
        let (context, token) = signed::taken_out_of(context, facts);
        let (context, link) = Link::taken_out_of(context, facts);
        (context, Self { tokens: token.into_iter().collect(), link })
    }

    /// The context of one of the events without it.
    fn take_out_of(&mut self, context: Json, is_first: bool) -> Json {
        let (context, token) = signed::taken_out_of_own(context);
        self.tokens.extend(token);
        self.link.take_out_of(context, is_first)
    }
}

impl Shared<'_> {
    /// All events; what they say that is not kept comes to `shown`. What they take is counted, since each has a copy of the shared context, so a small body can
    /// grow to a thousand times its size.
    pub(super) fn understand(
        &self,
        sent: Vec<IncomingEvent<'_>>,
        shown: &mut Shown,
    ) -> Result<Vec<PayloadEvent>, ApiError> {
        let bytes_max = self.intake.app.config.limits.events_bytes_max;
        let (mut events, mut bytes) = (Vec::with_capacity(sent.len()), 0);
        for (at, sent) in sent.into_iter().enumerate() {
            let event = self.event(at, sent, shown)?;
            bytes += event.bytes();
            if bytes > bytes_max {
                let text = "The events take more than {} bytes with the context they share.";
                return Err(ApiError::new(
                    Code::BodyTooLarge,
                    text.replace("{}", &bytes_max.to_string()),
                ));
            }
            events.push(event);
        }
        Ok(events)
    }

    fn event(
        &self,
        at: usize,
        sent: IncomingEvent<'_>,
        shown: &mut Shown,
    ) -> Result<PayloadEvent, ApiError> {
        let intake = self.intake;
        // Stored in lower case, as the reference does; so is the mark.
        let given = sent.id.as_deref().map(kept_id).filter(|id| !id.is_empty());
        let (given, unnamed) = self.meant(given);
        let mark = given.as_ref().map(|id| intake.app.hashing.mark(self.source.id.as_str(), id));
        let id = given.map_or_else(|| self.draw.event(at), EventId::new);
        let (kind, name, reserved) = self.called(&sent.kind, &id);
        let past = intake.past;
        let name = past.and_then(|past| past.name.clone()).unwrap_or(name);
        let own = shown.take_out_of(intake.bounded(sent.context)?, at == 0);
        let safe = |json| secrets::cut_out_of(json, &self.source.url_secrets);
        let own = safe(own);
        let properties = safe(intake.bounded(sent.properties)?);
        let config = intake.bounded(sent.config)?;
        let request = safe(credentials::left_out_of(intake.bounded(sent.request)?));
        let found = sent.warnings.into_iter().map(|warning| warning.about(&id));
        let unnamed = unnamed.map(|warning| warning.about(&id));
        let mut warnings: Vec<_> = found.chain(unnamed).chain(reserved).collect();
        let (time, client_time) = self.time((at, sent.time), &id, &mut warnings);
        let client_time = past.and_then(|past| past.client_time).or(client_time);
        Ok(PayloadEvent {
            mark,
            part_of: None,
            sent_as: None,
            name,
            place: at,
            time,
            client_time,
            hit: if self.were_kept && is_own(&kind) { Hit::default() } else { self.hit(&own) },
            identifiers: intake.remaking().identifiers(&kind, &properties, &id, &mut warnings),
            context: self.context.merged(&own),
            request: self.request.merged(&request),
            options: sent.options,
            tags: sent.tags,
            properties,
            config,
            warnings,
            kind,
            id,
            valid: true,
            private: None,
        })
    }

    /// Its id, unless that says nothing: whoever has none often sends a word, and of all events that are called so
    /// only the first would be kept.
    fn meant(&self, given: Option<String>) -> (Option<String>, Option<Warning>) {
        if self.were_kept || !given.as_deref().is_some_and(says_nothing) {
            return (given, None);
        }
        let text = "the event's id says nothing; it counts as missing";
        (None, Some(Warning::new("identifier_meaningless", text)))
    }

    /// Its type, and its name for people.
    fn called(&self, sent: &str, id: &EventId) -> (String, String, Option<Warning>) {
        if self.were_kept {
            return (kind::as_written(sent), event_name(sent), None);
        }
        kind::named(sent, id)
    }

    /// When it happened, and when by the sender's clock where that is another moment.
    ///
    /// An event without a time happened when it was sent, after those that stand before it: each
    /// a microsecond later, so that whoever sorts by time alone finds the order in which they were sent.
    fn time(
        &self,
        (at, said): (usize, Option<Time>),
        id: &EventId,
        warnings: &mut Vec<Warning>,
    ) -> (Time, Option<Time>) {
        let received_at = self.intake.received_at;
        let place = u64::try_from(self.position).unwrap_or(0).saturating_add(at as u64);
        let in_order = self.sent.at.plus(Duration::from_micros(place));
        let Some(said) = said else { return (in_order, None) };
        let time = self.by_our_clock(said, id, warnings);
        let skew = Duration::from_secs(self.intake.app.config.admission.future_seconds_max);
        if time > received_at.plus(skew) {
            let text = "the event's time lies in the future; it was kept with the time of receipt";
            warnings.push(Warning::new("time_in_future", text).about(id));
            return (in_order, Some(said));
        }
        (time, Some(said).filter(|said| *said != time))
    }

    /// What the sender's clock showed, moved by as much as that is wrong.
    fn by_our_clock(&self, said: Time, id: &EventId, warnings: &mut Vec<Warning>) -> Time {
        let Sent { clock, .. } = self.sent;
        let corrected = clock.corrected(said, self.intake.received_at);
        if clock.is_wrong() {
            let (code, text) = match corrected {
                Some(_) => (
                    "clock_corrected",
                    "the sender's clock is wrong; the event's time was corrected by it",
                ),
                None => (
                    "clock_ignored",
                    "the sender's clock is wrong, but another one has shown the event's time; it was not corrected",
                ),
            };
            warnings.push(Warning::new(code, text).about(id));
        }
        corrected.unwrap_or(said)
    }

    /// The page: the event's own, else the payload's; and what led there.
    fn hit(&self, own: &Json) -> Hit {
        let hit = self.page(own);
        if let Some(referrer) = self.intake.past.and_then(|past| past.referrer.clone()) {
            return Hit { referrer, ..hit };
        }
        if !self.intake.app.config.enrichment.referrers {
            return hit;
        }
        let (source, medium) =
            (text_at(self.facts, "utm.source"), text_at(self.facts, "utm.medium"));
        let marked = Marked { source: source.as_deref(), medium: medium.as_deref() };
        Hit { referrer: referrer(&hit, marked), ..hit }
    }

    fn page(&self, own: &Json) -> Hit {
        let may_name_one = own.as_str().contains("\"page\"");
        let own =
            may_name_one.then(|| own.pick(&visitor::PATHS)).filter(|own| own.contains_key("page"));
        own.as_ref()
            .or(self.facts.contains_key("page").then_some(self.facts))
            .map_or_else(Hit::default, Hit::of)
    }
}
