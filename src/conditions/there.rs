//! Whether a condition can hold at all: what looks at what cannot be there never would.

use super::names::names_of_events;
use super::{Condition, Invalid, Place, Root, Tree, ranges};
use crate::events::{COLUMNS, Kind};
use crate::model::{Path, Place as Data, Step, fixed_tree};
use crate::suggestion::nearest;

/// Parts of a person with names of anybody's own.
const FREE: [&str; 4] = ["traits", "aux", "interests", "consents"];
/// Parts of a person that are one value, or a list.
const WHOLE: [&str; 5] = ["id", "primary_id", "ids", "segments", "active"];
/// What is below a person's `metadata`.
const METADATA: [&str; 6] = [
    "metadata.time.insert",
    "metadata.time.update",
    "metadata.time.visit.last",
    "metadata.time.visit.current",
    "metadata.time.visit.count",
    "metadata.time.visit.tz",
];
/// What is worked out of a person: only where people are spoken of.
const COMPUTED: &str = "computed";
/// Parts of a visit.
const OF_SESSION: [&str; 2] = ["context", "properties"];

/// Who asks for what is there.
#[derive(Clone, Copy)]
pub struct Around<'a> {
    /// The condition is about people, of whom more is known than rules are told.
    pub of_people: bool,
    /// Whether rules write to this place of a person, besides the fixed ones.
    pub is_written: &'a dyn Fn(&Path) -> bool,
}

impl Condition {
    /// Refuses a condition that looks at what cannot be there. What is counted of events is looked at when it
    /// is read.
    ///
    /// # Errors
    /// [`Invalid`], with the place, and the one that was meant.
    pub fn check_places(&self, around: Around<'_>) -> Result<(), Invalid> {
        let mut strange = None;
        self.tree.each_leaf(&mut |leaf| {
            let Tree::Test(test) = leaf else { return };
            let mut places = test.operands().map(|operand| &operand.place);
            strange = strange.take().or_else(|| places.find_map(|place| around.check(place).err()));
        });
        strange.map_or(Ok(()), Err)
    }

    /// Refuses what somebody did in a time that ends before it begins, and what must be in such a range.
    ///
    /// # Errors
    /// [`Invalid`].
    pub fn check_ranges(&self) -> Result<(), Invalid> {
        ranges::turned(&self.tree).map_or(Ok(()), Err)
    }
}

impl Around<'_> {
    /// Refuses a place that there is not.
    ///
    /// # Errors
    /// [`Invalid`], with the one that was meant.
    pub fn check(&self, place: &Place) -> Result<(), Invalid> {
        if self.has(place) { Ok(()) } else { Err(place.is_not_there(self.of_people)) }
    }

    fn has(&self, place: &Place) -> bool {
        match place.root {
            Root::Event => place.column.is_some(),
            Root::Payload => false,
            Root::Session => {
                let first = place.path.steps().first().map(Step::key);
                first.is_some_and(|first| OF_SESSION.contains(&first))
                    || place.path.to_string() == "id"
            }
            Root::Profile => self.has_of_profile(&place.path),
        }
    }

    fn has_of_profile(&self, path: &Path) -> bool {
        let Some((first, rest)) = path.steps().split_first() else { return false };
        match first.key() {
            "data" => Data::of(&path.to_string()) != Data::Unknown || (self.is_written)(path),
            "metadata" => METADATA.contains(&path.to_string().as_str()),
            COMPUTED => self.of_people && !rest.is_empty(),
            name => FREE.contains(&name) || WHOLE.contains(&name),
        }
    }
}

impl Place {
    /// What is said of a place that there is not: with the one that was meant, if one is like it.
    fn is_not_there(&self, of_people: bool) -> Invalid {
        let (root, path) = (self.root.as_str(), &self.path);
        let meant = self.meant(of_people);
        Invalid(format!("there is no {root}@{path}{}", meant.unwrap_or_default()))
    }

    /// The place that is most like this one, to be said after it.
    pub(super) fn meant(&self, of_people: bool) -> Option<String> {
        let known = self.known(of_people);
        let near = nearest(&self.path.to_string(), known.iter().map(String::as_str))?;
        Some(format!("; did you mean {}@{near}?", self.root.as_str()))
    }

    /// All places of its document; of those with names of anybody's own, with the names that it has.
    fn known(&self, of_people: bool) -> Vec<String> {
        let path = self.path.to_string();
        let rest = path.split_once(['.', '[']).map(|(first, _)| &path[first.len()..]);
        let free = |name: &str| format!("{name}{}", rest.unwrap_or_default());
        match self.root {
            Root::Event => {
                let json = COLUMNS.iter().filter(|column| column.kind == Kind::Json);
                let named = names_of_events().map(str::to_owned);
                named.chain(json.map(|column| free(column.name))).collect()
            }
            Root::Profile => {
                let fixed = WHOLE.iter().chain(&METADATA).map(|name| (*name).to_owned());
                let computed = of_people.then_some(COMPUTED);
                let free = FREE.into_iter().chain(computed).map(free);
                let data = fixed_tree::known().filter(|place| place.starts_with("data."));
                fixed.chain(free).chain(data.map(str::to_owned)).collect()
            }
            Root::Session => OF_SESSION.map(free).into_iter().chain(["id".to_owned()]).collect(),
            Root::Payload => Vec::new(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::conditions::{Fact, Language, of_profile, parse, parse_of_people, place};
    use crate::model::{Profile, ProfileId, Time};

    #[track_caller]
    fn check(text: &str, said: Option<&str>) {
        let (rule, people) = (parse(Language::Rules, text), parse_of_people(text));
        let is_written = |path: &Path| path.to_string() == "data.shoes";
        for (condition, of_people) in [(rule, false), (people, true)] {
            let found =
                condition.unwrap().check_places(Around { of_people, is_written: &is_written });
            assert_eq!(found.err().map(|why| why.0).as_deref(), said, "{text}");
        }
    }

    #[test]
    fn what_can_be_there_is_let_in() {
        for place in [
            "event@properties.a",
            "event@type",
            "event@utm.source",
            "event@device.geo.city",
            "session@context.a",
            "session@properties.a.b",
            "session@id",
            "profile@id",
            "profile@traits.plan",
            "profile@data.contact.email.main",
            "profile@data.shoes",
            "profile@data.metrics.custom.a",
            "profile@data.metrics.orders.EUR.value",
            "profile@data.preferences.colors",
            "profile@consents.ads",
            "profile@interests.a.b",
            "profile@metadata.time.visit.count",
            "profile@aux.x",
        ] {
            check(&format!("{place} = 1"), None);
        }
    }

    #[test]
    fn what_cannot_be_there_is_refused_with_what_was_meant() {
        for (place, meant) in [
            ("profile@trait.plan", "profile@traits.plan"),
            ("profile@data.contact.emial.main", "profile@data.contact.email.main"),
            ("event@propertis.a", "event@properties.a"),
            ("event@utm.sorce", "event@utm.source"),
            ("session@contxt.typ", "session@context.typ"),
        ] {
            let said = format!("there is no {place}; did you mean {meant}?");
            check(&format!("profile@id = \"a\" OR {place} = 1"), Some(&said));
        }
        check("payload@a.b EXISTS", Some("there is no payload@a.b"));
    }

    #[test]
    fn what_is_computed_is_only_known_of_people() {
        let is_written = |_: &Path| false;
        let text = "profile@computed.spent > 5";
        let of = |condition: Condition, of_people| {
            condition.check_places(Around { of_people, is_written: &is_written }).is_ok()
        };
        assert!(of(parse_of_people(text).unwrap(), true));
        assert!(!of(parse(Language::Rules, text).unwrap(), false));
    }

    #[test]
    fn all_that_is_named_here_is_there() {
        let mut profile = Profile::new(ProfileId::new("p"), Time::default());
        profile.primary_id = Some("k".into());
        profile.updated = Some(Time::default());
        profile.visits.last = Some(Time::default());
        profile.visits.current = Some(Time::default());
        profile.visits.timezone = Some("UTC".into());
        for name in METADATA.iter().chain(&WHOLE) {
            let place = place(Language::Rules, &format!("profile@{name}")).unwrap();
            let fact = of_profile(&profile, &place.path);
            assert!(!matches!(fact, Fact::Missing), "{name}");
        }
    }
}
