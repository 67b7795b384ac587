//! Segments of both kinds, as the audiences that they are.

use std::sync::Arc;

use axum::Json;
use axum::http::HeaderMap;
use serde_json::Value;

use super::audience::{INVALID, condition, lists_are_there};
use super::entities::{self, Editor, Tagged};
use crate::app::App;
use crate::audiences::quote;
use crate::http::answers::{Deleted, Saved};
use crate::http::{ApiError, SignedIn, masked};
use crate::model::{Audience, CountedSince, Segment, kept_type};
use crate::registry::{Snapshot, Stored};

/// A segment of either kind, as somebody wants it.
pub(super) struct Said {
    pub(super) id: Option<String>,
    /// As it stands on profiles.
    pub(super) tag: String,
    pub(super) name: String,
    pub(super) description: String,
    pub(super) event_types: Vec<String>,
    pub(super) condition: String,
    pub(super) enabled: bool,
    pub(super) is_live: bool,
}

impl Said {
    /// The condition of the audience.
    fn whole(&self) -> String {
        if self.event_types.is_empty() {
            return self.condition.clone();
        }
        let did: Vec<String> =
            self.event_types.iter().map(|kind| format!("DID {}", quote(kind))).collect();
        format!("({}) AND ({})", self.condition, did.join(" OR "))
    }
}

/// Stores the audience that a segment is.
pub(super) async fn store(
    app: &Arc<App>,
    user: &SignedIn,
    headers: &HeaderMap,
    said: Said,
) -> Result<Tagged<Saved>, ApiError> {
    let text = condition(&Value::String(said.whole()))?;
    masked::refuse(app, user, INVALID, ("condition", &text))?;
    lists_are_there(app, &text).await?;
    let known = entities::known(app).await?;
    let named = said.id.as_deref().map(str::trim).filter(|id| !id.is_empty());
    let id = named.map_or_else(|| said.tag.clone(), str::to_owned);
    let before = known.get::<Audience>(&said.tag).map(|stored| &stored.entity);
    let is_it = |one: &Segment| one.id == id && one.is_live == said.is_live;
    if before.is_some_and(|one| !one.segment.as_ref().is_some_and(is_it)) {
        let message = format!("name: there is another audience or segment {}", said.tag);
        return Err(ApiError::new(INVALID, message));
    }
    let former = one(&known, &id, said.is_live).ok().map(|(stored, _)| stored.entity.id.clone());
    // Of a live one the name says nothing of which it is: the reference has several of one name.
    if said.is_live && named.is_none() && (before.is_some() || former.is_some()) {
        let message =
            format!("name: there is a live segment {} already: say its id to change it", said.tag);
        return Err(ApiError::new(INVALID, message));
    }
    let now = app.clock.now();
    let audience = Audience {
        id: said.tag.clone(),
        name: said.name.trim().to_owned(),
        description: said.description,
        live: None,
        written: None,
        counted: CountedSince::default(),
        condition: text,
        sticky: !said.is_live,
        enabled: said.enabled,
        created: before.map_or(now, |before| before.created),
        changed: now,
        segment: Some(Segment {
            id: id.clone(),
            event_types: said.event_types,
            condition: said.condition,
            is_live: said.is_live,
        }),
    };
    let editor = || Editor { user, headers, invalid: INVALID };
    let (tag, _) = entities::put(app, editor(), audience).await?;
    // Under another name it is another one.
    if let Some(former) = former.filter(|former| *former != said.tag) {
        drop(entities::remove::<Audience>(app, editor(), former).await?);
    }
    Ok((tag, Json(Saved { saved: 1, errors: Vec::new(), ids: vec![id] })))
}

pub(super) async fn remove_one(
    app: &Arc<App>,
    user: &SignedIn,
    headers: &HeaderMap,
    (id, is_live): (&str, bool),
) -> Result<Json<Deleted>, ApiError> {
    let known = entities::known(app).await?;
    let audience = one(&known, id, is_live)?.0.entity.id.clone();
    let editor = Editor { user, headers, invalid: INVALID };
    entities::remove::<Audience>(app, editor, audience).await
}

/// All segments of one of the kinds.
pub(super) fn all(known: &Snapshot, is_live: bool) -> Vec<(&Stored<Audience>, &Segment)> {
    let all = known.all::<Audience>().into_iter();
    let segments = all.filter_map(|stored| Some((stored, stored.entity.segment.as_ref()?)));
    segments.filter(|(_, segment)| segment.is_live == is_live).collect()
}

/// The one of this id.
pub(super) fn one<'a>(
    known: &'a Snapshot,
    id: &str,
    is_live: bool,
) -> Result<(&'a Stored<Audience>, &'a Segment), ApiError> {
    let found = all(known, is_live).into_iter().find(|(_, segment)| segment.id == id);
    found.ok_or_else(ApiError::not_found)
}

/// As the reference writes a name on profiles.
pub(super) fn machine_name(name: &str) -> String {
    kept_type(name)
}
