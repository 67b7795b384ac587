//! A payload that was let in: who has one need not ask again.

use std::sync::Arc;

use crate::model::{Payload, Source};

/// Leave for one payload of this source to come in. Only [`admit`](super::admit) gives it.
#[derive(Debug)]
pub struct Leave(Arc<Source>);

/// A payload that was let in.
#[derive(Debug)]
pub struct Admitted(Box<Payload>);

impl Leave {
    pub(super) fn new(source: &Arc<Source>) -> Self {
        Self(Arc::clone(source))
    }

    /// Whose payload may come in.
    #[must_use]
    pub fn source(&self) -> &Arc<Source> {
        &self.0
    }

    /// The payload comes in, as one of the source that was let in.
    #[must_use]
    pub fn enter(self, payload: impl FnOnce(Arc<Source>) -> Payload) -> Admitted {
        Admitted(Box::new(payload(self.0)))
    }
}

impl Admitted {
    /// The payload.
    #[must_use]
    pub fn payload(&self) -> &Payload {
        &self.0
    }

    /// The payload, before it is committed.
    pub fn payload_mut(&mut self) -> &mut Payload {
        &mut self.0
    }

    /// The payload, to be worked on.
    #[must_use]
    pub fn into_payload(self) -> Box<Payload> {
        self.0
    }
}
