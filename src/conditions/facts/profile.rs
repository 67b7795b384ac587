//! Facts of a person, as rules and audiences see them.

use std::borrow::Cow;

use serde_json::{Number, Value};

use super::Fact;
use crate::model::{Id, Map, Path, Profile};

/// What is at this place of a profile, as its document has it. Nothing is made a document to be looked at.
#[must_use]
pub fn of_profile<'a>(profile: &'a Profile, path: &Path) -> Fact<'a> {
    let Some((first, within)) = path.split_first() else { return Fact::Missing };
    match first {
        "data" => below(&profile.data, &within),
        "traits" => below(&profile.traits, &within),
        "aux" => below(&profile.aux, &within),
        "consents" => below(&profile.consents, &within),
        // Flat: a dot in a name is a dot.
        "interests" if within.steps().len() > 1 => {
            profile.interests.get(&within.to_string()).map_or(Fact::Missing, Fact::from)
        }
        "interests" => below(&profile.interests, &within),
        "segments" => of_segments(&profile.segments),
        "ids" => texts(profile.ids.iter().map(Id::as_str)),
        "id" => profile.id.as_str().into(),
        "primary_id" => profile.primary_id.as_deref().into(),
        "active" => Fact::Truth(true),
        "metadata" => of_metadata(profile, &within.to_string()),
        _ => Fact::Missing,
    }
}

/// What stands at `segments` of a profile that has these.
#[must_use]
pub fn of_segments<'a>(segments: &[String]) -> Fact<'a> {
    texts(segments.iter().map(String::as_str))
}

fn of_metadata<'a>(profile: &'a Profile, path: &str) -> Fact<'a> {
    match path {
        "time.insert" => profile.created.into(),
        "time.update" => profile.updated.into(),
        "time.visit.last" => profile.visits.last.into(),
        "time.visit.current" => profile.visits.current.into(),
        "time.visit.count" => Fact::Number((&Number::from(profile.visits.count)).into()),
        "time.visit.tz" => profile.visits.timezone.as_deref().into(),
        _ => Fact::Missing,
    }
}

fn below<'a>(map: &'a Map, within: &Path) -> Fact<'a> {
    match within.steps() {
        [] => Fact::Object { is_empty: map.is_empty() },
        _ => within.get(map).map_or(Fact::Missing, Fact::from),
    }
}

fn texts<'a, 'b>(texts: impl Iterator<Item = &'b str>) -> Fact<'a> {
    Fact::List(Cow::Owned(texts.map(Value::from).collect()))
}
