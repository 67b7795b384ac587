//! What of the interface the audit log remembers, and how: a place before the work, an entry after it.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use axum::body::Body;
use axum::extract::{MatchedPath, Request};
use axum::http::{Method, Uri};
use axum::response::Response;
use futures_util::StreamExt as _;

use super::access::asks_as;
use super::{ApiError, Code, SignedIn};
use crate::accounts::Account;
use crate::app::App;
use crate::audit::{DETAIL_BYTES_MAX, Deed, Place};

/// What a request does, as the log names it: the action, and the kind of what it is done to. None: the
/// log does not remember it, or whoever does it writes more (a change of the configuration).
fn meaning(method: &Method, address: &str, uri: &Uri) -> Option<(&'static str, &'static str)> {
    let first = address.trim_start_matches('/').split('/').next().unwrap_or_default();
    let kind = match (first, address) {
        (_, address) if address.ends_with("/count") => return None,
        ("sql", _) => return Some(("ask", "sql")),
        (_, "/api/audit/export") => return Some(("export", "audit")),
        (_, "/api/profiles/{id}/export") => return Some(("export", "profile")),
        (_, "/api/profiles/{id}") => return Some(("erase", "profile")),
        (_, "/api/merges/undo" | "/api/merges/{id}/undo") => return Some(("undo", "merge")),
        (_, "/api/rebuilds" | "/api/rebuilds/{id}/switch") => return Some(("rebuild", "profile")),
        (_, "/api/rebuilds/{id}") if *method == Method::DELETE => {
            return Some(("rebuild", "profile"));
        }
        (_, "/api/rebuilds/{id}") => "profile",
        (_, "/api/identity/quarantine/{id}") => return Some(("decide", "identity")),
        (_, "/api/identity/quarantine" | "/api/people/behind") => "profile",
        (_, "/api/identity/preview" | "/api/rules/try" | "/api/audiences/preview") => "profile",
        (_, "/api/audiences/{id}/members" | "/api/profiles/{id}/audiences") => "profile",
        (_, "/api/held-events/{key}/release") => return Some(("put", "event")),
        (_, "/api/schema/draft" | "/api/held-events" | "/api/held-events/{key}") => "event",
        (_, "/api/lists/{id}/members") if *method == Method::GET => "profile",
        (_, "/api/lists") if *method == Method::GET && asks_for(uri, "profile") => "profile",
        (_, address) if address.starts_with("/api/lists") => match *method {
            Method::GET => return None,
            Method::DELETE => "list",
            _ => return Some(("put", "list")),
        },
        (_, "/api/profiles/{id}/identity" | "/api/merges/{id}") => "profile",
        (_, "/events/profile/{id}" | "/api/profiles" | "/api/profiles/{id}/consents")
        | ("profile", _) => "profile",
        (_, "/api/sessions") | ("events" | "session", _) => "session",
        (_, address)
            if address.starts_with("/api/events") || address.starts_with("/api/questions") =>
        {
            "event"
        }
        (_, "/api/fields") => "event",
        ("event", _) => "event",
        _ => return None,
    };
    Some((if *method == Method::DELETE { "remove" } else { "look" }, kind))
}

/// The id of what a request has made, whose address names none.
#[derive(Clone)]
pub(super) struct Made(pub(super) String);

/// A request under way. However it ends, also when whoever asked goes away, it leaves an entry.
pub(super) struct Watch {
    /// Taken by the entry.
    place: Option<Place>,
    deed: Deed,
    body: Arc<Mutex<Vec<u8>>>,
    /// What was asked says who people are, which its address alone did not tell.
    looks_at_people: Arc<AtomicBool>,
}

impl Watch {
    /// Of what `request` does, if the log remembers that.
    ///
    /// # Errors
    /// When there is no room in the log: then it must not be done.
    pub(super) fn begin(
        app: &App,
        user: &SignedIn,
        request: Request,
    ) -> Result<(Option<Self>, Request), ApiError> {
        let matched = request.extensions().get::<MatchedPath>().map(MatchedPath::as_str);
        let method = asks_as(request.method());
        let meaning = matched.and_then(|address| meaning(&method, address, request.uri()));
        let Some((action, kind)) = meaning else { return Ok((None, request)) };
        let place = app.audit.place().ok_or(Code::AuditUnavailable)?;
        let who = user.who();
        let deed = Deed {
            who: who.name,
            address: who.address,
            action,
            kind,
            subject: subject(matched.unwrap_or_default(), request.uri()),
            detail: Some(asked(request.method(), request.uri())),
            status: None,
        };
        let body = Arc::default();
        let request = request.map(|sent| remember(sent, &body));
        let looks_at_people = user.has_looked_at_people();
        Ok((Some(Self { place: Some(place), deed, body, looks_at_people }), request))
    }

    /// It was answered.
    pub(super) fn end(mut self, response: &Response) {
        self.deed.status = Some(response.status().as_u16());
        if let Some(Made(id)) = response.extensions().get() {
            self.deed.subject.clone_from(id);
        }
    }
}

impl Drop for Watch {
    fn drop(&mut self) {
        let Some(place) = self.place.take() else { return };
        if self.looks_at_people.load(Ordering::Relaxed) {
            self.deed.kind = "profile";
        }
        let body = self.body.lock().unwrap_or_else(PoisonError::into_inner);
        if let (false, Some(detail)) = (body.is_empty(), &mut self.deed.detail) {
            detail.push('\n');
            detail.push_str(&String::from_utf8_lossy(&body));
        }
        place.note(std::mem::take(&mut self.deed));
    }
}

/// The body, of which the beginning is remembered while it is read.
fn remember(sent: Body, beginning: &Arc<Mutex<Vec<u8>>>) -> Body {
    let beginning = Arc::clone(beginning);
    Body::from_stream(sent.into_data_stream().inspect(move |chunk| {
        let Ok(chunk) = chunk else { return };
        let mut beginning = beginning.lock().unwrap_or_else(PoisonError::into_inner);
        let room = DETAIL_BYTES_MAX.saturating_sub(beginning.len());
        beginning.extend(chunk.iter().take(room));
    }))
}

/// Method and address, as they were sent.
fn asked(method: &Method, uri: &Uri) -> String {
    let address = uri.path_and_query().map_or(uri.path(), |address| address.as_str());
    format!("{method} {address}")
}

/// Whether a parameter is said.
fn asks_for(uri: &Uri, parameter: &str) -> bool {
    let query = uri.query().unwrap_or_default();
    form_urlencoded::parse(query.as_bytes()).any(|(name, _)| name == parameter)
}

/// What stands in the place of the address's first parameter.
fn subject(template: &str, uri: &Uri) -> String {
    let mut parts = template.split('/').zip(uri.path().split('/'));
    let found = parts.find(|(name, _)| name.starts_with('{')).map(|(_, value)| value);
    let plus = found.unwrap_or_default().replace('+', "%2B");
    let decoded = form_urlencoded::parse(plus.as_bytes()).next().map(|(id, _)| id.into_owned());
    decoded.unwrap_or_default()
}

/// Remembers an attempt to sign in. The name is written where it is an address that somebody may have: people type
/// passwords into the wrong field, and strangers anything.
pub(super) fn signed_in<T>(
    place: Place,
    (name, address): (&str, Option<String>),
    entered: &Result<T, ApiError>,
) {
    let name = Account::named(name).filter(|name| name.as_str().contains('@'));
    let name = name.map_or_else(String::new, |name| name.as_str().to_owned());
    let status = entered.as_ref().map_or_else(|error| error.code.status().as_u16(), |_| 200);
    let deed = Deed { who: name.clone(), address, kind: "user", subject: name, ..Deed::default() };
    match entered {
        Ok(_) => place.note(Deed { action: "sign-in", status: Some(status), ..deed }),
        Err(_) => {
            place.note_failure(Deed { action: "sign-in-failed", status: Some(status), ..deed });
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_subject_is_what_the_address_names() {
        let of = |template, address: &str| subject(template, &address.parse().unwrap());
        assert_eq!(of("/profile/{id}", "/profile/a%20b+c?x=1"), "a b+c");
        assert_eq!(of("/api/profiles/{id}/export", "/api/profiles/x/export"), "x");
        assert_eq!(of("/sql", "/sql"), "");
    }
}
