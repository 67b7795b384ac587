//! Functions that stop their workers: after a few times in a row they are left alone for a while.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use crate::clock::Clock;

/// So often in a row.
const TIMES_MAX: u32 = 3;
/// So long it is left alone. Each call would keep a thread that takes requests waiting.
const ALONE: Duration = Duration::from_secs(60);

/// What is known of those that are in trouble, by what they say.
pub(super) struct Troubles {
    clock: Clock,
    known: Mutex<HashMap<Arc<str>, Trouble>>,
}

#[derive(Default)]
struct Trouble {
    times: u32,
    until: Duration,
}

impl Troubles {
    pub(super) fn new(clock: Clock) -> Self {
        Self { clock, known: Mutex::default() }
    }

    /// Whether it is to be left alone now.
    pub(super) fn keep_off(&self, code: &Arc<str>) -> bool {
        let known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        known.get(code).is_some_and(|trouble| self.clock.elapsed() < trouble.until)
    }

    /// A call ended well, or stopped its worker.
    pub(super) fn note(&self, code: &Arc<str>, well: bool) {
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        if well {
            known.remove(code);
            return;
        }
        let trouble = known.entry(Arc::clone(code)).or_default();
        trouble.times += 1;
        if trouble.times >= TIMES_MAX {
            *trouble = Trouble { times: 0, until: self.clock.elapsed() + ALONE };
        }
    }
}
