//! What ids, types and numbers of events keep to, at every door.

use super::{Fault, Incoming, PROBLEMS_MAX, Place, Problem};
use crate::config::Limits;
use crate::model::ID_BYTES_MAX;

/// Longest event type, in bytes.
const EVENT_TYPE_BYTES_MAX: usize = 128;

/// See the module.
#[derive(Clone, Copy, Debug)]
pub(in crate::http) struct Bounds {
    /// Events in a payload.
    pub(in crate::http) events_max: usize,
    /// Bytes of an id.
    pub(in crate::http) id_bytes_max: usize,
    /// Bytes of an event type.
    pub(in crate::http) event_type_bytes_max: usize,
}

impl From<&Limits> for Bounds {
    fn from(limits: &Limits) -> Self {
        Self {
            events_max: limits.events_per_payload_max,
            id_bytes_max: ID_BYTES_MAX,
            event_type_bytes_max: EVENT_TYPE_BYTES_MAX,
        }
    }
}

impl Bounds {
    /// Whether a payload keeps them.
    ///
    /// # Errors
    /// Everything that does not, at the places where Tracardi's wire has it.
    pub(in crate::http) fn check(&self, incoming: &Incoming<'_>) -> Result<(), Vec<Problem>> {
        let root = Place::root;
        let mut found = Vec::new();
        let mut tell = |fault: Option<Fault>, place: &dyn Fn() -> Place| {
            found.extend(fault.map(|fault| fault.at(&place())));
        };
        let optional = |id: &Option<_>| id.as_deref().and_then(|id| self.id(id));
        tell(self.source(&incoming.source), &|| root().key("source").key("id"));
        tell(optional(&incoming.session), &|| root().key("session").key("id"));
        tell(optional(&incoming.profile), &|| root().key("profile").key("id"));
        let too_many = self.events(incoming.events.len());
        let events = if too_many.is_some() { &[][..] } else { &incoming.events };
        tell(too_many, &|| root().key("events"));
        for (index, event) in events.iter().enumerate() {
            let at = |key: &str| root().key("events").index(index).key(key);
            tell(self.event_type(&event.kind), &|| at("type"));
            tell(optional(&event.id), &|| at("id"));
        }
        found.truncate(PROBLEMS_MAX);
        if found.is_empty() { Ok(()) } else { Err(found) }
    }

    /// What is wrong with the id of a source, if anything is.
    pub(in crate::http) fn source(&self, id: &str) -> Option<Fault> {
        if id.trim().is_empty() {
            return Some(Fault::new("value_error", "Value error, id can not be empty"));
        }
        self.id(id)
    }

    /// The same of another id: not every database takes the null character.
    pub(in crate::http) fn id(&self, id: &str) -> Option<Fault> {
        if id.contains('\0') {
            let text = "Value error, id can not hold a null character";
            return Some(Fault::new("value_error", text));
        }
        too_long(id, self.id_bytes_max)
    }

    /// The same of an event's type.
    pub(in crate::http) fn event_type(&self, kind: &str) -> Option<Fault> {
        if kind.trim().is_empty() {
            return Some(Fault::new("value_error", "Value error, Event type can not be empty"));
        }
        // Nobody can ask for such a type: an address refuses one, and no search box writes one.
        if kind.trim().contains(char::is_control) {
            let text = "Value error, Event type can not hold control characters";
            return Some(Fault::new("value_error", text));
        }
        too_long(kind, self.event_type_bytes_max)
    }

    /// The same of so many events.
    pub(in crate::http) fn events(&self, count: usize) -> Option<Fault> {
        let text = || format!("List should have at most {} items", self.events_max);
        (count > self.events_max).then(|| Fault::new("too_long", text()))
    }
}

fn too_long(text: &str, bytes_max: usize) -> Option<Fault> {
    let message = || format!("String should have at most {bytes_max} bytes");
    (text.trim().len() > bytes_max).then(|| Fault::new("string_too_long", message()))
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;
    use crate::http::intake::IncomingEvent;

    const BOUNDS: Bounds = Bounds { events_max: 2, id_bytes_max: 8, event_type_bytes_max: 8 };

    fn event<'a>(kind: &'a str, id: Option<&'a str>) -> IncomingEvent<'a> {
        IncomingEvent { kind: kind.into(), id: id.map(Into::into), ..IncomingEvent::default() }
    }

    /// `(type, loc)` of every problem found.
    #[track_caller]
    fn check(incoming: &Incoming<'_>, expected: &[(&str, Value)]) {
        let found = BOUNDS.check(incoming).err().unwrap_or_default();
        let found: Vec<_> = found.iter().map(|p| (p.kind, json!(p.loc))).collect();
        let expected: Vec<_> = expected.iter().map(|(kind, loc)| (*kind, loc.clone())).collect();
        assert_eq!(found, expected);
    }

    #[test]
    fn everything_out_of_bounds_is_told_in_the_order_of_the_payload() {
        let at = |index: usize, key: &str| json!(["body", "events", index, key]);
        let wrong = Incoming {
            source: " ".into(),
            session: Some("a\0".into()),
            profile: Some("123456789".into()),
            events: vec![event("  ", Some("123456789")), event("123456789", Some("\0"))],
            ..Incoming::default()
        };
        let expected = [
            ("value_error", json!(["body", "source", "id"])),
            ("value_error", json!(["body", "session", "id"])),
            ("string_too_long", json!(["body", "profile", "id"])),
            ("value_error", at(0, "type")),
            ("string_too_long", at(0, "id")),
            ("string_too_long", at(1, "type")),
            ("value_error", at(1, "id")),
        ];
        check(&wrong, &expected);
        let events = (0..3).map(|_| event("", None)).collect();
        let many = Incoming { source: "s".into(), events, ..Incoming::default() };
        check(&many, &[("too_long", json!(["body", "events"]))]);
    }

    #[test]
    fn a_type_with_control_characters_is_none() {
        for kind in ["\0", "a\0b", "a\tb", "\u{85}c"] {
            assert!(BOUNDS.event_type(kind).is_some() || kind.trim() == "c", "{kind:?}");
        }
        assert!(BOUNDS.event_type(" a b\n").is_none(), "space around it does not count");
    }

    #[test]
    fn space_around_a_text_does_not_count_and_blank_ids_are_absent() {
        let good = Incoming {
            source: "  12345678  ".into(),
            session: Some(" ".into()),
            profile: Some("".into()),
            events: vec![event(" 12345678 ", Some(" "))],
            ..Incoming::default()
        };
        check(&good, &[]);
    }
}
