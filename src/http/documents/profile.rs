//! The profile document (docs/wire.md §4.5).

use serde_json::json;

use super::lay_over;
use super::profile_parts::{Metadata, ProfileDocument, Stats};
use crate::conditions::DATA_TREE;
use crate::model::Profile;

/// The whole profile.
#[must_use]
pub(crate) fn profile(profile: &Profile) -> ProfileDocument {
    let mut data = DATA_TREE.clone();
    lay_over(&mut data, &profile.data);
    let mut aux = json!({"geo": {"markets": [], "continent": null}, "email": {"free": null}});
    lay_over(&mut aux, &profile.aux);
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
        aux,
        data,
        computed: std::collections::BTreeMap::new(),
        saved: None,
        view: None,
    }
}

#[cfg(test)]
mod tests {
    use crate::conditions::DATA_TREE;
    use crate::model::{Map, Place};

    /// Every place of the document below `place`, branches too.
    fn all(place: &str, below: &Map, found: &mut Vec<(String, bool)>) {
        for (key, value) in below {
            let place = format!("{place}.{key}");
            found.push((place.clone(), value.is_object()));
            if let Some(below) = value.as_object() {
                all(&place, below, found);
            }
        }
    }

    #[test]
    fn the_document_has_the_places_that_the_fixed_tree_has() {
        let mut found = Vec::new();
        all("data", DATA_TREE.as_object().unwrap(), &mut found);
        for (place, is_branch) in &found {
            let known = Place::of(place);
            assert_eq!(known == Place::Branch, *is_branch, "{place}");
            assert!(*is_branch || matches!(known, Place::Leaf(_) | Place::Reckoned), "{place}");
        }
        let in_data = crate::model::fixed_tree::places().filter(|place| place.starts_with("data."));
        for place in in_data {
            assert!(found.iter().any(|(known, _)| known == place), "{place}");
        }
    }
}
