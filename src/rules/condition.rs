//! Conditions of rules: read once, held against the event at work and whom it is about.

use std::borrow::Cow;
use std::sync::Arc;

use serde_json::{Number, Value};

use crate::conditions::{
    Condition, Fact, Facts, Invalid, Language, OfEvent, Place, Root, Tree, parse,
};
use crate::model::{Id, Map, Met, Path, Profile, Session, Time, When};

/// The condition that a rule's text means; none of an empty one, which always holds.
///
/// # Errors
/// [`Invalid`], with the place in the text.
pub fn condition(text: &str) -> Result<Option<Arc<dyn When>>, Invalid> {
    if text.trim().is_empty() {
        return Ok(None);
    }
    let condition = parse(Language::Rules, text)?;
    Ok(Some(Arc::new(Read(condition))))
}

/// The same of a rule that is asked before anybody knows whom the event is about: it may speak of the
/// event alone.
///
/// # Errors
/// [`Invalid`], with the place in the text.
pub fn condition_of_event(text: &str) -> Result<Option<Condition>, Invalid> {
    if text.trim().is_empty() {
        return Ok(None);
    }
    let condition = parse(Language::Rules, text)?;
    match places(&condition.tree).into_iter().find(|place| place.root != Root::Event) {
        Some(other) => {
            let (root, path) = (other.root.as_str(), &other.path);
            Err(Invalid(format!("{root}@{path} is not known yet: only event@ may be asked here")))
        }
        None => Ok(Some(condition)),
    }
}

/// All that a tree speaks of.
fn places(tree: &Tree) -> Vec<&Place> {
    let mut places = Vec::new();
    tree.each_leaf(&mut |leaf| {
        if let Tree::Test(test) = leaf {
            places.extend(test.operands().map(|operand| &operand.place));
        }
    });
    places
}

#[derive(Debug)]
struct Read(Condition);

impl When for Read {
    fn holds(&self, met: &Met<'_>) -> bool {
        let others =
            Around { profile: met.profile, session: met.session, now: met.event.received_at };
        self.0.holds(&OfEvent { event: met.event, others })
    }
}

/// The person and the visit, as the rules see them: nothing is made a document to be looked at.
/// `now()` is when the event was received, so that folding it again decides the same.
#[derive(Clone, Copy)]
struct Around<'a> {
    profile: Option<&'a Profile>,
    session: Option<&'a Session>,
    now: Time,
}

impl Facts for Around<'_> {
    fn at<'a>(&'a self, place: &Place) -> Fact<'a> {
        let found = match place.root {
            Root::Profile => self.profile.map(|profile| of_profile(profile, &place.path)),
            Root::Session => self.session.map(|session| of_session(session, &place.path)),
            Root::Event | Root::Payload => None,
        };
        found.unwrap_or(Fact::Missing)
    }

    fn now(&self) -> Time {
        self.now
    }
}

fn of_profile<'a>(profile: &'a Profile, path: &Path) -> Fact<'a> {
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
        "segments" => texts(profile.segments.iter().map(String::as_str)),
        "ids" => texts(profile.ids.iter().map(Id::as_str)),
        "id" => profile.id.as_str().into(),
        "primary_id" => profile.primary_id.as_deref().into(),
        "metadata" => of_metadata(profile, &within.to_string()),
        _ => Fact::Missing,
    }
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

fn of_session<'a>(session: &'a Session, path: &Path) -> Fact<'a> {
    let Some((first, within)) = path.split_first() else { return Fact::Missing };
    let json = match first {
        "context" => &session.context,
        "properties" => &session.properties,
        "id" => return session.id.as_str().into(),
        _ => return Fact::Missing,
    };
    owned(within.get(&json.read()))
}

/// A fact of what is gone when it is told.
fn owned<'a>(value: Option<&Value>) -> Fact<'a> {
    match value {
        None => Fact::Missing,
        Some(Value::Null) => Fact::Null,
        Some(Value::Bool(truth)) => Fact::Truth(*truth),
        Some(Value::Number(number)) => Fact::Number(number.into()),
        Some(Value::String(text)) => Fact::Text(Cow::Owned(text.clone())),
        Some(Value::Array(list)) => Fact::List(Cow::Owned(list.clone())),
        Some(Value::Object(map)) => Fact::Object { is_empty: map.is_empty() },
    }
}

fn below<'a>(map: &'a Map, within: &Path) -> Fact<'a> {
    match within.steps() {
        [] => Fact::Object { is_empty: map.is_empty() },
        _ => within.get(map).map_or(Fact::Missing, Fact::from),
    }
}

fn texts<'a>(texts: impl Iterator<Item = &'a str>) -> Fact<'a> {
    Fact::List(Cow::Owned(texts.map(Value::from).collect()))
}
