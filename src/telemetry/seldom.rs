//! Lines of the log that strangers can bring about as often as they like: one of a kind is written in a minute.

use std::sync::{Mutex, PoisonError};
use std::time::Duration;

/// How far apart two lines of one kind are.
const APART: Duration = Duration::from_secs(60);

/// What a line is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Line {
    /// A link's event was not kept.
    Link,
    /// The OpenID provider does not do what it is asked.
    Provider,
    /// An identifier unites too many.
    Doubt,
}

/// When each was written last, and how many were not since.
#[derive(Debug, Default)]
pub(super) struct Lines([Mutex<(Option<Duration>, u64)>; 3]);

impl Lines {
    /// How many were not written since the last one, where one is to be written now.
    pub(super) fn passed_over(&self, line: Line, now: Duration) -> Option<u64> {
        let line = self.0.get(line as usize)?;
        let mut line = line.lock().unwrap_or_else(PoisonError::into_inner);
        let (written, passed_over) = &mut *line;
        if written.is_some_and(|written| now.saturating_sub(written) < APART) {
            *passed_over += 1;
            return None;
        }
        *written = Some(now);
        Some(std::mem::take(passed_over))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_of_a_kind_is_written_in_a_minute_and_says_how_many_were_not() {
        let lines = Lines::default();
        let at = |line, seconds| lines.passed_over(line, Duration::from_secs(seconds));
        assert_eq!(at(Line::Link, 0), Some(0));
        assert_eq!([1, 30, 59].map(|seconds| at(Line::Link, seconds)), [None, None, None]);
        assert_eq!(at(Line::Doubt, 59), Some(0), "each kind by itself");
        assert_eq!(at(Line::Link, 60), Some(3));
        assert_eq!(at(Line::Link, 121), Some(0));
    }
}
