//! What the sender should know although the payload was kept.

use std::borrow::Cow;

use super::EventId;

/// A fault in the data that did not stop the payload. Never holds a value from the payload, since
/// answers and logs may be read by others than the sender.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Warning {
    /// Stable, for programs.
    pub code: &'static str,
    /// A sentence, for people.
    pub message: Cow<'static, str>,
    /// The event concerned, if it is one.
    pub event: Option<EventId>,
}

impl Warning {
    /// A warning about the payload as a whole.
    #[must_use]
    pub fn new(code: &'static str, message: impl Into<Cow<'static, str>>) -> Self {
        Self { code, message: message.into(), event: None }
    }

    /// The same warning, about one event.
    #[must_use]
    pub fn about(mut self, event: &EventId) -> Self {
        self.event = Some(event.clone());
        self
    }
}
