//! The event document (docs/wire.md §4.3), from the columns of history.

use serde::Serialize;
use serde_json::{Value, json};
use utoipa::ToSchema;

use super::event_parts::{
    AppPart, Columns, Device, Hit, Journey, Metadata, Named, OsPart, Tags, Utm, device, hit,
};
use crate::model::{Map, lay_over};

/// An event, with every field, those unset at their defaults.
#[derive(Debug, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct EventDocument {
    /// The client's name for it, or one that was drawn.
    id: String,
    /// What happened, such as `page-view`.
    r#type: String,
    /// The type as people read it.
    name: String,
    metadata: Metadata,
    /// Who sent it.
    #[schema(required)]
    source: Option<Named>,
    /// In which session it happened.
    #[schema(required)]
    session: Option<Named>,
    /// Whose it is, by the id that lives.
    #[schema(required)]
    profile: Option<Named>,
    /// What it was about, as it was sent.
    #[schema(value_type = BTreeMap<String, Value>)]
    properties: Map,
    /// What its type copies there.
    #[schema(value_type = BTreeMap<String, Value>)]
    traits: Map,
    /// What surrounded it, as it was sent.
    #[schema(value_type = BTreeMap<String, Value>)]
    context: Map,
    /// How the client was asked, as it was sent.
    #[schema(value_type = BTreeMap<String, Value>)]
    request: Map,
    /// Its options.
    #[schema(value_type = BTreeMap<String, Value>)]
    config: Map,
    /// Empty.
    #[schema(value_type = BTreeMap<String, Value>)]
    aux: Map,
    tags: Tags,
    utm: Utm,
    /// A rule may have copied more into it.
    #[schema(value_type = Device)]
    device: Value,
    os: OsPart,
    app: AppPart,
    /// A rule may have copied more into it.
    #[schema(value_type = Hit)]
    hit: Value,
    journey: Journey,
    /// What its type copies there.
    #[schema(value_type = BTreeMap<String, Value>)]
    data: Map,
}

/// The whole event.
#[must_use]
pub(crate) fn event(columns: Map) -> EventDocument {
    let mut columns = Columns(columns);
    let mut data = columns.object("data");
    let (copied_hit, copied_device) = (data.remove("hit"), data.remove("device"));
    EventDocument {
        metadata: Metadata::of(&mut columns),
        id: columns.text("id").unwrap_or_default(),
        r#type: columns.text("type").unwrap_or_default(),
        name: columns.text("name").unwrap_or_default(),
        source: columns.named("source_id"),
        session: columns.named("session_id"),
        profile: columns.named("profile_id"),
        properties: columns.object("properties"),
        traits: columns.object("traits"),
        context: columns.object("context"),
        request: columns.object("request"),
        config: columns.object("config"),
        aux: Map::new(),
        tags: Tags::of(columns.texts("tags")),
        utm: Utm::of(&mut columns),
        device: laid_over(device(&mut columns), copied_device),
        os: OsPart::of(&mut columns),
        app: AppPart::of(&mut columns),
        hit: laid_over(hit(&mut columns), copied_hit),
        journey: Journey { state: columns.text("journey") },
        data,
    }
}

/// A part, and over it what a rule copied there.
fn laid_over(part: impl Serialize, copied: Option<Value>) -> Value {
    let mut part = serde_json::to_value(part).unwrap_or_else(|_| json!({}));
    if let Some(Value::Object(copied)) = copied {
        lay_over(&mut part, &copied);
    }
    part
}
