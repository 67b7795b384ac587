//! The two sets of names, and where they lead.

use std::fmt;

use super::{Invalid, unmeant};
use crate::events::{COLUMNS, Column, Kind};
use crate::model::Path;

/// Where an event's document (docs/wire.md §4.3) names a column otherwise than history does.
const COLUMN_OF: [(&str, &str); 33] = [
    ("source.id", "source_id"),
    ("session.id", "session_id"),
    ("profile.id", "profile_id"),
    ("metadata.time.insert", "time"),
    ("metadata.time.create", "time"),
    ("metadata.time.received", "received_at"),
    ("metadata.channel", "channel"),
    ("metadata.ip", "ip"),
    ("metadata.valid", "valid"),
    ("metadata.debug", "debug"),
    ("metadata.warnings", "warnings"),
    ("utm.source", "utm_source"),
    ("utm.medium", "utm_medium"),
    ("utm.campaign", "utm_campaign"),
    ("utm.term", "utm_term"),
    ("utm.content", "utm_content"),
    ("device.type", "device_type"),
    ("device.brand", "device_brand"),
    ("device.model", "device_model"),
    ("device.geo.country.code", "country"),
    ("device.geo.city", "city"),
    ("os.name", "os_name"),
    ("os.version", "os_version"),
    ("app.name", "app_name"),
    ("app.version", "app_version"),
    ("app.language", "app_language"),
    ("app.bot", "bot"),
    ("hit.url", "page_url"),
    ("hit.name", "page_title"),
    ("hit.referrer.kind", "referrer_kind"),
    ("hit.referrer.name", "referrer_name"),
    ("journey.state", "journey"),
    ("tags.values", "tags"),
];

/// Whose words a condition is written in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Language {
    /// Rules about documents, as the reference's TQL (docs/wire.md §7.2): names are
    /// `profile@traits.plan`, a text is never a number or a time, `true` is 1, and a star is a
    /// star.
    Rules,
    /// Filters of history (docs/wire.md §7.3): names are columns and places of an event's document.
    /// A text that writes a number or tells a time is one where it meets one, since forms and links
    /// know nothing but texts; a star stands for anything.
    History,
}

/// What a name speaks of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Root {
    /// What happened.
    Event,
    /// To whom.
    Profile,
    /// During which visit.
    Session,
    /// Sent with what.
    Payload,
}

/// Where a fact is.
#[derive(Clone, Debug, PartialEq)]
pub struct Place {
    /// In which document.
    pub root: Root,
    /// Where in it, as it was named.
    pub path: Path,
    /// The column of history that holds it, and where in there. None but for events.
    pub column: Option<(&'static Column, Path)>,
    /// Where what is there is remembered, see [`Remembering`](super::Remembering).
    pub slot: Slot,
}

/// The number of a place among those that many conditions ask for. It says nothing of the place, so that places
/// are the same whatever it is.
#[derive(Clone, Copy, Debug, Default)]
pub struct Slot(pub Option<usize>);

impl PartialEq for Slot {
    fn eq(&self, _: &Self) -> bool {
        true
    }
}

impl Root {
    const ALL: [(Self, &'static str); 4] = [
        (Self::Event, "event"),
        (Self::Profile, "profile"),
        (Self::Session, "session"),
        (Self::Payload, "payload"),
    ];

    /// As it is written before `@`.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        Self::ALL.iter().find(|(root, _)| *root == self).map_or("event", |(_, name)| name)
    }
}

impl Place {
    /// Whether an event can say a number or a text there.
    #[must_use]
    pub fn may_say(&self) -> bool {
        self.column.as_ref().is_some_and(|(column, within)| match column.kind {
            Kind::Text | Kind::Number => true,
            Kind::Json => !within.steps().is_empty(),
            Kind::Moment | Kind::Truth | Kind::Texts => false,
        })
    }

    /// Its name in that language.
    pub(super) fn print(&self, language: Language, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match language {
            Language::Rules => write!(f, "{}@{}", self.root.as_str(), self.path),
            Language::History => write!(f, "{}", self.path),
        }
    }
}

/// The place of this name.
///
/// # Errors
/// [`Invalid`] when there is none.
pub fn place(language: Language, name: &str) -> Result<Place, Invalid> {
    match language {
        Language::Rules => of_a_document(name),
        Language::History => of_history(name),
    }
}

/// `profile@traits.plan`.
fn of_a_document(name: &str) -> Result<Place, Invalid> {
    let unknown = || {
        Invalid(format!(
            "{name} is no field: one begins with event@, profile@, session@ or payload@"
        ))
    };
    let (root, path) = name.split_once('@').ok_or_else(unknown)?;
    let (root, _) = Root::ALL.into_iter().find(|(_, known)| *known == root).ok_or_else(unknown)?;
    let path = Path::parse(path).map_err(|why| Invalid(why.to_string()))?;
    let column = if root == Root::Event { column(&path) } else { None };
    Ok(Place { root, path, column, slot: Slot::default() })
}

/// `type`, `metadata.time.insert`, `properties.price`.
fn of_history(name: &str) -> Result<Place, Invalid> {
    let name = name.trim().trim_start_matches("event@");
    let unknown = || Invalid(format!("there is no field {name}"));
    let path = match Path::parse(name) {
        Ok(path) => path,
        Err(crate::model::NoPath::EmptyKey) => return Err(unknown()),
        Err(why) => return Err(Invalid(why.to_string())),
    };
    let column = Some(column(&path).ok_or_else(unknown)?);
    // Nothing of a question is stored as it is read.
    unmeant::meant(name, name)?;
    Ok(Place { root: Root::Event, path, column, slot: Slot::default() })
}

/// Every name of a column, and every name that an event's document has for one.
pub(super) fn names_of_events() -> impl Iterator<Item = &'static str> {
    let columns = COLUMNS.iter().map(|column| column.name);
    columns.chain(COLUMN_OF.iter().map(|(name, _)| *name))
}

/// The column that an event's fact is in, and where in there.
fn column(path: &Path) -> Option<(&'static Column, Path)> {
    let is_named =
        |name: &str| path.steps().iter().map(crate::model::Step::key).eq(name.split('.'));
    if let Some((_, name)) = COLUMN_OF.iter().find(|(name, _)| is_named(name)) {
        return COLUMNS
            .iter()
            .find(|column| column.name == *name)
            .map(|column| (column, Path::default()));
    }
    let (first, within) = path.split_first()?;
    let column = COLUMNS.iter().find(|column| column.name == first)?;
    let leads_on = column.kind == Kind::Json || within.steps().is_empty();
    leads_on.then_some((column, within))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(language: Language, name: &str, column: Option<&str>, within: &str) {
        let place = place(language, name).unwrap();
        let found = place.column.map(|(column, within)| (column.name, within.to_string()));
        assert_eq!(found, column.map(|column| (column, within.to_owned())), "{name}");
    }

    #[test]
    fn names_of_both_sets_lead_to_columns() {
        check(Language::History, "type", Some("type"), "");
        check(Language::History, "event@metadata.time.insert", Some("time"), "");
        check(Language::History, "properties.a.b", Some("properties"), "a.b");
        check(Language::Rules, "event@utm.source", Some("utm_source"), "");
        check(Language::Rules, "event@properties[\"a.b\"]", Some("properties"), "[\"a.b\"]");
        check(Language::Rules, "event@metadata.status", None, "");
        check(Language::Rules, "profile@type", None, "");
    }

    #[test]
    fn every_name_of_a_document_leads_to_a_column_that_there_is() {
        for (name, column) in COLUMN_OF {
            check(Language::History, name, Some(column), "");
        }
    }

    #[test]
    fn a_name_of_a_document_is_made_of_what_its_column_is_made_of() {
        use crate::model::made_of;
        for (name, column) in COLUMN_OF {
            let of = made_of(column).expect(column);
            assert_eq!(made_of(name).unwrap_or_default(), of, "{name}");
        }
    }

    #[test]
    fn what_is_no_name_is_refused() {
        for name in ["", "nothing", "type.x", "1; DROP", "properties[\"x", "\"type\"", "data..x"] {
            assert!(place(Language::History, name).is_err(), "{name}");
        }
        for name in ["properties.a.*", "properties.*", "event@data.`a`.b"] {
            let Err(Invalid(why)) = place(Language::History, name) else { panic!("{name}") };
            assert!(why.contains("is hardly a place that is meant"), "{why}");
        }
        assert!(place(Language::History, "properties[\"*\"]").is_ok());
        for name in ["type", "nobody@id", "profile@", "@id", "profile@a..b"] {
            assert!(place(Language::Rules, name).is_err(), "{name}");
        }
        assert!(place(Language::History, &format!("properties{}", ".a".repeat(20))).is_err());
    }
}
