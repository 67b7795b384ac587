//! One event made into others: what stays, what is read anew, and what they are called.

use uuid::Uuid;

use super::{Bounds, Intake, kind, visitor};
use crate::app::App;
use crate::model::{EventId, Hit, Json, Made, Map, Mark, PayloadEvent, Source, Warning};
use crate::registry::Snapshot;
use crate::rules::{PARTS_MAX, Unmade};

/// What is told of the people that an event names, and told anew of one that is made anew.
const OF_IDENTIFIERS: [&str; 2] = ["identifier_meaningless", "identifier_not_trusted"];

/// Whether something is told of those.
pub(super) fn is_of_identifiers(warning: &Warning) -> bool {
    OF_IDENTIFIERS.contains(&warning.code)
}

/// Whoever makes an event into others: of a reshaping nothing, since each event has one at most.
pub(super) struct Maker<'a> {
    pub(super) source: &'a Source,
    pub(super) function: &'a str,
}

/// What events are made anew with: the configuration under which all of a payload comes in.
#[derive(Clone, Copy)]
pub(super) struct Remaking<'a> {
    pub(super) app: &'a App,
    pub(super) known: &'a Snapshot,
}

impl Intake<'_> {
    pub(super) fn remaking(&self) -> Remaking<'_> {
        Remaking { app: self.app, known: &self.known }
    }
}

impl Remaking<'_> {
    /// The events that one is made into. What they take beside it is taken from `room`, in bytes.
    ///
    /// # Errors
    /// [`Unmade`]; nothing is taken then.
    pub(super) fn remade(
        &self,
        event: &PayloadEvent,
        made: Vec<Made>,
        maker: &Maker<'_>,
        room: &mut usize,
    ) -> Result<Vec<PayloadEvent>, Unmade> {
        if made.len() > PARTS_MAX {
            return Err(Unmade::TooMany);
        }
        let parts = made.into_iter().enumerate().map(|(at, made)| {
            let part = self.part(event, at, maker);
            self.with(part, made)
        });
        let parts: Vec<_> = parts.collect::<Result<_, _>>()?;
        let takes: usize = parts.iter().map(PayloadEvent::bytes).sum();
        *room = (*room + event.bytes()).checked_sub(takes).ok_or(Unmade::TooLarge)?;
        Ok(parts)
    }

    /// The first is the event itself. The others are called by it and by their number, so that what is
    /// sent again is split into what is known already.
    fn part(&self, event: &PayloadEvent, at: usize, maker: &Maker<'_>) -> PayloadEvent {
        let mut part = event.clone();
        if at > 0 {
            (part.id, part.mark) = self.called(event, at, maker);
            part.part_of = event.mark;
            part.warnings.clear();
        }
        part
    }

    fn called(
        &self,
        event: &PayloadEvent,
        at: usize,
        Maker { source, function }: &Maker<'_>,
    ) -> (EventId, Option<Mark>) {
        let mark = |name: &str| self.app.hashing.mark(source.id.as_str(), name);
        let drawn = mark(&format!("part {at} of {} by {function}", event.id));
        let id = EventId::from(Uuid::from_u128(drawn.0));
        let own = event.mark.map(|_| mark(id.as_str()));
        (id, own)
    }

    fn with(&self, mut event: PayloadEvent, made: Made) -> Result<PayloadEvent, Unmade> {
        let Made { kind: said, properties, context, tags } = made;
        let names_others = said.is_some() || properties.is_some();
        if let Some(said) = said {
            let fault = Bounds::from(&self.app.config.limits).event_type(&said);
            if fault.is_some() {
                return Err(Unmade::Type);
            }
            let (kind, name, reserved) = kind::named(&said, &event.id);
            let was = std::mem::replace(&mut event.kind, kind);
            event.sent_as.get_or_insert(was);
            event.name = name;
            event.warnings.extend(reserved);
        }
        if let Some(properties) = properties {
            event.properties = self.kept(&properties)?;
        }
        if let Some(context) = context {
            event.context = self.kept(&context)?;
            let hit = Hit::of(&event.context.pick(&visitor::PATHS));
            let leads = |hit: &Hit| (hit.url.clone(), hit.referrer_host.clone());
            let is_same = leads(&hit) == leads(&event.hit);
            let referrer = event.hit.referrer.take().filter(|_| is_same);
            event.hit = Hit { referrer, ..hit };
        }
        event.tags = tags.unwrap_or(event.tags);
        if names_others {
            event.warnings.retain(|warning| !is_of_identifiers(warning));
            let mut found = Vec::new();
            event.identifiers =
                self.identifiers(&event.kind, &event.properties, &event.id, &mut found);
            event.warnings.extend(found);
        }
        Ok(event)
    }

    /// As it is kept.
    pub(super) fn kept(&self, map: &Map) -> Result<Json, Unmade> {
        Json::bounded(map, self.app.config.limits.json_depth_max).map_err(|_| Unmade::TooDeep)
    }
}
