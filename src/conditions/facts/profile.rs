//! Facts of a person, as rules and audiences see them.

use std::borrow::Cow;

use serde_json::{Number, Value};

use super::Fact;
use crate::model::{Id, Map, Path, Profile, Shown};

/// What is at this place of a profile, as its document has it, also where nobody has said anything. Nothing is
/// made a document to be looked at.
#[must_use]
pub fn of_profile<'a>(profile: &'a Profile, path: &Path) -> Fact<'a> {
    let Some((first, within)) = path.split_first() else { return Fact::Missing };
    match first {
        "data" => shown(first, &profile.data, &within),
        "traits" => below(&profile.traits, &within),
        "aux" => shown(first, &profile.aux, &within),
        "consents" => below(&profile.consents, &within),
        // Flat: a dot in a name is a dot.
        "interests" if within.steps().len() > 1 => {
            profile.interests.get(&within.to_string()).map_or(Fact::Missing, Fact::from)
        }
        "interests" => below(&profile.interests, &within),
        "segments" => of_segments(&profile.segments),
        "ids" => texts(profile.ids.iter().map(Id::as_str)),
        "id" => profile.id.as_str().into(),
        "primary_id" => profile.primary_id.as_deref().map_or(Fact::Null, Fact::from),
        "active" => Fact::Truth(true),
        "metadata" => of_metadata(profile, &within.to_string()),
        _ => Fact::Missing,
    }
}

/// Whether anybody has said what is at this place: what a document has by itself, nobody has.
#[must_use]
pub fn is_said(profile: &Profile, path: &Path) -> bool {
    let Some((first, within)) = path.split_first() else { return false };
    let of = |map: &Map| within.steps().is_empty() || within.get(map).is_some();
    match first {
        "data" => of(&profile.data),
        "aux" => of(&profile.aux),
        "primary_id" | "metadata" => {
            !matches!(of_profile(profile, path), Fact::Missing | Fact::Null)
        }
        _ => !matches!(of_profile(profile, path), Fact::Missing),
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
        "time.update" => profile.updated.map_or(Fact::Null, Fact::from),
        "time.visit.last" => profile.visits.last.map_or(Fact::Null, Fact::from),
        "time.visit.current" => profile.visits.current.map_or(Fact::Null, Fact::from),
        "time.visit.count" => Fact::Number((&Number::from(profile.visits.count)).into()),
        "time.visit.tz" => profile.visits.timezone.as_deref().map_or(Fact::Null, Fact::from),
        _ => Fact::Missing,
    }
}

/// Of a part that the document fills by itself.
fn shown<'a>(root: &str, map: &'a Map, within: &Path) -> Fact<'a> {
    match Shown::at(root, map, within) {
        Shown { unset: Some(Value::Object(unset)), said: Some(Value::Object(said)) } => {
            Fact::Object { is_empty: said.is_empty() && unset.is_empty() }
        }
        Shown { said, unset } => said.or(unset).map_or(Fact::Missing, Fact::from),
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

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::model::{ProfileId, Time};

    #[track_caller]
    fn check(profile: &Profile, place: &str, shown: &str, said: bool) {
        let path = Path::parse(place).unwrap();
        let fact = of_profile(profile, &path);
        assert_eq!(
            (format!("{fact:?}").as_str(), is_said(profile, &path)),
            (shown, said),
            "{place}"
        );
    }

    #[test]
    fn what_nobody_has_said_is_as_the_document_has_it() {
        let nobody = Profile::new(ProfileId::new("p"), Time::default());
        for (place, shown) in [
            ("data.metrics.ltv", "Number(Whole(0))"),
            ("data.loyalty.card.points", "Number(Whole(0))"),
            ("data.contact.email.main", "Null"),
            ("data.preferences.colors", "List([])"),
            ("data.contact.email", "Object { is_empty: false }"),
            ("data.contact.app.other", "Object { is_empty: true }"),
            ("aux.geo.continent", "Null"),
            ("primary_id", "Null"),
            ("metadata.time.visit.last", "Null"),
            ("data.metrics.orders.EUR.value", "Missing"),
            ("data.metrics.custom.a", "Missing"),
            ("traits.plan", "Missing"),
        ] {
            check(&nobody, place, shown, false);
        }
        check(&nobody, "data", "Object { is_empty: false }", true);
        check(&nobody, "traits", "Object { is_empty: true }", true);
        let mut somebody = nobody;
        let data = json!({"metrics": {"ltv": null, "ltcosc": 1}, "job": "none", "contact": {}});
        somebody.data = data.as_object().cloned().unwrap();
        check(&somebody, "data.metrics.ltv", "Null", true);
        check(&somebody, "data.metrics.ltcosc", "Number(Whole(1))", true);
        check(&somebody, "data.metrics.ltcocc", "Number(Whole(0))", false);
        check(&somebody, "data.contact", "Object { is_empty: false }", true);
        check(&somebody, "data.job.position", "Missing", false);
    }
}
