//! PostgreSQL behind the seam of [`crate::storage::sql`].

use std::time::Duration;

use bytes::BytesMut;
use deadpool_postgres::Object;
use futures_util::StreamExt as _;
use tokio_postgres::types::{IsNull, ToSql, Type, to_sql_checked};

use super::Postgres;
use crate::storage::StorageError;
use crate::storage::sql::{Row, Sql, Value, Visit};

/// A connection, and whatever transaction is open on it.
pub(super) struct Speaking<'a> {
    pub(super) engine: &'a Postgres,
    pub(super) client: &'a Object,
    /// How long each answer is waited for.
    pub(super) patience: Duration,
}

impl Sql for Speaking<'_> {
    fn execute(&mut self, sql: &str, values: &[Value<'_>]) -> Result<u64, StorageError> {
        self.engine.wait_for(self.patience, async {
            let statement = self.client.prepare_cached(sql).await?;
            Ok(self.client.execute_raw(&statement, values.iter().map(as_sql)).await?)
        })
    }

    fn each(
        &mut self,
        sql: &str,
        values: &[Value<'_>],
        visit: &mut Visit<'_>,
    ) -> Result<(), StorageError> {
        let rows = self.engine.wait_for(self.patience, async {
            let statement = self.client.prepare_cached(sql).await?;
            Ok(self.client.query_raw(&statement, values.iter().map(as_sql)).await?)
        })?;
        let mut rows = Box::pin(rows);
        while let Some(row) =
            self.engine.wait_for(self.patience, async { Ok(rows.next().await.transpose()?) })?
        {
            if visit(&row)?.is_break() {
                break;
            }
        }
        Ok(())
    }

    fn by_code_points(&self) -> &'static str {
        " COLLATE \"C\""
    }
}

fn as_sql<'a>(value: &'a Value<'_>) -> &'a (dyn ToSql + Sync) {
    value
}

impl ToSql for Value<'_> {
    fn to_sql(
        &self,
        kind: &Type,
        out: &mut BytesMut,
    ) -> Result<IsNull, Box<dyn std::error::Error + Sync + Send>> {
        match self {
            Self::Null => Ok(IsNull::Yes),
            Self::Number(number) if *kind == Type::INT4 => {
                i32::try_from(*number)?.to_sql(kind, out)
            }
            Self::Number(number) => number.to_sql(kind, out),
            // PostgreSQL's texts hold no null character: nothing of this name is there.
            Self::Text(text) if text.contains('\0') => {
                text.replace('\0', "\u{fffd}").to_sql(kind, out)
            }
            Self::Text(text) => text.to_sql(kind, out),
            Self::Bytes(bytes) => bytes.to_sql(kind, out),
        }
    }

    fn accepts(_: &Type) -> bool {
        // What a statement wants is known where it is written.
        true
    }

    to_sql_checked!();
}

impl Row for tokio_postgres::Row {
    fn maybe_number(&self, column: usize) -> Result<Option<i64>, StorageError> {
        if self.columns().get(column).is_some_and(|column| *column.type_() == Type::INT4) {
            return Ok(self.try_get::<_, Option<i32>>(column)?.map(i64::from));
        }
        Ok(self.try_get(column)?)
    }

    fn maybe_text(&self, column: usize) -> Result<Option<&str>, StorageError> {
        Ok(self.try_get(column)?)
    }

    fn bytes(&self, column: usize) -> Result<&[u8], StorageError> {
        Ok(self.try_get(column)?)
    }
}
