//! Functions that stop their workers: after a few times in a row they are left alone for a while.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use crate::clock::Clock;

/// So often in a row.
const TIMES_MAX: u32 = 3;
/// So long it is left alone. Each call would keep a thread that takes requests waiting.
const ALONE: Duration = Duration::from_secs(60);

/// Of so many at most it is known. There are fewer, but for those that were tried and never stored.
const KNOWN_MAX: usize = 1_000;

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
        if known.len() >= KNOWN_MAX && !known.contains_key(code) {
            forget_one(&mut known);
        }
        let trouble = known.entry(Arc::clone(code)).or_default();
        trouble.times += 1;
        if trouble.times >= TIMES_MAX {
            *trouble = Trouble { times: 0, until: self.clock.elapsed() + ALONE };
        }
    }
}

/// The one that may be called again first, or might all the time.
fn forget_one(known: &mut HashMap<Arc<str>, Trouble>) {
    let first = known.iter().min_by_key(|(_, trouble)| (trouble.until, trouble.times));
    if let Some(code) = first.map(|(code, _)| Arc::clone(code)) {
        known.remove(&code);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Time;

    fn code(number: usize) -> Arc<str> {
        format!("code {number}").into()
    }

    #[test]
    fn however_many_are_in_trouble_only_so_many_are_known_and_those_left_alone_longest() {
        let troubles = Troubles::new(Clock::set_to(Time::from_micros(0)));
        let alone = code(0);
        (0..TIMES_MAX).for_each(|_| troubles.note(&alone, false));
        (1..=2 * KNOWN_MAX).for_each(|number| troubles.note(&code(number), false));
        assert_eq!(troubles.known.lock().unwrap().len(), KNOWN_MAX);
        assert!(troubles.keep_off(&alone));
    }
}
