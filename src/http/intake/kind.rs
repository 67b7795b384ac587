//! Types of events as they are kept: what only Kith may say is called otherwise where others say it.

use crate::model::{EventId, Warning, kept_type};
use crate::processing::{ENTERED, LEFT, event_name};

/// Types that only Kith may say: what they say is counted, and acted upon.
const RESERVED: [&str; 2] = [ENTERED, LEFT];
/// What stands before one of them that somebody else has sent.
const SENT: &str = "sent-";

/// An event's type as it is kept.
pub(super) fn event_type(sent: &str) -> String {
    let kind = as_written(sent);
    if is_reserved(&kind) { format!("{SENT}{kind}") } else { kind }
}

fn is_reserved(kind: &str) -> bool {
    RESERVED.contains(&kind)
}

/// The same of what was history before: Kith itself may have said it.
pub(super) fn as_written(sent: &str) -> String {
    kept_type(sent)
}

/// A type of what was sent, its name for people, and a warning where it is not called as it was sent.
pub(super) fn named(sent: &str, event: &EventId) -> (String, String, Option<Warning>) {
    let written = as_written(sent);
    if !is_reserved(&written) {
        return (written, event_name(sent), None);
    }
    let kind = event_type(sent);
    let text = format!("only the server may say {written}; the event was kept as {kind}");
    let name = event_name(&kind);
    (kind, name, Some(Warning::new("type_reserved", text).about(event)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_only_kith_may_say_is_called_otherwise_however_it_is_written() {
        let named = |sent: &str| {
            let (kind, name, warning) = named(sent, &EventId::new("e"));
            (kind, name, warning.map(|warning| warning.code))
        };
        let reserved = Some("type_reserved");
        for sent in ["audience-entered", " Audience Entered "] {
            let expected =
                ("sent-audience-entered".into(), "Sent Audience Entered".into(), reserved);
            assert_eq!(named(sent), expected);
        }
        assert_eq!(named("AUDIENCE-LEFT").0, "sent-audience-left");
        let other = ("audience-entered-too".into(), "Audience Entered Too".into(), None);
        assert_eq!(named("audience-entered-too"), other);
    }
}
