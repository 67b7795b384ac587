//! The audit log: who did what, when, and what it was before and after.

use super::configuration::By;
use super::sql::{Row, Sql, Value, values};
use super::{Storage, StorageError};
use crate::model::Time;

/// What stands between a user and a key of theirs.
const BY_KEY: &str = " by key ";

/// One thing that was done.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AuditRow {
    /// Its number; those drawn later are greater.
    pub id: String,
    /// When.
    pub at: Time,
    /// A user's e-mail address, or what else did it.
    pub who: String,
    /// `put`, `remove`, `look` and the like.
    pub action: String,
    /// The kind of what it was done to.
    pub kind: String,
    /// Its id.
    pub subject: String,
    /// The configuration's version afterwards; 0 for what has not changed it.
    pub version: i64,
    /// JSON; none when there was nothing.
    pub before: Option<String>,
    /// JSON; none when there is nothing any more.
    pub after: Option<String>,
    /// Where the request came from.
    pub address: Option<String>,
    /// What was asked.
    pub detail: Option<String>,
    /// The answer's status.
    pub status: Option<i64>,
}

impl AuditRow {
    /// Whether this may be the number of one: sixteen hexadecimal digits of time, as many of what tells apart
    /// what was done at one moment, and a letter where that is counted apart.
    #[must_use]
    pub fn is_id(text: &str) -> bool {
        let is_digit = |byte: &u8| matches!(byte, b'0'..=b'9' | b'a'..=b'f');
        let (digits, rest) = text.as_bytes().split_at_checked(32).unwrap_or_default();
        digits.len() == 32 && digits.iter().all(is_digit) && rest.iter().all(u8::is_ascii_lowercase)
    }
}

/// Every kind of what something is done to; `docs/api.md` has the same, which a test compares.
pub const AUDIT_KINDS: [&str; 27] = [
    "audience",
    "audit",
    "compliance",
    "computed_trait",
    "consent_type",
    "currency_table",
    "dashboard",
    "event",
    "event_to_profile",
    "event_type",
    "file",
    "function",
    "identity",
    "key",
    "list",
    "merge",
    "namespace",
    "profile",
    "question",
    "redirect",
    "reshaping",
    "session",
    "source",
    "sql",
    "tracking_plan",
    "user",
    "validator",
];

/// One thing that is done, as it is written down in the transaction that does it.
pub(super) struct Entry<'a> {
    pub(super) action: &'a str,
    pub(super) kind: &'a str,
    pub(super) subject: &'a str,
    pub(super) version: i64,
    pub(super) before: Option<&'a str>,
    pub(super) after: Option<&'a str>,
}

/// Writes down what `by` has done. `kind` and `version` tell apart what was done in one moment.
pub(super) fn remember(
    sql: &mut dyn Sql,
    by: By<'_>,
    entry: &Entry<'_>,
) -> Result<(), StorageError> {
    let Entry { action, kind, subject, version, before, after } = *entry;
    must_be_known(kind);
    let remember = "INSERT INTO audit \
                    (id, at, who, action, kind, subject, version, before, after, address) \
                    VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)";
    let at = by.at.micros();
    // Rises with time, and with the version where clocks stand still.
    let number = format!("{at:016x}{version:016x}{}", own_count(kind));
    let (who, address) = (by.who, by.address);
    let values = values![&number, at, who, action, kind, subject, version, before, after, address];
    sql.execute(remember, values).map(|_| ())
}

/// Whatever is written in a test is one of those that people are told of.
fn must_be_known(kind: &str) {
    debug_assert!(AUDIT_KINDS.contains(&kind), "the audit log knows no kind {kind}");
}

/// Users and keys are counted apart from the configuration.
fn own_count(kind: &str) -> &'static str {
    if matches!(kind, "user" | "key") { "a" } else { "" }
}

/// Which of them. All that is given must hold.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct AuditSearch {
    /// Done by this one, or by a key of theirs.
    pub who: Option<String>,
    /// This was done.
    pub action: Option<String>,
    /// Done to this kind.
    pub kind: Option<String>,
    /// Done to what has this id.
    pub subject: Option<String>,
    /// From this moment on.
    pub from: Option<Time>,
    /// Before this moment.
    pub to: Option<Time>,
    /// Done before what has this number.
    pub before: Option<String>,
}

impl AuditSearch {
    /// Whether it finds this one, which is not written yet.
    #[must_use]
    pub fn takes(&self, row: &AuditRow) -> bool {
        let is =
            |wanted: &Option<String>, said: &str| wanted.as_ref().is_none_or(|one| one == said);
        let did = |who: &String| {
            row.who
                .strip_prefix(who)
                .is_some_and(|rest| rest.is_empty() || rest.starts_with(BY_KEY))
        };
        self.who.as_ref().is_none_or(did)
            && is(&self.action, &row.action)
            && is(&self.kind, &row.kind)
            && is(&self.subject, &row.subject)
            && self.from.is_none_or(|from| row.at >= from)
            && self.to.is_none_or(|to| row.at < to)
            && self.before.as_ref().is_none_or(|before| row.id < *before)
    }
}

impl dyn Storage + '_ {
    /// When each record of this kind was changed last, as far as the log remembers.
    ///
    /// # Errors
    /// See [`StorageError`].
    pub fn last_changes(&self, kind: &str) -> Result<Vec<(String, Time)>, StorageError> {
        let ask = "SELECT subject, max(at) FROM audit WHERE kind = $1 AND version > 0 \
                   GROUP BY subject";
        self.ask(|database| {
            database.all(ask, values![kind], |row| {
                Ok((row.string(0)?, Time::from_micros(row.number(1)?)))
            })
        })
    }

    /// What `search` finds, the latest first, at most `limit`.
    ///
    /// # Errors
    /// See [`StorageError`].
    pub fn audit(&self, search: &AuditSearch, limit: usize) -> Result<Vec<AuditRow>, StorageError> {
        let by_key = search.who.as_ref().map(|who| format!("{}{BY_KEY}%", literally(who)));
        let conditions: [(&str, Option<Value<'_>>); 6] = [
            ("action =", search.action.as_ref().map(Value::from)),
            ("kind =", search.kind.as_ref().map(Value::from)),
            ("subject =", search.subject.as_ref().map(Value::from)),
            ("at >=", search.from.map(|time| time.micros().into())),
            ("at <", search.to.map(|time| time.micros().into())),
            ("id <", search.before.as_ref().map(Value::from)),
        ];
        let (mut sql, mut values) = (String::new(), Vec::new());
        if let (Some(who), Some(by_key)) = (&search.who, &by_key) {
            values.extend([Value::from(who), Value::from(by_key)]);
            sql.push_str(" AND (who = $1 OR who LIKE $2 ESCAPE '!')");
        }
        for (condition, value) in conditions {
            let Some(value) = value else { continue };
            values.push(value);
            sql.push_str(&format!(" AND {condition} ${}", values.len()));
        }
        values.push(limit.into());
        let ask = format!(
            "SELECT id, at, who, action, kind, subject, version, before, after, address, detail, \
             status FROM audit WHERE 1 = 1{sql} ORDER BY id DESC LIMIT ${}",
            values.len()
        );
        self.ask(|database| database.all(&ask, &values, row))
    }

    /// Writes what was done and changed nothing of the configuration, all of it or nothing. What is
    /// there already stays as it is: so it may be tried again when nobody knows whether it was done.
    ///
    /// # Errors
    /// See [`StorageError`].
    pub fn note(&self, rows: &[AuditRow]) -> Result<(), StorageError> {
        let put = "INSERT INTO audit (id, at, who, action, kind, subject, version, before, after, \
                   address, detail, status) \
                   VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12) \
                   ON CONFLICT (id) DO NOTHING";
        rows.iter().for_each(|row| must_be_known(&row.kind));
        self.change(|database| {
            rows.iter().try_for_each(|row| {
                let (at, before, after) = (row.at.micros(), &row.before, &row.after);
                let what = values![
                    &row.id,
                    at,
                    &row.who,
                    &row.action,
                    &row.kind,
                    &row.subject,
                    row.version,
                    before.as_ref(),
                    after.as_ref(),
                    row.address.as_ref(),
                    row.detail.as_ref(),
                    row.status
                ];
                database.execute(put, what).map(|_| ())
            })
        })
    }

    /// Forgets what was done before `time`. How many rows went.
    ///
    /// # Errors
    /// See [`StorageError`].
    pub fn forget_audit(&self, time: Time) -> Result<u64, StorageError> {
        let old = "SELECT id FROM audit WHERE at < $1 LIMIT 1";
        let is_old = self.ask(|database| database.text(old, values![time.micros()]))?.is_some();
        if !is_old {
            return Ok(0);
        }
        let forget = "DELETE FROM audit WHERE at < $1";
        self.change(|database| database.execute(forget, values![time.micros()]))
    }
}

/// As LIKE has it, with nothing in it that stands for anything else.
fn literally(text: &str) -> String {
    text.chars()
        .flat_map(|c| ['!'].into_iter().filter(move |_| "!%_".contains(c)).chain([c]))
        .collect()
}

fn row(row: &dyn Row) -> Result<AuditRow, StorageError> {
    let maybe = |column| Ok::<_, StorageError>(row.maybe_text(column)?.map(str::to_owned));
    Ok(AuditRow {
        id: row.string(0)?,
        at: Time::from_micros(row.number(1)?),
        who: row.string(2)?,
        action: row.string(3)?,
        kind: row.string(4)?,
        subject: row.string(5)?,
        version: row.number(6)?,
        before: maybe(7)?,
        after: maybe(8)?,
        address: maybe(9)?,
        detail: maybe(10)?,
        status: row.maybe_number(11)?,
    })
}
