//! A company's own mappings into the profile, ready to be applied.

use std::fmt::Debug;
use std::sync::Arc;

use serde_json::Value;

use super::{Event, Keeps, NoPath, Path, Place, Profile, Session, Takes};

/// What holds of an event and whom it is about, or does not. A trait, since how conditions are
/// written is nothing that nouns know.
pub trait When: Debug + Send + Sync {
    /// Whether it does.
    fn holds(&self, met: &Met<'_>) -> bool;
}

/// What a condition of a rule is held against, as it is before the rule.
#[derive(Clone, Copy, Debug)]
pub struct Met<'a> {
    /// The event.
    pub event: &'a Event,
    /// The person, if anybody is behind it.
    pub profile: Option<&'a Profile>,
    /// The visit.
    pub session: Option<&'a Session>,
}

/// What events of one type write into the profile besides what Kith does by itself.
#[derive(Clone, Debug)]
pub struct Mapping {
    /// Of the rule.
    pub id: String,
    /// When it is applied; always, without one.
    pub when: Option<Arc<dyn When>>,
    /// In this order.
    pub changes: Vec<Mapped>,
}

/// One change by a mapping.
#[derive(Clone, Debug, PartialEq)]
pub struct Mapped {
    /// Where to.
    pub to: MapsTo,
    /// How.
    pub way: Way,
    /// What.
    pub from: MapsFrom,
}

/// A place of the profile that rules may write.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MapsTo {
    /// Which part.
    pub part: Part,
    /// Where in there; of interests the whole rest is the name.
    pub path: Path,
    /// The whole place, as `metadata.fields` has it: `traits.plan`.
    pub place: String,
}

/// Parts of the profile that rules may write. The others follow from events by themselves.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Part {
    /// The fixed tree.
    Data,
    /// Free.
    Traits,
    /// Names and their weights.
    Interests,
    /// Beside the data.
    Aux,
}

/// Where a value comes from.
#[derive(Clone, Debug, PartialEq)]
pub enum MapsFrom {
    /// Out of the rule.
    Literal(Value),
    /// Out of the event's properties.
    Properties(Path),
    /// Out of its context.
    Context(Path),
    /// Out of what its type has copied there.
    Traits(Path),
    /// Out of what its type has copied there.
    Data(Path),
    /// Its type.
    Kind,
    /// Its id.
    Id,
    /// Who sent it.
    Source,
    /// The visit.
    Session,
    /// When it happened.
    Time,
}

/// How a value goes to its place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Way {
    /// Takes its place.
    Set,
    /// The same, where there is nothing yet.
    SetIfMissing,
    /// A list takes what it does not have; a single value becomes a list.
    Append,
    /// A list loses it; anything else goes.
    Remove,
    /// A number takes it on top; without a value, 1.
    Increment,
    /// The least stays: of numbers, or of times.
    Min,
    /// The greatest stays.
    Max,
    /// That of the earliest event stays, whenever it comes.
    First,
    /// That of the latest event stays.
    Last,
}

impl Way {
    /// All of them, as they are written. The first three are what the reference has.
    pub const ALL: [(Self, &'static str); 9] = [
        (Self::Set, "set"),
        (Self::SetIfMissing, "set_if_missing"),
        (Self::Append, "append"),
        (Self::Remove, "remove"),
        (Self::Increment, "increment"),
        (Self::Min, "min"),
        (Self::Max, "max"),
        (Self::First, "first"),
        (Self::Last, "last"),
    ];

    /// As it is written.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        Self::ALL.iter().find(|(way, _)| *way == self).map_or("set", |(_, name)| name)
    }

    /// The way of this name, or of one of the reference's.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        match name {
            "equal" | "equals" => Some(Self::Set),
            "equals_if_not_exists" | "equals-if-not-exists" => Some(Self::SetIfMissing),
            _ => Self::ALL.iter().find(|(_, known)| *known == name).map(|(way, _)| *way),
        }
    }

    /// The way that the reference has under this number.
    #[must_use]
    pub fn numbered(number: u64) -> Option<Self> {
        [Self::Set, Self::SetIfMissing, Self::Append].get(usize::try_from(number).ok()?).copied()
    }

    /// Why it cannot be done at such a place; none where it can.
    fn why_not_at(self, place: Place) -> Option<&'static str> {
        match (self, place) {
            (Self::Append, place) if place.is_single() => Some("it takes a single value"),
            (
                Self::Increment,
                Place::Leaf(Takes::Text | Takes::TextOrList | Takes::Texts | Takes::List),
            ) => Some("it takes no number"),
            (Self::Min | Self::Max, Place::Leaf(Takes::Texts | Takes::List)) => {
                Some("it takes a list")
            }
            _ => None,
        }
    }

    /// Which of two values is right, should two people turn out to be one.
    #[must_use]
    pub fn keeps(self) -> Keeps {
        match self {
            Self::Increment => Keeps::Sum,
            Self::Min => Keeps::Least,
            Self::Max => Keeps::Greatest,
            Self::First => Keeps::Earliest,
            Self::Set | Self::SetIfMissing | Self::Append | Self::Remove | Self::Last => {
                Keeps::Latest
            }
        }
    }
}

impl Part {
    /// All of them, as they are written.
    pub const ALL: [(Self, &'static str); 4] = [
        (Self::Data, "data"),
        (Self::Traits, "traits"),
        (Self::Interests, "interests"),
        (Self::Aux, "aux"),
    ];
}

impl MapsTo {
    /// Reads `data.contact.email.main`, with or without `profile@`; none of what rules may not write.
    #[must_use]
    pub fn read(text: &str) -> Option<Self> {
        let text = text.trim();
        let text = text.strip_prefix("profile@").unwrap_or(text);
        let (first, path) =
            Path::parse(text).ok()?.split_first().map(|(k, p)| (k.to_owned(), p))?;
        let (part, name) = Part::ALL.into_iter().find(|(_, name)| *name == first)?;
        if path.steps().is_empty() {
            return None;
        }
        // A dot in an interest's name is a dot.
        let place = match part {
            Part::Interests => text.to_owned(),
            Part::Data | Part::Traits | Part::Aux => path.written_below(name),
        };
        Some(Self { part, path, place })
    }

    /// What there is.
    #[must_use]
    pub fn at(&self) -> Place {
        Place::of(&self.place)
    }

    /// Why nothing can be written there in this way; none where something can.
    #[must_use]
    pub fn why_not(&self, way: Way) -> Option<&'static str> {
        let makes_list = self.part == Part::Interests && way == Way::Append;
        let why = self.at().why_not().or_else(|| way.why_not_at(self.at()));
        why.or(makes_list.then_some("an interest is a number"))
    }

    /// The name, of an interest.
    #[must_use]
    pub fn interest(&self) -> &str {
        self.place.strip_prefix("interests.").unwrap_or(&self.place)
    }
}

impl MapsFrom {
    /// The value itself, where it is one.
    #[must_use]
    pub fn value(&self) -> Option<&Value> {
        if let Self::Literal(value) = self { Some(value) } else { None }
    }

    /// Reads `properties.price`, with or without `event@`; none of what an event has not, or does not
    /// keep.
    ///
    /// # Errors
    /// What is wrong with the path.
    pub fn read(text: &str) -> Result<Option<Self>, NoPath> {
        let text = text.trim();
        let path = Path::parse(text.strip_prefix("event@").unwrap_or(text))?;
        let Some((first, within)) = path.split_first() else { return Ok(None) };
        let below = |of: fn(Path) -> Self| (!within.steps().is_empty()).then(|| of(within.clone()));
        Ok(match (first, within.to_string().as_str()) {
            ("properties", _) => below(Self::Properties),
            ("context", _) => below(Self::Context),
            ("traits", _) => below(Self::Traits),
            ("data", _) => below(Self::Data),
            ("type", "") => Some(Self::Kind),
            ("id", "") => Some(Self::Id),
            ("source", "id") => Some(Self::Source),
            ("session", "id") => Some(Self::Session),
            ("metadata", "time.insert" | "time.create") | ("time", "") => Some(Self::Time),
            _ => None,
        })
    }
}

impl std::fmt::Display for MapsFrom {
    /// As it is read; of a value, its JSON.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Literal(value) => write!(f, "{value}"),
            Self::Properties(path) => f.write_str(&path.written_below("properties")),
            Self::Context(path) => f.write_str(&path.written_below("context")),
            Self::Traits(path) => f.write_str(&path.written_below("traits")),
            Self::Data(path) => f.write_str(&path.written_below("data")),
            Self::Kind => f.write_str("type"),
            Self::Id => f.write_str("id"),
            Self::Source => f.write_str("source.id"),
            Self::Session => f.write_str("session.id"),
            Self::Time => f.write_str("metadata.time.insert"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_rules_may_write_is_a_target() {
        let place = |text| MapsTo::read(text).map(|to| to.place);
        assert_eq!(
            place("profile@data.contact.email.main").as_deref(),
            Some("data.contact.email.main")
        );
        assert_eq!(place(" traits[\"first name\"] ").as_deref(), Some("traits[\"first name\"]"));
        assert_eq!(MapsTo::read("interests.sport.ski").unwrap().interest(), "sport.ski");
        for no in ["data", "ids", "segments", "consents.ads", "event@data.x", "", "traits..x", "id"]
        {
            assert_eq!(place(no), None, "{no}");
        }
    }

    #[test]
    fn a_source_is_a_place_of_the_event() {
        let path = |text| Path::parse(text).unwrap();
        for (text, from) in [
            ("event@properties.a.b", Some(MapsFrom::Properties(path("a.b")))),
            ("context.page.url", Some(MapsFrom::Context(path("page.url")))),
            ("type", Some(MapsFrom::Kind)),
            ("event@metadata.time.insert", Some(MapsFrom::Time)),
            ("properties", None),
            ("profile@data.x", None),
            ("ip", None),
        ] {
            assert_eq!(MapsFrom::read(text), Ok(from), "{text}");
        }
        assert!(MapsFrom::read("properties..a").is_err());
    }

    #[test]
    fn the_reference_names_and_numbers_its_operations() {
        assert_eq!((Way::numbered(1), Way::numbered(3)), (Some(Way::SetIfMissing), None));
        assert_eq!(Way::named("equals-if-not-exists"), Some(Way::SetIfMissing));
        assert!(Way::ALL.iter().all(|(way, name)| Way::named(name) == Some(*way)));
        assert_eq!(Way::named("multiply"), None);
    }
}
