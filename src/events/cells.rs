//! What a line holds of each column, read without copying what need not be.

use std::borrow::Cow;
use std::fmt;

use serde::Deserialize;
use serde::de::{DeserializeSeed, IgnoredAny, MapAccess, Visitor};
use serde_json::value::RawValue;

use super::{COLUMNS, Kind};

/// What a line says of one column. Numbers, moments and truths are as they stand there.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Cell<'a> {
    /// Nothing.
    #[default]
    Absent,
    /// A text, or an object as its JSON.
    One(Cow<'a, str>),
    /// A list of texts.
    Several(Vec<Cow<'a, str>>),
}

/// A line's cells, in the order of the columns.
pub type Cells<'a> = [Cell<'a>; COLUMNS.len()];

/// Reads a line of the tail. What is no column is left out.
///
/// # Errors
/// When it is not such a line.
pub fn cells(line: &str) -> Result<Cells<'_>, serde_json::Error> {
    let mut json = serde_json::Deserializer::from_str(line);
    serde::Deserializer::deserialize_map(&mut json, Columns)
}

struct Columns;

impl<'de> Visitor<'de> for Columns {
    type Value = Cells<'de>;

    fn expecting(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        to.write_str("an event of the tail")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        let mut cells: Self::Value = std::array::from_fn(|_| Cell::Absent);
        let mut expected = 0;
        while let Some(found) = map.next_key_seed(Name { expected })? {
            let Some(at) = found else {
                map.next_value::<IgnoredAny>()?;
                continue;
            };
            let value = cell(COLUMNS[at].kind, map.next_value::<&RawValue>()?.get());
            cells[at] = value.map_err(serde::de::Error::custom)?;
            expected = at + 1;
        }
        Ok(cells)
    }
}

/// The column that a key names. Lines have them mostly in the order of the list.
struct Name {
    expected: usize,
}

impl<'de> DeserializeSeed<'de> for Name {
    type Value = Option<usize>;

    fn deserialize<D: serde::Deserializer<'de>>(self, key: D) -> Result<Self::Value, D::Error> {
        key.deserialize_str(self)
    }
}

impl Visitor<'_> for Name {
    type Value = Option<usize>;

    fn expecting(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        to.write_str("a column's name")
    }

    fn visit_str<E>(self, name: &str) -> Result<Self::Value, E> {
        let from_here = (self.expected..COLUMNS.len()).chain(0..self.expected);
        Ok(from_here.into_iter().find(|at| COLUMNS[*at].name == name))
    }
}

fn cell(kind: Kind, json: &str) -> Result<Cell<'_>, serde_json::Error> {
    match kind {
        _ if json == "null" => Ok(Cell::Absent),
        Kind::Texts => {
            let texts: Vec<Text<'_>> = serde_json::from_str(json)?;
            Ok(Cell::Several(texts.into_iter().map(|text| text.0).collect()))
        }
        Kind::Text | Kind::Moment | Kind::Truth | Kind::Number | Kind::Json => one(json),
    }
}

/// A text without its quotes. Objects may be texts too: see `line`.
fn one(json: &str) -> Result<Cell<'_>, serde_json::Error> {
    let Some(inside) = json.strip_prefix('"').and_then(|rest| rest.strip_suffix('"')) else {
        return Ok(Cell::One(Cow::Borrowed(json)));
    };
    if memchr::memchr(b'\\', inside.as_bytes()).is_none() {
        return Ok(Cell::One(Cow::Borrowed(inside)));
    }
    serde_json::from_str::<Text<'_>>(json).map(|text| Cell::One(text.0))
}

#[derive(Deserialize)]
struct Text<'a>(#[serde(borrow)] Cow<'a, str>);

#[cfg(test)]
mod tests {
    use super::*;

    fn of<'a>(cells: &'a Cells<'_>, name: &str) -> &'a Cell<'a> {
        let at = COLUMNS.iter().position(|column| column.name == name).unwrap();
        &cells[at]
    }

    fn text(text: &str) -> Cell<'_> {
        Cell::One(Cow::Borrowed(text))
    }

    #[test]
    fn cells_are_what_the_line_says() {
        let line = r#"{"id":"a\"b","type":"page-view","time":"2026-01-02T03:04:05.000006Z","position":7,
            "tags":["x","y\n"],"valid":true,"properties":{"a":[1,"\u00e9"]},"request":{"id":"no column"},"city":null}"#;
        let cells = cells(line).unwrap();
        assert_eq!(of(&cells, "id"), &text("a\"b"));
        assert_eq!(of(&cells, "type"), &text("page-view"));
        assert_eq!(of(&cells, "time"), &text("2026-01-02T03:04:05.000006Z"));
        assert_eq!(of(&cells, "position"), &text("7"));
        assert_eq!(of(&cells, "tags"), &Cell::Several(vec!["x".into(), "y\n".into()]));
        assert_eq!(of(&cells, "valid"), &text("true"));
        assert_eq!(of(&cells, "properties"), &text(r#"{"a":[1,"\u00e9"]}"#));
        assert_eq!(of(&cells, "city"), &Cell::Absent);
        assert_eq!(of(&cells, "journey"), &Cell::Absent);
    }

    #[test]
    fn an_object_that_is_kept_as_a_text_is_the_object() {
        let cells = cells(r#"{"id":"1","properties":"{\"n\":1.000000000000000000001}"}"#).unwrap();
        assert_eq!(of(&cells, "properties"), &text(r#"{"n":1.000000000000000000001}"#));
    }

    #[test]
    fn half_a_line_is_none() {
        assert!(cells(r#"{"id":"1","properties":{"#).is_err());
        assert!(cells("[]").is_err());
    }
}
