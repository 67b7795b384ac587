//! What the profile document is made of.

use std::collections::BTreeMap;

use serde::Serialize;
use serde_json::Value;
use utoipa::ToSchema;

use super::profile_view::View;
use crate::model::{FieldChange, Map, Masking, Profile, Time};

/// A profile, with every field, those unset at their defaults.
#[derive(Debug, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct ProfileDocument {
    /// The living id.
    pub(super) id: String,
    /// The person's key in another system.
    #[schema(required)]
    pub(super) primary_id: Option<String>,
    /// Every id that leads here.
    pub(super) ids: Vec<String>,
    pub(super) metadata: Metadata,
    pub(super) stats: Stats,
    /// Free.
    #[schema(value_type = BTreeMap<String, Value>)]
    pub(super) traits: Map,
    /// Names of segments they are in.
    pub(super) segments: Vec<String>,
    /// Interest to its weight.
    #[schema(value_type = BTreeMap<String, Value>)]
    pub(super) interests: Map,
    /// Consent to `{revoke}`; present is granted.
    #[schema(value_type = BTreeMap<String, Value>)]
    pub(super) consents: Map,
    /// `true`: nobody is archived.
    pub(super) active: bool,
    /// Computed beside the data; events may add to it.
    #[schema(value_type = BTreeMap<String, Value>)]
    pub(super) aux: Value,
    /// The fixed tree (`pii`, `contact`, `identifier`, `preferences`, `metrics`, …); events may add
    /// to it.
    #[schema(value_type = BTreeMap<String, Value>)]
    pub(super) data: Value,
    /// What is computed of them, where anything is. Only where administrators read.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    #[schema(value_type = BTreeMap<String, Value>)]
    pub(super) computed: BTreeMap<String, Value>,
    /// 1 when the payload that is answered has written it. Only in answers to payloads that asked what
    /// was written.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub(super) saved: Option<u8>,
    /// What the source hears of them. Only in answers to sources that hear anything (`profile_view`).
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub(super) view: Option<View>,
}

impl ProfileDocument {
    /// Without what is to be hidden.
    pub(crate) fn masked(mut self, masking: &Masking) -> Self {
        masking.hide("data", &mut self.data);
        masking.hide("aux", &mut self.aux);
        for (root, map) in [
            ("traits", &mut self.traits),
            ("interests", &mut self.interests),
            ("consents", &mut self.consents),
        ] {
            masking.hide_in(root, map);
        }
        masking.hide_text("primary_id", &mut self.primary_id);
        masking.hide_text("metadata.time.visit.tz", &mut self.metadata.time.visit.tz);
        self
    }

    /// Says, too, what is computed of them.
    pub(crate) fn computing(self, computed: BTreeMap<String, Value>) -> Self {
        Self { computed, ..self }
    }

    /// Says, too, whether a payload has written it.
    pub(crate) fn saying(self, saved: Option<u8>) -> Self {
        Self { saved, ..self }
    }

    /// Says, too, what the source that is answered hears of them.
    pub(crate) fn hearing(self, view: Option<View>) -> Self {
        Self { view, ..self }
    }
}

/// What is known about the profile itself.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = ProfileMetadata)]
#[serde(deny_unknown_fields)]
pub(super) struct Metadata {
    time: Times,
    aux: Empty,
    /// Null.
    #[schema(required)]
    status: Option<String>,
    /// Path to its last change: when, and by which event.
    fields: BTreeMap<String, [String; 2]>,
    system: System,
}

impl Metadata {
    pub(super) fn of(profile: &Profile) -> Self {
        let change =
            |change: &FieldChange| [change.at.to_string(), change.event.as_str().to_owned()];
        let fields = profile.fields.iter().map(|(path, last)| (path.clone(), change(last)));
        Self {
            time: Times::of(profile),
            aux: Empty {},
            status: None,
            fields: fields.collect(),
            system: System::default(),
        }
    }
}

/// When it was made and changed.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = ProfileTimes)]
#[serde(deny_unknown_fields)]
struct Times {
    /// First seen.
    insert: String,
    /// Null.
    #[schema(required)]
    create: Option<String>,
    /// Last written.
    #[schema(required)]
    update: Option<String>,
    /// Null.
    #[schema(required)]
    segmentation: Option<String>,
    visit: Visits,
}

/// Their visits.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = ProfileVisits)]
#[serde(deny_unknown_fields)]
struct Visits {
    /// The visit before the current one.
    #[schema(required)]
    last: Option<String>,
    /// When the current visit started.
    #[schema(required)]
    current: Option<String>,
    /// Sessions so far.
    count: u64,
    /// IANA time zone of the last one.
    #[schema(required)]
    tz: Option<String>,
}

impl Times {
    fn of(profile: &Profile) -> Self {
        let text = |time: Option<Time>| time.map(|time| time.to_string());
        let visits = &profile.visits;
        Self {
            insert: profile.created.to_string(),
            create: None,
            update: text(profile.updated),
            segmentation: None,
            visit: Visits {
                last: text(visits.last),
                current: text(visits.current),
                count: visits.count,
                tz: visits.timezone.clone(),
            },
        }
    }
}

/// Nobody waits to be merged: it is done with the event that shows it.
#[derive(Debug, Default, Serialize, ToSchema)]
#[schema(as = ProfileSystem)]
#[serde(deny_unknown_fields)]
struct System {
    integrations: Empty,
    aux: Merging,
}

/// Empty lists.
#[derive(Debug, Default, Serialize, ToSchema)]
#[schema(as = ProfileMerging)]
#[serde(deny_unknown_fields)]
struct Merging {
    auto_merge: Vec<String>,
}

/// Nothing.
#[derive(Debug, Default, Serialize, ToSchema)]
#[schema(as = ProfileEmpty)]
#[serde(deny_unknown_fields)]
struct Empty {}

/// Nothing in Kith counts here; visits stand in the metadata.
#[derive(Debug, Default, Serialize, ToSchema)]
#[schema(as = ProfileStats)]
#[serde(deny_unknown_fields)]
pub(super) struct Stats {
    visits: u64,
    views: u64,
    counters: Empty,
}
