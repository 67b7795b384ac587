//! Which events went to somebody who was only named: told in exports, for no column of history says it.

use super::{LakeError, Moment};

/// The column that an export has beside those of history.
pub const ONLY_NAMED: &str = "only_named";
/// What an answer that is history has, of texts.
const OF_HISTORY: [&str; 5] = ["id", "type", "source_id", "session_id", "profile_id"];
/// Numbers the rows while they are joined.
const PLACE: &str = "kith_place";

/// Visits, whose they are, and whether that one was only named, as a view of our own.
pub(super) fn visits(people: u64) -> String {
    format!(
        "CREATE VIEW kith.visits AS SELECT s.id, coalesce(m.profile_id, s.profile_id) AS profile_id, \
         json_exists(s.body, '$.link') AS is_linked FROM kith_people({people}, 'session') AS s \
         LEFT JOIN kith.merged AS m ON m.id = s.profile_id;"
    )
}

impl Moment {
    /// The question `sql`, sorted, and each event of it with whether nobody had shown that its person was the
    /// one who visited: in a visit that goes to whoever was named in it, or in none that is known. An answer
    /// that is not of events is as it was.
    ///
    /// # Errors
    /// See [`LakeError`].
    pub fn with_who_was_named(&self, sql: &str, order: Option<&str>) -> Result<String, LakeError> {
        let columns = self.described(sql)?;
        let is_there = |name: &&str| columns.iter().any(|(column, _)| column == name);
        let texts =
            |name: &&str| columns.iter().any(|(column, kind)| column == name && kind == "VARCHAR");
        if !OF_HISTORY.iter().all(texts) || [ONLY_NAMED, PLACE].iter().any(is_there) {
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
             (visits.id IS NULL OR (visits.is_linked AND visits.profile_id = told.profile_id)) \
             AS {ONLY_NAMED} FROM ({numbered}) AS told \
             LEFT JOIN kith.visits AS visits ON visits.id = told.session_id) ORDER BY {order}"
        ))
    }
}
