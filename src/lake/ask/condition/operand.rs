//! Facts as SQL: what of each sort can be read of a field.

use super::Invalid;
use crate::conditions::{self, Function};
use crate::events::Kind;
use crate::lake::ask::fields;
use crate::lake::ask::looked_up::Look;
use crate::lake::engine::literal;

/// A number as JSON writes it: what `conditions` takes for one. DuckDB's own casts take more.
const NUMBER: &str = "-?[0-9]+([.][0-9]+)?([eE][-+]?[0-9]+)?";
/// A whole number.
const WHOLE: &str = "-?[0-9]+";
/// A time as `conditions` reads it, days that do not exist among them.
const TIME: &str = "[0-9]{4}-[0-9]{2}-[0-9]{2}([T ]([01][0-9]|2[0-3]):[0-5][0-9]\
    (:[0-5][0-9]([.][0-9]{1,9})?(Z|[-+](0[0-9]|1[0-5])(:?[0-5][0-9])?)?)?)?";

/// A field, by what it can hold.
pub(super) enum Operand {
    /// Anything of JSON: as JSON, and as text.
    Json {
        json: String,
        text: String,
    },
    Text(String),
    Moment(String),
    Truth(String),
    Texts(String),
}

impl Operand {
    pub(super) fn of(operand: &conditions::Operand, look: Look) -> Result<Self, Invalid> {
        let (column, within) = fields::column(&operand.place)?;
        let name = fields::name(column);
        let plain = match column.kind {
            Kind::Json => Self::Json {
                json: look.up(fields::json(column, within)),
                text: look.up(fields::text(column, within)),
            },
            // A number of JSON is compared as one; none is none.
            Kind::Number => Self::Json {
                json: format!("CAST(CAST({name} AS VARCHAR) AS JSON)"),
                text: format!("CAST({name} AS VARCHAR)"),
            },
            Kind::Text => Self::Text(name),
            Kind::Moment => Self::Moment(name),
            Kind::Truth => Self::Truth(name),
            Kind::Texts => Self::Texts(name),
        };
        Ok(match operand.function {
            None => plain,
            Some(Function::Lowercase) => plain.through("lower"),
            Some(Function::Uppercase) => plain.through("upper"),
            Some(Function::Datetime(more)) => plain.datetime().plus(more),
        })
    }

    fn through(&self, function: &str) -> Self {
        let text = self.letters().unwrap_or_else(|| "CAST(NULL AS VARCHAR)".to_owned());
        Self::Text(format!("{function}({text})"))
    }

    fn datetime(self) -> Self {
        match self {
            Self::Moment(_) => self,
            Self::Json { .. } | Self::Text(_) | Self::Truth(_) | Self::Texts(_) => {
                let moment = self.letters().map(|text| time(&text));
                Self::Moment(moment.unwrap_or_else(|| "CAST(NULL AS TIMESTAMPTZ)".to_owned()))
            }
        }
    }

    /// So many microseconds later. Where no year is so far it is no moment, which would end the question.
    fn plus(self, micros: i64) -> Self {
        match self {
            Self::Moment(ref sql) if micros != 0 => Self::Moment(format!(
                "TRY(make_timestamptz(epoch_us({sql}) + CAST({micros} AS BIGINT)))"
            )),
            Self::Moment(_)
            | Self::Json { .. }
            | Self::Text(_)
            | Self::Truth(_)
            | Self::Texts(_) => self,
        }
    }

    /// The text that it is; `NULL` for what is none.
    pub(super) fn letters(&self) -> Option<String> {
        match self {
            Self::Json { json, text } => {
                Some(format!("CASE WHEN json_type({json}) = 'VARCHAR' THEN {text} END"))
            }
            Self::Text(sql) => Some(sql.clone()),
            Self::Moment(_) | Self::Truth(_) | Self::Texts(_) => None,
        }
    }

    /// The JSON that it is: a number's digits, `true`, or what can be neither.
    pub(super) fn token(&self) -> Option<String> {
        match self {
            Self::Json { json, .. } => Some(format!("CAST({json} AS VARCHAR)")),
            Self::Text(_) | Self::Moment(_) | Self::Truth(_) | Self::Texts(_) => None,
        }
    }

    /// Its digits, whether it is a number or a text that writes one.
    pub(super) fn token_or_letters(&self) -> Option<String> {
        match self {
            Self::Json { text, .. } => Some(text.clone()),
            Self::Text(sql) => Some(sql.clone()),
            Self::Moment(_) | Self::Truth(_) | Self::Texts(_) => None,
        }
    }

    /// The truth that it is.
    pub(super) fn truth(&self) -> Option<String> {
        match self {
            Self::Truth(sql) => Some(sql.clone()),
            Self::Json { .. } | Self::Text(_) | Self::Moment(_) | Self::Texts(_) => {
                self.token().map(|token| truth(&token))
            }
        }
    }

    /// The moment that it is.
    pub(super) fn moment(&self) -> Option<String> {
        match self {
            Self::Moment(sql) => Some(sql.clone()),
            Self::Json { .. } | Self::Text(_) | Self::Truth(_) | Self::Texts(_) => None,
        }
    }
}

/// The number that the text `sql` writes.
pub(in crate::lake::ask) fn number(sql: &str) -> String {
    format!(
        "CASE WHEN regexp_full_match({sql}, {}) THEN TRY_CAST({sql} AS DOUBLE) END",
        literal(NUMBER)
    )
}

/// The whole number that it is, with all of its digits: see [`crate::model::Number::exact`]. A float of 2^53 and
/// more is whole.
pub(super) fn exact(sql: &str) -> String {
    let number = format!("TRY_CAST({sql} AS DOUBLE)");
    format!(
        "CASE WHEN regexp_full_match({sql}, {}) THEN TRY_CAST({sql} AS HUGEINT) \
         WHEN regexp_full_match({sql}, {}) AND abs({number}) >= 9007199254740992 \
         THEN TRY_CAST({number} AS HUGEINT) END",
        literal(WHOLE),
        literal(NUMBER)
    )
}

/// The truth that the text `sql` names.
pub(super) fn truth(sql: &str) -> String {
    format!("CASE {sql} WHEN 'true' THEN true WHEN 'false' THEN false END")
}

/// The moment that the text `sql` tells.
pub(super) fn time(sql: &str) -> String {
    format!(
        "CASE WHEN regexp_full_match({sql}, {}) THEN TRY_CAST({sql} AS TIMESTAMPTZ) END",
        literal(TIME)
    )
}
