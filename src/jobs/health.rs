//! How a job is: what went wrong in a row, how long it pauses for it, and what was told of it.

use std::time::Duration;

/// How often the pause after a failure is doubled: eight times the first is the longest.
const DOUBLED_MAX: u32 = 3;
/// Failures that are told of one by one until it is well again. Some name a file or a number, and
/// would be new each time.
const TOLD_MAX: usize = 8;

/// Of one job.
#[derive(Debug, Default)]
pub(super) struct Health {
    /// Failures since the last run that went well.
    failures: u32,
    told: Vec<String>,
}

impl Health {
    /// A run failed. Says whether anybody is to be told: of each kind of failure once.
    pub(super) fn fails(&mut self, why: &str) -> bool {
        self.failures = self.failures.saturating_add(1);
        let is_news = self.told.len() < TOLD_MAX && self.told.iter().all(|told| told != why);
        if is_news {
            self.told.push(why.to_owned());
        }
        is_news
    }

    /// A run went well. Says whether anybody is to be told: those who heard of a failure.
    pub(super) fn is_well(&mut self) -> bool {
        self.failures = 0;
        !std::mem::take(&mut self.told).is_empty()
    }

    /// How long to wait after the last failure, when the first of a row costs `first`.
    pub(super) fn pause(&self, first: Duration) -> Duration {
        first * 2_u32.pow(self.failures.saturating_sub(1).min(DOUBLED_MAX))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_grow_to_a_bound_and_begin_anew() {
        let mut health = Health::default();
        let mut pause = || {
            health.fails("full");
            health.pause(Duration::from_secs(5)).as_secs()
        };
        assert_eq!([pause(), pause(), pause(), pause(), pause()], [5, 10, 20, 40, 40]);
        health.is_well();
        health.fails("full");
        assert_eq!(health.pause(Duration::from_secs(5)).as_secs(), 5);
    }

    #[test]
    fn each_kind_of_failure_is_told_once_until_it_is_well() {
        let mut health = Health::default();
        assert!(!health.is_well(), "nobody has heard of anything");
        assert_eq!(
            ["full", "full", "gone", "full"].map(|why| health.fails(why)),
            [true, false, true, false]
        );
        assert_eq!([health.is_well(), health.is_well()], [true, false]);
        assert!(health.fails("full"));
    }

    #[test]
    fn failures_that_differ_each_time_are_not_told_for_ever() {
        let mut health = Health::default();
        let told = (0..100).filter(|number| health.fails(&format!("file {number}"))).count();
        assert_eq!(told, TOLD_MAX);
    }
}
