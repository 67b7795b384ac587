//! Paths into the event document, as expressions of SQL.

use super::Invalid;
use crate::events::{COLUMNS, Kind};
use crate::lake::engine::literal;

/// Longest path, in bytes.
const PATH_BYTES_MAX: usize = 512;
/// Most keys in a path.
const KEYS_MAX: usize = 16;

/// Where the document (spec §4.3) names a column otherwise than history does.
const NAMES: [(&str, &str); 30] = [
    ("source.id", "source_id"),
    ("session.id", "session_id"),
    ("profile.id", "profile_id"),
    ("metadata.time.insert", "time"),
    ("metadata.time.create", "time"),
    ("metadata.time.received", "received_at"),
    ("metadata.channel", "channel"),
    ("metadata.ip", "ip"),
    ("metadata.valid", "valid"),
    ("metadata.debug", "debug"),
    ("metadata.warnings", "warnings"),
    ("utm.source", "utm_source"),
    ("utm.medium", "utm_medium"),
    ("utm.campaign", "utm_campaign"),
    ("utm.term", "utm_term"),
    ("utm.content", "utm_content"),
    ("device.type", "device_type"),
    ("device.brand", "device_brand"),
    ("device.model", "device_model"),
    ("device.geo.country.code", "country"),
    ("device.geo.city", "city"),
    ("os.name", "os_name"),
    ("os.version", "os_version"),
    ("app.name", "app_name"),
    ("app.version", "app_version"),
    ("app.language", "app_language"),
    ("hit.url", "page_url"),
    ("hit.name", "page_title"),
    ("journey.state", "journey"),
    ("tags.values", "tags"),
];

/// A field of events.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Field {
    /// The column, or a path into it, as SQL.
    pub sql: String,
    /// What it holds; within JSON, anything.
    pub kind: Kind,
}

impl Field {
    /// Its value as a text.
    #[must_use]
    pub fn text(&self) -> String {
        match self.kind {
            Kind::Text | Kind::Json => self.sql.clone(),
            Kind::Moment | Kind::Truth | Kind::Texts => format!("CAST({} AS VARCHAR)", self.sql),
        }
    }
}

/// The field at `path`: a column's name, the document's name of one, or a path into `properties`,
/// `traits`, `data`, `context`, `request` or `config`. Keys are parted by dots; one that holds a dot
/// or a space stands in brackets: `properties["first name"].x`. A number is a place in a list.
///
/// # Errors
/// [`Invalid`] when there is no such field.
pub fn field(path: &str) -> Result<Field, Invalid> {
    let path = path.trim().trim_start_matches("event@");
    if path.len() > PATH_BYTES_MAX {
        return Err(Invalid(format!("a field's path has at most {PATH_BYTES_MAX} bytes")));
    }
    let named = NAMES.iter().find(|(name, _)| *name == path).map_or(path, |(_, column)| column);
    let keys = keys(named)?;
    let unknown = || Invalid(format!("there is no field {path}"));
    let (first, rest) = keys.split_first().ok_or_else(unknown)?;
    let column = COLUMNS.iter().find(|column| column.name == first).ok_or_else(unknown)?;
    let name = format!("\"{}\"", column.name);
    match (column.kind, rest) {
        (Kind::Json, []) => Ok(Field { sql: format!("CAST({name} AS VARCHAR)"), kind: Kind::Json }),
        // A star would be all keys, and a key without letters is none.
        (Kind::Json, rest) if rest.iter().any(|key| key.is_empty() || key == "*") => Err(unknown()),
        (Kind::Json, rest) => {
            let path: String = rest.iter().map(|key| step(key)).collect();
            let sql = format!("json_extract_string({name}, {})", literal(&format!("${path}")));
            Ok(Field { sql, kind: Kind::Json })
        }
        (kind, []) => Ok(Field { sql: name, kind }),
        _ => Err(unknown()),
    }
}

/// One step of DuckDB's path into JSON.
fn step(key: &str) -> String {
    if !key.is_empty() && key.bytes().all(|byte| byte.is_ascii_digit()) {
        return format!("[{key}]");
    }
    format!(".\"{}\"", key.replace('\\', "\\\\").replace('"', "\\\""))
}

fn keys(path: &str) -> Result<Vec<String>, Invalid> {
    let mut keys = Vec::new();
    let mut rest = path;
    while !rest.is_empty() {
        let (key, after) = next(rest)?;
        keys.push(key);
        rest = after.strip_prefix('.').unwrap_or(after);
        if keys.len() > KEYS_MAX {
            return Err(Invalid(format!("a field's path has at most {KEYS_MAX} keys")));
        }
    }
    Ok(keys)
}

/// The next key, bare or in brackets, and what follows it.
fn next(rest: &str) -> Result<(String, &str), Invalid> {
    if let Some(inside) = rest.strip_prefix("[\"") {
        let end = inside.find("\"]");
        let end = end.ok_or_else(|| Invalid("a bracket in a field is not closed".to_owned()))?;
        let (key, after) = (inside.get(..end), inside.get(end + 2..));
        return Ok((key.unwrap_or_default().to_owned(), after.unwrap_or_default()));
    }
    let end = rest.find(['.', '[']).unwrap_or(rest.len());
    Ok((rest.get(..end).unwrap_or_default().to_owned(), rest.get(end..).unwrap_or_default()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(path: &str, sql: &str) {
        assert_eq!(field(path).unwrap().sql, sql, "{path}");
    }

    #[test]
    fn a_field_is_a_column_or_a_path_into_one() {
        check("type", "\"type\"");
        check("profile.id", "\"profile_id\"");
        check("event@metadata.time.insert", "\"time\"");
        check("properties.a.b", "json_extract_string(\"properties\", '$.\"a\".\"b\"')");
        check("data.list.0", "json_extract_string(\"data\", '$.\"list\"[0]')");
        check(
            "traits[\"first name\"].x",
            "json_extract_string(\"traits\", '$.\"first name\".\"x\"')",
        );
        check("properties.it's", "json_extract_string(\"properties\", '$.\"it''s\"')");
    }

    #[test]
    fn what_is_no_field_is_refused() {
        for path in [
            "",
            "nothing",
            "type.x",
            "1; DROP",
            "properties[\"x",
            "\"type\"",
            "properties.*",
            "data..x",
        ] {
            assert!(field(path).is_err(), "{path}");
        }
        assert!(field(&"a.".repeat(400)).is_err());
        assert!(field(&format!("properties{}", ".a".repeat(20))).is_err());
    }
}
