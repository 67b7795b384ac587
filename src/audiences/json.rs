//! The other form of a condition: JSON, for builders and programs.
//!
//! It says the same, and is read by way of the text, so there is one language.

use serde_json::Value;

/// Deepest nesting: that of the text.
const DEPTH_MAX: usize = 32;

/// JSON that is no condition: a sentence for whoever wrote it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NotACondition(pub String);

/// The text that the JSON means.
///
/// ```json
/// {"all": ["profile@traits.plan = \"pro\"",
///          {"did": "order", "where": "event@properties.total >= 10", "at_least": 3, "within": "30d"},
///          {"not": {"audience": "staff"}}]}
/// ```
///
/// # Errors
/// [`NotACondition`].
pub fn read(json: &Value) -> Result<String, NotACondition> {
    text(json, 0)
}

fn text(json: &Value, depth: usize) -> Result<String, NotACondition> {
    if depth > DEPTH_MAX {
        return Err(NotACondition(format!("a condition nests at most {DEPTH_MAX} deep")));
    }
    let object = match json {
        Value::String(text) => return Ok(format!("({text})")),
        Value::Object(object) => object,
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::Array(_) => {
            return Err(NotACondition("a part is a text or an object".to_owned()));
        }
    };
    let Some(first) = ["all", "any", "not", "audience", "list", "did"]
        .into_iter()
        .find(|key| object.contains_key(*key))
    else {
        return Err(NotACondition("a part has all, any, not, audience, list or did".to_owned()));
    };
    let known: &[&str] = match first {
        "did" => &[
            "did", "first", "last", "where", "with", "at_least", "at_most", "exactly", "then",
            "within", "from", "to",
        ],
        one => &[one],
    };
    if let Some(strange) = object.keys().find(|key| !known.contains(&key.as_str())) {
        let near = crate::suggestion::nearest(strange, known.iter().copied());
        let hint = near.map(|near| format!("; did you mean {near}?")).unwrap_or_default();
        return Err(NotACondition(format!("a part with {first} has no key of this name{hint}")));
    }
    let value = &object[first];
    match first {
        "all" => joined(value, " AND ", depth),
        "any" => joined(value, " OR ", depth),
        "not" => Ok(format!("NOT {}", text(value, depth + 1)?)),
        "audience" => Ok(format!("IN AUDIENCE {}", quoted(value, "audience")?)),
        "list" => Ok(format!("IN LIST {}", quoted(value, "list")?)),
        _ => did(object),
    }
}

fn joined(value: &Value, word: &str, depth: usize) -> Result<String, NotACondition> {
    let parts = value.as_array().filter(|parts| !parts.is_empty());
    let parts = parts.ok_or_else(|| NotACondition("all and any are lists of parts".to_owned()))?;
    let parts: Vec<String> =
        parts.iter().map(|part| text(part, depth + 1)).collect::<Result<_, _>>()?;
    Ok(format!("({})", parts.join(word)))
}

fn did(object: &serde_json::Map<String, Value>) -> Result<String, NotACondition> {
    let mut text = "DID ".to_owned();
    for (key, word) in [("first", "FIRST "), ("last", "LAST ")] {
        if object.get(key).and_then(Value::as_bool) == Some(true) {
            text.push_str(word);
        }
    }
    text.push_str(&quoted(&object["did"], "did")?);
    text.push_str(&filter(object, "where", "WHERE")?);
    text.push_str(&filter(object, "with", "WITH")?);
    for (key, words) in [("at_least", "AT LEAST"), ("at_most", "AT MOST"), ("exactly", "EXACTLY")] {
        if let Some(times) = object.get(key) {
            let times =
                times.as_u64().ok_or_else(|| NotACondition(format!("{key} is a number")))?;
            text.push_str(&format!(" {words} {times} TIMES"));
        }
    }
    text.push_str(&then(object.get("then"))?);
    text.push_str(&within(object)?);
    if let (Some(from), Some(to)) = (object.get("from"), object.get("to")) {
        let (from, to) = (quoted(from, "from")?, quoted(to, "to")?);
        text.push_str(&format!(" BETWEEN datetime({from}) AND datetime({to})"));
    } else if object.contains_key("from") || object.contains_key("to") {
        return Err(NotACondition("from and to go together".to_owned()));
    }
    Ok(text)
}

fn filter(
    object: &serde_json::Map<String, Value>,
    key: &str,
    word: &str,
) -> Result<String, NotACondition> {
    let Some(filter) = object.get(key) else { return Ok(String::new()) };
    let filter = filter.as_str().ok_or_else(|| NotACondition(format!("{key} is a text")))?;
    Ok(format!(" {word} ({filter})"))
}

fn within(object: &serde_json::Map<String, Value>) -> Result<String, NotACondition> {
    let Some(within) = object.get("within") else { return Ok(String::new()) };
    let within = within.as_str().filter(|text| crate::conditions::duration(text).is_some());
    let within = within.ok_or_else(|| NotACondition("within is a time such as 30d".to_owned()))?;
    Ok(format!(" WITHIN {within}"))
}

/// What followed: a list of objects with `did` or `did_not`, `where` and `within`.
fn then(steps: Option<&Value>) -> Result<String, NotACondition> {
    let Some(steps) = steps else { return Ok(String::new()) };
    let wrong = || NotACondition("then is a list of objects with did or did_not".to_owned());
    let mut text = String::new();
    for step in steps.as_array().ok_or_else(wrong)? {
        let object = step.as_object().ok_or_else(wrong)?;
        let known = ["did", "did_not", "where", "within"];
        if object.keys().any(|key| !known.contains(&key.as_str())) {
            return Err(wrong());
        }
        let (kind, not) = match (object.get("did"), object.get("did_not")) {
            (Some(kind), None) => (kind, ""),
            (None, Some(kind)) => (kind, " NOT"),
            _ => return Err(wrong()),
        };
        let (within, filter) = (within(object)?, filter(object, "where", "WHERE")?);
        text.push_str(&format!(" THEN{not}{within} {}{filter}", quoted(kind, "did")?));
    }
    Ok(text)
}

fn quoted(value: &Value, key: &str) -> Result<String, NotACondition> {
    let text = value.as_str().ok_or_else(|| NotACondition(format!("{key} is a text")))?;
    Ok(quote(text))
}

/// A text as conditions write it.
#[must_use]
pub fn quote(text: &str) -> String {
    format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\""))
}
