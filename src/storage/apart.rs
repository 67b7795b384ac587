//! Who is remembered as somebody else than a person who is erased: nobody is, once that person is gone.
//!
//! Whoever was taken apart from a person knows that person's ids, so that nothing unites them again.

use std::ops::ControlFlow;

use super::sql::{Row, rows, values};
use super::{Storage, StorageError, StoredProfile, merges};
use crate::model::ProfileId;

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

    /// Lets no record of a merger say that somebody was apart from these: taking it back would bring that
    /// back. Found by a reader first: whoever changes keeps others from changing.
    ///
    /// # Errors
    /// See [`StorageError`].
    pub fn forget_apart_in_merges(&self, gone: &[ProfileId]) -> Result<(), StorageError> {
        let ask = "SELECT stream, seq, loser, body FROM merge WHERE body LIKE $1";
        let found = self.ask(|database| {
            let mut found = Vec::new();
            database.each(ask, values![APART], &mut |row| {
                if let Some(body) = merges::without_apart(row.text(3)?, gone)? {
                    found.push((row.string(0)?, row.count(1)?, row.string(2)?, body));
                }
                Ok(ControlFlow::Continue(()))
            })?;
            Ok(found)
        })?;
        let put = "UPDATE merge SET body = $1 WHERE stream = $2 AND seq = $3 AND loser = $4";
        for some in found.chunks(ROWS_AT_ONCE) {
            self.change(|database| {
                some.iter().try_for_each(|(stream, seq, loser, body)| {
                    database.execute(put, values![body, stream, *seq, loser]).map(|_| ())
                })
            })?;
        }
        Ok(())
    }
}
