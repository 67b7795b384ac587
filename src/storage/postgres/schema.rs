//! The tables: made or brought to the newest format by whichever node comes first.

use super::{ATTEMPTS_MAX, Postgres};
use crate::model::Time;
use crate::storage::format::newest;
use crate::storage::sql::{Sql, values};
use crate::storage::tables::{Shard, TABLES};
use crate::storage::{MIGRATIONS, StorageError, history, key};

/// Where the format is written. Whoever changes it holds its row.
const FORMAT: &str =
    "CREATE TABLE IF NOT EXISTS kith_format (id BIGINT PRIMARY KEY, format BIGINT)";

/// What PostgreSQL does better when it is told. Others need not know it.
const HINTS: [&str; 4] = [
    // A round's events are compressed already.
    "ALTER TABLE tail ALTER COLUMN rows SET STORAGE EXTERNAL",
    // Room in the page for the next version of a row, so that the index need not change.
    "ALTER TABLE session SET (fillfactor = 70)",
    "ALTER TABLE profile SET (fillfactor = 70)",
    "ALTER TABLE stream SET (fillfactor = 20)",
];

/// Makes or migrates the tables, founds the lake, and returns the installation's key.
pub(super) fn prepare(
    engine: &Postgres,
    now: Time,
    fresh: [u8; 32],
) -> Result<[u8; 32], StorageError> {
    check_encoding(engine)?;
    make_format(engine)?;
    // The first of those who start together holds the format's row until all of it is there.
    let (was, key) = engine.patiently(&engine.begins.change, |database| {
        let was = migrate(database)?;
        history::found(database, now)?;
        Ok((was, key::key(database, now, fresh)?))
    })?;
    if was < newest() {
        give_hints(engine)?;
    }
    Ok(key)
}

/// A database of another encoding has no letters for some people, and would refuse whatever names them. One that
/// does not look at letters (`SQL_ASCII`) keeps them all. Whoever does not know the question is no PostgreSQL.
fn check_encoding(engine: &Postgres) -> Result<(), StorageError> {
    let ask = "SELECT getdatabaseencoding()::text";
    let said = engine.ask(|database| database.text(ask, &[]));
    let Ok(Some(encoding)) = said else { return Ok(()) };
    if ["UTF8", "UTF-8", "SQL_ASCII"].contains(&encoding.to_uppercase().as_str()) {
        return Ok(());
    }
    Err(StorageError::Failed(format!(
        "the database is in {encoding}, which does not have everybody's letters: make it in UTF8, as with \
         createdb --encoding=UTF8 --template=template0"
    )))
}

/// The format of the tables that are there; 0 where there are none.
pub(super) fn found(engine: &Postgres) -> Result<i64, StorageError> {
    let is_there = "SELECT count(to_regclass('kith_format'))";
    let format = "SELECT CAST(coalesce(max(format), 0) AS BIGINT) FROM kith_format";
    engine.ask(|database| match database.number(is_there, &[])? {
        0 => Ok(0),
        _ => database.number(format, &[]),
    })
}

/// Two nodes that do it at the same time get in each other's way, in PostgreSQL too. Where it is there, it
/// is left alone: whoever serves need not be allowed to make tables.
fn make_format(engine: &Postgres) -> Result<(), StorageError> {
    let is_there = "SELECT count(*) FROM kith_format WHERE id = 1";
    if engine.ask(|database| database.number(is_there, &[])).is_ok_and(|rows| rows == 1) {
        return Ok(());
    }
    let make = |engine: &Postgres| {
        engine.ask(|database| {
            database.execute(FORMAT, &[])?;
            let first =
                "INSERT INTO kith_format (id, format) VALUES (1, 0) ON CONFLICT (id) DO NOTHING";
            database.execute(first, &[])
        })
    };
    let mut made = make(engine);
    for _ in 1..ATTEMPTS_MAX {
        if made.is_ok() {
            break;
        }
        made = make(engine);
    }
    made.map(|_| ())
}

/// The format that was found.
fn migrate(database: &mut dyn Sql) -> Result<i64, StorageError> {
    let found = database.number("SELECT format FROM kith_format WHERE id = 1 FOR UPDATE", &[])?;
    if found > newest() {
        return Err(StorageError::Newer { found, known: newest() });
    }
    for migration in MIGRATIONS.iter().skip(usize::try_from(found).unwrap_or(0)) {
        for statement in statements(migration) {
            database.execute(&statement, &[])?;
        }
    }
    if found < newest() {
        database.execute("UPDATE kith_format SET format = $1 WHERE id = 1", values![newest()])?;
    }
    Ok(found)
}

/// The statements of a migration, with PostgreSQL's word for bytes.
fn statements(migration: &str) -> Vec<String> {
    let code = migration.lines().filter(|line| !line.trim_start().starts_with("--"));
    let code = code.collect::<Vec<_>>().join("\n").replace(" BLOB ", " BYTEA ");
    let statements = code.split(';').map(str::trim).filter(|statement| !statement.is_empty());
    statements.map(str::to_owned).collect()
}

fn give_hints(engine: &Postgres) -> Result<(), StorageError> {
    for hint in HINTS {
        let client = engine.connection()?;
        if let Err(error) = engine.wait(async { Ok(client.batch_execute(hint).await?) }) {
            tracing::debug!(%error, hint, "the database does without");
        }
    }
    Ok(())
}

/// Every statement that makes the tables, in PostgreSQL's words, with the format that they are in.
#[must_use]
pub fn schema() -> String {
    let format = format!("INSERT INTO kith_format (id, format) VALUES (1, {})", newest());
    let format = [FORMAT.to_owned(), format].into_iter();
    let all = format.chain(MIGRATIONS.iter().flat_map(|migration| statements(migration)));
    let hints = HINTS.iter().map(|hint| (*hint).to_owned());
    all.chain(hints).map(|statement| format!("{statement};")).collect::<Vec<_>>().join("\n")
}

/// What tells Citus how to spread the tables, and to keep no second copy of their rows. What history is
/// made of stays with the coordinator: a transaction there sees it at one moment, and of rows that are
/// spread it sees each worker's at another. Every unique key holds its table's column, and what
/// is joined lies on one node. The rest is small and stays where it is.
#[must_use]
pub fn citus() -> String {
    let statements = spread().map(|(table, Shard { column, beside })| {
        format!(
            "SELECT create_distributed_table('{table}', '{column}', colocate_with => '{beside}');\n\
             SELECT truncate_local_data_after_distributing_table('{table}');"
        )
    });
    let statements: Vec<String> = statements.collect();
    let mut text = String::from(
        "-- Run once, on the coordinator, after the first start of Kith made the tables.\n",
    );
    text.push_str(&statements.join("\n"));
    text
}

/// Tables that are spread, in the order in which that can be said.
fn spread() -> impl Iterator<Item = (&'static str, Shard)> {
    TABLES.iter().filter_map(|table| Some((table.name, table.shard?)))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The unique keys that the migrations make: table and columns.
    fn unique_keys() -> Vec<(String, String)> {
        let all = MIGRATIONS.iter().flat_map(|migration| statements(migration));
        let unique = all.filter_map(|statement| {
            let (_, rest) = statement.split_once("CREATE UNIQUE INDEX ")?;
            let (table, columns) = rest.split_once(" ON ")?.1.split_once(" (")?;
            Some((table.to_owned(), columns.trim_end_matches(')').to_owned()))
        });
        unique.collect()
    }

    #[test]
    fn every_unique_key_of_a_distributed_table_holds_its_column() {
        let keys = unique_keys();
        for (table, Shard { column, .. }) in spread() {
            let found = keys.iter().filter(|(of, _)| of == table).collect::<Vec<_>>();
            assert!(!found.is_empty(), "{table}");
            for (_, columns) in found {
                assert!(columns.split(", ").any(|one| one == column), "{table} ({columns})");
            }
        }
    }

    #[test]
    fn what_lies_beside_another_is_distributed_after_it() {
        let order: Vec<&str> = spread().map(|(table, _)| table).collect();
        for (at, (_, Shard { beside, .. })) in spread().enumerate() {
            assert!(beside == "none" || order[..at].contains(&beside));
        }
        assert!(citus().contains("('membership', 'profile_id', colocate_with => 'alias')"));
    }
}
