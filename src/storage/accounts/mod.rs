//! Users, their tokens, links that let them in, and API keys.

mod users;
mod tokens;
mod links;
mod keys;
mod preferences;

pub use keys::{KeyAdded, KeyHolder, StoredKey};
pub use tokens::StoredToken;
pub(super) use tokens::put as put_token;
pub use users::{StoredTotp, StoredUser, UserChange, UserChanged};

use serde_json::Value;

use super::StorageError;
use super::audit::{self, Entry};
use super::configuration::By;
use super::sql::Sql;

/// Begins a change of users or keys: whoever else begins one waits until this one has ended, so what
/// is looked at holds. The version of all accounts afterwards.
fn begin(sql: &mut dyn Sql) -> Result<i64, StorageError> {
    let next = "INSERT INTO meta (key, value) VALUES ('accounts_version', '1') \
               ON CONFLICT (key) DO UPDATE SET value = CAST(meta.value AS BIGINT) + 1 \
               RETURNING value";
    let version = sql.text(next, &[])?;
    Ok(version.and_then(|text| text.parse().ok()).unwrap_or(0))
}

/// What was done to a user or a key.
struct Done<'a> {
    kind: &'static str,
    subject: &'a str,
    before: Option<Value>,
    after: Option<Value>,
}

/// Writes into the audit log what a change has done.
fn remember(
    sql: &mut dyn Sql,
    by: By<'_>,
    version: i64,
    done: &Done<'_>,
) -> Result<(), StorageError> {
    let text = |body: &Option<Value>| body.as_ref().map(Value::to_string);
    let (before, after) = (text(&done.before), text(&done.after));
    let action = if after.is_some() { "put" } else { "remove" };
    audit::remember(
        sql,
        by,
        &Entry {
            action,
            kind: done.kind,
            subject: done.subject,
            version,
            before: before.as_deref(),
            after: after.as_deref(),
        },
    )
}
