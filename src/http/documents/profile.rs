//! The profile document (docs/wire.md §4.5).

use super::profile_parts::{Metadata, ProfileDocument, Stats};
use crate::model::{Profile, document_of};

/// The whole profile.
#[must_use]
pub(crate) fn profile(profile: &Profile) -> ProfileDocument {
    ProfileDocument {
        id: profile.id.to_string(),
        primary_id: profile.primary_id.clone(),
        ids: profile.ids.iter().map(ToString::to_string).collect(),
        metadata: Metadata::of(profile),
        stats: Stats::default(),
        traits: profile.traits.clone(),
        segments: profile.segments.clone(),
        interests: profile.interests.clone(),
        consents: profile.consents.clone(),
        active: true,
        aux: document_of("aux", &profile.aux),
        data: document_of("data", &profile.data),
        computed: std::collections::BTreeMap::new(),
        saved: None,
        view: None,
    }
}
