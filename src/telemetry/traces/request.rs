//! A request that is traced, wherever it is at the moment.
//!
//! ```text
//! POST /track            from the head to the answer
//! ├── admission          reading it, understanding it, letting it in
//! ├── round              with everybody else who waited
//! │   ├── load           from the database
//! │   ├── fold
//! │   └── commit         to the database
//! ├── question           of history, of those who ask
//! └── answer             saying what came of it
//! ```

use std::borrow::Cow;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use super::span::{Kind, Span, Value, What};

tokio::task_local! {
    static CURRENT: Arc<Request>;
}

/// The request that this task works on, if it is traced.
pub(crate) fn current() -> Option<Arc<Request>> {
    CURRENT.try_with(Arc::clone).ok()
}

/// Works on `request`.
pub(crate) async fn within<T>(request: Arc<Request>, work: impl Future<Output = T>) -> T {
    CURRENT.scope(request, work).await
}

/// When a round was where, by the clock's `elapsed`.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct RoundTimes {
    pub(crate) begun: Duration,
    pub(crate) loaded: Duration,
    pub(crate) folded: Duration,
    /// From the writer's taking it to the database's word.
    pub(crate) commit: [Duration; 2],
    pub(crate) payloads: usize,
    /// Whether a network is between.
    pub(crate) is_shared: bool,
}

/// See the module.
#[derive(Debug)]
pub(crate) struct Request {
    span: Span,
    begun: Duration,
    /// Since when all that is missing is the answer.
    decided: Mutex<Option<Duration>>,
}

impl Request {
    pub(super) fn new(span: Span) -> Self {
        Self { begun: span.now(), span, decided: Mutex::default() }
    }

    pub(crate) fn now(&self) -> Duration {
        self.span.now()
    }

    /// Its payloads were let in, or not.
    pub(crate) fn admitted(&self, begun: Duration, payloads: usize) {
        let payloads = Value::Number(payloads as u64);
        self.child(&self.span, "admission", [begun, self.now()], vec![("kith.payloads", payloads)]);
    }

    /// A payload of it is on disk.
    pub(crate) fn was_in_round(&self, times: &RoundTimes) {
        let RoundTimes { begun, loaded, folded, commit, payloads, is_shared } = *times;
        let (round, database) = (self.span.child(), database(is_shared));
        let kind = if is_shared { Kind::Client } else { Kind::Internal };
        let of_database = |name, times| {
            let attributes = vec![database.clone()];
            round.child().end(What { name, kind, times, is_failed: false, attributes });
        };
        of_database(Cow::Borrowed("load"), [begun, loaded]);
        self.child(&round, "fold", [loaded, folded], Vec::new());
        of_database(Cow::Borrowed("commit"), commit);
        let attributes = vec![("kith.payloads", Value::Number(payloads as u64))];
        let (name, kind, times) = (Cow::Borrowed("round"), Kind::Internal, [begun, commit[1]]);
        round.end(What { name, kind, times, is_failed: false, attributes });
    }

    /// All its payloads have ended.
    pub(crate) fn is_decided(&self) {
        *self.decided.lock().unwrap_or_else(PoisonError::into_inner) = Some(self.now());
    }

    /// History was asked for it.
    pub(crate) fn asked(&self, question: &'static str, begun: Duration, is_failed: bool) {
        let attributes = vec![("kith.question", Value::Text(question.into()))];
        let (name, kind, times) = (Cow::Borrowed("question"), Kind::Internal, [begun, self.now()]);
        self.span.child().end(What { name, kind, times, is_failed, attributes });
    }

    /// It is answered. `route` is the pattern, never the address that was asked for.
    pub(crate) fn answered(&self, method: &'static str, route: Option<&str>, status: u16) {
        let now = self.now();
        let decided = *self.decided.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(decided) = decided {
            self.child(&self.span, "answer", [decided, now], Vec::new());
        }
        let mut attributes = vec![
            ("http.request.method", Value::Text(method.into())),
            ("http.response.status_code", Value::Number(status.into())),
        ];
        let mut name = Cow::Borrowed(method);
        if let Some(route) = route {
            name = format!("{method} {route}").into();
            attributes.push(("http.route", Value::Text(route.to_owned().into())));
        }
        let (kind, times) = (Kind::Server, [self.begun, now]);
        self.span.end(What { name, kind, times, is_failed: status >= 500, attributes });
    }

    #[expect(clippy::unused_self, reason = "reads as what belongs to the request")]
    fn child(
        &self,
        of: &Span,
        name: &'static str,
        times: [Duration; 2],
        attributes: Vec<(&'static str, Value)>,
    ) {
        let (name, kind) = (Cow::Borrowed(name), Kind::Internal);
        of.child().end(What { name, kind, times, is_failed: false, attributes });
    }
}

fn database(is_shared: bool) -> (&'static str, Value) {
    let name = if is_shared { "postgresql" } else { "sqlite" };
    ("db.system.name", Value::Text(name.into()))
}
