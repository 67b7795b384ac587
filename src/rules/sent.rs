//! What an event may have before anybody knows whose it is: what it was sent with, and nothing that is made of it.

use crate::conditions::Invalid;
use crate::model::{Path, Step};
use crate::suggestion::nearest;

/// Below these lies whatever was sent.
const FREE: [&str; 3] = ["properties", "context", "request"];
/// The rest of it.
const PLACES: [&str; 6] =
    ["type", "id", "tags.values", "source.id", "session.id", "metadata.time.insert"];

/// Whether something may be there. `profile.id` is the id that it was sent with.
fn is_sent(path: &Path) -> bool {
    let keys: Vec<&str> = path.steps().iter().map(Step::key).collect();
    let is_free = keys.first().is_none_or(|first| FREE.contains(first));
    is_free
        || matches!(
            keys.as_slice(),
            ["type" | "id" | "tags" | "source" | "session" | "profile" | "metadata"]
                | ["tags", "values", ..]
                | ["source" | "session" | "profile", "id"]
                | ["metadata", "time"]
                | ["metadata", "time", "insert"]
        )
}

/// Refuses a place that is empty in every event that it is looked up in.
///
/// # Errors
/// [`Invalid`], with the place that was meant.
pub(super) fn check_sent(path: &Path) -> Result<(), Invalid> {
    if is_sent(path) {
        return Ok(());
    }
    let text = path.to_string();
    let first = text.split(['.', '[']).next().unwrap_or_default();
    let rest = text.strip_prefix(first).unwrap_or_default();
    let free = FREE.iter().map(|place| format!("{place}{rest}"));
    let known: Vec<String> = free.chain(PLACES.map(str::to_owned)).collect();
    let meant = nearest(&text, known.iter().map(String::as_str));
    let meant = meant.map_or(String::new(), |near| format!("; did you mean event@{near}?"));
    Err(Invalid(format!(
        "event@{text} is not there yet: only what was sent may be asked here{meant}"
    )))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(place: &str) -> String {
        check_sent(&Path::known(place)).err().map_or(String::new(), |why| why.to_string())
    }

    #[test]
    fn only_what_was_sent_is_there() {
        for there in [
            "properties.a.b",
            "context",
            "request.x",
            "type",
            "session.id",
            "profile.id",
            "tags.values.0",
        ] {
            assert_eq!(told(there), "", "{there}");
        }
        for not_yet in [
            "traits.a",
            "data.contact",
            "hit.url",
            "metadata.valid",
            "journey.state",
            "source.name",
        ] {
            assert!(told(not_yet).contains("is not there yet"), "{not_yet}");
        }
        assert!(told("propertis.plan").contains("did you mean event@properties.plan?"));
    }
}
