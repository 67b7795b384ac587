//! Whom the words of administrators name: taken out of the audit log, and found in what is set up.
//!
//! What was asked is told in any form that requests have: as it is, in an address, in JSON. What is set up is JSON, and
//! means something as it is: nothing there is anybody's id but what stands alone, or in quotes.

use std::ops::ControlFlow;

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::Value;

use super::sql::{Row, Value as Bound, values};
use super::{Storage, StorageError};
use crate::model::{ProfileId, is_uuid};

/// Rows that are changed in one transaction.
const ROWS_AT_ONCE: usize = 500;
/// Records that are told of at most.
const RECORDS_MAX: usize = 100;
/// As programs write a value into an address.
const IN_ADDRESSES: AsciiSet = NON_ALPHANUMERIC.remove(b'-').remove(b'_').remove(b'.').remove(b'~');

/// A row of the audit log that names somebody, without that.
struct Unnamed {
    id: String,
    subject: String,
    detail: Option<String>,
    before: Option<String>,
    after: Option<String>,
}

impl dyn Storage + '_ {
    /// Puts `instead` in the place of these ids of people, in what was asked, whom it was about, and what was stored
    /// before and after. The log still says that somebody was looked at, when, and by whom.
    ///
    /// # Errors
    /// See [`StorageError`].
    pub fn unname_in_audit(&self, people: &[ProfileId], instead: &str) -> Result<(), StorageError> {
        for person in people {
            self.unname(&Name::of(person), instead)?;
        }
        Ok(())
    }

    /// Kind and id of what is set up and names one of these, the first hundred; an id that does has `instead`, as this
    /// is told for good.
    ///
    /// # Errors
    /// See [`StorageError`].
    pub fn named_in_config(
        &self,
        people: &[ProfileId],
        instead: &str,
    ) -> Result<Vec<(String, String)>, StorageError> {
        let names: Vec<Name> = people.iter().map(Name::of).collect();
        let ask = "SELECT kind, id, body FROM config ORDER BY kind, id";
        let mut found = Vec::new();
        self.ask(|database| {
            found.clear();
            database.each(ask, &[], &mut |row| {
                let (id, body) = (row.string(1)?, row.text(2)?);
                let without = names.iter().fold(id.clone(), |id, name| name.in_words(&id, instead));
                if without != id || names.iter().any(|name| name.in_json(body, "").is_some()) {
                    found.push((row.string(0)?, without));
                }
                let is_enough = found.len() == RECORDS_MAX;
                Ok(if is_enough { ControlFlow::Break(()) } else { ControlFlow::Continue(()) })
            })
        })?;
        Ok(found)
    }

    /// Found by a reader first: whoever changes keeps others from changing. A short id stands in many rows, and names
    /// them in few.
    fn unname(&self, name: &Name, instead: &str) -> Result<(), StorageError> {
        let forms: Vec<Bound<'_>> = name.forms.iter().map(Bound::from).collect();
        let says = |column: &str| {
            let is_in = |at: usize| format!("replace({column}, ${at}, '') <> {column}");
            (1..=forms.len()).map(is_in).collect::<Vec<_>>().join(" OR ")
        };
        let says = ["subject", "detail", "before", "after"].map(says).join(" OR ");
        let find = format!("SELECT id, subject, detail, before, after FROM audit WHERE {says}");
        let mut found: Vec<Unnamed> = Vec::new();
        self.ask(|database| {
            found.clear();
            database.each(&find, &forms, &mut |row| {
                found.extend(Unnamed::of(row, name, instead)?);
                Ok(ControlFlow::Continue(()))
            })
        })?;
        let put =
            "UPDATE audit SET subject = $1, detail = $2, before = $3, after = $4 WHERE id = $5";
        for some in found.chunks(ROWS_AT_ONCE) {
            self.change(|database| {
                some.iter().try_for_each(|Unnamed { id, subject, detail, before, after }| {
                    let texts = [detail, before, after].map(Option::as_ref);
                    let [detail, before, after] = texts;
                    let what = values![subject, detail, before, after, id];
                    database.execute(put, what).map(|_| ())
                })
            })?;
        }
        Ok(())
    }
}

impl Unnamed {
    /// A row that was found, where it names somebody.
    fn of(row: &dyn Row, name: &Name, instead: &str) -> Result<Option<Self>, StorageError> {
        let (subject, detail) = (row.text(1)?, row.maybe_text(2)?);
        let (before, after) = (row.maybe_text(3)?, row.maybe_text(4)?);
        let in_json = |text: Option<&str>| {
            text.map(|text| name.in_json(text, instead).unwrap_or_else(|| text.to_owned()))
        };
        let unnamed = Self {
            id: row.string(0)?,
            subject: name.in_words(subject, instead),
            detail: detail.map(|text| name.in_words(text, instead)),
            before: in_json(before),
            after: in_json(after),
        };
        let is_changed = unnamed.subject != subject
            || unnamed.detail.as_deref() != detail
            || unnamed.before.as_deref() != before
            || unnamed.after.as_deref() != after;
        Ok(is_changed.then_some(unnamed))
    }
}

/// An id of somebody, as it may be written.
struct Name {
    /// As it is, and in addresses and JSON where these are others.
    forms: Vec<String>,
}

impl Name {
    fn of(id: &ProfileId) -> Self {
        let id = id.as_str();
        let quoted = Value::from(id).to_string();
        let quoted = quoted.strip_prefix('"').and_then(|rest| rest.strip_suffix('"'));
        let in_address = utf8_percent_encode(id, &IN_ADDRESSES).to_string();
        let others = [in_address, quoted.unwrap_or(id).to_owned()];
        let others = others.into_iter().filter(|form| form != id);
        Self { forms: [id.to_owned()].into_iter().chain(others).collect() }
    }

    /// What somebody has written without it, wherever it is a word.
    fn in_words(&self, text: &str, instead: &str) -> String {
        let ends = |next: Option<char>| {
            next.is_none_or(|next| !next.is_alphanumeric() && !matches!(next, '-' | '_'))
        };
        let is_word = |before, after| ends(before) && ends(after);
        self.forms.iter().fold(text.to_owned(), |text, form| {
            replaced(&text, form, instead, is_word).unwrap_or(text)
        })
    }

    /// JSON without it, in the texts and keys of which it is all, or a quoted part; none where it is in none.
    fn in_json(&self, json: &str, instead: &str) -> Option<String> {
        if !self.forms.iter().any(|form| json.contains(form.as_str())) {
            return None;
        }
        let mut value: Value = serde_json::from_str(json).ok()?;
        self.in_value(&mut value, instead).then(|| value.to_string())
    }

    fn in_value(&self, value: &mut Value, instead: &str) -> bool {
        match value {
            Value::String(text) => self.in_text(text, instead),
            Value::Array(all) => {
                all.iter_mut().fold(false, |any, one| self.in_value(one, instead) | any)
            }
            Value::Object(map) => {
                let mut is_any = false;
                *map = std::mem::take(map)
                    .into_iter()
                    .map(|(mut key, mut value)| {
                        is_any |= self.in_text(&mut key, instead);
                        is_any |= self.in_value(&mut value, instead);
                        (key, value)
                    })
                    .collect();
                is_any
            }
            Value::Null | Value::Bool(_) | Value::Number(_) => false,
        }
    }

    fn in_text(&self, text: &mut String, instead: &str) -> bool {
        let is_quoted =
            |before, after| before == after && matches!(before, None | Some('"' | '\''));
        let mut is_any = false;
        for form in &self.forms {
            if let Some(without) = replaced(text, form, instead, is_quoted) {
                *text = without;
                is_any = true;
            }
        }
        is_any
    }
}

/// The text with `instead` where `name` stands as `stands` says of the letters before and after; none where it does not.
fn replaced(
    text: &str,
    name: &str,
    instead: &str,
    stands: impl Fn(Option<char>, Option<char>) -> bool,
) -> Option<String> {
    if is_uuid(name) {
        return text.contains(name).then(|| text.replace(name, instead));
    }
    let (mut without, mut end) = (String::new(), 0);
    for (at, _) in text.match_indices(name) {
        let (before, rest) = text.split_at_checked(at)?;
        let after = rest.get(name.len()..)?;
        if stands(before.chars().next_back(), after.chars().next()) {
            without.push_str(before.get(end..)?);
            without.push_str(instead);
            end = at + name.len();
        }
    }
    without.push_str(text.get(end..)?);
    (end > 0).then_some(without)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(id: &str, text: &str) -> String {
        Name::of(&ProfileId::new(id)).in_words(text, "X")
    }

    #[test]
    fn what_was_asked_names_them_in_no_form() {
        let asked = "GET /profile/12?limit=120\n{\"a\": \"12\", \"b\": 612, \"c\": \"12-3\"}";
        let left = "GET /profile/X?limit=120\n{\"a\": \"X\", \"b\": 612, \"c\": \"12-3\"}";
        assert_eq!(words("12", asked), left);
        assert_eq!(words("ann@b.example", "GET /profile/ann%40b.example"), "GET /profile/X");
        let other = "GET /profile/customer-00000012";
        assert_eq!(words("customer-0000001", other), other, "somebody else, who lives");
        assert_eq!(words("a\"b", r#"{"id": "a\"b"}"#), r#"{"id": "X"}"#);
        let id = "019b0000-0000-7000-8000-000000000001";
        assert_eq!(words(id, &format!("x{id}y")), "xXy");
        let digits = "0".repeat(id.len());
        let other = format!("customer {digits}1");
        assert_eq!(words(&digits, &other), other, "as long as one, and none");
        assert_eq!(words("ä", "ä ää ä"), "X ää X");
    }

    #[test]
    fn what_is_set_up_stays_what_it_is_but_for_them() {
        let name = Name::of(&ProfileId::new("12"));
        let json = |value: Value| {
            let without = name.in_json(&value.to_string(), "X");
            without.map(|text| serde_json::from_str::<Value>(&text).unwrap())
        };
        let question = serde_json::json!({"sql": "SELECT 12 WHERE id = '12' LIMIT 12", "of": [12, "12"],
            "12": 1.50, "when": "traits.x = 12"});
        let without = serde_json::json!({"sql": "SELECT 12 WHERE id = 'X' LIMIT 12", "of": [12, "X"],
            "X": 1.50, "when": "traits.x = 12"});
        assert_eq!(json(question), Some(without));
        assert_eq!(json(serde_json::json!({"limit": 12, "text": "on 2026-12-12"})), None);
    }
}
