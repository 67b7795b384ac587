//! What is wrong with a reshaping, before it is stored.

use crate::model::{Assigned, Map, Path, Reshaping, kept_type};
use crate::rules::sent::check_sent;
use crate::rules::template;

/// Longest template as text, in bytes.
const TEMPLATE_BYTES_MAX: usize = 64 << 10;
/// Most that is moved.
const RENAMES_MAX: usize = 100;
/// The parts of an event that can be made into others.
const PARTS: [&str; 2] = ["properties", "context"];
/// Everything that a template of the reference may point into.
const ROOTS: [&str; 7] = ["event", "session", "profile", "item", "payload", "flow", "memory"];

/// A place, and what is wanted there.
type Misfit = (&'static str, String);

/// Whether it can be done.
///
/// # Errors
/// The place in the rule, and what is wanted there.
pub fn check_reshaping(rule: &Reshaping) -> Result<(), Misfit> {
    if rule.renames.len() > RENAMES_MAX {
        return Err(("reshaping.rename", format!("must be at most {RENAMES_MAX}")));
    }
    for path in rule.renames.iter().flat_map(|(from, to)| [from, to]) {
        let fits = renamed(path).and_then(|_| meant(path.trim()));
        fits.map_err(|why| ("reshaping.rename", why))?;
    }
    let parts = [&rule.properties, &rule.context, &rule.session];
    for part in parts.into_iter().flatten() {
        template(part, &[]).map_err(|why| ("reshaping.reshape_schema", why))?;
    }
    let assigned = &rule.assigned;
    let texts = [&assigned.event_type, &assigned.session, &assigned.profile];
    for said in texts.into_iter().flatten() {
        text(said, &[]).map_err(|why| ("reshaping.mapping", why))?;
    }
    check_split(rule)?;
    if does_nothing(rule) {
        let wanted = "must have rename, reshape_schema, mapping or split";
        return Err(("reshaping", wanted.to_owned()));
    }
    Ok(())
}

/// Whether all that it points to may be there, and the type that it says is one. Asked of what is new: what older
/// builds have stored stays.
///
/// # Errors
/// As [`check_reshaping`].
pub fn check_pointed(rule: &Reshaping) -> Result<(), Misfit> {
    let parts = [&rule.properties, &rule.context, &rule.session];
    let split = rule.split.as_ref();
    let of_split = split.and_then(|split| split.properties.as_ref());
    let mut found = Ok(());
    for part in parts.into_iter().flatten().chain(of_split) {
        template::each_text(part, &mut |text| {
            if found.is_ok() {
                found = pointed("reshaping.reshape_schema", text);
            }
        });
    }
    found?;
    let Assigned { event_type, session, profile } = &rule.assigned;
    for text in [event_type, session, profile].into_iter().flatten() {
        pointed("reshaping.mapping", text)?;
    }
    if event_type.as_ref().is_some_and(|kind| kept_type(kind).is_empty()) {
        return Err(("reshaping.mapping", "must have an event_type that is one".to_owned()));
    }
    let kind = split.and_then(|split| split.event_type.as_ref());
    kind.map_or(Ok(()), |kind| pointed("reshaping.split.event_type", kind))
}

fn pointed(place: &'static str, text: &str) -> Result<(), Misfit> {
    let Some((_, Ok(path))) = template::reference(text, &["event"]) else { return Ok(()) };
    check_sent(&path).map_err(|why| (place, format!("must lead somewhere: {why}")))
}

fn check_split(rule: &Reshaping) -> Result<(), Misfit> {
    let Some(split) = &rule.split else { return Ok(()) };
    place(&split.by)
        .and_then(|_| meant(split.by.trim()))
        .map_err(|why| ("reshaping.split.by", why))?;
    if let Some(properties) = &split.properties {
        template(properties, &["item"]).map_err(|why| ("reshaping.split.properties", why))?;
    }
    if let Some(kind) = &split.event_type {
        text(kind, &["item"]).map_err(|why| ("reshaping.split.event_type", why))?;
    }
    Ok(())
}

fn does_nothing(rule: &Reshaping) -> bool {
    let assigned = &rule.assigned;
    let templates = [&rule.properties, &rule.context, &rule.session];
    let texts = [&assigned.event_type, &assigned.session, &assigned.profile];
    rule.renames.is_empty()
        && rule.split.is_none()
        && templates.iter().all(|one| one.is_none())
        && texts.iter().all(|one| one.is_none())
}

/// Where something stands that is moved, or where it goes: below the properties or the context.
pub(super) fn renamed(text: &str) -> Result<Path, String> {
    let wanted = || "must be places below event@properties or event@context".to_owned();
    let path = place(text).map_err(|_| wanted())?;
    if path.steps().len() > 1 { Ok(path) } else { Err(wanted()) }
}

/// A place of the event's properties or context: `event@properties.items`.
pub(super) fn place(text: &str) -> Result<Path, String> {
    let wanted = || "must be a place of the event: event@properties.items".to_owned();
    let text = text.trim();
    let path = Path::parse(text.strip_prefix("event@").unwrap_or(text)).map_err(|_| wanted())?;
    let first = path.steps().first().map(|step| step.key()).unwrap_or_default();
    if PARTS.contains(&first) { Ok(path) } else { Err(wanted()) }
}

/// What can be read and is hardly meant would lead nowhere.
fn meant(text: &str) -> Result<(), String> {
    Path::meant(text).map_err(|why| format!("must have places as they are meant: {why}"))
}

fn template(template: &Map, more: &[&str]) -> Result<(), String> {
    let bytes = serde_json::to_string(template).map_or(usize::MAX, |text| text.len());
    if bytes > TEMPLATE_BYTES_MAX {
        return Err(format!("must take at most {TEMPLATE_BYTES_MAX} bytes"));
    }
    let mut found = Ok(());
    template::each_text(template, &mut |one| {
        if found.is_ok() {
            found = text(one, more);
        }
    });
    found
}

/// A text that points somewhere must point to what is known before anybody knows whose the event is.
fn text(text: &str, more: &[&str]) -> Result<(), String> {
    let Some((root, path)) = template::reference(text, &ROOTS) else { return Ok(()) };
    let path = path.map_err(|why| format!("must have places that can be read: {why}"))?;
    meant(text)?;
    let is_known = match root {
        "event" => true,
        "session" | "profile" => path.to_string() == "id",
        other => more.contains(&other),
    };
    if is_known {
        return Ok(());
    }
    let more: String = more.iter().map(|root| format!(", {root}@")).collect();
    Err(format!("must point to event@, session@id or profile@id{more}: more is not known yet"))
}
