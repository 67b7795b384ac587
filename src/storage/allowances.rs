//! What was taken of allowances that several nodes share: by sources, and by those who sign in.

use std::time::Duration;

use super::sql::{Sql, values};
use super::{Storage, StorageError};
use crate::model::Time;

/// What somebody took since they told of it last.
#[derive(Clone, Copy, Debug)]
pub struct Taken<'a> {
    /// Of which allowance.
    pub name: &'a str,
    /// When they began to.
    pub since: Time,
    /// How long it takes until that is made up for.
    pub cost: Duration,
}

/// Numbers by name, while nobody else changes those that were looked at.
pub struct Numbers<'a>(&'a mut dyn Sql);

impl Numbers<'_> {
    /// A number, 0 if it was never set. Nobody else has it until this is over.
    ///
    /// # Errors
    /// See [`StorageError`].
    pub fn hold(&mut self, name: &str) -> Result<u64, StorageError> {
        // Writing what is there locks the row, also of a number that was not there before.
        let hold = "INSERT INTO allowance (name, until) VALUES ($1, 0) \
                    ON CONFLICT (name) DO UPDATE SET until = allowance.until RETURNING until";
        let found = self.0.one(hold, values![name], |row| row.count(0))?;
        Ok(found.unwrap_or(0))
    }

    /// Changes a number.
    ///
    /// # Errors
    /// See [`StorageError`].
    pub fn set(&mut self, name: &str, number: u64) -> Result<(), StorageError> {
        let set = "UPDATE allowance SET until = $1 WHERE name = $2";
        self.0.execute(set, values![number, name]).map(|_| ())
    }
}

impl dyn Storage + '_ {
    /// Tells of what was taken, in the order of names, so that nobody waits for somebody who waits for
    /// them. Until when each of the allowances is taken, whoever took of it.
    ///
    /// # Errors
    /// See [`StorageError`].
    pub fn take_allowances(&self, taken: &[Taken<'_>]) -> Result<Vec<Time>, StorageError> {
        let take = "INSERT INTO allowance (name, until) VALUES ($1, $2) \
                    ON CONFLICT (name) DO UPDATE SET until = $3 + \
                    CASE WHEN allowance.until > $4 THEN allowance.until ELSE $4 END \
                    RETURNING until";
        self.change(|database| {
            let one = |taken: &Taken<'_>| {
                let cost = i64::try_from(taken.cost.as_micros()).unwrap_or(i64::MAX);
                let until = taken.since.plus(taken.cost).micros();
                let values = values![taken.name, until, cost, taken.since.micros()];
                let until = database.one(take, values, |row| row.number(0))?;
                Ok(Time::from_micros(until.unwrap_or(0)))
            };
            taken.iter().map(one).collect()
        })
    }

    /// Looks at numbers and changes them, all of it or nothing, and nobody else meanwhile.
    ///
    /// # Errors
    /// See [`StorageError`].
    pub fn with_allowances<T>(
        &self,
        mut work: impl FnMut(&mut Numbers<'_>) -> Result<T, StorageError>,
    ) -> Result<T, StorageError> {
        self.change(|database| work(&mut Numbers(database)))
    }

    /// Forgets what was made up for before `then`.
    ///
    /// # Errors
    /// See [`StorageError`].
    pub fn forget_allowances(&self, then: Time) -> Result<(), StorageError> {
        let forget = "DELETE FROM allowance WHERE until < $1";
        self.change(|database| database.execute(forget, values![then.micros()]).map(|_| ()))
    }
}
