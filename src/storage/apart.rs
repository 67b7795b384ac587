//! What others remember of a person who is erased: nothing, once that person is gone.
//!
//! Whoever was taken apart from a person knows that person's ids, so that nothing unites them again; and records of
//! mergers have both as they were, the person among them where they were one with somebody by then.

use std::ops::ControlFlow;

use super::merges::Columns;
use super::sql::{Row, rows, values};
use super::{Storage, StorageError, StoredProfile, merges};
use crate::model::{ProfileId, Time};

/// Rows of people looked at in one question.
const PAGE: usize = 1000;
/// Rows changed in one commit: others wait for it.
const ROWS_AT_ONCE: usize = 100;
/// In the body of whoever is apart from somebody, and perhaps in a few others.
const APART: &str = "%\"apart\":[%";

impl dyn Storage + '_ {
    /// Living people who are kept apart from any of these. Looks through all people.
    ///
    /// # Errors
    /// See [`StorageError`].
    pub fn kept_apart_from(&self, gone: &[ProfileId]) -> Result<Vec<ProfileId>, StorageError> {
        // Bodies of others do not leave the database.
        let ask = "SELECT id, CASE WHEN body LIKE $1 THEN body ELSE '' END FROM profile \
                   WHERE id > $2 ORDER BY id LIMIT $3";
        let (mut after, mut found) = (String::new(), Vec::new());
        loop {
            let read = |row: &dyn Row| Ok((row.string(0)?, row.string(1)?));
            let page =
                self.ask(|database| database.all(ask, values![APART, &after, PAGE], read))?;
            let Some((last, _)) = page.last() else { return Ok(found) };
            after.clone_from(last);
            for (id, body) in page.iter().filter(|(_, body)| !body.is_empty()) {
                let profile: StoredProfile =
                    serde_json::from_str(body).map_err(rows::damaged("profile"))?;
                if profile.is_apart_from_any(gone) {
                    found.push(ProfileId::new(id.as_str()));
                }
            }
        }
    }

    /// The same as [`Self::forget_in_merges`] of people who are there yet. Mergers of their own go with them; they are
    /// in those of others only where they were taken apart from these.
    ///
    /// # Errors
    /// See [`StorageError`].
    pub fn forget_in_others_merges(&self, people: &[ProfileId]) -> Result<(), StorageError> {
        let undone = "SELECT count(*) FROM merge \
                      WHERE (winner = $1 OR loser = $1) AND undone_at IS NOT NULL";
        let were_apart = self.ask(|database| {
            let mut many = 0;
            for id in people {
                many += database.number(undone, values![id.as_str()])?;
            }
            Ok(many > 0)
        })?;
        if were_apart { self.forget_in_merges(people) } else { Ok(()) }
    }

    /// Lets no record of a merger hold anything of these, as those of others do who were one with them once or were
    /// told from them: taking such a merger back would bring it back. Found by a reader first: whoever changes keeps
    /// others from changing. Looks through all records.
    ///
    /// # Errors
    /// See [`StorageError`].
    pub fn forget_in_merges(&self, gone: &[ProfileId]) -> Result<(), StorageError> {
        let put = "UPDATE merge SET body = $1 \
                   WHERE stream = $2 AND seq = $3 AND loser = $4 AND body = $5";
        let mut after = Key::default();
        loop {
            let (found, next) = self.merges_with(gone, &after)?;
            let mut are_others = false;
            for some in found.chunks(ROWS_AT_ONCE) {
                are_others |= self.change(|database| {
                    let mut are_others = false;
                    for Found { stream, seq, loser, before, after } in some {
                        let what = values![after, stream, *seq, loser, before];
                        are_others |= database.execute(put, what)? == 0;
                    }
                    Ok(are_others)
                })?;
            }
            // Where somebody has written one meanwhile, it may be another one.
            if are_others {
                continue;
            }
            let Some(next) = next else { return Ok(()) };
            after = next;
        }
    }

    /// A page of them, and where the next one begins: all in one statement take longer than one may.
    fn merges_with(
        &self,
        people: &[ProfileId],
        after: &Key,
    ) -> Result<(Vec<Found>, Option<Key>), StorageError> {
        let ask = "SELECT stream, seq, loser, winner, merged_at, body FROM merge \
                   WHERE (stream, seq, loser) > ($1, $2, $3) ORDER BY stream, seq, loser LIMIT $4";
        self.ask(|database| {
            let (mut found, mut many, mut last) = (Vec::new(), 0, Key::default());
            let (stream, seq, loser) = after;
            database.each(ask, values![stream, *seq, loser, PAGE], &mut |row| {
                let (loser, winner) = (row.string(2)?, row.string(3)?);
                last = (row.string(0)?, row.count(1)?, loser.clone());
                many += 1;
                let columns = Columns { loser, winner, merged: Time::from_micros(row.number(4)?) };
                if let Some(after) = merges::without(row.text(5)?, &columns, people)? {
                    let (stream, seq, before) = (row.string(0)?, row.count(1)?, row.string(5)?);
                    found.push(Found { stream, seq, loser: columns.loser, before, after });
                }
                Ok(ControlFlow::Continue(()))
            })?;
            Ok((found, (many == PAGE).then_some(last)))
        })
    }
}

/// Which record it is: the life, the round, and whose id ended.
type Key = (String, u64, String);

/// A record of a merger that says something of somebody, and what is left of it without that.
struct Found {
    stream: String,
    seq: u64,
    loser: String,
    before: String,
    after: String,
}
