//! What each operation may be refused with, said in the document in one place.

use utoipa::openapi::path::Operation;
use utoipa::openapi::{
    Content, OneOfBuilder, OpenApi, Ref, RefOr, Response, ResponseBuilder, Schema,
};
use utoipa::{PartialSchema as _, ToSchema as _};

use super::access::Group;
use super::error::Refusal;
use super::openapi::operations;
use super::parameters;

/// The statuses of refusals, and when they come, unless an operation says it in words of its own.
const WHEN: [(&str, &str); 12] = [
    ("400", "The address, its parameters, a header or the body cannot be read"),
    ("401", "Whoever asks is not signed in, or the source may not send this"),
    ("403", "Whoever asks has none of the roles that may"),
    ("408", "It took too long; it may have been done"),
    ("409", "Something refers to it, or it cannot be without"),
    ("412", "It has another version than `If-Match` says"),
    ("413", "The body is too large"),
    ("415", "The content type or the content encoding is not known"),
    ("422", "What was sent does not fit; `message` and `detail` say where"),
    ("429", "More than may be sent; see `Retry-After`"),
    ("500", "A defect of Kith"),
    ("503", "Not now; see `Retry-After`"),
];

/// The picture is shown whatever happens.
const NEVER_REFUSED: &str = "/track.gif";
const JSON: &str = "application/json";

/// Adds to the operations of a group what they may be refused with.
pub(super) fn describe(group: Group, document: &mut OpenApi) {
    for (path, method, operation) in operations(document).filter(|door| door.0 != NEVER_REFUSED) {
        for status in statuses(group, (path, method), operation) {
            let responses = &mut operation.responses.responses;
            match responses.get_mut(status) {
                Some(RefOr::T(said)) => either(said),
                Some(RefOr::Ref(_)) => {}
                None => {
                    let shared = Ref::from_response_name(name(status));
                    responses.insert(status.to_owned(), shared.into());
                }
            }
        }
        let said = operation.responses.responses.iter_mut();
        said.filter(|(status, _)| *status >= &"400".to_owned()).for_each(|(_, said)| fill(said));
    }
}

/// Adds what the operations refer to.
pub(super) fn define(document: &mut OpenApi) {
    let components = document.components.get_or_insert_default();
    let mut schemas = vec![(Refusal::name().into_owned(), Refusal::schema())];
    Refusal::schemas(&mut schemas);
    components.schemas.extend(schemas);
    for (status, when) in WHEN {
        let response = ResponseBuilder::new().description(when).content(JSON, content());
        components.responses.insert(name(status), response.build().into());
    }
}

/// What may come of this: by what lies around the handler, and by what it takes.
fn statuses(
    group: Group,
    (path, method): (&str, &str),
    operation: &Operation,
) -> impl Iterator<Item = &'static str> + use<> {
    let has_body = operation.request_body.is_some();
    let has_parameters = operation.parameters.as_ref().is_some_and(|all| !all.is_empty());
    let is_account = matches!(group, Group::Own | Group::Administering);
    let is_question = !group.is_open()
        && !is_account
        && (group != Group::Configuring || path.starts_with("/api"));
    let is_change = matches!(group, Group::Configuring | Group::Saved) && method != "get";
    let is_sent = operation.tags.iter().flatten().any(|tag| tag == "collect") && method != "put";
    let is_precise = !group.is_open() && parameters::is_ours(path);
    let rules: [(bool, &[&str]); 8] = [
        (true, &["400", "408", "500", "503"]),
        (!group.is_open(), &["401", "403"]),
        (has_body, &["413", "415", "422"]),
        (is_question && has_parameters, &["422"]),
        (is_precise, &["422"]),
        (is_change, &["412"]),
        (is_change && method == "delete", &["409"]),
        (is_sent && has_body, &["401", "429"]),
    ];
    rules.into_iter().filter(|(holds, _)| *holds).flat_map(|(_, statuses)| statuses).copied()
}

/// A refusal, where the operation has only said when.
fn fill(said: &mut RefOr<Response>) {
    if let RefOr::T(said) = said
        && said.content.is_empty()
    {
        said.content.insert(JSON.to_owned(), content().into());
    }
}

/// What the operation answers at this status, or a refusal.
fn either(said: &mut Response) {
    for said in said.content.values_mut() {
        if let RefOr::T(Content { schema: Some(schema), .. }) = said {
            let both = OneOfBuilder::new().item(schema.clone()).item(reference());
            *schema = Schema::from(both.build()).into();
        }
    }
}

fn content() -> Content {
    Content::new(Some(reference()))
}

fn reference() -> Ref {
    Ref::from_schema_name(Refusal::name())
}

fn name(status: &str) -> String {
    format!("Refused{status}")
}
