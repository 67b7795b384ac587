//! What rules of every kind have in common: what they say of themselves, and their bounds.

use serde::{Deserialize, Serialize};

use super::{Entity, Misfit, Reference, Snapshot, check_about};
use crate::model::{About, ID_BYTES_MAX, Source, SourceId, Time, lower_case};
use crate::rules;
use crate::storage::moment;

/// Most rules of each kind: every server holds all of them in memory.
const EACH_MAX: usize = 1000;
/// Longest event type, in bytes, as the doors have it.
pub(super) const TYPE_BYTES_MAX: usize = 128;
/// Most tags, and longest of them, in bytes.
const TAGS_MAX: usize = 50;
const TAG_BYTES_MAX: usize = 128;

/// The source whose events alone it is for.
pub(super) fn refers_to_source(source: Option<&SourceId>) -> Vec<Reference> {
    let source = source.iter();
    source.map(|id| Reference::to::<Source>(id.as_str(), "event_source.id")).collect()
}

/// A name and a note.
pub(super) fn check_rule(about: &About) -> Result<(), Misfit> {
    check_about(about).map_err(|misfit| match misfit.place {
        "note" => Misfit { place: "description", ..misfit },
        _ => misfit,
    })
}

/// Letters, digits, and what ids of other systems hold beside them.
pub(super) fn check_id(id: &str) -> Result<(), Misfit> {
    let is_of_id = |byte: u8| byte.is_ascii_alphanumeric() || b"_-.:".contains(&byte);
    if (1..=ID_BYTES_MAX).contains(&id.len()) && id.bytes().all(is_of_id) {
        return Ok(());
    }
    let wanted = format!("must have 1 to {ID_BYTES_MAX} of a-z, A-Z, 0-9, _, -, . and :");
    Err(Misfit::new("id", wanted))
}

/// An event type as events have it.
pub(super) fn check_type(place: &'static str, kind: &str) -> Result<(), Misfit> {
    let is_one = (1..=TYPE_BYTES_MAX).contains(&kind.len())
        && !kind.contains(|letter: char| letter.is_whitespace() || letter.is_control())
        && lower_case(kind) == kind;
    if is_one {
        return Ok(());
    }
    let wanted = format!("must be an event type: 1 to {TYPE_BYTES_MAX} bytes in lower case");
    Err(Misfit::new(place, wanted))
}

/// A condition that is asked before the fold, unless it was the same `before`.
pub(super) fn check_asked(
    place: &'static str,
    text: &str,
    before: Option<&str>,
) -> Result<(), Misfit> {
    if before == Some(text) {
        return Ok(());
    }
    rules::check_of_event(text)
        .map_err(|why| Misfit::new(place, format!("must be one that can hold: {why}")))
}

/// Labels.
pub(super) fn check_tags(tags: &[String]) -> Result<(), Misfit> {
    let is_tag = |tag: &String| (1..=TAG_BYTES_MAX).contains(&tag.len());
    if tags.len() <= TAGS_MAX && tags.iter().all(is_tag) {
        return Ok(());
    }
    let wanted = format!("must be at most {TAGS_MAX} texts of 1 to {TAG_BYTES_MAX} bytes");
    Err(Misfit::new("tags", wanted))
}

/// Whether there is room for one more of its kind.
pub(super) fn check_room<T: Entity>(id: &str, known: &Snapshot) -> Result<(), Misfit> {
    if known.get::<T>(id).is_some() || known.all::<T>().len() < EACH_MAX {
        return Ok(());
    }
    let wanted = format!("must be one of the {EACH_MAX} that there are: remove one first");
    Err(Misfit::new("id", wanted))
}

/// What is said of it, as it is stored.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct AboutBody {
    name: String,
    #[serde(default)]
    note: String,
    owner: String,
    #[serde(with = "moment")]
    created: Time,
    #[serde(with = "moment")]
    changed: Time,
}

impl From<&About> for AboutBody {
    fn from(about: &About) -> Self {
        let About { name, note, owner, created, changed } = about.clone();
        Self { name, note, owner, created, changed }
    }
}

impl From<AboutBody> for About {
    fn from(body: AboutBody) -> Self {
        let AboutBody { name, note, owner, created, changed } = body;
        Self { name, note, owner, created, changed }
    }
}
