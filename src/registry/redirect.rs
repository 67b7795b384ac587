//! Redirects: links that record an event before they lead on.

use axum::http::{HeaderValue, Uri};
use serde::{Deserialize, Serialize};

use super::{Entity, Misfit, Reference, Snapshot};
use crate::model::{Bridge, ID_BYTES_MAX, Map, Redirect, Source, SourceId, Time};
use crate::storage::moment;

/// Longest URL that a link leads to, in bytes.
const URL_BYTES_MAX: usize = 8192;

impl Entity for Redirect {
    const KIND: &'static str = "redirect";

    type Body = RedirectBody;

    fn id(&self) -> &str {
        &self.id
    }

    fn check(&self, known: &Snapshot) -> Result<(), Misfit> {
        let misfit = |place, wanted: &str| Err(Misfit::new(place, wanted));
        if self.id.is_empty() || self.id.len() > ID_BYTES_MAX {
            return misfit("id", "must have 1 to 128 bytes");
        }
        if self.name.is_empty() {
            return misfit("name", "must not be empty");
        }
        if self.event_type.is_empty() {
            return misfit("event_type", "must not be empty");
        }
        if !leads_somewhere(&self.url) {
            return misfit("url", "must be absolute, http or https, and at most 8192 bytes");
        }
        let source = known.get::<Source>(self.source.as_str());
        if source.is_some_and(|source| !source.entity.bridges.contains(&Bridge::Redirect)) {
            return misfit("source.id", "must be of a source of type redirect");
        }
        Ok(())
    }

    fn refers_to(&self) -> Vec<Reference> {
        vec![Reference::to::<Source>(self.source.as_str(), "source.id")]
    }

    fn to_body(&self) -> RedirectBody {
        RedirectBody::from(self)
    }

    fn from_body(id: String, body: RedirectBody) -> Self {
        body.into_redirect(id)
    }
}

/// A URL that a browser follows, and that can stand in a header.
fn leads_somewhere(url: &str) -> bool {
    let parsed = url.parse::<Uri>().ok();
    let is_web = parsed.is_some_and(|uri| {
        matches!(uri.scheme_str(), Some("http" | "https")) && uri.host().is_some()
    });
    is_web && url.len() <= URL_BYTES_MAX && HeaderValue::from_str(url).is_ok()
}

/// The body of a `config` row of kind `redirect`.
#[derive(Debug, Serialize, Deserialize)]
pub struct RedirectBody {
    name: String,
    #[serde(default)]
    description: String,
    source: String,
    url: String,
    event_type: String,
    #[serde(default)]
    properties: Map,
    #[serde(default)]
    tags: Vec<String>,
    #[serde(default)]
    found: bool,
    #[serde(with = "moment")]
    created: Time,
}

impl RedirectBody {
    fn into_redirect(self, id: String) -> Redirect {
        Redirect {
            id,
            name: self.name,
            description: self.description,
            source: SourceId::new(self.source),
            url: self.url,
            event_type: self.event_type,
            properties: self.properties,
            tags: self.tags,
            found: self.found,
            created: self.created,
        }
    }
}

impl From<&Redirect> for RedirectBody {
    fn from(redirect: &Redirect) -> Self {
        Self {
            name: redirect.name.clone(),
            description: redirect.description.clone(),
            source: redirect.source.to_string(),
            url: redirect.url.clone(),
            event_type: redirect.event_type.clone(),
            properties: redirect.properties.clone(),
            tags: redirect.tags.clone(),
            found: redirect.found,
            created: redirect.created,
        }
    }
}
