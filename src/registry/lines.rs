//! What is one line: ids, by which things are named, and names, by which people find them in lists.

use serde_json::Value;

use super::{Entity, Misfit, said};

/// Whether a text may be an id or a name. Control characters are none of a line: nobody sees them, no address
/// writes them, and a terminal obeys some of them.
///
/// # Errors
/// [`Misfit`] with the place.
pub fn check_line(place: &'static str, text: &str) -> Result<(), Misfit> {
    match text.contains(char::is_control) {
        true => Err(Misfit::new(place, "must hold no control characters")),
        false => Ok(()),
    }
}

/// An id is a step of the address of what it names, and these lead elsewhere, however they are written there:
/// nobody could look at it or remove it.
fn check_step(id: &str) -> Result<(), Misfit> {
    match id {
        "." | ".." => Err(Misfit::new("id", "must not be . or .., which no address can say")),
        _ => Ok(()),
    }
}

/// The same of what an entity is called, whatever its kind. What older builds have stored may stay.
pub(super) fn check_lines<T: Entity>(entity: &T, before: Option<&T>) -> Result<(), Misfit> {
    let name = |one: &T| {
        let body = said(one);
        body.get("name").and_then(Value::as_str).unwrap_or_default().to_owned()
    };
    if before.is_none() {
        check_line("id", entity.id())?;
        check_step(entity.id())?;
    }
    let now = name(entity);
    if before.is_some_and(|before| name(before) == now) {
        return Ok(());
    }
    check_line("name", &now)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{Bridge, Source, SourceId, Time};

    #[test]
    fn an_id_and_a_name_are_one_line() {
        let source = |id: &str, name: &str| {
            let source =
                Source::new(SourceId::new(id), name, vec![Bridge::Rest], Time::from_micros(0));
            let old = Source { name: "old\nname".to_owned(), ..source.clone() };
            assert_eq!(check_lines(&old, Some(&old)), Ok(()), "as it was");
            let renamed = check_lines(&source, Some(&old)).map_err(|misfit| misfit.place);
            assert_eq!(renamed.is_err(), name.contains(char::is_control));
            check_lines(&source, None).map_err(|misfit| misfit.place)
        };
        assert_eq!(source("shop", "Sklep „Żółw” 🐢"), Ok(()));
        assert_eq!(source("...", ".."), Ok(()));
        for step in [".", ".."] {
            assert_eq!(source(step, "Shop"), Err("id"));
        }
        for control in ['\0', '\n', '\t', '\u{1b}', '\u{7f}', '\u{85}'] {
            assert_eq!(source(&format!("a{control}b"), "Shop"), Err("id"));
            assert_eq!(source("shop", &format!("a{control}b")), Err("name"));
        }
    }
}
