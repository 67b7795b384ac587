//! What is wrong with a body that was posted, and where.
//!
//! Of the parser's words only the names of our own keys: others may hold what was posted.

use serde::de::DeserializeOwned;

use crate::http::objects::Objects;
use crate::suggestion::nearest;

/// So much of an unknown key is said again, in letters.
const KEY_LETTERS_MAX: usize = 64;

/// What was read: a body, or something that stands in one.
#[derive(Clone, Copy, Debug)]
pub(in crate::http) struct Sent<'a> {
    /// What it is to be.
    what: &'a str,
    /// Where it stands; none where it is all of the body.
    at: Option<&'a str>,
}

impl<'a> Sent<'a> {
    /// A body that is to be this.
    pub(in crate::http) fn body(what: &'a str) -> Self {
        Self { what, at: None }
    }

    /// The same at a place in a body.
    pub(in crate::http) fn part(what: &'a str, at: &'a str) -> Self {
        Self { what, at: Some(at) }
    }

    /// That it is none.
    pub(super) fn misfit(self) -> String {
        format!("{} is no {}", self.at.unwrap_or("The body"), self.what)
    }

    /// That there is no such key, and what there is.
    pub(super) fn instead_of(self, unknown: &str, known: &[&str]) -> String {
        let name = cut(unknown);
        let instead = match nearest(&name, known.iter().copied()) {
            Some(near) => format!("did you mean {near}?"),
            None => format!("there are {}.", known.join(", ")),
        };
        match self.at {
            Some(place) => format!("There is no key {name} in {place}; {instead}"),
            None => format!("There is no key {name}; {instead}"),
        }
    }
}

/// Why it is not what it is to be, as a sentence.
pub(super) fn misread<T: DeserializeOwned>(
    body: &[u8],
    error: &serde_json::Error,
    sent: Sent<'_>,
) -> String {
    let said = error.to_string();
    let names: Vec<&str> = said.split('`').skip(1).step_by(2).collect();
    let (first, others) = names.split_first().map_or(("", &[][..]), |(first, rest)| (*first, rest));
    if said.starts_with("unknown field ") {
        return sent.instead_of(first, others);
    }
    let within = place::<T>(body);
    if said.starts_with("missing field ") {
        return format!("{}: it has no {}.", sent.misfit(), below(within.as_deref(), first));
    }
    let misfit = sent.misfit();
    // Lines are those of a body.
    let lines = format!("see line {}, column {}", error.line(), error.column());
    match (within.filter(|_| error.is_data()), sent.at) {
        (Some(place), None) => format!("{misfit}: {place} does not fit; {lines}."),
        (None, None) => format!("{misfit}: {lines}."),
        (Some(place), Some(_)) => format!("{misfit}: {place} does not fit."),
        (None, Some(_)) => format!("{misfit}."),
    }
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
            let sent = Sent::body("thing");
            assert_eq!(misread::<Thing>(body.as_bytes(), &error, sent), said, "{body}");
        }
    }

    /// Where a part begins in the body it does not know.
    #[test]
    fn of_a_part_it_is_said_where_that_stands() {
        for (part, said) in [
            (r#"{"nam": 1}"#, "There is no key nam in things[1]; did you mean name?"),
            ("{}", "things[1] is no thing: it has no name."),
            (r#"{"name": 7}"#, "things[1] is no thing: name does not fit."),
            ("7", "things[1] is no thing."),
        ] {
            let error = objects::read::<Thing>(part.as_bytes()).unwrap_err();
            let sent = Sent::part("thing", "things[1]");
            assert_eq!(misread::<Thing>(part.as_bytes(), &error, sent), said, "{part}");
        }
    }
}
