//! The other form of a condition: JSON, for builders and programs.
//!
//! It becomes the tree that the text becomes. Each text in it is read by itself, so no bracket in one reaches into
//! another, and what is wrong with it is told by where it stands.

use std::fmt;

use serde_json::Value;

use super::json_did::did;
use crate::conditions::{
    Condition, Invalid, Language, OnList, Tree, all_of, any_of, check_names, parse_of_people,
};

/// Deepest nesting: that of the text.
const DEPTH_MAX: usize = 32;

/// JSON that is no condition: a sentence for whoever wrote it, with the way to the part.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NotACondition {
    /// Keys and numbers, parted by dots; empty for the whole.
    place: String,
    why: String,
}

pub(super) type Object = serde_json::Map<String, Value>;
pub(super) type Read<T> = Result<T, NotACondition>;

impl NotACondition {
    pub(super) fn new(why: impl Into<String>) -> Self {
        Self { place: String::new(), why: why.into() }
    }

    /// The same, told of what this part belongs to.
    pub(super) fn within(self, part: impl fmt::Display) -> Self {
        let dot = if self.place.is_empty() { "" } else { "." };
        Self { place: format!("{part}{dot}{}", self.place), ..self }
    }
}

impl fmt::Display for NotACondition {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let colon = if self.place.is_empty() { "" } else { ": " };
        write!(f, "{}{colon}{}", self.place, self.why)
    }
}

impl From<Invalid> for NotACondition {
    fn from(Invalid(why): Invalid) -> Self {
        Self::new(why)
    }
}

/// The condition that the JSON means; a mere text is one, too.
///
/// ```json
/// {"all": ["profile@traits.plan = \"pro\"",
///          {"did": "order", "where": "event@properties.total >= 10", "at_least": 3, "within": "30d"},
///          {"not": {"audience": "staff"}}]}
/// ```
///
/// # Errors
/// [`NotACondition`].
pub fn read(json: &Value) -> Read<Condition> {
    let whole = Condition { language: Language::Rules, tree: part(json, 0)? };
    // It is kept as text, whose bounds are those of the whole.
    Ok(parse_of_people(&whole.to_string())?)
}

fn part(json: &Value, depth: usize) -> Read<Tree> {
    if depth > DEPTH_MAX {
        return Err(NotACondition::new(format!("a condition nests at most {DEPTH_MAX} deep")));
    }
    let object = match json {
        Value::String(text) => {
            let condition = parse_of_people(text)?;
            // Printed again, it would stand in brackets, as if it were meant.
            check_names(text)?;
            return Ok(condition.tree);
        }
        Value::Object(object) => object,
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::Array(_) => {
            return Err(NotACondition::new("a part is a text or an object"));
        }
    };
    let Some(first) = ["all", "any", "not", "audience", "list", "did"]
        .into_iter()
        .find(|key| object.contains_key(*key))
    else {
        return Err(NotACondition::new("a part has all, any, not, audience, list or did"));
    };
    if first == "did" {
        return did(object);
    }
    only(object, first, &[first])?;
    match (first, &object[first]) {
        ("all", value) => Ok(all_of(parts(value, depth).map_err(|why| why.within(first))?)),
        ("any", value) => Ok(any_of(parts(value, depth).map_err(|why| why.within(first))?)),
        ("not", value) => {
            let inner = part(value, depth + 1).map_err(|why| why.within(first))?;
            Ok(Tree::Not(Box::new(inner)))
        }
        ("audience", _) => Ok(Tree::In(text(object, first)?.to_owned())),
        _ => Ok(Tree::Listed(OnList::of(text(object, first)?.to_owned()))),
    }
}

fn parts(value: &Value, depth: usize) -> Read<Vec<Tree>> {
    let parts = value.as_array().filter(|parts| !parts.is_empty());
    let parts = parts.ok_or_else(|| NotACondition::new("all and any are lists of parts"))?;
    let one = |(at, json)| part(json, depth + 1).map_err(|why| why.within(at));
    parts.iter().enumerate().map(one).collect()
}

/// Whether it has no keys but these.
pub(super) fn only(object: &Object, first: &str, known: &[&str]) -> Read<()> {
    let Some(strange) = object.keys().find(|key| !known.contains(&key.as_str())) else {
        return Ok(());
    };
    let near = crate::suggestion::nearest(strange, known.iter().copied());
    let hint = near.map(|near| format!("; did you mean {near}?")).unwrap_or_default();
    Err(NotACondition::new(format!("a part with {first} has no key of this name{hint}")))
}

/// The text at this key, with something in it.
pub(super) fn text<'a>(object: &'a Object, key: &str) -> Read<&'a str> {
    let text = object.get(key).and_then(Value::as_str).filter(|text| !text.trim().is_empty());
    let wanted = match text {
        Some(text) if !text.contains('\0') => return Ok(text),
        // No text of SQL can hold it.
        Some(_) => "a text without zero bytes is wanted",
        None => "a text with something in it is wanted",
    };
    Err(NotACondition::new(wanted).within(key))
}

/// A text as conditions write it.
#[must_use]
pub fn quote(text: &str) -> String {
    format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\""))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[track_caller]
    fn check(json: &Value, expected: Result<&str, &str>) {
        let read = read(json).map(|tree| tree.to_string()).map_err(|why| why.to_string());
        assert_eq!(read, expected.map(str::to_owned).map_err(str::to_owned), "{json}");
    }

    #[test]
    fn it_is_the_tree_that_the_text_is() {
        check(
            &json!({"all": ["profile@id = 1 OR profile@id = 2",
                {"all": [{"list": "l"}, {"not": {"any": [{"audience": "it's \"a\""}, {"did": "b"}]}}]}]}),
            Ok("(profile@id = 1 OR profile@id = 2) AND IN LIST \"l\" AND \
                NOT (IN AUDIENCE \"it's \\\"a\\\"\" OR DID \"b\")"),
        );
        check(
            &json!({"did": " Big Order", "first": false, "where": "event@properties.x = 1 OR event@id = 2",
                "at_most": 0, "from": "2026-01-05", "to": "2026-01-06T10:00:00+01:00"}),
            Ok(
                "DID \"big-order\" WHERE (event@properties.x = 1 OR event@id = 2) AT MOST 0 TIMES BETWEEN \
                datetime(\"2026-01-05T00:00:00Z\") AND datetime(\"2026-01-06T09:00:00Z\")",
            ),
        );
        check(
            &json!({"did": "a", "last": true, "with": "event@properties.x = 1", "within": "30d"}),
            Ok("DID LAST \"a\" WITH (event@properties.x = 1) WITHIN 30d"),
        );
        check(
            &json!({"did": "a", "then": [{"did": "b", "where": "event@id = 2"}, {"did_not": "c", "within": "1h"}]}),
            Ok("DID \"a\" THEN \"b\" WHERE (event@id = 2) THEN NOT WITHIN 1h \"c\""),
        );
    }

    #[test]
    fn no_bracket_reaches_out_of_its_text() {
        let (out, end) =
            ("profile@traits.a = 1) OR (profile@id EXISTS", "AND, OR or the end is wanted at");
        check(&json!({"not": out}), Err(&format!("not: {end} 20")));
        check(&json!({"all": ["profile@id = 1", out]}), Err(&format!("all.1: {end} 20")));
        let out = "event@properties.x = 1) OR DID \"s\" WHERE (event@properties.y NOT EXISTS";
        for (json, place) in [
            (json!({"did": "e", "where": out}), "where"),
            (json!({"did": "e", "first": true, "with": out}), "with"),
            (json!({"did": "e", "then": [{"did": "f", "where": out}]}), "then.0.where"),
        ] {
            check(&json, Err(&format!("{place}: {end} 22")));
        }
    }

    #[test]
    fn what_is_wrong_is_told_by_where_it_stands() {
        let did = |more: Value| {
            let mut did = json!({"did": "a"});
            did.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
            json!({"any": [{"all": ["profile@id = 1", did]}]})
        };
        for (more, wrong) in [
            (json!({"at_least": 2, "at_most": 4}), ": at_least and at_most exclude each other"),
            (json!({"at_most": 2, "exactly": 4}), ": at_most and exactly exclude each other"),
            (
                json!({"within": "30d", "from": "2026-01-05", "to": "2026-01-06"}),
                ": within and from exclude each other",
            ),
            (json!({"first": true, "last": true}), ": first and last exclude each other"),
            (json!({"first": "yes"}), ".first: true or false is wanted"),
            (json!({"first": true, "at_least": 2}), ": the first one and the last happen once"),
            (json!({"at_least": 0}), ".at_least: a number from 1 to 100 is wanted"),
            (json!({"exactly": 101}), ".exactly: a number from 0 to 100 is wanted"),
            (json!({"then": []}), ".then: objects with did or did_not are wanted, one at least"),
            (
                json!({"then": [{"did": "b"}, {}]}),
                ".then.1: an object with did or did_not is wanted",
            ),
            (
                json!({"then": [{"did": "b", "within": 3}]}),
                ".then.0.within: a time such as 30d is wanted",
            ),
            (
                json!({"then": [{"did": "b", "wher": ""}]}),
                ".then.0: a part with did has no key of this name; did you mean where?",
            ),
            (
                json!({"then": [{"did_not": "b"}]}),
                ": THEN NOT wants WITHIN, and how long it did not happen",
            ),
            (json!({"from": "2026-01-05"}), ": from and to go together"),
            (
                json!({"from": "soon", "to": "2026-01-05"}),
                ".from: a time such as 2026-01-05T10:00:00Z is wanted",
            ),
            (json!({"where": "event@ip = 1"}), ".where: events are not counted by event@ip"),
            (json!({"did": " "}), ".did: a text with something in it is wanted"),
        ] {
            check(&did(more), Err(&format!("any.0.all.1{wrong}")));
        }
        check(
            &json!({"all": ["profile@id = 1", "profile@traits.x >"]}),
            Err("all.1: a value is wanted at 18"),
        );
        check(&json!({"not": {"not": []}}), Err("not.not: a part is a text or an object"));
        check(&json!({"list": 5}), Err("list: a text with something in it is wanted"));
        check(&json!("profile@traits.x >"), Err("a value is wanted at 18"));
    }
}
