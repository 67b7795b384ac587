//! Parameters in the addresses of questions: one that nobody knows is refused, with what was meant.
//!
//! A misspelt filter that is passed over would answer another question than the one that was asked.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use axum::extract::{MatchedPath, Query, Request, State};
use axum::http::Method;
use axum::middleware::Next;
use axum::response::{IntoResponse as _, Response};
use utoipa::openapi::path::{Operation, ParameterIn, PathItem};
use utoipa::openapi::{OpenApi, RefOr};

use super::ApiError;
use crate::lake::ask::Invalid;
use crate::suggestion::nearest;

/// The addresses that are ours alone. What else there is has callers of the reference, whose ways to
/// ask we do not all know.
const OURS: [&str; 2] = ["/api/", "/sql"];
/// So much of an unknown name is said again, in letters.
const NAME_LETTERS_MAX: usize = 64;

/// The parameters that each of our addresses and methods takes, by the document.
pub(super) type Known = Arc<BTreeMap<(String, Method), BTreeSet<String>>>;

/// What the document says of our addresses.
pub(super) fn known(document: &OpenApi) -> Known {
    let mut known = BTreeMap::new();
    for (path, item) in document.paths.paths.iter().filter(|(path, _)| is_ours(path)) {
        for (method, operation) in operations(item) {
            known.insert((path.clone(), method), names(operation));
        }
    }
    Arc::new(known)
}

/// Whether an unknown parameter is refused there, of all that need a token.
pub(super) fn is_ours(path: &str) -> bool {
    OURS.iter().any(|prefix| path.starts_with(prefix))
}

fn operations(item: &PathItem) -> impl Iterator<Item = (Method, &Operation)> {
    let all = [
        (Method::GET, &item.get),
        (Method::HEAD, &item.get),
        (Method::POST, &item.post),
        (Method::PUT, &item.put),
        (Method::PATCH, &item.patch),
        (Method::DELETE, &item.delete),
    ];
    all.into_iter().filter_map(|(method, operation)| Some((method, operation.as_ref()?)))
}

fn names(operation: &Operation) -> BTreeSet<String> {
    let all = operation.parameters.iter().flatten().filter_map(|parameter| match parameter {
        RefOr::T(parameter) => Some(parameter),
        // None of ours stands elsewhere.
        RefOr::Ref(_) => None,
    });
    let in_query = all.filter(|parameter| parameter.parameter_in == ParameterIn::Query);
    in_query.map(|parameter| parameter.name.clone()).collect()
}

/// Refuses a request that has a parameter its address does not know.
pub(super) async fn refuse_unknown(
    State(known): State<Known>,
    request: Request,
    next: Next,
) -> Response {
    match check(&known, &request) {
        Ok(()) => next.run(request).await,
        Err(invalid) => ApiError::from(invalid).into_response(),
    }
}

/// Which parameter an extractor could not read, as a sentence. Of its own words only the name.
pub(super) fn named_in(text: &str) -> Option<String> {
    let said = text.strip_prefix("Failed to deserialize query string: ")?;
    let is_name = |name: &str| {
        (1..=NAME_LETTERS_MAX).contains(&name.len())
            && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
    };
    let missing = said.strip_prefix("missing field `").and_then(|rest| rest.split('`').next());
    if let Some(name) = missing.filter(|name| is_name(name)) {
        return Some(format!("The parameter {name} must be given."));
    }
    let name = said.split(':').next().filter(|name| is_name(name))?;
    Some(format!("The parameter {name} cannot be read."))
}

fn check(known: &Known, request: &Request) -> Result<(), Invalid> {
    let Some(path) = request.extensions().get::<MatchedPath>() else { return Ok(()) };
    let door = (path.as_str().to_owned(), request.method().clone());
    let Some(known) = known.get(&door) else { return Ok(()) };
    // What cannot be taken apart is refused by whoever reads it.
    let asked = Query::<Vec<(String, String)>>::try_from_uri(request.uri());
    let asked = asked.map_or_else(|_| Vec::new(), |Query(asked)| asked);
    match asked.iter().find(|(name, _)| !known.contains(name)) {
        Some((name, _)) => Err(unknown(name, known)),
        None => Ok(()),
    }
}

fn unknown(name: &str, known: &BTreeSet<String>) -> Invalid {
    let name: String = name.chars().take(NAME_LETTERS_MAX).collect();
    let names = || known.iter().map(String::as_str);
    let instead = match nearest(&name, names()) {
        Some(near) => format!("did you mean {near}?"),
        None if known.is_empty() => "this address takes none".to_owned(),
        None => format!("there are {}", names().collect::<Vec<_>>().join(", ")),
    };
    Invalid(format!("there is no parameter {name}; {instead}"))
}
