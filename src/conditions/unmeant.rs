//! Names in rules that can be read and are hardly meant: they would lead nowhere, and nobody would notice.

use super::Invalid;
use super::words::{Word, split};
use crate::model::Path;

/// Refuses what somebody writes where a name in it is hardly what they mean, such as `event@properties.a.*`. What is
/// stored is read without this, as it always was; of what is no rule this says nothing.
///
/// # Errors
/// [`Invalid`], with the name, and what may be meant.
pub fn check_names(text: &str) -> Result<(), Invalid> {
    let words = split(text).unwrap_or_default();
    words.iter().try_for_each(|(_, word)| match word {
        Word::Bare(name) => check_name(name),
        Word::Text(_) | Word::Sign(_) => Ok(()),
    })
}

fn check_name(name: &str) -> Result<(), Invalid> {
    let Some((_, path)) = name.split_once('@') else { return Ok(()) };
    meant(name, path)
}

/// The same of one place, by the name that somebody has given it.
pub(super) fn meant(name: &str, path: &str) -> Result<(), Invalid> {
    Path::meant(path)
        .map_err(|why| Invalid(format!("{name} is hardly a place that is meant: {why}")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_that_leads_nowhere_is_told_from_what_may_be() {
        let told =
            |text: &str| check_names(text).map_err(|Invalid(why)| why).err().unwrap_or_default();
        for fine in [
            "event@properties.a = \"profile@traits.*\"",
            "event@properties[\"*\"].a EXISTS AND NOT profile@traits.b = 5",
            "DID \"order\" WHERE (event@properties.total >= 10) AT LEAST 3 TIMES",
            "event@properties[\"",
            "",
        ] {
            assert_eq!(told(fine), "", "{fine}");
        }
        for wrong in [
            "event@properties.a.* EXISTS",
            "type@x = 1 AND (NOT profile@traits.a* = 5)",
            "DID \"order\" WHERE (event@properties.lines.*.price >= 10)",
            "event@properties.a = profile@traits.`b`",
        ] {
            assert!(told(wrong).contains("is hardly a place that is meant"), "{wrong}");
        }
        assert!(
            told("event@properties.a.* = 1")
                .ends_with("properties.a itself means all that is in it, without .*")
        );
    }
}
