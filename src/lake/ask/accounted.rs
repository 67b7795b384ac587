//! An answer, and how much was read for it.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::{Asker, Invalid, Question};
use crate::lake::{LakeError, Moment, Span};

/// A question whose answer says how much was read for it.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Accounted<Q>(pub Q);

/// The answer to [`Accounted`].
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Account<A> {
    /// What there is to say.
    pub answer: A,
    /// Events in the files whose time the question is about, and those that are in no file yet.
    pub rows_read: u64,
}

impl<Q: Question> Question for Accounted<Q> {
    type Answer = Account<Q::Answer>;

    const ASKER: Asker = Q::ASKER;

    const SECONDS_MIN: Duration = Q::SECONDS_MIN;

    const PATIENCE: Duration = Q::PATIENCE;

    fn check(&self) -> Result<(), Invalid> {
        self.0.check()
    }

    fn shows_people(&self) -> bool {
        self.0.shows_people()
    }

    fn span(&self) -> Span {
        self.0.span()
    }

    fn answer(self, moment: &Moment) -> Result<Self::Answer, LakeError> {
        Ok(Account { rows_read: moment.rows_at_hand, answer: self.0.answer(moment)? })
    }
}
