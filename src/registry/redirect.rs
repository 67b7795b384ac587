//! Redirects: links that record an event before they lead on.

use serde::{Deserialize, Serialize};
use serde_json::Value;
use url::{ParseError, Url};

use super::entity::said;
use super::lines::check_line;
use super::rule::TYPE_BYTES_MAX;
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
        let wrong = |place, wanted: &str| Err(Misfit::new(place, wanted));
        if self.id.is_empty() || self.id.len() > ID_BYTES_MAX {
            return wrong("id", "must have 1 to 128 bytes");
        }
        if self.name.is_empty() {
            return wrong("name", "must not be empty");
        }
        if !(1..=TYPE_BYTES_MAX).contains(&self.event_type.trim().len()) {
            return wrong("event_type", &format!("must have 1 to {TYPE_BYTES_MAX} bytes"));
        }
        check_line("event_type", self.event_type.trim())?;
        if let Some(wanted) = misfit(&self.url) {
            return wrong("url", &wanted);
        }
        let source = known.get::<Source>(self.source.as_str());
        if source.is_some_and(|source| !source.entity.bridges.contains(&Bridge::Redirect)) {
            return wrong("source.id", "must be of a source of type redirect");
        }
        Ok(())
    }

    fn refers_to(&self) -> Vec<Reference> {
        vec![Reference::to::<Source>(self.source.as_str(), "source.id")]
    }

    fn named(&self) -> Option<Value> {
        Some(said(self))
    }

    fn to_body(&self) -> RedirectBody {
        RedirectBody::from(self)
    }

    fn from_body(id: String, body: RedirectBody) -> Self {
        body.into_redirect(id)
    }
}

/// A URL as it can stand in a header: hosts of other letters as browsers ask for them, and the rest
/// percent-encoded. One that can stand there as it is stays as it is, and so does what is no URL.
#[must_use]
pub fn as_sent(url: &str) -> String {
    let url = url.trim();
    if url.bytes().all(|byte| byte.is_ascii_graphic()) || url.contains(char::is_control) {
        return url.to_owned();
    }
    Url::parse(url).map_or_else(|_| url.to_owned(), String::from)
}

/// What is wrong with a URL that no browser follows, or that cannot stand in a header.
fn misfit(url: &str) -> Option<String> {
    if url.len() > URL_BYTES_MAX {
        return Some(format!("must have at most {URL_BYTES_MAX} bytes"));
    }
    if url.contains(char::is_control) {
        return Some("must not hold control characters".to_owned());
    }
    let wanted = "must be absolute, http or https, as in https://shop.example/spring";
    let is_absolute = |scheme: &str| {
        let begins = format!("{scheme}://");
        ["http", "https"].contains(&scheme)
            && url.get(..begins.len()).is_some_and(|begin| begin.eq_ignore_ascii_case(&begins))
    };
    match Url::parse(url) {
        Ok(read) if is_absolute(read.scheme()) => None,
        Ok(_) | Err(ParseError::RelativeUrlWithoutBase) => Some(wanted.to_owned()),
        Err(error) => Some(format!("must be readable: {error}")),
    }
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
