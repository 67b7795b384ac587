//! What every kind of configuration says of itself.

use std::borrow::Cow;
use std::collections::BTreeSet;
use std::sync::Arc;

use serde::Serialize;
use serde::de::DeserializeOwned;

use super::Snapshot;

/// Something that administrators set up. It has an id among those of its kind.
pub trait Entity: Clone + Send + Sync + Sized + 'static {
    /// The kind's name: in the database, in the audit log, in addresses.
    const KIND: &'static str;

    /// As it is stored; its keys are a promise to those who read the tables. Often the type itself.
    type Body: Serialize + DeserializeOwned;

    /// Its id.
    fn id(&self) -> &str;

    /// How an id is looked for that is not found as it was written.
    #[must_use]
    fn normal(id: &str) -> Cow<'_, str> {
        Cow::Borrowed(id)
    }

    /// What is wrong with it, beside `known`, which has all other entities. What it refers to is
    /// looked for by itself.
    ///
    /// # Errors
    /// The place, and a sentence.
    fn check(&self, known: &Snapshot) -> Result<(), Misfit>;

    /// Whether what is new in it fits: what was the same `before` is stored again as it is, whatever is asked by now.
    ///
    /// # Errors
    /// [`Misfit`], with the place.
    fn check_new(&self, _before: Option<&Self>) -> Result<(), Misfit> {
        Ok(())
    }

    /// The condition that somebody has written, if it has one: what it looks at must be there.
    fn condition(&self) -> Option<Written<'_>> {
        None
    }

    /// The formula that somebody has written, if it has one. The same.
    fn formula(&self) -> Option<&str> {
        None
    }

    /// The entities that it needs.
    fn refers_to(&self) -> Vec<Reference> {
        Vec::new()
    }

    /// The lists of people that it needs: they lie beside the configuration.
    fn lists(&self) -> BTreeSet<String> {
        BTreeSet::new()
    }

    /// The version that somebody wrote, where the server alone has changed it since then. Whoever has seen that
    /// one has seen everything that anybody has said.
    fn written(&self) -> Option<i64> {
        None
    }

    /// As somebody writes it with this version of the configuration, instead of what is there: how far the server is
    /// with that, nobody writes.
    #[must_use]
    fn written_in(self, _version: i64, _before: Option<&Self>) -> Self {
        self
    }

    /// What it says of places of events and people, each whole, as rules name them: `properties.card`, also where it is
    /// stored by what is below. Whoever may not see such a place stores nothing that names it. None where what it says
    /// is answered by what whoever looks may see, whoever has written it.
    fn named(&self) -> Option<serde_json::Value>;

    /// As stored.
    fn to_body(&self) -> Self::Body;

    /// From the row with this id.
    fn from_body(id: String, body: Self::Body) -> Self;
}

/// All that an entity says, as it is stored.
pub(crate) fn said<T: Entity>(entity: &T) -> serde_json::Value {
    serde_json::to_value(entity.to_body()).unwrap_or_default()
}

/// A condition, as it was written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Written<'a> {
    /// The field.
    pub place: &'static str,
    /// What it says; empty where there is none.
    pub text: &'a str,
    /// It is about people, of whom more is known than rules are told.
    pub of_people: bool,
}

/// An entity that is stored.
#[derive(Debug)]
pub struct Stored<T> {
    /// It.
    pub entity: Arc<T>,
    /// The configuration's version with which it became what it is.
    pub version: i64,
}

impl<T: Entity> Stored<T> {
    /// The version that people know: of what somebody has said. How far the server is with that makes another of
    /// the row, and no other rule.
    pub fn said(&self) -> i64 {
        self.entity.written().unwrap_or(self.version)
    }
}

impl<T> Clone for Stored<T> {
    fn clone(&self) -> Self {
        Self { entity: Arc::clone(&self.entity), version: self.version }
    }
}

/// What is wrong with an entity.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Misfit {
    /// The field, as the wire has it: `source.id`.
    pub place: &'static str,
    /// What is wanted there; never what was sent.
    pub wanted: String,
}

impl Misfit {
    /// A field and what is wanted there.
    pub fn new(place: &'static str, wanted: impl Into<String>) -> Self {
        Self { place, wanted: wanted.into() }
    }
}

impl std::fmt::Display for Misfit {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} {}", self.place, self.wanted)
    }
}

/// A kind, for people.
pub(super) fn in_words(kind: &str) -> String {
    kind.replace('_', " ")
}

/// An entity that another one needs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reference {
    /// Its kind.
    pub kind: &'static str,
    /// Its id.
    pub id: String,
    /// The field that says so, as the wire has it.
    pub place: &'static str,
}

impl Reference {
    /// To the entity of kind `T` with this id.
    pub fn to<T: Entity>(id: impl Into<String>, place: &'static str) -> Self {
        Self { kind: T::KIND, id: id.into(), place }
    }

    /// There is none of this id.
    #[must_use]
    pub fn dangles(&self) -> Misfit {
        let article = if self.kind.starts_with(['a', 'e', 'i', 'o', 'u']) { "an" } else { "a" };
        let wanted = format!("must name {article} {} that exists", in_words(self.kind));
        Misfit::new(self.place, wanted)
    }
}
