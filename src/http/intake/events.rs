//! The events of a payload understood.

use std::borrow::Cow;
use std::time::Duration;

use super::{IncomingEvent, Intake, credentials, signed, visitor};
use crate::http::{ApiError, Code};
use crate::model::{Draw, EventId, Hit, Json, Map, PayloadEvent, Source, Time, Warning};
use crate::processing::{ADDED, event_name, text_at};

/// What all events of a payload have in common.
pub(super) struct Shared<'a> {
    pub(super) intake: &'a Intake<'a>,
    pub(super) source: &'a Source,
    pub(super) context: &'a Json,
    pub(super) facts: &'a Map,
    pub(super) request: Json,
    pub(super) draw: Draw,
    /// They were history before; those that Kith had added are among them.
    pub(super) were_kept: bool,
}

impl Shared<'_> {
    /// All events, what they take, and what a server has signed of them. What they take is counted, since each has a copy of the shared context, so a small body can
    /// grow to a thousand times its size.
    pub(super) fn understand(
        &self,
        sent: Vec<IncomingEvent<'_>>,
        warnings: &mut Vec<Warning>,
    ) -> Result<(Vec<PayloadEvent>, usize, Vec<String>), ApiError> {
        let bytes_max = self.intake.app.config.limits.events_bytes_max;
        let (mut events, mut bytes) = (Vec::with_capacity(sent.len()), 0);
        let mut tokens = Vec::new();
        for (at, sent) in sent.into_iter().enumerate() {
            let event = self.event(at, sent, &mut tokens, warnings)?;
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
        Ok((events, bytes, tokens))
    }

    fn event(
        &self,
        at: usize,
        sent: IncomingEvent<'_>,
        tokens: &mut Vec<String>,
        warnings: &mut Vec<Warning>,
    ) -> Result<PayloadEvent, ApiError> {
        let intake = self.intake;
        let given = sent.id.as_deref().map(str::trim).filter(|id| !id.is_empty());
        // Stored in lower case, as the reference does; so is the mark.
        let given = given.map(str::to_lowercase);
        let mark = given.as_ref().map(|id| intake.app.hashing.mark(self.source.id.as_str(), id));
        let id = given.map_or_else(|| self.draw.event(at), EventId::new);
        let kind = event_type(&sent.kind);
        let (own, token) = signed::taken_out_of_own(intake.bounded(sent.context)?);
        tokens.extend(token);
        let properties = intake.bounded(sent.properties)?;
        let config = intake.bounded(sent.config)?;
        let request = credentials::left_out_of(intake.bounded(sent.request)?);
        Ok(PayloadEvent {
            mark,
            name: event_name(&sent.kind),
            time: self.time(sent.time, &id, warnings),
            hit: if self.were_kept && ADDED.contains(&kind.as_str()) {
                Hit::default()
            } else {
                self.hit(&own)
            },
            identifiers: intake.identifiers(&kind, &properties, &id, warnings),
            context: self.context.merged(&own),
            request: self.request.merged(&request),
            options: sent.options,
            tags: sent.tags,
            properties,
            config,
            kind,
            id,
        })
    }

    /// The sender's time, unless it lies in the future; else the time of receipt.
    fn time(&self, said: Option<Time>, id: &EventId, warnings: &mut Vec<Warning>) -> Time {
        let received_at = self.intake.received_at;
        let skew = Duration::from_secs(self.intake.app.config.admission.future_seconds_max);
        let Some(said) = said else { return received_at };
        if said > received_at.plus(skew) {
            let text = "the event's time lies in the future; it was kept with the time of receipt";
            warnings.push(Warning::new("time_in_future", text).about(id));
            return received_at;
        }
        said
    }

    /// The page: the event's own, else the payload's.
    fn hit(&self, own: &Json) -> Hit {
        let may_name_one = own.as_str().contains("\"page\"");
        let own =
            may_name_one.then(|| own.pick(&visitor::PATHS)).filter(|own| own.contains_key("page"));
        own.as_ref()
            .or(self.facts.contains_key("page").then_some(self.facts))
            .map_or_else(Hit::default, hit)
    }
}

/// The page of a context that names one.
fn hit(context: &Map) -> Hit {
    let text = |path: &str| text_at(context, path).map(Cow::into_owned);
    Hit {
        url: text("page.url"),
        path: text("page.path"),
        title: text("page.title"),
        referrer_host: text("page.referer.host"),
    }
}

/// An event's type as it is kept.
pub(super) fn event_type(sent: &str) -> String {
    sent.trim().to_lowercase().replace(' ', "-")
}
