//! Conditions of rules: read once, held against the event at work and whom it is about.

use std::borrow::Cow;
use std::sync::Arc;

use serde_json::Value;

use super::sent::check_sent;
use crate::conditions::{
    Around, Condition, Fact, Facts, Invalid, Language, OfEvent, Place, Root, Tree, check_names,
    is_said, of_profile, parse, parse_of_people,
};
use crate::model::{Map, Met, Path, Profile, Session, Time, When};

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

/// Refuses such a condition also where it asks for what is made of the event only later: it would never hold, or
/// always. What there never is, is for [`check_written`] to say; one that cannot be read says nothing here.
///
/// # Errors
/// [`Invalid`], with the place.
pub fn check_of_event(text: &str) -> Result<(), Invalid> {
    let Ok(Some(condition)) = condition_of_event(text) else { return Ok(()) };
    let known = places(&condition.tree).into_iter().filter(|place| place.column.is_some());
    known.map(|place| &place.path).try_for_each(check_sent)
}

/// Refuses a condition that looks at what cannot be there, or at what is hardly meant, or at a time or a range that
/// ends before it begins, of rules or else about people: it would never hold. One that cannot be read says nothing
/// here.
///
/// # Errors
/// [`Invalid`], with the place, and the one that was meant.
pub fn check_written(
    text: &str,
    of_people: bool,
    is_written: &dyn Fn(&Path) -> bool,
) -> Result<(), Invalid> {
    let read = if of_people { parse_of_people(text) } else { parse(Language::Rules, text) };
    let Ok(condition) = read else { return Ok(()) };
    check_names(text)?;
    condition.check_ranges()?;
    condition.check_places(Around { of_people, is_written })
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
            Beside { profile: met.profile, session: met.session, now: met.event.received_at };
        self.0.holds(&OfEvent { event: met.event, others })
    }
}

/// The person and the visit, as the rules see them: nothing is made a document to be looked at.
/// `now()` is when the event was received, so that folding it again decides the same.
#[derive(Clone, Copy)]
struct Beside<'a> {
    profile: Option<&'a Profile>,
    session: Option<&'a Session>,
    now: Time,
}

impl Facts for Beside<'_> {
    fn at<'a>(&'a self, place: &Place) -> Fact<'a> {
        let found = match place.root {
            Root::Profile => self.profile.map(|profile| of_profile(profile, &place.path)),
            Root::Session => {
                self.session.map(|one| of_session(one, &place.path, Session::context_shown))
            }
            Root::Event | Root::Payload => None,
        };
        found.unwrap_or(Fact::Missing)
    }

    fn now(&self) -> Time {
        self.now
    }

    fn is_said(&self, place: &Place) -> bool {
        match (place.root, self.profile, self.session) {
            (Root::Profile, Some(profile), _) => is_said(profile, &place.path),
            (Root::Session, _, Some(session)) => {
                let said = of_session(session, &place.path, Session::context_said);
                !matches!(said, Fact::Missing)
            }
            _ => !matches!(self.at(place), Fact::Missing),
        }
    }
}

/// What is at this place of a visit, given what is taken for its context.
fn of_session<'a>(
    session: &'a Session,
    path: &Path,
    context: impl Fn(&Session) -> Map,
) -> Fact<'a> {
    let Some((first, within)) = path.split_first() else { return Fact::Missing };
    match first {
        "context" => owned(within.get(&context(session))),
        "properties" => owned(within.get(&session.properties.read())),
        "id" => session.id.as_str().into(),
        _ => Fact::Missing,
    }
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
