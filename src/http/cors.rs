//! Which pages a browser lets use which addresses.
//!
//! Collectors take what any page sends: a page's own right to send is its source's matter
//! (`allowed_origins`), and nothing there is authorised by cookies. Everything else is for Kith's own
//! pages, and for those that the operator names (`http.console_origins`).

use std::collections::HashSet;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use axum::http::request::Parts;
use axum::http::{HeaderName, HeaderValue, Method};
use tower_http::cors::{AllowCredentials, AllowHeaders, AllowMethods, AllowOrigin, CorsLayer};

use crate::app::App;
use crate::model::{Source, is_of_pages, names_origin};
use crate::registry::Registry;

/// How long a browser may remember a preflight: the longest that any browser takes.
const PREFLIGHT: Duration = Duration::from_secs(86_400);

/// Where the addresses of those who send, and of the script that they load, begin.
const COLLECTORS: [&str; 4] = ["/track", "/collect/", "/redirect/", "/customer/consent"];

/// Whether this address is for any page.
pub(super) fn is_collector(path: &str) -> bool {
    COLLECTORS.iter().any(|begin| path.starts_with(begin))
}

/// The layer. A collector mirrors the origin; that cookies come with a request is of no account, but a
/// beacon always brings them, so the question before a beacon of JSON is answered with yes. What is
/// then answered may be read by a page that sends cookies only where a source names the page.
pub(super) fn layer(app: &Arc<App>) -> CorsLayer {
    use Method as M;
    let methods = [M::GET, M::HEAD, M::POST, M::PUT, M::PATCH, M::DELETE, M::OPTIONS];
    let exposed = [
        "x-context",
        "x-process-time",
        "x-kith-code",
        "x-kith-rows-cut-off",
        "x-kith-rows-read",
        "retry-after",
        "etag",
    ];
    let consoles = consoles(app.config.http.console_origins());
    let listed = Listed { registry: Arc::clone(&app.registry), known: Mutex::default() };
    CorsLayer::new()
        .allow_origin(AllowOrigin::predicate(move |origin, parts| {
            is_collector(parts.uri.path()) || consoles.contains(origin.as_bytes())
        }))
        .allow_credentials(AllowCredentials::predicate(move |origin, parts| {
            is_collector(parts.uri.path()) && (is_preflight(parts) || listed.has(origin))
        }))
        .allow_methods(AllowMethods::list(methods))
        .allow_headers(AllowHeaders::mirror_request())
        .expose_headers(exposed.map(HeaderName::from_static))
        .max_age(PREFLIGHT)
}

fn is_preflight(parts: &Parts) -> bool {
    parts.method == Method::OPTIONS
}

/// As browsers write them: without a final slash, in small letters.
fn plain(origin: &str) -> String {
    origin.trim().trim_end_matches('/').to_ascii_lowercase()
}

fn consoles<'a>(said: impl Iterator<Item = &'a str>) -> HashSet<Vec<u8>> {
    said.map(|one| plain(one).into_bytes()).collect()
}

/// The origins that sources name, of the version of the configuration that was seen last.
struct Listed {
    registry: Arc<Registry>,
    known: Mutex<(i64, Arc<Named>)>,
}

/// What sources name: pages one by one, and all below a host.
#[derive(Default)]
struct Named {
    pages: HashSet<String>,
    below: HashSet<String>,
}

impl Named {
    fn of<'a>(listed: impl Iterator<Item = &'a String>) -> Self {
        let listed = listed.map(|one| plain(one)).filter(|one| is_of_pages(one));
        let (below, pages) = listed.partition(|one| one.contains('*'));
        Self { pages, below }
    }

    fn has(&self, origin: &str) -> bool {
        self.pages.contains(origin) || self.below.iter().any(|one| names_origin(one, Some(origin)))
    }
}

impl Listed {
    fn has(&self, origin: &HeaderValue) -> bool {
        let Ok(origin) = origin.to_str() else { return false };
        self.now().has(&origin.to_ascii_lowercase())
    }

    fn now(&self) -> Arc<Named> {
        let snapshot = self.registry.now();
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        if known.0 != snapshot.version() {
            let sources = snapshot.all::<Source>();
            let all = sources.iter().flat_map(|source| &source.entity.allowed_origins);
            *known = (snapshot.version(), Arc::new(Named::of(all)));
        }
        Arc::clone(&known.1)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn consoles_are_named_as_people_write_them() {
        let named = consoles(["https://Console.example/", "http://localhost:5173"].into_iter());
        let wanted = ["https://console.example", "http://localhost:5173"];
        assert_eq!(named, wanted.map(|one| one.as_bytes().to_vec()).into_iter().collect());
    }

    #[test]
    fn what_takes_a_token_is_no_collector() {
        for path in ["/track", "/track/", "/track.gif", "/tracker/kith.js", "/collect/x/s"] {
            assert!(is_collector(path), "{path}");
        }
        for path in ["/user/token", "/sql", "/profile/x", "/event-source/track", "/docs", "/"] {
            assert!(!is_collector(path), "{path}");
        }
    }
}
