//! The layers of the settings: what a file says and what variables say, laid over the defaults key by key.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::path::Path;

use toml::{Table, Value};

use super::load::{CONFIG_VARIABLE, ConfigError};
use crate::suggestion::nearest;

/// How the names of Kith's variables begin.
const OURS: &str = "KITH_";

/// Kith's variables, of all that a process was given. Of the others, nobody says that they are text.
pub(super) fn ours(
    all: impl Iterator<Item = (OsString, OsString)>,
) -> Result<BTreeMap<String, String>, ConfigError> {
    let named = all.filter_map(|(name, text)| Some((name.into_string().ok()?, text)));
    let ours = named.filter(|(name, _)| name.starts_with(OURS));
    let read = ours.map(|(name, text)| match text.into_string() {
        Ok(text) => Ok((name, text)),
        Err(_) => Err(ConfigError(format!("`{name}` is no text in UTF-8"))),
    });
    read.collect()
}

/// Every key with its default, by dotted path. A section with nothing in it stands for itself.
pub(super) fn leaves(table: &Table) -> BTreeMap<String, Value> {
    let mut leaves = BTreeMap::new();
    for (key, value) in table {
        match value {
            Value::Table(section) if !section.is_empty() => leaves.extend(
                self::leaves(section)
                    .into_iter()
                    .map(|(inner, value)| (format!("{key}.{inner}"), value)),
            ),
            Value::Table(_)
            | Value::String(_)
            | Value::Integer(_)
            | Value::Float(_)
            | Value::Boolean(_)
            | Value::Datetime(_)
            | Value::Array(_) => drop(leaves.insert(key.clone(), value.clone())),
        }
    }
    leaves
}

/// Lays a file over the settings.
pub(super) fn lay_file(
    table: &mut Table,
    path: &Path,
    known: &BTreeMap<String, Value>,
) -> Result<(), ConfigError> {
    let place = path.display();
    let text = std::fs::read_to_string(path).map_err(|e| ConfigError(format!("{place}: {e}")))?;
    let file: Table = toml::from_str(&text).map_err(|error| unreadable(path, &text, &error))?;
    for (key, value) in leaves(&file) {
        if is_empty_section(&key, &value, known) {
            continue;
        }
        let Some(default) = known.get(&key) else {
            let near = suggested(&key, known.keys().map(String::as_str));
            return Err(ConfigError(format!("unknown key `{key}` in {place}{near}")));
        };
        let is_of_type = match (default, &value) {
            // 1 is 1.0.
            (Value::Float(_), Value::Integer(_)) => true,
            (default, value) => default.type_str() == value.type_str(),
        };
        if !is_of_type {
            let (want, have) = (called(default), called(&value));
            return Err(ConfigError(format!("`{key}` in {place} is {have}, not {want}")));
        }
        set(table, &key, value);
    }
    Ok(())
}

/// Lays Kith's variables over the settings.
pub(super) fn lay_environment(
    table: &mut Table,
    environment: &BTreeMap<String, String>,
    known: &BTreeMap<String, Value>,
) -> Result<(), ConfigError> {
    let names: BTreeMap<String, &String> = known.keys().map(|key| (variable(key), key)).collect();
    for (name, text) in environment.iter().filter(|(name, _)| *name != CONFIG_VARIABLE) {
        let Some(key) = names.get(name) else {
            let near = suggested(name, names.keys().map(String::as_str));
            return Err(ConfigError(format!("unknown environment variable `{name}`{near}")));
        };
        let value = match known.get(*key) {
            Some(Value::Integer(_)) => text.trim().parse().ok().map(Value::Integer),
            Some(Value::Boolean(_)) => text.trim().parse().ok().map(Value::Boolean),
            Some(Value::Float(_)) => text.trim().parse().ok().map(Value::Float),
            _ => Some(Value::String(text.clone())),
        };
        let Some(value) = value else {
            let wanted = known.get(*key).map_or("what is wanted", called);
            return Err(ConfigError(format!("`{name}` is not {wanted}: `{text}`")));
        };
        set(table, key, value);
    }
    Ok(())
}

/// What is wrong with a file, and in which line. The line is not told: a password may stand in it.
fn unreadable(path: &Path, text: &str, error: &toml::de::Error) -> ConfigError {
    let before = error.span().and_then(|span| text.get(..span.start));
    let line = before.map_or_else(String::new, |before| {
        format!(", line {}", before.bytes().filter(|byte| *byte == b'\n').count() + 1)
    });
    ConfigError(format!("{}{line}: {}", path.display(), error.message()))
}

/// Whether this says nothing: a section that there is, all of whose keys are comments.
fn is_empty_section(key: &str, value: &Value, known: &BTreeMap<String, Value>) -> bool {
    let is_in = |other: &String| other.strip_prefix(key).is_some_and(|rest| rest.starts_with('.'));
    value.is_table() && known.keys().any(is_in)
}

/// What a value is, in words.
fn called(value: &Value) -> &'static str {
    match value {
        Value::String(_) => "a text",
        Value::Integer(_) => "a whole number",
        Value::Float(_) => "a number with a point",
        Value::Boolean(_) => "true or false",
        Value::Datetime(_) => "a time",
        Value::Array(_) => "a list",
        Value::Table(_) => "a section",
    }
}

/// `limits.body_bytes_max` → `KITH_LIMITS_BODY_BYTES_MAX`.
pub(super) fn variable(key: &str) -> String {
    format!("KITH_{}", key.replace('.', "_").to_uppercase())
}

fn set(table: &mut Table, key: &str, value: Value) {
    match key.split_once('.') {
        None => drop(table.insert(key.to_owned(), value)),
        Some((section, inner)) => {
            if let Some(Value::Table(section)) = table.get_mut(section) {
                set(section, inner, value);
            }
        }
    }
}

fn suggested<'a>(unknown: &str, known: impl Iterator<Item = &'a str>) -> String {
    let near = nearest(unknown, known);
    near.map_or_else(String::new, |known| format!("; did you mean `{known}`?"))
}
