//! One span: where it belongs while it is open, and what is known when it has ended.

use std::borrow::Cow;
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use super::Tracer;
use super::parent::Parent;
use crate::model::Time;

/// Who waits for whom, in OpenTelemetry's numbers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    Internal = 1,
    Server = 2,
    Client = 3,
}

/// What an attribute is. Nothing of anybody's data is one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Value {
    Text(Cow<'static, str>),
    Number(u64),
}

/// A span that has not ended.
pub(super) struct Span {
    tracer: Arc<Tracer>,
    trace: [u8; 16],
    id: [u8; 8],
    parent: Option<[u8; 8]>,
    /// One moment on both clocks, the same for all of a trace: so its spans lie within each other.
    moment: (Time, Duration),
}

impl fmt::Debug for Span {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Span").field("id", &self.id).finish_non_exhaustive()
    }
}

/// What is said of a span at its end.
pub(super) struct What {
    pub(super) name: Cow<'static, str>,
    pub(super) kind: Kind,
    /// From and to, by the clock's `elapsed`.
    pub(super) times: [Duration; 2],
    pub(super) is_failed: bool,
    pub(super) attributes: Vec<(&'static str, Value)>,
}

/// A span on its way to the receiver.
pub(super) struct Ended {
    pub(super) trace: [u8; 16],
    pub(super) id: [u8; 8],
    pub(super) parent: Option<[u8; 8]>,
    pub(super) name: Cow<'static, str>,
    pub(super) kind: Kind,
    /// In nanoseconds since 1970.
    pub(super) times: [u128; 2],
    pub(super) is_failed: bool,
    pub(super) attributes: Vec<(&'static str, Value)>,
}

impl Span {
    /// The first of a trace of its own.
    pub(super) fn root(tracer: &Arc<Tracer>) -> Self {
        Self::new(tracer, tracer.ids.bytes(), None)
    }

    pub(super) fn under(tracer: &Arc<Tracer>, parent: &Parent) -> Self {
        Self::new(tracer, parent.trace, Some(parent.span))
    }

    fn new(tracer: &Arc<Tracer>, trace: [u8; 16], parent: Option<[u8; 8]>) -> Self {
        let moment = (tracer.clock.now(), tracer.clock.elapsed());
        Self { tracer: Arc::clone(tracer), trace, id: tracer.ids.bytes(), parent, moment }
    }

    pub(super) fn child(&self) -> Self {
        let (tracer, id) = (Arc::clone(&self.tracer), self.tracer.ids.bytes());
        Self { tracer, trace: self.trace, id, parent: Some(self.id), moment: self.moment }
    }

    pub(super) fn now(&self) -> Duration {
        self.tracer.clock.elapsed()
    }

    pub(super) fn end(&self, what: What) {
        let What { name, kind, times, is_failed, attributes } = what;
        self.tracer.hand_over(Ended {
            trace: self.trace,
            id: self.id,
            parent: self.parent,
            name,
            kind,
            times: times.map(|time| self.at(time)),
            is_failed,
            attributes,
        });
    }

    fn at(&self, elapsed: Duration) -> u128 {
        let (time, moment) = self.moment;
        let time = u128::try_from(time.micros()).unwrap_or(0) * 1000;
        let (later, earlier) = (elapsed.saturating_sub(moment), moment.saturating_sub(elapsed));
        (time + later.as_nanos()).saturating_sub(earlier.as_nanos())
    }
}
