//! `/openapi.json`, which the routes describe themselves, and the page that shows it.

use std::sync::Arc;

use axum::Router;
use axum::http::header::CONTENT_TYPE;
use axum::routing::get;
use bytes::Bytes;
use utoipa::openapi::path::Operation;
use utoipa::openapi::security::{
    Flow, HttpAuthScheme, HttpBuilder, OAuth2, Password, Scopes, SecurityScheme,
};
use utoipa::openapi::{Info, OpenApi, Paths};
use utoipa_swagger_ui::{Config, SwaggerUi};

use super::access::{BEARER, KEY};
use super::refusals;
use crate::app::App;

/// The document, of what the groups of routes say about themselves.
pub(super) fn document(groups: impl IntoIterator<Item = OpenApi>) -> OpenApi {
    let mut info = Info::new("Kith", env!("CARGO_PKG_VERSION"));
    info.description = Some("A customer data platform in one binary and one folder.".to_owned());
    let mut document = OpenApi::new(info, Paths::new());
    groups.into_iter().for_each(|group| document.merge(group));
    add_security(&mut document);
    refusals::define(&mut document);
    name_operations(&mut document);
    document
}

/// The document at `/openapi.json`, the page at `/docs`. It is written once: anybody may ask for it, a
/// thousand times in one packet.
pub(super) fn pages(document: &OpenApi) -> Router<Arc<App>> {
    let text = Bytes::from(document.to_json().unwrap_or_default());
    let told = move || std::future::ready(([(CONTENT_TYPE, "application/json")], text.clone()));
    let page = SwaggerUi::new("/docs").config(Config::from("/openapi.json"));
    Router::from(page).route("/openapi.json", get(told))
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
