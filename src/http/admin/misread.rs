//! What is wrong with a body that was posted, and where.
//!
//! Of the parser's words only the names of our own keys: others may hold what was posted.

use serde::de::DeserializeOwned;

use crate::http::objects::Objects;
use crate::suggestion::nearest;

/// So much of an unknown key is said again, in letters.
const KEY_LETTERS_MAX: usize = 64;

/// Why a body is no `what`, as a sentence.
pub(super) fn misread<T: DeserializeOwned>(
    body: &[u8],
    error: &serde_json::Error,
    what: &str,
) -> String {
    let said = error.to_string();
    let names: Vec<&str> = said.split('`').skip(1).step_by(2).collect();
    let (first, others) = names.split_first().map_or(("", &[][..]), |(first, rest)| (*first, rest));
    if said.starts_with("unknown field ") {
        return instead_of(first, others);
    }
    let within = place::<T>(body);
    if said.starts_with("missing field ") {
        return format!("The body is no {what}: it has no {}.", below(within.as_deref(), first));
    }
    let (line, column) = (error.line(), error.column());
    match within.filter(|_| error.is_data()) {
        Some(place) => {
            format!(
                "The body is no {what}: {place} does not fit; see line {line}, column {column}."
            )
        }
        None => format!("The body is no {what}: see line {line}, column {column}."),
    }
}

/// That there is no such key, and what there is.
pub(super) fn instead_of(unknown: &str, known: &[&str]) -> String {
    let name = cut(unknown);
    let instead = match nearest(&name, known.iter().copied()) {
        Some(near) => format!("did you mean {near}?"),
        None => format!("there are {}.", known.join(", ")),
    };
    format!("There is no key {name}; {instead}")
}

/// Where it does not fit; nothing where that is the body itself.
fn place<T: DeserializeOwned>(body: &[u8]) -> Option<String> {
    let mut read = serde_json::Deserializer::from_slice(body);
    let error = serde_path_to_error::deserialize::<_, T>(Objects(&mut read)).err()?;
    let place = error.path().to_string();
    (place != ".").then(|| cut(&place))
}

fn below(place: Option<&str>, name: &str) -> String {
    place.map_or_else(|| name.to_owned(), |place| format!("{place}.{name}"))
}

pub(super) fn cut(text: &str) -> String {
    text.chars().take(KEY_LETTERS_MAX).collect()
}

#[cfg(test)]
mod tests {
    use serde::Deserialize;

    use super::*;
    use crate::http::objects;

    #[derive(Debug, Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Thing {
        #[expect(dead_code, reason = "only read")]
        name: String,
        #[serde(default)]
        #[expect(dead_code, reason = "only read")]
        part: Option<Part>,
    }

    #[derive(Debug, Deserialize)]
    struct Part {
        #[expect(dead_code, reason = "only read")]
        size: u8,
    }

    #[test]
    fn a_sentence_names_the_place_and_nothing_that_was_posted() {
        for (body, said) in [
            (r#"{"nam": 1}"#, "There is no key nam; did you mean name?"),
            ("{}", "The body is no thing: it has no name."),
            (r#"{"name": 7}"#, "The body is no thing: name does not fit; see line 1, column 10."),
            (r#"{"name": "x", "part": {}}"#, "The body is no thing: it has no part.size."),
            (
                r#"{"name": "x", "part": {"size": "secret"}}"#,
                "The body is no thing: part.size does not fit; see line 1, column 39.",
            ),
            (
                r#"{"name": "x", "part": [7]}"#,
                "The body is no thing: part does not fit; see line 1, column 22.",
            ),
            ("{", "The body is no thing: see line 1, column 1."),
            (r#"{"name": "x""#, "The body is no thing: see line 1, column 12."),
        ] {
            let error = objects::read::<Thing>(body.as_bytes()).unwrap_err();
            assert_eq!(misread::<Thing>(body.as_bytes(), &error, "thing"), said, "{body}");
        }
    }
}
