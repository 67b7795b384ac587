//! What a source hears of the person it has sent for, as they stand after what it has sent.

use std::collections::BTreeMap;

use serde::Serialize;
use serde_json::Value;
use utoipa::ToSchema;

use crate::app::App;
use crate::audiences::Rules;
use crate::model::{HIDDEN, Masking, Path, Profile, Shown, Step, Time};
use crate::response::Heard;

/// Audiences and traits that the source may hear of.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = ProfileView)]
#[serde(deny_unknown_fields)]
pub(crate) struct View {
    /// The audiences that the person is in, of those that the source hears of, sorted.
    audiences: Vec<String>,
    /// What stands at each place that the source hears of; those where nothing does are left out.
    #[schema(value_type = BTreeMap<String, Value>)]
    traits: BTreeMap<String, Value>,
}

impl View {
    pub(in crate::http) fn of(heard: &Heard, app: &App, now: Time) -> Self {
        let snapshot = app.registry.now();
        let rules = snapshot.audiences().map(AsRef::as_ref);
        let (view, profile) = (&heard.source.profile_view, &heard.profile);
        let audiences = profile.audiences.keys().filter(|id| view.has(id));
        let traits = view.traits.iter().filter_map(|path| {
            Some((path.to_string(), value(path, profile, (rules, now), &app.masking)?))
        });
        Self { audiences: audiences.map(ToString::to_string).collect(), traits: traits.collect() }
    }
}

/// What stands there. Whoever sends may be anybody: what strangers do not see is masked.
fn value(
    path: &Path,
    profile: &Profile,
    (rules, now): (Option<&Rules>, Time),
    masking: &Masking,
) -> Option<Value> {
    let (root, below) = path.split_first()?;
    let map = match root {
        "computed" => {
            let (name, within) = below.split_first()?;
            return inside(rules?.shown(name, profile, now, masking)?, &within);
        }
        "segments" if masking.covers(root, &below) => return Some(HIDDEN.into()),
        "segments" => return Some(profile.segments.clone().into()),
        "traits" => &profile.traits,
        "data" => &profile.data,
        "aux" => &profile.aux,
        "consents" => &profile.consents,
        "interests" => &profile.interests,
        _ => return None,
    };
    below.steps().first()?;
    // Flat: a dot in the name of an interest is a dot.
    let value = if root == "interests" {
        map.get(&flat(&below)).cloned()
    } else {
        Shown::at(root, map, &below).document()
    };
    let value = value.filter(|value| !value.is_null())?;
    Some(if masking.covers(root, &below) { HIDDEN.into() } else { value })
}

/// What is named within something that is computed: it hears of that alone. What is hidden has nothing in it.
fn inside(value: Value, within: &Path) -> Option<Value> {
    if within.steps().is_empty() || value == HIDDEN {
        return Some(value);
    }
    let Value::Object(mut all) = value else { return None };
    all.remove(&flat(within))
}

fn flat(path: &Path) -> String {
    let keys: Vec<&str> = path.steps().iter().map(Step::key).collect();
    keys.join(".")
}
