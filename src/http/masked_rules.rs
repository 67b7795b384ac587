//! Rules and audiences as those read them who may not see every field: without what they tell of it.
//!
//! A layer, so that none of the many addresses at which rules are read can be forgotten.

use axum::body::{Body, to_bytes};
use axum::http::{Method, header};
use axum::response::Response;
use serde_json::Value;

use super::access::Group;
use super::{ApiError, Code, SignedIn, masked};
use crate::app::App;
use crate::audiences::hidden_in;
use crate::model::Masking;

/// Where audiences and computed traits are read by those who may not change them.
const READ_BY_ALL: [&str; 2] = ["/api/audiences", "/api/computed-traits"];

/// Who reads what rules say, and may not see every field.
pub(super) struct Reader {
    user: SignedIn,
    /// Asks for the head alone, which says how long the answer would be.
    is_head: bool,
}

impl Reader {
    /// None where nothing has to be hidden.
    pub(super) fn of(
        app: &App,
        user: &SignedIn,
        group: Group,
        (method, address): (&Method, &str),
    ) -> Option<Self> {
        let tells = group == Group::Configuring
            || READ_BY_ALL.iter().any(|begins| address.starts_with(begins));
        let (is_head, reads) = (method == Method::HEAD, method == Method::GET);
        let hides = tells && (is_head || reads) && masked::from(app, user) != Masking::default();
        hides.then(|| Self { user: user.clone(), is_head })
    }

    /// The answer without it.
    pub(super) async fn shown(self, app: &App, response: Response) -> Result<Response, ApiError> {
        if !response.status().is_success() {
            return Ok(response);
        }
        let (mut parts, body) = response.into_parts();
        parts.headers.remove(header::CONTENT_LENGTH);
        if self.is_head {
            return Ok(Response::from_parts(parts, Body::empty()));
        }
        // An answer of our own, which was in memory already.
        let said = to_bytes(body, usize::MAX).await.map_err(|_| Code::Defect)?;
        let mut said: Value = serde_json::from_slice(&said).map_err(|_| Code::Defect)?;
        hide(app, &self.user, &mut said);
        Ok(Response::from_parts(parts, Body::from(said.to_string())))
    }
}

/// Hides in an answer what it tells of what is hidden from this user.
pub(super) fn hide(app: &App, user: &SignedIn, said: &mut Value) {
    let (masking, traits) = (masked::from(app, user), masked::traits(app));
    // Whatever looks at a place of a document says of which.
    let tells = |text: &str| {
        text.contains('@') && traits.iter().any(|rules| hidden_in(text, rules, &masking).is_some())
    };
    masking.hide_in_rule(said, &tells);
}
