//! Which column of a table is what: a payload for each row, by a mapping in TOML.

use std::collections::BTreeMap;
use std::path::Path;

use serde::Deserialize;
use serde_json::{Map, Value, json};

use crate::model::{Time, Zone};
use crate::suggestion::nearest;

/// A mapping as it is written; the manual shows one for customers and one for orders.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    /// The id of the event source that is said to have sent the rows.
    source: String,
    /// The column of the time, in which rows happened.
    time: Option<String>,
    /// The column of session ids.
    session: Option<String>,
    /// The column of profile ids that Kith has given.
    profile: Option<String>,
    /// What stands between cells; found out unless said.
    separator: Option<String>,
    /// What stands between units and tenths; a point unless said.
    decimal: Option<String>,
    /// What each row says, in this order.
    events: Vec<Event>,
}

/// An event of a row.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Event {
    #[serde(rename = "type")]
    kind: String,
    /// The column of what is never twice: a row that comes again is known by it.
    id: Option<String>,
    /// Where in the properties each column goes.
    #[serde(default)]
    properties: BTreeMap<String, From>,
}

/// Where a property comes from.
#[derive(Debug, Deserialize)]
#[serde(untagged)]
enum From {
    /// A column, as text.
    Column(String),
    /// A column, as something else.
    Typed(Typed),
    /// The same in all rows.
    Constant(Constant),
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Typed {
    column: String,
    #[serde(rename = "as", default)]
    kind: Kind,
    /// Between the items of a list; a comma unless said.
    separator: Option<String>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Constant {
    value: Value,
}

#[derive(Clone, Copy, Debug, Default, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Kind {
    #[default]
    Text,
    Number,
    Boolean,
    List,
}

/// See the module.
#[derive(Debug)]
pub(super) struct Mapping {
    file: File,
    /// As it is written: with another mapping it is another import.
    pub(super) text: String,
}

/// A row, by the names of its columns.
pub(super) struct Cells<'a> {
    pub(super) columns: &'a [String],
    pub(super) cells: &'a [String],
}

impl<'a> Cells<'a> {
    /// What stands in a column; nothing where it is blank.
    pub(super) fn get(&self, column: &str) -> Option<&'a str> {
        self.as_written(column).map(str::trim).filter(|cell| !cell.is_empty())
    }

    /// The same with whatever is around it.
    pub(super) fn as_written(&self, column: &str) -> Option<&'a str> {
        let at = self.columns.iter().position(|name| name == column)?;
        self.cells.get(at).map(String::as_str)
    }

    /// A row has a cell for each column.
    pub(super) fn check(&self) -> Result<(), String> {
        let (has, wants) = (self.cells.len(), self.columns.len());
        if has == wants { Ok(()) } else { Err(format!("it has {has} cells, not {wants}")) }
    }
}

impl Mapping {
    /// Reads one.
    pub(super) fn read(path: &Path) -> Result<Self, String> {
        let fault = |error: &dyn std::fmt::Display| format!("{}: {error}", path.display());
        let text = std::fs::read_to_string(path).map_err(|error| fault(&error))?;
        let file: File = toml::from_str(&text).map_err(|error| fault(&error))?;
        if file.events.is_empty() {
            return Err(fault(&"there must be an [[events]]"));
        }
        let is_one = |mark: &Option<String>| mark.as_ref().is_none_or(|mark| mark.len() == 1);
        if !is_one(&file.separator) || !matches!(file.decimal.as_deref(), None | Some("." | ",")) {
            return Err(fault(&"`separator` is one character, and `decimal` is . or ,"));
        }
        Ok(Self { file, text })
    }

    pub(super) fn separator(&self) -> Option<u8> {
        self.file.separator.as_ref()?.bytes().next()
    }

    /// Every column that it names is there, once.
    pub(super) fn check(&self, columns: &[String]) -> Result<(), String> {
        let called = |name: &str| columns.iter().filter(|column| *column == name).count();
        if let Some(name) = self.named().find(|name| called(name) > 1) {
            return Err(format!(
                "the table has several columns `{name}`; which is meant nobody knows"
            ));
        }
        let Some(name) = self.named().find(|name| called(name) == 0) else { return Ok(()) };
        let near = nearest(name, columns.iter().map(String::as_str));
        let near = near.map_or_else(|| among(columns), |near| format!("; did you mean `{near}`?"));
        Err(format!("the table has no column `{name}`{near}"))
    }

    fn named(&self) -> impl Iterator<Item = &str> {
        let File { time, session, profile, events, .. } = &self.file;
        let own = [time, session, profile].into_iter().flatten();
        let ids = events.iter().filter_map(|event| event.id.as_ref());
        let properties = events.iter().flat_map(|event| event.properties.values());
        let columns = properties.filter_map(|from| match from {
            From::Column(column) | From::Typed(Typed { column, .. }) => Some(column),
            From::Constant(_) => None,
        });
        own.chain(ids).chain(columns).map(String::as_str)
    }

    /// The payload of a row; `at` is when it happened where it says nothing.
    pub(super) fn payload(&self, row: &Cells<'_>, at: Option<&str>) -> Result<Value, String> {
        row.check()?;
        let file = &self.file;
        let cell = |column: &Option<String>| column.as_ref().and_then(|column| row.get(column));
        let at = self.time(row)?.or(at);
        let mut events = Vec::new();
        for event in &file.events {
            events.push(self.event(event, row, at)?);
        }
        let mut payload = json!({"source": {"id": file.source}, "events": events});
        for (key, column) in [("session", &file.session), ("profile", &file.profile)] {
            if let Some(id) = cell(column) {
                payload[key] = json!({"id": id});
            }
        }
        Ok(payload)
    }

    /// When a row happened, where it says so.
    fn time<'a>(&self, row: &Cells<'a>) -> Result<Option<&'a str>, String> {
        let Some(column) = &self.file.time else { return Ok(None) };
        let Some(cell) = row.get(column) else { return Ok(None) };
        match Time::read(cell, Some(&Zone::utc())) {
            Some(_) => Ok(Some(cell)),
            None => Err(format!("column {column}: `{cell}` is no time")),
        }
    }

    fn event(&self, event: &Event, row: &Cells<'_>, at: Option<&str>) -> Result<Value, String> {
        let mut properties = Map::new();
        for (path, from) in &event.properties {
            if let Some(value) = self.value(from, row)? {
                put(&mut properties, path, value)?;
            }
        }
        let mut sent = json!({"type": event.kind, "properties": properties});
        if let Some(at) = at {
            sent["time"] = json!({"insert": at});
        }
        if let Some(column) = &event.id {
            let id = row.get(column).ok_or_else(|| format!("column {column} is empty"))?;
            // A row may say several things under one number.
            sent["id"] = json!(format!("{}:{id}", event.kind));
        }
        Ok(sent)
    }

    fn value(&self, from: &From, row: &Cells<'_>) -> Result<Option<Value>, String> {
        let typed = match from {
            From::Constant(Constant { value }) => return Ok(Some(value.clone())),
            From::Column(column) => return Ok(row.get(column).map(Value::from)),
            From::Typed(typed) => typed,
        };
        let Some(cell) = row.get(&typed.column) else { return Ok(None) };
        let value = match typed.kind {
            Kind::Text => Some(json!(cell)),
            Kind::Number => number(cell, self.file.decimal.as_deref() == Some(",")),
            Kind::Boolean => truth(cell),
            Kind::List => {
                let items = cell.split(typed.separator.as_deref().unwrap_or(",")).map(str::trim);
                Some(items.filter(|item| !item.is_empty()).collect())
            }
        };
        let kind = format!("{:?}", typed.kind).to_lowercase();
        value.map(Some).ok_or_else(|| format!("column {}: `{cell}` is no {kind}", typed.column))
    }
}

/// Puts a value where a path with dots leads to.
fn put(object: &mut Map<String, Value>, path: &str, value: Value) -> Result<(), String> {
    let Some((first, rest)) = path.split_once('.') else {
        object.insert(path.to_owned(), value);
        return Ok(());
    };
    let inner = object.entry(first).or_insert_with(|| json!({})).as_object_mut();
    let inner = inner.ok_or_else(|| format!("{first} is a value, and {path} lies below it"))?;
    put(inner, rest, value)
}

/// A number as tables have them: with marks between thousands at most. What stands elsewhere than such a mark
/// does was meant otherwise, and is none.
fn number(cell: &str, decimal_comma: bool) -> Option<Value> {
    let (decimal, thousands) = if decimal_comma { (',', '.') } else { ('.', ',') };
    let cell = cell.strip_prefix('+').unwrap_or(cell);
    let (whole, part) = cell.split_once(decimal).map_or((cell, None), |(a, b)| (a, Some(b)));
    let mut plain = without_marks(whole, thousands)?;
    if let Some(part) = part {
        plain.push('.');
        plain.push_str(part);
    }
    // As JSON writes it, so that no digit is lost.
    serde_json::from_str::<serde_json::Number>(&plain).ok().map(Value::from)
}

/// A whole number without what stands between its thousands: before each three digits the same mark.
fn without_marks(whole: &str, thousands: char) -> Option<String> {
    let is_mark = |letter: char| {
        letter == thousands || letter == '\'' || letter == '’' || letter.is_whitespace()
    };
    let Some(mark) = whole.chars().find(|letter| is_mark(*letter)) else {
        return Some(whole.to_owned());
    };
    let mut groups = whole.split(mark);
    let first = groups.next().unwrap_or_default();
    let is_of = |group: &str, digits: std::ops::RangeInclusive<usize>| {
        digits.contains(&group.len()) && group.bytes().all(|byte| byte.is_ascii_digit())
    };
    let is_one =
        is_of(first.trim_start_matches('-'), 1..=3) && groups.all(|group| is_of(group, 3..=3));
    is_one.then(|| whole.replace(mark, ""))
}

/// Which columns there are, for whoever has named one that is not there.
fn among(columns: &[String]) -> String {
    let names: Vec<String> = columns.iter().map(|name| format!("`{name}`")).collect();
    format!("; it has {}", names.join(", "))
}

fn truth(cell: &str) -> Option<Value> {
    match cell.to_lowercase().as_str() {
        "true" | "yes" | "y" | "1" | "t" => Some(json!(true)),
        "false" | "no" | "n" | "0" | "f" => Some(json!(false)),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mapping(text: &str) -> Result<Mapping, String> {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("m.toml");
        std::fs::write(&path, text).unwrap();
        Mapping::read(&path)
    }

    const ORDERS: &str = r#"
source = "shop"
time = "date"
decimal = ","
[[events]]
type = "order-completed"
id = "no"
[events.properties]
value = { column = "total", as = "number" }
"customer.email" = "email"
currency = { value = "PLN" }
tags = { column = "tags", as = "list", separator = "|" }
"#;

    fn row(cells: &[&str]) -> Result<Value, String> {
        let columns = ["no", "date", "total", "email", "tags"].map(str::to_owned);
        let cells: Vec<String> = cells.iter().map(|cell| (*cell).to_owned()).collect();
        let mapping = mapping(ORDERS)?;
        mapping.check(&columns)?;
        mapping.payload(&Cells { columns: &columns, cells: &cells }, Some("2026-01-01"))
    }

    #[test]
    fn a_row_becomes_what_the_mapping_says() {
        let total: Value = serde_json::from_str("1234.50").unwrap();
        let event = json!({
            "type": "order-completed", "id": "order-completed:7", "time": {"insert": "2026-02-03"},
            "properties": {
                "value": total, "currency": "PLN", "customer": {"email": "a@b.example"},
                "tags": ["x", "y"],
            },
        });
        let expected = json!({"source": {"id": "shop"}, "events": [event]});
        let cells = ["7", " 2026-02-03", "1.234,50", "a@b.example", "x| y |"];
        assert_eq!(row(&cells).unwrap(), expected);
        let sparse = row(&["7", "", "", "", ""]).unwrap();
        assert_eq!(sparse["events"][0]["time"]["insert"], "2026-01-01");
        assert_eq!(sparse["events"][0]["properties"], json!({"currency": "PLN"}));
    }

    #[test]
    fn what_does_not_fit_is_said_with_its_column() {
        for (cells, why) in [
            (["", "", "", "", ""].as_slice(), "column no is empty"),
            (&["7", "", "a lot", "", ""], "column total: `a lot` is no number"),
            (&["7", "soon", "1", "", ""], "column date: `soon` is no time"),
            (&["7", ""], "it has 2 cells, not 5"),
        ] {
            assert_eq!(row(cells).unwrap_err(), why);
        }
        let columns = ["number".to_owned(), "dates".to_owned()];
        let why = mapping(ORDERS).unwrap().check(&columns).unwrap_err();
        assert_eq!(why, "the table has no column `date`; did you mean `dates`?");
        let why = mapping(ORDERS).unwrap().check(&["no|date|total".to_owned()]).unwrap_err();
        assert_eq!(why, "the table has no column `date`; it has `no|date|total`");
        let twice = ["no", "date", "total", "email", "tags", "email"].map(str::to_owned);
        let why = mapping(ORDERS).unwrap().check(&twice).unwrap_err();
        assert_eq!(why, "the table has several columns `email`; which is meant nobody knows");
        assert!(mapping("source = \"x\"\nevents = []").unwrap_err().contains("[[events]]"));
        assert!(mapping(&ORDERS.replace("time =", "tme =")).unwrap_err().contains("tme"));
    }

    #[test]
    fn numbers_are_read_as_tables_have_them() {
        for (cell, comma, read) in [
            ("1,234.50", false, Some("1234.50")),
            ("1.234,50", true, Some("1234.50")),
            ("1 234,5", true, Some("1234.5")),
            ("+3", false, Some("3")),
            ("9007199254740993", false, Some("9007199254740993")),
            ("-12 345 678", false, Some("-12345678")),
            ("1'234.5", false, Some("1234.5")),
            ("1e5", false, Some("1e5")),
            ("1,5", false, None),
            ("12,34", false, None),
            ("1.234,5", false, None),
            ("1.5", true, None),
            ("1,234.5", true, None),
            ("1,234 567", false, None),
            ("1234,567", false, None),
            ("1.234,567", false, None),
            ("12 zł", false, None),
            ("NaN", false, None),
        ] {
            let expected: Option<Value> = read.map(|text| serde_json::from_str(text).unwrap());
            assert_eq!(number(cell, comma), expected, "{cell}");
        }
    }
}
