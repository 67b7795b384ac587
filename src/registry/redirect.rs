//! A redirect as stored.

use serde::{Deserialize, Serialize};

use super::moment;
use crate::model::{Map, Redirect, SourceId, Time};

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
    /// The redirect of the row with this id.
    #[must_use]
    pub fn into_redirect(self, id: String) -> Redirect {
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
