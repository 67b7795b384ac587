//! The script and its door under names of the owner's choosing, since content blockers match names.

use axum::Router;
use axum::extract::Request;
use axum::http::Uri;
use axum::http::uri::PathAndQuery;
use tower::ServiceExt as _;

use crate::config::ScriptConfig;

/// The same addresses, and those that the owner has named, which everything behind sees as ours.
pub(in crate::http) fn also_known_as(router: Router, config: &ScriptConfig) -> Router {
    if config.path.is_empty() {
        return router;
    }
    let config = config.clone();
    Router::new().fallback_service(router.map_request(move |mut request: Request| {
        if let Some(uri) = ours(request.uri(), &config) {
            *request.uri_mut() = uri;
        }
        request
    }))
}

/// Our own name for what the owner calls otherwise.
fn ours(uri: &Uri, config: &ScriptConfig) -> Option<Uri> {
    let below = uri.path().strip_prefix(config.path.as_str())?;
    let path = match below.strip_prefix('/') {
        Some(file) if file == config.file => "/tracker/kith.js".to_owned(),
        Some("") => "/track".to_owned(),
        Some(file) => format!("/tracker/{file}"),
        None if below.is_empty() => "/track".to_owned(),
        None => return None,
    };
    let query = uri.query().map(|query| format!("?{query}")).unwrap_or_default();
    let mut parts = uri.clone().into_parts();
    parts.path_and_query = Some(PathAndQuery::try_from(path + &query).ok()?);
    Uri::from_parts(parts).ok()
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use crate::config::OWN_ADDRESSES;

    fn named(address: &str) -> Option<String> {
        let config = ScriptConfig { path: "/shop".to_owned(), file: "s.js".to_owned() };
        ours(&address.parse().unwrap(), &config).map(|uri| uri.to_string())
    }

    #[test]
    fn what_lies_below_the_path_has_a_name_of_ours_and_nothing_else_has() {
        for (address, ours) in [
            ("/shop", Some("/track")),
            ("/shop/?x=1", Some("/track?x=1")),
            ("/shop/s.js", Some("/tracker/kith.js")),
            ("/shop/0123456789.js?y", Some("/tracker/0123456789.js?y")),
            ("/shopping", None),
            ("/track", None),
            ("/", None),
        ] {
            assert_eq!(named(address).as_deref(), ours, "{address}");
        }
    }

    #[test]
    fn no_name_of_the_owners_choosing_is_one_of_ours() {
        let addresses = crate::http::document().paths.paths;
        let others = ["/console/", "/docs/", "/healthcheck", "/openapi.json"].map(str::to_owned);
        let all = addresses.into_keys().chain(others);
        let first = |address: String| address.split('/').nth(1).map(str::to_owned);
        let all: BTreeSet<String> = all.filter_map(first).collect();
        assert_eq!(all.into_iter().collect::<Vec<_>>(), OWN_ADDRESSES);
    }
}
