//! So many a second, and some at once after a pause.
//!
//! The limiter that bounds sources tells whether there is one only by taking it; here it is asked first
//! and taken later, if at all.

use crate::model::Time;

const MICROS: i64 = 1_000_000;

/// What may be spent, and from when on more may be.
#[derive(Debug)]
pub(super) struct Allowance {
    /// Millionths of one.
    left: i64,
    at: Time,
    per_second: i64,
}

impl Allowance {
    /// Full: as much as comes in a second.
    pub(super) fn new(per_second: u32, now: Time) -> Self {
        let per_second = i64::from(per_second);
        Self { left: per_second * MICROS, at: now, per_second }
    }

    /// Adds what has come since; never more than a second's worth lies there.
    pub(super) fn refill(&mut self, now: Time) {
        let micros = now.micros().saturating_sub(self.at.micros()).clamp(0, MICROS);
        self.left = (self.left + micros * self.per_second).min(self.per_second * MICROS);
        self.at = now;
    }

    /// Whether there is one.
    pub(super) fn has(&self) -> bool {
        self.left >= MICROS
    }

    /// Takes one, if there is one.
    pub(super) fn take(&mut self) -> bool {
        let there_is = self.has();
        if there_is {
            self.left -= MICROS;
        }
        there_is
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(micros: i64) -> Time {
        Time::from_micros(micros)
    }

    fn taken(allowance: &mut Allowance) -> usize {
        std::iter::repeat_with(|| allowance.take()).take_while(|took| *took).count()
    }

    #[test]
    fn a_seconds_worth_is_there_and_comes_again() {
        let mut allowance = Allowance::new(10, at(0));
        assert_eq!(taken(&mut allowance), 10);
        allowance.refill(at(250_000));
        assert_eq!(taken(&mut allowance), 2, "and half of one waits");
        allowance.refill(at(300_000));
        assert_eq!(taken(&mut allowance), 1);
        allowance.refill(at(90 * MICROS));
        assert_eq!(taken(&mut allowance), 10, "a pause saves no more than a second's worth");
    }

    #[test]
    fn a_clock_that_goes_back_takes_nothing_away() {
        let mut allowance = Allowance::new(10, at(MICROS));
        allowance.refill(at(0));
        assert_eq!(taken(&mut allowance), 10);
    }
}
