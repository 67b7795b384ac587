//! Tables that lie otherwise in a file than on a server: in the order of their keys, without a tree of rows beside it.
//!
//! A table with a unique key is two trees, and each row is a page written in both. On a server that matters
//! little; here all pages of a round go through one log.

use rusqlite::Connection;

use super::marks;

/// What is done on the way to a format, after what is done on servers too.
pub(super) const STEPS: [(i64, &str); 2] = [(18, LAID_OUT), (20, marks::TABLE)];

/// Memberships lie in the order of their key. Whoever asks for those of one person looks into each audience:
/// SQLite does so when it is told that there are few, which it would find out by itself by reading all of them.
const LAID_OUT: &str = "
CREATE TABLE laid_out (audience TEXT NOT NULL, profile_id TEXT NOT NULL, since BIGINT NOT NULL,
    PRIMARY KEY (audience, profile_id)) WITHOUT ROWID;
INSERT INTO laid_out SELECT audience, profile_id, since FROM membership ORDER BY audience, profile_id;
DROP TABLE membership;
ALTER TABLE laid_out RENAME TO membership;
CREATE TABLE laid_out (profile_id TEXT NOT NULL PRIMARY KEY, at BIGINT NOT NULL) WITHOUT ROWID;
INSERT INTO laid_out SELECT profile_id, at FROM alarm ORDER BY profile_id;
DROP TABLE alarm;
ALTER TABLE laid_out RENAME TO alarm;
CREATE INDEX alarm_at ON alarm (at);
ANALYZE membership;
DELETE FROM sqlite_stat1;
INSERT INTO sqlite_stat1 (tbl, idx, stat) VALUES ('membership', 'membership', '1000000 5000 1');
ANALYZE sqlite_schema;
";

/// Does those after `found`.
pub(super) fn lay_out(connection: &Connection, found: i64) -> rusqlite::Result<()> {
    let mut after = STEPS.iter().filter(|(format, _)| found < *format);
    after.try_for_each(|(_, step)| connection.execute_batch(step))
}

#[cfg(test)]
mod tests {
    use rusqlite::Connection;

    use super::*;
    use crate::storage::{MIGRATIONS, tables};

    const BEFORE: i64 = 17;

    /// A database of the format before, with whoever is in an audience.
    fn before() -> Connection {
        let database = Connection::open_in_memory().unwrap();
        let formats = usize::try_from(BEFORE).unwrap();
        for migration in &MIGRATIONS[..formats] {
            database.execute_batch(migration).unwrap();
        }
        let rows =
            "INSERT INTO membership VALUES ('vip', 'p2', 7), ('new', 'p1', 5), ('vip', 'p1', 6);
                    INSERT INTO alarm VALUES ('p2', 20), ('p1', 10);";
        database.execute_batch(rows).unwrap();
        database
    }

    fn all(database: &Connection, sql: &str) -> Vec<(String, String, i64)> {
        let mut statement = database.prepare(sql).unwrap();
        let rows = statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)));
        rows.unwrap().map(Result::unwrap).collect()
    }

    #[test]
    fn whoever_was_in_an_audience_or_due_is_so_afterwards() {
        let database = before();
        lay_out(&database, BEFORE).unwrap();
        let members = all(&database, "SELECT audience, profile_id, since FROM membership");
        let member = |audience: &str, id: &str, since| (audience.to_owned(), id.to_owned(), since);
        let expected = [member("new", "p1", 5), member("vip", "p1", 6), member("vip", "p2", 7)];
        assert_eq!(members, expected);
        let due = all(&database, "SELECT '', profile_id, at FROM alarm ORDER BY at");
        assert_eq!(due, [member("", "p1", 10), member("", "p2", 20)]);
    }

    #[test]
    fn nobody_reads_all_memberships_to_remove_one_person() {
        let database = before();
        lay_out(&database, BEFORE).unwrap();
        let removes = tables::removals().find(|sql| sql.contains(" membership ")).unwrap();
        let mut plan = database.prepare(&format!("EXPLAIN QUERY PLAN {removes}")).unwrap();
        let steps = plan.query_map(["p1"], |row| row.get::<_, String>(3)).unwrap();
        let steps: Vec<String> = steps.map(Result::unwrap).collect();
        assert_eq!(steps, ["SEARCH membership USING PRIMARY KEY (ANY(audience) AND profile_id=?)"]);
    }
}
