//! What somebody did: how often, and when.

use std::ops::RangeInclusive;

use sha2::{Digest as _, Sha256};

use super::steps::{STEP_SIGHTINGS, Step, With};
use super::{Condition, Invalid, Language, Moment, STEPS_MAX, Sign, Tree};
use crate::model::{Keep, TallyKey, Time};

/// Most times that a condition can ask for: so many sightings are kept of everybody.
pub const TIMES_MAX: u16 = 100;

/// Somebody did something so often.
#[derive(Clone, Debug, PartialEq)]
pub struct Did {
    /// Events of this type.
    pub kind: String,
    /// Of which this holds.
    pub filter: Tree,
    /// Which of these is meant.
    pub which: Which,
    /// What must hold of that one.
    pub with: Option<With>,
    /// What followed, in this order.
    pub then: Vec<Step>,
    /// [`Sign::GreaterOrEqual`], [`Sign::LessOrEqual`] or [`Sign::Equal`].
    pub sign: Sign,
    /// So often.
    pub times: u16,
    /// When.
    pub span: Span,
    /// The key of the tally that tells it.
    pub key: TallyKey,
}

/// Which of all events of which a condition holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Which {
    /// Any of them.
    Any,
    /// The very first.
    First,
    /// The last.
    Last,
}

/// When something was done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Span {
    /// At any time.
    Ever,
    /// So many seconds ago, at most.
    Within(u64),
    /// Not before the one, and before the other.
    Between(Moment, Moment),
}

impl Did {
    /// The same with the key of what it counts, where all of it goes together: however it was written.
    ///
    /// # Errors
    /// [`Invalid`].
    pub fn checked(self) -> Result<Self, Invalid> {
        let is_once = (self.sign, self.times) == (Sign::GreaterOrEqual, 1);
        let is_any = self.which == Which::Any;
        let wrong = if self.with.is_some() && is_any {
            Some("WITH says something of the first one or the last: of all of them, WHERE does")
        } else if !is_any && !is_once {
            Some("the first one and the last happen once")
        } else if !(self.then.is_empty() || is_any && is_once) {
            Some("what is followed by something is not counted")
        } else {
            None
        };
        if let Some(wrong) = wrong {
            return Err(Invalid(wrong.to_owned()));
        }
        self.check_steps()?;
        Ok(self.keyed())
    }

    fn check_steps(&self) -> Result<(), Invalid> {
        if self.then.len() >= STEPS_MAX {
            return Err(Invalid(format!("at most {STEPS_MAX} events follow each other")));
        }
        if self.then.iter().rev().skip(1).any(|step| step.is_not) {
            return Err(Invalid("nothing follows what did not happen".to_owned()));
        }
        if self.then.iter().any(|step| step.is_not && step.within_seconds.is_none()) {
            let wrong = "THEN NOT wants WITHIN, and how long it did not happen";
            return Err(Invalid(wrong.to_owned()));
        }
        Ok(())
    }

    fn keyed(mut self) -> Self {
        let range = self.range();
        let counted = counted(&self.kind, &self.filter, range);
        let key = key(self.keep(), &counted);
        let with = self.with.take().map(|with| with.keyed(&self));
        let then = self.then.drain(..).map(|step| step.keyed(range)).collect();
        Self { key, with, then, ..self }
    }

    /// Which sightings tell it: one more than is asked for, where more would be too many.
    #[must_use]
    pub fn keep(&self) -> Keep {
        match (self.which, self.sign) {
            _ if !self.then.is_empty() => Keep::Latest(STEP_SIGHTINGS),
            (Which::First, _) => Keep::Earliest,
            (Which::Any | Which::Last, Sign::GreaterOrEqual) => Keep::Latest(self.times),
            (Which::Any | Which::Last, _) => Keep::Latest(self.times.saturating_add(1)),
        }
    }

    /// Only events of this time are counted at all. The first and the last are those of all time, whether it was then
    /// or not.
    #[must_use]
    pub fn range(&self) -> Option<(Time, Time)> {
        if self.which == Which::Any { self.dates() } else { None }
    }

    /// Not before the one, and before the other.
    fn dates(&self) -> Option<(Time, Time)> {
        let Span::Between(from, to) = self.span else { return None };
        Some((Time::from_micros(from.micros().max(0)), Time::from_micros(to.micros().max(0))))
    }

    /// Whether an event of this moment is of the dates that are asked for, if any are.
    #[must_use]
    pub fn is_of(&self, at: Time) -> bool {
        self.dates().is_none_or(|(from, to)| from <= at && at < to)
    }

    /// What is earlier than this, or of this moment, counts no more.
    #[must_use]
    pub fn horizon(&self, now: Time) -> Option<Time> {
        let Span::Within(seconds) = self.span else { return None };
        Some(now.minus(std::time::Duration::from_secs(seconds)))
    }

    /// Whether it is so, where so many were counted.
    #[must_use]
    pub fn is_so(&self, many: usize) -> bool {
        let times = usize::from(self.times);
        match self.sign {
            Sign::LessOrEqual => many <= times,
            Sign::Equal => many == times,
            Sign::GreaterOrEqual | Sign::Unequal | Sign::Less | Sign::Greater => many >= times,
        }
    }
}

/// How often a condition may ask for it: nobody can do something less often than never.
#[must_use]
pub fn times_of(sign: Sign) -> RangeInclusive<u16> {
    u16::from(sign == Sign::GreaterOrEqual)..=TIMES_MAX
}

/// What is counted, as text: the same for the same.
#[must_use]
pub fn counted(kind: &str, filter: &Tree, range: Option<(Time, Time)>) -> String {
    let filter = Condition { language: Language::Rules, tree: filter.clone() };
    let range = range.map(|(from, to)| (from.micros(), to.micros()));
    format!("{kind:?} {filter} {range:?}")
}

/// The key of a tally that keeps this of what is counted.
#[must_use]
pub fn key(keep: Keep, counted: &str) -> TallyKey {
    /// Another one where the same is counted otherwise: history is asked anew.
    const COUNTED_AS: u8 = 2;
    let hash = Sha256::new().chain_update([COUNTED_AS]).chain_update(counted).finalize();
    let bytes = hash.first_chunk().copied().unwrap_or_default();
    TallyKey { keep, hash: u64::from_be_bytes(bytes) }
}

/// A time as conditions write it: `30d`, `90m`; the longest unit of which it is a whole number.
#[must_use]
pub fn written(seconds: u64) -> String {
    let units = [("d", 86_400), ("h", 3_600), ("m", 60)];
    let unit = units.into_iter().find(|(_, length)| seconds > 0 && seconds.is_multiple_of(*length));
    let (unit, length) = unit.unwrap_or(("s", 1));
    format!("{}{unit}", seconds / length)
}
