//! `/openapi.json`, which the routes describe themselves, and the page that shows it.

use std::sync::{Arc, Mutex, PoisonError};

use axum::Router;
use axum::extract::State;
use axum::http::header::CONTENT_TYPE;
use axum::routing::get;
use bytes::Bytes;
use utoipa::openapi::path::Operation;
use utoipa::openapi::security::{
    Flow, HttpAuthScheme, HttpBuilder, OAuth2, Password, Scopes, SecurityScheme,
};
use utoipa::openapi::{Info, OpenApi, Paths, Tag};
use utoipa_swagger_ui::{Config, SwaggerUi};

use super::access::{BEARER, KEY};
use super::pages::demo;
use super::parameters::{self, Known};
use super::{examples, refusals, shared_schemas};
use crate::app::App;

/// The document, of what the groups of routes say about themselves.
pub(super) fn document(groups: impl IntoIterator<Item = OpenApi>) -> OpenApi {
    let mut info = Info::new("Kith", env!("CARGO_PKG_VERSION"));
    info.description = Some("A customer data platform in one binary and one folder.".to_owned());
    let mut document = OpenApi::new(info, Paths::new());
    groups.into_iter().for_each(|group| document.merge(group));
    add_security(&mut document);
    document.tags = Some(TAGS.map(|(name, about)| tag(name, about)).to_vec());
    for (_, _, operation) in operations(&mut document) {
        operation.description = operation.description.take().and_then(|notes| for_callers(&notes));
    }
    examples::add(&mut document);
    refusals::define(&mut document);
    shared_schemas::refer(&mut document);
    name_operations(&mut document);
    shared_schemas::keep_used(&mut document);
    document
}

/// The text of a document, and the parameters that it knows. The document itself takes ten megabytes, which the server
/// needs for others.
pub(super) fn described(document: &OpenApi) -> (String, Known) {
    (document.to_json().unwrap_or_default(), parameters::known(document))
}

/// The document at `/openapi.json`, the page at `/docs`. It is written once for each source that its
/// examples may name: anybody may ask for it, a thousand times in one packet.
pub(super) fn pages(text: String) -> Router<Arc<App>> {
    let written = Arc::new(Written { text, last: Mutex::default() });
    let told = move |State(app): State<Arc<App>>| {
        let text = written.naming(demo::source(&app));
        std::future::ready(([(CONTENT_TYPE, "application/json")], text))
    };
    let page = SwaggerUi::new("/docs").config(Config::from("/openapi.json"));
    Router::from(page).route("/openapi.json", get(told))
}

/// The document as text, whose examples work as they stand: they name a source of this installation.
struct Written {
    text: String,
    /// The source that was named last, and the text.
    last: Mutex<Option<(Option<String>, Bytes)>>,
}

impl Written {
    fn naming(&self, source: Option<String>) -> Bytes {
        let mut last = self.last.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((_, text)) = last.as_ref().filter(|(named, _)| *named == source) {
            return text.clone();
        }
        let text = match &source {
            Some(source) => examples::naming(&self.text, source),
            None => self.text.clone(),
        };
        last.insert((source, Bytes::from(text))).1.clone()
    }
}

/// The groups of addresses, in the order in which somebody new needs them.
const TAGS: [(&str, &str); 17] = [
    (
        "collect",
        "Sending. `POST /track` is the main door; it needs no token, only the id of a source.",
    ),
    ("browser", "The script for web pages, and a shop to try it in."),
    ("users", "Signing in: `POST /user/token` answers the token that all below need. Accounts."),
    ("event sources", "Who may send."),
    ("redirects", "Links that are counted."),
    ("profiles", "People."),
    ("sessions", "Visits."),
    ("events", "What happened."),
    ("history", "Questions about everything that happened: ready ones, and in SQL."),
    ("saved", "Questions and dashboards that people keep for each other."),
    ("rules", "What events of a type do, what they must look like, and what they are made into."),
    ("identity", "Who is one person: what they are recognised by, mergers, and what waits."),
    ("audiences", "People of whom a condition holds, and what is worked out of what they did."),
    ("lists", "People whom somebody has put together."),
    ("keys", "What programs show instead of a token."),
    ("audit", "Who has done what."),
    ("operate", "For those who look after the server."),
];

fn tag(name: &str, about: &str) -> Tag {
    let mut tag = Tag::new(name);
    tag.description = Some(about.to_owned());
    tag
}

/// A handler's notes without those for whoever calls it in code.
fn for_callers(notes: &str) -> Option<String> {
    let said = notes.split("# Errors").next().unwrap_or_default().trim();
    (!said.is_empty()).then(|| said.to_owned())
}

/// Every operation with its path and its method.
pub(super) fn operations(
    document: &mut OpenApi,
) -> impl Iterator<Item = (&str, &'static str, &mut Operation)> {
    document.paths.paths.iter_mut().flat_map(|(path, item)| {
        let methods = [
            ("get", &mut item.get),
            ("post", &mut item.post),
            ("put", &mut item.put),
            ("delete", &mut item.delete),
        ];
        let there = methods.into_iter().filter_map(|(method, op)| Some((method, op.as_mut()?)));
        there.map(|(method, operation)| (path.as_str(), method, operation))
    })
}

/// Bearer tokens, and where to get one.
fn add_security(document: &mut OpenApi) {
    let components = document.components.get_or_insert_default();
    let bearer = HttpBuilder::new().scheme(HttpAuthScheme::Bearer).build();
    components.add_security_scheme(BEARER, SecurityScheme::Http(bearer));
    let key = HttpBuilder::new().scheme(HttpAuthScheme::Bearer).bearer_format("kith_…").build();
    components.add_security_scheme(KEY, SecurityScheme::Http(key));
    let password = Flow::Password(Password::new("/user/token", Scopes::new()));
    components.add_security_scheme("password", SecurityScheme::OAuth2(OAuth2::new([password])));
}

/// Clients name their functions after operations: each has a name of its own, from what it is.
fn name_operations(document: &mut OpenApi) {
    for (path, method, operation) in operations(document) {
        let words = path.split(|letter: char| !letter.is_ascii_alphanumeric());
        let words: Vec<_> = words.filter(|word| !word.is_empty()).collect();
        operation.operation_id = Some(format!("{method}_{}", words.join("_")));
    }
}
