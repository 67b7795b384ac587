//! Which events went to somebody who was only named: told in exports, for no column of history says it.

use super::{LakeError, Moment};

/// A column that an export has beside those of history: nobody had shown that the person was the one who visited.
pub const ONLY_NAMED: &str = "only_named";
/// Another: it is said for safety, since it may have been the person as well.
pub const IN_DOUBT: &str = "in_doubt";
/// What an answer that is history has, of texts.
const OF_HISTORY: [&str; 5] = ["id", "type", "source_id", "session_id", "profile_id"];
/// Numbers the rows while they are joined.
const PLACE: &str = "kith_place";

/// Visits, who visits, and who is named in them, as a view of our own: one that goes to whoever was named has both,
/// any other has nobody who was named.
pub(super) fn visits(people: u64) -> String {
    format!(
        "CREATE VIEW kith.visits AS SELECT s.id, coalesce(m.profile_id, s.visitor) AS visitor, \
         coalesce(n.profile_id, s.named) AS named \
         FROM (SELECT id, CASE WHEN json_exists(body, '$.link') \
         THEN json_extract_string(body, '$.link.visitor') ELSE profile_id END AS visitor, \
         CASE WHEN json_exists(body, '$.link') THEN profile_id END AS named \
         FROM kith_people({people}, 'session')) AS s \
         LEFT JOIN kith.merged AS m ON m.id = s.visitor \
         LEFT JOIN kith.merged AS n ON n.id = s.named;"
    )
}

impl Moment {
    /// The question `sql`, sorted, and each event of it with whether nobody had shown that its person was the
    /// one who visited: whoever visits by now is somebody else, or nobody knows who does. A visit that has gone over
    /// to another may have been theirs, and so may what was done in none; both are taken for none of theirs, and are
    /// told to be in doubt. An answer that is not of events is as it was.
    ///
    /// # Errors
    /// See [`LakeError`].
    pub fn with_who_was_named(&self, sql: &str, order: Option<&str>) -> Result<String, LakeError> {
        let columns = self.described(sql)?;
        let is_there = |name: &&str| columns.iter().any(|(column, _)| column == name);
        let texts =
            |name: &&str| columns.iter().any(|(column, kind)| column == name && kind == "VARCHAR");
        if !OF_HISTORY.iter().all(texts) || [ONLY_NAMED, IN_DOUBT, PLACE].iter().any(is_there) {
            let order = order.map_or_else(String::new, |order| format!(" ORDER BY {order}"));
            return Ok(format!("{sql}{order}"));
        }
        let (numbered, order) = match order {
            Some(order) => (format!("SELECT *, 0 AS {PLACE} FROM (\n{sql}\n)"), order),
            // In the order that was asked for, which a join need not keep.
            None => (format!("SELECT *, row_number() OVER () AS {PLACE} FROM (\n{sql}\n)"), PLACE),
        };
        Ok(format!(
            "SELECT * EXCLUDE ({PLACE}) FROM (SELECT told.*, told.profile_id IS NOT NULL AND \
             visits.visitor IS DISTINCT FROM told.profile_id AS {ONLY_NAMED}, {ONLY_NAMED} AND \
             visits.named IS DISTINCT FROM told.profile_id AS {IN_DOUBT} FROM ({numbered}) AS told \
             LEFT JOIN kith.visits AS visits ON visits.id = told.session_id) ORDER BY {order}"
        ))
    }
}
