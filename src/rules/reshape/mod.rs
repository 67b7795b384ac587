//! Reshaping, ready to be done on the threads that take requests: over the event alone.

mod check;
mod rename;
mod split;

pub use check::{check_pointed, check_reshaping};

use std::collections::HashMap;

use serde_json::Value;

use super::template::{self, TooLarge};
use super::{condition_of_event, reshape::split::Splits};
use crate::conditions::{Condition, Documents};
use crate::model::{Assigned, Made, Map, Path, Reshaping, SourceId, Step, Time};

/// Most events that one may become.
pub const PARTS_MAX: usize = 100;

/// Every reshaping that is on.
#[derive(Debug, Default)]
pub struct Reshapes {
    by_type: HashMap<String, Vec<Reshape>>,
}

#[derive(Debug)]
struct Reshape {
    source: Option<SourceId>,
    when: Option<Condition>,
    renames: Vec<(Path, Path)>,
    properties: Option<Map>,
    context: Option<Map>,
    session: Option<Map>,
    assigned: Assigned,
    splits: Option<Splits>,
}

/// What becomes of an event.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Reshaped {
    /// The event, and those that it is split into; at least one.
    pub parts: Vec<Made>,
    /// What the visit's properties have besides.
    pub session: Option<Map>,
    /// The visit's id instead.
    pub session_id: Option<Value>,
    /// The profile's id instead.
    pub profile_id: Option<Value>,
}

/// Why an event cannot be made into others: it stays as it was.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Unmade {
    /// More than there is room for.
    #[error("it would take more than events may take")]
    TooLarge,
    /// More than [`PARTS_MAX`].
    #[error("it would become more than {PARTS_MAX} events")]
    TooMany,
    /// Its type is none.
    #[error("its type would be none")]
    Type,
    /// Objects and lists nest deeper than they may.
    #[error("it would nest too deeply")]
    TooDeep,
    /// What is moved would stand below a value, or behind the end of a list.
    #[error("what is moved would stand where nothing can")]
    NoPlace,
}

impl From<TooLarge> for Unmade {
    fn from(TooLarge: TooLarge) -> Self {
        Self::TooLarge
    }
}

impl Reshapes {
    /// Of those that are on, the lowest order first. What a newer node has stored and this one cannot
    /// read is left out.
    #[must_use]
    pub fn of<'a>(all: impl IntoIterator<Item = &'a Reshaping>) -> Self {
        let mut enabled: Vec<_> = all.into_iter().filter(|one| one.enabled).collect();
        enabled.sort_by_key(|one| (one.order, &one.id));
        let mut by_type: HashMap<String, Vec<Reshape>> = HashMap::new();
        for one in enabled {
            let Some(reshape) = Reshape::of(one) else {
                tracing::warn!(rule = one.id, "a reshaping cannot be read; it is left out");
                continue;
            };
            by_type.entry(one.event_type.clone()).or_default().push(reshape);
        }
        Self { by_type }
    }

    /// Whether events of this type from this source may be reshaped.
    #[must_use]
    pub fn ask(&self, kind: &str, source: &SourceId) -> bool {
        self.by_type.get(kind).is_some_and(|all| all.iter().any(|one| one.is_for(source)))
    }

    /// What becomes of an event, given as a document of what it was sent with; none when it stays as it
    /// is. What it takes is taken from `room`, in bytes.
    ///
    /// # Errors
    /// [`Unmade`].
    pub fn reshape(
        &self,
        (kind, source): (&str, &SourceId),
        event: Map,
        now: Time,
        room: &mut usize,
    ) -> Result<Option<Reshaped>, Unmade> {
        let facts = Documents { event: Some(&event), now, ..Documents::default() };
        let holds = |one: &&Reshape| {
            one.is_for(source) && one.when.as_ref().is_none_or(|when| when.holds(&facts))
        };
        let found = self.by_type.get(kind).into_iter().flatten().find(holds);
        found.map(|one| one.apply(event, room)).transpose()
    }
}

impl Reshape {
    fn of(rule: &Reshaping) -> Option<Self> {
        let renames = rule
            .renames
            .iter()
            .map(|(from, to)| Some((check::renamed(from).ok()?, check::renamed(to).ok()?)));
        let splits = match &rule.split {
            Some(split) => Some(Splits::of(split)?),
            None => None,
        };
        Some(Self {
            source: rule.source.clone(),
            when: condition_of_event(&rule.condition).ok()?,
            renames: renames.collect::<Option<_>>()?,
            properties: rule.properties.clone(),
            context: rule.context.clone(),
            session: rule.session.clone(),
            assigned: rule.assigned.clone(),
            splits,
        })
    }

    fn is_for(&self, source: &SourceId) -> bool {
        self.source.as_ref().is_none_or(|own| own == source)
    }

    fn apply(&self, mut event: Map, room: &mut usize) -> Result<Reshaped, Unmade> {
        let moved = self.rename(&mut event)?;
        let named = |name: &str| event.get(name).cloned().unwrap_or_default();
        let (session, profile) = (named("session"), named("profile"));
        let root = Value::Object(event);
        let roots = [("event", &root), ("session", &session), ("profile", &profile)];
        let mut filled = |template: &Option<Map>, part: &str| -> Result<Option<Map>, Unmade> {
            match template {
                Some(template) => Ok(Some(template::fill_within(template, &roots, room)?)),
                None if moved.contains(&part) => {
                    Ok(root.get(part).and_then(Value::as_object).cloned())
                }
                None => Ok(None),
            }
        };
        let properties = filled(&self.properties, "properties")?;
        let context = filled(&self.context, "context")?;
        let session = filled(&self.session, "")?;
        let mut said = |text: &Option<String>| -> Result<Option<Value>, Unmade> {
            let value = text.as_ref().map(|text| template::text(text, &roots, room)).transpose()?;
            Ok(value.filter(|value| !value.is_null()))
        };
        let Assigned { event_type, session: visit, profile } = &self.assigned;
        let kind = said(event_type)?.map(as_type);
        let (session_id, profile_id) = (said(visit)?, said(profile)?);
        let whole = Made { kind, properties, context, tags: None };
        let parts = match &self.splits {
            Some(splits) => splits.apply(&root, whole, room)?,
            None => vec![whole],
        };
        Ok(Reshaped { parts, session, session_id, profile_id })
    }

    /// Moves what is to be moved; which parts of the event are others now.
    fn rename(&self, event: &mut Map) -> Result<Vec<&str>, Unmade> {
        let mut moved = Vec::new();
        for (from, to) in &self.renames {
            if rename::rename(event, from, to)? {
                let parts = [from, to].into_iter().filter_map(|path| path.steps().first());
                moved.extend(parts.map(Step::key));
            }
        }
        Ok(moved)
    }
}

/// Of what is no text, nothing that can be a type.
fn as_type(value: Value) -> String {
    match value {
        Value::String(text) => text,
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::Array(_) | Value::Object(_) => {
            String::new()
        }
    }
}

#[cfg(test)]
mod tests;
