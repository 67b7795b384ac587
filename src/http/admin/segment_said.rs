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
use crate::http::{ApiError, SignedIn};
use crate::model::{Audience, CountedSince, Segment, kept_type};
use crate::registry::{Misfit, Snapshot, Stored};

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
    lists_are_there(app, &text).await?;
    let known = entities::known(app).await?;
    let said = as_called(&known, said);
    let named = said.id.as_deref().map(str::trim).filter(|id| !id.is_empty());
    let id = named.map_or_else(|| said.tag.clone(), str::to_owned);
    let before = known.get::<Audience>(&said.tag).map(|stored| &stored.entity);
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
    let editor = Editor { user, headers, invalid: INVALID };
    // Of a live one the name says nothing of which it is: the reference has several of one name.
    let is_new = said.is_live && named.is_none();
    let of_it = (id.clone(), said.is_live);
    let former = move |known: &Snapshot| {
        let former = former(known, &said.tag, (&of_it.0, of_it.1))?;
        match &former {
            Some(_) if is_new => Err(there_is_one(&said.tag)),
            _ => Ok(former),
        }
    };
    let (tag, _) = entities::put_for(app, editor, audience, former).await?;
    Ok((tag, Json(Saved { saved: 1, errors: Vec::new(), ids: vec![id] })))
}

/// With the name on profiles that it has, where it is called as it is: that may have been said at another address.
fn as_called(known: &Snapshot, said: Said) -> Said {
    let id = said.id.as_deref().map(str::trim).filter(|_| !said.is_live);
    let has = id.and_then(|id| one(known, id, false).ok()).map(|(stored, _)| &stored.entity);
    match has.filter(|audience| audience.name == said.name.trim()) {
        Some(audience) => Said { tag: audience.id.clone(), ..said },
        None => said,
    }
}

/// The audience that a segment is until now: under another name it is another one, and the former goes. That name
/// is to be nobody else's.
fn former(
    known: &Snapshot,
    tag: &str,
    (id, is_live): (&str, bool),
) -> Result<Option<String>, Misfit> {
    let is_it = |one: &Segment| one.id == id && one.is_live == is_live;
    let named = known.get::<Audience>(tag);
    if named.is_some_and(|one| !one.entity.segment.as_ref().is_some_and(is_it)) {
        let wanted = format!("must not be that of another audience or segment, which {tag} is");
        return Err(Misfit::new("name", wanted));
    }
    Ok(one(known, id, is_live).ok().map(|(stored, _)| stored.entity.id.clone()))
}

fn there_is_one(tag: &str) -> Misfit {
    let wanted = "must not be that of a live segment there is: say its id to change it";
    Misfit::new("name", format!("{wanted} ({tag})"))
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
